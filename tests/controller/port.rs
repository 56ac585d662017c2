//! The port and the socket of the real program: who is answered, who may control it, and that no client keeps others out.

use std::error::Error;
use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::process::{Process, answer, controller_folder, request};
use crate::repository::TestResult;

const CONTOSO: &str = "contoso.onmicrosoft.com";
const ROUTES: [(&str, &str, u16); 12] = [
    ("GET", "/healthz", 200),
    ("GET", "/status", 200),
    ("GET", "/metrics", 200),
    ("GET", "/readyz", 200),
    ("GET", "/events", 200),
    ("GET", "/anything", 404),
    ("POST", "/reconcile", 202),
    ("POST", "/tenants/contoso.onmicrosoft.com/suspend", 200),
    ("POST", "/tenants/contoso.onmicrosoft.com/resume", 200),
    ("POST", "/suspend", 200),
    ("POST", "/resume", 200),
    ("POST", "/tenants/contoso.onmicrosoft.com/reconcile", 202),
];
/// The longest time that any limit of the controller takes, and much more than that.
const LONG: Duration = Duration::from_secs(60);

/// A controller over an embedded tenant that is ready.
struct Port {
    folder: TempDir,
    process: Process,
    address: String,
}

impl Port {
    fn open(listen: &str, options: &[&str]) -> Result<Self, Box<dyn Error>> {
        Self::open_in(tempfile::tempdir()?, listen, options)
    }

    fn open_in(folder: TempDir, listen: &str, options: &[&str]) -> Result<Self, Box<dyn Error>> {
        fs::create_dir_all(folder.path().join("policies"))?;
        let policy = format!("version: 1\ntenant: {CONTOSO}\nmethods:\n  required: 1\n");
        fs::write(folder.path().join("policies/contoso.yaml"), policy)?;
        let arguments = ["controller", "--sandbox", "--listen", listen];
        let arguments: Vec<&str> = arguments.iter().chain(options).copied().collect();
        let process = Process::start_without_token(folder.path(), &[], &arguments)?;
        let address = process.address()?;
        crate::process::wait_for("a ready controller", || {
            Ok((request(&address, "GET", "/readyz", "")?.0 == 200).then_some(()))
        })?;
        Ok(Self { folder, process, address })
    }

    fn connect(&self) -> Result<TcpStream, Box<dyn Error>> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(LONG))?;
        Ok(stream)
    }

    fn socket(&self) -> Result<PathBuf, Box<dyn Error>> {
        Ok(controller_folder(self.folder.path())?.join("control.sock"))
    }

    fn through_socket(&self, method: &str, path: &str) -> Result<u16, Box<dyn Error>> {
        let mut stream = UnixStream::connect(self.socket()?)?;
        stream.set_read_timeout(Some(LONG))?;
        let text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        answer(&mut stream, &text).map(|(code, _)| code)
    }
}

/// A page in a browser may let a name of its own lead here, and may send requests to other origins.
#[test]
fn every_route_answers_its_own_hosts_and_origins_alone() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("token");
    fs::write(&file, "the-only-token-of-all")
        .and_then(|()| fs::set_permissions(&file, Permissions::from_mode(0o600)))?;
    let token = file.to_str().ok_or("a path that is not UTF-8")?;
    let port = Port::open("127.0.0.1:0", &["--host", "status.contoso.com", "--token-file", token])?;
    let number = port.address.rsplit(':').next().unwrap_or_default();
    for (method, path, expected) in ROUTES {
        for headers in ["Host: rebound.example\r\n", "Origin: https://rebound.example\r\n"] {
            let (code, report) = request(&port.address, method, path, headers)?;
            assert_eq!(code, 403, "{method} {path} {headers}: {report}");
            assert!(!report.contains(CONTOSO), "{report}");
        }
        let own = "Host: Status.Contoso.com:80\r\nOrigin: http://status.contoso.com:80\r\n\
                   Authorization: Bearer the-only-token-of-all\r\n";
        assert_eq!(request(&port.address, method, path, own)?.0, expected, "{method} {path}");
    }
    for (headers, expected) in [
        (format!("Host: localhost:{number}\r\n"), 200),
        ("Origin: null\r\n".to_owned(), 403),
        (format!("Host: localhost:{number}\r\nHost: rebound.example\r\n"), 400),
        ("Host: 10.0.0.1\r\n".to_owned(), 403),
    ] {
        assert_eq!(request(&port.address, "GET", "/status", &headers)?.0, expected, "{headers}");
    }
    let absolute = "http://rebound.example/status";
    assert_eq!(request(&port.address, "GET", absolute, "")?.0, 403, "the address that is asked for");
    let without = answer(&mut port.connect()?, "GET /status HTTP/1.0\r\n\r\n")?;
    assert_eq!(without.0, 400, "no Host at all");
    let authorization = "Authorization: Bearer the-only-token-of-all\r\n";
    assert_eq!(request(&port.address, "GET", "/reconcile", authorization)?.0, 405);
    port.process.end("-TERM")?;
    Ok(())
}

/// Whoever reaches a port that is not on loopback needs the token, which may be replaced at any time.
#[test]
fn control_needs_the_token() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("token");
    let write = |token: &str, mode: u32| {
        let fresh = folder.path().join("fresh");
        fs::write(&fresh, token).and_then(|()| fs::set_permissions(&fresh, Permissions::from_mode(mode)))?;
        fs::rename(&fresh, &file)
    };
    write("the-first-token-of-all\n", 0o600)?;
    for listen in ["0.0.0.0:0", "127.0.0.1:0"] {
        write("the-first-token-of-all\n", 0o600)?;
        let port = Port::open(listen, &["--token-file", file.to_str().ok_or("a path that is not UTF-8")?])?;
        let post = |authorization: &str| {
            let headers = match authorization {
                "" => String::new(),
                text => format!("Authorization: {text}\r\n"),
            };
            request(&port.address, "POST", "/reconcile", &headers)
        };
        let first = "Bearer the-first-token-of-all";
        assert_eq!(post(first)?.0, 202, "{listen}");
        for wrong in ["", "Bearer", "Bearer the-first-token-of-al", "Basic the-first-token-of-all"] {
            assert_eq!(post(wrong)?.0, 401, "{listen} {wrong}");
        }
        for (method, path, expected) in ROUTES.into_iter().filter(|(method, ..)| *method == "POST") {
            assert_eq!(request(&port.address, method, path, "")?.0, 401, "{path}");
            assert_eq!(request(&port.address, method, path, &format!("Authorization: {first}\r\n"))?.0, expected);
            let other = format!("Authorization: {first}\r\nOrigin: https://rebound.example\r\n");
            assert_eq!(request(&port.address, method, path, &other)?.0, 403, "the token does not replace the origin");
        }
        assert_eq!(request(&port.address, "GET", "/healthz", "")?.0, 200, "probes need none");
        write("the-second-token-of-all\n", 0o440)?;
        assert_eq!((post(first)?.0, post("Bearer the-second-token-of-all")?.0), (401, 202), "replaced");
        for unusable in [("", 0o600), ("the-third-token-of-all", 0o644)] {
            write(unusable.0, unusable.1)?;
            for brought in ["", "Bearer ", "Bearer the-second-token-of-all", "Bearer the-third-token-of-all"] {
                assert_eq!(post(brought)?.0, 503, "{unusable:?} {brought}");
            }
        }
        let said = port.process.end("-TERM")?.1;
        assert!(!said.contains("token-of-all") && said.contains("others can read or write it"), "{said}");
    }
    Ok(())
}

/// The owner of the process controls it through the socket, wherever it listens.
#[test]
fn the_socket_is_for_its_owner_alone() -> TestResult {
    let port = Port::open("127.0.0.1:0", &[])?;
    assert_eq!(request(&port.address, "POST", "/reconcile", "")?.0, 403, "everybody on this machine reaches loopback");
    port.process.end("-TERM")?;
    let port = Port::open("0.0.0.0:0", &[])?;
    let (code, report) = request(&port.address, "POST", "/reconcile", "")?;
    assert!(code == 403 && report.contains("control.sock") && report.contains("--token-file"), "{report}");
    let socket = port.socket()?;
    let metadata = socket.symlink_metadata()?;
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    for (method, path, expected) in ROUTES {
        assert_eq!(port.through_socket(method, path)?, expected, "{method} {path}");
    }
    let mut stream = UnixStream::connect(&socket)?;
    let other = answer(&mut stream, "GET /status HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n")?;
    assert_eq!(other.0, 403, "the host counts here, too");

    // What an earlier process or somebody else left in its place is replaced and not followed.
    let Port { folder, process, .. } = port;
    process.end("-KILL")?;
    let target = folder.path().join("target");
    fs::write(&target, "outside")?;
    fs::remove_file(&socket)?;
    symlink(&target, &socket)?;
    let port = Port::open_in(folder, "0.0.0.0:0", &[])?;
    assert_eq!(port.through_socket("POST", "/reconcile")?, 202);
    assert_eq!(fs::read_to_string(&target)?, "outside");
    port.process.end("-TERM")?;
    Ok(())
}

/// A header, a body or nothing at all that comes slowly ends with the time for it, and large ones are refused.
#[test]
fn slow_and_large_requests_end() -> TestResult {
    let port = Port::open("127.0.0.1:0", &[])?;
    let host = format!("Host: {}\r\n", port.address);
    let (mut silent, mut body) = (port.connect()?, port.connect()?);
    write!(body, "POST /reconcile HTTP/1.1\r\n{host}Content-Length: 9\r\n\r\nhalf")?;

    // One byte after another would never end.
    let mut dripping = port.connect()?;
    dripping.set_read_timeout(Some(Duration::from_millis(200)))?;
    write!(dripping, "GET /healthz HTTP/1.1\r\n{host}X-Slow: ")?;
    let begin = Instant::now();
    let is_closed = |stream: &mut TcpStream| match stream.read(&mut [0; 512]) {
        Ok(count) => count == 0,
        Err(error) => !matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut),
    };
    while dripping.write_all(b"x").is_ok() && !is_closed(&mut dripping) {
        assert!(begin.elapsed() < LONG, "a slow header never ends");
    }
    let mut rest = String::new();
    silent.read_to_string(&mut rest)?;
    assert_eq!(rest, "", "a connection without a request ends");
    rest.clear();
    body.read_to_string(&mut rest)?;
    assert!(rest.starts_with("HTTP/1.1 408"), "{rest}");

    let large = format!("X-Large: {}\r\n", "x".repeat(40_000));
    assert_eq!(request(&port.address, "GET", "/healthz", &large)?.0, 431);
    let many: String = (0..80).map(|n| format!("X-{n}: 1\r\n")).collect();
    assert_eq!(request(&port.address, "GET", "/healthz", &many)?.0, 431);
    let post = |head: &str| {
        let text = format!("POST /reconcile HTTP/1.1\r\n{host}Connection: close\r\n{head}");
        answer(&mut port.connect()?, &text).map(|(code, _)| code)
    };
    assert_eq!(post("Content-Length: 1000000\r\n\r\n")?, 413);
    let chunk = format!("7d0\r\n{}\r\n", "x".repeat(2000));
    assert_eq!(post(&format!("Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n"))?, 413);
    assert_eq!(post("Content-Length: 4\r\n\r\nbody")?, 403, "a small one is ignored, and no token was brought");
    port.process.end("-TERM")?;
    Ok(())
}
