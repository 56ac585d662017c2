//! The mail to those to whom the same happens: a template for each kind, in each language. The program itself adds no sentence.

use serde_json::json;

use crate::catalog::desired::Desired;
use crate::engine::mails::{MailKind, MailSubject};
use crate::render::announcement::medium::MailFormat;
use crate::render::announcement::variables::APP;
use crate::render::announcement::{MailDates, TemplateError, facts_of, template};

/// A language of the templates that come with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MailLanguage {
    En,
    De,
}

/// The name of the file with the names and dates of a language, which is put before each template.
pub(crate) const WORDS: &str = "words.txt.jinja";

/// The name of the file with the template of a kind.
pub(crate) fn file_name(kind: MailKind) -> String {
    format!("{}.txt.jinja", kind.name())
}

macro_rules! template {
    ($language:literal, $name:literal) => {
        include_str!(concat!("templates/affected/", $language, "/", $name, ".txt.jinja"))
    };
}

macro_rules! templates {
    ($language:literal, $kind:expr) => {
        match $kind {
            None => template!($language, "words"),
            Some(MailKind::MethodEnded) => template!($language, "method-ended"),
            Some(MailKind::TooFewMethods) => template!($language, "too-few-methods"),
            Some(MailKind::NothingRegistered) => template!($language, "nothing-registered"),
            Some(MailKind::NotPermitted) => template!($language, "not-permitted"),
            Some(MailKind::PasswordOnPremises) => template!($language, "password-on-premises"),
            Some(MailKind::CanReset) => template!($language, "can-reset"),
        }
    };
}

impl MailLanguage {
    /// The template of a kind; `None` for the names and dates.
    pub(crate) fn template(self, kind: Option<MailKind>) -> &'static str {
        match self {
            Self::En => templates!("en", kind),
            Self::De => templates!("de", kind),
        }
    }
}

/// Writes one mail. The first line is its subject.
///
/// # Errors
/// When a template is wrong: whether it is that of the words, and what is wrong with it.
pub(crate) fn mail(
    subject: &MailSubject,
    desired: &Desired,
    dates: &MailDates,
    [words, template]: [&str; 2],
) -> Result<String, (bool, TemplateError)> {
    let mut facts = facts_of(desired, dates).map_err(|error| (false, error))?;
    let MailSubject { tenant, kind, loses, date, register } = subject;
    let has = |method| register.iter().flatten().any(|one| *one == method);
    let once = APP.into_iter().all(has) && register.iter().any(|set| set.len() > 1);
    let date = date.map(|date| json!({ "year": date.year(), "month": date.month(), "day": date.day() }));
    let register: Vec<Vec<_>> = register.iter().map(|set| set.iter().map(|method| method.word()).collect()).collect();
    facts["tenant"] = json!(tenant.to_string());
    facts["mail"] = json!({
        "kind": kind.name(), "loses": loses, "date": date, "register": register, "appMayCountOnce": once
    });
    let before = words.matches('\n').count();
    template::fill(&format!("{words}{template}"), MailFormat::Text, facts).map_err(|error| match error.at {
        Some((line, column)) if line > before => (false, TemplateError { at: Some((line - before, column)), ..error }),
        Some(_) => (true, error),
        None => (false, error),
    })
}
