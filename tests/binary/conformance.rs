//! `conformance`: what a tenant shows of the assumptions, named exactly, and nothing of the tenant itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, ShapeChange};
use entra_sandbox::{Faults, Person, Role, World, portal_user};
use serde_json::{Value, json};
use ssprctl::testing::conformance::table;

use crate::harness::{CONTOSO, FABRIKAM, Harness, NORTHWIND, POLICY_PATH, TestResult, now};

pub(crate) type Made<T> = Result<T, Box<dyn std::error::Error>>;

pub(crate) const TAILSPIN: &str = "tailspin.onmicrosoft.com";
/// The reasons of what neither a read nor a write shows.
pub(crate) const NEVER: [&str; 3] = [
    "takes another account or another token",
    "takes another tenant or knowledge from outside of it",
    "takes a request or a header that is not looked at",
];

/// The assumptions of a run by their ids.
pub(crate) fn judged(harness: &Harness, tenant: &str, code: i32, more: &[&str]) -> Made<BTreeMap<String, Value>> {
    let run = harness.run(&[&["conformance", "--tenant", tenant, "--format", "json"], more].concat())?;
    assert_eq!(run.code, Some(code), "{run:#?}");
    let document = run.json()?;
    let schema = jsonschema::validator_for(&serde_json::from_str(include_str!("../../schemas/conformance.json"))?)?;
    assert!(schema.is_valid(&document), "{document:#}");
    let assumptions = document["assumptions"].as_array().ok_or("no assumptions")?.clone();
    let id = |one: &Value| one["id"].as_str().unwrap_or_default().to_owned();
    let ids: Vec<String> = assumptions.iter().map(id).collect();
    assert_eq!(ids, table::listed().into_iter().map(|(id, _)| id).collect::<Vec<_>>());
    Ok(assumptions.into_iter().map(|one| (id(&one), one)).collect())
}

pub(crate) fn with_state(judged: &BTreeMap<String, Value>, state: &str) -> Vec<String> {
    judged.iter().filter(|(_, one)| one["state"] == state).map(|(id, _)| id.clone()).collect()
}

fn start(tenant: &str, faults: Faults, person: &Person) -> Made<Harness> {
    Harness::of(tenant, "methods: { required: 1 }", faults, person)
}

/// Three tenants together show everything that reads can show, and all of it holds.
#[test]
fn all_that_can_be_seen_of_the_embedded_tenants_holds() -> TestResult {
    let (mut seen, mut never) = (BTreeSet::new(), BTreeSet::new());
    for tenant in [CONTOSO, FABRIKAM, NORTHWIND] {
        let harness = start(tenant, Faults::none(), &Person::Administrator)?;
        let edit = |setting, value| portal_user::set_as(&harness.world, tenant, setting, value, Some("admin"), now());
        edit("methods.required", "2")?;
        if tenant == CONTOSO {
            edit("scope.users", "all")?;
        }
        let judged = judged(&harness, tenant, 0, &[])?;
        assert_eq!(with_state(&judged, "broken"), [""; 0], "{tenant}");
        seen.extend(with_state(&judged, "holds"));
        let no_read = |one: &Value| {
            one["reason"].as_str().is_some_and(|reason| NEVER.contains(&reason) || reason == "only a write shows it")
        };
        never.extend(judged.iter().filter(|(_, one)| no_read(one)).map(|(id, _)| id.clone()));
    }
    let all: BTreeSet<String> = table::listed().into_iter().map(|(id, _)| id.to_owned()).collect();
    assert_eq!(seen.union(&never).cloned().collect::<BTreeSet<_>>(), all);
    assert_eq!(seen.intersection(&never).count(), 0);
    let run = start(CONTOSO, Faults::none(), &Person::Administrator)?.run(&[
        "conformance",
        "--sandbox",
        "--tenant",
        CONTOSO,
    ])?;
    assert!(
        run.code == Some(0) && run.stdout.ends_with("\nConformance: 56 hold, 0 broken, 103 not seen.\n"),
        "{run:#?}"
    );
    Ok(())
}

/// A missing key, null in place of false, another enum case and another status: each is named, with what was found.
#[test]
fn broken_assumptions_are_named_exactly() -> TestResult {
    let set = |path: &str, value| Action::ChangeShape(ShapeChange::SetKey(path.to_owned(), value));
    let gone = Action::ChangeShape(ShapeChange::DropKey("defaultUserRolePermissions".to_owned()));
    let faults = Faults::none()
        .and(Fault::on(Method::GET, POLICY_PATH, set("notifyOnAdminPasswordReset", Value::Null)))
        .and(Fault::on(Method::GET, "NoSuchDocument", Action::status(410)))
        .and(Fault::on(Method::GET, "v1.0/policies/authorizationPolicy", gone))
        .and(Fault::on(
            Method::GET,
            "v1.0/policies/authenticationMethodsPolicy",
            set("authenticationMethodConfigurations/*/state", json!("Enabled")),
        ));
    let harness = start(CONTOSO, faults, &Person::Administrator)?;
    let judged = judged(&harness, CONTOSO, 2, &[])?;
    let broken = with_state(&judged, "broken");
    assert_eq!(broken, ["authorization-policy", "method-configurations", "policy-fields", "portal-not-found"]);
    let wrong = |id: &str| {
        let found = judged[id]["found"].as_array().cloned().unwrap_or_default();
        let wrong = found.into_iter().filter(|found| found.get("wrong").is_some());
        wrong.map(|found| json!([found["path"], found["wrong"]])).collect::<Vec<_>>()
    };
    assert_eq!(wrong("policy-fields"), [json!(["notifyOnAdminPasswordReset", ["null"]])]);
    assert_eq!(wrong("authorization-policy"), [json!(["defaultUserRolePermissions", ["absent"]])]);
    let state = json!(["authenticationMethodConfigurations/*/state", ["a word in another case"]]);
    assert_eq!(wrong("method-configurations"), [state]);
    assert_eq!(judged["portal-not-found"]["status"], 410);

    let run = harness.run(&["conformance", "--tenant", CONTOSO])?;
    let named = run.stdout.lines().filter_map(|line| line.trim().strip_prefix("broken"));
    let named: Vec<&str> = named.filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(named, ["policy-fields", "portal-not-found", "authorization-policy", "method-configurations"]);
    assert!(run.stdout.ends_with(" 4 broken, 103 not seen.\n"), "{}", run.stdout);
    Ok(())
}

/// What nobody may read, and what does not answer, is no statement about the service.
#[test]
fn what_is_not_seen_is_not_claimed() -> TestResult {
    let faults = Faults::none().and(Fault::on(Method::GET, "secureScores", Action::status(403)));
    let harness = start(CONTOSO, faults, &Person::App)?;
    let judged = judged(&harness, CONTOSO, 0, &[])?;
    for id in ["policy-fields", "request-id-required", "on-premises-no-id", "portal-not-found"] {
        assert_eq!(judged[id]["reason"], "there is no credential that the service accepts", "{id}");
    }
    for id in ["score-of-reset", "registration-by-feature", "synchronisation"] {
        assert_eq!(judged[id]["reason"], "the credential may not read it", "{id}");
    }
    assert_eq!(judged["authorization-policy"]["state"], "holds");
    Ok(())
}

/// Keys that nobody knows are reported by their types, not by their names.
#[test]
fn a_newer_service_is_noticed() -> TestResult {
    let harness = start(TAILSPIN, Faults::none(), &Person::Administrator)?;
    let judged = judged(&harness, TAILSPIN, 2, &[])?;
    assert_eq!(with_state(&judged, "broken"), ["policy-no-other-fields"]);
    assert_eq!(judged["policy-no-other-fields"]["found"][0]["wrong"], json!(["boolean", "number", "object", "string"]));
    Ok(())
}

/// The texts below the keys that people fill in, and one more key in every object, become canaries.
fn with_canaries(value: Value) -> Value {
    const TEXTS: [&str; 12] = [
        "displayName",
        "description",
        "userPrincipalName",
        "questionText",
        "customHelpdeskEmailOrUrl",
        "membershipRule",
        "cidrAddress",
        "omaUri",
        "category",
        "activityDisplayName",
        "policyVersion",
        "discoveryUrl",
    ];
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| match value {
                Value::String(_) if TEXTS.contains(&key.as_str()) => (key, json!("./CANARY@canary.example")),
                other => (key, with_canaries(other)),
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(with_canaries).collect(),
        other => other,
    }
}

/// Nothing of a tenant full of canaries, and none of its ids, is in any output, file or log.
#[test]
fn nothing_of_the_tenant_is_in_the_report() -> TestResult {
    let folder = tempfile::tempdir()?;
    World::open(folder.path())?;
    let file = folder.path().join(format!("{FABRIKAM}.json"));
    let mut tenant = with_canaries(serde_json::from_str(&fs::read_to_string(&file)?)?);
    tenant["passwordReset"]["canaryOptionEnabled"] = json!("CANARY");
    tenant["passwordReset"]["passwordResetEnabledGroupName"] = json!("CANARY");
    let text = tenant.to_string();
    assert!(text.matches("CANARY").count() > 100);
    fs::write(&file, &text)?;
    let world = World::open(folder.path())?;
    let harness =
        Harness::in_world(world, FABRIKAM, "methods: { required: 1 }", Faults::none(), &Person::Administrator)?;
    let out = harness.folder.path().join("report.json");
    let arguments = ["conformance", "--tenant", FABRIKAM, "-vv", "--log-format", "json", "--out"];
    let mut written = String::new();
    for format in ["terminal", "json"] {
        let run = harness.run(&[&arguments[..], &[&out.to_string_lossy(), "--format", format]].concat())?;
        assert!(run.stdout.contains("policy-no-other-fields"), "{run:#?}");
        written.push_str(&run.stdout);
        written.push_str(&run.stderr);
        written.push_str(&fs::read_to_string(&out)?);
        assert!(!run.stdout.contains("fabrikam"), "{run:#?}");
    }
    assert!(!fs::read_to_string(&out)?.contains("fabrikam"));
    let mut folders = vec![harness.folder.path().join("state")];
    while let Some(entries) = folders.pop().and_then(|folder| folder.read_dir().ok()) {
        for entry in entries {
            let path = entry?.path();
            match path.is_dir() {
                true => folders.push(path),
                false => written.push_str(&String::from_utf8_lossy(&fs::read(path)?)),
            }
        }
    }
    assert!(!written.to_ascii_lowercase().contains("canary"), "{written}");
    let ids = text.split('"').filter(|part| uuid::Uuid::parse_str(part).is_ok() && part.contains('-'));
    let leaked: BTreeSet<&str> = ids.filter(|id| written.contains(id)).collect();
    assert!(leaked.is_empty(), "{leaked:?}");
    Ok(())
}

/// A reader of security settings sees less, and no more is claimed.
#[test]
fn a_reader_with_few_roles_breaks_nothing() -> TestResult {
    let harness = start(CONTOSO, Faults::none(), &Person::Holding(vec![Role::SecurityReader]))?;
    let judged = judged(&harness, CONTOSO, 0, &[])?;
    assert_eq!(judged["policy-fields"]["state"], "holds");
    assert_eq!(judged["methods-policy"]["reason"], "the credential may not read it");
    Ok(())
}
