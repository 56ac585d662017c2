//! An application's certificate: the assertion that proves that the key is here, signed anew for every token.
//!
//! Shape by Microsoft's page on certificate credentials: PS256, the certificate's SHA-256 thumbprint, ten minutes of life.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{KeyPair as _, RSA_PSS_SHA256};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use uuid::Uuid;
use webpki::EndEntityCert;

use crate::base::file::read_bounded;
use crate::client::auth::source::{TokenRequest, TokenUnavailable};

/// How long an assertion lives, in seconds.
const LIFE: i64 = 600;
/// The most bytes of a file that are read: far above a certificate with its chain and key.
const MOST: u64 = 256 * 1024;

/// A PEM file with a certificate and its private key.
pub(crate) struct Certificate {
    path: PathBuf,
}

impl Certificate {
    /// The variable that names the file.
    pub(crate) const VARIABLE: &'static str = "AZURE_CLIENT_CERTIFICATE_PATH";

    /// The file that the environment names.
    pub(crate) fn from_env(get: &impl Fn(&str) -> Option<String>) -> Option<Self> {
        get(Self::VARIABLE).map(|path| Self { path: path.into() })
    }

    /// An assertion that `client` is who it says, for the token endpoint at `audience`.
    pub(crate) fn assertion(
        &self,
        request: &TokenRequest<'_>,
        client: &str,
        audience: &str,
    ) -> Result<String, TokenUnavailable> {
        let now = request.clock.now().as_second();
        let pem = read_bounded(&self.path, MOST).map_err(|error| format!("cannot be read: {error}"));
        let signed = pem.and_then(|pem| {
            let (certificate, key) = pair(&pem)?;
            let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate));
            let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint});
            let claims = json!({
                "aud": audience, "iss": client, "sub": client, "jti": Uuid::new_v4(),
                "iat": now, "nbf": now, "exp": now + LIFE,
            });
            Ok(sign(&key, &header.to_string(), &claims.to_string())?)
        });
        signed.map_err(|why| {
            let error = request.error(format!("the certificate in {} {why}", self.path.display()));
            TokenUnavailable::Failed(error.hint(format!(
                "put the RSA certificate and its key into the file that {} names, as PEM and without a password; \
                 `openssl pkcs12 -in FILE.pfx -out FILE.pem -nodes` makes one of a PKCS#12 file",
                Self::VARIABLE
            )))
        })
    }
}

/// The key, and of all certificates in the file the one that belongs to it. The reason of a failure quotes
/// nothing of the file.
fn pair(pem: &[u8]) -> Result<(CertificateDer<'static>, KeyPair), &'static str> {
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| "comes without a private key that can be read")?;
    let key = match &key {
        PrivateKeyDer::Pkcs1(key) => KeyPair::from_der(key.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(key) => KeyPair::from_pkcs8(key.secret_pkcs8_der()),
        _ => return Err("comes with a key that is not RSA"),
    };
    let key = key.map_err(|_| "comes with a private key that is not RSA of 2048 to 4096 bits")?;
    let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|_| "cannot be read: it is damaged")?;
    // A certificate's public key ends with the bytes of the key itself.
    let belongs = |certificate: &CertificateDer<'_>| {
        EndEntityCert::try_from(certificate)
            .is_ok_and(|found| found.subject_public_key_info().ends_with(key.public_key().as_ref()))
    };
    let certificate = certificates.into_iter().find(belongs);
    Ok((certificate.ok_or("has no certificate that belongs to its private key")?, key))
}

fn sign(key: &KeyPair, header: &str, claims: &str) -> Result<String, &'static str> {
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PSS_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
        .map_err(|_| "has a key that cannot sign")?;
    Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
