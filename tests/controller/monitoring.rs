//! The alerts, the dashboard and the page about the controller name only metrics that the program exports, with labels that
//! they have.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::people;
use crate::repository::TestResult;
use crate::script;

/// A metric that a text names, with its matchers: a label, and the value where it is a fixed one.
type Selector = (String, Vec<(String, Option<String>)>);

const DASHBOARD: &str = "docs/deploy/grafana/ssprctl.json";

fn text(path: &str) -> Result<String, Box<dyn Error>> {
    Ok(fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))?)
}

/// Every metric of ours in a text.
fn selectors(text: &str) -> Vec<Selector> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (start, _) in text.match_indices("ssprctl_") {
        if text[..start].ends_with(is_name) {
            continue;
        }
        let rest = &text[start..];
        let (name, after) = rest.split_at(rest.find(|c| !is_name(c)).unwrap_or(rest.len()));
        let inside = after.strip_prefix('{').and_then(|after| after.split_once('}')).map_or("", |(inside, _)| inside);
        let matchers = inside.split(',').map(str::trim).filter(|one| !one.is_empty()).map(|one| {
            let (label, value) = one.split_at(one.find(|c| !is_name(c)).unwrap_or(one.len()));
            let value = value.strip_prefix("=\"").map(|value| value.trim_end_matches('"').to_owned());
            (label.to_owned(), value)
        });
        found.push((name.to_owned(), matchers.collect()));
    }
    found
}

/// The strings of a document under one of these keys.
fn strings_of<'a>(document: &'a Value, keys: &[&str], found: &mut Vec<&'a str>) {
    match document {
        Value::Object(fields) => {
            for (key, value) in fields {
                found.extend(value.as_str().filter(|_| keys.contains(&key.as_str())));
                strings_of(value, keys, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| strings_of(item, keys, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The metrics with the values of their labels: those of the program that counts people, and those of a tenant with a saved
/// sign-in, which the embedded tenants do not have.
async fn exported() -> Result<BTreeMap<String, BTreeMap<String, BTreeSet<String>>>, Box<dyn Error>> {
    let mut text = people::Harness::new()?.run("2026-04-29", true)?;
    let harness = script::Harness::new()?;
    let mut controller = harness.start(false)?;
    controller.reconcile_due(false).await;
    let state = controller.shared.state().clone();
    text.push_str(&controller.shared.metrics.text(&state, controller.shared.facts)?);
    let mut metrics: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("# TYPE ").and_then(|line| line.split(' ').next()) {
            metrics.entry(name.to_owned()).or_default();
        }
        for (name, labels) in selectors(line).into_iter().filter(|_| !line.starts_with('#')) {
            let known = metrics.entry(name).or_default();
            for (label, value) in labels {
                known.entry(label).or_default().extend(value);
            }
        }
    }
    Ok(metrics)
}

#[tokio::test]
async fn alerts_dashboard_and_page_name_only_what_is_exported() -> TestResult {
    let exported = exported().await?;
    let wrong = |(name, matchers): &Selector| {
        let Some(labels) = exported.get(name) else { return Some(format!("{name} is not exported")) };
        let wrong = matchers.iter().find(|(label, value)| {
            let values = labels.get(label);
            // Tenants are made up.
            values.is_none_or(|values| label != "tenant" && value.as_ref().is_some_and(|value| !values.contains(value)))
        });
        wrong.map(|(label, value)| format!("{name} has no {label} {value:?}: {labels:?}"))
    };
    let dashboard: Value = serde_json::from_str(&text(DASHBOARD)?)?;
    let mut queries = Vec::new();
    strings_of(&dashboard, &["expr", "query"], &mut queries);
    let rules = "docs/deploy/prometheus/rules.yaml";
    for (path, text, least) in [
        (DASHBOARD, queries.join("\n"), 30),
        (rules, text(rules)?, 5),
        ("rules.test.yaml", text("docs/deploy/prometheus/rules.test.yaml")?, 5),
        ("controller.md", text("docs/controller.md")?, 10),
    ] {
        let named = selectors(&text);
        assert!(named.len() >= least, "{path}: {named:?}");
        let wrong: Vec<_> = named.iter().filter_map(wrong).collect();
        assert!(wrong.is_empty(), "{path}: {wrong:#?}");
    }
    for unknown in ["ssprctl_peopel", "ssprctl_people{stat=\"able\"}", "ssprctl_people{at=\"tomorrow\",tenant=\"x\"}"] {
        assert!(selectors(unknown).iter().any(|one| wrong(one).is_some()), "{unknown} is a mistake");
    }
    Ok(())
}
