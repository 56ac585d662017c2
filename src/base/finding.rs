//! A finding: anything a person must be told about a policy or a plan.

use crate::base::source::Place;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing may be applied.
    Error,
    /// Allowed, and worth a second thought.
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

/// A place with the words written under it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is to be seen there; may be empty.
    pub(crate) says: String,
}

/// One thing a person must be told. Findings order by place, so that reports read from top to bottom.
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
    /// An error at a place, with nothing written under it yet.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self { at: None, code, severity: Severity::Error, message: message.into(), also: Vec::new(), hint: None }
    }

    /// A warning, otherwise like [`Finding::error`].
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// The same finding, pointing at a place.
    #[must_use]
    pub fn at(mut self, place: Place, says: impl Into<String>) -> Self {
        self.at = Some(Label { place, says: says.into() });
        self
    }

    /// The same finding with one more place.
    #[must_use]
    pub fn also(mut self, place: Place, says: impl Into<String>) -> Self {
        self.also.push(Label { place, says: says.into() });
        self
    }

    /// The same finding with a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
