//! A shard of many tenants, and the hash that decides to which shard a tenant belongs.

use std::fmt;
use std::str::FromStr;

use crate::base::digest::fnv1a;
use crate::base::ids::TenantName;

/// One of several shards of about equal size. Every tenant is in exactly one shard, which depends only on its name and
/// on the number of shards: a tenant that is added or removed moves no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// The part `index`, from 0, of `count`.
    ///
    /// # Errors
    /// When there is no such part.
    pub(crate) fn new(index: u32, count: u32) -> Result<Self, String> {
        if index < count {
            return Ok(Self { index, count });
        }
        Err(match count {
            0 => "there is no such part: the count is 0".to_owned(),
            1 => "the only part of 1 is 0/1".to_owned(),
            _ => format!("the parts of {count} are 0/{count} to {}/{count}", count - 1),
        })
    }

    /// Whether a tenant is in this part.
    #[must_use]
    pub(crate) fn contains(self, tenant: &TenantName) -> bool {
        stable_hash(&tenant.to_string()) % u64::from(self.count) == u64::from(self.index)
    }
}

/// A stable hash: FNV-1a over the bytes, 64 bits, and the finalizer of SplitMix64, so that similar names are spread
/// evenly. It is published and the same in every release and on every machine.
#[must_use]
pub fn stable_hash(text: &str) -> u64 {
    let folded = fnv1a(text.bytes());
    let mixed = (folded ^ (folded >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').map(|(index, count)| (index.parse(), count.parse()));
        match parts {
            Some((Ok(index), Ok(count))) => Self::new(index, count),
            _ => Err("write INDEX/COUNT, for example 0/4".to_owned()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet(tenants: u32) -> Vec<TenantName> {
        (0..tenants).map(|n| TenantName::parse(&format!("tenant-{n:04}.onmicrosoft.com"))).collect()
    }

    fn part(tenant: &TenantName, count: u32) -> Vec<u32> {
        (0..count).filter(|index| Shard::new(*index, count).is_ok_and(|shard| shard.contains(tenant))).collect()
    }

    #[test]
    fn every_tenant_is_in_exactly_one_part_and_parts_are_even() {
        for count in [1, 2, 3, 7, 16] {
            let mut sizes = vec![0_u32; count as usize];
            for tenant in fleet(2_000) {
                let parts = part(&tenant, count);
                assert_eq!(parts.len(), 1, "{tenant} of {count}");
                sizes[parts[0] as usize] += 1;
            }
            let even = 2_000 / count;
            assert!(sizes.iter().all(|size| size.abs_diff(even) < even / 3 + 1), "{count}: {sizes:?}");
        }
    }

    /// Published hashes cannot change: jobs of different releases may divide one fleet.
    #[test]
    fn the_hash_is_the_published_one() {
        let known = [
            ("", 0xf52a_15e9_a9b5_e89b_u64),
            ("contoso.onmicrosoft.com", 0xef66_0905_52da_d643),
            ("fabrikam.onmicrosoft.com", 0xe392_b27b_78e0_41b2),
        ];
        for (text, expected) in known {
            assert_eq!(stable_hash(text), expected, "{text}: {:#x}", stable_hash(text));
        }
        let names = ["Contoso.onmicrosoft.com", "contoso.ONMICROSOFT.com"].map(TenantName::parse);
        assert_eq!(part(&names[0], 100), part(&names[1], 100), "a domain is the same in any casing");
    }

    #[test]
    fn a_part_is_written_index_first_and_counted_from_nought() {
        assert_eq!("3/4".parse::<Shard>().map(|shard| shard.to_string()), Ok("3/4".to_owned()));
        assert_eq!("4/4".parse::<Shard>(), Err("the parts of 4 are 0/4 to 3/4".to_owned()));
        assert_eq!("1/1".parse::<Shard>(), Err("the only part of 1 is 0/1".to_owned()));
        assert_eq!("0/0".parse::<Shard>(), Err("there is no such part: the count is 0".to_owned()));
        for wrong in ["", "1", "1/", "/4", "-1/4", "a/b", "1/4/9"] {
            assert_eq!(wrong.parse::<Shard>(), Err("write INDEX/COUNT, for example 0/4".to_owned()), "{wrong}");
        }
    }
}
