//! A cold `plan` against services that take 50 ms for every answer, next to the requests of it that cannot be made at the
//! same time, one after the other and with nothing around them.

use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use entra_sandbox::{App, Audience, Faults, Person, RunningServer, ServerOptions, World, serve};
use serde_json::Value;
use url::form_urlencoded;

use crate::Measured;
use crate::measure::{PROGRAM, Times, clean, repeat, run};
use crate::row::Row;

const TIMES: usize = 21;
const LATENCY: Duration = Duration::from_millis(50);
const TENANT: &str = "fabrikam.onmicrosoft.com";
const LIMIT: f64 = 1.25;
const GOAL: &str = "ratio below 1.25";

/// Manages settings on every surface and names a group: ten reads, none of which needs another.
const POLICY: &str = "\
version: 1
tenant: fabrikam.onmicrosoft.com
scope:
  users: selected
  group: SSPR Users
  administrators: true
methods:
  required: 2
  allowed: [mobileAppNotification, mobileAppCode, email, officePhone]
registration:
  requiredAtSignIn: true
  reconfirmAfterDays: 180
notifications:
  users: true
  administrators: true
helpdesk:
  link: https://help.fabrikam.com/password
writeback:
  passwords: true
  unlockWithoutReset: true
";

/// The services, and what it takes to be let in.
struct Site {
    running: RunningServer,
    address: String,
    portal: String,
    graph: String,
    app: App,
}

pub(crate) fn rows() -> Measured {
    let site = Site::open()?;
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("policies"))?;
    fs::write(folder.path().join("policies/fabrikam.yaml"), POLICY)?;

    let (given, one) = repeat(
        TIMES,
        || site.plan(folder.path(), 10, |command| command.env("SSPRCTL_GRAPH_TOKEN", &site.graph)),
        || site.read(&site.graph),
    )?;
    let (fetched, three) = repeat(
        TIMES,
        || {
            site.plan(folder.path(), 12, |command| {
                command
                    .env("AZURE_CLIENT_ID", site.app.client_id.to_string())
                    .env("AZURE_CLIENT_SECRET", &site.app.secret)
            })
        },
        || {
            site.discover()?;
            site.read(&site.sign_in()?)
        },
    )?;
    Ok(vec![
        row("plan, tokens given", &given, "1 request", &one),
        row("plan, fetching a token", &fetched, "3 requests", &three),
    ])
}

fn row(what: &'static str, plan: &Times, requests: &str, chain: &Times) -> Row {
    let ratio = plan.ratio(chain);
    Row {
        what,
        measured: plan.to_string(),
        against: format!("{requests}: {chain}"),
        ratio: Some(ratio),
        goal: Some((GOAL, ratio < LIMIT)),
    }
}

impl Site {
    fn open() -> Result<Self, Box<dyn Error>> {
        let world = World::seeded();
        let app = world.tenant(TENANT)?.apps.into_iter().next().ok_or("the tenant has no application")?;
        let options = ServerOptions { faults: Faults::slow(LATENCY), ..ServerOptions::new(world.clone()) };
        let clock = options.clock.clone();
        let token = |audience| world.person_token(TENANT, audience, &Person::Administrator, &clock);
        let (portal, graph) = (token(Audience::Portal)?, token(Audience::Graph)?);
        let running = serve(options)?;
        let address = running.url().trim_start_matches("http://").to_owned();
        Ok(Self { running, address, portal, graph, app })
    }

    /// Plans in a new process, and makes sure that it was a plan, with as many requests as it takes.
    fn plan(
        &self,
        folder: &Path,
        requests: usize,
        sign_in: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Result<(), Box<dyn Error>> {
        let before = self.running.requests().len();
        let mut command = clean(PROGRAM);
        command.arg("plan").current_dir(folder).env("SSPRCTL_PORTAL_TOKEN", &self.portal);
        for service in ["SSPRCTL_PORTAL_URL", "SSPRCTL_GRAPH_URL", "SSPRCTL_LOGIN_URL"] {
            command.env(service, self.running.url());
        }
        let said = run(sign_in(&mut command))?;
        let asked = self.running.requests().len() - before;
        if !said.contains("Plan: ") || asked != requests {
            return Err(format!("plan makes {asked} requests instead of {requests} and says: {said}").into());
        }
        Ok(())
    }

    fn discover(&self) -> Result<(), Box<dyn Error>> {
        self.ask(&format!("GET /{TENANT}/v2.0/.well-known/openid-configuration"), "", "").map(drop)
    }

    fn sign_in(&self) -> Result<String, Box<dyn Error>> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.app.client_id.to_string())
            .append_pair("client_secret", &self.app.secret)
            .append_pair("scope", "https://graph.microsoft.com/.default")
            .finish();
        let headers = format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n", form.len());
        let answer = self.ask(&format!("POST /{TENANT}/oauth2/v2.0/token"), &headers, &form)?;
        let answer: Value = serde_json::from_str(&answer)?;
        let token = answer.get("access_token").and_then(Value::as_str).ok_or("the answer holds no token")?;
        Ok(token.to_owned())
    }

    fn read(&self, token: &str) -> Result<(), Box<dyn Error>> {
        let path = "GET /v1.0/policies/authorizationPolicy";
        self.ask(path, &format!("authorization: Bearer {token}\r\n"), "").map(drop)
    }

    /// One request on a connection of its own, as bare as HTTP allows. The body of the answer.
    fn ask(&self, line: &str, headers: &str, body: &str) -> Result<String, Box<dyn Error>> {
        let mut stream = TcpStream::connect(&self.address)?;
        let host = &self.address;
        write!(stream, "{line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}\r\n{body}")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        match answer.split_once("\r\n\r\n") {
            Some((head, body)) if head.starts_with("HTTP/1.1 200 ") => Ok(body.to_owned()),
            _ => Err(format!("{line} is answered with: {answer}").into()),
        }
    }
}
