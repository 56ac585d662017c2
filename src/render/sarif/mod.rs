//! What `--format sarif` prints: SARIF 2.1.0 (OASIS), for code scanning and for whatever else reads it. Findings and drift are
//! results, what could not be read, and what is pending, is a notification. What is waived or silenced is a result with `suppressions` and the level
//! `note`; the exceptions themselves are notifications about the configuration of the run.

mod document;
mod fingerprint;
mod result;
mod rule;

use crate::base::exit::Exit;
use crate::engine::result::{DriftResult, TenantResult, ValidationReport};
use crate::render::diagnostics::{Diagnostics, of_drift, of_plans, of_validation};
use crate::render::docs_site;
use crate::render::sarif::document::{
    Automation, Descriptor, Driver, Folder, Folders, Invocation, Log, Message, Run, Tool,
};
use crate::review::approve::Review;
use crate::review::exceptions::Exception;

/// The log of `validate`. `start_folder` is where the run started, seen from the repository's own folder.
#[must_use]
pub fn validate(report: &ValidationReport<'_>, start_folder: &str, exit: Exit) -> String {
    log("validate", &of_validation(report), start_folder, exit)
}

/// The log of `plan`: findings about the plans, and the exceptions that they were reviewed with.
#[must_use]
pub fn plan(tenants: &[TenantResult<Review>], exceptions: &[Exception], start_folder: &str, exit: Exit) -> String {
    log("plan", &of_plans(tenants, exceptions), start_folder, exit)
}

/// The log of `drift`: settings that are not as the policies say.
#[must_use]
pub fn drift(tenants: &[TenantResult<DriftResult>], start_folder: &str, exit: Exit) -> String {
    log("drift", &of_drift(tenants), start_folder, exit)
}

fn log(command: &str, diagnostics: &Diagnostics, start_folder: &str, exit: Exit) -> String {
    let rules = rule::rules(diagnostics);
    let results = result::results(diagnostics, &rules, start_folder);
    let run = Run {
        tool: Tool { driver: driver(rules) },
        automation_details: Automation { id: format!("ssprctl/{command}/") },
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: Folders { root: Folder { description: Message::plain("the repository's own folder") } },
        invocations: vec![Invocation {
            execution_successful: !matches!(exit, Exit::Failed | Exit::NoAccess | Exit::Interrupted),
            exit_code: exit.code(),
            tool_execution_notifications: result::notifications(diagnostics, start_folder),
            tool_configuration_notifications: result::exceptions(diagnostics, start_folder),
        }],
        results,
    };
    let log = Log { schema: document::SCHEMA, version: "2.1.0", runs: vec![run] };
    document::text(&log)
}

fn driver(rules: Vec<Descriptor>) -> Driver {
    Driver {
        name: "ssprctl",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: docs_site::home(),
        short_description: Message::plain(env!("CARGO_PKG_DESCRIPTION")),
        rules,
    }
}
