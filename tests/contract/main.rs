//! The contract with the services: what the documents of the emulator and of public captures look like, compared with what
//! the program was built for.

use std::error::Error;
use std::fs;
use std::path::Path;

use entra_sandbox::World;
use serde_json::Value;
use ssprctl::testing::tenant::authentication_methods;
use ssprctl::testing::tenant::document::Document;
use ssprctl::testing::tenant::error::{MissingAccess, TenantErrorKind};
use ssprctl::testing::tenant::known_keys::JsonType;
use ssprctl::testing::tenant::surface::Surface;
use ssprctl::testing::tenant::wire_schema::{mismatches, unknown_keys, writable};

type Test = Result<(), Box<dyn Error>>;

fn captures() -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
    let mut captures = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            captures.push((path.display().to_string(), fs::read_to_string(&path)?));
        }
    }
    Ok(captures)
}

#[test]
fn public_captures_are_of_the_shape_that_is_known() -> Test {
    let captures = captures()?;
    assert_eq!(captures.len(), 4, "captures are gone");
    let known: Vec<_> = Surface::PasswordReset.spec().known_keys.iter().map(|known| known.key).collect();
    for (name, text) in captures {
        let document = Document::parse(&text)?;
        assert_eq!(document.keys().collect::<Vec<_>>(), known, "{name}: the same keys in the same order");
        assert_eq!(mismatches(Surface::PasswordReset, &document), [], "{name}");
    }
    Ok(())
}

/// What the emulator's tenants have, read as a client would read it.
fn documents(tenant: &str) -> Result<Vec<(Surface, Document)>, Box<dyn Error>> {
    let shown: Value = serde_json::from_str(&World::seeded().show(tenant)?)?;
    let named = |key: &str| Ok::<_, Box<dyn Error>>(shown.get(key).ok_or_else(|| format!("no {key}"))?.to_string());
    let methods = shown.pointer("/authenticationMethods/policy").ok_or("no policy of methods")?.to_string();
    let listed = shown.pointer("/authenticationMethods/configurations").ok_or("no configurations")?;
    let methods = Document::parse(&methods)?.with("authenticationMethodConfigurations", listed);
    let methods = authentication_methods::into_entries(&methods)?;
    Ok(vec![
        (Surface::PasswordReset, Document::parse(&named("passwordReset")?)?),
        (Surface::OnPremisesPasswordReset, Document::parse(&named("onPremises")?)?),
        (Surface::AuthorizationPolicy, Document::parse(&named("authorization")?)?),
        (Surface::AuthenticationMethods, methods),
    ])
}

#[test]
fn the_emulator_serves_what_is_known() -> Test {
    for tenant in ["contoso", "fabrikam", "northwind", "adatum", "tailspin"] {
        for (surface, document) in documents(&format!("{tenant}.onmicrosoft.com"))? {
            assert_eq!(mismatches(surface, &document), [], "{tenant} {surface:?}");
            // Tailspin is the tenant of the day after tomorrow.
            let future =
                tenant == "tailspin" && matches!(surface, Surface::PasswordReset | Surface::AuthenticationMethods);
            assert_eq!(unknown_keys(surface, &document).is_empty(), !future, "{tenant} {surface:?}");
        }
    }
    Ok(())
}

/// Each key in turn is taken away and made another type: each is noticed, and no value is printed.
#[test]
fn every_needed_key_is_missed() -> Test {
    const SECRET: &str = "a-value-that-nobody-may-see";
    for (surface, document) in documents("contoso.onmicrosoft.com")? {
        for known in surface.spec().known_keys.iter().filter(|known| known.needed) {
            let (entry, inner) = known.key.split_once('.').unwrap_or((known.key, ""));
            let other = if known.types.contains(&JsonType::Text) { serde_json::json!([SECRET]) } else { SECRET.into() };
            let changed = if inner.is_empty() {
                [document.without(entry), document.with(entry, &other)]
            } else {
                let whole: serde_json::Map<String, Value> = document.get(entry, "an entry")?;
                let (mut without, mut with) = (whole.clone(), whole);
                without.remove(inner);
                with.insert(inner.to_owned(), other);
                [document.with(entry, &without.into()), document.with(entry, &with.into())]
            };
            for document in changed {
                let report =
                    writable(surface, &document).err().ok_or_else(|| format!("{} is not missed", known.key))?;
                assert_eq!(report.kind, TenantErrorKind::NoAccess(MissingAccess::UnknownShape(surface.spec().service)));
                assert!(report.message.contains(known.key), "{report:?}");
                assert!(!format!("{report:?}").contains(SECRET), "{report:?}");
            }
        }
    }
    Ok(())
}

#[test]
fn a_new_key_is_preserved_and_named() -> Test {
    let (_, text) = captures()?.pop().ok_or("no capture")?;
    let document =
        Document::parse(&text)?.with("futureKey", &serde_json::json!({ "a": 1 })).with("@odata.etag", &"x".into());
    let new = unknown_keys(Surface::PasswordReset, &document);
    assert_eq!(
        new.iter().map(|new| (new.key.as_str(), new.found)).collect::<Vec<_>>(),
        [("futureKey", JsonType::Object)]
    );
    assert!(writable(Surface::PasswordReset, &document).is_ok());
    Ok(())
}
