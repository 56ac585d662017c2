//! Encrypts texts with AES-256-GCM: only the key decrypts them, and a changed byte is noticed.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

/// The number of bytes of a key.
pub(crate) const KEY_BYTES: usize = 32;
/// The beginning of an encrypted file. The number is the version of the format.
const HEAD: &[u8] = b"ssprctl sealed 1\n";
const MARK_BYTES: usize = 8;

/// A key. It implements no formatting, so that it gets into no log.
pub(crate) struct EncryptionKey([u8; KEY_BYTES]);

/// Why a text cannot be decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecryptError {
    /// It does not begin with [`HEAD`].
    NotSealed,
    /// It was encrypted with another key.
    Foreign,
    /// It was changed or truncated afterwards.
    Tampered,
}

impl EncryptionKey {
    /// A key of these bytes; `None` when they are not 32.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// A new random key; `None` if the system's random number generator fails.
    pub(crate) fn fresh() -> Option<Self> {
        random().map(Self)
    }

    /// The bytes, for the keyring.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Encrypts a text; `None` if the system's random number generator fails.
    pub(crate) fn encrypt(&self, text: &str) -> Option<Vec<u8>> {
        self.encrypt_bytes(text.as_bytes().to_vec())
    }

    /// The same for bytes.
    pub(crate) fn encrypt_bytes(&self, mut body: Vec<u8>) -> Option<Vec<u8>> {
        let mut out = [HEAD, &self.mark()].concat();
        // A random nonce is unique for far more files than one key ever encrypts.
        let nonce: [u8; NONCE_LEN] = random()?;
        let assumed_unique = Nonce::assume_unique_for_key(nonce);
        self.cipher()?.seal_in_place_append_tag(assumed_unique, Aad::from(&out), &mut body).ok()?;
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&body);
        Some(out)
    }

    /// Decrypts what [`EncryptionKey::encrypt`] returned.
    pub(crate) fn decrypt(&self, sealed: &[u8]) -> Result<String, DecryptError> {
        String::from_utf8(self.decrypt_bytes(sealed)?).map_err(|_| DecryptError::Tampered)
    }

    /// The same for bytes.
    pub(crate) fn decrypt_bytes(&self, sealed: &[u8]) -> Result<Vec<u8>, DecryptError> {
        let rest = sealed.strip_prefix(HEAD).ok_or(DecryptError::NotSealed)?;
        let (mark, rest) = rest.split_at_checked(MARK_BYTES).ok_or(DecryptError::Tampered)?;
        if mark != self.mark() {
            return Err(DecryptError::Foreign);
        }
        let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or(DecryptError::Tampered)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| DecryptError::Tampered)?;
        let opener = self.cipher().ok_or(DecryptError::Tampered)?;
        let mut body = body.to_vec();
        let head = [HEAD, mark].concat();
        let length =
            opener.open_in_place(nonce, Aad::from(&head), &mut body).map_err(|_| DecryptError::Tampered)?.len();
        body.truncate(length);
        Ok(body)
    }

    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.0).ok().map(LessSafeKey::new)
    }

    /// A digest by which another key is recognised; it reveals nothing about the key.
    fn mark(&self) -> Vec<u8> {
        let whole = digest(&SHA256, &[b"ssprctl key mark".as_slice(), &self.0].concat());
        whole.as_ref().iter().copied().take(MARK_BYTES).collect()
    }
}

/// Whether some bytes begin as those that [`EncryptionKey::encrypt`] returns, under whatever key.
pub(crate) fn is_encrypted(bytes: &[u8]) -> bool {
    bytes.starts_with(HEAD)
}

/// Random bytes; `None` if the system's random number generator fails.
fn random<const LENGTH: usize>() -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes)
}

/// The first 16 bytes of a secret's SHA-256, in hexadecimal, by which the secret is recognised. Use it only for secrets
/// that cannot be guessed.
pub(crate) fn fingerprint(secret: &str) -> String {
    digest(&SHA256, secret.as_bytes()).as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use crate::client::auth::encryption::*;

    #[test]
    fn every_changed_byte_is_noticed_and_no_seal_is_like_another() -> Result<(), &'static str> {
        let key = EncryptionKey::of(&[7; KEY_BYTES]).ok_or("no key")?;
        let sealed = key.encrypt("a secret").ok_or("not sealed")?;
        assert_eq!(key.decrypt(&sealed).as_deref(), Ok("a secret"));
        assert_ne!(key.encrypt("a secret"), Some(sealed.clone()));
        assert!(!sealed.windows(8).any(|window| window == b"a secret"));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.decrypt(&changed).is_err(), "byte {at}");
            assert!(key.decrypt(&sealed[..at]).is_err(), "cut at {at}");
        }
        let other = EncryptionKey::of(&[8; KEY_BYTES]).ok_or("no key")?;
        assert_eq!(other.decrypt(&sealed), Err(DecryptError::Foreign));
        assert_eq!(key.decrypt(b"{}"), Err(DecryptError::NotSealed));
        assert!(EncryptionKey::of(b"short").is_none());
        Ok(())
    }
}
