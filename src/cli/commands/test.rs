//! `test`: judges policies by what must hold for people, without any tenant.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::base::exit::Exit;
use crate::base::finding::Finding;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::cli::format::ResultArgs;
use crate::engine::error::RunError;
use crate::engine::policy_test;
use crate::engine::result::ValidationReport;
use crate::render::{json, junit, terminal};

/// The formats of `test`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people at a terminal
    Terminal,
    /// One JSON document, see `ssprctl schema test-result`
    Json,
    /// JUnit XML, for the test reports of a pipeline
    Junit,
}

#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Test files, or folders of them
    #[arg(value_name = "DIR", default_value = "tests/", env = "SSPRCTL_TESTS")]
    pub(crate) paths: Vec<PathBuf>,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: ResultArgs<TestFormat>,
}

impl CommandArgs for TestArgs {
    /// `--surfaces`, which pipelines set for all commands, leaves nothing out: a test is about the whole policy.
    const SPEC: CommandSpec = CommandSpec { also: true, services: true, ..CommandSpec::OFFLINE };

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let report = match policy_test::run(&context.run, &self.paths)? {
            Ok(report) => report,
            Err(findings) => return write_invalid(context, &self.result, &findings),
        };
        let exit = if report.failed() == 0 { Exit::Done } else { Exit::Failed };
        context.output.result(&self.result, |format| match format {
            TestFormat::Terminal => terminal::test::terminal(&report),
            TestFormat::Json => json::test(&report, exit),
            TestFormat::Junit => junit::test(&report),
        })?;
        Ok(exit)
    }
}

/// Writes what is wrong with the tests, or with the policies that they are about.
fn write_invalid(context: &Context, result: &ResultArgs<TestFormat>, findings: &[Finding]) -> Result<Exit, RunError> {
    let mut files: Vec<_> =
        findings.iter().filter_map(|finding| finding.at.as_ref()).map(|at| &at.place.source).collect();
    files.dedup();
    let (exit, files) = (Exit::Invalid, files.len());
    let report = ValidationReport {
        findings,
        waived: &[],
        silenced: &[],
        exceptions: &[],
        policies: &[],
        shared: &[],
        full: false,
        files,
        tenants: 0,
    };
    context.output.result(result, |format| match format {
        TestFormat::Terminal => terminal::validate::terminal(&report),
        TestFormat::Json => json::validate(&report, exit),
        TestFormat::Junit => junit::invalid(findings),
    })?;
    Ok(exit)
}
