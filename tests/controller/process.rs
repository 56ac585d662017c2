//! The real program as a process, and plain HTTP with it.

use std::error::Error;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::repository::TestResult;

/// The token of the controllers of these tests.
const TOKEN: &str = "the-token-of-these-tests";
/// The header that brings it.
pub(crate) const AUTHORIZATION: &str = "Authorization: Bearer the-token-of-these-tests\r\n";

/// A program that runs until it is stopped. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    said: Arc<Mutex<String>>,
    listening: Option<std::thread::JoinHandle<()>>,
}

impl Process {
    /// Starts the program with these arguments and [`TOKEN`]; its output is collected.
    pub(crate) fn start(
        folder: &Path,
        environment: &[(String, String)],
        arguments: &[&str],
    ) -> Result<Self, Box<dyn Error>> {
        let file = folder.join(".token");
        fs::write(&file, TOKEN)?;
        fs::set_permissions(&file, Permissions::from_mode(0o600))?;
        let token = ("SSPRCTL_TOKEN_FILE".to_owned(), file.to_string_lossy().into_owned());
        let environment: Vec<_> = environment.iter().cloned().chain([token]).collect();
        Self::start_without_token(folder, &environment, arguments)
    }

    /// Starts the program with these arguments and no token; its output is collected.
    pub(crate) fn start_without_token(
        folder: &Path,
        environment: &[(String, String)],
        arguments: &[&str],
    ) -> Result<Self, Box<dyn Error>> {
        let mut child = program(folder, environment).args(arguments).stderr(Stdio::piped()).spawn()?;
        let said = Arc::<Mutex<String>>::default();
        let mut lines = BufReader::new(child.stderr.take().ok_or("no standard error")?).lines();
        let into = Arc::clone(&said);
        let listening = std::thread::spawn(move || {
            while let Some(Ok(line)) = lines.next() {
                let mut said = into.lock().unwrap_or_else(PoisonError::into_inner);
                said.push_str(&line);
                said.push('\n');
            }
        });
        Ok(Self { child, said, listening: Some(listening) })
    }

    /// Everything it said so far.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The address it says that it answers on.
    pub(crate) fn address(&self) -> Result<String, Box<dyn Error>> {
        let find = || {
            let said = self.said();
            let (_, rest) = said.split_once("http://")?;
            rest.split_once('/').map(|(address, _)| address.replace("0.0.0.0", "127.0.0.1"))
        };
        wait_for("an address", || Ok(find()))
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn end(mut self, signal: &str) -> Result<(Option<i32>, String), Box<dyn Error>> {
        self.signal(signal)?;
        let code = self.child.wait()?.code();
        if let Some(listening) = self.listening.take() {
            listening.join().map_err(|_| "the listener failed")?;
        }
        Ok((code, self.said()))
    }

    pub(crate) fn signal(&self, signal: &str) -> TestResult {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status()?.success());
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, with nothing of the surrounding environment that it heeds.
pub(crate) fn program(folder: &Path, environment: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ssprctl"));
    let heeded = |name: &str| ["SSPRCTL_", "AZURE_", "GIT_", "XDG_"].iter().any(|prefix| name.starts_with(prefix));
    for (name, _) in std::env::vars_os().filter(|(name, _)| heeded(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    command
        .envs(environment.iter().cloned())
        .env("NO_COLOR", "1")
        .env("HOME", folder)
        .env("XDG_STATE_HOME", folder.join("state"));
    command.env("GIT_CONFIG_NOSYSTEM", "1").current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// The controller's state, of runs that started in this folder.
pub(crate) fn controller_state(folder: &Path) -> Result<String, Box<dyn Error>> {
    Ok(fs::read_to_string(controller_folder(folder)?.join("state.json"))?)
}

/// The folder of the controller's state, of runs that started in this folder.
pub(crate) fn controller_folder(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let repository = fs::read_dir(folder.join("state/ssprctl/repositories"))?.next().ok_or("no state")??;
    Ok(repository.path().join("controller"))
}

/// The embedded tenants, served by a process of their own, and what others need to reach them.
pub(crate) struct Sandbox {
    _process: Child,
    pub(crate) environment: Vec<(String, String)>,
}

impl Sandbox {
    pub(crate) fn serve(folder: &Path) -> Result<Self, Box<dyn Error>> {
        Self::run(program(folder, &[]).args(["sandbox", "serve", "--port", "0"]))
    }

    /// The same with the tenants of this folder of state.
    pub(crate) fn serve_state(folder: &Path, state: &Path) -> Result<Self, Box<dyn Error>> {
        Self::run(program(folder, &[]).args(["sandbox", "serve", "--port", "0", "--state"]).arg(state))
    }

    fn run(command: &mut Command) -> Result<Self, Box<dyn Error>> {
        let mut process = command.stderr(Stdio::null()).spawn()?;
        let mut lines = BufReader::new(process.stdout.take().ok_or("no standard output")?).lines();
        let mut environment = Vec::new();
        while environment.len() < 5 {
            let line = lines.next().ok_or("the sandbox ended")??;
            let (name, value) =
                line.strip_prefix("export ").and_then(|line| line.split_once('=')).ok_or_else(|| line.clone())?;
            environment.push((name.to_owned(), value.to_owned()));
        }
        Ok(Self { _process: process, environment })
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self._process.kill();
        let _ = self._process.wait();
    }
}

/// Asks until there is an answer, though not for ever.
pub(crate) fn wait_for<T>(
    what: &str,
    mut ask: impl FnMut() -> Result<Option<T>, Box<dyn Error>>,
) -> Result<T, Box<dyn Error>> {
    let begin = Instant::now();
    loop {
        if let Some(found) = ask()? {
            return Ok(found);
        }
        if begin.elapsed() > Duration::from_secs(90) {
            return Err(format!("waited in vain for {what}").into());
        }
        // The controller answers ten requests a second.
        std::thread::sleep(Duration::from_millis(120));
    }
}

/// One request; the status and the body of its answer.
pub(crate) fn request(address: &str, method: &str, path: &str, headers: &str) -> Result<(u16, String), Box<dyn Error>> {
    let host = if headers.contains("Host:") { String::new() } else { format!("Host: {address}\r\n") };
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let headers = format!("{host}{headers}Connection: close\r\nContent-Length: 0\r\n");
    answer(&mut stream, &format!("{method} {path} HTTP/1.1\r\n{headers}\r\n"))
}

/// Sends what is given on a connection, and reads to its end; the status and the body of the answer.
pub(crate) fn answer(stream: &mut (impl Read + Write), request: &str) -> Result<(u16, String), Box<dyn Error>> {
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| answer.clone())?;
    let status = head.split(' ').nth(1).ok_or_else(|| head.to_owned())?.parse()?;
    Ok((status, body.to_owned()))
}

/// The document of `/status`.
pub(crate) fn status(address: &str) -> Result<Value, Box<dyn Error>> {
    let (code, body) = request(address, "GET", "/status", "")?;
    assert_eq!(code, 200, "{body}");
    Ok(serde_json::from_str(&body)?)
}

/// Has everything looked at, and waits until the status is as expected.
pub(crate) fn reconcile_until(
    address: &str,
    what: &str,
    expected: impl Fn(&Value) -> bool,
) -> Result<Value, Box<dyn Error>> {
    assert_eq!(request(address, "POST", "/reconcile", AUTHORIZATION)?.0, 202);
    let mut last = Value::Null;
    let waited = wait_for(what, || {
        last = status(address)?;
        Ok(expected(&last).then(|| last.clone()))
    });
    waited.map_err(|error| format!("{error}: {last:#}").into())
}
