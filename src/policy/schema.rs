//! The JSON Schemas of files (draft 2020-12). A test makes those in `schemas/` from the types; the program has their text,
//! and checks every file with what editors get, so the two cannot disagree.

use std::sync::LazyLock;

use jsonschema::{PatternOptions, Validator};
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use crate::policy::document::PolicyFile;
use crate::policy::repository::config;

/// The published schema of a policy file.
pub(crate) const POLICY: &str = include_str!("../../schemas/policy.json");
/// The published schema of `ssprctl.yaml`.
pub(crate) const REPOSITORY: &str = include_str!("../../schemas/repository.json");

/// The schema of a policy file, made from its type.
#[must_use]
pub(crate) fn policy_schema() -> Value {
    of::<PolicyFile>()
}

/// The schema of `ssprctl.yaml`, made from its type. It accepts any code, because this floor does not know the rules.
#[must_use]
pub(crate) fn repository_schema() -> Value {
    of::<config::RepositoryConfig>()
}

/// The schema of any type that derives `JsonSchema`, without the formats that only Rust knows (`uint32`), which strict
/// validators refuse, and without the line breaks of doc comments.
#[must_use]
pub(crate) fn of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().with_transform(EditorHints).into_generator();
    generator.into_root_schema_for::<T>().to_value()
}

/// The keys that come first in every schema, for readers.
const ORDER: [&str; 12] = [
    "$schema",
    "$ref",
    "title",
    "description",
    "type",
    "const",
    "enum",
    "default",
    "examples",
    "required",
    "properties",
    "items",
];

#[derive(Clone, Debug)]
struct EditorHints;

impl Transform for EditorHints {
    fn transform(&mut self, schema: &mut Schema) {
        let rust = |format: &str| format.starts_with("uint") || format.starts_with("int");
        if schema.get("format").and_then(Value::as_str).is_some_and(rust) {
            schema.remove("format");
        }
        if let Some(Value::String(text)) = schema.get_mut("description") {
            *text = text.replace('\n', " ");
        }
        if let Some(keys) = schema.as_object_mut() {
            let mut known: Vec<_> = std::mem::take(keys).into_iter().collect();
            known.sort_by_key(|(key, _)| ORDER.iter().position(|first| first == key).unwrap_or(ORDER.len()));
            keys.extend(known);
        }
        transform_subschemas(self, schema);
    }
}

/// The schema of a file, and the validator made from it.
pub struct FileSchema {
    /// The name of the kind of file in messages.
    pub(crate) name: &'static str,
    /// The effect of leaving a key out, in hints after "leave the key out".
    pub(crate) absent: &'static str,
    schema: Value,
    /// Lists every schema error of a value.
    pub(crate) validator: Validator,
}

/// Whether the schema accepts a value.
#[must_use]
pub fn fits(policy: &Value) -> bool {
    SHAPE.validator.is_valid(policy)
}

/// The schema of a policy, built once per run.
pub(crate) static SHAPE: LazyLock<FileSchema> =
    LazyLock::new(|| FileSchema::new("the policy", " to leave it unmanaged", POLICY));

/// Builds the schema of a policy on a thread of its own, because that takes some milliseconds: it is there when the first
/// policy of the run is read.
pub(crate) fn build_ahead() {
    std::thread::spawn(|| LazyLock::force(&SHAPE));
}

/// The schema of `ssprctl.yaml`, built once per run. It accepts any code of a rule: an unknown one gets a message of its own
/// later, which names the codes that are alike.
pub(crate) static REPOSITORY_SHAPE: LazyLock<FileSchema> = LazyLock::new(|| {
    let mut schema = parse(REPOSITORY);
    if let Some(rules) = schema.pointer_mut("/properties/rules").and_then(Value::as_object_mut) {
        rules.remove("properties");
        rules.insert("additionalProperties".to_owned(), json!({ "$ref": "#/$defs/RuleLevel" }));
    }
    FileSchema::of(schema, "the repository file", "")
});

/// The value of a published schema.
#[expect(clippy::expect_used, reason = "the files are a part of this crate, and a test makes them")]
pub(crate) fn parse(published: &str) -> Value {
    serde_json::from_str(published).expect("a published schema is JSON")
}

impl FileSchema {
    /// The schema with this text. `name` is the kind of file in messages, `absent` the effect of leaving a key out.
    #[must_use]
    pub fn new(name: &'static str, absent: &'static str, published: &str) -> Self {
        Self::of(parse(published), name, absent)
    }

    #[expect(clippy::expect_used, reason = "the schemas are a part of this crate, and a test makes them")]
    fn of(schema: Value, name: &'static str, absent: &'static str) -> Self {
        let validator = jsonschema::draft202012::options()
            .with_pattern_options(PatternOptions::regex())
            .build(&schema)
            .expect("the schema is a valid JSON Schema");
        Self { name, absent, schema, validator }
    }

    /// The part of the schema that describes the value at a JSON pointer.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Value> {
        pointer.split('/').skip(1).try_fold(&self.schema, |schema, step| {
            let schema = self.resolve(schema);
            let known = schema.get("properties").and_then(|keys| keys.get(step)).or_else(|| schema.get("items"));
            known.or_else(|| schema.get("additionalProperties").filter(|any| any.is_object()))
        })
    }

    pub(crate) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
        target.and_then(|pointer| self.schema.pointer(pointer)).unwrap_or(schema)
    }

    /// The names of the sections, such as `methods`, with the schema of each.
    pub(crate) fn sections(&self) -> impl Iterator<Item = (&str, &Value)> {
        let keys = self.schema.get("properties").and_then(Value::as_object);
        keys.into_iter().flatten().map(|(name, schema)| (name.as_str(), self.resolve(schema)))
    }

    /// The keys of a mapping, in the order of the documentation.
    pub(crate) fn keys<'a>(&'a self, schema: &'a Value) -> Vec<&'a str> {
        let keys = self.resolve(schema).get("properties").and_then(Value::as_object);
        keys.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
    }

    /// The words a value may be, when it is one of a fixed list.
    pub(crate) fn words<'a>(&'a self, schema: &'a Value) -> Vec<&'a str> {
        let schema = self.resolve(schema);
        let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
        let described = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
        let word = |value: &'a Value| match value {
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            value => value.as_str(),
        };
        listed.chain(described.filter_map(|one| one.get("const"))).filter_map(word).collect()
    }
}
