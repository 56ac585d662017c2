//! `login` and `logout`: a person's sign-in, kept sealed for the runs that follow.

use jiff::Timestamp;

use crate::client::auth::cache::{CacheError, CachedSignIn};
use crate::client::auth::device_code::{self, DeviceCode};
use crate::client::auth::refresh;
use crate::client::reader::TenantReader;
use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInResult {
    /// The person, as the token names them: untrusted text.
    pub who: Option<String>,
    /// When the sign-in ends unless it is used before.
    pub ends: Timestamp,
    /// The systems that it does not serve, with the reason.
    pub without: Vec<(Service, TenantError)>,
}

impl TenantReader {
    /// Has a person sign in with a code, and keeps the sign-in. `client` is the application to sign in with, or else
    /// Microsoft's own; of `systems`, the first must be served.
    ///
    /// # Errors
    /// When nobody signs in, or the sign-in cannot be kept.
    pub async fn sign_in(
        &self,
        client: Option<&str>,
        systems: &[Service],
        show: &(dyn Fn(&DeviceCode) + Sync),
    ) -> Result<SignInResult, TenantError> {
        let session = self.session();
        let cache = session.credentials.cache();
        let client = client.unwrap_or(refresh::CLIENT);
        let (first, others) = systems.split_first().ok_or_else(|| nothing("no system is named"))?;
        let want = session.token_request(*first)?;
        let cache = cache.ok_or_else(|| nothing("these credentials keep no sign-in"))?;
        // Better now than after somebody has typed a code.
        cache.check_writable().map_err(|unusable| unkept(*first, unusable))?;
        let granted = device_code::sign_in(&want, client, show).await?;
        let unkeepable = || want.error("the sign-in service granted a token that cannot be renewed");
        let refresh = granted.refresh.ok_or_else(unkeepable)?;
        let mut entry = refresh::cache_entry(&want, client, refresh, &granted.token);
        let mut without = Vec::new();
        for system in others {
            let proved = async {
                let want = session.token_request(*system)?;
                refresh::renew(&want, client, &entry.refresh, "the sign-in").await
            };
            match proved.await {
                Ok(granted) => {
                    entry.refresh = granted.refresh.unwrap_or(entry.refresh);
                    entry.systems.push(*system);
                }
                Err(error) => without.push((*system, error)),
            }
        }
        let signed = SignInResult { who: entry.person.clone(), ends: entry.ends(), without };
        let kept = async {
            let held = cache.lock().await?;
            let mut kept = held.read()?;
            kept.retain_mut(|kept| {
                if kept.is_login_to(&want) {
                    kept.systems.retain(|system| !entry.systems.contains(system));
                }
                !kept.systems.is_empty()
            });
            kept.push(entry);
            held.write(kept)
        };
        kept.await.map_err(|unusable| unkept(*first, unusable))?;
        Ok(signed)
    }

    /// Forgets who signed in to this tenant; tells whether there was anybody.
    ///
    /// # Errors
    /// When the cache cannot be opened or written.
    pub async fn sign_out(&self) -> Result<bool, TenantError> {
        let session = self.session();
        let Some(cache) = session.credentials.cache().filter(|cache| cache.exists()) else { return Ok(false) };
        let want = session.token_request(Service::Graph)?;
        let forgotten = async {
            let held = cache.lock().await?;
            let mut kept = held.read()?;
            let before = kept.len();
            kept.retain(|kept: &CachedSignIn| !kept.is_login_to(&want));
            let gone = kept.len() < before;
            if gone {
                held.write(kept)?;
            }
            Ok(gone)
        };
        forgotten.await.map_err(|unusable| unkept(Service::Graph, unusable))
    }
}

fn nothing(message: &str) -> TenantError {
    TenantError::new(TenantErrorKind::Refused, message)
}

fn unkept(system: Service, CacheError { why, hint: way }: CacheError) -> TenantError {
    TenantError::new(TenantErrorKind::NoAccess(MissingAccess::Credential(system)), why).hint(way)
}
