//! `login` and `logout`: a person's sign-in, saved encrypted for later runs.

use jiff::Timestamp;

use crate::client::auth::cache::{CacheError, CachedSignIn};
use crate::client::auth::device_code::{self, DeviceCode};
use crate::client::auth::refresh;
use crate::client::reader::TenantReader;
use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// What a sign-in brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInResult {
    /// The person, as the token names them: untrusted text.
    pub who: Option<String>,
    /// When the sign-in ends if it is not used before.
    pub ends: Timestamp,
    /// The services that it does not serve, with the reason.
    pub without: Vec<(Service, TenantError)>,
}

impl TenantReader {
    /// Signs a person in with a device code and saves the sign-in. `client` is the application to sign in with; `None` means
    /// Microsoft's own. The first of `systems` must be served; `show` displays the code.
    ///
    /// # Errors
    /// When nobody signs in, or the sign-in cannot be saved.
    pub async fn sign_in(
        &self,
        client: Option<&str>,
        systems: &[Service],
        show: &(dyn Fn(&DeviceCode) + Sync),
    ) -> Result<SignInResult, TenantError> {
        let session = self.session();
        let cache = session.credentials.cache();
        let client = client.unwrap_or(refresh::CLIENT);
        let (first, others) = systems.split_first().ok_or_else(|| nothing("no service is named"))?;
        let request = session.token_request(*first)?;
        let cache = cache.ok_or_else(|| nothing("these credentials cannot save a sign-in"))?;
        // Better now than after somebody has typed a code.
        cache.check_writable().map_err(|unusable| unsaved(*first, unusable))?;
        let granted = device_code::sign_in(&request, client, show).await?;
        let unrenewable = || request.error("the sign-in service granted a token that cannot be renewed");
        let refresh = granted.refresh.ok_or_else(unrenewable)?;
        let mut entry = refresh::cache_entry(&request, client, refresh, &granted.token);
        let mut without = Vec::new();
        for service in others {
            let proved = async {
                let request = session.token_request(*service)?;
                refresh::renew(&request, client, &entry.refresh, "the sign-in").await
            };
            match proved.await {
                Ok(granted) => {
                    entry.refresh = granted.refresh.unwrap_or(entry.refresh);
                    entry.systems.push(*service);
                }
                Err(error) => without.push((*service, error)),
            }
        }
        let signed = SignInResult { who: entry.person.clone(), ends: entry.ends(), without };
        let saved = async {
            let held = cache.lock().await?;
            let mut sign_ins = held.read()?;
            sign_ins.retain_mut(|one| {
                if one.is_login_to(&request) {
                    one.systems.retain(|service| !entry.systems.contains(service));
                }
                !one.systems.is_empty()
            });
            sign_ins.push(entry);
            held.write(sign_ins)
        };
        saved.await.map_err(|unusable| unsaved(*first, unusable))?;
        Ok(signed)
    }

    /// Removes the sign-in to this tenant. Returns whether there was one.
    ///
    /// # Errors
    /// When the cache cannot be opened or written.
    pub async fn sign_out(&self) -> Result<bool, TenantError> {
        let session = self.session();
        let Some(cache) = session.credentials.cache().filter(|cache| cache.exists()) else { return Ok(false) };
        let request = session.token_request(Service::Graph)?;
        let removed = async {
            let held = cache.lock().await?;
            let mut sign_ins = held.read()?;
            let before = sign_ins.len();
            sign_ins.retain(|one: &CachedSignIn| !one.is_login_to(&request));
            let removed = sign_ins.len() < before;
            if removed {
                held.write(sign_ins)?;
            }
            Ok(removed)
        };
        removed.await.map_err(|unusable| unsaved(Service::Graph, unusable))
    }
}

fn nothing(message: &str) -> TenantError {
    TenantError::new(TenantErrorKind::Refused, message)
}

fn unsaved(service: Service, CacheError { why, hint }: CacheError) -> TenantError {
    TenantError::new(TenantErrorKind::NoAccess(MissingAccess::Credential(service)), why).hint(hint)
}
