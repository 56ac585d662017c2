//! Access tokens and refresh tokens. They have the form of Entra's, with a checksum in place of a signature.
//!
//! The key of the checksum is public: it distinguishes a token of the sandbox from any other and protects nothing. The
//! sandbox listens on loopback only and has no secrets.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};

/// The application id of the portal API, the only audience that it accepts.
pub(crate) const PORTAL: &str = "74658136-14ec-4630-ad9b-26e160ff0fc6";
pub(crate) const GRAPH: &str = "https://graph.microsoft.com";
pub(crate) const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_secs(3599);

const KEY: u64 = 0x5350_5243_544c_0001;
const HEADER: &str = r#"{"typ":"JWT","alg":"RS256","kid":"ssprctl-sandbox"}"#;

/// The service that a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The Entra portal's API.
    Portal,
    /// Microsoft Graph, by its address or its application id.
    Graph,
}

impl Audience {
    /// The `aud` claim of a new token.
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

/// The claims of an access token that the sandbox uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) aud: String,
    pub(crate) iss: String,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
    pub(crate) appid: Uuid,
    /// `app` for an application that acts for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) idtyp: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    pub(crate) oid: Uuid,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles: Vec<String>,
    /// The delegated scopes, separated by spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scp: Option<String>,
    pub(crate) tid: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) upn: Option<String>,
    pub(crate) ver: String,
    /// The template ids of the directory roles.
    #[serde(default)]
    pub(crate) wids: Vec<Uuid>,
}

/// The claims that do not depend on the caller: issuer, audience, tenant and lifetime.
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

/// Makes a token from any content that can be serialized.
#[must_use]
pub(crate) fn encode<T: Serialize>(content: &T) -> String {
    // The types of this crate always serialize; `decode` would refuse an empty payload.
    let payload = serde_json::to_vec(content).unwrap_or_default();
    let body = format!("{}.{}", BASE64.encode(HEADER), BASE64.encode(payload));
    let checksum = checksum(&body);
    format!("{body}.{}", BASE64.encode(checksum))
}

/// The content of a token of the sandbox; `None` for any other text.
#[must_use]
pub(crate) fn decode<T: DeserializeOwned>(token: &str) -> Option<T> {
    let (body, sent) = token.rsplit_once('.')?;
    if BASE64.decode(sent).ok()? != checksum(body) {
        return None;
    }
    let (_, payload) = body.split_once('.')?;
    serde_json::from_slice(&BASE64.decode(payload).ok()?).ok()
}

/// 32 bytes of FNV-1a with a key.
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
