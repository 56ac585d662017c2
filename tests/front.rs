//! What a visitor meets before the code: files that must be there, links that must lead somewhere, a workflow that trusts
//! nothing it has not pinned, examples that an editor can check.

use std::error::Error;
use std::fs;
use std::path::{Component, Path, PathBuf};

type TestResult = Result<(), Box<dyn Error>>;

const FRONT: [&str; 12] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "LICENSE",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    ".ci/run",
    ".editorconfig",
    ".gitattributes",
    "docs/decisions/README.md",
];
const WORKFLOWS: &str = ".github/workflows";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> std::io::Result<String> {
    fs::read_to_string(root().join(path))
}

/// Our files under a folder, as paths from the root with `/`; build output and sandbox state are not ours.
fn files(folder: &str) -> Result<Vec<String>, Box<dyn Error>> {
    const NOT_OURS: [&str; 4] = [".git", ".ssprctl", "node_modules", "target"];
    let (mut found, mut open) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if NOT_OURS.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else if entry.file_type()?.is_file() {
                found.push(entry.path().strip_prefix(root())?.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn ending(folder: &str, ends: &[&str]) -> Result<Vec<String>, Box<dyn Error>> {
    Ok(files(folder)?.into_iter().filter(|path| ends.iter().any(|end| path.ends_with(end))).collect())
}

/// `a/b/../c` without the detour; `None` when it leaves the repository.
fn normalized(path: &Path) -> Option<PathBuf> {
    let mut normalized = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => normalized.pop().then_some(())?,
            Component::CurDir => {}
            other => normalized.push(other),
        }
    }
    Some(normalized)
}

/// The prose of a Markdown text: code blocks and code in a line left out.
fn prose(markdown: &str) -> String {
    let mut fenced = false;
    let lines = markdown.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    });
    lines.map(|line| line.split('`').step_by(2).collect::<Vec<_>>().join("") + "\n").collect()
}

/// Where the links of a Markdown text lead, those out to the web left out.
fn links(markdown: &str) -> Vec<String> {
    let prose = prose(markdown);
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let reaches_out = |target: &&str| target.contains("://") || target.starts_with("mailto:");
    targets.filter(|target| !reaches_out(target)).map(str::to_owned).collect()
}

/// The anchors of a Markdown text's headings, as GitHub makes them.
fn anchors(markdown: &str) -> Vec<String> {
    let mut fenced = false;
    let headings = markdown.lines().filter(|line| {
        fenced ^= line.starts_with("```");
        !fenced && line.starts_with('#')
    });
    let slug = |heading: &str| -> String {
        let anchor = heading.trim_start_matches('#').trim().to_lowercase();
        anchor
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    };
    headings.map(slug).collect()
}

/// Links of one Markdown file that lead nowhere.
fn dead_links(path: &str, markdown: &str) -> Vec<String> {
    let leads = |link: &str| -> Option<()> {
        let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
        let target = if file.is_empty() { Path::new(path).to_owned() } else { Path::new(path).parent()?.join(file) };
        let target = root().join(normalized(&target)?);
        if anchor.is_empty() {
            return target.exists().then_some(());
        }
        let text = if file.is_empty() { markdown.to_owned() } else { fs::read_to_string(target).ok()? };
        anchors(&text).iter().any(|known| known == anchor).then_some(())
    };
    let dead = links(markdown).into_iter().filter(|link| leads(link).is_none());
    dead.map(|link| format!("{path}: `{link}` leads nowhere")).collect()
}

/// Words that tie a text to one machine or name a package registry's host. Taken apart here, so as not to find themselves.
const FOREIGN: [&str; 12] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/tm", "p/"),
    concat!("/Us", "ers/"),
    concat!(r"C:\Us", "ers"),
    concat!("crates", ".io"),
    concat!("docs", ".rs/"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("npmjs", ".org"),
    concat!("deb.debian", ".org"),
];

/// Where a text names what is foreign to it. A path counts only where it begins, not inside of an address.
fn foreign(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for word in FOREIGN {
            let begins = |at: usize| {
                let before = line[..at].chars().next_back();
                !word.starts_with('/') || !before.is_some_and(|c| c.is_alphanumeric() || "/.}_-".contains(c))
            };
            if line.match_indices(word).any(|(at, _)| begins(at)) {
                found.push(format!("{path}:{}: names `{word}`", number + 1));
            }
        }
    }
    found
}

/// What is wrong with a workflow's trust in others.
fn loose_ends(path: &str, workflow: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !workflow.lines().any(|line| line == "permissions: {}") {
        found.push(format!("{path}: gives permissions to every job: start from `permissions: {{}}`"));
    }
    for (number, line) in workflow.lines().enumerate() {
        let Some((_, action)) = line.split_once("uses: ") else { continue };
        let pinned =
            action.split_once('@').and_then(|(_, rest)| rest.split_once(" # v")).is_some_and(|(commit, version)| {
                commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()) && !version.is_empty()
            });
        // `$/` is this very repository, at the commit that runs.
        if !pinned && !action.starts_with("$/") {
            found.push(format!(
                "{path}:{}: `{action}` is not pinned to a commit with its version in a comment",
                number + 1
            ));
        }
    }
    let counts = |words: &str| workflow.matches(words).count();
    if counts("actions/checkout@") != counts("persist-credentials: false") {
        found.push(format!("{path}: a checkout leaves its credentials behind"));
    }
    found
}

fn none(found: &[String]) {
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn the_front_is_there() -> TestResult {
    for path in FRONT {
        assert!(!text(path).map_err(|error| format!("{path}: {error}"))?.trim().is_empty(), "{path} says something");
    }
    let manifest = text("Cargo.toml")?;
    let licence = "MIT OR Apache-2.0";
    assert!(manifest.contains(&format!("license = \"{licence}\"")), "Cargo.toml names the licence");
    assert!(text("LICENSE")?.contains(licence), "LICENSE names it too");
    Ok(())
}

#[test]
fn every_link_leads_somewhere() -> TestResult {
    let pages = ending("", &[".md"])?;
    let mut dead = Vec::new();
    for page in &pages {
        dead.extend(dead_links(page, &text(page)?));
    }
    none(&dead);
    Ok(())
}

#[test]
fn dead_links_are_found() {
    let page =
        "# One way\n[a](LICENSE) [b](#one-way) [c](ARCHITECTURE.md#floors) [d](https://contoso.com/none) `[e](none)`";
    none(&dead_links("SECURITY.md", page));
    let page = "[a](none.md) [b](#other) [c](ARCHITECTURE.md#none) [d](../LICENSE)\n```\n[e](none)\n```\n";
    assert_eq!(dead_links("SECURITY.md", page).len(), 4);
}

#[test]
fn every_decision_is_short_and_listed() -> TestResult {
    let index = text("docs/decisions/README.md")?;
    let notes = ending("docs/decisions", &[".md"])?;
    assert!(notes.len() > 1);
    for note in notes.iter().filter(|path| !path.ends_with("README.md")) {
        let (text, name) = (text(note)?, note.rsplit('/').next().unwrap_or_default());
        assert!(index.contains(&format!("({name})")), "the index lists {note}");
        assert!(text.lines().count() < 40, "{note} is short");
        assert!(!name.contains(|c: char| c.is_ascii_digit() || c.is_uppercase() || c == '_'), "{note} is a plain name");
        for part in ["## Context", "## Decision", "## Refused", "## Consequences"] {
            assert!(text.contains(part), "{note} has a part {part}");
        }
    }
    Ok(())
}

#[test]
fn nothing_names_a_machine_or_a_registry() -> TestResult {
    let mut found = Vec::new();
    // The lock file is Cargo's and names the registry in every entry; what is not text cannot name anything.
    for path in files("")?.iter().filter(|path| *path != "Cargo.lock") {
        if let Ok(text) = text(path) {
            found.extend(foreign(path, &text));
        }
    }
    none(&found);
    Ok(())
}

#[test]
fn machines_and_registries_are_found() {
    for word in FOREIGN {
        assert_eq!(foreign("a.md", &format!("see\n`{word}x`")).len(), 1, "{word}");
    }
    none(&foreign("a.md", concat!("https://contoso.com/wo", "rk/x and $dir/tm", "p/")));
}

#[test]
fn workflows_trust_nobody() -> TestResult {
    let mut workflows = ending(WORKFLOWS, &[".yml", ".yaml"])?;
    workflows.extend(ending("src/cli/scaffold/.github/workflows", &[".yml"])?);
    let mut found = Vec::new();
    for path in &workflows {
        found.extend(loose_ends(path, &text(path)?));
    }
    none(&found);
    let gate = text(&format!("{WORKFLOWS}/ci.yml"))?;
    assert!(gate.contains("run: .ci/run"), "the workflow runs the gate");
    let version = text("Cargo.toml")?.lines().find_map(|line| line.strip_prefix("rust-version = ").map(str::to_owned));
    let version = version.ok_or("Cargo.toml has no rust-version")?;
    assert!(gate.contains(&format!("rustup default {}", version.trim_matches('"'))), "with the compiler of Cargo.toml");
    Ok(())
}

#[test]
fn loose_workflows_are_found() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let tight = format!("permissions: {{}}\n- uses: actions/checkout@{commit} # v5\n  persist-credentials: false\n");
    none(&loose_ends("ci.yml", &tight));
    for (from, to) in [(commit, "v5"), (" # v5", ""), ("{}", "write-all"), ("false", "true")] {
        assert_eq!(loose_ends("ci.yml", &tight.replace(from, to)).len(), 1, "{from} -> {to}");
    }
}

#[test]
fn every_example_is_listed_and_checked_by_editors() -> TestResult {
    for path in ending("policies", &[".yaml"])?.into_iter().chain(ending("examples", &[".yaml"])?) {
        let policy = text(&path)?;
        let schema = policy.lines().next().and_then(|line| line.strip_prefix("# yaml-language-server: $schema="));
        let schema = Path::new(&path).with_file_name("").join(schema.ok_or_else(|| format!("{path} names no schema"))?);
        assert_eq!(normalized(&schema).as_deref(), Some(Path::new("schemas/policy.json")), "{path} names the schema");
    }
    for entry in fs::read_dir(root().join("examples"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let report =
            text(&format!("examples/{name}/README.md")).map_err(|error| format!("examples/{name}: {error}"))?;
        assert!(
            report.contains(&format!("ssprctl plan --sandbox examples/{name}\n")),
            "examples/{name} says how to plan it"
        );
    }
    Ok(())
}

/// The image builds the program from what it copies, so what the program includes has to be among that.
#[test]
fn the_image_copies_what_the_program_includes() -> TestResult {
    let (image, sent) = (text("docs/deploy/Dockerfile")?, text("docs/deploy/Dockerfile.dockerignore")?);
    let copied: Vec<_> =
        image.lines().filter_map(|line| line.strip_prefix("COPY ")).flat_map(str::split_whitespace).collect();
    let mut missing = Vec::new();
    for path in [ending("src", &[".rs"])?, vec!["build.rs".to_owned()]].concat() {
        let source = text(&path)?;
        let included = source.split("include_str!(\"").skip(1).filter_map(|rest| rest.split('"').next());
        let included = included.filter_map(|name| normalized(&Path::new(&path).parent()?.join(name)));
        for file in included.chain([PathBuf::from(&path)]) {
            let top = file.components().next().map(|top| top.as_os_str().to_string_lossy().into_owned());
            let top = top.unwrap_or_default();
            // Tests of the program include recordings, and the image is built without tests.
            if top != "tests" && !(copied.contains(&top.as_str()) && sent.contains(&format!("!{top}\n"))) {
                missing.push(format!("{path}: {}", file.display()));
            }
        }
    }
    none(&missing);
    Ok(())
}
