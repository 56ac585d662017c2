//! `announce --for`: the mails to the people of a file, each to those alone to whom the same happens.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, ValueEnum};

use crate::base::cloud::Cloud;
use crate::base::count::counted;
use crate::base::file::write_private;
use crate::catalog::desired::Desired;
use crate::cli::args::cloud;
use crate::cli::context::Context;
use crate::engine::error::RunError;
use crate::engine::mails::{MailKind, MailSubject, Mails};
use crate::engine::people_file::{self, PeopleFormat};
use crate::engine::policies::read_named;
use crate::render::announcement::affected::{MailLanguage, WORDS, file_name, mail};
use crate::render::announcement::{MOST_BYTES, MailDates};
use crate::review::config::ReviewConfig;

/// The largest file of people, in bytes: that of a million has about 150,000,000.
const MOST_PEOPLE_BYTES: u64 = 512 * 1024 * 1024;

/// A language, as `--language` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LanguageName {
    /// English
    En,
    /// German
    De,
}

/// To whom mails go, and how they are written.
#[derive(Clone, Debug, Args)]
#[command(group = ArgGroup::new("mails_or_templates").args(["list", "print_template"]).multiple(true))]
#[command(group = ArgGroup::new("list_or_folder").args(["list", "mails"]).multiple(true))]
pub(crate) struct MailArgs {
    /// Write the mails to the people in FILE, which `forecast --people` or `plan --people` has written: one for all to whom the
    /// same happens, in plain text. Without --out they are shown, and to how many people each goes
    #[arg(long = "for", env = "SSPRCTL_FOR", value_name = "FILE", conflicts_with = "template")]
    pub(crate) list: Option<PathBuf>,
    /// The language of those mails
    #[arg(long, env = "SSPRCTL_LANGUAGE", value_enum, default_value = "en", requires = "list_or_folder")]
    language: LanguageName,
    /// The cloud that hosts a tenant without a policy, whose addresses are in its mails
    #[arg(long, env = "SSPRCTL_CLOUD", value_parser = cloud, default_value = "global", requires = "list")]
    cloud: Cloud,
    /// Use the templates in DIR instead of those of --language
    #[arg(long, env = "SSPRCTL_TEMPLATES", value_name = "DIR", requires = "list")]
    templates: Option<PathBuf>,
    /// Write the mails to DIR, which must not exist, each with a list of the addresses next to it
    #[arg(long = "out", value_name = "DIR", requires = "mails_or_templates")]
    pub(crate) mails: Option<PathBuf>,
}

impl MailArgs {
    fn language(&self) -> MailLanguage {
        match self.language {
            LanguageName::En => MailLanguage::En,
            LanguageName::De => MailLanguage::De,
        }
    }

    /// Writes the templates of the language to a folder that does not exist.
    ///
    /// # Errors
    /// When it exists, or cannot be written.
    pub(crate) fn write_templates(&self, context: &Context, folder: &Path) -> Result<(), RunError> {
        let files =
            MailKind::ALL.into_iter().map(|kind| (file_name(kind), self.language().template(Some(kind)).to_owned()));
        let words = (WORDS.to_owned(), self.language().template(None).to_owned());
        let files: Vec<_> = files.chain([words]).collect();
        write_folder(folder, &files)?;
        context.output.note(&format!("wrote {} templates to {}", files.len(), folder.display()));
        Ok(())
    }

    /// Writes the mails to the people of a file.
    ///
    /// # Errors
    /// When the file is no such file, a template is wrong, or the folder exists or cannot be written.
    pub(crate) fn run(
        &self,
        context: &Context,
        list: &Path,
        policies: &[Desired],
        config: &ReviewConfig,
    ) -> Result<(), RunError> {
        let format = PeopleFormat::of(list)?;
        let text = read_named(&context.run, list, MOST_PEOPLE_BYTES).map_err(|error| {
            RunError::failed(format!("{} cannot be read: {error}", list.display()))
                .hint("`ssprctl forecast --people FILE` writes a file of people")
        })?;
        let people = people_file::read(format, &text).map_err(|problems| {
            context.output.say(&problems.join("\n"));
            RunError::failed(format!("{} is no file of people", list.display()))
                .hint("write it anew with `ssprctl forecast --people FILE`, or correct these places")
        })?;
        let people = people.into_iter();
        let Mails { mails, without } = Mails::of(people.filter(|one| context.run.selection.names(&one.tenant)));
        let mut written = Vec::new();
        for (subject, recipients) in &mails {
            written.push((subject, self.text(context, subject, policies, config)?, recipients));
        }
        match &self.mails {
            Some(folder) => write_folder(folder, &files(&written))?,
            None => context.output.write_result(&shown(&written))?,
        }
        let people: usize = mails.values().map(BTreeSet::len).sum();
        let mut note = format!("{} for {}", counted(mails.len(), "mail", "mails"), counted(people, "person", "people"));
        if let Some(folder) = &self.mails {
            note.push_str(&format!(
                ", written to {}; send each to the addresses of its list as blind copies, and delete the lists then",
                folder.display()
            ));
        }
        let tenants: BTreeSet<_> = mails.keys().map(|subject| &subject.tenant).collect();
        for tenant in tenants.into_iter().filter(|tenant| policies.iter().all(|one| one.tenant != **tenant)) {
            let cloud = self.cloud.name();
            note.push_str(&format!("\n  no policy for {tenant}: its mails are for the cloud {cloud} (--cloud)"));
        }
        for (why, people) in without {
            note.push_str(&format!("\n  no mail for {people}: {why}"));
        }
        context.output.note(&note);
        Ok(())
    }

    /// The text of one mail.
    fn text(
        &self,
        context: &Context,
        subject: &MailSubject,
        policies: &[Desired],
        config: &ReviewConfig,
    ) -> Result<String, RunError> {
        let nothing = || Desired::of_nothing(subject.tenant.clone(), self.cloud);
        let desired = policies.iter().find(|desired| desired.tenant == subject.tenant).cloned().unwrap_or_else(nothing);
        let dates = MailDates { calendar: config.calendar(&desired.tenant, desired.cloud), today: config.today() };
        let read = |name: &str, built_in: &str| -> Result<(String, String), RunError> {
            match &self.templates {
                None => Ok((format!("the template {name}"), built_in.to_owned())),
                Some(folder) => {
                    let path = folder.join(name);
                    let text = read_named(&context.run, &path, MOST_BYTES as u64).map_err(|error| {
                        RunError::failed(format!("the template {} cannot be read: {error}", path.display()))
                            .hint("`ssprctl announce --print-template --out DIR` writes all templates to start from")
                    })?;
                    Ok((path.display().to_string(), text))
                }
            }
        };
        let (words_name, words) = read(WORDS, self.language().template(None))?;
        let (name, template) = read(&file_name(subject.kind), self.language().template(Some(subject.kind)))?;
        mail(subject, &desired, &dates, [&words, &template]).map_err(|(in_words, error)| {
            let name = if in_words { &words_name } else { &name };
            RunError::failed(format!("{name}:{error}")).hint(error.hint)
        })
    }
}

type Written<'a> = (&'a MailSubject, String, &'a BTreeSet<String>);

/// What is shown where no folder is named: the mails, and no address.
fn shown(written: &[Written<'_>]) -> String {
    let one = |(subject, text, recipients): &Written<'_>| {
        let when = subject.date.map_or_else(|| soon(subject).to_owned(), |date| format!("from {date} on"));
        let (kind, people) = (subject.kind.name(), counted(recipients.len(), "person", "people"));
        let lines: Vec<_> = text.trim_end().lines().map(|line| format!("  {line}").trim_end().to_owned()).collect();
        format!("{} · {kind} · {when} · to {people}\n\n{}\n", subject.tenant, lines.join("\n"))
    };
    written.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// When it happens where no date is known.
fn soon(subject: &MailSubject) -> &'static str {
    if subject.loses { "once applied" } else { "without a date" }
}

/// The files of the mails, and of the addresses to which each goes.
fn files(written: &[Written<'_>]) -> Vec<(String, String)> {
    let each = written.iter().enumerate().flat_map(|(index, (subject, text, recipients))| {
        let when = subject.date.map_or_else(|| soon(subject).replace(' ', "-"), |date| date.to_string());
        let name = format!("{:02}-{}-{when}", index + 1, subject.kind.name());
        let addresses = recipients.iter().map(|address| format!("{address}\n")).collect();
        [(format!("{name}.txt"), text.clone()), (format!("{name}.addresses.txt"), addresses)]
    });
    each.collect()
}

/// Writes files to a folder that does not exist, all or none, for their owner alone. The folder around it is made if there is none.
fn write_folder(folder: &Path, files: &[(String, String)]) -> Result<(), RunError> {
    if folder.symlink_metadata().is_ok() {
        return Err(RunError::failed(format!("{} exists", folder.display()))
            .hint("name a folder that does not exist: nothing is replaced"));
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || {
        fs::create_dir_all(parent)?;
        let mut new = tempfile::Builder::new().prefix(".ssprctl-").tempdir_in(parent)?;
        for (name, text) in files {
            write_private(&new.path().join(name), text.as_bytes())?;
        }
        fs::rename(new.path(), folder)?;
        // It is no longer where it was made, and is not removed.
        new.disable_cleanup(true);
        Ok(())
    };
    write().map_err(|error| RunError::unwritten(folder, &error))
}
