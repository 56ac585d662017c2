//! The Conditional Access policy on registering, at Graph's `identity/conditionalAccess/policies`, with the named locations.

use serde::Deserialize;
use url::Url;

use crate::client::auth::session::Session;
use crate::client::endpoints::below;
use crate::client::json_body::encode;
use crate::client::operations::table::Operation;
use crate::client::transport::HttpRequest;
use crate::client::{classify, graph, paging};
use crate::tenant::conditional_access::{self, NamedLocation};
use crate::tenant::document::Document;
use crate::tenant::error::TenantError;
use crate::tenant::managed_object;
use crate::tenant::surface::{Service, Surface};

const POLICIES: &[&str] = &["v1.0", "identity", "conditionalAccess", "policies"];
const LOCATIONS: &[&str] = &["v1.0", "identity", "conditionalAccess", "namedLocations"];

/// Reads all policies and all named locations, and selects the managed policy.
pub(super) async fn read(session: &Session, adopts: bool) -> Result<Document, TenantError> {
    let base = session.endpoints.of_system(Service::Graph);
    let operation = Operation::Read(Surface::ConditionalAccess);
    let policies = paging::read_all::<Document>(session, operation, graph::get(below(base, POLICIES))).await?;
    let locations = graph::get(below(base, LOCATIONS));
    let locations = paging::read_all::<NamedLocationJson>(session, Operation::Locations, locations).await?;
    let locations: Vec<_> = locations.into_iter().map(NamedLocation::from).collect();
    conditional_access::document(policies, &locations, adopts)
        .map_err(|error| classify::ambiguous_marker(operation, &error))
}

/// Creates the policy, or sends the changed keys of the one whose id the body has.
pub(super) fn write(base: &Url, body: &Document) -> Result<HttpRequest, TenantError> {
    let (id, body) = managed_object::split_id(body);
    let text = encode(Operation::Write(Surface::ConditionalAccess), &body)?;
    Ok(graph::write_object(base, POLICIES, id.as_deref(), text))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamedLocationJson {
    id: String,
    display_name: Option<String>,
    is_trusted: Option<bool>,
}

impl From<NamedLocationJson> for NamedLocation {
    fn from(location: NamedLocationJson) -> Self {
        let NamedLocationJson { id, display_name, is_trusted } = location;
        Self { id, name: display_name.unwrap_or_default(), trusted: is_trusted.unwrap_or_default() }
    }
}
