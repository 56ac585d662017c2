//! What `--format html` and `report` write: one page without a script, made from the JSON documents of one or more results. The
//! page of a saved document is that of the run itself.
//!
//! To add a command: its file with a function that makes a [`DocumentView`] of its document, and a line in [`view`].

mod document;
mod fields;
mod findings;
pub(crate) mod page;
mod validate;

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::base::digest::hash_json;
use crate::render::html::document::DocumentView;
use crate::render::html::fields::text;
use crate::render::html::page::{fill, page};

/// The page of the document of one run. Days are counted from `today`.
#[must_use]
pub(crate) fn result(document: &str, today: Date) -> String {
    // A document of this program is always JSON.
    let document: Json = serde_json::from_str(document).unwrap_or_default();
    report(&[document], today)
}

/// The page of several documents, in their order.
#[must_use]
pub(crate) fn report(documents: &[Json], today: Date) -> String {
    let views: Vec<_> = documents.iter().filter_map(|document| view(document, today)).collect();
    let title = match views.as_slice() {
        [one] => one.title.clone(),
        several => several.iter().map(|view| view.title.as_str()).collect::<Vec<_>>().join(" · "),
    };
    let alone = views.len() == 1;
    let values = json!({
        "title": title,
        "subtitle": format!("Days are counted from {today}."),
        "documents": views.iter().map(|view| view.values(alone)).collect::<Vec<_>>(),
        "footer": documents.iter().map(evidence).collect::<Vec<_>>(),
    });
    page(&title, fill("report", values))
}

/// What a page shows of a document; `None` for one of a command without a page.
fn view(document: &Json, today: Date) -> Option<DocumentView> {
    match text(document, "command") {
        "validate" => Some(validate::view(document, today)),
        _ => None,
    }
}

/// By what the result can be known again.
fn evidence(document: &Json) -> String {
    let (command, digest) = (text(document, "command"), hash_json(document));
    format!("ssprctl {} made this page of the result of `{command}`, sha256 {digest}.", env!("CARGO_PKG_VERSION"))
}
