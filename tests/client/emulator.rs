//! The client against the embedded tenant: two opinions of the same service, over real HTTP.

use std::time::Duration;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault};
use entra_sandbox::{Audience, Faults, Person, RunningServer, ServerOptions, World, serve};
use jiff::Timestamp;
use ssprctl::testing::base::clock::Clock;
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::ids::TenantName;
use ssprctl::testing::client::{
    ConnectOptions, Credentials, EndpointOverrides, HttpClient, RetryPolicy, TenantReader, TenantWriter, Token, connect,
};
use ssprctl::testing::tenant::api::{ReadTenant, WriteTenant};
use ssprctl::testing::tenant::document::{Document, Patch};
use ssprctl::testing::tenant::error::{MissingAccess, TenantErrorKind, WriteFailure};
use ssprctl::testing::tenant::group::GroupQuery;
use ssprctl::testing::tenant::surface::{Service, Surface};

use crate::harness::{Checked, error_of, hurried};

const FABRIKAM: &str = "fabrikam.onmicrosoft.com";
const FREE: &str = "northwind.onmicrosoft.com";

pub(crate) struct Sandbox {
    pub(crate) world: World,
    pub(crate) server: RunningServer,
    pub(crate) clock: Clock,
}

impl Sandbox {
    pub(crate) fn start() -> Result<Self, Box<dyn std::error::Error>> {
        Self::failing(Faults::none())
    }

    pub(crate) fn failing(faults: Faults) -> Result<Self, Box<dyn std::error::Error>> {
        let clock = Clock::Fixed("2026-05-13T07:17:35Z".parse::<Timestamp>()?);
        let world = World::seeded();
        let server = serve(ServerOptions {
            port: 0,
            world: world.clone(),
            faults,
            clock: entra_sandbox::Clock::Fixed(clock.now()),
        })?;
        Ok(Self { world, server, clock })
    }

    /// The same at the same address, some time later.
    pub(crate) fn after(self, time: jiff::SignedDuration) -> Result<Self, Box<dyn std::error::Error>> {
        let Self { world, server, clock } = self;
        let port = url::Url::parse(&server.url())?.port().ok_or("no port")?;
        server.stop();
        let clock = Clock::Fixed(clock.now() + time);
        let options = ServerOptions {
            port,
            world: world.clone(),
            faults: Faults::none(),
            clock: entra_sandbox::Clock::Fixed(clock.now()),
        };
        Ok(Self { world, server: serve(options)?, clock })
    }

    pub(crate) fn token(
        &self,
        tenant: &str,
        audience: Audience,
        person: &Person,
    ) -> Result<Token, Box<dyn std::error::Error>> {
        let time = entra_sandbox::Clock::Fixed(self.clock.now());
        Ok(Token::new(self.world.person_token(tenant, audience, person, &time)?))
    }

    pub(crate) fn reader(
        &self,
        tenant: &str,
        credentials: Credentials,
    ) -> Result<TenantReader, Box<dyn std::error::Error>> {
        Ok(connect(self.options(tenant, credentials))?)
    }

    pub(crate) fn options(&self, tenant: &str, credentials: Credentials) -> ConnectOptions {
        let url = Some(self.server.url());
        ConnectOptions {
            cloud: Cloud::Global,
            tenant: TenantName::parse(tenant),
            overrides: EndpointOverrides { portal: url.clone(), graph: url.clone(), login: url },
            credentials,
            clock: self.clock.clone(),
            http: HttpClient::new(hurried()),
        }
    }

    fn person(&self, tenant: &str, person: &Person) -> Result<TenantWriter, Box<dyn std::error::Error>> {
        let portal = self.token(tenant, Audience::Portal, person)?;
        let graph = self.token(tenant, Audience::Graph, person)?;
        Ok(TenantWriter::new(self.reader(tenant, Credentials::fixed(Some(portal), Some(graph)))?))
    }
}

#[tokio::test]
async fn every_question_is_answered() -> Checked {
    let sandbox = Sandbox::start()?;
    let tenant = sandbox.person(FABRIKAM, &Person::Administrator)?;
    let id = tenant.tenant_of(FABRIKAM).await?;
    for system in [Service::Portal, Service::Graph] {
        assert_eq!(tenant.identify(system).await?.id, id);
    }
    assert!(tenant.identify(Service::Graph).await?.domains.contains(&FABRIKAM.to_owned()));
    for surface in Surface::ALL {
        assert!(tenant.read(surface).await?.keys().count() > 0, "{surface:?}");
    }
    assert!(tenant.groups(&GroupQuery::Name("it's not there".to_owned())).await?.is_empty());
    assert!(tenant.groups(&GroupQuery::Id("b6cdb9c3-d660-4558-bcfd-82c14a986b56".parse()?)).await?.is_empty());
    assert_eq!(error_of(tenant.tenant_of("unknown.example").await)?.kind, TenantErrorKind::NotFound);
    Ok(())
}

/// A body that trickles in is given up like an answer that does not come, and one that ends early is asked for again.
#[tokio::test]
async fn a_slow_body_ends_with_the_request_and_a_short_one_is_repeated() -> Checked {
    let slow = Action::SlowBody(Duration::from_millis(40));
    let sandbox = Sandbox::failing(Faults::none().and(Fault::on(Method::GET, "PasswordResetPolicies", slow)))?;
    let token = sandbox.token(FABRIKAM, Audience::Portal, &Person::Administrator)?;
    let mut options = sandbox.options(FABRIKAM, Credentials::fixed(Some(token), None));
    options.http = HttpClient::new(RetryPolicy { request: Duration::from_millis(100), retries: 0, ..hurried() });
    let found = error_of(connect(options)?.read(Surface::PasswordReset).await)?;
    assert_eq!(found.kind, TenantErrorKind::Unavailable);
    assert!(found.message.contains("no answer in time"), "{found}");

    let short = Fault::on(Method::GET, "PasswordResetPolicies", Action::Truncate(100)).times(2);
    let sandbox = Sandbox::failing(Faults::none().and(short))?;
    sandbox.person(FABRIKAM, &Person::Administrator)?.read(Surface::PasswordReset).await?;
    assert_eq!(sandbox.server.requests().len(), 3);
    Ok(())
}

#[tokio::test]
async fn every_document_is_written_and_read_back() -> Checked {
    let sandbox = Sandbox::start()?;
    let tenant = sandbox.person(FABRIKAM, &Person::Administrator)?;
    for (surface, key) in [
        (Surface::PasswordReset, "notifyOnAdminPasswordReset"),
        (Surface::OnPremisesPasswordReset, "accountUnlockEnabled"),
        (Surface::AuthorizationPolicy, "allowedToUseSSPR"),
    ] {
        let before = tenant.read(surface).await?;
        let patch = [Patch { key, value: (!before.get::<bool>(key, "a switch")?).into() }];
        let body = if surface == Surface::PasswordReset {
            before.patched(&patch)
        } else {
            Document::default().patched(&patch)
        };
        tenant.write(surface, &body).await.map_err(WriteFailure::into_error)?;
        let after = tenant.read(surface).await?;
        assert_eq!(before.differing_keys(&after, surface.spec().volatile_keys), [key], "{surface:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_missing_is_named() -> Checked {
    let sandbox = Sandbox::start()?;
    let nobody = sandbox.person(FABRIKAM, &Person::Holding(Vec::new()))?;
    let body = Document::default();
    let found = error_of(nobody.write(Surface::PasswordReset, &body).await.map_err(WriteFailure::into_error))?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Role(Service::Portal)), "{found:?}");
    let found = error_of(nobody.write(Surface::AuthorizationPolicy, &body).await.map_err(WriteFailure::into_error))?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Scope(Service::Graph)), "{found:?}");
    let free = sandbox.person(FREE, &Person::Administrator)?;
    let found = error_of(free.read(Surface::OnPremisesPasswordReset).await)?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Licence), "{found:?}");
    for person in [Person::Expired, Person::App] {
        let tenant = sandbox.person(FABRIKAM, &person)?;
        let found = error_of(tenant.read(Surface::PasswordReset).await)?;
        assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Portal)), "{found:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_application_signs_in_with_its_secret() -> Checked {
    let sandbox = Sandbox::start()?;
    let with = |id: &'static str, secret: &'static str| {
        Credentials::from_env_and_cli(
            move |name| match name {
                "AZURE_CLIENT_ID" => Some(id.to_owned()),
                "AZURE_CLIENT_SECRET" => Some(secret.to_owned()),
                _ => None,
            },
            Some("/nonexistent/az".into()),
        )
    };
    let (tenant, app) = ("contoso.onmicrosoft.com", "55bc0001-0a99-4000-8000-000000000001");
    let reader = sandbox.reader(tenant, with(app, "sandbox-secret"))?;
    assert_eq!(reader.identify(Service::Graph).await?.id, reader.tenant_of(tenant).await?);
    reader.read(Surface::AuthorizationPolicy).await?;
    for (id, secret, hint) in [
        (app, "wrong", "AZURE_CLIENT_SECRET is wrong"),
        ("22222222-2222-4222-8222-222222222222", "x", "the application is not known"),
    ] {
        let found = error_of(sandbox.reader(tenant, with(id, secret))?.identify(Service::Graph).await)?;
        assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Graph)));
        assert!(found.hint.unwrap_or_default().starts_with(hint), "{hint}");
    }
    Ok(())
}
