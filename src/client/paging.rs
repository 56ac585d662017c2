//! Lists that come in pages, one page in memory at a time.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::base::clock::Stopwatch;
use crate::client::auth::session::Session;
use crate::client::json_body::decode;
use crate::client::operations::spec::RateLimit;
use crate::client::operations::table::Operation;
use crate::client::transport::{HttpRequest, HttpResponse};
use crate::client::{classify, exchange, graph};
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// How many requests the reports of Microsoft Graph take at once: five in ten seconds for each application and tenant
/// (Microsoft Graph throttling limits, "Identity and access reports").
const AT_ONCE: usize = 5;

/// The most pages of a list of objects: far more than any tenant has policies, locations or configurations.
const MOST_PAGES: usize = 100;

/// The pages of one list of Microsoft Graph's, requested one after another; those of reports at the
/// pace that these allow.
pub(crate) struct PageReader<'a> {
    session: &'a Session,
    operation: Operation,
    next: Option<HttpRequest>,
    instead: Option<HttpRequest>,
    asked: usize,
    last: Option<Stopwatch>,
}

impl<'a> PageReader<'a> {
    /// The list that begins with this request, or with the other one where the service refuses the first.
    /// Nothing is sent yet.
    pub(crate) fn new(session: &'a Session, operation: Operation, first: HttpRequest, instead: HttpRequest) -> Self {
        Self { instead: Some(instead), ..Self::of(session, operation, first) }
    }

    /// The list that begins with this request. Nothing is sent yet.
    pub(crate) fn of(session: &'a Session, operation: Operation, first: HttpRequest) -> Self {
        Self { session, operation, next: Some(first), instead: None, asked: 0, last: None }
    }

    /// The next page, which may be empty; `None` after the last.
    pub(crate) async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<Vec<T>>, TenantError> {
        let Some(mut request) = self.next.take() else { return Ok(None) };
        let instead = self.instead.take();
        let response = match (self.ask(&request).await, instead) {
            (Err(error), Some(instead)) if error.kind == TenantErrorKind::Refused => {
                request = instead;
                self.ask(&request).await?
            }
            (answered, _) => answered?,
        };
        let LinkedPage { value, next_link } = decode(self.operation, &response)?;
        if let Some(link) = next_link {
            let url = follow(self.session.endpoints.of_system(Service::Graph), &request.url, &link)
                .map_err(|why| classify::unexpected_response(self.operation, why).request(response.request))?;
            self.next = Some(graph::get(url));
        }
        Ok(Some(value))
    }

    async fn ask(&mut self, request: &HttpRequest) -> Result<HttpResponse, TenantError> {
        self.wait().await;
        self.asked += 1;
        exchange::read_with_retries(self.session, self.operation, request).await
    }

    /// How many requests were made.
    pub(crate) fn asked(&self) -> usize {
        self.asked
    }

    /// Whether the last page was read.
    pub(crate) fn ended(&self) -> bool {
        self.next.is_none()
    }

    /// Waits as long as the reports want after the request before.
    async fn wait(&mut self) {
        if self.operation.spec().rate_limit != RateLimit::Reports {
            return;
        }
        let pause = self.session.http.patience().report_pause;
        if let Some(last) = self.last.filter(|_| self.asked >= AT_ONCE) {
            tokio::time::sleep(pause.saturating_sub(last.elapsed())).await;
        }
        self.last = Some(Stopwatch::start());
    }
}

/// Reads a whole list of objects.
///
/// # Errors
/// When a page cannot be read, or the list has more than [`MOST_PAGES`] pages.
pub(crate) async fn read_all<T: DeserializeOwned>(
    session: &Session,
    operation: Operation,
    first: HttpRequest,
) -> Result<Vec<T>, TenantError> {
    let mut pages = PageReader::of(session, operation, first);
    let mut all = Vec::new();
    while let Some(page) = pages.next::<T>().await? {
        all.extend(page);
        if pages.asked() >= MOST_PAGES && !pages.ended() {
            return Err(classify::unexpected_response(operation, format!("has more than {MOST_PAGES} pages")));
        }
    }
    Ok(all)
}

/// A list of Microsoft Graph that comes in one page.
#[derive(Deserialize)]
pub(crate) struct ListPage<T> {
    /// The items, in the service's order.
    pub(crate) value: Vec<T>,
}

/// One page of a list of Microsoft Graph; other keys are ignored.
#[derive(Deserialize)]
struct LinkedPage<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
}

/// The address of the next page. The service's link is taken as it is, but leads nowhere else: the same list at the same
/// host, and never back to the page that named it.
fn follow(base: &Url, page: &Url, link: &str) -> Result<Url, &'static str> {
    let url = Url::parse(link).map_err(|_| "names a next page that is no address")?;
    if url.origin() != base.origin() || !url.username().is_empty() || url.password().is_some() {
        return Err("names a next page on another host, which is not followed");
    }
    if !url.path().eq_ignore_ascii_case(page.path()) {
        return Err("names a next page outside of the list, which is not followed");
    }
    if url == *page {
        return Err("names itself as its next page");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_page_is_of_the_same_list_and_host() -> Result<(), url::ParseError> {
        let base = Url::parse("https://graph.microsoft.com")?;
        let page = Url::parse("https://graph.microsoft.com/v1.0/auditLogs/directoryAudits?$top=5")?;
        let follow = |link: &str| follow(&base, &page, link).map(String::from);
        let next = "https://graph.microsoft.com/v1.0/auditLogs/directoryAudits?$top=5&$skiptoken=a%2Bb";
        assert_eq!(follow(next).as_deref(), Ok(next));
        for elsewhere in [
            "https://graph.microsoft.com.evil.example/v1.0/auditLogs/directoryAudits?x",
            "http://graph.microsoft.com/v1.0/auditLogs/directoryAudits?x",
            "https://graph.microsoft.com:444/v1.0/auditLogs/directoryAudits?x",
            "https://a@graph.microsoft.com/v1.0/auditLogs/directoryAudits?x",
            "https://graph.microsoft.com/v1.0/auditLogs/directoryAudits/../../me?x",
            "https://graph.microsoft.com/beta/auditLogs/directoryAudits?x",
            "/v1.0/auditLogs/directoryAudits?x",
            page.as_str(),
        ] {
            assert!(follow(elsewhere).is_err(), "{elsewhere}");
        }
        Ok(())
    }
}
