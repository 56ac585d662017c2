//! Checks of `ssprctl.yaml` that its schema cannot express: time zones, patterns, order of days, keys that go together.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::finding::Finding;
use crate::base::source::{Place, Source};
use crate::policy::repository::calendar::SMS_VOICE;
use crate::policy::schema_messages::quoted;
use crate::policy::tree::{Node, NodeBody};

/// Every error, in the order of the file.
pub(crate) fn check(node: &Node, source: &Arc<Source>) -> Vec<Finding> {
    let mut findings = calendar(node, source);
    let Some(controller) = node.get("controller") else { return findings };
    findings.extend(patterns(controller.get("suspend"), source));
    for freeze in items(controller.get("freeze")) {
        findings.extend(patterns(freeze.get("tenants"), source));
        findings.extend(time_zone(freeze, source));
        findings.extend(days(freeze, source));
    }
    for target in items(controller.get("notify")) {
        findings.extend(patterns(target.get("tenants"), source));
    }
    findings
}

/// The errors of the `calendar` section.
fn calendar(node: &Node, source: &Arc<Source>) -> Vec<Finding> {
    let Some(NodeBody::Map(entries)) = node.get("calendar").map(|calendar| &calendar.body) else { return Vec::new() };
    let mut findings = Vec::new();
    for entry in &**entries {
        findings.extend(patterns(entry.value.get("tenants"), source));
        if &*entry.key == SMS_VOICE {
            let key = Place::new(source, entry.key_at.start as usize, entry.key_at.end as usize);
            findings.extend(provider(&entry.value, key, source));
        }
    }
    findings
}

/// What is wrong with the entry that may name a telephony provider.
fn provider(entry: &Node, key: Place, source: &Arc<Source>) -> Option<Finding> {
    let provider = entry.get("provider");
    if let Some(off) = provider.filter(|provider| provider.body == NodeBody::Switch(false)) {
        let finding = Finding::error("unknown-value", format!("`provider: false` of `{SMS_VOICE}` says nothing"))
            .at(place(off, source), "no provider is the default");
        return Some(finding.hint("leave the key out, or write `provider: true`"));
    }
    if provider.is_some() {
        return None;
    }
    if let Some(alone) = ["channels", "groups"].into_iter().find_map(|name| entry.get(name)) {
        let finding = Finding::error(
            "missing-key",
            format!("`{SMS_VOICE}` says what a provider does, and not that there is one"),
        )
        .at(place(alone, source), "of which provider?");
        return Some(finding.hint("write `provider: true` next to it, or remove it"));
    }
    entry.get("date").is_none().then(|| {
        Finding::error("missing-key", format!("`{SMS_VOICE}` has neither `date` nor `provider`"))
            .at(key, "says nothing")
            .hint("write the `date` to which Microsoft moved it, or `provider: true`")
    })
}

fn items(list: Option<&Node>) -> impl Iterator<Item = &Node> {
    let items = list.and_then(|list| match &list.body {
        NodeBody::List(items) => Some(items.iter()),
        _ => None,
    });
    items.into_iter().flatten()
}

fn text(node: &Node) -> Option<&str> {
    match &node.body {
        NodeBody::Text(text) => Some(text),
        _ => None,
    }
}

fn place(node: &Node, source: &Arc<Source>) -> Place {
    Place::new(source, node.at.start as usize, node.at.end as usize)
}

fn patterns<'a>(list: Option<&'a Node>, source: &'a Arc<Source>) -> impl Iterator<Item = Finding> + 'a {
    items(list).filter_map(move |item| {
        let error = glob::Pattern::new(text(item)?).err()?;
        let finding = Finding::error("invalid-format", format!("{} is not a pattern: {error}", quoted(text(item)?)))
            .at(place(item, source), "")
            .hint("write a name, or a pattern such as `contoso.*`");
        Some(finding)
    })
}

fn time_zone(freeze: &Node, source: &Arc<Source>) -> Option<Finding> {
    let zone = freeze.get("timeZone")?;
    let name = text(zone)?;
    TimeZone::get(name).err()?;
    let finding = Finding::error("unknown-value", format!("there is no time zone {}", quoted(name)))
        .at(place(zone, source), "unknown")
        .hint("write an IANA name such as `Europe/Berlin`, or leave the key out for UTC");
    Some(finding)
}

fn days(freeze: &Node, source: &Arc<Source>) -> Option<Finding> {
    let (first, last) = (freeze.get("firstDay")?, freeze.get("lastDay")?);
    // Both are of the form YYYY-MM-DD, which sorts as the calendar does.
    (text(first)? > text(last)?).then(|| {
        Finding::error("out-of-range", format!("the last day {} is before the first", quoted(text(last).unwrap_or(""))))
            .at(place(last, source), "too early")
            .also(place(first, source), "the first day")
            .hint("write the later of the two as `lastDay`")
    })
}
