//! Every file that one run leaves for another: read, and written again to the byte. The files in `files/` were not made by
//! the program: their digests and signatures come from other implementations of the same algorithms. The journal's are
//! read in `src/apply/tests.rs`.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use serde_json::Value as Json;
use ssprctl::testing::base::clock::Clock;
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::ids::TenantName;
use ssprctl::testing::base::signature::{SharedKey, VerifyingKey};
use ssprctl::testing::client::{ConnectOptions, Credentials, EndpointOverrides, HttpClient, TenantReader, connect};
use ssprctl::testing::controller::state::ControllerState;
use ssprctl::testing::plan::drift_state::DriftState;
use ssprctl::testing::plan::public_snapshot::format::SnapshotFile;
use ssprctl::testing::plan::public_snapshot::read as snapshot;
use ssprctl::testing::review::file::format::ReviewFile;
use ssprctl::testing::review::file::read::{self as review, ReviewFileError};
use ssprctl::testing::tenant::surface::Service;

use crate::Checked;

const TENANT: &str = "11111111-2222-4333-8444-555555555555";

fn file(name: &str) -> std::io::Result<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/files").join(name))
}

/// Compares texts line by line, so that a failure says where.
fn same(written: &str, recorded: &str) {
    for (number, (written, recorded)) in written.lines().zip(recorded.lines()).enumerate() {
        assert_eq!(written, recorded, "line {}", number + 1);
    }
    assert_eq!(written.len(), recorded.len());
}

#[test]
fn a_saved_review() -> Checked {
    let text = file("review.json")?;
    let read: ReviewFile = serde_json::from_str(&text)?;
    same(&format!("{}\n", serde_json::to_string_pretty(&read)?), &text);
    // Digest and signature are right; the rules are those of no program.
    let key: SharedKey = "0123456789abcdef0123456789abcdef".parse()?;
    let refused = review::read(&text, Some(&key)).err().ok_or("a review by unknown rules is taken")?;
    assert!(matches!(refused, ReviewFileError::Tool(_) | ReviewFileError::Rules), "{refused}");
    let other: SharedKey = "fedcba9876543210fedcba9876543210".parse()?;
    assert_eq!(review::read(&text, Some(&other)).err(), Some(ReviewFileError::Forged));
    let changed = text.replacen("mobilePhone", "officePhone", 1);
    assert_eq!(review::read(&changed, None).err(), Some(ReviewFileError::Changed));
    Ok(())
}

#[test]
fn a_public_snapshot() -> Checked {
    let text = file("snapshot.json")?;
    let read: SnapshotFile = serde_json::from_str(&text)?;
    same(&format!("{}\n", serde_json::to_string_pretty(&read)?), &text);
    let key: VerifyingKey = "MCowBQYDK2VwAyEA8IBVaUJxiFavh+lxRZDJNf83axp3lWFuNkA+VG4K/gU=".parse()?;
    let against = snapshot::read(&text, Some(&key), "2026-11-22T10:00:00Z".parse()?)?;
    assert_eq!((against.age.as_secs(), against.checked), (7_200, true));
    Ok(())
}

#[test]
fn a_drift_state() -> Checked {
    let text = file("drift-state.json")?;
    same(&DriftState::parse(&text, TENANT.parse()?)?.text()?, &text);
    Ok(())
}

#[test]
fn a_controller_state() -> Checked {
    let text = file("controller-state.json")?;
    same(&ControllerState::parse(&text)?.text()?, &text);
    Ok(())
}

const KEY: [u8; 32] = [7; 32];
const NONCE: [u8; 12] = [9; 12];

/// What a token cache begins with: a line that names the format, and the first eight bytes of a digest of the key.
fn head() -> Vec<u8> {
    let mark = digest(&SHA256, &[b"ssprctl key mark".as_slice(), &KEY].concat());
    [b"ssprctl sealed 1\n", &mark.as_ref()[..8]].concat()
}

fn cipher() -> Result<LessSafeKey, ring::error::Unspecified> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &KEY)?))
}

/// The reader of a tenant in a folder with a token cache; it sends nothing here.
fn reader(tenant: &str, cache: &Path) -> Result<TenantReader, String> {
    let (cache, key) = (cache.display().to_string(), STANDARD.encode(KEY));
    let get = move |name: &str| match name {
        "SSPRCTL_CACHE" => Some(cache.clone()),
        "SSPRCTL_CACHE_KEY" => Some(key.clone()),
        _ => None,
    };
    let options = ConnectOptions {
        cloud: Cloud::Global,
        tenant: TenantName::parse(tenant),
        overrides: EndpointOverrides::default(),
        credentials: Credentials::from_env_and_cli(get, None),
        clock: Clock::Fixed(jiff::Timestamp::UNIX_EPOCH),
        http: HttpClient::default(),
    };
    connect(options).map_err(|error| error.message)
}

#[tokio::test]
async fn a_token_cache() -> Checked {
    let text = file("token-cache.json")?;
    let mut body = text.clone().into_bytes();
    cipher()?.seal_in_place_append_tag(Nonce::assume_unique_for_key(NONCE), Aad::from(head()), &mut body)?;
    let folder = tempfile::tempdir()?;
    let cache = folder.path().join("tokens");
    fs::write(&cache, [head(), NONCE.to_vec(), body].concat())?;

    // Ninety days from the last use.
    let contoso = reader("contoso.onmicrosoft.com", &cache)?;
    for system in [Service::Portal, Service::Graph] {
        let life = contoso.life(system).map_err(|error| error.message)?.ok_or("nobody is signed in")?;
        assert_eq!(life.ends.to_string(), "2027-01-30T08:00:00Z");
    }
    assert!(contoso.sign_out().await.map_err(|error| error.message)?);

    let written = fs::read(&cache)?;
    let (found, rest) = written.split_at(head().len());
    assert_eq!(found, head());
    let (nonce, body) = rest.split_at(NONCE.len());
    let mut body = body.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce)?;
    let opened = cipher()?.open_in_place(nonce, Aad::from(head()), &mut body)?;
    let mut left: Json = serde_json::from_str(&text)?;
    left["kept"].as_array_mut().ok_or("no list")?.remove(0);
    assert_eq!(std::str::from_utf8(opened)?, left.to_string());
    Ok(())
}
