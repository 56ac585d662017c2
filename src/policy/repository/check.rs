//! Checks of the `controller` section of `ssprctl.yaml` that its schema cannot express: time zones, patterns, order of
//! days.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::finding::Finding;
use crate::base::source::{Place, Source};
use crate::policy::schema_messages::quoted;
use crate::policy::tree::{Node, NodeBody};

/// Every error, in the order of the file.
pub(crate) fn check(node: &Node, source: &Arc<Source>) -> Vec<Finding> {
    let Some(controller) = node.get("controller") else { return Vec::new() };
    let mut findings: Vec<Finding> = patterns(controller.get("suspend"), source).collect();
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
