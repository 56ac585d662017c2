//! Documents of objects that a tenant has many of and of which one is kept.

use serde::Deserialize;

use crate::client::auth::session::Session;
use crate::client::operations::table::Operation;
use crate::client::paging::PageReader;
use crate::client::transport::HttpRequest;
use crate::client::{classify, graph};
use crate::tenant::conditional_access::{self, NamedLocation};
use crate::tenant::device_configuration;
use crate::tenant::document::{DecodeError, Document};
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::surface::{Service, Surface};

/// The most pages of one list: far more than any tenant has objects of these kinds.
const MOST_PAGES: usize = 100;

/// The Conditional Access policy on registering, with the named locations.
pub(crate) async fn access(session: &Session, adopts: bool) -> Result<Document, TenantError> {
    let base = session.endpoints.of_system(Service::Graph);
    let errand = Operation::Read(Surface::ConditionalAccess);
    let policies = all::<Document>(session, errand, graph::read_access(base)).await?;
    let locations = all::<NamedLocationJson>(session, Operation::Locations, graph::locations(base)).await?;
    let locations: Vec<_> = locations.into_iter().map(NamedLocation::from).collect();
    conditional_access::document(policies, &locations, adopts).map_err(|why| doubled(errand, &why))
}

/// The Intune configuration of the reset link, with its assignments.
pub(crate) async fn link(session: &Session, adopts: bool) -> Result<Document, TenantError> {
    let base = session.endpoints.of_system(Service::Graph);
    let errand = Operation::Read(Surface::DeviceConfiguration);
    let configurations = all::<Document>(session, errand, graph::read_devices(base)).await?;
    let document = device_configuration::document(configurations, adopts).map_err(|why| doubled(errand, &why))?;
    match document.get::<String>("id", "an id") {
        Err(_) => Ok(document),
        Ok(id) => {
            let assignments = all(session, errand, graph::assignments(base, &id)).await?;
            Ok(device_configuration::assigned(&document, assignments))
        }
    }
}

async fn all<T: serde::de::DeserializeOwned>(
    session: &Session,
    errand: Operation,
    first: HttpRequest,
) -> Result<Vec<T>, TenantError> {
    let mut pages = PageReader::of(session, errand, first);
    let mut all = Vec::new();
    while let Some(page) = pages.next::<T>().await? {
        all.extend(page);
        if pages.asked() >= MOST_PAGES && !pages.ended() {
            return Err(classify::unexpected_response(errand, format!("has more than {MOST_PAGES} pages")));
        }
    }
    Ok(all)
}

fn doubled(errand: Operation, why: &DecodeError) -> TenantError {
    TenantError::new(TenantErrorKind::UnexpectedResponse, format!("cannot {}: {why}", errand.spec().action))
        .hint("keep the mark in the name of the one that is meant, and take it out of the other names")
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
