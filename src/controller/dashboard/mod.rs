//! The pages of the controller, for people: read-only, whole without a script, and kept current by one of our own. To add a
//! page: its file, its template in `render/html/templates` with a row in `TEMPLATES`, and its route in [`routes`].

mod compress;
mod fleet_page;
mod live;
mod past_runs;
mod query;
mod setting_page;
mod tenant_page;
mod trend;
mod words;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Path, Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use minijinja::{Value, context};

use crate::base::clock::Clock;
use crate::base::ids::RunId;
use crate::catalog;
use crate::controller::client_limits::OpenConnections;
use crate::controller::control_token::{ControlTokenFile, TokenCheck};
use crate::controller::dashboard::compress::compress;
use crate::controller::dashboard::past_runs::PastRuns;
use crate::controller::dashboard::query::FleetQuery;
use crate::controller::dashboard::tenant_page::ShownTenant;
use crate::controller::dashboard::words::{source_note, values};
use crate::controller::host::{ConnectionEnding, Requester};
use crate::controller::shared::SharedState;
use crate::controller::status::status;
use crate::render::html::page::{LIVE_SCRIPT, Markup, fill, page_with, script_element, style_source, with_banner};
use crate::render::text::embedded::EMBEDDED_TENANTS;

/// The header in which a trusted proxy brings its token.
const PROXY_TOKEN: &str = "ssprctl-proxy-token";
/// Where the script of the pages is.
const SCRIPT_PATH: &str = "/live.js";

/// The state of the pages.
#[derive(Clone)]
struct DashboardState {
    shared: Arc<SharedState>,
    clock: Clock,
    streams: Arc<OpenConnections>,
    runs: Arc<PastRuns>,
}

/// What the pages show besides the state, and to whom.
#[derive(Clone, Debug)]
pub(crate) struct DashboardAccess {
    /// The folder with the journals of runs.
    pub(crate) journals: PathBuf,
    /// The token that a trusted proxy brings; without it everybody who reaches the port may read the pages.
    pub(crate) proxy: Option<ControlTokenFile>,
}

/// The routes of the pages.
pub(crate) fn routes(shared: Arc<SharedState>, clock: Clock, access: &DashboardAccess) -> Router {
    let DashboardAccess { journals, proxy } = access.clone();
    let runs = Arc::new(PastRuns::new(journals));
    let streams = Arc::new(OpenConnections::of_streams());
    Router::new()
        .route("/", get(fleet))
        .route("/t/{tenant}", get(tenant))
        .route("/settings/{setting}", get(setting))
        .route("/runs/{run}", get(run))
        .route(SCRIPT_PATH, get(script))
        .route_layer(middleware::from_fn(compress))
        .route("/live", get(live))
        .with_state(DashboardState { shared, clock, streams, runs })
        .route_layer(middleware::from_fn_with_state(proxy, check_proxy))
}

/// Lets through requests of the socket, and those that bring the token of a trusted proxy, where there is one.
async fn check_proxy(
    State(proxy): State<Option<ControlTokenFile>>,
    Extension(client): Extension<Requester>,
    request: Request,
    next: Next,
) -> Response {
    let Some(file) = proxy.filter(|_| client != Requester::Socket) else { return next.run(request).await };
    match file.check_proxy(request.headers(), PROXY_TOKEN) {
        TokenCheck::Accepted => next.run(request).await,
        TokenCheck::Refused => {
            let why = "these pages are answered to the proxy that brings the token of --dashboard-token-file\n";
            (StatusCode::FORBIDDEN, why).into_response()
        }
        TokenCheck::Unusable(why) => {
            tracing::error!("--dashboard-token-file {why}");
            let why = "the file of --dashboard-token-file cannot be used; the log says why\n";
            (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
        }
    }
}

async fn fleet(State(server): State<DashboardState>, uri: Uri) -> Response {
    let query = match FleetQuery::parse(uri.query().unwrap_or_default()) {
        Ok(query) => query,
        Err(name) => {
            let why = format!("`{name}` in the address has a value that is not known.");
            return message_page(&server, StatusCode::BAD_REQUEST, "Address not understood", &why);
        }
    };
    // The number comes first: what changes meanwhile is a further change.
    let number = live::newest(&server.shared);
    let body = fleet_page::body(
        &status(&server.shared),
        &query,
        note(&server),
        server.shared.facts.count_people,
        &number,
        server.clock.now(),
    );
    html(&server, StatusCode::OK, "Tenants", body)
}

async fn tenant(State(server): State<DashboardState>, Path(tenant): Path<String>) -> Response {
    let number = live::newest(&server.shared);
    let known = server.shared.state().tenants.get(&tenant).cloned();
    let Some(state) = known else { return missing(&server, "No policy is for a tenant of this name.") };
    let view = server.shared.views.get(&tenant);
    let now = server.clock.now();
    let runs = server.runs.of_tenant(&tenant, now).await;
    let sign_ins = server.shared.metrics.sign_ins_of(&tenant);
    let counts_people = server.shared.facts.count_people;
    let view = view.as_deref();
    let shown = ShownTenant {
        tenant: &tenant,
        state: &state,
        view,
        sign_ins,
        runs,
        number,
        note: note(&server),
        counts_people,
        now,
    };
    html(&server, StatusCode::OK, &tenant, tenant_page::body(&shown))
}

async fn setting(State(server): State<DashboardState>, Path(name): Path<String>) -> Response {
    let Some(setting) = catalog::find(&name) else {
        return missing(&server, "No setting has this name.");
    };
    let tenants: Vec<String> = server.shared.state().tenants.keys().cloned().collect();
    let tenants: Vec<_> = tenants
        .into_iter()
        .map(|tenant| {
            let view = server.shared.views.get(&tenant);
            (tenant, view)
        })
        .collect();
    let number = live::newest(&server.shared);
    html(
        &server,
        StatusCode::OK,
        setting.name,
        setting_page::body(setting, &tenants, note(&server), &number, server.clock.now()),
    )
}

async fn run(State(server): State<DashboardState>, Path(run): Path<String>) -> Response {
    let number = live::newest(&server.shared);
    let Some(run) = RunId::parse(&run) else { return missing(&server, "This is no id of a run.") };
    let record = match server.runs.read(run).await {
        Ok(record) => record,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return missing(&server, "No journal of this run is here.");
        }
        Err(error) => {
            let sentence = format!("The journal of this run cannot be read: {error}.");
            return message_page(&server, StatusCode::INTERNAL_SERVER_ERROR, "Not readable", &sentence);
        }
    };
    let known: BTreeSet<String> = server.shared.state().tenants.keys().cloned().collect();
    let names = |tenant: &str| server.shared.views.get(tenant).map(|view| view.group_names.clone()).unwrap_or_default();
    let (note, now) = (note(&server), server.clock.now());
    let body = past_runs::body(&record, |tenant| known.contains(tenant), names, note, &number, now);
    html(&server, StatusCode::OK, &format!("Run {}", record.run), body)
}

async fn live(
    State(server): State<DashboardState>,
    Extension(client): Extension<Requester>,
    Extension(ending): Extension<ConnectionEnding>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    live::answer(&server.shared, &server.streams, (client, ending), &uri, &headers)
}

async fn script() -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], LIVE_SCRIPT).into_response()
}

/// The page about something that is not there.
fn missing(server: &DashboardState, sentence: &str) -> Response {
    message_page(server, StatusCode::NOT_FOUND, "Not found", sentence)
}

/// The page that answers a request with a sentence.
fn message_page(server: &DashboardState, code: StatusCode, title: &str, sentence: &str) -> Response {
    let values = values(serde_json::json!({ "title": title, "sentence": sentence }));
    let body = fill("dashboard-message", context! { note => Value::from(note(server)), ..values });
    // It says nothing that could change, so it has no script.
    page_of(server, code, title, Markup::default(), body)
}

/// What is wrong with the source.
fn note(server: &DashboardState) -> Markup {
    source_note(&server.shared.state().source)
}

/// A page that keeps itself current.
fn html(server: &DashboardState, code: StatusCode, title: &str, body: Markup) -> Response {
    page_of(server, code, title, script_element(SCRIPT_PATH), body)
}

/// A page, which may load nothing but its script, and may not be framed. That of embedded tenants says first that they are.
fn page_of(server: &DashboardState, code: StatusCode, title: &str, script: Markup, body: Markup) -> Response {
    let body = if server.shared.facts.sandbox { with_banner(body, EMBEDDED_TENANTS) } else { body };
    let style = style_source();
    let policy = format!(
        "default-src 'none'; style-src {style}; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'"
    );
    let page = page_with(&format!("{title} · ssprctl"), &policy, script, body);
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_SECURITY_POLICY, format!("{policy}; frame-ancestors 'none'")),
        (REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (code, headers, page).into_response()
}
