//! Every row of the catalogue agrees with everything else that knows the setting: the policy's schema, the wire, the
//! emulator, the documentation.

use std::collections::BTreeSet;
use std::error::Error;

use entra_sandbox::{World, portal_user};
use serde_json::{Value as Json, json};
use ssprctl::testing::base::ids::ObjectId;
use ssprctl::testing::base::value::{Question, Value};
use ssprctl::testing::catalog;
use ssprctl::testing::catalog::setting::{Setting, ValueKind};
use ssprctl::testing::policy::schema;
use ssprctl::testing::render::terminal::explain;
use ssprctl::testing::tenant::conditional_access::{self, NamedLocation};
use ssprctl::testing::tenant::device_configuration;
use ssprctl::testing::tenant::document::Document;
use ssprctl::testing::tenant::surface::{Surface, WriteMode};

type Test = Result<(), Box<dyn Error>>;

/// Values that a kind takes, the bounds among them.
fn samples(kind: ValueKind) -> Vec<Value> {
    let words = |list: &[&str]| Value::Set(list.iter().map(|word| (*word).to_owned()).collect());
    match kind {
        ValueKind::Switch => vec![Value::Bool(true), Value::Bool(false)],
        ValueKind::Number { min, max } => vec![Value::Number(min), Value::Number(max)],
        ValueKind::Choice(list) => list.iter().map(|word| Value::Text((*word).to_owned())).collect(),
        ValueKind::Words(list) => vec![words(list), words(&list[..1]), words(&[])],
        ValueKind::Questions => {
            let both = [Question::Predefined("Same?".into()), Question::Custom("Same?".into())];
            vec![Value::Questions(both.into()), Value::Questions(BTreeSet::new())]
        }
        ValueKind::Group => Vec::new(),
        ValueKind::Groups => {
            let ids = [uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2)].map(ObjectId);
            vec![Value::Groups(ids.into()), Value::Groups(BTreeSet::new())]
        }
        ValueKind::Locations => vec![words(&["allTrusted"]), words(&["Headquarters", "Where we work"])],
        ValueKind::Link => vec![Value::Text("https://help.contoso.com".into()), Value::Unset],
    }
}

/// The documents of an embedded tenant.
fn documents(tenant: &str) -> Result<Json, Box<dyn Error>> {
    Ok(serde_json::from_str(&World::seeded().show(tenant)?)?)
}

fn document(setting: &Setting, tenant: &str) -> Result<Document, Box<dyn Error>> {
    let all = documents(tenant)?;
    if setting.surface.spec().write_mode == WriteMode::ManagedObject {
        return managed_object(setting.surface, &all);
    }
    let key = match setting.surface.spec().name {
        "onPremisesPasswordReset" => "onPremises",
        "authorizationPolicy" => "authorization",
        other => other,
    };
    Ok(Document::parse(&all.get(key).ok_or_else(|| format!("no {key} in {all}"))?.to_string())?)
}

/// The document of a managed object, as this program creates it, with an id.
fn managed_object(surface: Surface, all: &Json) -> Result<Document, Box<dyn Error>> {
    let absent = absent(surface, all)?;
    let rows = catalog::ALL.iter().filter(|setting| setting.surface == surface);
    let made = rows.fold(absent, |document, setting| {
        samples(setting.kind)
            .first()
            .map_or(document.clone(), |value| document.patched(&(setting.encode)(value, &document)))
    });
    Ok(made.with("id", &json!("cafe0001-0000-4000-8000-000000000001")))
}

/// What is known where the object does not exist.
fn absent(surface: Surface, all: &Json) -> Result<Document, Box<dyn Error>> {
    if surface == Surface::DeviceConfiguration {
        return Ok(device_configuration::document(Vec::new(), false)?);
    }
    let listed = all["namedLocations"].as_array().into_iter().flatten();
    let locations: Vec<_> = listed
        .map(|location| NamedLocation {
            id: location["id"].as_str().unwrap_or_default().to_owned(),
            name: location["displayName"].as_str().unwrap_or_default().to_owned(),
            trusted: location["isTrusted"] == json!(true),
        })
        .collect();
    assert_eq!(locations.len(), 2, "{all}");
    Ok(conditional_access::document(Vec::new(), &locations, false)?)
}

#[test]
fn what_is_encoded_is_decoded_again() -> Test {
    for setting in catalog::ALL {
        let document = document(setting, "contoso.com")?;
        for value in samples(setting.kind) {
            assert!(setting.kind.accepts(&value), "{}: {value:?}", setting.name);
            let patched = document.patched(&(setting.encode)(&value, &document));
            assert_eq!((setting.decode)(&patched), Ok(value), "{}", setting.name);
            let touched = document.differing_keys(&patched, &[]);
            assert!(touched.iter().all(|key| setting.keys.contains(&key.as_str())), "{}: {touched:?}", setting.name);
        }
    }
    Ok(())
}

#[test]
fn the_group_counts_only_while_users_are_selected() -> Test {
    let group = catalog::find("scope.group").ok_or("no such row")?;
    let document = document(group, "contoso.com")?;
    let id = "b6cdb9c3-d660-4558-bcfd-82c14a986b56";
    for (users, ids, expected) in [
        (1, json!([id.to_uppercase()]), Value::Group(id.parse()?)),
        (1, json!(["00000000-0000-0000-0000-000000000000"]), Value::Unset),
        (1, json!([]), Value::Unset),
        (2, json!([id]), Value::Unset),
    ] {
        let text = serde_json::to_string(&document)?;
        let mut wire: Json = serde_json::from_str(&text)?;
        wire["enablementType"] = json!(users);
        wire["passwordResetEnabledGroupIds"] = ids;
        assert_eq!((group.decode)(&Document::parse(&wire.to_string())?), Ok(expected));
    }
    Ok(())
}

#[test]
fn a_document_of_another_shape_is_said_to_be_so() -> Test {
    for setting in catalog::ALL {
        let document = document(setting, "contoso.com")?;
        for key in setting.keys {
            let mut wire: Json = serde_json::from_str(&serde_json::to_string(&document)?)?;
            wire[*key] = json!({ "new": "shape" });
            let error = (setting.decode)(&Document::parse(&wire.to_string())?);
            assert!(error.as_ref().is_err_and(|error| error.key == *key), "{}: {error:?}", setting.name);
        }
    }
    Ok(())
}

#[test]
fn the_schema_has_the_same_bounds() -> Test {
    for setting in catalog::ALL {
        let policy = |value: Json| setting.name.rsplit('.').fold(value, |inner, key| json!({ key: inner }));
        let fits = |value: Json| {
            let mut policy = policy(value);
            policy["version"] = json!(1);
            schema::fits(&policy)
        };
        if let ValueKind::Number { min, max } = setting.kind {
            for (number, expected) in [(min, true), (max, true), (max + 1, false)] {
                assert_eq!(fits(json!(number)), expected, "{} = {number}", setting.name);
            }
            assert!(!fits(json!(i64::from(min) - 1)), "{} = {min} - 1", setting.name);
        }
        if let ValueKind::Choice(words) = setting.kind {
            assert!(words.iter().all(|word| fits(json!(word))), "{}", setting.name);
        }
        if let ValueKind::Words(words) = setting.kind {
            assert!(fits(json!(words)), "{}", setting.name);
        }
        assert!(!fits(json!("nonsense!")) || setting.kind == ValueKind::Group, "{}", setting.name);
        assert!(!fits(Json::Null), "{}", setting.name);
    }
    Ok(())
}

#[test]
fn every_setting_is_described_and_has_its_source() {
    for setting in catalog::ALL {
        assert!(explain::description(setting).len() > 20, "{}", setting.name);
        assert!(!setting.source.is_empty() && !setting.portal.is_empty(), "{}", setting.name);
    }
}

#[test]
fn an_untouched_tenant_has_the_documented_defaults() -> Test {
    for setting in catalog::ALL.iter().filter(|setting| !setting.default.is_empty()) {
        let document = match setting.surface.spec().write_mode {
            WriteMode::ManagedObject => absent(setting.surface, &documents("contoso.com")?)?,
            _ => document(setting, "contoso.com")?,
        };
        let found = (setting.decode)(&document)?;
        let words = match found {
            Value::Unset => "none".to_owned(),
            Value::Bool(on) => on.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Text(word) => word,
            Value::Set(words) => words.into_iter().collect::<Vec<_>>().join(", "),
            Value::Questions(questions) if questions.is_empty() => "none".to_owned(),
            Value::Groups(groups) if groups.is_empty() => "none".to_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(words, setting.default, "{}", setting.name);
    }
    Ok(())
}

/// The two tables are written apart on purpose; only their names must agree.
#[test]
fn a_portal_user_can_change_every_setting() {
    assert_eq!(catalog::ALL.iter().map(|setting| setting.name).collect::<Vec<_>>(), portal_user::SETTINGS);
}

/// The retired directory API published no name for these. Their wire keys are the only names that the audit log can have.
const WITHOUT_AUDIT_NAMES: [(&str, &str); 9] = [
    ("scope.group", "the API had no group"),
    ("scope.administrators", "the log lists the wire key of authorizationPolicy"),
    ("securityQuestions.questions", "the API had no questions"),
    ("registration.allowedFrom.locations", "Conditional Access logs whole policies"),
    ("registration.allowedFrom.excludedGroups", "Conditional Access logs whole policies"),
    ("registration.allowedFrom.state", "Conditional Access logs whole policies"),
    ("writeback.passwords", "switching has activities of its own"),
    ("windowsSignIn.resetLink", "Intune has a log of its own"),
    ("windowsSignIn.group", "Intune has a log of its own"),
];

#[test]
fn every_setting_has_audit_names_or_a_reason_for_none() {
    let without = catalog::ALL.iter().filter(|setting| setting.audit_names.is_empty()).map(|setting| setting.name);
    assert_eq!(without.collect::<Vec<_>>(), WITHOUT_AUDIT_NAMES.map(|(name, _)| name));
    let names: Vec<_> = catalog::ALL.iter().flat_map(|setting| setting.audit_names).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
}

#[test]
fn every_prerequisite_is_a_setting() {
    for setting in catalog::ALL {
        assert!(setting.needs.iter().all(|name| catalog::find(name).is_some()), "{}", setting.name);
    }
}
