//! One emulator that lives in the test, and the binary that is pointed at it from outside.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use entra_sandbox::{Audience, Clock, Faults, Person, RunningServer, ServerOptions, World, serve};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use ssprctl::testing::review::limits;
use tempfile::TempDir;

/// How every test ends.
pub(crate) type TestResult = Result<(), Box<dyn Error>>;

pub(crate) const CONTOSO: &str = "contoso.onmicrosoft.com";
pub(crate) const FABRIKAM: &str = "fabrikam.onmicrosoft.com";
pub(crate) const NORTHWIND: &str = "northwind.onmicrosoft.com";
pub(crate) const POLICY_PATH: &str = "/api/PasswordReset/PasswordResetPolicies";

/// When these tests begin, whenever they run, 09:00 on 2026-11-28 in UTC: rules, waivers and dates of the service depend on the day.
const BEGIN: Timestamp = Timestamp::constant(1_795_856_400, 0);

/// The clock of the emulator and of the programs that these tests start: it goes on from [`BEGIN`].
static CLOCK_SHIFT: LazyLock<SignedDuration> = LazyLock::new(|| BEGIN.duration_since(Timestamp::now()));

/// The variable that gives a program that clock.
pub(crate) fn clock_variable() -> (&'static str, String) {
    ("SSPRCTL_TEST_CLOCK_SHIFT", CLOCK_SHIFT.to_string())
}

/// The present moment of that clock.
pub(crate) fn now() -> Timestamp {
    clock().now()
}

fn clock() -> Clock {
    Clock::Shifted(*CLOCK_SHIFT)
}

pub(crate) struct Harness {
    pub(crate) world: World,
    pub(crate) folder: TempDir,
    server: RunningServer,
    tokens: [(&'static str, String); 2],
}

/// What a run of the binary came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Harness {
    /// A policy for Contoso with these sections, and an administrator's tokens.
    pub(crate) fn with(sections: &str, faults: Faults) -> Result<Self, Box<dyn Error>> {
        Self::of(CONTOSO, sections, faults, &Person::Administrator)
    }

    /// A policy for `tenant` with these sections, and the tokens of a person of it.
    pub(crate) fn of(tenant: &str, sections: &str, faults: Faults, person: &Person) -> Result<Self, Box<dyn Error>> {
        Self::in_world(World::seeded(), tenant, sections, faults, person)
    }

    /// The same in a world of its own.
    pub(crate) fn in_world(
        world: World,
        tenant: &str,
        sections: &str,
        faults: Faults,
        person: &Person,
    ) -> Result<Self, Box<dyn Error>> {
        let clock = clock();
        let server = serve(ServerOptions { port: 0, world: world.clone(), faults, clock: clock.clone() })?;
        let token = |audience| world.person_token(tenant, audience, person, &clock);
        let tokens =
            [("SSPRCTL_PORTAL_TOKEN", token(Audience::Portal)?), ("SSPRCTL_GRAPH_TOKEN", token(Audience::Graph)?)];
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("policies"))?;
        fs::write(folder.path().join("policies/policy.yaml"), format!("version: 1\ntenant: {tenant}\n{sections}\n"))?;
        Ok(Self { world, folder, server, tokens })
    }

    /// The same with the tokens of another person.
    pub(crate) fn acting_as(mut self, tenant: &str, person: &Person) -> Result<Self, Box<dyn Error>> {
        let token = |audience| self.world.person_token(tenant, audience, person, &clock());
        self.tokens =
            [("SSPRCTL_PORTAL_TOKEN", token(Audience::Portal)?), ("SSPRCTL_GRAPH_TOKEN", token(Audience::Graph)?)];
        Ok(self)
    }

    /// The binary with these arguments, in the folder of the policy, with nothing of the surrounding environment that it
    /// heeds but what points it at the emulator.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssprctl"));
        self.prepare(&mut command);
        command.args(arguments);
        command
    }

    /// Gives a command the folder and the environment of [`Harness::command`].
    pub(crate) fn prepare(&self, command: &mut Command) {
        let heeded = |name: &str| name.starts_with("SSPRCTL_") || name.starts_with("AZURE_");
        for (name, _) in std::env::vars_os().filter(|(name, _)| heeded(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        for variable in ["SSPRCTL_PORTAL_URL", "SSPRCTL_GRAPH_URL", "SSPRCTL_LOGIN_URL"] {
            command.env(variable, self.server.url());
        }
        for (variable, token) in &self.tokens {
            command.env(variable, token);
        }
        command.envs([clock_variable()]).env("XDG_STATE_HOME", self.folder.path().join("state"));
        // The emulator limits nothing unless a test wants it to.
        command.env("SSPRCTL_REPORT_PAUSE", "0s");
        // Limits have tests of their own; everywhere else anything may be switched off.
        command.env("SSPRCTL_ALLOW", limits::CODES.iter().map(|known| known.code).collect::<Vec<_>>().join(","));
        command.env("NO_COLOR", "1").current_dir(self.folder.path()).stdin(Stdio::null());
    }

    /// The journal of the only run so far.
    pub(crate) fn journal(&self) -> Result<PathBuf, Box<dyn Error>> {
        let entries = std::fs::read_dir(self.state().join("journal"))?;
        let paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
        let [path] = paths.as_slice() else { return Err(format!("not one journal: {paths:?}").into()) };
        Ok(path.clone())
    }

    /// The folder of the state of this folder's runs; there is none before a run has written state.
    pub(crate) fn state(&self) -> PathBuf {
        let repositories = self.folder.path().join("state/ssprctl/repositories");
        let mut entries = repositories.read_dir().into_iter().flatten().flatten();
        entries.next().map_or_else(|| repositories.join("none"), |entry| entry.path())
    }

    /// Runs the binary to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
        self.finish(&mut self.command(arguments))
    }

    /// Runs a prepared command to its end, and checks that it printed no token.
    pub(crate) fn finish(&self, command: &mut Command) -> Result<Run, Box<dyn Error>> {
        let output = command.output()?;
        let run = Run {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        };
        for (variable, token) in &self.tokens {
            let payload = token.split('.').nth(1).ok_or("a token without a payload")?;
            assert!(!run.stdout.contains(payload) && !run.stderr.contains(payload), "{variable} was printed: {run:#?}");
        }
        Ok(run)
    }

    /// The tokens that the binary is given.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.tokens.iter().map(|(_, token)| token.clone()).collect()
    }

    /// Where the emulator serves.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Applies without asking.
    pub(crate) fn apply(&self) -> Result<Run, Box<dyn Error>> {
        self.run(&["apply", "--auto-approve", "--verify-timeout", "300ms"])
    }

    /// How many requests have come in.
    pub(crate) fn requests(&self) -> usize {
        self.server.requests().len()
    }

    /// Whether the request of that place in their order, from 0, has this verb.
    pub(crate) fn is(&self, verb: &str, place: usize) -> bool {
        self.server.requests().get(place).is_some_and(|seen| seen.method == verb)
    }

    /// How many requests have come in whose path holds this.
    pub(crate) fn asked_for(&self, path: &str) -> usize {
        self.server.requests().into_iter().filter(|seen| seen.path.contains(path)).count()
    }

    /// How many requests that write have come in.
    pub(crate) fn writes(&self) -> usize {
        self.server.requests().into_iter().filter(|seen| seen.method != "GET").count()
    }

    /// How many requests have come in.
    pub(crate) fn asked(&self) -> usize {
        self.server.requests().len()
    }

    /// Whether a request after that place has come in whose path holds this.
    pub(crate) fn asked_since(&self, place: usize, path: &str) -> bool {
        self.server.requests().into_iter().skip(place).any(|seen| seen.path.contains(path))
    }

    /// The queries of the requests that replaced the document of a path.
    pub(crate) fn queries_of_puts(&self, path: &str) -> Vec<String> {
        let puts = self.server.requests().into_iter().filter(|seen| seen.method == "PUT" && seen.path.ends_with(path));
        puts.map(|seen| seen.query).collect()
    }

    /// The paths of all requests that have come in.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.server.requests().into_iter().map(|seen| seen.path).collect()
    }

    /// Whether any request has come in whose query holds this.
    pub(crate) fn was_asked_for_keys(&self, keys: &str) -> bool {
        self.server.requests().into_iter().any(|seen| seen.query.contains(keys))
    }

    /// Whether any request has come in whose path holds this.
    pub(crate) fn was_asked(&self, path: &str) -> bool {
        self.server.requests().into_iter().any(|seen| seen.path.contains(path))
    }
}

impl Run {
    /// The result as JSON, whose own exit code must be that of the process.
    pub(crate) fn json(&self) -> Result<Value, Box<dyn Error>> {
        let document: Value = serde_json::from_str(&self.stdout).map_err(|error| format!("{error}: {self:#?}"))?;
        assert_eq!(document["exitCode"].as_i64(), self.code.map(i64::from), "{self:#?}");
        Ok(document)
    }
}

/// Plays cases on several threads, and returns the errors of those that fail.
pub(crate) fn play_all<T: Sync>(cases: &[T], play: impl Fn(&T) -> Result<(), String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let wrong = std::thread::scope(|scope| {
        let work = || {
            let mut wrong = Vec::new();
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                wrong.extend(play(case).err());
            }
            wrong
        };
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|_| vec!["a check failed, see above".to_owned()]))
            .collect::<Vec<_>>()
    });
    wrong.concat()
}
