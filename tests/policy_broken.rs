//! A corpus of broken policies, each with the report it must give. The cases are in `tests/broken`: a file, or a folder
//! that is loaded as a whole. What git or an editor could repair is made here.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use ssprctl::testing::policy::codes;
use ssprctl::testing::policy::load::{LoadOptions, load};
use ssprctl::testing::render::text::findings::findings;

type Test = Result<(), Box<dyn Error>>;

/// The name of a case, its report, and the codes in it.
struct Report {
    name: String,
    text: String,
    codes: BTreeSet<&'static str>,
}

fn report(name: &str, folder: &Path, root: &Path, paths: &[&str]) -> Report {
    let options = LoadOptions { folder: folder.into(), root: Some(root.into()) };
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let loaded = load(&paths, &options);
    let codes = loaded.findings.iter().map(|finding| finding.code).collect();
    let sound = loaded.policies.len();
    let shown = abridged(&findings(&loaded.findings, false));
    let text = format!("{}\nfiles: {}, sound policies: {sound}\n", shown, loaded.files);
    Report { name: name.into(), text, codes }
}

/// Of very many findings the first and the last ones.
fn abridged(report: &str) -> String {
    let blocks: Vec<&str> = report.split("\n\n").collect();
    match blocks.as_slice() {
        [first, second, .., last] if blocks.len() > 20 => {
            format!("{first}\n\n{second}\n\n({} more)\n\n{last}", blocks.len() - 3)
        }
        _ => report.into(),
    }
}

/// Cases that lie in the repository.
fn stored() -> Result<Vec<Report>, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut reports = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).ok_or("a case without a name")?;
        reports.push(if path.is_dir() {
            report(name, &path, &path, &["."])
        } else {
            report(name, &folder, &folder, &[&format!("{name}.yaml")])
        });
    }
    Ok(reports)
}

const HEAD: &str = "version: 1\ntenant: contoso.com\n";

/// Cases that are made of one file.
fn made_of_bytes() -> Vec<(&'static str, Vec<u8>)> {
    let wide: String = (0..20_100).map(|n| format!("- {n}\n")).collect();
    let unknown: String = (0..250).map(|n| format!("key{n}: {n}\n")).collect();
    let text = |text: &str| format!("{HEAD}{text}").into_bytes();
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(HEAD.encode_utf16().flat_map(u16::to_le_bytes));
    vec![
        ("made-bom", "\u{feff}version: 1\ntenant: contoso.com\nmethods: {required: 3}\n".into()),
        ("made-bom-first-line", "\u{feff}versoin: 1\n".into()),
        ("made-crlf", "version: 1\r\ntenant: contoso.com\r\nmethods:\r\n  required: 3\r\n  allowed: sms\r\n".into()),
        ("made-crlf-tab", "version: 1\r\nmethods:\r\n\trequired: 2\r\n".into()),
        ("made-not-utf8", [HEAD.as_bytes(), b"scope:\n  group: B\xfcro\n"].concat()),
        ("made-utf16", utf16),
        ("made-control", text("scope:\n  group: a\u{7}b\n")),
        ("made-nul", text("scope:\n  group: a\0b\n")),
        ("made-deep-block", text(&(0..100).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<String>())),
        ("made-deep-flow", text(&format!("a: {}\n", "[".repeat(100_000)))),
        ("made-deep-items", text(&format!("a:\n {}x\n", "- ".repeat(10_000)))),
        ("made-too-large", text(&format!("# {}\n", "x".repeat(1024 * 1024)))),
        ("made-too-many-values", wide.into_bytes()),
        ("made-too-many-findings", text(&unknown)),
        ("made-too-many-anchors", text(&(0..70).map(|n| format!("a{n}: &a{n} x\n")).collect::<String>())),
        ("made-long-line", text(&format!("scope: {{group: {}, users: some, x: 1}}\n", "x".repeat(500_000)))),
        ("made-long-key", text(&format!("? {}\n: 1\n", "k".repeat(5_000)))),
        ("made-escape-in-comment", text("methods: 1 # \u{1b}[2J \u{9b}31m \u{202e}\n")),
        ("made-quadratic", text(&format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(9_000), "*a, ".repeat(200)))),
    ]
}

fn made() -> Result<Vec<Report>, Box<dyn Error>> {
    let mut reports = Vec::new();
    for (name, bytes) in made_of_bytes() {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("contoso.yaml"), bytes)?;
        reports.push(report(name, folder.path(), folder.path(), &["contoso.yaml"]));
    }
    let folder = tempfile::tempdir()?;
    fs::create_dir_all(folder.path().join("policies/.hidden"))?;
    fs::write(folder.path().join("policies/.hidden/contoso.yaml"), HEAD)?;
    fs::write(folder.path().join("policies/README.md"), "no policy yet")?;
    reports.push(report("made-empty-folder", folder.path(), folder.path(), &["policies"]));
    reports.push(report("made-not-found", folder.path(), folder.path(), &["policies/contoso.yaml", "polices"]));
    #[cfg(unix)]
    reports.extend(linked()?);
    Ok(reports)
}

/// Cases that need symbolic links.
#[cfg(unix)]
fn linked() -> Result<Vec<Report>, Box<dyn Error>> {
    use std::os::unix::fs::symlink;
    let mut reports = Vec::new();
    let secret = tempfile::tempdir()?;
    fs::write(secret.path().join("secret.yaml"), "password: \"hunter2\n")?;

    let folder = tempfile::tempdir()?;
    symlink(secret.path().join("secret.yaml"), folder.path().join("baseline.yml.link"))?;
    fs::write(folder.path().join("contoso.yaml"), format!("{HEAD}extends: [baseline.yml.link]\n"))?;
    reports.push(report("made-extends-link-outside", folder.path(), folder.path(), &["."]));

    let folder = tempfile::tempdir()?;
    symlink(secret.path(), folder.path().join("shared"))?;
    fs::write(folder.path().join("contoso.yaml"), format!("{HEAD}extends: [shared/secret.yaml]\n"))?;
    reports.push(report("made-extends-folder-link-outside", folder.path(), folder.path(), &["."]));

    let folder = tempfile::tempdir()?;
    symlink(secret.path().join("secret.yaml"), folder.path().join("contoso.yaml"))?;
    reports.push(report("made-link-outside", folder.path(), folder.path(), &["."]));

    let folder = tempfile::tempdir()?;
    symlink("nowhere.yaml", folder.path().join("contoso.yaml"))?;
    reports.push(report("made-link-to-nothing", folder.path(), folder.path(), &["."]));

    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join(".env"), "password: \"hunter2\n")?;
    symlink(".env", folder.path().join("fabrikam.yaml"))?;
    fs::write(folder.path().join("contoso.yaml"), format!("{HEAD}extends: [.env]\n"))?;
    reports.push(report("made-not-a-policy", folder.path(), folder.path(), &[".", ".env"]));

    let folder = tempfile::tempdir()?;
    reports.push(report("made-not-a-file", folder.path(), folder.path(), &["/dev/null"]));
    Ok(reports)
}

#[test]
fn every_broken_policy_gives_its_report() -> Test {
    let mut reports = stored()?;
    reports.extend(made()?);
    assert!(reports.len() >= 65, "only {} cases", reports.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("broken_reports");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut failed = Vec::new();
    for report in &reports {
        assert!(!report.codes.is_empty(), "{} has no finding", report.name);
        let same = std::panic::catch_unwind(AssertUnwindSafe(|| {
            settings.bind(|| insta::assert_snapshot!(report.name.as_str(), report.text));
        }));
        failed.extend(same.is_err().then_some(&report.name));
    }
    assert!(failed.is_empty(), "other than expected: {failed:?}");
    no_orphans(&reports)?;
    codes_are_explained(&reports);
    Ok(())
}

fn no_orphans(reports: &[Report]) -> Test {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken_reports");
    let cases: BTreeSet<String> = reports.iter().map(|report| format!("{}.snap", report.name)).collect();
    let mut stored = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        stored.insert(entry?.file_name().to_string_lossy().into_owned());
    }
    let orphans: Vec<_> = stored.difference(&cases).collect();
    assert!(orphans.is_empty() || cfg!(not(unix)), "reports without a case: {orphans:?}");
    Ok(())
}

fn codes_are_explained(reports: &[Report]) {
    let seen: BTreeSet<&str> = reports.iter().flat_map(|report| report.codes.iter().copied()).collect();
    let known: BTreeSet<&str> = codes::CODES.iter().map(|code| code.code).collect();
    let unexplained: Vec<_> = seen.difference(&known).collect();
    assert!(unexplained.is_empty(), "codes without an explanation: {unexplained:?}");
    let unseen: Vec<_> = known.difference(&seen).collect();
    assert!(unseen.is_empty() || cfg!(not(unix)), "codes without a case: {unseen:?}");
}
