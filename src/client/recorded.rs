//! Compares what every operation needs and how its failures are classified with `tests/recorded/requests.txt`, which was
//! recorded before the refactoring of issue 10.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::StatusCode;

use crate::base::ids::RequestId;
use crate::client::classify::{is_token_rejected, tenant_error};
use crate::client::connect_error::ConnectError;
use crate::client::operations::spec::{GraphPermission, OperationSpec, RateLimit};
use crate::client::operations::table::Operation;
use crate::client::transport::{HttpResponse, RequestError, RequestErrorCause, SentSecrets};
use crate::tenant::error::{MissingAccess, TenantErrorKind};
use crate::tenant::surface::{Service, Surface};

/// Every operation, in the order of the recorded file.
fn operations() -> Vec<Operation> {
    let mut operations = Service::ALL.map(Operation::Identify).to_vec();
    operations.extend(Surface::ALL.map(Operation::Read));
    operations.extend(Surface::ALL.map(Operation::Write));
    operations.extend([
        Operation::Locations,
        Operation::Groups,
        Operation::Members,
        Operation::Licence,
        Operation::Synchronisation,
        Operation::Writeback,
        Operation::Audit,
        Operation::Registration,
        Operation::Accounts,
        Operation::Account,
        Operation::Memberships,
        Operation::Score,
        Operation::Domain,
        Operation::SignIn,
        Operation::Assertion,
    ]);
    operations
}

fn label(operation: Operation) -> String {
    let word = |service| if service == Service::Portal { "portal" } else { "graph" };
    match operation {
        Operation::Identify(service) => format!("identify the tenant to {}", word(service)),
        Operation::Read(surface) => format!("read {}", surface.name()),
        Operation::Write(surface) => format!("write {}", surface.name()),
        Operation::Locations => "list named locations".to_owned(),
        Operation::Groups => "look up a group".to_owned(),
        Operation::Members => "list members of a group".to_owned(),
        Operation::Licence => "list subscriptions".to_owned(),
        Operation::Synchronisation => "read directory synchronization".to_owned(),
        Operation::Writeback => "read the state of writeback".to_owned(),
        Operation::Audit => "read the audit log".to_owned(),
        Operation::Registration => "read the registration report".to_owned(),
        Operation::Accounts => "list the accounts".to_owned(),
        Operation::Account => "read one account".to_owned(),
        Operation::Memberships => "list the groups of a person".to_owned(),
        Operation::Score => "read the Secure Score".to_owned(),
        Operation::Domain => "find the tenant of a domain".to_owned(),
        Operation::SignIn => "request a token".to_owned(),
        Operation::Assertion => "request an assertion".to_owned(),
    }
}

/// What a request takes, as far as anybody can see it.
fn needs(operation: Operation) -> String {
    let spec = operation.spec();
    let yes = |holds: bool| if holds { "yes" } else { "no" };
    let rest = format!(
        "writes {}, counted {}",
        yes(operation.is_write()),
        yes(spec.rate_limit == RateLimit::ConditionalAccess)
    );
    let roles = spec.roles;
    match (spec.service, spec.graph) {
        (None, _) => format!("no service, {rest}"),
        (Some(Service::Portal), _) => format!("portal, {rest}\n    roles: {roles}"),
        (Some(Service::Graph), None) => format!("graph, {rest}, without a permission"),
        (Some(Service::Graph), Some(permission)) => {
            let GraphPermission { delegated, application, also } = permission;
            let named = permission.describe();
            let also = if also.is_empty() { "nothing".to_owned() } else { also.join(" and ") };
            format!(
                "graph, {rest}\n    roles: {roles}\n    delegated {delegated}, application {application}, also {also}\n    named: {named}"
            )
        }
    }
}

fn failures() -> Vec<(&'static str, RequestErrorCause)> {
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
        RequestErrorCause::Status(Box::new(HttpResponse {
            status: StatusCode::from_u16(status).unwrap_or_default(),
            retry_after: retry_after.map(Duration::from_secs),
            date: None,
            html: false,
            challenge: None,
            text: text.to_owned(),
            sent: SentSecrets::default(),
            request: RequestId::fresh(),
        }))
    };
    vec![
        ("not sent", RequestErrorCause::Unsent(ConnectError::new("dns error".to_owned()))),
        ("no response", RequestErrorCause::NoAnswer("timed out".to_owned())),
        ("unusable body", RequestErrorCause::Unreadable("is no JSON")),
        ("redirect", RequestErrorCause::Redirect("https://proxy.contoso.com".to_owned())),
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

fn kind(kind: TenantErrorKind) -> &'static str {
    match kind {
        TenantErrorKind::NoAccess(MissingAccess::Credential(_)) => "no-credential",
        TenantErrorKind::NoAccess(MissingAccess::WrongTenant(_)) => "wrong-tenant",
        TenantErrorKind::NoAccess(MissingAccess::Scope(_)) => "missing-scope",
        TenantErrorKind::NoAccess(MissingAccess::Role(_)) => "missing-role",
        TenantErrorKind::NoAccess(MissingAccess::Licence) => "missing-licence",
        TenantErrorKind::NoAccess(MissingAccess::UnknownShape(_)) => "unknown-shape",
        TenantErrorKind::Refused => "refused",
        TenantErrorKind::NotFound => "not-found",
        TenantErrorKind::Unavailable => "unavailable",
        TenantErrorKind::OutcomeUnknown => "answer-lost",
        TenantErrorKind::UnexpectedResponse => "unintelligible",
    }
}

/// The kind of error, whether a new token is requested, and which of scope and role the hint names.
fn outcome(operation: Operation, cause: RequestErrorCause) -> String {
    let error = RequestError { request: RequestId::fresh(), host: "graph.microsoft.com".to_owned(), cause };
    let retried = is_token_rejected(operation, &error);
    let error = tenant_error(operation, &error);
    let hint = error.hint.unwrap_or_default();
    let names_scope = operation.spec().graph.is_some_and(|permission| hint.contains(&permission.describe()));
    let mut outcome = kind(error.kind).to_owned();
    for (holds, what) in [
        (retried, ", new token"),
        (names_scope, ", names the scope"),
        (hint.contains(operation.spec().roles), ", names the role"),
    ] {
        outcome.push_str(if holds { what } else { "" });
    }
    outcome
}

#[test]
fn what_requests_take_and_how_they_fail_is_as_recorded() {
    let mut answers = String::new();
    for operation in operations() {
        let mut outcomes: Vec<(String, Vec<&str>)> = Vec::new();
        for (name, cause) in failures() {
            let outcome = outcome(operation, cause);
            match outcomes.iter_mut().find(|(known, _)| *known == outcome) {
                Some((_, names)) => names.push(name),
                None => outcomes.push((outcome, vec![name])),
            }
        }
        answers.push_str(&format!("{}: {}\n", label(operation), needs(operation)));
        for (outcome, names) in outcomes {
            answers.push_str(&format!("    {outcome}: {}\n", names.join(" | ")));
        }
    }
    let recorded = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/requests.txt"));
    assert!(recorded == answers, "not as in tests/recorded/requests.txt any more:\n{answers}");
}

#[test]
fn only_microsoft_graph_has_permissions() {
    for operation in operations() {
        let OperationSpec { service, graph, action, .. } = operation.spec();
        assert_eq!(graph.is_some(), *service == Some(Service::Graph), "{action}");
    }
}

#[test]
fn documents_are_asked_of_the_service_that_serves_them() {
    for surface in Surface::ALL {
        for operation in [Operation::Read(surface), Operation::Write(surface)] {
            assert_eq!(operation.spec().service, Some(surface.service()), "{}", operation.spec().action);
        }
    }
}

#[test]
fn no_two_surfaces_share_a_write_permission() {
    let mut seen = BTreeSet::new();
    for GraphPermission { delegated, application, .. } in
        Surface::ALL.iter().filter_map(|surface| Operation::Write(*surface).spec().graph)
    {
        assert!(seen.insert(delegated), "{delegated}");
        assert!(delegated == application || seen.insert(application), "{application}");
    }
}
