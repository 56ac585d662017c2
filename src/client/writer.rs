//! Writes a real tenant. No other type can.

use std::future::Future;

use reqwest::StatusCode;

use crate::base::ids::{ObjectId, TenantId};
use crate::client::operations::table::Operation;
use crate::client::reader::TenantReader;
use crate::client::transport::HttpResponse;
use crate::client::{classify, documents, exchange};
use crate::tenant::api::{ReadTenant, WriteTenant};
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, TenantErrorKind, WriteFailure};
use crate::tenant::facts::{Licence, Migration};
use crate::tenant::group::{Group, GroupQuery};
use crate::tenant::identity::Identity;
use crate::tenant::surface::{Service, Surface};

/// Reads and writes one tenant over HTTP.
pub struct TenantWriter {
    reader: TenantReader,
    migration: Option<Migration>,
}

impl TenantWriter {
    /// A writer with the tokens and connections of a reader.
    #[must_use]
    pub fn new(reader: TenantReader) -> Self {
        Self { reader, migration: None }
    }

    /// The same writer for a tenant of which it is known how far it has migrated: the portal counts the methods of the legacy
    /// policy only where that policy decides.
    #[must_use]
    pub fn with_migration(self, migration: Option<Migration>) -> Self {
        Self { migration, ..self }
    }

    /// The reader with the same tokens and connections.
    pub(crate) fn reader(&self) -> &TenantReader {
        &self.reader
    }

    async fn send_write(&self, surface: Surface, body: &Document) -> Result<(), WriteFailure> {
        let operation = Operation::Write(surface);
        let session = self.reader.session();
        let service = surface.service();
        let request =
            documents::write_request(session, surface, body, self.migration).map_err(WriteFailure::NotSent)?;
        let response = exchange::write_once(session, operation, service, &request).await?;
        let accepted = accepted(operation, service, &response);
        accepted.map_err(|error| WriteFailure::Sent(error.request(response.request)))
    }
}

/// Checks the body of a successful response. The portal sends `true`, or `false` if it did nothing; Graph sends nothing, or
/// the document. Any other body may come from a proxy, so the outcome is unknown.
fn accepted(operation: Operation, service: Service, response: &HttpResponse) -> Result<(), TenantError> {
    let text = response.text.trim();
    let expected = match service {
        Service::Portal => text.is_empty() || text == "true",
        Service::Graph => text.is_empty() || Document::parse(text).is_ok(),
    };
    if expected && matches!(response.status, StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT) {
        return Ok(());
    }
    let whom = operation.service_name();
    if service == Service::Portal && text == "false" {
        let message = format!("cannot {}: {whom} answers that it did not", operation.spec().action);
        return Err(TenantError::new(TenantErrorKind::Refused, message).hint("quote the request id to support"));
    }
    let kind = if response.html { "a web page" } else { "something else than it is known to answer" };
    Err(classify::outcome_unknown(operation, &format!("{whom} answers HTTP {} with {kind}", response.status.as_u16())))
}

impl ReadTenant for TenantWriter {
    fn identify(&self, service: Service) -> impl Future<Output = Result<Identity, TenantError>> + Send {
        self.reader.identify(service)
    }

    fn tenant_of(&self, domain: &str) -> impl Future<Output = Result<TenantId, TenantError>> + Send {
        self.reader.tenant_of(domain)
    }

    fn read(&self, surface: Surface) -> impl Future<Output = Result<Document, TenantError>> + Send {
        self.reader.read(surface)
    }

    fn licence(&self) -> impl Future<Output = Result<Licence, TenantError>> + Send {
        self.reader.licence()
    }

    fn directory_synced(&self) -> impl Future<Output = Result<bool, TenantError>> + Send {
        self.reader.directory_synced()
    }

    fn writeback_connected(&self) -> impl Future<Output = Result<Option<bool>, TenantError>> + Send {
        self.reader.writeback_connected()
    }

    fn groups(&self, query: &GroupQuery) -> impl Future<Output = Result<Vec<Group>, TenantError>> + Send {
        self.reader.groups(query)
    }

    fn administrators_among(&self, group: ObjectId) -> impl Future<Output = Result<u64, TenantError>> + Send {
        self.reader.administrators_among(group)
    }
}

impl WriteTenant for TenantWriter {
    fn write(&self, surface: Surface, body: &Document) -> impl Future<Output = Result<(), WriteFailure>> + Send {
        self.send_write(surface, body)
    }
}
