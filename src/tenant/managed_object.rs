//! Objects of which a tenant has many and a policy manages one. The object may not exist yet, and is found by a marker in its
//! display name.
//!
//! The document of such a surface is the object as the service sends it, plus keys that no service has ([`OTHERS`] and those
//! of the surface's own file). While the object does not exist, the document has only these. They are never sent.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::exact_json::ExactJson;
use crate::tenant::document::{DecodeError, Document};

/// The prefix of all keys that no service has.
pub(crate) const OWN: &str = "ssprctl.";
/// The key under which a document lists the unmanaged objects for the same purpose.
pub(crate) const OTHERS: &str = "ssprctl.others";
const ID: &str = "id";
const NAME: &str = "displayName";
/// The key of an object's type, where a service has several types.
const TYPE: &str = "@odata.type";

/// An object for the same purpose that no policy manages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UnmanagedObject {
    pub(crate) id: String,
    /// The object's display name, which is untrusted text.
    pub(crate) name: String,
    /// Whether `--adopt` could take it over, because a policy has a setting for everything that it does.
    #[serde(rename = "fits")]
    pub(crate) is_adoptable: bool,
    /// Whether it is on, if only to report.
    #[serde(rename = "acts")]
    pub(crate) is_active: bool,
}

/// How the managed object of a surface is found among all of its kind.
#[derive(Debug)]
pub(crate) struct ObjectSelector {
    /// The text in the display name that marks the managed object.
    pub(crate) marker: &'static str,
    /// Whether an object is for the same purpose, whoever manages it.
    pub(crate) is_candidate: fn(&Document) -> bool,
    pub(crate) is_adoptable: fn(&Document) -> bool,
    pub(crate) is_active: fn(&Document) -> bool,
}

/// The document of the marked object among many. If there is none and `adopt` is set, the only adoptable
/// object takes its place.
///
/// # Errors
/// When several objects are marked: none of them is then known to be the right one.
pub(crate) fn select(objects: Vec<Document>, selector: &ObjectSelector, adopt: bool) -> Result<Document, DecodeError> {
    let is_marked = |object: &Document| name(object).contains(selector.marker);
    let (mut marked, mut others): (Vec<_>, Vec<_>) =
        objects.into_iter().filter(|object| is_marked(object) || (selector.is_candidate)(object)).partition(is_marked);
    if marked.len() > 1 {
        let ids: Vec<_> = marked.iter().map(id).collect();
        let found = format!("marked {} in several objects ({})", selector.marker, ids.join(", "));
        return Err(DecodeError { key: NAME.to_owned(), found, expected: "in one alone" });
    }
    let fitting: Vec<_> = (0..others.len()).filter(|at| others.get(*at).is_some_and(selector.is_adoptable)).collect();
    if let (true, true, [only]) = (adopt, marked.is_empty(), fitting.as_slice()) {
        marked.push(others.remove(*only));
    }
    let others: Vec<_> = others.iter().map(|object| other(object, selector)).collect();
    Ok(marked.pop().unwrap_or_default().with(OTHERS, &json!(others)))
}

fn other(object: &Document, selector: &ObjectSelector) -> UnmanagedObject {
    UnmanagedObject {
        id: id(object),
        name: name(object),
        is_adoptable: (selector.is_adoptable)(object),
        is_active: (selector.is_active)(object),
    }
}

/// Whether the tenant has the object.
#[must_use]
pub(crate) fn exists(document: &Document) -> bool {
    document.raw(ID).is_some()
}

/// The display name; empty if the object has none.
#[must_use]
pub(crate) fn name(document: &Document) -> String {
    document.get(NAME, "a text").unwrap_or_default()
}

fn id(document: &Document) -> String {
    document.get(ID, "an id").unwrap_or_default()
}

/// The unmanaged objects for the same purpose.
#[must_use]
pub(crate) fn others(document: &Document) -> Vec<UnmanagedObject> {
    document.get(OTHERS, "a list").unwrap_or_default()
}

/// The body that turns `seen` into `wanted`: every key for an object that does not exist, else its id and type with the keys
/// that differ. Under a key that holds an object only the members that differ are sent, each with its whole value, as in
/// Microsoft's own examples. `None` when nothing differs.
#[must_use]
pub(crate) fn change_body(seen: &Document, wanted: &Document) -> Option<Document> {
    let keys = seen.differing_keys(wanted, &[]);
    let differing: Vec<_> = keys.iter().map(String::as_str).filter(|key| !key.starts_with(OWN)).collect();
    if differing.is_empty() {
        return None;
    }
    let addressed = [TYPE, ID].into_iter().filter(|key| exists(seen) && !differing.contains(key));
    let body = addressed.chain(differing.iter().copied()).fold(Document::default(), |body, key| {
        match part(seen, wanted, key) {
            Some(value) => body.with_exact(key, &value),
            None => body.copy_key(key, wanted),
        }
    });
    Some(body)
}

/// The members that differ, if both documents have an object under the key.
fn part(seen: &Document, wanted: &Document, key: &str) -> Option<ExactJson> {
    let (Some(ExactJson::Object(before)), Some(ExactJson::Object(after))) = (seen.exact(key), wanted.exact(key)) else {
        return None;
    };
    let members = after.into_iter().filter(|(name, value)| {
        let mut old = before.iter().filter(|(known, _)| known == name);
        !old.any(|(_, known)| known.canonical() == value.canonical())
    });
    Some(ExactJson::Object(members.collect()))
}

/// A body without the keys that have a URL of their own.
#[must_use]
pub(crate) fn without(body: &Document, apart: &[&str]) -> Document {
    apart.iter().fold(body.clone(), |body, key| body.without(key))
}

/// A body of these keys alone, with the id of the object if it has one.
#[must_use]
pub(crate) fn with_only(body: &Document, apart: &[&str]) -> Document {
    [ID].iter().chain(apart).fold(Document::default(), |only, key| only.copy_key(key, body))
}

/// Whether a body requests no change, because it has nothing but the object's id and type.
#[must_use]
pub(crate) fn is_empty(body: &Document) -> bool {
    body.keys().all(|key| [TYPE, ID].contains(&key))
}

/// A body with the id that the object received after the body was built. A body that already has an id is returned
/// unchanged, and so is every body while the object does not exist.
#[must_use]
pub(crate) fn with_id(body: &Document, now: &Document) -> Document {
    match now.get::<String>(ID, "an id") {
        Ok(id) if !exists(body) => body.with(ID, &json!(id)),
        _ => body.clone(),
    }
}

/// The keys of a body that change the object, without id, type and name. A rollback never restores the name, because the
/// marker is in it.
pub(crate) fn requested_keys(body: &Document) -> impl Iterator<Item = &str> {
    body.keys().filter(|key| ![TYPE, ID, NAME].contains(key))
}

/// Whether the object has the value that a body requests under a key.
#[must_use]
pub(crate) fn has_applied(now: &Document, body: &Document, key: &str) -> bool {
    matches!((now.exact(key), body.exact(key)), (Some(found), Some(asked)) if found.contains(&asked))
}

/// Whether two documents have the same under a key, apart from the members that a body has there.
#[must_use]
pub(crate) fn changes_only(body: &Document, before: &Document, now: &Document, key: &str) -> bool {
    match [body, before, now].map(|document| document.exact(key)) {
        [Some(named @ ExactJson::Object(_)), Some(before @ ExactJson::Object(_)), Some(now @ ExactJson::Object(_))] => {
            before.without(&named).canonical() == now.without(&named).canonical()
        }
        // The body has the whole value.
        _ => true,
    }
}

/// Which of these keys hold a list that is not empty.
#[must_use]
pub(crate) fn filled_keys(document: &Document, keys: &[&str]) -> Vec<String> {
    let is_filled = |key: &&&str| matches!(document.exact(key), Some(ExactJson::Array(items)) if !items.is_empty());
    keys.iter().filter(is_filled).map(|key| (*key).to_owned()).collect()
}

/// The object as it is after a write of a body has taken effect.
#[must_use]
pub(crate) fn after_write(now: &Document, body: &Document) -> Document {
    let written = body.keys().fold(now.clone(), |written, key| copy_key(written, body, body, key));
    if exists(&written) { written } else { written.with(ID, &json!("")) }
}

/// The object with the value of a key taken from `from`: the whole value, or only the members that the body has.
#[must_use]
pub(crate) fn copy_key(document: Document, from: &Document, body: &Document, key: &str) -> Document {
    match [&document, from, body].map(|document| document.exact(key)) {
        [Some(ExactJson::Object(mut members)), Some(ExactJson::Object(from)), Some(ExactJson::Object(named))] => {
            for (name, _) in named {
                let mut taken = from.iter().filter(|(known, _)| *known == name).cloned();
                let place = members.iter().position(|(known, _)| *known == name).unwrap_or(members.len());
                members.retain(|(known, _)| *known != name);
                members.splice(place..place, taken.by_ref());
            }
            document.with_exact(key, &ExactJson::Object(members))
        }
        _ => document.copy_key(key, from),
    }
}

/// The body that restores, under these keys, what `from` has there, as far as `body` changed it.
#[must_use]
pub(crate) fn restore_body(body: &Document, from: &Document, keys: &[String]) -> Document {
    let named = [TYPE, ID].into_iter().fold(Document::default(), |named, key| named.copy_key(key, from));
    keys.iter().fold(named, |restored, key| copy_key(restored.copy_key(key, body), from, body, key))
}

/// A body as the two parts of a request: the id of the object, which goes into the URL, and what is sent.
#[must_use]
pub(crate) fn split_id(body: &Document) -> (Option<String>, Document) {
    (body.get(ID, "an id").ok(), body.without(ID))
}

#[cfg(test)]
mod tests {
    use crate::tenant::managed_object::*;

    const PURPOSE: ObjectSelector = ObjectSelector {
        marker: "[mark]",
        is_candidate: |object| object.raw("serves").is_some(),
        is_adoptable: |object| object.raw("fits").is_some(),
        is_active: |object| object.raw("acts").is_some(),
    };

    fn select(texts: &[&str], adopt: bool) -> Result<Result<Document, DecodeError>, serde_json::Error> {
        let objects = texts.iter().map(|text| Document::parse(text)).collect::<Result<Vec<_>, _>>()?;
        Ok(super::select(objects, &PURPOSE, adopt))
    }

    const MARKED: &str = r#"{"id":"1","displayName":"Ours [mark]"}"#;
    const FITTING: &str = r#"{"id":"2","displayName":"Theirs","serves":1,"fits":1}"#;
    const OTHER: &str = r#"{"id":"3","displayName":"Theirs, too","serves":1,"acts":1}"#;
    const STRANGER: &str = r#"{"id":"4","displayName":"Something else"}"#;

    #[test]
    fn the_marked_one_is_it_and_another_one_only_on_request() -> Result<(), Box<dyn std::error::Error>> {
        for (texts, adopt, id, others) in [
            (&[STRANGER, MARKED, FITTING, OTHER][..], true, "1", &["2", "3"][..]),
            (&[FITTING, OTHER], false, "", &["2", "3"]),
            (&[FITTING, OTHER], true, "2", &["3"]),
            (&[FITTING, FITTING], true, "", &["2", "2"]),
            (&[OTHER], true, "", &["3"]),
        ] {
            let document = select(texts, adopt)??;
            assert_eq!(super::id(&document), id);
            assert_eq!(super::others(&document).iter().map(|other| other.id.as_str()).collect::<Vec<_>>(), others);
        }
        assert!(select(&[MARKED, MARKED], true)?.is_err(), "two are marked");
        Ok(())
    }

    #[test]
    fn only_what_differs_is_sent_and_nothing_of_ours() -> Result<(), Box<dyn std::error::Error>> {
        let seen = Document::parse(
            r##"{"@odata.type":"#t","id":"1","new":1.10,"state":"on","parts":{"a":{"x":1,"y":2},"b":1},"ssprctl.others":[]}"##,
        )?;
        let wanted = seen.with("parts", &json!({"a": {"x": 3, "y": 2}, "b": 1})).with(OTHERS, &json!([1]));
        let sent = change_body(&seen, &wanted).map(|body| serde_json::to_string(&body)).transpose()?;
        assert_eq!(sent.as_deref(), Some(r##"{"@odata.type":"#t","id":"1","parts":{"a":{"x":3,"y":2}}}"##));
        assert_eq!(change_body(&seen, &seen), None);
        let absent = Document::default().with(OTHERS, &json!([]));
        let made = change_body(&absent, &absent.with("state", &json!("on")));
        assert_eq!(made.map(|body| split_id(&body)), Some((None, Document::parse(r#"{"state":"on"}"#)?)));
        Ok(())
    }
}
