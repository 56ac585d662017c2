//! Why a connection could not be established, as far as the error's text shows it, and what to do about it.

/// A connection that was never established, so that nothing was sent.
#[derive(Debug)]
pub(crate) struct ConnectError {
    kind: ConnectErrorKind,
    /// The messages of the error and all its sources, in one line.
    pub(crate) why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConnectErrorKind {
    /// The name of the host, or of the proxy, does not resolve.
    Name,
    /// Nothing listens at the address.
    Refused,
    /// The system has no certificate authorities.
    Authorities,
    /// The server's certificate is not trusted.
    Certificate,
    /// The proxy requires a name and a password.
    Password,
    /// The proxy does not connect to the host.
    Proxy,
    /// The variable that names the proxy cannot be used.
    Variable,
    /// The text matches none of the above.
    Other,
}

/// What to do where nothing better is known.
pub(crate) const CHECK: &str =
    "check the network and the proxy settings (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE), or try again later";

/// Texts of errors, in lower case, in the order in which they are tried. Only retries and hints depend on them.
const SIGNS: [(&str, ConnectErrorKind); 11] = [
    ("cannot be used as a proxy", ConnectErrorKind::Variable),
    ("proxy authorization required", ConnectErrorKind::Password),
    ("proxy authentication required", ConnectErrorKind::Password),
    ("no ca certificates", ConnectErrorKind::Authorities),
    ("certificate", ConnectErrorKind::Certificate),
    ("dns error", ConnectErrorKind::Name),
    ("failed to lookup", ConnectErrorKind::Name),
    ("connection refused", ConnectErrorKind::Refused),
    ("actively refused", ConnectErrorKind::Refused),
    ("tunnel", ConnectErrorKind::Proxy),
    ("proxy", ConnectErrorKind::Proxy),
];

impl ConnectError {
    /// Recognises the kind by the text of the error.
    pub(crate) fn new(why: String) -> Self {
        let said = why.to_ascii_lowercase();
        let kind =
            SIGNS.iter().find(|(sign, _)| said.contains(sign)).map_or(ConnectErrorKind::Other, |(_, kind)| *kind);
        Self { kind, why }
    }

    /// Whether a repetition can only fail again.
    pub(crate) fn is_final(&self) -> bool {
        match self.kind {
            ConnectErrorKind::Authorities
            | ConnectErrorKind::Certificate
            | ConnectErrorKind::Password
            | ConnectErrorKind::Variable => true,
            ConnectErrorKind::Name | ConnectErrorKind::Refused | ConnectErrorKind::Proxy | ConnectErrorKind::Other => {
                false
            }
        }
    }

    /// What to do, as it follows "hint:".
    pub(crate) fn hint(&self) -> &'static str {
        match self.kind {
            ConnectErrorKind::Name => {
                "the name does not resolve: check the network and the name service, and HTTPS_PROXY where one is needed"
            }
            ConnectErrorKind::Refused => {
                "nothing answers there: check the network, and the address in HTTPS_PROXY where there is a proxy"
            }
            ConnectErrorKind::Authorities => {
                "install the system's certificate authorities, or correct SSL_CERT_FILE and SSL_CERT_DIR where they are set"
            }
            ConnectErrorKind::Certificate => {
                "a proxy may present a certificate of its own: put its authority into the service's store, or set SSL_CERT_FILE \
                 to a file with it"
            }
            ConnectErrorKind::Password => {
                "put the name and the password into HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT"
            }
            ConnectErrorKind::Proxy => {
                "ask those who run the proxy in HTTPS_PROXY to let the host through, or except it in NO_PROXY"
            }
            ConnectErrorKind::Variable => {
                "write it as http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT without quotation marks, with `\\` as %5C, `@` as \
                 %40 and `/` as %2F in the name and the password; or unset it"
            }
            ConnectErrorKind::Other => CHECK,
        }
    }
}
