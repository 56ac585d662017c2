//! Why a run has no result, with the exit code that goes with it.

use std::io;
use std::path::Path;

use glob::Pattern;

use crate::base::exit::Exit;
use crate::base::finding::Finding;
use crate::engine::disposition::exit_of_error;
use crate::tenant::error::{TenantError, TenantErrorKind};

/// Why a run has no result.
#[derive(Debug)]
pub struct RunError {
    /// The exit code of the run.
    pub(crate) exit: Exit,
    /// The error, with its hint.
    pub error: TenantError,
}

impl RunError {
    /// The command is not allowed to go on as it was called.
    #[must_use]
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, error: TenantError::new(TenantErrorKind::Refused, message) }
    }

    /// Somebody interrupted the command.
    #[must_use]
    pub(crate) fn interrupted() -> Self {
        Self { exit: Exit::Interrupted, ..Self::refused("interrupted") }
    }

    /// A policy that the command needs is invalid.
    #[must_use]
    pub(crate) fn invalid(policy: &Path) -> Self {
        let refused = Self::refused(format!("the policy {} is invalid", policy.display()));
        Self { exit: Exit::Invalid, ..refused }.hint("`ssprctl validate` lists its problems")
    }

    /// The command cannot do what was asked.
    #[must_use]
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, ..Self::refused(message) }
    }

    /// A file that the command names cannot be written.
    #[must_use]
    pub(crate) fn unwritten(path: &Path, error: &io::Error) -> Self {
        Self::failed(format!("{} cannot be written: {error}", path.display()))
            .hint("name another file, or make this one writable and free space")
    }

    /// A pattern fits no tenant: a mistake, not a run over nothing.
    #[must_use]
    pub(crate) fn no_tenant(only: &Pattern) -> Self {
        Self::failed(format!("no policy is for a tenant that matches `{only}`"))
            .hint("correct --tenant; it is compared with `tenant` as the policies write it")
    }

    /// The run is refused by a finding; its place becomes part of the message.
    #[must_use]
    pub(crate) fn from_finding(finding: &Finding) -> Self {
        let place = finding.at.as_ref().map(|label| format!(" ({})", label.place));
        let refused = Self::refused(format!("{}{}", finding.message, place.unwrap_or_default()));
        match &finding.hint {
            Some(hint) => refused.hint(hint.clone()),
            None => refused,
        }
    }

    /// The same error with a hint.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.error = self.error.hint(hint);
        self
    }
}

impl From<TenantError> for RunError {
    fn from(error: TenantError) -> Self {
        Self { exit: exit_of_error(&error), error }
    }
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> Self {
        Self::failed(format!("the result cannot be written: {error}"))
            .hint("check the files of --output and --also, and the free space")
    }
}
