//! Reads of which every answer counts, refusals too: what `conformance` compares with what is assumed of the services.

use crate::client::endpoints::below;
use crate::client::operations::table::Operation;
use crate::client::reader::TenantReader;
use crate::client::{exchange, graph, portal};
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

pub(crate) struct ProbeRequest<'a> {
    /// What it is for, which decides the service, the token and the pace.
    pub(crate) operation: Operation,
    /// The path below the service's base.
    pub(crate) path: &'a str,
    /// The query, percent-encoded; empty for none.
    pub(crate) query: &'static str,
    /// Whether it carries a token.
    pub(crate) token: bool,
    /// Whether it carries the request id that the service wants.
    pub(crate) id: bool,
}

/// The answer to a read, whatever its status is.
#[derive(Debug)]
pub(crate) struct ProbeAnswer {
    pub(crate) status: u16,
    /// What the status and the body mean; `None` for a success.
    pub(crate) refusal: Option<TenantErrorKind>,
    /// The body. It comes from the tenant, so no output may quote it.
    pub(crate) text: String,
}

impl TenantReader {
    /// Makes one read, and answers with whatever status the service gives.
    ///
    /// # Errors
    /// When there is no token or no answer.
    pub(crate) async fn probe(&self, probe: &ProbeRequest<'_>) -> Result<ProbeAnswer, TenantError> {
        let ProbeRequest { operation, path, query, token, id } = probe;
        let service = operation.spec().service.unwrap_or(Service::Graph);
        let mut url = below(self.base(service), &path.split('/').collect::<Vec<_>>());
        url.set_query(Some(*query).filter(|query| !query.is_empty()));
        let mut request = match service {
            Service::Portal => portal::get(url),
            Service::Graph => graph::get(url),
        };
        if !id {
            request.ids = &[];
        }
        let (response, refusal) = exchange::read_any(self.session(), *operation, &request, *token).await?;
        Ok(ProbeAnswer { status: response.status.as_u16(), refusal, text: response.text })
    }
}
