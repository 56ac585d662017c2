//! The socket in the state folder through which the owner of this process can reconcile, suspend and resume.

use std::io;
use std::path::Path;

// Where there are no such sockets, there is no connection of either type.
#[cfg(not(unix))]
use tokio::net::TcpStream as ControlStream;
#[cfg(unix)]
use tokio::net::UnixStream as ControlStream;

/// The name of the socket in the state folder.
#[cfg(unix)]
pub(crate) const NAME: &str = "control.sock";

/// The socket, which accepts connections.
#[derive(Debug)]
pub(crate) struct ControlSocket {
    #[cfg(unix)]
    listener: tokio::net::UnixListener,
}

impl ControlSocket {
    /// Makes the socket, which only its owner can open, in place of that of an earlier process. Returns `None` on a system
    /// that has no such sockets.
    ///
    /// # Errors
    /// When the file cannot be made, for example because its path is longer than about 100 bytes.
    #[cfg(unix)]
    pub(crate) fn bind(folder: &Path) -> io::Result<Option<Self>> {
        use std::fs::{Permissions, rename, set_permissions};
        use std::os::unix::fs::PermissionsExt;
        // It is made in a folder that nobody else may enter, so that nobody can open it before it is restricted.
        let made =
            tempfile::Builder::new().prefix(".s").rand_bytes(5).tempdir_in(folder).map_err(|error| error.kind())?;
        let fresh = made.path().join("s");
        let listener = std::os::unix::net::UnixListener::bind(&fresh)?;
        set_permissions(&fresh, Permissions::from_mode(0o600))?;
        let path = folder.join(NAME);
        // Whoever opens it has to write this path, so it must not be longer than the system allows.
        std::os::unix::net::SocketAddr::from_pathname(&path)?;
        rename(&fresh, path)?;
        listener.set_nonblocking(true)?;
        Ok(Some(Self { listener: tokio::net::UnixListener::from_std(listener)? }))
    }

    /// There is no such socket on this system.
    #[cfg(not(unix))]
    pub(crate) fn bind(_: &Path) -> io::Result<Option<Self>> {
        Ok(None)
    }

    /// Waits for a connection.
    ///
    /// # Errors
    /// When one cannot be accepted.
    pub(crate) async fn accept(&self) -> io::Result<ControlStream> {
        #[cfg(unix)]
        let accepted = self.listener.accept().await.map(|(stream, _)| stream);
        #[cfg(not(unix))]
        let accepted = std::future::pending().await;
        accepted
    }
}
