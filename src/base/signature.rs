//! Integrity of files between runs: a digest, which detects accidents and careless edits; a keyed digest, which detects
//! edits without the key; and signatures, which anybody can verify. The algorithms are those of ring, which TLS needs
//! anyway.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::error::Unspecified;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use ring::{digest, hmac};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::digest::hex;
use crate::base::exact_json::canonical;

/// A SHA-256 digest, written as `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Digest(#[schemars(regex(pattern = "^sha256:[0-9a-f]{64}$"))] String);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(format!("sha256:{}", hex(digest::digest(&digest::SHA256, bytes).as_ref())))
    }

    /// The algorithm and the digest in hexadecimal digits, as `sha256:0a1b`.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The digest of the canonical form of a JSON text: the order of keys and white space do not count.
    #[must_use]
    pub(crate) fn of_json(text: &str) -> Self {
        Self::of(canonical(text).as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A secret that two runs share. It cannot be shown, written or compared.
#[derive(Clone)]
pub struct SharedKey(hmac::Key);

/// The text is too short to be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it has fewer than {SHORTEST_KEY} characters")]
pub struct KeyTooShort;

/// The fewest characters of a key: 128 bits, written in hexadecimal digits.
const SHORTEST_KEY: usize = 32;

impl FromStr for SharedKey {
    type Err = KeyTooShort;

    /// Accepts any text that is long enough; white space around it does not count.
    fn from_str(text: &str) -> Result<Self, KeyTooShort> {
        let text = text.trim();
        if text.chars().count() < SHORTEST_KEY {
            return Err(KeyTooShort);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes())))
    }
}

impl SharedKey {
    /// The keyed digest (HMAC-SHA256) of some bytes, written as `hmac-sha256:` and 64 hexadecimal digits.
    #[must_use]
    pub(crate) fn sign(&self, bytes: &[u8]) -> String {
        format!("{PREFIX}{}", hex(hmac::sign(&self.0, bytes).as_ref()))
    }

    /// Whether a keyed digest is the one that [`SharedKey::sign`] makes of these bytes; compared in constant time.
    #[must_use]
    pub(crate) fn verifies(&self, bytes: &[u8], signature: &str) -> bool {
        let digits = signature.strip_prefix(PREFIX).and_then(unhex);
        digits.is_some_and(|tag| hmac::verify(&self.0, bytes, &tag).is_ok())
    }
}

const PREFIX: &str = "hmac-sha256:";

/// An Ed25519 private key. It cannot be shown, written or compared.
pub struct SigningKey(Ed25519KeyPair);

/// An Ed25519 public key, which is no secret.
pub struct VerifyingKey([u8; 32]);

/// The text is not a key of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no {0} Ed25519 key in PEM, nor the base64 in one")]
pub struct InvalidKey(&'static str);

/// A new pair of keys in PEM: the one that signs (PKCS #8), and the one that checks (`SubjectPublicKeyInfo`).
///
/// # Errors
/// When the system has no randomness to give.
pub fn new_keys() -> Result<(String, String), Unspecified> {
    let mut seed = [0; 32];
    SystemRandom::new().fill(&mut seed)?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed)?;
    let private = [PRIVATE_DER.as_slice(), &seed].concat();
    let public = [PUBLIC_DER.as_slice(), pair.public_key().as_ref()].concat();
    Ok((pem("PRIVATE KEY", &private), pem("PUBLIC KEY", &public)))
}

/// What comes before the 32 bytes of a private key in DER: PKCS #8 in version 1, with the kind of RFC 8410.
const PRIVATE_DER: [u8; 16] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
/// What comes before the 32 bytes of a public key in DER: `SubjectPublicKeyInfo`, with the kind of RFC 8410.
const PUBLIC_DER: [u8; 12] = *b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";

impl FromStr for SigningKey {
    type Err = InvalidKey;

    /// Takes PEM as `openssl genpkey -algorithm ed25519` and [`new_keys`] write it, or the base64 in it on one line.
    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let pair = der(text).and_then(|der| Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).ok());
        pair.map(Self).ok_or(InvalidKey("private"))
    }
}

impl SigningKey {
    /// The signature of some bytes, written as `ed25519:` and 128 hexadecimal digits.
    #[must_use]
    pub(crate) fn sign(&self, bytes: &[u8]) -> String {
        format!("{ED25519_PREFIX}{}", hex(self.0.sign(bytes).as_ref()))
    }
}

impl FromStr for VerifyingKey {
    type Err = InvalidKey;

    /// Takes PEM as `openssl pkey -pubout` and [`new_keys`] write it, or the base64 in it on one line.
    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let der = der(text).unwrap_or_default();
        let key = der.strip_prefix(&PUBLIC_DER).and_then(|key| key.try_into().ok());
        key.map(Self).ok_or(InvalidKey("public"))
    }
}

impl VerifyingKey {
    /// Whether the private key of this public key made the signature of these bytes.
    #[must_use]
    pub(crate) fn verifies(&self, bytes: &[u8], signature: &str) -> bool {
        let digits = signature.strip_prefix(ED25519_PREFIX).and_then(unhex);
        let key = UnparsedPublicKey::new(&ED25519, self.0);
        digits.is_some_and(|signature| key.verify(bytes, &signature).is_ok())
    }
}

const ED25519_PREFIX: &str = "ed25519:";

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

fn der(text: &str) -> Option<Vec<u8>> {
    let inside: String = text.lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(inside).ok()
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::base::signature::*;

    #[test]
    fn digests_are_those_of_the_standards() -> Result<(), Box<dyn std::error::Error>> {
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            Digest::of(b"abc").to_string(),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let key: SharedKey = "k".repeat(32).parse()?;
        let signature = key.sign(b"review");
        assert!(key.verifies(b"review", &signature));
        assert!(!key.verifies(b"reviews", &signature));
        assert!(!key.verifies(b"review", &signature.replace("hmac-sha256:", "")));
        assert!(!key.verifies(b"review", "hmac-sha256:0"));
        assert!(matches!("short".parse::<SharedKey>(), Err(KeyTooShort)));
        Ok(())
    }

    #[test]
    fn one_half_signs_and_the_other_checks() -> Result<(), Box<dyn std::error::Error>> {
        let (private, public) = new_keys()?;
        let (signs, checks): (SigningKey, VerifyingKey) = (private.parse()?, public.parse()?);
        let signature = signs.sign(b"snapshot");
        assert!(checks.verifies(b"snapshot", &signature));
        assert!(!checks.verifies(b"snapshots", &signature));
        let (_, other) = new_keys()?;
        assert!(!other.parse::<VerifyingKey>()?.verifies(b"snapshot", &signature));
        // As openssl writes them, and on one line.
        const OPENSSL: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEILkX27UMjj5itpjcd1CzaXOydaCQc/GcqepQFJKpeEQb\n-----END PRIVATE KEY-----\n";
        const ITS_OTHER: &str = "MCowBQYDK2VwAyEA8IBVaUJxiFavh+lxRZDJNf83axp3lWFuNkA+VG4K/gU=";
        let signature = OPENSSL.parse::<SigningKey>()?.sign(b"snapshot");
        assert!(ITS_OTHER.parse::<VerifyingKey>()?.verifies(b"snapshot", &signature));
        assert!(public.parse::<SigningKey>().is_err() && private.parse::<VerifyingKey>().is_err());
        assert!("".parse::<VerifyingKey>().is_err() && "AAAA".parse::<SigningKey>().is_err());
        Ok(())
    }

    #[test]
    fn json_is_known_by_what_it_means() {
        let of = Digest::of_json;
        assert_eq!(of(r#"{"b":[1, {"y":1,"x":2}],"a":null}"#), of(r#"{"a":null,"b":[1,{"x":2,"y":1}]}"#));
        assert_ne!(of(r#"{"a":[1,2]}"#), of(r#"{"a":[2,1]}"#));
        assert_ne!(of(r#"{"a":{"b":9007199254740992}}"#), of(r#"{"a":{"b":9007199254740993}}"#));
        assert_ne!(of(r#"{"a":{"b":1,"b":2}}"#), of(r#"{"a":{"b":3,"b":2}}"#));
    }
}
