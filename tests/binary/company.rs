//! A company's network on loopback: a proxy at its edge, which leads every name to one server, and a certificate authority
//! of its own, which vouches for that server.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// The hosts that the server may speak for.
const HOSTS: [&str; 3] = ["main.iam.ad.ext.azure.com", "graph.microsoft.com", "login.microsoftonline.com"];

/// Whom the proxy lets through.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Door {
    /// Whoever knows this name and password.
    Password(&'static str, &'static str),
    /// Everybody, but nothing comes of it: the connection ends before TLS is up.
    Nowhere,
}

/// The network; gone when dropped.
pub(crate) struct Company {
    folder: TempDir,
    port: u16,
    led: Arc<Mutex<Vec<String>>>,
    // The last to go: what runs on it uses the rest.
    _runtime: Runtime,
}

impl Company {
    /// Founds it before the server at `url`, which speaks plain HTTP.
    pub(crate) fn found(url: &str, door: Door) -> Result<Self, Box<dyn Error>> {
        let server = url.strip_prefix("http://").ok_or("not plain HTTP")?.to_owned();
        let (folder, runtime) = (tempfile::tempdir()?, Runtime::new()?);
        let acceptor = unchecked(&folder)?;
        let (listener, led) = (runtime.block_on(TcpListener::bind("127.0.0.1:0"))?, Arc::default());
        let port = listener.local_addr()?.port();
        let log = Arc::clone(&led);
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (acceptor, server, log) = (acceptor.clone(), server.clone(), Arc::clone(&log));
                // A client that gives up, as it does without trust, is its own affair.
                tokio::spawn(async move { lead(client, door, &acceptor, &server, &log).await });
            }
        });
        Ok(Self { folder, port, led, _runtime: runtime })
    }

    /// The proxy's address for a person who knows a password.
    pub(crate) fn proxy(&self, name: &str, password: &str) -> String {
        format!("http://{name}:{password}@127.0.0.1:{}", self.port)
    }

    /// The file with the certificate of the company's own authority.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// Where the proxy led its clients so far, as they named it.
    pub(crate) fn led(&self) -> Vec<String> {
        self.led.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A fresh authority, whose certificate goes into the folder, and a server that it vouches for.
fn unchecked(folder: &TempDir) -> Result<TlsAcceptor, Box<dyn Error>> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    std::fs::write(folder.path().join("authority.pem"), authority.pem())?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(HOSTS.map(str::to_owned))?.signed_by(&key, &authority)?;
    let secret = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], secret.into())?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Serves one client of the proxy to its end.
async fn lead(
    client: TcpStream,
    door: Door,
    acceptor: &TlsAcceptor,
    server: &str,
    log: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut client = BufReader::new(client);
    let (mut target, mut password) = (String::new(), String::new());
    loop {
        let mut line = String::new();
        client.read_line(&mut line).await?;
        if let Some(rest) = line.strip_prefix("CONNECT ") {
            target = rest.split(' ').next().unwrap_or_default().to_owned();
        }
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("proxy-authorization")
        {
            password = value.trim().to_owned();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    match door {
        Door::Password(name, word) if password != format!("Basic {}", STANDARD.encode(format!("{name}:{word}"))) => {
            return client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").await;
        }
        Door::Nowhere => return client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await,
        Door::Password(..) => {}
    }
    log.lock().unwrap_or_else(PoisonError::into_inner).push(target);
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
    let mut secured = acceptor.accept(client).await?;
    let mut server = TcpStream::connect(server).await?;
    copy_bidirectional(&mut secured, &mut server).await.map(drop)
}
