//! What every request takes and how its failures are told apart, held fixed: the answers stand in `tests/recorded`, and were
//! recorded before the refactoring of issue 10.

use std::time::Duration;

use reqwest::StatusCode;

use crate::base::ids::RequestId;
use crate::client::barrier::Barrier;
use crate::client::classify::{judge, wants_new_token};
use crate::client::errand::Errand;
use crate::client::transport::{Answer, Cause, Setback};
use crate::tenant::surface::{Surface, System};
use crate::tenant::trouble::{Access, TroubleKind};

const ERRANDS: [Errand; 26] = [
    Errand::Identify(System::Portal),
    Errand::Identify(System::Graph),
    Errand::Read(Surface::PasswordReset),
    Errand::Read(Surface::OnPremisesPasswordReset),
    Errand::Read(Surface::AuthorizationPolicy),
    Errand::Read(Surface::AuthenticationMethods),
    Errand::Read(Surface::ConditionalAccess),
    Errand::Read(Surface::DeviceConfiguration),
    Errand::Write(Surface::PasswordReset),
    Errand::Write(Surface::OnPremisesPasswordReset),
    Errand::Write(Surface::AuthorizationPolicy),
    Errand::Write(Surface::AuthenticationMethods),
    Errand::Write(Surface::ConditionalAccess),
    Errand::Write(Surface::DeviceConfiguration),
    Errand::Locations,
    Errand::Groups,
    Errand::Members,
    Errand::Licence,
    Errand::Synchronisation,
    Errand::Writeback,
    Errand::Audit,
    Errand::Registration,
    Errand::Score,
    Errand::Domain,
    Errand::SignIn,
    Errand::Assertion,
];

fn label(errand: Errand) -> String {
    let service = |system| if system == System::Portal { "portal" } else { "graph" };
    match errand {
        Errand::Identify(system) => format!("identify the tenant to {}", service(system)),
        Errand::Read(surface) => format!("read {}", surface.name()),
        Errand::Write(surface) => format!("write {}", surface.name()),
        Errand::Locations => "list named locations".to_owned(),
        Errand::Groups => "look up a group".to_owned(),
        Errand::Members => "list members of a group".to_owned(),
        Errand::Licence => "list subscriptions".to_owned(),
        Errand::Synchronisation => "read directory synchronization".to_owned(),
        Errand::Writeback => "read the state of writeback".to_owned(),
        Errand::Audit => "read the audit log".to_owned(),
        Errand::Registration => "read the registration report".to_owned(),
        Errand::Score => "read the Secure Score".to_owned(),
        Errand::Domain => "find the tenant of a domain".to_owned(),
        Errand::SignIn => "request a token".to_owned(),
        Errand::Assertion => "request an assertion".to_owned(),
    }
}

/// What a request takes, as far as anybody can see it.
fn needs(errand: Errand) -> String {
    let yes = |holds: bool| if holds { "yes" } else { "no" };
    let rest = format!("writes {}, counted {}", yes(errand.writes()), yes(errand.is_counted()));
    let also = if errand.also().is_empty() { "nothing".to_owned() } else { errand.also().join(" and ") };
    match errand.system() {
        None => format!("no service, {rest}"),
        Some(System::Portal) => format!("portal, {rest}\n    roles: {}", errand.roles()),
        Some(System::Graph) => format!(
            "graph, {rest}\n    roles: {}\n    delegated {}, application {}, also {}\n    named: {}",
            errand.roles(),
            errand.delegated(),
            errand.application(),
            also,
            errand.scope()
        ),
    }
}

fn failures() -> Vec<(&'static str, Cause)> {
    const REQUIRED_ROLE: &str = r#"{"Message":"does not have the required role"}"#;
    const EXPIRED: &str = r#"{"Message":"expired","ClientData":{"errorCode":"msalautherror_invalid_grant"}}"#;
    const NO_FEATURE: &str = r#"{"Message":"no","ClientData":{"errorCode":"FeatureNotAvailable"}}"#;
    const DENIED: &str = r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges"}}"#;
    const PREMIUM: &str =
        r#"{"error":{"code":"Authentication_RequestFromNonPremiumTenantOrB2CTenant","message":"premium"}}"#;
    const NOT_LICENSED: &str = r#"{"error":{"code":"AccessDenied","message":"The tenant is not licensed for it"}}"#;
    const NO_INTUNE: &str = r#"{"error":{"code":"BadRequest","message":"Request not applicable to target tenant"}}"#;
    const ABSENT: &str = r#"{"error":{"code":"Request_ResourceNotFound","message":"does not exist"}}"#;
    let status = |status: u16, text: &str, retry_after: Option<u64>| {
        Cause::Status(Box::new(Answer {
            status: StatusCode::from_u16(status).unwrap_or_default(),
            retry_after: retry_after.map(Duration::from_secs),
            date: None,
            html: false,
            text: text.to_owned(),
            request: RequestId::fresh(),
        }))
    };
    vec![
        ("not sent", Cause::Unsent(Barrier::new("dns error".to_owned()))),
        ("no response", Cause::NoAnswer("timed out".to_owned())),
        ("unusable body", Cause::Unreadable("is no JSON")),
        ("redirect", Cause::Redirect("https://proxy.contoso.com".to_owned())),
        ("400", status(400, "", None)),
        ("400 token expired", status(400, EXPIRED, None)),
        ("400 no Intune", status(400, NO_INTUNE, None)),
        ("401", status(401, "", None)),
        ("401 no role", status(401, REQUIRED_ROLE, None)),
        ("403", status(403, DENIED, None)),
        ("403 no feature", status(403, NO_FEATURE, None)),
        ("403 not premium", status(403, PREMIUM, None)),
        ("403 not licensed", status(403, NOT_LICENSED, None)),
        ("404", status(404, "", None)),
        ("404 of the service", status(404, ABSENT, None)),
        ("408", status(408, "", None)),
        ("409", status(409, "", None)),
        ("429", status(429, "", None)),
        ("500", status(500, "", None)),
        ("503", status(503, "", None)),
        ("503 with a time", status(503, "", Some(30))),
    ]
}

fn kind(kind: TroubleKind) -> &'static str {
    match kind {
        TroubleKind::NoAccess(Access::Credential(_)) => "no-credential",
        TroubleKind::NoAccess(Access::WrongTenant(_)) => "wrong-tenant",
        TroubleKind::NoAccess(Access::Scope(_)) => "missing-scope",
        TroubleKind::NoAccess(Access::Role(_)) => "missing-role",
        TroubleKind::NoAccess(Access::Licence) => "missing-licence",
        TroubleKind::NoAccess(Access::Shape(_)) => "unknown-shape",
        TroubleKind::Refused => "refused",
        TroubleKind::NotFound => "not-found",
        TroubleKind::Unavailable => "unavailable",
        TroubleKind::AnswerLost => "answer-lost",
        TroubleKind::Unintelligible => "unintelligible",
    }
}

/// The kind of error, whether a new token is asked for, and which of scope and role the hint names.
fn outcome(errand: Errand, cause: Cause) -> String {
    let setback = Setback { request: RequestId::fresh(), host: "graph.microsoft.com".to_owned(), cause };
    let retried = wants_new_token(errand, &setback);
    let trouble = judge(errand, &setback);
    let hint = trouble.hint.unwrap_or_default();
    let mut outcome = kind(trouble.kind).to_owned();
    for (holds, what) in [
        (retried, ", new token"),
        (hint.contains(errand.scope()), ", names the scope"),
        (hint.contains(errand.roles()), ", names the role"),
    ] {
        outcome.push_str(if holds { what } else { "" });
    }
    outcome
}

#[test]
fn what_requests_take_and_how_they_fail_is_as_recorded() {
    let mut answers = String::new();
    for errand in ERRANDS {
        let mut outcomes: Vec<(String, Vec<&str>)> = Vec::new();
        for (name, cause) in failures() {
            let outcome = outcome(errand, cause);
            match outcomes.iter_mut().find(|(known, _)| *known == outcome) {
                Some((_, names)) => names.push(name),
                None => outcomes.push((outcome, vec![name])),
            }
        }
        answers.push_str(&format!("{}: {}\n", label(errand), needs(errand)));
        for (outcome, names) in outcomes {
            answers.push_str(&format!("    {outcome}: {}\n", names.join(" | ")));
        }
    }
    let recorded = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/requests.txt"));
    assert!(recorded == answers, "not as in tests/recorded/requests.txt any more:\n{answers}");
}
