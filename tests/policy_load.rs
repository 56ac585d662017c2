//! Loading policies: merging, places, tenants.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use ssprctl::testing::base::source::Place;
use ssprctl::testing::policy::PolicySet;
use ssprctl::testing::policy::load::{LoadOptions, load};
use tempfile::TempDir;

type Test = Result<(), Box<dyn Error>>;

/// Writes files into a fresh folder.
fn folder(files: &[(&str, &str)]) -> Result<TempDir, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
        fs::write(path, text)?;
    }
    Ok(folder)
}

/// Loads paths below a folder that is its own repository.
fn load_in(folder: &Path, paths: &[&str]) -> PolicySet {
    let options = LoadOptions { folder: folder.into(), root: Some(folder.into()) };
    load(&paths.iter().map(PathBuf::from).collect::<Vec<_>>(), &options)
}

/// Writes files into a fresh folder and loads the whole of it.
fn loaded(files: &[(&str, &str)]) -> Result<PolicySet, Box<dyn Error>> {
    let folder = folder(files)?;
    Ok(load_in(folder.path(), &["."]))
}

fn paths(loaded: &PolicySet) -> Vec<&str> {
    loaded.policies.iter().map(|policy| policy.source.path.as_str()).collect()
}

fn codes(loaded: &PolicySet) -> Vec<&str> {
    loaded.findings.iter().map(|finding| finding.code).collect()
}

/// `path:line:column text`
fn shown(place: &Place) -> String {
    let (line, column) = place.line_column();
    let text = place.source.text.get(place.span.start..place.span.end).unwrap_or_default();
    format!("{}:{line}:{column} {text}", place.source.path)
}

const BASELINE: &str = "version: 1\ncloud: usGov\nmethods:\n  required: 2\n  allowed: [email, mobilePhone]\nnotifications:\n  users: true\n";
const CONTOSO: &str = "version: 1\ntenant: Contoso.com\nextends: [base/line.yaml]\nmethods:\n  allowed:\n    - mobileAppCode\n    - email\nscope: {users: all}\n";

#[test]
fn values_have_the_place_of_the_file_that_won() -> Test {
    let loaded = loaded(&[("base/line.yaml", BASELINE), ("contoso.yaml", CONTOSO)])?;
    assert_eq!(loaded.findings, []);
    assert_eq!(loaded.files, 2);
    let [policy] = loaded.policies.as_slice() else { return Err("one policy expected".into()) };
    assert_eq!(policy.tenant.to_string(), "contoso.com");
    assert_eq!(policy.cloud.name(), "usGov");
    assert_eq!(serde_json::to_value(&policy.document)?["methods"]["required"], json!(2));
    let at = |pointer: &str| shown(&policy.place(pointer));
    assert_eq!(at("/methods/required"), "base/line.yaml:4:13 2");
    assert_eq!(at("/methods/allowed"), "contoso.yaml:5:3 allowed");
    assert_eq!(at("/methods/allowed/1"), "contoso.yaml:7:7 email");
    assert_eq!(at("/methods/allowed/9"), "contoso.yaml:5:3 allowed");
    assert_eq!(at("/scope"), "contoso.yaml:8:8 {users: all}");
    assert_eq!(at("/scope/group"), "contoso.yaml:8:1 scope");
    assert_eq!(at("/notifications/users"), "base/line.yaml:7:10 true");
    assert_eq!(at("/helpdesk/link"), "contoso.yaml:1:1 ");
    assert_eq!(at("/tenant"), "contoso.yaml:2:9 Contoso.com");
    Ok(())
}

#[test]
fn folders_are_searched_in_order_and_hidden_ones_are_not() -> Test {
    let of = |tenant: &str| format!("version: 1\ntenant: {tenant}.contoso.com\n");
    let folder = folder(&[
        ("policies/b.yml", &of("b")),
        ("policies/a.yaml", &of("a")),
        ("policies/deep/er/c.yaml", &of("c")),
        ("policies/.hidden/d.yaml", &of("d")),
        ("policies/.e.yaml", &of("e")),
        ("policies/notes.md", "not a policy"),
        ("other/f.yaml", &of("f")),
    ])?;
    let loaded = load_in(folder.path(), &["policies"]);
    assert_eq!(loaded.findings, []);
    assert_eq!(paths(&loaded), ["policies/a.yaml", "policies/b.yml", "policies/deep/er/c.yaml"]);
    let again =
        load_in(folder.path(), &["policies/deep", "policies/a.yaml", "./policies/../policies/a.yaml", "policies"]);
    assert_eq!(paths(&again), paths(&loaded), "a file that is named twice is one file");
    assert_eq!(again.files, 3);
    let named = load_in(folder.path(), &["policies/.e.yaml"]);
    assert_eq!(paths(&named), [""; 0], "a hidden file is no policy, even when it is named");
    assert_eq!(named.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["not-a-policy"]);
    Ok(())
}

#[test]
fn later_baselines_win_and_pass_on_nothing_about_themselves() -> Test {
    let loaded = loaded(&[
        ("base/first.yaml", "version: 1\nextends: [ground.yaml]\nmethods: {required: 2}\nhelpdesk: {link: none}\n"),
        ("base/second.yaml", "version: 1\nmethods: {required: 1}\n"),
        (
            "base/ground.yaml",
            "version: 1\nnotifications: {users: true, administrators: true}\nmethods: {allowed: [email]}\n",
        ),
        (
            "contoso.yaml",
            "version: 1\ntenant: contoso.com\nextends: [base/first.yaml, base/second.yaml]\nnotifications: {users: false}\n",
        ),
    ])?;
    assert_eq!(loaded.findings, []);
    let [policy] = loaded.policies.as_slice() else { return Err("one policy expected".into()) };
    let document = json!({
        "version": 1,
        "tenant": "contoso.com",
        "extends": ["base/first.yaml", "base/second.yaml"],
        // The later baseline wins; what it does not say comes from below.
        "methods": { "required": 1, "allowed": ["email"] },
        // The file itself wins last.
        "notifications": { "users": false, "administrators": true },
        "helpdesk": { "link": "none" },
    });
    assert_eq!(serde_json::to_value(&policy.document)?, document);
    assert_eq!(shown(&policy.place("/notifications/administrators")), "base/ground.yaml:2:46 true");
    assert_eq!(shown(&policy.place("/methods/required")), "base/second.yaml:2:21 1");
    Ok(())
}

#[test]
fn a_broken_baseline_is_reported_once_and_breaks_only_those_who_extend_it() -> Test {
    let of = |tenant: &str, base: &str| format!("version: 1\ntenant: {tenant}.contoso.com\nextends: [{base}]\n");
    let loaded = loaded(&[
        ("bad.yaml", "version: 1\nmethods: {required: 9}\n"),
        ("good.yaml", "version: 1\nmethods: {required: 2}\n"),
        ("a.yaml", &of("a", "bad.yaml")),
        ("b.yaml", &of("b", "bad.yaml")),
        ("c.yaml", &of("c", "good.yaml")),
    ])?;
    assert_eq!(codes(&loaded), ["out-of-range"]);
    assert_eq!(paths(&loaded), ["c.yaml"]);
    Ok(())
}

#[test]
fn baselines_that_fan_out_do_not_explode() -> Test {
    // Eight floors of thirty baselines, each extending all thirty below: 30^8 ways, 240 files.
    let mut files = Vec::new();
    for floor in 0..8 {
        let below: Vec<String> = (0..30).map(|number| format!("{}-{number}.yaml", floor + 1)).collect();
        let extends = if floor < 7 { format!("extends: [{}]\n", below.join(", ")) } else { String::new() };
        for number in 0..30 {
            files.push((format!("{floor}-{number}.yaml"), format!("version: 1\n{extends}methods: {{required: 2}}\n")));
        }
    }
    let first: Vec<String> = (0..30).map(|number| format!("0-{number}.yaml")).collect();
    let policy = format!("version: 1\ntenant: contoso.com\nextends: [{}]\n", first.join(", "));
    files.push(("contoso.yaml".into(), policy));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let loaded = loaded(&files)?;
    assert_eq!(loaded.findings, []);
    assert_eq!(paths(&loaded), ["contoso.yaml"]);
    Ok(())
}

#[test]
fn the_repository_is_where_git_is() -> Test {
    let folder = folder(&[
        ("repo/.git/HEAD", "ref: refs/heads/main"),
        ("repo/policies/contoso.yaml", "version: 1\ntenant: contoso.com\nextends: [../shared/base.yaml]\n"),
        ("repo/policies/fabrikam.yaml", "version: 1\ntenant: fabrikam.com\nextends: [../../outside.yaml]\n"),
        ("repo/shared/base.yaml", "version: 1\n"),
        ("outside.yaml", "version: 1\n"),
    ])?;
    let options = LoadOptions { folder: folder.path().join("repo/policies"), root: None };
    let loaded = load(&[PathBuf::from(".")], &options);
    assert_eq!(codes(&loaded), ["extends-outside"]);
    assert_eq!(paths(&loaded), ["contoso.yaml"]);
    let from_elsewhere =
        load(&[folder.path().join("repo/policies")], &LoadOptions { folder: folder.path().into(), root: None });
    assert_eq!(codes(&from_elsewhere), ["extends-outside"]);
    assert_eq!(paths(&from_elsewhere), ["repo/policies/contoso.yaml"]);
    Ok(())
}

#[cfg(unix)]
#[test]
fn links_inside_the_folder_are_followed_as_mounted_volumes_need() -> Test {
    use std::os::unix::fs::symlink;
    let folder = folder(&[("mounted/..2026_11_22/contoso.yaml", "version: 1\ntenant: contoso.com\n")])?;
    symlink("..2026_11_22", folder.path().join("mounted/..data"))?;
    symlink("..data/contoso.yaml", folder.path().join("mounted/contoso.yaml"))?;
    let loaded = load_in(folder.path(), &["mounted"]);
    assert_eq!(loaded.findings, []);
    assert_eq!(paths(&loaded), ["mounted/contoso.yaml"]);
    Ok(())
}

#[test]
fn yaml_is_read_as_version_one_point_two() -> Test {
    let loaded = loaded(&[(
        "contoso.yaml",
        "\u{feff}%YAML 1.2\n---\n\"version\": 1.0\r\ntenant: !!str contoso.com\r\nscope: {users: &w all, group: no}\n\
         registration:\n  reconfirmAfterDays: 0xB4\nhelpdesk:\n  link: >-\n    https://help.contoso.com/x\n...\n",
    )])?;
    assert_eq!(loaded.findings, []);
    let [policy] = loaded.policies.as_slice() else { return Err("one policy expected".into()) };
    let document = json!({
        "version": 1,
        "tenant": "contoso.com",
        "scope": { "users": "all", "group": "no" },
        "registration": { "reconfirmAfterDays": 180 },
        "helpdesk": { "link": "https://help.contoso.com/x" },
    });
    assert_eq!(serde_json::to_value(&policy.document)?, document);
    Ok(())
}
