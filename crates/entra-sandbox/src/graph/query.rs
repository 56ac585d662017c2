//! The query options of collections: `$filter`, `$select`, `$top`, `$count`, `$orderby` and paging.

use serde_json::{Map, Value, json};

use super::{errors, filter, reply, versions};
use crate::http::message::{Reply, Request};

const DEFAULT_PAGE: usize = 100;
const LARGEST_PAGE: usize = 999;

/// A collection of objects.
pub(super) struct Collection<'a> {
    /// The part of the context after `$metadata#`.
    pub(super) context: &'a str,
    /// The type of the members, which messages name, such as `microsoft.graph.group`.
    pub(super) kind: &'a str,
    /// The properties that can be selected.
    pub(super) properties: &'a [&'a str],
    /// The objects with all properties.
    pub(super) objects: Vec<Value>,
}

/// A collection whose members are computed one by one.
pub(super) struct ComputedCollection<'a> {
    /// The part of the context after `$metadata#`.
    pub(super) context: &'a str,
    /// The type of the members, which messages name.
    pub(super) kind: &'a str,
    /// The properties that can be selected.
    pub(super) properties: &'a [&'a str],
    /// The properties by which the collection can be ordered; its members are in that order already.
    pub(super) orders: &'a [&'a str],
    /// The number of members.
    pub(super) count: u32,
}

#[derive(Default)]
struct QueryOptions {
    filter: Vec<filter::Condition>,
    select: Vec<String>,
    top: Option<usize>,
    count: bool,
    order: Option<(String, bool)>,
    skip: usize,
}

/// The page of a collection that a request asks for.
pub(super) fn page(request: &Request, collection: Collection<'_>) -> Result<Reply, Reply> {
    let options = parse_options(request, &collection)?;
    let Collection { context, properties, mut objects, .. } = collection;
    objects.iter_mut().for_each(|object| versions::restrict(reply::version(request), context, object));
    objects.retain(|object| options.filter.iter().all(|condition| condition.matches(object)));
    if let Some((property, falling)) = &options.order {
        objects.sort_by_key(|object| object[property.as_str()].to_string().to_lowercase());
        if *falling {
            objects.reverse();
        }
    }
    let total = objects.len();
    let size = options.top.unwrap_or(DEFAULT_PAGE);
    let end = total.min(options.skip.saturating_add(size));
    let shown: Vec<Value> =
        objects.into_iter().take(end).skip(options.skip).map(|object| select(object, &options.select)).collect();

    let selected = if options.select.is_empty() {
        String::new()
    } else {
        format!("({})", in_declared_order(&options.select, properties))
    };
    let mut body = Map::new();
    let context = format!("{}/{}/$metadata#{context}{selected}", request.base, reply::version(request));
    body.insert("@odata.context".to_owned(), json!(context));
    // Counting is an advanced query: without its header the service leaves the count out. Only the first page has it.
    if options.count && is_eventual(request) && options.skip == 0 {
        body.insert("@odata.count".to_owned(), json!(total));
    }
    if end < total {
        body.insert("@odata.nextLink".to_owned(), json!(next_link(request, end)));
    }
    body.insert("value".to_owned(), Value::Array(shown));
    Ok(reply::json(Value::Object(body).to_string()))
}

/// The page of a computed collection that a request asks for: from the end of the last page until this one is full.
/// `make` computes the given properties of one member.
pub(super) fn computed_page(
    request: &Request,
    all: &ComputedCollection<'_>,
    make: impl Fn(u32, &[&str]) -> Value,
) -> Result<Reply, Reply> {
    let ComputedCollection { context, kind, properties, orders, count } = all;
    let options = parse_options(request, &Collection { context, kind, properties, objects: Vec::new() })?;
    let falling = match &options.order {
        Some((property, _)) if !orders.contains(&property.as_str()) => {
            return Err(errors::bad_request(request, &format!("Ordering by '{property}' is not supported.")));
        }
        order => order.as_ref().is_some_and(|(_, falling)| *falling),
    };
    let selected: Vec<&str> = match options.select.as_slice() {
        [] => properties.to_vec(),
        names => properties.iter().copied().filter(|known| names.iter().any(|name| name == known)).collect(),
    };
    let filtered: Vec<&str> = options.filter.iter().map(filter::Condition::property).collect();
    let size = options.top.unwrap_or(LARGEST_PAGE);
    let (mut shown, mut next) = (Vec::new(), u32::try_from(options.skip).unwrap_or(u32::MAX));
    while next < *count && shown.len() < size {
        let index = if falling { count - 1 - next } else { next };
        let probe = make(index, &filtered);
        if options.filter.iter().all(|condition| condition.matches(&probe)) {
            shown.push(make(index, &selected));
        }
        next += 1;
    }
    let names = if options.select.is_empty() { String::new() } else { format!("({})", selected.join(",")) };
    let mut body = Map::new();
    let context = format!("{}/{}/$metadata#{context}{names}", request.base, reply::version(request));
    body.insert("@odata.context".to_owned(), json!(context));
    if options.count && is_eventual(request) && options.skip == 0 {
        let matches = |index: &u32| options.filter.iter().all(|condition| condition.matches(&make(*index, &filtered)));
        let total = if filtered.is_empty() { *count as usize } else { (0..*count).filter(matches).count() };
        body.insert("@odata.count".to_owned(), json!(total));
    }
    if next < *count {
        body.insert("@odata.nextLink".to_owned(), json!(next_link(request, usize::try_from(next).unwrap_or_default())));
    }
    body.insert("value".to_owned(), Value::Array(shown));
    Ok(reply::json(Value::Object(body).to_string()))
}

/// Refuses query options that are not in `taken`.
pub(super) fn allow_options(request: &Request, taken: &[&str]) -> Result<(), Reply> {
    let options = request.query_options();
    let other = options
        .iter()
        .find(|(name, _)| name.starts_with('$') && !taken.iter().any(|taken| taken.eq_ignore_ascii_case(name)));
    match other {
        Some((name, _)) => Err(errors::bad_request(request, &format!("The query option '{name}' is not supported."))),
        None => Ok(()),
    }
}

/// Refuses filters by other properties or with other operators; the operators of a property are separated by spaces.
pub(super) fn allow_filters(request: &Request, taken: &[(&str, &str)]) -> Result<(), Reply> {
    let bad = |part: &str| errors::bad_request(request, &format!("Invalid or unsupported filter clause: '{part}'."));
    let Some(text) = request.query_option("$filter") else { return Ok(()) };
    for condition in filter::parse(&text).map_err(|part| bad(&part))? {
        let (path, operator) = (condition.full_path(), condition.operator());
        let allowed = |(property, operators): &(&str, &str)| {
            property.eq_ignore_ascii_case(&path) && operators.split(' ').any(|one| one == operator)
        };
        if !taken.iter().any(allowed) {
            return Err(bad(&format!("{path} {operator}")));
        }
    }
    Ok(())
}

/// How many members of a collection match the filter of a request.
pub(super) fn count(request: &Request, collection: &Collection<'_>) -> Result<usize, Reply> {
    let filter = parse_options(request, collection)?.filter;
    Ok(collection.objects.iter().filter(|object| filter.iter().all(|condition| condition.matches(object))).count())
}

/// One object with the properties of `$select`, the only query option of single objects.
pub(super) fn single(request: &Request, collection: &Collection<'_>, object: Value) -> Result<Reply, Reply> {
    let options = parse_options(request, collection)?;
    Ok(reply::entity(request, collection.context, select(object, &options.select)))
}

/// Whether the client accepts eventually consistent replies, which advanced queries require.
pub(super) fn is_eventual(request: &Request) -> bool {
    request.header("consistencylevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual"))
}

fn parse_options(request: &Request, collection: &Collection<'_>) -> Result<QueryOptions, Reply> {
    let mut options = QueryOptions::default();
    let bad = |message: String| errors::bad_request(request, &message);
    for (name, value) in request.query_options() {
        match name.trim_start_matches('$').to_ascii_lowercase().as_str() {
            "filter" => options.filter = conditions(&value, collection).map_err(bad)?,
            "select" => options.select = selection(request, &value, collection).map_err(bad)?,
            "top" => options.top = Some(top(&value).map_err(bad)?),
            "count" => options.count = value.eq_ignore_ascii_case("true"),
            "orderby" => options.order = Some(order(&value, collection).map_err(bad)?),
            "skiptoken" => {
                options.skip = parse_skip_token(&value).ok_or_else(|| bad("Invalid skip token.".to_owned()))?
            }
            other if name.starts_with('$') => {
                return Err(bad(format!("The query option '${other}' is not supported.")));
            }
            _ => {}
        }
    }
    Ok(options)
}

fn conditions(text: &str, collection: &Collection<'_>) -> Result<Vec<filter::Condition>, String> {
    let conditions = filter::parse(text).map_err(|part| format!("Invalid or unsupported filter clause: '{part}'."))?;
    conditions.iter().try_for_each(|condition| property_name(condition.property(), collection).map(|_| ()))?;
    Ok(conditions)
}

fn selection(request: &Request, text: &str, collection: &Collection<'_>) -> Result<Vec<String>, String> {
    let names: Vec<String> =
        text.split(',').map(|name| property_name(name.trim(), collection)).collect::<Result<_, _>>()?;
    match versions::missing(reply::version(request), collection.context)
        .find(|path| names.iter().any(|name| name == path))
    {
        Some(path) => Err(unknown_property(path, collection)),
        None => Ok(names),
    }
}

/// The property's own spelling.
fn property_name(name: &str, collection: &Collection<'_>) -> Result<String, String> {
    let first = name.split('/').next().unwrap_or(name);
    let found = collection.properties.iter().find(|known| known.eq_ignore_ascii_case(first));
    found.map(|known| (*known).to_owned()).ok_or_else(|| unknown_property(name, collection))
}

fn unknown_property(name: &str, collection: &Collection<'_>) -> String {
    format!("Could not find a property named '{name}' on type '{}'.", collection.kind)
}

fn top(text: &str) -> Result<usize, String> {
    let size = text.parse::<usize>().map_err(|_| format!("Invalid value '{text}' for $top query option found."))?;
    if (1..=LARGEST_PAGE).contains(&size) {
        return Ok(size);
    }
    Err(format!("Invalid page size specified: '{size}'. Must be between 1 and {LARGEST_PAGE} inclusive."))
}

fn order(text: &str, collection: &Collection<'_>) -> Result<(String, bool), String> {
    let (name, falling) = match text.split_once(' ') {
        Some((name, "asc")) => (name, false),
        Some((name, "desc")) => (name, true),
        Some(_) => return Err(format!("Invalid $orderby: '{text}'.")),
        None => (text, false),
    };
    Ok((property_name(name, collection)?, falling))
}

fn select(object: Value, names: &[String]) -> Value {
    match object {
        Value::Object(fields) if !names.is_empty() => {
            let selected = |name: &str| name.starts_with('@') || names.iter().any(|wanted| wanted == name);
            Value::Object(fields.into_iter().filter(|(name, _)| selected(name)).collect())
        }
        whole => whole,
    }
}

fn in_declared_order(names: &[String], properties: &[&str]) -> String {
    let selected: Vec<&str> =
        properties.iter().copied().filter(|known| names.iter().any(|name| name == known)).collect();
    selected.join(",")
}

/// The address of the next page: the same request with a skip token.
fn next_link(request: &Request, from: usize) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in request.query_options() {
        if !name.eq_ignore_ascii_case("$skiptoken") {
            query.append_pair(&name, &value);
        }
    }
    query.append_pair("$skiptoken", &format!("RFNwdAIAAQ{from:x}"));
    format!("{}{}?{}", request.base, request.path, query.finish().replace("%24", "$"))
}

fn parse_skip_token(token: &str) -> Option<usize> {
    usize::from_str_radix(token.strip_prefix("RFNwdAIAAQ")?, 16).ok()
}
