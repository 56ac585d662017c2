//! Pages as gzip sends them, to clients that accept that.

use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::process::{Process, request, wait_for};
use crate::repository::TestResult;

const POLICY: &str = "version: 1\ntenant: contoso.onmicrosoft.com\nmethods: { required: 1 }\n";

/// The head and the bytes of an answer.
fn fetch(address: &str, path: &str, accept: &str) -> Result<(String, Vec<u8>), Box<dyn Error>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let accept = if accept.is_empty() { String::new() } else { format!("Accept-Encoding: {accept}\r\n") };
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\n{accept}Connection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no head")?;
    let body = answer.split_off(end + 4);
    Ok((String::from_utf8(answer)?, body))
}

/// What gzip makes of the bytes that it is given.
fn unpacked(bytes: &[u8]) -> Result<String, Box<dyn Error>> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(bytes)?;
    let unpacked = Command::new("gzip").arg("-dc").stdin(Stdio::from(file.reopen()?)).output()?;
    assert!(unpacked.status.success(), "{}", String::from_utf8_lossy(&unpacked.stderr));
    Ok(String::from_utf8(unpacked.stdout)?)
}

#[test]
fn a_page_is_sent_as_gzip_to_clients_that_accept_it_alone() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::create_dir_all(folder.path().join("policies"))?;
    fs::write(folder.path().join("policies/contoso.yaml"), POLICY)?;
    let process = Process::start(folder.path(), &[], &["controller", "--sandbox", "--listen", "127.0.0.1:0"])?;
    let address = process.address()?;
    wait_for("a ready controller", || Ok((request(&address, "GET", "/readyz", "")?.0 == 200).then_some(())))?;
    for path in ["/", "/t/contoso.onmicrosoft.com", "/settings/methods.required", "/t/nobody", "/live.js"] {
        let (head, plain) = fetch(&address, path, "")?;
        assert!(!head.contains("content-encoding") && head.contains("vary: accept-encoding"), "{path}: {head}");
        let plain = String::from_utf8(plain)?;
        let (head, small) = fetch(&address, path, "gzip, deflate, br")?;
        assert!(head.contains("content-encoding: gzip") && head.contains("vary: accept-encoding"), "{path}: {head}");
        assert!(head.contains(&format!("content-length: {}\r\n", small.len())), "{path}: {head}");
        assert!(small.len() * 2 < plain.len(), "{path}: {} of {} bytes", small.len(), plain.len());
        let whole = unpacked(&small)?;
        // The time of the page is another one.
        assert_eq!((whole.len(), whole.lines().count()), (plain.len(), plain.lines().count()), "{path}");
        assert!(path != "/live.js" || whole == plain, "{whole}");
        let (head, _) = fetch(&address, path, "gzip;q=0, identity")?;
        assert!(!head.contains("content-encoding"), "{path}: {head}");
    }
    // What programs ask for is as it was.
    assert!(!fetch(&address, "/status", "gzip")?.0.contains("content-encoding"));
    process.end("-TERM")?;
    Ok(())
}
