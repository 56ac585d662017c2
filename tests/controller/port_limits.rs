//! How many connections and requests the real program answers. Clients have addresses of their own on loopback, as on a network.
#![cfg(target_os = "linux")]

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream, UnixStream};

use crate::process::{Process, controller_folder};
use crate::repository::TestResult;

const LONG: Duration = Duration::from_secs(60);

/// A controller over no tenant at all, which is answered as any other.
struct Port {
    folder: tempfile::TempDir,
    process: Process,
    address: SocketAddr,
}

impl Port {
    fn open() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let process = Process::start(folder.path(), &[], &["controller", "--sandbox", "--listen", "127.0.0.1:0"])?;
        let address = process.address()?.parse()?;
        Ok(Self { folder, process, address })
    }

    /// A connection of the client with this last number.
    async fn connect(&self, client: u8) -> Result<TcpStream, Box<dyn Error>> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from(([127, 0, 0, client], 0)))?;
        Ok(tokio::time::timeout(LONG, socket.connect(self.address)).await??)
    }

    fn request(&self) -> String {
        format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", self.address)
    }

    /// The status of one more request on a connection that stays open.
    async fn ask(&self, stream: &mut TcpStream) -> Result<String, Box<dyn Error>> {
        stream.write_all(self.request().as_bytes()).await?;
        read(stream).await
    }
}

/// What comes next, at most one answer.
async fn read(stream: &mut (impl AsyncReadExt + Unpin)) -> Result<String, Box<dyn Error>> {
    let mut bytes = [0; 2048];
    let count = tokio::time::timeout(LONG, stream.read(&mut bytes)).await??;
    Ok(String::from_utf8_lossy(&bytes[..count]).into_owned())
}

#[tokio::test]
async fn one_client_and_all_have_only_so_many_connections() -> TestResult {
    let port = Port::open()?;
    let mut open = Vec::new();
    for client in 2..6 {
        for _ in 0..32 {
            open.push(port.connect(client).await?);
        }
        let answer = read(&mut port.connect(client).await?).await?;
        assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("Retry-After: "), "{client}: {answer}");
        if client == 2 {
            let other = port.ask(&mut port.connect(9).await?).await?;
            assert!(other.starts_with("HTTP/1.1 200 "), "another client is answered: {other}");
        }
    }
    let answer = read(&mut port.connect(9).await?).await?;
    assert!(answer.starts_with("HTTP/1.1 503 "), "all of them are used: {answer}");
    let mut socket = UnixStream::connect(controller_folder(port.folder.path())?.join("control.sock")).await?;
    socket.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
    assert!(read(&mut socket).await?.starts_with("HTTP/1.1 200 "), "the socket has its own");

    // Those that are closed make room.
    open.clear();
    let begin = std::time::Instant::now();
    loop {
        let mut stream = port.connect(9).await?;
        if port.ask(&mut stream).await.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 ")) {
            break;
        }
        assert!(begin.elapsed() < LONG, "no room again");
        tokio::time::sleep(Duration::from_millis(120)).await;
    }
    port.process.end("-TERM")?;
    Ok(())
}

#[tokio::test]
async fn a_client_that_asks_too_often_waits_and_others_do_not() -> TestResult {
    let port = Port::open()?;
    // All at once on one connection, so that they are asked faster than any rate.
    let mut stream = port.connect(2).await?;
    let last = port.request().replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    stream.write_all((port.request().repeat(299) + &last).as_bytes()).await?;
    let mut all = String::new();
    tokio::time::timeout(LONG, stream.read_to_string(&mut all)).await??;
    let count = |status: &str| all.matches(&format!("HTTP/1.1 {status} ")).count();
    assert_eq!(count("200") + count("429"), 300, "{all}");
    assert!(count("200") >= 50 && count("429") > 0, "{} of 300 were answered", count("200"));
    assert_eq!(all.to_ascii_lowercase().matches("retry-after: 1\r\n").count(), count("429"));
    let other = port.ask(&mut port.connect(3).await?).await?;
    assert!(other.starts_with("HTTP/1.1 200 "), "{other}");
    port.process.end("-TERM")?;
    Ok(())
}
