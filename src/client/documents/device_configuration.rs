//! The Intune configuration of the reset link, at Graph's `deviceManagement/deviceConfigurations`, with its assignments.

use reqwest::Method;
use url::Url;

use crate::client::auth::session::Session;
use crate::client::endpoints::below;
use crate::client::json_body::encode;
use crate::client::operations::table::Operation;
use crate::client::transport::HttpRequest;
use crate::client::{classify, graph, paging};
use crate::tenant::device_configuration::{self, ASSIGNMENTS};
use crate::tenant::document::Document;
use crate::tenant::error::TenantError;
use crate::tenant::managed_object;
use crate::tenant::surface::{Service, Surface};

const CONFIGURATIONS: &[&str] = &["v1.0", "deviceManagement", "deviceConfigurations"];

/// Reads all configurations, selects the managed one, and reads its assignments, which have a URL of their own.
pub(super) async fn read(session: &Session, adopts: bool) -> Result<Document, TenantError> {
    let base = session.endpoints.of_system(Service::Graph);
    let operation = Operation::Read(Surface::DeviceConfiguration);
    let configurations = graph::get(below(base, CONFIGURATIONS));
    let configurations = paging::read_all::<Document>(session, operation, configurations).await?;
    let document = device_configuration::document(configurations, adopts)
        .map_err(|error| classify::ambiguous_marker(operation, &error))?;
    match document.get::<String>("id", "an id") {
        Err(_) => Ok(document),
        Ok(id) => {
            let assignments = graph::get(below(base, &[CONFIGURATIONS, &[id.as_str(), "assignments"]].concat()));
            let assignments = paging::read_all(session, operation, assignments).await?;
            Ok(device_configuration::assigned(&document, assignments))
        }
    }
}

/// Creates the configuration, or sends the changed keys of the one whose id the body has. A body with assignments replaces
/// all assignments of that one.
pub(super) fn write(base: &Url, body: &Document) -> Result<HttpRequest, TenantError> {
    let (id, body) = managed_object::split_id(body);
    let text = encode(Operation::Write(Surface::DeviceConfiguration), &body)?;
    Ok(match id.as_deref() {
        Some(id) if body.raw(ASSIGNMENTS).is_some() => {
            graph::send(Method::POST, below(base, &[CONFIGURATIONS, &[id, "assign"]].concat()), text)
        }
        id => graph::write_object(base, CONFIGURATIONS, id, text),
    })
}
