//! Tokens for the callers in tests and in `--sandbox`, without a request to the token endpoint.

use jiff::{SignedDuration, Timestamp};

use crate::oauth::token::{self, Audience, Claims};
use crate::state::folder::StateError;
use crate::state::role::{MEMBER, Role};
use crate::state::tenant::{Account, App, Tenant};

/// The delegated scopes on Graph that every public client of the sandbox has, separated by spaces.
pub const DELEGATED_SCOPES: &str = "Application.Read.All AuditLog.Read.All DeviceManagementConfiguration.ReadWrite.All \
                             Directory.Read.All Domain.Read.All Group.Read.All GroupMember.Read.All \
                             LicenseAssignment.Read.All OnPremDirectorySynchronization.Read.All Organization.Read.All \
                             Policy.ReadWrite.ConditionalAccess SecurityEvents.Read.All \
                             Policy.Read.All Policy.ReadWrite.Authorization Policy.ReadWrite.AuthenticationMethod User.Read.All";

/// Whose token a request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Person {
    /// The tenant's Global Administrator.
    Administrator,
    /// A member of the tenant with these roles and no others.
    Holding(Vec<Role>),
    /// A member of the tenant with these roles, whose token has these scopes on Graph and no others.
    Scoped {
        /// The directory roles of the member.
        roles: Vec<Role>,
        /// The delegated scopes, such as `Policy.Read.All`.
        scopes: Vec<String>,
    },
    /// The account of the tenant with this sign-in name.
    Account(String),
    /// A Global Administrator of another tenant.
    Elsewhere,
    /// The tenant's Global Administrator, with a token that expired an hour ago.
    Expired,
    /// The tenant's first application, acting for itself.
    App,
}

impl Person {
    /// The tenant's Global Administrator, whose token does not have these scopes on Graph.
    #[must_use]
    pub fn lacking(scopes: &[&str]) -> Self {
        let remaining =
            DELEGATED_SCOPES.split(' ').filter(|scope| !scopes.contains(scope)).map(str::to_owned).collect();
        Self::Scoped { roles: vec![Role::GlobalAdministrator], scopes: remaining }
    }
}

/// An access token, as the token endpoint would issue it.
pub(crate) fn token(
    home: &Tenant,
    all: &[Tenant],
    audience: Audience,
    person: &Person,
    now: Timestamp,
) -> Result<String, StateError> {
    let nobody = |what: &str| StateError::NoTenant(format!("{} ({what})", home.domain()));
    let claims = match person {
        Person::Administrator => person_claims(home, administrator(home)?, audience.claim(), now),
        Person::Holding(roles) => {
            let member = Account { roles: roles.clone(), ..administrator(home)?.clone() };
            person_claims(home, &member, audience.claim(), now)
        }
        Person::Scoped { roles, scopes } => {
            let member = Account { roles: roles.clone(), ..administrator(home)?.clone() };
            let claims = person_claims(home, &member, audience.claim(), now);
            let graph = audience == Audience::Graph;
            Claims { scp: if graph { Some(scopes.join(" ")) } else { claims.scp }, ..claims }
        }
        Person::Account(name) => {
            let found = home.accounts.iter().find(|account| account.user_principal_name.eq_ignore_ascii_case(name));
            person_claims(home, found.ok_or_else(|| nobody(name))?, audience.claim(), now)
        }
        Person::Elsewhere => {
            let other = all.iter().find(|tenant| tenant.id != home.id).ok_or_else(|| nobody("any other tenant"))?;
            person_claims(other, administrator(other)?, audience.claim(), now)
        }
        Person::Expired => {
            let issued = now.saturating_sub(SignedDuration::from_hours(2)).unwrap_or(now);
            person_claims(home, administrator(home)?, audience.claim(), issued)
        }
        Person::App => {
            app_claims(home, home.apps.first().ok_or_else(|| nobody("an application"))?, audience.claim(), now)
        }
    };
    Ok(token::encode(&claims))
}

pub(crate) fn person_claims(tenant: &Tenant, account: &Account, audience: &str, now: Timestamp) -> Claims {
    let scopes = if Audience::Graph.accepts(audience) { DELEGATED_SCOPES } else { "user_impersonation" };
    Claims {
        name: Some(account.display_name.clone()),
        oid: account.id,
        scp: Some(scopes.to_owned()),
        upn: Some(account.user_principal_name.clone()),
        wids: account.roles.iter().map(|role| role.template_id()).chain([MEMBER]).collect(),
        ..token::base_claims(tenant.id, audience, now)
    }
}

pub(crate) fn app_claims(tenant: &Tenant, app: &App, audience: &str, now: Timestamp) -> Claims {
    let roles = if Audience::Graph.accepts(audience) { app.graph_roles.clone() } else { Vec::new() };
    Claims {
        appid: app.client_id,
        idtyp: Some("app".to_owned()),
        oid: app.object_id,
        roles,
        ..token::base_claims(tenant.id, audience, now)
    }
}

fn administrator(tenant: &Tenant) -> Result<&Account, StateError> {
    tenant
        .accounts
        .iter()
        .find(|account| account.roles.contains(&Role::GlobalAdministrator))
        .ok_or_else(|| StateError::NoTenant(format!("{} (a Global Administrator)", tenant.domain())))
}
