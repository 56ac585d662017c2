//! Why a command brought no result, with the exit code that goes with it.

use std::io;
use std::path::Path;

use glob::Pattern;

use crate::base::exit::Exit;
use crate::cli::ending;
use crate::tenant::error::{TenantError, TenantErrorKind};

/// Why a command brought no result.
#[derive(Debug)]
pub struct RunError {
    /// How the run ends.
    pub exit: Exit,
    /// What is said about it.
    pub trouble: TenantError,
}

impl RunError {
    /// The command is not allowed to go on as it was called.
    #[must_use]
    pub fn refused(message: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, trouble: TenantError::new(TenantErrorKind::Refused, message) }
    }

    /// Somebody interrupted the command.
    #[must_use]
    pub fn interrupted() -> Self {
        Self { exit: Exit::Interrupted, ..Self::refused("interrupted") }
    }

    /// A policy that the command needs is invalid.
    #[must_use]
    pub fn invalid(policy: &Path) -> Self {
        let told = Self::refused(format!("the policy {} is invalid", policy.display()));
        Self { exit: Exit::Invalid, ..told }.hint("`ssprctl validate` tells what is wrong with it")
    }

    /// The command cannot do what was asked.
    #[must_use]
    pub fn failed(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, ..Self::refused(message) }
    }

    /// A pattern fits no tenant: a mistake, not a run over nothing.
    #[must_use]
    pub fn no_tenant(only: &Pattern) -> Self {
        Self::failed(format!("no policy is for a tenant that matches `{only}`"))
            .hint("correct --tenant; it is compared with `tenant` as the policies write it")
    }

    /// The same with a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.trouble = self.trouble.hint(hint);
        self
    }
}

impl From<TenantError> for RunError {
    fn from(trouble: TenantError) -> Self {
        Self { exit: ending::of_trouble(&trouble), trouble }
    }
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> Self {
        Self::failed(format!("the result cannot be written: {error}"))
            .hint("check the file of --output and the free space")
    }
}
