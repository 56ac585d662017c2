//! From what a service answered to trouble that a person can act on.
//!
//! A write is held to a stricter rule than a read: unless the answer proves that nothing was changed, the write counts as
//! [`TroubleKind::AnswerLost`] and is settled by reading. Proof is a connection that never came up, a refusal (400 to 499),
//! or throttling: 429, and 503 when it names a time to come back. Any other 5xx may come from a gateway whose backend did
//! its work, and so proves nothing.

use reqwest::StatusCode;

use crate::client::barrier;
use crate::client::envelope::Envelope;
use crate::client::errand::Errand;
use crate::client::transport::{Answer, Cause, Setback};
use crate::tenant::surface::{Surface, System};
use crate::tenant::trouble::{Access, Trouble, TroubleKind};

/// Names the trouble.
pub(crate) fn judge(errand: Errand, setback: &Setback) -> Trouble {
    let Setback { request, host, cause } = setback;
    let what = errand.what();
    let trouble = match cause {
        Cause::Unsent(barrier) => {
            let message = format!("cannot {what}: {host} cannot be reached: {}", barrier.why);
            unavailable(host, message, barrier.hint())
        }
        Cause::NoAnswer(why) if errand.writes() => lost(errand, &format!("{host} did not answer: {why}")),
        Cause::NoAnswer(why) => {
            unavailable(host, format!("cannot {what}: {host} did not answer: {why}"), barrier::CHECK)
        }
        Cause::Unreadable(why) if errand.writes() => lost(errand, &format!("the answer of {host} {why}")),
        Cause::Unreadable(why) => unintelligible(errand, why),
        Cause::Redirect(target) => redirected(errand, host, target),
        Cause::Status(answer) => status(errand, answer),
    };
    trouble.request(*request)
}

/// Whether a new token may help: the service did not accept this one. The portal says so with a 400.
pub(crate) fn wants_new_token(errand: Errand, setback: &Setback) -> bool {
    let Cause::Status(answer) = &setback.cause else { return false };
    errand.system().is_some_and(|system| refuses_token(system, answer, &Envelope::open(answer)))
}

/// Trouble with a successful answer that is not what it should be.
pub(crate) fn unintelligible(errand: Errand, why: impl std::fmt::Display) -> Trouble {
    let message = format!("cannot {}: the answer of {} {why}", errand.what(), errand.whom());
    Trouble::new(TroubleKind::Unintelligible, message)
        .hint("a proxy may be answering in its place, or the service has changed; `-vv` shows which host answered")
}

/// Trouble with an answer of Graph's that leaves out what the token may not read, instead of refusing.
pub(crate) fn withheld(errand: Errand) -> Trouble {
    let message = format!("may not {}: the answer of {} leaves it out", errand.what(), errand.whom());
    Trouble::new(TroubleKind::NoAccess(Access::Scope(System::Graph)), message).hint(scope(errand))
}

/// Trouble with a write that may or may not have taken effect.
pub(crate) fn lost(errand: Errand, why: &str) -> Trouble {
    let message = format!("it is not known whether the attempt to {} took effect: {why}", errand.what());
    Trouble::new(TroubleKind::AnswerLost, message).hint("read the tenant again before anything else is written")
}

fn unavailable(host: &str, message: String, hint: &str) -> Trouble {
    let here = host == "localhost" || host == "[::1]" || host.starts_with("127.");
    Trouble::new(TroubleKind::Unavailable, message).hint(if here {
        "an address was replaced by one on this machine: see whether something serves there"
    } else {
        hint
    })
}

fn redirected(errand: Errand, host: &str, target: &str) -> Trouble {
    let why = format!("{host} sends the request on to {target}, which is not followed");
    if errand.writes() {
        return lost(errand, &why);
    }
    Trouble::new(TroubleKind::Unintelligible, format!("cannot {}: {why}", errand.what()))
        .hint("a proxy may want a sign-in of its own, or an address was replaced by a wrong one")
}

fn status(errand: Errand, answer: &Answer) -> Trouble {
    let envelope = Envelope::open(answer);
    let said = envelope.said();
    let (what, whom, code) = (errand.what(), errand.whom(), answer.status.as_u16());
    if let Some(system) = errand.system() {
        if refuses_token(system, answer, &envelope) {
            return token(errand, system, code, &said);
        }
        if let Some(trouble) = forbidden(errand, system, answer, &envelope) {
            return trouble;
        }
    }
    match answer.status {
        // A group that is not there is an everyday answer, so it must not be mistaken for a server that is another one.
        StatusCode::NOT_FOUND if errand == Errand::Groups && envelope.code.is_empty() => {
            unintelligible(errand, "is HTTP 404 without an error of Microsoft Graph's")
        }
        StatusCode::NOT_FOUND => {
            Trouble::new(TroubleKind::NotFound, format!("cannot {what}: {whom} has nothing there (HTTP 404){said}"))
                .hint("check the cloud of the policy, and any replaced address; the service may also have changed")
        }
        status if is_busy(answer) => Trouble::new(
            TroubleKind::Unavailable,
            format!("cannot {what}: {whom} is busy (HTTP {}){said}", status.as_u16()),
        )
        .hint(match answer.retry_after {
            Some(wait) => format!("the service asks to be left alone for {} s; try again then", wait.as_secs()),
            None => "try again later".to_owned(),
        }),
        status if status.is_server_error() && errand.writes() => {
            lost(errand, &format!("{whom} failed (HTTP {code}){said}"))
        }
        status if status.is_server_error() => {
            Trouble::new(TroubleKind::Unavailable, format!("cannot {what}: {whom} failed (HTTP {code}){said}"))
                .hint("try again later")
        }
        _ => Trouble::new(TroubleKind::Refused, format!("cannot {what}: {whom} refuses (HTTP {code}){said}"))
            .hint("the request itself is not accepted; quote the request id to support"),
    }
}

/// Throttled or not ready, and surely nothing done.
fn is_busy(answer: &Answer) -> bool {
    match answer.status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => true,
        StatusCode::SERVICE_UNAVAILABLE => answer.retry_after.is_some(),
        _ => false,
    }
}

fn refuses_token(system: System, answer: &Answer, envelope: &Envelope) -> bool {
    match (system, answer.status) {
        // The portal exchanges the caller's token for one of its own, and passes on what that exchange says.
        (System::Portal, StatusCode::BAD_REQUEST) => envelope.code.to_ascii_lowercase().starts_with("msalautherror"),
        (System::Portal, StatusCode::UNAUTHORIZED) => !lacks_role(envelope),
        (System::Graph, StatusCode::UNAUTHORIZED) => true,
        _ => false,
    }
}

fn lacks_role(envelope: &Envelope) -> bool {
    // The code beside it is a plain "Unauthorized", so here the text has to decide.
    envelope.message.to_ascii_lowercase().contains("required role")
}

fn has_no_intune(errand: Errand, envelope: &Envelope) -> bool {
    let is_intune =
        matches!(errand, Errand::Read(Surface::DeviceConfiguration) | Errand::Write(Surface::DeviceConfiguration));
    is_intune && envelope.message.to_ascii_lowercase().contains("not applicable to target tenant")
}

fn lacks_licence(envelope: &Envelope) -> bool {
    envelope.message.to_ascii_lowercase().contains("not licensed")
}

fn token(errand: Errand, system: System, code: u16, said: &str) -> Trouble {
    let nothing = if errand.writes() { "; nothing was written" } else { "" };
    let expired = system == System::Portal && code == 400;
    let state = if expired { "has expired or is no longer good" } else { "is not accepted" };
    Trouble::new(
        TroubleKind::NoAccess(Access::Credential(system)),
        format!("cannot {}: the token for {} {state} (HTTP {code}){said}{nothing}", errand.what(), system.title()),
    )
}

/// The caller is known, but may not. `None` when the answer says something else.
fn forbidden(errand: Errand, system: System, answer: &Answer, envelope: &Envelope) -> Option<Trouble> {
    let said = envelope.said();
    let (what, code) = (errand.what(), answer.status.as_u16());
    let role = || {
        Trouble::new(TroubleKind::NoAccess(Access::Role(system)), format!("may not {what} (HTTP {code}){said}"))
            .hint(format!("activate or assign the role {}", errand.roles()))
    };
    let licence = |needs: &str| {
        Trouble::new(TroubleKind::NoAccess(Access::Licence), format!("may not {what} (HTTP {code}){said}"))
            .hint(needs.to_owned())
    };
    match (system, answer.status) {
        (System::Portal, StatusCode::UNAUTHORIZED) => Some(role()),
        (System::Portal, StatusCode::FORBIDDEN) if envelope.has("FeatureNotAvailable") => Some(licence(&format!(
            "either the tenant lacks the licence (Entra ID P1 or P2, or Microsoft 365 Business Premium), \
             or the account lacks the role {}",
            errand.roles()
        ))),
        (System::Portal, StatusCode::FORBIDDEN) => Some(role()),
        (System::Graph, _) if envelope.has("Authentication_RequestFromNonPremiumTenantOrB2CTenant") => {
            Some(licence("the tenant needs Entra ID P1 or P2 for this, and must not be an Azure AD B2C tenant"))
        }
        // The code is the same as for a missing permission, so here the text has to decide.
        (System::Graph, StatusCode::FORBIDDEN) if lacks_licence(envelope) => Some(licence(
            "the tenant needs Entra ID P1 or P2 for Conditional Access; leave it out of the policy until then",
        )),
        // Intune says with a 400 that the tenant has none.
        (System::Graph, StatusCode::BAD_REQUEST) if has_no_intune(errand, envelope) => Some(licence(
            "the tenant needs a licence for Microsoft Intune; leave `windowsSignIn` out of the policy until then",
        )),
        (System::Graph, StatusCode::FORBIDDEN) => Some(
            Trouble::new(TroubleKind::NoAccess(Access::Scope(system)), format!("may not {what} (HTTP {code}){said}"))
                .hint(scope(errand)),
        ),
        _ => None,
    }
}

fn scope(errand: Errand) -> String {
    let consent = format!("consent to the Microsoft Graph permission {}", errand.scope());
    match errand {
        Errand::Write(Surface::AuthorizationPolicy)
        | Errand::Read(Surface::AuthenticationMethods)
        | Errand::Write(Surface::AuthenticationMethods)
        | Errand::Read(Surface::ConditionalAccess)
        | Errand::Write(Surface::ConditionalAccess)
        | Errand::Locations
        | Errand::Read(Surface::DeviceConfiguration)
        | Errand::Write(Surface::DeviceConfiguration)
        | Errand::Audit
        | Errand::Registration
        | Errand::Score => {
            format!("{consent}; an account also needs the role {}", errand.roles())
        }
        _ => consent,
    }
}
