//! The key of the token cache: from the environment, or else from the keyring of the system.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keyring_core::{CredentialStore, Entry, Error};

use crate::client::auth::encryption::EncryptionKey;

/// The variable that holds the key.
pub(crate) const VARIABLE: &str = "SSPRCTL_CACHE_KEY";
/// How a person gets a key.
const HINT: &str = "set SSPRCTL_CACHE_KEY to 32 random bytes in base64, as `openssl rand -base64 32` makes them";

/// Where the key comes from.
pub(crate) struct CacheKey {
    given: Option<String>,
}

/// Why there is no key.
pub(crate) struct KeyUnavailable {
    /// Why, to follow "the token cache cannot be used: ".
    pub(crate) why: String,
    pub(crate) hint: &'static str,
}

impl CacheKey {
    /// The key that the environment holds, if any.
    pub(crate) fn from_env(get: &impl Fn(&str) -> Option<String>) -> Self {
        Self { given: get(VARIABLE).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) }
    }

    /// Whether the environment holds a key, or what should be one.
    pub(crate) fn is_given(&self) -> bool {
        self.given.is_some()
    }

    /// The key. Without one in the environment, the keyring is asked; `make` puts a fresh one there where it has none.
    pub(crate) fn key(&self, make: bool) -> Result<EncryptionKey, KeyUnavailable> {
        if let Some(text) = &self.given {
            let key = STANDARD.decode(text).ok().and_then(|bytes| EncryptionKey::of(&bytes));
            return key
                .ok_or_else(|| KeyUnavailable { why: format!("{VARIABLE} is not 32 bytes in base64"), hint: HINT });
        }
        let unusable =
            |error: Error| KeyUnavailable { why: format!("the system's keyring has no key: {error}"), hint: HINT };
        let entry = entry().map_err(unusable)?;
        match entry.get_secret() {
            Ok(bytes) => EncryptionKey::of(&bytes).ok_or_else(|| KeyUnavailable {
                why: "the key in the system's keyring is not ours".to_owned(),
                hint: HINT,
            }),
            Err(Error::NoEntry) if make => {
                let none =
                    || KeyUnavailable { why: "the system's random number generator fails".to_owned(), hint: HINT };
                let key = EncryptionKey::fresh().ok_or_else(none)?;
                entry.set_secret(key.bytes()).map_err(unusable)?;
                Ok(key)
            }
            Err(error) => Err(unusable(error)),
        }
    }
}

fn entry() -> Result<Entry, Error> {
    Entry::new_in_store(&store()?, "ssprctl", "token cache")
}

#[cfg(target_os = "linux")]
fn store() -> Result<Arc<CredentialStore>, Error> {
    Ok(linux_keyutils_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn store() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn store() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn store() -> Result<Arc<CredentialStore>, Error> {
    Err(Error::NoDefaultStore)
}
