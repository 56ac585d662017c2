//! Where a notification is sent. The address and the key are secrets: they cannot be shown.

use std::fmt;

use url::Url;

use crate::client::is_loopback;
use crate::policy::repository::controller::{NotificationTarget, ReceiverKind};

/// A target with its secrets.
#[derive(Clone)]
pub struct Destination {
    /// The kind of receiver.
    pub(crate) receiver: ReceiverKind,
    /// The variable that holds the address. Unlike the address, its name may be shown.
    pub(crate) variable: String,
    pub(crate) url: Url,
    pub(crate) key: Option<String>,
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Destination").field("variable", &self.variable).finish_non_exhaustive()
    }
}

/// Reads the secrets of a target from the environment.
///
/// # Errors
/// Why nothing can be sent there. The message names variables and never their values.
pub fn address(target: &NotificationTarget, variable: impl Fn(&str) -> Option<String>) -> Result<Destination, String> {
    let NotificationTarget { to, url: name, key, tenants: _ } = target;
    let text = variable(name).ok_or_else(|| format!("the variable {name} is not set"))?;
    let url = Url::parse(&text).map_err(|_| format!("the variable {name} does not hold an address"))?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return Err(format!("the address in {name} does not begin with https://"));
    }
    let key = match key.get() {
        None => None,
        Some(name) => Some(variable(name).ok_or_else(|| format!("the variable {name} is not set"))?),
    };
    Ok(Destination { receiver: *to, variable: name.clone(), url, key })
}
