//! The pages of the controller, for people: read-only, whole without a script, and kept current by one of our own. To add a
//! page: its file, its template in `render/html/templates`, and its route in [`routes`].

mod fleet_page;
mod live;
mod query;
mod setting_page;
mod tenant_page;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::base::clock::Clock;
use crate::catalog;
use crate::controller::client_limits::OpenConnections;
use crate::controller::dashboard::query::FleetQuery;
use crate::controller::dashboard::tenant_page::ShownTenant;
use crate::controller::dashboard::words::values;
use crate::controller::host::Requester;
use crate::controller::shared::SharedState;
use crate::controller::status::status;
use crate::render::html::page::{LIVE_SCRIPT, Markup, fill, page_with, script_element, style_source};

/// Where the script of the pages is.
const SCRIPT_PATH: &str = "/live.js";

/// The state of the pages.
#[derive(Clone)]
struct DashboardState {
    shared: Arc<SharedState>,
    clock: Clock,
    streams: Arc<OpenConnections>,
}

/// The routes of the pages.
pub(crate) fn routes(shared: Arc<SharedState>, clock: Clock) -> Router {
    Router::new()
        .route("/", get(fleet))
        .route("/t/{tenant}", get(tenant))
        .route("/settings/{setting}", get(setting))
        .route("/live", get(live))
        .route(SCRIPT_PATH, get(script))
        .with_state(DashboardState { shared, clock, streams: Arc::new(OpenConnections::of_streams()) })
}

async fn fleet(State(server): State<DashboardState>, uri: Uri) -> Response {
    let query = match FleetQuery::parse(uri.query().unwrap_or_default()) {
        Ok(query) => query,
        Err(name) => {
            return missing(StatusCode::BAD_REQUEST, &format!("The address has a value of `{name}` that is none."));
        }
    };
    // The number comes first: what changes meanwhile is a further change.
    let number = live::newest(&server.shared);
    let body = fleet_page::body(&status(&server.shared), &query, &number, server.clock.now());
    html(StatusCode::OK, "Tenants", body)
}

async fn tenant(State(server): State<DashboardState>, Path(tenant): Path<String>) -> Response {
    let number = live::newest(&server.shared);
    let known = server.shared.state().tenants.get(&tenant).cloned();
    let Some(state) = known else { return missing(StatusCode::NOT_FOUND, "No policy is for a tenant of this name.") };
    let view = server.shared.views.get(&tenant);
    let sign_ins = server.shared.metrics.sign_ins_of(&tenant);
    let shown = ShownTenant {
        tenant: &tenant,
        state: &state,
        view: view.as_deref(),
        sign_ins,
        number,
        now: server.clock.now(),
    };
    html(StatusCode::OK, &tenant, tenant_page::body(&shown))
}

async fn setting(State(server): State<DashboardState>, Path(name): Path<String>) -> Response {
    let Some(setting) = catalog::find(&name) else {
        return missing(StatusCode::NOT_FOUND, "No setting has this name.");
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
    html(StatusCode::OK, setting.name, setting_page::body(setting, &tenants, &number, server.clock.now()))
}

async fn live(
    State(server): State<DashboardState>,
    Extension(client): Extension<Requester>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    live::answer(&server.shared, &server.streams, client, &uri, &headers)
}

async fn script() -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], LIVE_SCRIPT).into_response()
}

/// The page that says what is not there.
fn missing(code: StatusCode, sentence: &str) -> Response {
    let body = fill("dashboard-missing", values(serde_json::json!({ "sentence": sentence })));
    html(code, "Not found", body)
}

/// A page, which may load nothing but its script, and may not be framed.
fn html(code: StatusCode, title: &str, body: Markup) -> Response {
    let style = style_source();
    let policy = format!(
        "default-src 'none'; style-src {style}; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'"
    );
    let page = page_with(&format!("{title} · ssprctl"), &policy, script_element(SCRIPT_PATH), body);
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_SECURITY_POLICY, format!("{policy}; frame-ancestors 'none'")),
        (REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (code, headers, page).into_response()
}
