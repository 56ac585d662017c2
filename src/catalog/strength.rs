//! How strong the methods of a reset are, in the words of NIST SP 800-63B.

/// What a method is as an authenticator (NIST SP 800-63B), the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AuthenticatorStrength {
    /// It is no authenticator: answers are found out and guessed.
    NoAuthenticator,
    /// It is not allowed as an out-of-band authenticator: a mailbox proves no possession of a device.
    NotAllowed,
    /// It is a RESTRICTED authenticator: the telephone network.
    Restricted,
    /// It is an authenticator: a notification is an out-of-band authenticator, a code is a one-time password.
    Authenticator,
}

impl AuthenticatorStrength {
    /// The word in JSON, and what it means, as a note on a method.
    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::NoAuthenticator => ("noAuthenticator", "no authenticator at all"),
            Self::NotAllowed => ("notAllowed", "not allowed as an out-of-band authenticator"),
            Self::Restricted => ("restricted", "a RESTRICTED authenticator"),
            Self::Authenticator => ("authenticator", "an authenticator"),
        }
    }

    /// The word in JSON.
    #[must_use]
    pub(crate) const fn word(self) -> &'static str {
        self.row().0
    }

    /// What it means, as a note on a method.
    #[must_use]
    pub(crate) const fn words(self) -> &'static str {
        self.row().1
    }
}
