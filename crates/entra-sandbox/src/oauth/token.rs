//! Tokens: shaped like those of Entra, marked instead of signed.
//!
//! The marker is a keyed checksum whose key is published right here. It tells a token of this emulator from any other; it
//! keeps nobody out. The emulator listens on loopback only and holds nothing worth stealing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};

/// The portal API's application id, the only audience it takes.
pub(crate) const PORTAL: &str = "74658136-14ec-4630-ad9b-26e160ff0fc6";
/// Graph by its address.
pub(crate) const GRAPH: &str = "https://graph.microsoft.com";
/// Graph by its application id.
pub(crate) const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";
/// How long an access token lives.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_secs(3599);

const KEY: u64 = 0x5350_5243_544c_0001;
const HEADER: &str = r#"{"typ":"JWT","alg":"RS256","kid":"ssprctl-sandbox"}"#;

/// The service a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The Entra portal's API.
    Portal,
    /// Microsoft Graph.
    Graph,
}

impl Audience {
    /// The `aud` claim of a fresh token.
    #[must_use]
    pub(crate) fn claim(self) -> &'static str {
        match self {
            Self::Portal => PORTAL,
            Self::Graph => GRAPH,
        }
    }

    /// Whether an `aud` claim names this service.
    #[must_use]
    pub(crate) fn accepts(self, aud: &str) -> bool {
        match self {
            Self::Portal => aud.eq_ignore_ascii_case(PORTAL),
            Self::Graph => aud.trim_end_matches('/') == GRAPH || aud == GRAPH_ID,
        }
    }
}

/// The claims of an access token that the emulator uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// Audience.
    pub(crate) aud: String,
    /// Issuer, with the tenant id.
    pub(crate) iss: String,
    /// Issued at, seconds since 1970.
    pub(crate) iat: i64,
    /// Not before.
    pub(crate) nbf: i64,
    /// Expires at.
    pub(crate) exp: i64,
    /// Client id.
    pub(crate) appid: Uuid,
    /// `app` for an application that acts for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) idtyp: Option<String>,
    /// Display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Object id.
    pub(crate) oid: Uuid,
    /// Application permissions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles: Vec<String>,
    /// Delegated scopes, parted by blanks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scp: Option<String>,
    /// Tenant id.
    pub(crate) tid: Uuid,
    /// Sign-in name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) upn: Option<String>,
    /// Token version.
    pub(crate) ver: String,
    /// Role template ids.
    #[serde(default)]
    pub(crate) wids: Vec<Uuid>,
}

/// What stays the same in every token: who issues it, when, and until when it holds.
#[must_use]
pub(crate) fn base_claims(tenant: Uuid, audience: &str, now: Timestamp) -> Claims {
    Claims {
        aud: audience.to_owned(),
        iss: format!("https://sts.windows.net/{tenant}/"),
        iat: now.as_second(),
        nbf: now.as_second(),
        exp: now.saturating_add(LIFETIME).unwrap_or(now).as_second(),
        appid: uuid!("04b07795-8ddb-461a-bbee-02f9e1bf7b46"),
        idtyp: None,
        name: None,
        oid: Uuid::nil(),
        roles: Vec::new(),
        scp: None,
        tid: tenant,
        upn: None,
        ver: "1.0".to_owned(),
        wids: Vec::new(),
    }
}

/// Makes a token of any content that serialises.
#[must_use]
pub(crate) fn encode<T: Serialize>(content: &T) -> String {
    // What is sealed here always serialises; an empty payload would be refused as damaged.
    let payload = serde_json::to_vec(content).unwrap_or_default();
    let body = format!("{}.{}", BASE64.encode(HEADER), BASE64.encode(payload));
    let checksum = checksum(&body);
    format!("{body}.{}", BASE64.encode(checksum))
}

/// The content of a token of this emulator; `None` for any other text.
#[must_use]
pub(crate) fn decode<T: DeserializeOwned>(token: &str) -> Option<T> {
    let (body, sent) = token.rsplit_once('.')?;
    if BASE64.decode(sent).ok()? != checksum(body) {
        return None;
    }
    let (_, payload) = body.split_once('.')?;
    serde_json::from_slice(&BASE64.decode(payload).ok()?).ok()
}

/// 32 bytes of keyed FNV-1a, a checksum without any claim to secrecy.
fn checksum(body: &str) -> Vec<u8> {
    let lane = |salt: u64| {
        body.bytes().fold(0xcbf2_9ce4_8422_2325 ^ KEY ^ (salt << 8), |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    (0..4).flat_map(|salt| lane(salt).to_be_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_token_is_refused() {
        let claims = base_claims(Uuid::nil(), PORTAL, Timestamp::UNIX_EPOCH);
        let token = encode(&claims);
        assert_eq!(decode::<Claims>(&token), Some(claims));
        assert_eq!(decode::<Claims>(&token.replacen('J', "K", 1)), None);
        assert_eq!(decode::<Claims>("abc"), None);
    }
}
