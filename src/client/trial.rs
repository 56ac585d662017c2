//! Writes of which every answer counts, refusals too: what `conformance --write` tries. Nothing else sends them.

use reqwest::Method;

use crate::base::ids::RequestId;
use crate::client::endpoints::below;
use crate::client::operations::table::Operation;
use crate::client::transport::Payload;
use crate::client::writer::TenantWriter;
use crate::client::{exchange, graph, portal};
use crate::tenant::error::{TenantErrorKind, WriteFailure};
use crate::tenant::surface::{Service, Surface};

#[derive(Debug)]
pub(crate) struct TrialRequest {
    /// The document that it changes, or the kind of object.
    pub(crate) surface: Surface,
    pub(crate) method: &'static str,
    /// The path below the service's base, without a query.
    pub(crate) path: String,
    /// The query, percent-encoded; empty for none.
    pub(crate) query: &'static str,
    /// The body; empty for none.
    pub(crate) body: String,
    /// Whether the body is announced as JSON.
    pub(crate) json: bool,
}

/// The answer to a write, whatever its status is.
#[derive(Debug)]
pub(crate) struct TrialAnswer {
    pub(crate) status: u16,
    /// What the status and the body mean; `None` for a success.
    pub(crate) refusal: Option<TenantErrorKind>,
    /// The body. It comes from the tenant, so no output may quote it.
    pub(crate) text: String,
    /// The id with which the request was sent.
    pub(crate) id: RequestId,
}

impl TenantWriter {
    /// Sends one write, once.
    ///
    /// # Errors
    /// When there is no token or no answer.
    pub(crate) async fn try_write(&self, trial: &TrialRequest) -> Result<TrialAnswer, WriteFailure> {
        let TrialRequest { surface, method, path, query, body, json } = trial;
        let service = surface.service();
        let mut url = below(self.reader().base(service), &path.split('/').collect::<Vec<_>>());
        url.set_query(Some(*query).filter(|query| !query.is_empty()));
        let mut request = match service {
            Service::Portal => portal::get(url),
            Service::Graph => graph::get(url),
        };
        // Every word of the table is a method.
        request.method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
        request.payload = match (body.is_empty(), json) {
            (true, _) => Payload::Nothing,
            (false, true) => Payload::Json(body.clone()),
            (false, false) => Payload::PlainText(body.clone()),
        };
        let operation = Operation::Write(*surface);
        let (response, refusal) = exchange::write_any(self.reader().session(), operation, service, &request).await?;
        Ok(TrialAnswer { status: response.status.as_u16(), refusal, text: response.text, id: response.request })
    }
}
