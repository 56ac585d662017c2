//! The checks of tokens: whose they are, what they permit, and how long they are valid.

use jiff::{SignedDuration, Timestamp};

use crate::base::count::counted;
use crate::base::ids::TenantId;
use crate::catalog::desired::Desired;
use crate::client::{
    Permission, RefreshTokenLifetime, RequiredAccess, TokenClaims, TokenInfo, permissions, permissions_for_people,
};
use crate::doctor::check::{Check, CheckState};
use crate::tenant::error::TenantError;
use crate::tenant::identity::{self, Identity};
use crate::tenant::surface::Service;

/// A saved sign-in that ends within this time gets a warning.
const EXPIRY_WARNING: SignedDuration = SignedDuration::from_hours(24 * 14);

/// The permission to list accounts, and those that include it.
const ACCOUNTS: &str = "User.Read.All";
const WIDER: [&str; 3] = ["User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];

/// All checks of the token for a service.
pub(crate) fn checks(
    desired: &Desired,
    service: Service,
    credential: &Result<TokenInfo, TenantError>,
    now: Timestamp,
    write: bool,
) -> Vec<Check> {
    let about = service.display_name();
    let credential = match credential {
        Ok(credential) => credential,
        Err(error) => return vec![Check::from_error(about, "token", error)],
    };
    let mut checks = vec![Check::new(about, "token", CheckState::Good, whose(credential))];
    checks.extend(credential.life.as_ref().map(|life| lifetime(about, life, now, desired)));
    let Some(facts) = &credential.facts else { return checks };
    let scopes = if facts.scopes.is_empty() { "none".to_owned() } else { facts.scopes.join(", ") };
    let audience = facts.audience.join(", ");
    checks.push(Check::new(about, "audience", CheckState::Good, audience));
    checks.push(Check::new(about, "permissions", CheckState::Good, scopes));
    let needed = needed(desired, service);
    if service == Service::Graph {
        checks.extend(needed.iter().filter_map(|row| scope(about, facts, row, write)));
    }
    if !facts.application {
        checks.extend(roles(about, facts, &needed, write));
    }
    checks
}

/// Checks that a token of Microsoft Graph permits reading people, which a limit of the repository takes.
pub(crate) fn people(service: Service, credential: &Result<TokenInfo, TenantError>) -> Vec<Check> {
    let Some(facts) = credential.as_ref().ok().and_then(|credential| credential.facts.as_ref()) else {
        return Vec::new();
    };
    let about = service.display_name();
    let needed = permissions_for_people().into_iter().filter(|row| row.service == service);
    let missing = needed.filter_map(|row| {
        let permission = if facts.application { row.application } else { row.delegated }?;
        // Permissions on the whole directory include the accounts.
        let enough = |scope: &String| scope == permission || permission == ACCOUNTS && WIDER.contains(&scope.as_str());
        (!facts.scopes.iter().any(enough)).then(|| {
            let says = format!("{permission} is not among them, so nothing can {} for `limits.losing`", row.action);
            let fix = format!("consent to the Microsoft Graph permission {permission}, or leave `limits.losing` out");
            Check::new(about, "permission to read people", CheckState::Missing, says).fix(fix)
        })
    });
    missing.collect()
}

/// Checks that a service answers for the tenant that the policy names.
pub(crate) fn tenant(
    desired: &Desired,
    service: Service,
    found: &Result<Identity, TenantError>,
    id: &Result<TenantId, TenantError>,
) -> Option<Check> {
    let about = service.display_name();
    Some(match (found, id) {
        (Err(error), _) | (Ok(_), Err(error)) => Check::from_error(about, "tenant", error),
        (Ok(found), Ok(id)) => match identity::check(service, found, &desired.tenant, *id) {
            Ok(()) => Check::new(about, "tenant", CheckState::Good, format!("{} ({})", found.name, found.id)),
            Err(error) => Check::from_error(about, "tenant", &error),
        },
    })
}

fn whose(credential: &TokenInfo) -> String {
    let TokenInfo { origin, facts, expires, life: _ } = credential;
    let kind = match facts {
        Some(facts) if facts.application => "an application's",
        Some(_) => "a person's",
        None => "one that cannot be read",
    };
    let who = facts.as_ref().and_then(|facts| facts.who.as_ref()).map(|who| format!(" ({who})")).unwrap_or_default();
    let until = expires.map(|expires| format!(", until {expires:.0}")).unwrap_or_default();
    format!("{kind}{who}, from {origin}{until}")
}

fn lifetime(about: &'static str, life: &RefreshTokenLifetime, now: Timestamp, desired: &Desired) -> Check {
    let left = life.ends.duration_since(now);
    let days = left.as_hours() / 24;
    let says = format!("{} left when this began; last used at {:.0}", counted(days, "day was", "days were"), life.used);
    if left < EXPIRY_WARNING {
        let fix = format!("use it more often, or sign in again: `ssprctl login --tenant {}`", desired.tenant);
        return Check::new(about, "saved sign-in", CheckState::Warning, says).fix(fix);
    }
    Check::new(about, "saved sign-in", CheckState::Good, says)
}

/// The permissions that `apply` needs for the documents of this policy.
fn needed(desired: &Desired, service: Service) -> Vec<Permission> {
    let surfaces = desired.read_set().surfaces;
    let writes = |row: &Permission| row.writes.is_some_and(|surface| surfaces.contains(&surface));
    permissions(RequiredAccess::Write).into_iter().filter(|row| row.service == service && writes(row)).collect()
}

fn scope(about: &'static str, facts: &TokenClaims, row: &Permission, write: bool) -> Option<Check> {
    let needed = if facts.application { row.application } else { row.delegated }?;
    let lacks = |needed: &&str| !facts.scopes.iter().any(|scope| scope == needed);
    let needed = [needed].into_iter().chain(row.also.iter().copied()).find(lacks)?;
    let says = format!("{needed} is not among them, so apply cannot {}", row.action);
    let fix = format!("for apply, consent to the Microsoft Graph permission {needed}");
    Some(Check::new(about, "permission to write", lacking(write), says).fix(fix))
}

fn roles(about: &'static str, facts: &TokenClaims, needed: &[Permission], write: bool) -> Vec<Check> {
    let names = facts.role_names();
    let says = if names.is_empty() { "the token names none".to_owned() } else { names.join(", ") };
    let mut checks =
        vec![Check::new(about, "roles", if names.is_empty() { CheckState::Warning } else { CheckState::Good }, says)];
    for row in needed {
        let holds = names.iter().any(|name| *name == "Global Administrator" || row.roles.contains(name));
        if !holds {
            let says = format!("the token names no role with which apply can {}", row.action);
            let fix = format!("for apply, activate or assign the role {}", row.roles);
            checks.push(Check::new(about, "role to write", lacking(write), says).fix(fix));
        }
    }
    checks
}

fn lacking(write: bool) -> CheckState {
    if write { CheckState::Missing } else { CheckState::Warning }
}
