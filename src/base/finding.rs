//! A finding: a problem of a policy or a plan that is reported to people.

use crate::base::source::{Place, Source};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// An error, which prevents an apply.
    Error,
    /// Allowed, but to be reviewed.
    Warning,
}

impl Severity {
    /// The word shown before the code.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A place with the text that reports print under it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    pub place: Place,
    /// The text under the place; may be empty.
    pub(crate) says: String,
}

/// One problem. Findings are ordered by place, so that reports follow the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where the cause is; `None` when no file holds it.
    pub at: Option<Label>,
    /// Stable kebab-case code: the name of its documentation page and of its rule in reports.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, in lower case and the present tense.
    pub message: String,
    /// Other places that take part, such as the file that extends a baseline.
    pub also: Vec<Label>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Finding {
    /// An error without a place.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self { at: None, code, severity: Severity::Error, message: message.into(), also: Vec::new(), hint: None }
    }

    /// A warning, otherwise like [`Finding::error`].
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Sets the place of the finding.
    #[must_use]
    pub fn at(mut self, place: Place, says: impl Into<String>) -> Self {
        self.at = Some(Label { place, says: says.into() });
        self
    }

    /// Adds another place to the finding.
    #[must_use]
    pub fn also(mut self, place: Place, says: impl Into<String>) -> Self {
        self.also.push(Label { place, says: says.into() });
        self
    }

    /// Whether the cause of the finding is in another file than `source`.
    #[must_use]
    pub(crate) fn is_outside(&self, source: &Source) -> bool {
        self.at.as_ref().is_some_and(|label| label.place.source.path != source.path)
    }

    /// The finding with its first place alone.
    #[must_use]
    pub(crate) fn without_other_places(&self) -> Self {
        Self { also: Vec::new(), ..self.clone() }
    }

    /// Sets the hint of the finding.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
