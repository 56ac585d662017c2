//! Lists that come in pages. Every list of Microsoft Graph is read through here, to its end: a page may be empty or hold a
//! part of what was asked for, so only a page without a link to the next one ends the list.

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::base::ids::RequestId;
use crate::client::auth::session::Session;
use crate::client::json_body::decode;
use crate::client::operations::table::Operation;
use crate::client::transport::{HttpRequest, HttpResponse, Payload};
use crate::client::{classify, exchange, graph};
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// The most pages of a list of objects: far more than any tenant has policies, locations or configurations.
const MOST_PAGES: usize = 100;

/// The most bytes of a link to the next page: the services' own have a few hundred.
const LINK_BYTES: usize = 16 * 1024;

/// The pages of one list of Microsoft Graph's, requested one after another.
pub(crate) struct PageReader<'a> {
    session: &'a Session,
    operation: Operation,
    next: Option<HttpRequest>,
    instead: Option<HttpRequest>,
    asked: usize,
    /// Whether the pages may nest as deep as they like, because only known columns of them are read.
    flat: bool,
    /// The addresses of the pages so far: a link to one of them would never end the list.
    read: HashSet<Url>,
    /// The id of the request for the last page, for errors about the list.
    request: Option<RequestId>,
}

impl<'a> PageReader<'a> {
    /// The list that begins with this request, or with the other one where the service refuses the first.
    /// Nothing is sent yet.
    pub(crate) fn new(session: &'a Session, operation: Operation, first: HttpRequest, instead: HttpRequest) -> Self {
        Self { instead: Some(instead), ..Self::of(session, operation, first) }
    }

    /// The list that begins with this request. Nothing is sent yet.
    pub(crate) fn of(session: &'a Session, operation: Operation, first: HttpRequest) -> Self {
        let flat = matches!(first.payload, Payload::Page);
        let (next, read) = (Some(first), HashSet::new());
        Self { session, operation, next, instead: None, asked: 0, flat, read, request: None }
    }

    /// The next page, which may be empty; `None` after the last.
    pub(crate) async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<Vec<T>>, TenantError> {
        match self.fetch().await? {
            Some(page) => self.parse(&page).map(Some),
            None => Ok(None),
        }
    }

    /// The next page as it was received; `None` after the last. [`PageReader::parse`] has to follow.
    pub(crate) async fn fetch(&mut self) -> Result<Option<ReceivedPage>, TenantError> {
        let Some(mut request) = self.next.take() else { return Ok(None) };
        let instead = self.instead.take();
        let response = match (self.ask(&request).await, instead) {
            (Err(error), Some(instead)) if error.kind == TenantErrorKind::Refused => {
                request = instead;
                self.ask(&request).await?
            }
            (answered, _) => answered?,
        };
        self.request = Some(response.request);
        Ok(Some(ReceivedPage { response, url: request.url }))
    }

    /// The items of a page, which may borrow from it. Notes where the next one is.
    pub(crate) fn parse<'p, T: Deserialize<'p>>(&mut self, page: &'p ReceivedPage) -> Result<Vec<T>, TenantError> {
        let ReceivedPage { response, url } = page;
        let LinkedPage { value, next_link } = decode(self.operation, response)?;
        if let Some(link) = next_link {
            let followed = follow(self.session.endpoints.of_system(Service::Graph), url, &link);
            self.read.insert(url.clone());
            let unread = |url: Url| if self.read.contains(&url) { Err(CIRCLE) } else { Ok(url) };
            let url = followed
                .and_then(unread)
                .map_err(|why| classify::unexpected_response(self.operation, why).request(response.request))?;
            let payload = if self.flat { Payload::Page } else { Payload::Nothing };
            self.next = Some(HttpRequest { payload, ..graph::get(url) });
        }
        Ok(value)
    }

    /// The query of the address of the next page; `None` after the last.
    pub(crate) fn next_query(&self) -> Option<&str> {
        self.next.as_ref().and_then(|next| next.url.query())
    }

    async fn ask(&mut self, request: &HttpRequest) -> Result<HttpResponse, TenantError> {
        self.asked += 1;
        exchange::read_with_retries(self.session, self.operation, request).await
    }

    /// How many requests were made.
    pub(crate) fn asked(&self) -> usize {
        self.asked
    }

    /// An error about what the list says, with the id of the request for its last page.
    pub(crate) fn error(&self, error: TenantError) -> TenantError {
        match self.request {
            Some(request) => error.request(request),
            None => error,
        }
    }

    /// Whether the last page was read.
    pub(crate) fn ended(&self) -> bool {
        self.next.is_none()
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
    read_and_check(session, operation, first, |_| false, Ok).await
}

/// Reads a list of objects until `enough` returns `true` for those that were read, or to its end, and makes of them what
/// `check` does; an error of `check` gets the id of the last request.
///
/// # Errors
/// When a page cannot be read, the list has more than [`MOST_PAGES`] pages, or `check` refuses it.
pub(crate) async fn read_and_check<T: DeserializeOwned, U>(
    session: &Session,
    operation: Operation,
    first: HttpRequest,
    enough: impl Fn(&[T]) -> bool,
    check: impl FnOnce(Vec<T>) -> Result<U, TenantError>,
) -> Result<U, TenantError> {
    let again = graph::get(first.url.clone());
    let mut pages = PageReader::of(session, operation, first);
    let read = match collect(&mut pages, &enough).await {
        // The token in a link expires (`Directory_ExpiredPageToken`, HTTP 400). Then the list is read once more from its
        // first page.
        Err(error) if pages.asked() > 1 && error.kind == TenantErrorKind::Refused => {
            pages = PageReader::of(session, operation, again);
            collect(&mut pages, &enough).await
        }
        outcome => outcome,
    };
    check(read?).map_err(|error| pages.error(error))
}

async fn collect<T: DeserializeOwned>(
    pages: &mut PageReader<'_>,
    enough: &impl Fn(&[T]) -> bool,
) -> Result<Vec<T>, TenantError> {
    let mut all = Vec::new();
    while let Some(page) = pages.next::<T>().await? {
        all.extend(page);
        if enough(&all) {
            break;
        }
        if pages.asked() >= MOST_PAGES && !pages.ended() {
            let why = format!("has more than {MOST_PAGES} pages");
            return Err(pages.error(classify::unexpected_response(pages.operation, why)));
        }
    }
    Ok(all)
}

/// A page as it was received.
pub(crate) struct ReceivedPage {
    response: HttpResponse,
    url: Url,
}

/// One page of a list of Microsoft Graph; other keys are ignored.
#[derive(Deserialize)]
struct LinkedPage<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
}

/// What is said of a list that leads back to a page of it.
const CIRCLE: &str = "names as its next page one that was read already, so the list has no end";

/// The address of the next page: the service's link as it is. One that leads to another list or host is refused.
fn follow(base: &Url, page: &Url, link: &str) -> Result<Url, &'static str> {
    if link.len() > LINK_BYTES {
        return Err("names a next page by an address of more than 16 KiB");
    }
    let url = Url::parse(link).map_err(|_| "names a next page that is no address")?;
    if url.origin() != base.origin() || !url.username().is_empty() || url.password().is_some() {
        return Err("names a next page on another host, which is not followed");
    }
    if !url.path().eq_ignore_ascii_case(page.path()) {
        return Err("names a next page outside of the list, which is not followed");
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
            &format!("https://graph.microsoft.com/v1.0/auditLogs/directoryAudits?{}", "x".repeat(LINK_BYTES)),
        ] {
            assert!(follow(elsewhere).is_err(), "{elsewhere}");
        }
        Ok(())
    }
}
