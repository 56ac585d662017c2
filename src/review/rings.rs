//! Rings: in what order an apply goes through many tenants.

use glob::Pattern;

use crate::base::finding::{Finding, Severity};
use crate::base::ids::TenantName;
use crate::base::shard;
use crate::policy::codes::FindingCode;
use crate::policy::repository::config::Ring;
use crate::policy::repository::load::LocatedRing;

/// What the ring of the tenants that no other takes is called.
pub const REST: &str = "rest";
const WRONG: &str = "ring-invalid";

/// What can be wrong with rings.
pub const CODES: &[FindingCode] = &[FindingCode {
    code: WRONG,
    severity: Severity::Error,
    means: "A ring in `ssprctl.yaml` cannot be used: its name is taken, it takes no tenant or all of them, a pattern is none, or \
            the percentages come to more than 100.",
    fix: "Give every ring a name of its own, and `tenants` or `percent` or both. Tenants of no ring come last by themselves.",
    example: Some("rings:\n  - name: canary\n  - name: canary\n    percent: 10"),
}];

/// The rings of a repository; without any, all tenants are in one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rings {
    rings: Vec<RingMembership>,
}

/// What a ring takes: tenants by name, and those whose hash falls below a bound that no earlier ring has.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RingMembership {
    name: String,
    patterns: Vec<Pattern>,
    below: u64,
}

impl Rings {
    /// The rings as the file has them, and what is wrong with them.
    #[must_use]
    pub fn from_repository(rings: &[LocatedRing]) -> (Self, Vec<Finding>) {
        let (mut taking, mut findings, mut below) = (Vec::<RingMembership>::new(), Vec::new(), 0);
        for LocatedRing { ring, place } in rings {
            let Ring { name, tenants, percent } = ring;
            let mut wrong = |message: String| findings.push(wrong_ring(message).at(place.clone(), "this ring"));
            if name == REST || taking.iter().any(|known| known.name == *name) {
                wrong(format!("the name `{name}` is taken"));
            }
            if tenants.is_unmanaged() && percent.is_unmanaged() {
                wrong(format!("the ring `{name}` takes no tenant"));
            }
            let mut patterns = Vec::new();
            for text in tenants.get().into_iter().flatten() {
                match Pattern::new(&text.to_lowercase()) {
                    Ok(pattern) => patterns.push(pattern),
                    Err(error) => wrong(format!("`{text}` is no pattern: {error}")),
                }
            }
            below += u64::from(percent.get().copied().unwrap_or(0));
            if below > 100 {
                wrong("the percentages come to more than 100".to_owned());
            }
            // A ring without a percentage takes nobody by the hash.
            taking.push(RingMembership {
                name: name.clone(),
                patterns,
                below: if percent.is_unmanaged() { 0 } else { below },
            });
        }
        (Self { rings: taking }, findings)
    }

    /// The names, in order; the last is that of the tenants that no ring takes. Empty without rings.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let names = self.rings.iter().map(|ring| ring.name.as_str());
        if self.rings.is_empty() { Vec::new() } else { names.chain([REST]).collect() }
    }

    /// The ring of a tenant, as an index into [`Rings::names`].
    #[must_use]
    pub fn of(&self, tenant: &TenantName) -> usize {
        let name = tenant.to_string();
        // The lower half of the hash decides about shards: the upper half is independent of it.
        let percentile = (shard::stable_hash(&name) >> 32) % 100;
        let takes = |ring: &RingMembership| {
            percentile < ring.below || ring.patterns.iter().any(|pattern| pattern.matches(&name))
        };
        self.rings.iter().position(takes).unwrap_or(self.rings.len())
    }
}

fn wrong_ring(message: String) -> Finding {
    Finding::error(WRONG, message)
        .hint("give every ring a name of its own, and `tenants` or `percent`; tenants of no ring come last as `rest`")
}
