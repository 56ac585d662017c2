//! Checks one file against its schema: the validator finds errors, and this module makes findings of them. Rules over
//! more than one key are in `review`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use crate::base::finding::Finding;
use crate::base::source::{Place, Source};
use crate::policy::readiness;
use crate::policy::schema::FileSchema;
use crate::policy::schema_messages;
use crate::policy::schema_messages::quoted;
use crate::policy::suggest::nearest;
use crate::policy::tree::{ByteRange, Node, NodeBody};

/// The most findings of one file: a file that is no policy at all must not flood a report.
const MAX_FINDINGS: usize = 200;

/// Every schema error of one file, sorted by place.
pub(crate) fn check(root: &Node, source: &Arc<Source>, shape: &FileSchema) -> Vec<Finding> {
    if matches!(root.body, NodeBody::Null) {
        let finding = Finding::error("empty-file", format!("{} is empty", shape.name));
        return vec![finding.at(Place::start_of(source), "").hint("begin with `version: 1`, or remove the file")];
    }
    let check = SchemaChecker { root, source, shape };
    let mut findings = Vec::new();
    check.duplicate_keys(root, &mut findings);
    let json = root.to_json();
    if !check.shape.validator.is_valid(&json) {
        for error in check.shape.validator.iter_errors(&json) {
            check.translate(&error, &mut findings);
        }
    }
    limited(findings, source)
}

/// The findings of one file, sorted by place, without those that are more than a report of it can have.
pub(crate) fn limited(mut findings: Vec<Finding>, source: &Arc<Source>) -> Vec<Finding> {
    findings.sort();
    findings.dedup();
    if findings.len() > MAX_FINDINGS {
        findings.truncate(MAX_FINDINGS);
        let end = source.text.trim_end().len();
        let message = format!("this file has more than {MAX_FINDINGS} problems; the others are not shown");
        findings.push(
            Finding::error("too-many-findings", message)
                .at(Place::new(source, end, end), "")
                .hint("is this file a policy at all?"),
        );
    }
    findings
}

struct SchemaChecker<'a> {
    root: &'a Node,
    source: &'a Arc<Source>,
    shape: &'a FileSchema,
}

impl SchemaChecker<'_> {
    fn place(&self, at: ByteRange) -> Place {
        Place::new(self.source, at.start as usize, at.end as usize)
    }

    /// The text of a value as it was written.
    fn written(&self, at: ByteRange) -> &str {
        self.source.text.get(at.start as usize..at.end as usize).unwrap_or_default()
    }

    fn duplicate_keys(&self, node: &Node, findings: &mut Vec<Finding>) {
        match &node.body {
            NodeBody::List(items) => items.iter().for_each(|item| self.duplicate_keys(item, findings)),
            NodeBody::Map(entries) => {
                let mut first: HashMap<&str, ByteRange> = HashMap::with_capacity(entries.len());
                for entry in &**entries {
                    if let Some(at) = first.get(&*entry.key) {
                        let message = format!("the key {} comes twice", quoted(&entry.key));
                        findings.push(
                            Finding::error("duplicate-key", message)
                                .at(self.place(entry.key_at), "the second time")
                                .also(self.place(*at), "the first time")
                                .hint("keep one of the two"),
                        );
                    } else {
                        first.insert(&entry.key, entry.key_at);
                    }
                    self.duplicate_keys(&entry.value, findings);
                }
            }
            _ => {}
        }
    }

    fn translate(&self, error: &ValidationError<'_>, findings: &mut Vec<Finding>) {
        let pointer = error.instance_path().as_str();
        let found = self.root.follow(pointer);
        match error.kind() {
            Kind::Required { property } if self.misspelt(pointer, found.value, property) => {}
            Kind::MaxItems { limit } => {
                let first = self.root.follow(&format!("{pointer}/{limit}")).span();
                findings.push(self.about_value(pointer, first, error.kind(), error.instance()));
            }
            Kind::AdditionalProperties { unexpected } => {
                let unexpected: HashSet<&str> = unexpected.iter().map(String::as_str).collect();
                findings.extend(self.unknown_keys(pointer, found.value, &unexpected));
            }
            Kind::UniqueItems => findings.extend(self.duplicate_items(pointer, found.value)),
            kind => findings.push(self.about_value(pointer, found.span(), kind, error.instance())),
        }
    }

    /// Whether the mapping has the key in a wrong spelling, which is reported as unknown with the correction.
    fn misspelt(&self, pointer: &str, map: &Node, property: &Value) -> bool {
        let (NodeBody::Map(entries), Some(key)) = (&map.body, property.as_str()) else { return false };
        let keys = self.shape.keys(self.shape.at(pointer).unwrap_or(&Value::Null));
        let unknown = entries.iter().map(|entry| &*entry.key).filter(|key| !keys.contains(key));
        unknown.take(MAX_FINDINGS).any(|unknown| nearest(unknown, keys.iter().copied()) == Some(key))
    }

    fn unknown_keys(&self, pointer: &str, map: &Node, unexpected: &HashSet<&str>) -> Vec<Finding> {
        let NodeBody::Map(entries) = &map.body else { return Vec::new() };
        let unknown = entries.iter().filter(|entry| unexpected.contains(&*entry.key)).take(MAX_FINDINGS + 1);
        unknown.map(|entry| self.unknown_key(pointer, &entry.key, entry.key_at)).collect()
    }

    fn unknown_key(&self, pointer: &str, key: &str, at: ByteRange) -> Finding {
        let message = format!("{} is not a key of {}", quoted(key), schema_messages::whole(pointer, self.shape.name));
        let finding = Finding::error("unknown-key", message).at(self.place(at), "unknown");
        let here = self.shape.at(pointer).map(|schema| self.shape.keys(schema)).unwrap_or_default();
        if key == "<<" {
            return finding.hint("YAML 1.2 has no merge keys: share settings with `extends`");
        }
        if let Some(meant) = nearest(key, here.iter().copied()) {
            return finding.hint(format!("did you mean `{meant}`?"));
        }
        let elsewhere = self.shape.sections().filter(|(_, section)| self.shape.keys(section).contains(&key));
        match elsewhere.map(|(section, _)| section).collect::<Vec<_>>().as_slice() {
            [] => finding.hint(schema_messages::keys(&here)),
            _ if key == readiness::KEY => {
                let held = schema_messages::choice(&readiness::HELD);
                finding.hint(format!("`{key}` is written in the same section as the setting that it holds: {held}"))
            }
            sections => finding.hint(format!("`{key}` belongs under {}", schema_messages::choice(sections))),
        }
    }

    fn duplicate_items(&self, pointer: &str, list: &Node) -> Vec<Finding> {
        let NodeBody::List(items) = &list.body else { return Vec::new() };
        let mut first: HashMap<String, ByteRange> = HashMap::with_capacity(items.len());
        let mut findings = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let at = self.root.follow(&format!("{pointer}/{index}")).span();
            if let Some(earlier) = first.get(&item.to_json().to_string()) {
                let name = if item.at.start == item.at.end { "an item".into() } else { quoted(self.written(item.at)) };
                let message = format!("{name} comes twice in `{}`", schema_messages::dotted(pointer));
                findings.push(
                    Finding::error("duplicate-item", message)
                        .at(self.place(at), "the second time")
                        .also(self.place(*earlier), "the first time")
                        .hint("remove one of the two"),
                );
            } else {
                first.insert(item.to_json().to_string(), at);
            }
        }
        findings
    }

    fn about_value(&self, pointer: &str, at: ByteRange, kind: &Kind, instance: &Value) -> Finding {
        let schema = self.shape.at(pointer).map_or(&Value::Null, |schema| self.shape.resolve(schema));
        let value =
            schema_messages::InvalidValue { pointer, written: self.written(at), instance, schema, shape: self.shape };
        let said = match kind {
            _ if instance.is_null() => value.null(),
            Kind::Required { property } => value.missing(property),
            Kind::Type { .. } => value.of_wrong_type(),
            Kind::OneOfNotValid { .. } | Kind::Enum { .. } | Kind::Constant { .. } => value.unknown(),
            Kind::Minimum { .. } | Kind::Maximum { .. } => value.out_of_range(),
            Kind::MinLength { .. } | Kind::MaxLength { .. } => value.of_wrong_length(),
            Kind::MinItems { .. } => value.too_few(),
            Kind::MaxItems { limit } => value.too_many(*limit),
            Kind::MinProperties { .. } | Kind::MaxProperties { .. } => value.ambiguous(),
            Kind::Pattern { .. } => value.of_wrong_form(),
            _ => value.otherwise(kind.keyword()),
        };
        let finding = Finding::error(said.code, said.message).at(self.place(at), said.label);
        if said.hint.is_empty() { finding } else { finding.hint(said.hint) }
    }
}
