//! Files that people write: policies, `ssprctl.yaml` and files of faults.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use entra_sandbox::faults::FaultsFile;
use jiff::civil::date;
use proptest::prelude::*;
use ssprctl::testing::base::finding::Finding;
use ssprctl::testing::catalog::desired::Desired;
use ssprctl::testing::policy::load::{LoadOptions, load};
use ssprctl::testing::policy::repository::load;
use ssprctl::testing::policy::schema::FileSchema;
use ssprctl::testing::policy::single_file;
use ssprctl::testing::render::text::findings::findings;
use ssprctl::testing::review::config::ReviewConfig;
use ssprctl::testing::review::evaluate::run_rules;
use ssprctl::testing::review::rule_context::RuleContext;

use crate::damage::{damaged, damages};
use crate::{acts, config, failed, soon};

/// Every policy of the examples, and every broken one of the tests.
static POLICIES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["examples", "tests/broken"] {
        yaml(&root.join(folder), &mut found);
    }
    found.sort();
    found.iter().filter_map(|path| fs::read(path).ok()).collect()
});

static FAULTS: LazyLock<FileSchema> =
    LazyLock::new(|| FileSchema::new("the file of faults", "", include_str!("../../schemas/faults.json")));

const REPOSITORY: &str = "# what we agreed on\nversion: 1\nrules:\n  no-helpdesk-link: off\n  one-method-required: error\n  \
                          scope-none: warning\n";
const FAULT_FILE: &str = "version: 1\nlatencyMs: 5\nthrottling: true\nfaults:\n  - method: PUT\n    path: PasswordReset\n    \
                          after: 1\n    every: 2\n    times: 3\n    fault: { error: { status: 429, retryAfterSeconds: 3, asDate: true, \
                          when: after }, staleReads: 2, flappingReads: 1 }\n  - fault: { foreignEdit: { when: before, \
                          setting: scope.users, value: all }, clockSkewSeconds: -600, dropKey: enablementType, \
                          restlessKey: n }\n";

fn yaml(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        match path.extension().and_then(|end| end.to_str()) {
            _ if path.is_dir() => yaml(&path, found),
            Some("yaml") => found.push(path),
            _ => {}
        }
    }
}

fn reported_safely(report: &[Finding]) -> Result<(), TestCaseError> {
    let text = findings(report, false);
    prop_assert!(!acts(&text), "{text:?}");
    Ok(())
}

/// A fresh folder with one file.
fn folder(name: &str, bytes: &[u8]) -> Result<tempfile::TempDir, std::io::Error> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join(name), bytes)?;
    Ok(folder)
}

fn standards() -> ReviewConfig {
    ReviewConfig::new(date(2026, 11, 25))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn policies(which in any::<prop::sample::Index>(), damages in damages()) {
        let bytes = damaged(which.get::<Vec<u8>>(&POLICIES), &damages);
        soon(|| {
            let folder = folder("policy.yaml", &bytes).map_err(failed)?;
            let options = LoadOptions { folder: folder.path().into(), root: Some(folder.path().into()) };
            let loaded = load(&[PathBuf::from("policy.yaml")], &options);
            reported_safely(&loaded.findings)?;
            for policy in &loaded.policies {
                reported_safely(&run_rules(RuleContext::policy_only(&Desired::from_policy(policy)), &standards()).findings)?;
            }
            Ok(())
        })?;
    }

    #[test]
    fn repositories(damages in damages()) {
        let bytes = damaged(REPOSITORY.as_bytes(), &damages);
        soon(|| {
            let folder = folder("ssprctl.yaml", &bytes).map_err(failed)?;
            let (_, report) = ReviewConfig::from_repository(&load::discover(folder.path()), date(2026, 11, 25));
            reported_safely(&report)
        })?;
    }

    #[test]
    fn faults(damages in damages()) {
        let bytes = damaged(FAULT_FILE.as_bytes(), &damages);
        soon(|| {
            let folder = folder("faults.yaml", &bytes).map_err(failed)?;
            match single_file::load::<FaultsFile>(Path::new("faults.yaml"), folder.path(), &FAULTS) {
                Ok(document) => {
                    prop_assert!(document.faults().scripted.len() <= 1_400);
                }
                Err(report) => {
                    prop_assert!(!report.is_empty());
                    prop_assert!(report.iter().all(|finding| !finding.message.starts_with("the file cannot be read:")),
                        "the schema lets something through that the type does not: {report:?}");
                    reported_safely(&report)?;
                }
            }
            Ok(())
        })?;
    }
}

/// Damage that breaks nothing would prove nothing.
#[test]
fn the_files_are_sound_without_damage() -> Result<(), Box<dyn std::error::Error>> {
    assert!(POLICIES.len() > 60, "{}", POLICIES.len());
    let folder = folder("ssprctl.yaml", REPOSITORY.as_bytes())?;
    assert_eq!(ReviewConfig::from_repository(&load::discover(folder.path()), date(2026, 11, 25)).1, Vec::new());
    fs::write(folder.path().join("faults.yaml"), FAULT_FILE)?;
    let read = single_file::load::<FaultsFile>(Path::new("faults.yaml"), folder.path(), &FAULTS);
    assert_eq!(read.map_err(|report| findings(&report, false))?.faults().scripted.len(), 7);
    Ok(())
}
