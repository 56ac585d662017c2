//! Reads one person: the account, the line of the registration report, the groups and roles, and the refused resets. Nothing of
//! it is saved, and no log names the person.

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use crate::base::ids::ObjectId;
use crate::client::accounts::home;
use crate::client::operations::table::Operation;
use crate::client::paging::{self, PageReader};
use crate::client::reader::TenantReader;
use crate::client::{exchange, graph};
use crate::tenant::account::{Memberships, NamedAccount, UserAccount};
use crate::tenant::audit::RefusedReset;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::registration::UserRegistrationDetails;
use crate::tenant::surface::Service;

/// The service that logs resets of passwords.
const SERVICE: &str = "Self-service Password Management";
/// The activity of somebody who tried too often; its result is a success.
const BLOCKED: &str = "Blocked from self-service password reset";
/// The beginnings of the other activities of a reset, in lower case. Registering is none.
const ACTIVITIES: [&str; 3] =
    ["reset password (self-service)", "self-service password reset flow", "unlock user account"];
/// The most pages of a hundred events of one person that are read.
const MOST_PAGES: usize = 5;

impl TenantReader {
    /// The account with this sign-in name or object id; `None` if there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) async fn account(&self, user: &str) -> Result<Option<NamedAccount>, TenantError> {
        let request = graph::account(self.base(Service::Graph), user);
        let read = exchange::read_json::<SingleUser>(self.session(), Operation::Account, &request).await;
        found(read.map(|user| {
            let name = user.user_principal_name.unwrap_or_default();
            let account = UserAccount {
                home: home(&name, user.external_user_state.is_some()),
                enabled: user.account_enabled,
                synchronised: user.on_premises_sync_enabled == Some(true),
            };
            NamedAccount { id: ObjectId(user.id), account, name }
        }))
    }

    /// The line of the report of who registered; `None` if the report does not have the person.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) async fn registration_of(
        &self,
        person: ObjectId,
    ) -> Result<Option<UserRegistrationDetails>, TenantError> {
        let request = graph::registration_of(self.base(Service::Graph), person);
        let read = exchange::read_json::<SingleLine>(self.session(), Operation::Registration, &request).await;
        found(read.map(|line| UserRegistrationDetails {
            id: ObjectId(line.id),
            member: line.user_type.as_deref() == Some("member"),
            administrator: line.is_admin == Some(true),
            methods: line.methods_registered,
            enabled: line.is_sspr_enabled,
            capable: line.is_sspr_capable,
            refreshed: line.last_updated_date_time.and_then(|at| at.parse().ok()),
        }))
    }

    /// The groups of a person, at any depth, and their directory roles.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub(crate) async fn memberships(&self, person: ObjectId) -> Result<Memberships, TenantError> {
        let base = self.base(Service::Graph);
        let (first, instead) = (graph::memberships(base, person), graph::memberships_plain(base, person));
        let mut pages = PageReader::new(self.session(), Operation::Memberships, first, instead);
        let mut memberships = Memberships { roles: Some(Vec::new()), ..Memberships::default() };
        while let Some(page) = pages.next::<Membership>().await? {
            for Membership { id, kind, role_template_id } in page {
                match (kind.as_deref(), role_template_id) {
                    (Some("#microsoft.graph.directoryRole"), Some(template)) => {
                        memberships.roles.iter_mut().for_each(|roles| roles.push(template));
                    }
                    // Without the permission to read roles, the list has only their ids in this tenant.
                    (Some("#microsoft.graph.directoryRole"), None) => memberships.roles = None,
                    _ => drop(memberships.groups.insert(ObjectId(id))),
                }
            }
        }
        Ok(memberships)
    }

    /// The groups that are direct members of a group, with their names.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub(crate) async fn groups_in(&self, group: ObjectId) -> Result<Vec<(ObjectId, String)>, TenantError> {
        let request = graph::groups_in(self.base(Service::Graph), group);
        let groups = paging::read_all::<NamedGroup>(self.session(), Operation::Members, request).await?;
        let named = |NamedGroup { id, display_name }| (ObjectId(id), display_name.unwrap_or_default());
        Ok(groups.into_iter().map(named).collect())
    }

    /// The resets of a person that the service refused since a moment, the newest first.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub(crate) async fn refused_resets(
        &self,
        person: ObjectId,
        since: Timestamp,
    ) -> Result<Vec<RefusedReset>, TenantError> {
        let base = self.base(Service::Graph);
        // The reference documents these conditions only one by one.
        let first = graph::audit_of_person(base, SERVICE, person, since);
        let instead = graph::audit_of_person_plain(base, person);
        let mut pages = PageReader::new(self.session(), Operation::Audit, first, instead);
        let mut refused = Vec::new();
        while pages.asked() < MOST_PAGES
            && let Some(page) = pages.next::<LoggedReset>().await?
        {
            refused.extend(page.into_iter().filter_map(LoggedReset::refused).filter(|reset| reset.at >= since));
        }
        refused.sort_by_key(|reset: &RefusedReset| std::cmp::Reverse(reset.at));
        Ok(refused)
    }
}

/// A read of something that may not be there.
fn found<T>(read: Result<T, TenantError>) -> Result<Option<T>, TenantError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == TenantErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SingleUser {
    id: Uuid,
    user_principal_name: Option<String>,
    account_enabled: Option<bool>,
    on_premises_sync_enabled: Option<bool>,
    external_user_state: Option<String>,
}

/// One line of the report, without the name of the person.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SingleLine {
    id: Uuid,
    user_type: Option<String>,
    is_admin: Option<bool>,
    is_sspr_enabled: bool,
    is_sspr_capable: bool,
    #[serde(default)]
    methods_registered: Vec<String>,
    last_updated_date_time: Option<String>,
}

/// A group, a directory role, or an administrative unit.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Membership {
    id: Uuid,
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    role_template_id: Option<Uuid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamedGroup {
    id: Uuid,
    display_name: Option<String>,
}

/// An event of the log, as far as it is about a reset. Anything may be null.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoggedReset {
    activity_date_time: Option<Timestamp>,
    activity_display_name: Option<String>,
    logged_by_service: Option<String>,
    result: Option<String>,
    result_reason: Option<String>,
}

impl LoggedReset {
    fn refused(self) -> Option<RefusedReset> {
        let activity = self.activity_display_name.unwrap_or_default();
        let lower = activity.to_ascii_lowercase();
        let failed = self.result.as_deref() == Some("failure") && ACTIVITIES.iter().any(|one| lower.starts_with(one));
        let is_refused = failed || activity.eq_ignore_ascii_case(BLOCKED);
        let ours = self.logged_by_service.is_some_and(|service| service.eq_ignore_ascii_case(SERVICE));
        (ours && is_refused).then_some(())?;
        let reason = self.result_reason.unwrap_or_default().trim().to_owned();
        Some(RefusedReset { at: self.activity_date_time?, activity, reason })
    }
}
