//! Loading policies: merging, places, tenants.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use ssprctl::base::source::Place;
use ssprctl::policy::Loaded;
use ssprctl::policy::load::{Options, load};
use ssprctl::policy::managed::Managed;

type Test = Result<(), Box<dyn Error>>;

/// Writes files into a fresh folder and loads the whole of it.
fn loaded(files: &[(&str, &str)]) -> Result<Loaded, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
        fs::write(path, text)?;
    }
    let options = Options { folder: folder.path().into(), root: Some(folder.path().into()) };
    Ok(load(&[PathBuf::from(".")], &options))
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
fn values_keep_the_place_of_the_file_that_won() -> Test {
    let loaded = loaded(&[("base/line.yaml", BASELINE), ("contoso.yaml", CONTOSO)])?;
    assert_eq!(loaded.findings, []);
    assert_eq!(loaded.files, 2);
    let [policy] = loaded.policies.as_slice() else { return Err("one policy expected".into()) };
    assert_eq!(policy.tenant.to_string(), "contoso.com");
    assert_eq!(policy.cloud.name(), "usGov");
    assert_eq!(policy.document.methods.get().map(|methods| &methods.required), Some(&Managed::Set(2)));
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
    assert_eq!(shown(&policy.key_place("/methods/required")), "base/line.yaml:4:3 required");
    assert_eq!(shown(&policy.key_place("/methods/allowed/0")), "contoso.yaml:6:7 mobileAppCode");
    Ok(())
}
