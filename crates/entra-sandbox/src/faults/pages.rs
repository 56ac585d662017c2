//! Faults of lists that come in pages: pages without items, pages with few, links in a circle, and links elsewhere.
//!
//! A list that one of them changes goes on by a skip token of this module. The token says which fault made it, the number of
//! the page, and the token of the service's own page, so that the server remembers nothing between two requests.

use axum::http::Method;
use serde_json::{Value, json};

use crate::faults::fault::{Action, PageFault};
use crate::http::message::{Reply, Request};

const TOKEN: &str = "RFNwdFAULT";
const SKIP_TOKEN: &str = "$skiptoken";

/// The page of a list that a fault makes.
#[derive(Clone, Debug)]
pub(crate) struct FaultPage {
    fault: PageFault,
    /// The number of this page among those that the fault makes of one page of the service, counted from 0.
    number: u32,
}

/// The request for the service's own page, and the page that a fault makes of it: the one that the skip token names, or else
/// the first one of a fault that is due.
pub(crate) fn page_of(request: &Request, actions: &[Action]) -> (Request, Option<FaultPage>) {
    if let Some((request, page)) = resumed(request) {
        return (request, Some(page));
    }
    let due =
        actions.iter().find_map(|action| if let Action::Pages(fault) = action { Some(fault.clone()) } else { None });
    let page = due.filter(|_| request.method == Method::GET).map(|fault| FaultPage { fault, number: 0 });
    (request.clone(), page)
}

/// The reply of the service as the fault changes it. What is not a list is left as it is.
pub(crate) fn with_changed_page(reply: Reply, request: &Request, page: Option<FaultPage>) -> Reply {
    let Some(FaultPage { fault, number }) = page else { return reply };
    let Ok(Value::Object(mut body)) = serde_json::from_str::<Value>(&reply.body) else { return reply };
    let Some(items) = body.get("value").and_then(Value::as_array).cloned() else { return reply };
    if !reply.status.is_success() {
        return reply;
    }
    let link = |number| link(request, &fault, number);
    let (items, next) = match &fault {
        PageFault::Empty(pages) if number < *pages => (Vec::new(), Some(link(number + 1))),
        PageFault::Empty(_) => (items, None),
        PageFault::Items(most) => {
            let most = usize::try_from(*most).unwrap_or(usize::MAX).max(1);
            let before = most.saturating_mul(usize::try_from(number).unwrap_or(usize::MAX));
            let next = (before.saturating_add(most) < items.len()).then(|| link(number + 1));
            (items.into_iter().skip(before).take(most).collect(), next)
        }
        PageFault::Circle(pages) => {
            let next = (number + 1) % (*pages).max(1);
            (if number == 0 { items } else { Vec::new() }, Some(link(next)))
        }
        PageFault::ForeignLink(base) => {
            (items, Some(format!("{}{}?{}", base.trim_end_matches('/'), request.path, request.query)))
        }
    };
    body.insert("value".to_owned(), Value::Array(items));
    if let Some(next) = next {
        body.insert("@odata.nextLink".to_owned(), json!(next));
    }
    reply.with_body(Value::Object(body).to_string())
}

/// The address of a page of this fault. Page 0 has the address of the service's own page.
fn link(request: &Request, fault: &PageFault, number: u32) -> String {
    let address = format!("{}{}?{}", request.base, request.path, request.query);
    if number == 0 {
        return address;
    }
    let own = request.query_option(SKIP_TOKEN).unwrap_or_default();
    let (kind, size) = match fault {
        PageFault::Empty(pages) => ("empty", pages),
        PageFault::Items(most) => ("items", most),
        PageFault::Circle(pages) => ("circle", pages),
        PageFault::ForeignLink(_) => return address,
    };
    let query = without_token(&request.query);
    let separator = if query.is_empty() { "" } else { "&" };
    let base = format!("{}{}?{query}{separator}", request.base, request.path);
    format!("{base}{SKIP_TOKEN}={TOKEN}-{kind}-{size}-{number}-{own}")
}

fn resumed(request: &Request) -> Option<(Request, FaultPage)> {
    let token = request.query_option(SKIP_TOKEN)?;
    let mut parts = token.strip_prefix(TOKEN)?.strip_prefix('-')?.splitn(4, '-');
    let (kind, size, number, own) =
        (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    let fault = match kind {
        "empty" => PageFault::Empty(size),
        "items" => PageFault::Items(size),
        "circle" => PageFault::Circle(size),
        _ => return None,
    };
    let mut query = without_token(&request.query);
    if !own.is_empty() {
        query = format!("{query}{}{SKIP_TOKEN}={own}", if query.is_empty() { "" } else { "&" });
    }
    Some((Request { query, ..request.clone() }, FaultPage { fault, number }))
}

/// A query without its skip token, and otherwise as it was sent.
fn without_token(query: &str) -> String {
    let name = |option: &str| option.split('=').next().unwrap_or_default().replace("%24", "$");
    query.split('&').filter(|option| !name(option).eq_ignore_ascii_case(SKIP_TOKEN)).collect::<Vec<_>>().join("&")
}
