//! What keeps a connection from coming up, as far as it can be told, and what to do about it.

/// A connection that never came up, so that nothing was sent.
#[derive(Debug)]
pub(crate) struct ConnectError {
    kind: ConnectErrorKind,
    /// Everything that is known, in one line.
    pub(crate) why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConnectErrorKind {
    /// The name of the host, or of the proxy, leads nowhere.
    Name,
    /// Nothing listens there.
    Refused,
    /// There is no authority to trust.
    Authorities,
    /// The server's certificate is not trusted.
    Certificate,
    /// The proxy wants a name and a password.
    Password,
    /// The proxy does not lead there.
    Proxy,
    /// Anything else.
    Other,
}

/// What to do where nothing better is known.
pub(crate) const CHECK: &str =
    "check the network and the proxy settings (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE), or try again later";

/// What errors say, in lower case, in the order in which it is looked for. Only hints depend on it.
const SIGNS: [(&str, ConnectErrorKind); 10] = [
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
    /// Tells from what the error says.
    pub(crate) fn new(why: String) -> Self {
        let said = why.to_ascii_lowercase();
        let kind =
            SIGNS.iter().find(|(sign, _)| said.contains(sign)).map_or(ConnectErrorKind::Other, |(_, kind)| *kind);
        Self { kind, why }
    }

    /// Whether the same attempt can only fail again.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.kind, ConnectErrorKind::Authorities | ConnectErrorKind::Certificate | ConnectErrorKind::Password)
    }

    /// The way out, to follow "hint:".
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
                "a proxy may present a certificate of its own: put its authority into the system's store, or set SSL_CERT_FILE \
                 to a file with it"
            }
            ConnectErrorKind::Password => {
                "put the name and the password into HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT"
            }
            ConnectErrorKind::Proxy => {
                "ask those who run the proxy in HTTPS_PROXY to let the host through, or except it in NO_PROXY"
            }
            ConnectErrorKind::Other => CHECK,
        }
    }
}
