//! The token cache: refresh tokens of people who signed in, encrypted in one file. It never has access tokens.
//!
//! A write replaces the whole file. A process that reads the file in order to write it holds a lock file, so that of two
//! processes the second starts from what the first one wrote.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::base::clock::Stopwatch;
use crate::base::file::{ReadError, read_state};
use crate::base::state_file;
use crate::client::auth::cache_key::CacheKey;
use crate::client::auth::encryption::{DecryptError, EncryptionKey};
use crate::tenant::surface::Service;

/// The most bytes of the file: far above a few thousand sign-ins.
const MOST: u64 = 16 * 1024 * 1024;
/// What to do about a file that no run of this program has written.
const WRONG_FILE: &str =
    "name the right file with SSPRCTL_CACHE; or remove it with `ssprctl logout`, and sign in again";
/// How long another process may hold the lock: longer than its requests may take.
const LONGEST: Duration = Duration::from_secs(120);
/// How long a refresh token lives from its last use.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 90);

/// The cache. Its file is not opened before it is needed.
pub(crate) struct TokenCache {
    path: PathBuf,
    key: CacheKey,
}

/// One saved sign-in. It has a secret, so it does not implement `Debug` and is written encrypted only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CachedSignIn {
    /// The tenant, as the caller named it.
    pub(crate) tenant: String,
    /// The tenant's id, if the token has it.
    pub(crate) tenant_id: Option<String>,
    /// The origin of the sign-in service: the only place the refresh token goes to.
    pub(crate) home: String,
    /// The client that it belongs to.
    pub(crate) client: String,
    /// The services for which it has brought a token.
    pub(crate) systems: Vec<Service>,
    pub(crate) person: Option<String>,
    /// The fingerprint of the environment's refresh token that this came from; `None` for `ssprctl login`.
    pub(crate) seed: Option<String>,
    pub(crate) refresh: String,
    /// When it was last used.
    pub(crate) used: Timestamp,
}

impl CachedSignIn {
    /// When the sign-in ends unless it is used before.
    pub(crate) fn ends(&self) -> Timestamp {
        self.used.saturating_add(LIFE).unwrap_or(Timestamp::MAX)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CacheFile {
    format_version: u32,
    #[serde(rename = "kept")]
    sign_ins: Vec<CachedSignIn>,
}

/// Why the cache cannot be used.
pub(crate) struct CacheError {
    /// Why, with the file's name.
    pub(crate) why: String,
    pub(crate) hint: String,
}

impl TokenCache {
    /// The cache that the environment names; the caller gives the usual file as if it were named there. Without a name there is
    /// no cache, and no sign-in can be saved.
    pub(crate) fn from_env(get: &impl Fn(&str) -> Option<String>) -> Self {
        let path = get("SSPRCTL_CACHE").filter(|path| !path.trim().is_empty());
        Self { path: path.map_or_else(PathBuf::new, PathBuf::from), key: CacheKey::from_env(get) }
    }

    /// Whether the environment holds the key, so that somebody wants sign-ins to be saved.
    pub(crate) fn has_key_of_environment(&self) -> bool {
        self.key.is_given()
    }

    /// Whether there is a cache at all.
    pub(crate) fn exists(&self) -> bool {
        self.path.symlink_metadata().is_ok()
    }

    /// The saved sign-ins; none if there is no file.
    ///
    /// # Errors
    /// When the file cannot be read or decrypted, or has another format.
    pub(crate) fn read(&self) -> Result<Vec<CachedSignIn>, CacheError> {
        if !self.exists() {
            return Ok(Vec::new());
        }
        let sealed = read_state(&self.path, MOST).map_err(|error| {
            let way = if matches!(error, ReadError::TooLarge { .. }) { WRONG_FILE } else { "make it readable" };
            self.unusable(&format!("cannot be read: {error}"), way)
        })?;
        let text = self.key(false)?.decrypt(&sealed).map_err(|unopened| {
            self.unusable(
                match unopened {
                    DecryptError::NotSealed => "is not a token cache",
                    DecryptError::Foreign => "was encrypted with another key",
                    DecryptError::Tampered => "is damaged, or was changed by somebody who does not have the key",
                },
                "set the key it was encrypted with; or remove it with `ssprctl logout`, and sign in again",
            )
        })?;
        let shape = "has content that this version does not know";
        let content: CacheFile =
            serde_json::from_str(&text).map_err(|_| self.unusable(shape, "remove it with `ssprctl logout`"))?;
        match content.format_version {
            1 => Ok(content.sign_ins),
            _ => Err(self.unusable(shape, "use the version that wrote it, or remove it with `ssprctl logout`")),
        }
    }

    /// Locks the cache against all other processes and tasks until the returned value is dropped.
    pub(crate) async fn lock(&self) -> Result<LockedCache<'_>, CacheError> {
        let failed =
            |error: std::io::Error| self.unusable(&format!("cannot be locked: {error}"), "make its folder writable");
        if self.path.as_os_str().is_empty() {
            return Err(self.unusable("has no file", "name one with SSPRCTL_CACHE"));
        }
        if let Some(folder) = self.folder() {
            state_file::create_folder(folder).map_err(failed)?;
        }
        let mut name = self.path.clone().into_os_string();
        name.push(".lock");
        let options = &mut OpenOptions::new();
        let file =
            state_file::open(Path::new(&name), options.create(true).truncate(false).write(true)).map_err(failed)?;
        let watch = Stopwatch::start();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(LockedCache { cache: self, _lock: file }),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
                Err(TryLockError::WouldBlock) if watch.elapsed() > LONGEST => {
                    return Err(self
                        .unusable("has been locked by another run for minutes", "wait for the other run, or stop it"));
                }
                Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// Checks that a sign-in could be saved: there is a key, and the present content can be decrypted.
    pub(crate) fn check_writable(&self) -> Result<(), CacheError> {
        self.key(true)?;
        self.read().map(|_| ())
    }

    /// Removes the file, whatever is in it, without a key. Returns whether there was one.
    pub(crate) fn remove(&self) -> Result<bool, CacheError> {
        match fs::remove_file(&self.path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.unusable(&format!("cannot be removed: {error}"), "remove it by hand")),
        }
    }

    fn key(&self, make: bool) -> Result<EncryptionKey, CacheError> {
        self.key.key(make).map_err(|none| self.unusable(&format!("cannot be used: {}", none.why), none.hint))
    }

    fn folder(&self) -> Option<&Path> {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty())
    }

    fn unusable(&self, why: &str, hint: &str) -> CacheError {
        CacheError { why: format!("the token cache {} {why}", self.path.display()), hint: hint.to_owned() }
    }
}

/// The cache while it is locked.
pub(crate) struct LockedCache<'a> {
    cache: &'a TokenCache,
    _lock: File,
}

impl LockedCache<'_> {
    pub(crate) fn read(&self) -> Result<Vec<CachedSignIn>, CacheError> {
        self.cache.read()
    }

    /// Replaces the saved sign-ins. The file is readable for its owner only.
    pub(crate) fn write(&self, sign_ins: Vec<CachedSignIn>) -> Result<(), CacheError> {
        let cache = self.cache;
        let failed = |error: std::io::Error| {
            cache.unusable(&format!("cannot be written: {}", error.kind()), "make its folder writable")
        };
        let key = cache.key(true)?;
        let text =
            serde_json::to_string(&CacheFile { format_version: 1, sign_ins }).map_err(|error| failed(error.into()))?;
        let sealed = key.encrypt(&text).ok_or_else(|| cache.unusable("cannot be encrypted", "try again"))?;
        state_file::write(&cache.path, &sealed).map_err(failed)
    }
}
