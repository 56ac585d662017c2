//! Identifiers: tenants, directory objects, requests. GUIDs compare without case, because they are parsed.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The id of a tenant, as in the `tid` claim of its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantId(pub Uuid);

/// The id of a directory object; here always a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ObjectId(pub Uuid);

impl ObjectId {
    /// The portal writes the zero GUID where it means "no group".
    #[must_use]
    pub(crate) fn is_zero(self) -> bool {
        self.0.is_nil()
    }
}

/// The id that one HTTP request carries to the service; the service's support asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub Uuid);

impl RequestId {
    /// A fresh random id; no two requests share one.
    #[must_use]
    pub(crate) fn fresh() -> Self {
        Self(Uuid::new_v4())
    }
}

/// How the id of a run writes the time at which it began.
const TIME: &str = "%Y%m%dT%H%M%S%3fZ";

/// The id of one run that writes: its start time in milliseconds, and a random part. Ids sort by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

impl RunId {
    /// A new id for a run that starts at this time.
    #[must_use]
    pub(crate) fn fresh(at: Timestamp) -> Self {
        let random = Uuid::new_v4().simple().to_string();
        Self(format!("{}-{}", at.strftime(TIME), random.get(..8).unwrap_or_default()))
    }

    /// Parses an id of [`RunId::fresh`]; `None` for any other text, which might contain a path.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (time, random) = text.split_once('-')?;
        let is = |part: &str, length, good: fn(char) -> bool| part.len() == length && part.chars().all(good);
        let known = is(time, 19, |c| c.is_ascii_digit() || c == 'T' || c == 'Z')
            && is(random, 8, |c| c.is_ascii_digit() || ('a'..='f').contains(&c));
        known.then(|| Self(text.to_owned()))
    }

    /// Whether the run began before a time, by the time in its id.
    #[must_use]
    pub(crate) fn began_before(&self, at: Timestamp) -> bool {
        let began = self.0.split('-').next().unwrap_or_default();
        began < at.strftime(TIME).to_string().as_str()
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a person names a tenant: a verified domain or the tenant id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TenantName {
    /// A verified domain, in lower case.
    Domain(String),
    /// The tenant's own id.
    Id(TenantId),
}

impl TenantName {
    /// Reads a name: whatever parses as a GUID is an id, all else a domain.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Uuid::parse_str(text).map_or_else(|_| Self::Domain(text.to_ascii_lowercase()), |id| Self::Id(TenantId(id)))
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(domain) => f.write_str(domain),
            Self::Id(id) => id.fmt(f),
        }
    }
}

macro_rules! guid_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}
guid_text!(TenantId, ObjectId, RequestId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_compare_without_case_and_dashes() -> Result<(), uuid::Error> {
        let dashed: ObjectId = "B6CDB9C3-D660-4558-BCFD-82C14A986B56".parse()?;
        assert_eq!(dashed, "b6cdb9c3d6604558bcfd82c14a986b56".parse()?);
        assert!("00000000-0000-0000-0000-000000000000".parse::<ObjectId>()?.is_zero());
        Ok(())
    }

    #[test]
    fn run_ids_sort_by_time_and_are_no_paths() {
        let at = |millisecond| Timestamp::from_millisecond(millisecond).map(RunId::fresh);
        assert!(at(1_000).is_ok_and(|early| at(2_000).is_ok_and(|late| early < late)));
        assert!(at(1_000).is_ok_and(|run| RunId::parse(&run.to_string()) == Some(run)));
        for wrong in
            ["", "../20261124T063000123Z-1a2b3c4d", "20261124T063000123Z-1a2b3c4", "20261124T063000123Z/1a2b3c4d"]
        {
            assert_eq!(RunId::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn tenant_names_are_ids_or_domains() {
        assert!(
            matches!(TenantName::parse("Contoso.onmicrosoft.com"), TenantName::Domain(d) if d == "contoso.onmicrosoft.com")
        );
        assert!(matches!(TenantName::parse("11111111-2222-4333-8444-555555555555"), TenantName::Id(_)));
    }
}
