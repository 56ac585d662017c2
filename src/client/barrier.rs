//! What keeps a connection from coming up, as far as it can be told, and what to do about it.

/// A connection that never came up, so that nothing was sent.
#[derive(Debug)]
pub(crate) struct Barrier {
    kind: Kind,
    /// Everything that is known, in one line.
    pub(crate) why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
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
const SIGNS: [(&str, Kind); 10] = [
    ("proxy authorization required", Kind::Password),
    ("proxy authentication required", Kind::Password),
    ("no ca certificates", Kind::Authorities),
    ("certificate", Kind::Certificate),
    ("dns error", Kind::Name),
    ("failed to lookup", Kind::Name),
    ("connection refused", Kind::Refused),
    ("actively refused", Kind::Refused),
    ("tunnel", Kind::Proxy),
    ("proxy", Kind::Proxy),
];

impl Barrier {
    /// Tells from what the error says.
    pub(crate) fn new(why: String) -> Self {
        let said = why.to_ascii_lowercase();
        let kind = SIGNS.iter().find(|(sign, _)| said.contains(sign)).map_or(Kind::Other, |(_, kind)| *kind);
        Self { kind, why }
    }

    /// Whether the same attempt can only fail again.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.kind, Kind::Authorities | Kind::Certificate | Kind::Password)
    }

    /// The way out, to follow "hint:".
    pub(crate) fn hint(&self) -> &'static str {
        match self.kind {
            Kind::Name => {
                "the name does not resolve: check the network and the name service, and HTTPS_PROXY where one is needed"
            }
            Kind::Refused => {
                "nothing answers there: check the network, and the address in HTTPS_PROXY where there is a proxy"
            }
            Kind::Authorities => {
                "install the system's certificate authorities, or correct SSL_CERT_FILE and SSL_CERT_DIR where they are set"
            }
            Kind::Certificate => {
                "a proxy may present a certificate of its own: put its authority into the system's store, or set SSL_CERT_FILE \
                 to a file with it"
            }
            Kind::Password => "put the name and the password into HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT",
            Kind::Proxy => {
                "ask those who run the proxy in HTTPS_PROXY to let the host through, or except it in NO_PROXY"
            }
            Kind::Other => CHECK,
        }
    }
}
