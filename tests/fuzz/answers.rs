//! What services answer: real answers of the emulator, one of them damaged, through the whole program.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entra_sandbox::{Audience, Faults, Person, RunningServer, ServerOptions, World, serve};
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use ssprctl::testing::base::clock::Clock;
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::exit::Exit;
use ssprctl::testing::base::ids::TenantName;
use ssprctl::testing::catalog::desired::Desired;
use ssprctl::testing::client::{
    self, Credentials, EndpointOverrides, HttpClient, Jitter, RetryPolicy, TenantReader, Token,
};
use ssprctl::testing::engine::result::{PlanScope, TenantResult};
use ssprctl::testing::policy::load;
use ssprctl::testing::render::text::error;
use ssprctl::testing::render::{github, json, markdown, sarif, terminal};
use ssprctl::testing::review::approve::{Review, plan_and_review};
use ssprctl::testing::review::config::ReviewConfig;
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::audit::AuditQuery;
use ssprctl::testing::tenant::error::TenantError;
use ssprctl::testing::tenant::snapshot;
use ssprctl::testing::tenant::surface::Surface;
use tokio::runtime::Runtime;

use crate::damage::{Damage, damaged, damages};
use crate::{acts, config, failed, soon};

type Broken = Box<dyn std::error::Error>;

const TENANT: &str = "fabrikam.onmicrosoft.com";
const POLICY: &str = "version: 1
tenant: fabrikam.onmicrosoft.com
scope: { users: selected, group: SSPR Users, administrators: true }
methods: { required: 2, allowed: [email, mobileAppCode, securityQuestions] }
securityQuestions: { toRegister: 5, toReset: 3, questions: [{ custom: What was your first badge? }] }
registration: { requiredAtSignIn: true, reconfirmAfterDays: 90 }
notifications: { users: true, administrators: true }
helpdesk: { link: https://help.contoso.com }
writeback: { passwords: true, unlockWithoutReset: true }
";

/// An answer as it came over the wire.
#[derive(Clone)]
struct Recorded {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// What is wrong: the answers of the n-th address in alphabetical order, their damages, and another status.
type Wrong = (usize, Vec<Damage>, Option<u16>);

/// A proxy between the client and the emulator: it remembers every answer, and damages those of one address.
struct Between {
    emulator: RunningServer,
    http: reqwest::Client,
    known: Mutex<HashMap<String, Recorded>>,
    damage: Mutex<Option<Wrong>>,
}

struct Stage {
    runtime: Runtime,
    url: String,
    between: Arc<Between>,
    world: World,
    clock: Clock,
    desired: Desired,
}

/// Set up once, because only the damage differs from case to case.
static STAGE: LazyLock<Result<Stage, String>> = LazyLock::new(|| Stage::set().map_err(|error| error.to_string()));

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stage {
    fn set() -> Result<Self, Broken> {
        let clock = Clock::Fixed("2026-11-25T09:00:00Z".parse::<Timestamp>()?);
        let world = World::seeded();
        let options = ServerOptions {
            port: 0,
            world: world.clone(),
            faults: Faults::none(),
            clock: entra_sandbox::Clock::Fixed(clock.now()),
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let between = Arc::new(Between {
            emulator: serve(options)?,
            http: reqwest::Client::builder().no_proxy().build()?,
            known: Mutex::default(),
            damage: Mutex::default(),
        });
        let runtime = Runtime::new()?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
        let url = format!("http://{}", listener.local_addr()?);
        let router = Router::new().fallback(pass).with_state(Arc::clone(&between));
        runtime.spawn(async move { axum::serve(listener, router).await });
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("policy.yaml"), POLICY)?;
        let options = load::LoadOptions { folder: folder.path().to_owned(), root: Some(folder.path().to_owned()) };
        let loaded = load::load(&["policy.yaml".into()], &options);
        let desired = Desired::from_policy(loaded.policies.first().ok_or_else(|| format!("{:?}", loaded.findings))?);
        let stage = Self { runtime, url, between, world, clock, desired };
        // The first run makes every address known.
        let seen = stage.runtime.block_on(stage.run(&stage.tokens()?)).map_err(|error| error.to_string())?;
        assert!(seen.review.is_some_and(|review| review.plan.unknown.is_empty()), "all of it can be read at first");
        assert_eq!(seen.errors, Vec::new(), "all of it can be read at first");
        Ok(stage)
    }

    fn tokens(&self) -> Result<Credentials, Broken> {
        let time = entra_sandbox::Clock::Fixed(self.clock.now());
        let token = |audience| self.world.person_token(TENANT, audience, &Person::Administrator, &time).map(Token::new);
        Ok(Credentials::fixed(Some(token(Audience::Portal)?), Some(token(Audience::Graph)?)))
    }

    fn reader(&self, credentials: &Credentials) -> Result<TenantReader, TenantError> {
        let url = Some(self.url.clone());
        let (retries, request) = (0, Duration::from_secs(10));
        let retry_policy = RetryPolicy {
            retries,
            request,
            jitter: Jitter::None,
            report_pause: Duration::ZERO,
            ..RetryPolicy::default()
        };
        client::connect(client::ConnectOptions {
            cloud: Cloud::Global,
            tenant: TenantName::parse(TENANT),
            overrides: EndpointOverrides { portal: url.clone(), graph: url.clone(), login: url },
            credentials: credentials.clone(),
            clock: self.clock.clone(),
            http: HttpClient::new(retry_policy),
        })
    }

    /// Everything that the program reads of a tenant.
    async fn run(&self, credentials: &Credentials) -> Result<Seen, TestCaseError> {
        let reader = self.reader(credentials).map_err(|error| failed(&error))?;
        let mut seen = Seen { review: None, errors: Vec::new() };
        match snapshot::read(&reader, &self.desired.tenant, &self.desired.read_set(), &self.clock).await {
            Ok(snapshot) => {
                seen.review = Some(plan_and_review(&self.desired, &snapshot, &ReviewConfig::new(date(2026, 11, 25))))
            }
            Err(error) => seen.errors.push(error),
        }
        let until = self.clock.now();
        let query = AuditQuery {
            activity: "Update SSPR",
            service: "Self-service Password Management",
            since: Timestamp::UNIX_EPOCH,
            until,
        };
        seen.errors.extend(reader.audit(&query).await.err());
        seen.errors.extend(reader.score().await.err());
        seen.errors.extend(reader.registration(&|_| {}).await.err());
        seen.errors.extend(reader.read(Surface::AuthenticationMethods).await.err());
        Ok(seen)
    }
}

struct Seen {
    review: Option<Review>,
    errors: Vec<TenantError>,
}

async fn pass(State(between): State<Arc<Between>>, request: Request) -> Response<Body> {
    let target = request.uri().to_string();
    let recorded = held(&between.known).get(&target).cloned();
    let recorded = match recorded {
        Some(recorded) => recorded,
        None => match ask(&between, request).await {
            Ok(recorded) => {
                held(&between.known).insert(target.clone(), recorded.clone());
                recorded
            }
            Err(_) => Recorded { status: StatusCode::BAD_GATEWAY, headers: HeaderMap::new(), body: Vec::new() },
        },
    };
    let mut targets: Vec<String> = held(&between.known).keys().cloned().collect();
    targets.sort();
    let damage = held(&between.damage).clone();
    let hit = damage.filter(|(which, ..)| targets.get(which % targets.len()) == Some(&target));
    let (body, status) = match hit {
        Some((_, damages, status)) => (damaged(&recorded.body, &damages), status),
        None => (recorded.body, None),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(recorded.status);
    if let Some(kind) = recorded.headers.get("content-type") {
        response.headers_mut().insert("content-type", kind.clone());
    }
    response
}

async fn ask(between: &Between, request: Request) -> Result<Recorded, Broken> {
    let (parts, body) = request.into_parts();
    let own = format!("{}{}", between.emulator.url(), parts.uri);
    let body = to_bytes(body, usize::MAX).await?;
    // The host stays, so that links lead back here.
    let answer = between.http.request(parts.method, own).headers(parts.headers).body(body).send().await?;
    Ok(Recorded { status: answer.status(), headers: answer.headers().clone(), body: answer.bytes().await?.to_vec() })
}

/// Everything that a run reports reaches a person or a machine as harmless text.
fn reported_safely(seen: Seen) -> Result<(), TestCaseError> {
    for report in &seen.errors {
        let text = anstream::adapter::strip_str(&error::error_block(report)).to_string();
        prop_assert!(!acts(&text), "{text:?}");
    }
    let Some(review) = seen.review else { return Ok(()) };
    let tenants =
        [TenantResult { tenant: TENANT.to_owned(), path: "policies/fabrikam.yaml".to_owned(), result: Ok(review) }];
    let shown = anstream::adapter::strip_str(&terminal::plan(&tenants, PlanScope::default(), &[])).to_string();
    for text in [
        shown,
        markdown::plan(&tenants, PlanScope::default(), None, &[]),
        json::plan(&tenants, PlanScope::default(), &[], json::RunEnd::real(Exit::Done)),
        sarif::plan(&tenants, &[], "", Exit::Done),
        github::plan(&tenants, &[], ""),
    ] {
        prop_assert!(!acts(&text), "{text:?}");
    }
    Ok(())
}

fn case(damage: Wrong, credentials: Option<Credentials>) -> Result<(), TestCaseError> {
    let stage = STAGE.as_ref().map_err(failed)?;
    let credentials = match credentials {
        Some(credentials) => credentials,
        None => stage.tokens().map_err(failed)?,
    };
    soon(|| {
        *held(&stage.between.damage) = Some(damage);
        let seen = stage.runtime.block_on(stage.run(&credentials))?;
        reported_safely(seen)
    })
}

/// The properties share one server, so they take turns.
static TURN: Mutex<()> = Mutex::new(());

proptest! {
    #![proptest_config(config())]

    #[test]
    fn documents_groups_and_pages(which in 0_usize..1_000, damages in damages()) {
        let _turn = held(&TURN);
        case((which, damages, None), None)?;
    }

    #[test]
    fn errors(which in 0_usize..1_000, damages in damages(), status in prop::sample::select(vec![
        201_u16, 204, 206, 302, 400, 401, 403, 404, 405, 409, 412, 418, 423, 429, 500, 501, 502, 503, 504, 599,
    ])) {
        let _turn = held(&TURN);
        case((which, damages, Some(status)), None)?;
    }

    #[test]
    fn tokens(claims in damages(), token in damages(), portal in any::<bool>()) {
        let _turn = held(&TURN);
        let payload = br#"{"aud":"74658136-14ec-4630-ad9b-26e160ff0fc6","exp":1795600000,"iat":1795590000,"idtyp":"user","tid":"55bc0002-0000-4000-8000-000000000001","scp":"user_impersonation","wids":["62e90394-69f5-4237-9190-012177145e10"]}"#;
        let text = format!("eyJhbGciOiJSUzI1NiJ9.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(damaged(payload, &claims)));
        // Environment variables hold no NUL and are text.
        let text = String::from_utf8_lossy(&damaged(text.as_bytes(), &token)).replace('\0', "");
        let own = if portal { "SSPRCTL_PORTAL_TOKEN" } else { "SSPRCTL_GRAPH_TOKEN" };
        let credentials = Credentials::from_env_and_cli(|name| (name == own).then(|| text.clone()), Some("/nonexistent/az".into()));
        case((0, Vec::new(), None), Some(credentials))?;
    }
}
