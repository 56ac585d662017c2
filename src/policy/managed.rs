//! Absent means unmanaged. A type of its own, because `Option` would also swallow `null`, which is an error here.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A setting that a policy manages or does not manage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Managed<T> {
    /// The key is absent: the setting is not changed.
    #[default]
    Unmanaged,
    /// The policy says this.
    Set(T),
}

impl<T> Managed<T> {
    /// Whether the key is absent.
    #[must_use]
    pub(crate) fn is_unmanaged(&self) -> bool {
        matches!(self, Self::Unmanaged)
    }

    /// The value of a managed setting.
    #[must_use]
    pub(crate) fn get(&self) -> Option<&T> {
        match self {
            Self::Unmanaged => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<T> From<Option<T>> for Managed<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unmanaged, Self::Set)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Managed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::Set)
    }
}

impl<T: Serialize> Serialize for Managed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unmanaged => serializer.serialize_none(),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Managed<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
