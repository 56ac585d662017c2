//! Digests, which show that something changed without containing it.

use ring::digest::{self, Context, SHA256};
use serde_json::{Map, Value};

/// SHA-256 over several texts, in lower-case hex. The boundaries between the texts are part of the hash.
#[must_use]
pub(crate) fn hash_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut context = Context::new(&SHA256);
    for text in texts {
        context.update(&(text.len() as u64).to_le_bytes());
        context.update(text.as_bytes());
    }
    hex(context.finish().as_ref())
}

/// SHA-256 of some bytes, in lower-case hex, as `sha256sum` prints it.
#[must_use]
pub(crate) fn hash_bytes(bytes: &[u8]) -> String {
    hex(digest::digest(&SHA256, bytes).as_ref())
}

/// SHA-256 of the canonical form of a JSON value, in lower-case hex: keys are sorted and there is no white space.
#[must_use]
pub fn hash_json(value: &Value) -> String {
    hash_bytes(sorted(value).to_string().as_bytes())
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            entries.sort_by(|(left, _), (right, _)| left.cmp(right));
            Value::Object(Map::from_iter(entries))
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// FNV-1a with 64 bits: small and published, so that it is the same in every release and on every machine. It is
/// not a cryptographic hash.
#[must_use]
pub(crate) fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    bytes.into_iter().fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

/// Bytes in lower-case hex.
#[must_use]
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::{fnv1a, hash_texts};

    #[test]
    fn borders_count() {
        assert_ne!(hash_texts(["ab", "c"]), hash_texts(["a", "bc"]));
        assert_eq!(hash_texts([]), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    /// By the test vectors of its authors.
    #[test]
    fn the_small_one_is_the_published_one() {
        assert_eq!(fnv1a([]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(*b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(*b"foobar"), 0x8594_4171_f739_67e8);
    }
}
