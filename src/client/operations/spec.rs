//! What is known of an operation; the rows are in [`table`](crate::client::operations::table).

use crate::tenant::surface::Service;

/// What is known of one operation. The permissions are Microsoft's "least privileged" ones of the endpoint's reference page.
#[derive(Debug)]
pub(crate) struct OperationSpec {
    /// What is done, as it follows "cannot" or "may not".
    pub(crate) action: &'static str,
    /// The service whose token the request carries; `None` where it carries none.
    pub(crate) service: Option<Service>,
    /// The permissions on Microsoft Graph; `None` for all that Graph does not serve.
    pub(crate) graph: Option<GraphPermission>,
    /// The directory roles of which a person needs one, the least privileged first.
    pub(crate) roles: &'static str,
    /// Whether a person needs the role in addition to the permission, and so the hint names both.
    pub(crate) role_beyond_scope: bool,
    /// How fast the service lets such requests through.
    pub(crate) rate_limit: RateLimit,
    /// How the service says that the tenant lacks the licence, where the endpoint has its own way of saying it.
    pub(crate) licence: Option<&'static LicenceError>,
}

/// The permissions on Microsoft Graph that an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GraphPermission {
    /// The least privileged delegated permission, for a person.
    pub(crate) delegated: &'static str,
    /// The least privileged application permission.
    pub(crate) application: &'static str,
    /// Permissions that are needed as well, delegated or application.
    pub(crate) also: &'static [&'static str],
}

impl GraphPermission {
    /// The permissions in words, for a hint.
    pub(crate) fn describe(&self) -> String {
        let Self { delegated, application, also } = self;
        let mut words = if delegated == application {
            (*delegated).to_owned()
        } else {
            format!("{delegated} (a person) or {application} (an application)")
        };
        if !also.is_empty() {
            words.push_str(", with ");
            words.push_str(&also.join(" and "));
        }
        words
    }
}

/// How fast a service lets requests through, beyond what it announces by `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RateLimit {
    /// No limit is known.
    None,
    /// One request a second for each tenant, over all operations on Conditional Access and named locations together.
    ConditionalAccess,
    /// Five requests in ten seconds for each application and tenant ("Identity and access reports" in
    /// Microsoft Graph's throttling limits).
    Reports,
}

/// How an endpoint says that the tenant lacks the licence for it. The codes are the same as for other errors, so the
/// text has to decide.
#[derive(Debug)]
pub(crate) struct LicenceError {
    pub(crate) status: u16,
    /// What the message contains, in lower case.
    pub(crate) text: &'static str,
    /// What to do about it.
    pub(crate) hint: &'static str,
}

/// What Conditional Access answers to a tenant without Entra ID P1 or P2.
pub(crate) const CONDITIONAL_ACCESS_LICENCE: LicenceError = LicenceError {
    status: 403,
    text: "not licensed",
    hint: "the tenant needs Entra ID P1 or P2 for Conditional Access; leave it out of the policy until then",
};
/// What Intune answers to a tenant without a licence for it.
pub(crate) const INTUNE_LICENCE: LicenceError = LicenceError {
    status: 400,
    text: "not applicable to target tenant",
    hint: "the tenant needs a licence for Microsoft Intune; leave `windowsSignIn` out of the policy until then",
};
