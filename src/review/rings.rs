//! Rings: the order in which an apply goes through many tenants.

use glob::Pattern;

use crate::base::finding::{Finding, Severity};
use crate::base::ids::TenantName;
use crate::base::shard;
use crate::policy::codes::FindingCode;
use crate::policy::repository::config::Ring;
use crate::policy::repository::load::LocatedRing;

/// The name of the last ring, which has the tenants of no other ring.
pub(crate) const REST: &str = "rest";
const WRONG: &str = "ring-invalid";

/// The findings about rings.
pub(crate) const CODES: &[FindingCode] = &[FindingCode {
    code: WRONG,
    severity: Severity::Error,
    means: "A ring in `ssprctl.yaml` cannot be used: its name is taken, it has no tenant or all of them, a pattern is not valid, or \
            the percentages add up to more than 100.",
    fix: "Give every ring a name of its own, and `tenants` or `percent` or both. Tenants of no ring come last.",
    example: Some("rings:\n  - name: canary\n  - name: canary\n    percent: 10"),
}];

/// The rings of a repository. Without any, all tenants are in one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rings {
    rings: Vec<RingMembership>,
}

/// The tenants of a ring: those whose names match, and those whose hash is below a bound and not in an earlier ring.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RingMembership {
    name: String,
    patterns: Vec<Pattern>,
    below: u64,
}

impl Rings {
    /// The rings of a repository, and the findings about them.
    #[must_use]
    pub(crate) fn from_repository(rings: &[LocatedRing]) -> (Self, Vec<Finding>) {
        let (mut memberships, mut findings, mut below) = (Vec::<RingMembership>::new(), Vec::new(), 0);
        for LocatedRing { ring, place } in rings {
            let Ring { name, tenants, percent } = ring;
            let mut wrong = |message: String| findings.push(wrong_ring(message).at(place.clone(), "this ring"));
            if name == REST || memberships.iter().any(|known| known.name == *name) {
                wrong(format!("the name `{name}` is taken"));
            }
            if tenants.is_unmanaged() && percent.is_unmanaged() {
                wrong(format!("the ring `{name}` has no tenant"));
            }
            let mut patterns = Vec::new();
            for text in tenants.get().into_iter().flatten() {
                match Pattern::new(&text.to_lowercase()) {
                    Ok(pattern) => patterns.push(pattern),
                    Err(error) => wrong(format!("`{text}` is not a pattern: {error}")),
                }
            }
            below += u64::from(percent.get().copied().unwrap_or(0));
            if below > 100 {
                wrong("the percentages add up to more than 100".to_owned());
            }
            // A ring without a percentage has no tenant by its hash.
            memberships.push(RingMembership {
                name: name.clone(),
                patterns,
                below: if percent.is_unmanaged() { 0 } else { below },
            });
        }
        (Self { rings: memberships }, findings)
    }

    /// The names in order, [`REST`] last; empty without rings.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let names = self.rings.iter().map(|ring| ring.name.as_str());
        if self.rings.is_empty() { Vec::new() } else { names.chain([REST]).collect() }
    }

    /// The ring of a tenant, as an index into [`Rings::names`].
    #[must_use]
    pub fn of(&self, tenant: &TenantName) -> usize {
        let name = tenant.to_string();
        // Shards use the lower half of the hash, and the upper half is independent of it.
        let percentile = (shard::stable_hash(&name) >> 32) % 100;
        let has = |ring: &RingMembership| {
            percentile < ring.below || ring.patterns.iter().any(|pattern| pattern.matches(&name))
        };
        self.rings.iter().position(has).unwrap_or(self.rings.len())
    }
}

fn wrong_ring(message: String) -> Finding {
    Finding::error(WRONG, message)
        .hint("give every ring a name of its own, and `tenants` or `percent`; tenants of no ring come last as `rest`")
}
