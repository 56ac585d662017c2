//! Reads the facts that decide which settings take effect: licences and the directory on premises.

use serde::Deserialize;
use uuid::Uuid;

use crate::client::auth::session::Session;
use crate::client::json_body::decode;
use crate::client::operations::table::Operation;
use crate::client::{classify, exchange, graph, paging, portal};
use crate::tenant::error::TenantError;
use crate::tenant::facts::Licence;
use crate::tenant::licence::{self, Subscription};
use crate::tenant::surface::Service;

/// The only writeback state whose meaning is known: the tenant has no writeback client.
const NO_CLIENT: i64 = 5;

/// What the tenant's subscriptions permit.
pub(crate) async fn licence(session: &Session) -> Result<Licence, TenantError> {
    let operation = Operation::Licence;
    let request = graph::subscriptions(session.endpoints.of_system(Service::Graph));
    let subscriptions = paging::read_all::<Sku>(session, operation, request).await?;
    Ok(licence::licence(&subscriptions.into_iter().map(Subscription::from).collect::<Vec<_>>()))
}

/// Whether the directory is synchronised from on premises.
pub(crate) async fn directory_synced(session: &Session) -> Result<bool, TenantError> {
    let operation = Operation::Synchronisation;
    let request = graph::synchronisation(session.endpoints.of_system(Service::Graph));
    let synced = |organizations: Vec<OrganizationSync>| {
        // A tenant that never synchronised says `null`. With `User.Read` alone so does every tenant, and of everything else,
        // too.
        if organizations.iter().all(|OrganizationSync { created_date_time, .. }| created_date_time.is_none()) {
            return Err(classify::permission_missing(operation));
        }
        Ok(organizations.iter().any(|organization| organization.on_premises_sync_enabled == Some(true)))
    };
    paging::read_and_check(session, operation, request, |_| false, synced).await
}

/// Whether a writeback client is connected.
pub(crate) async fn writeback_connected(session: &Session) -> Result<Option<bool>, TenantError> {
    let operation = Operation::Writeback;
    let request = portal::writeback_status(session.endpoints.of_system(Service::Portal));
    let response = exchange::read_with_retries(session, operation, &request).await?;
    let Connectivity { state } = decode(operation, &response)?;
    Ok((state == NO_CLIENT).then_some(false))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sku {
    sku_id: Uuid,
    capability_status: Option<String>,
    #[serde(default)]
    service_plans: Vec<ServicePlan>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServicePlan {
    service_plan_id: Uuid,
    provisioning_status: Option<String>,
}

impl From<Sku> for Subscription {
    fn from(sku: Sku) -> Self {
        let Sku { sku_id, capability_status, service_plans } = sku;
        let plans = service_plans.into_iter().filter(|plan| plan.provisioning_status.as_deref() == Some("Success"));
        Self {
            product: sku_id,
            active: matches!(capability_status.as_deref(), Some("Enabled" | "Warning")),
            plans: plans.map(|plan| plan.service_plan_id).collect(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrganizationSync {
    created_date_time: Option<String>,
    on_premises_sync_enabled: Option<bool>,
}

#[derive(Deserialize)]
struct Connectivity {
    #[serde(rename = "checkWritebackConnectivityStatusResponseEnum")]
    state: i64,
}
