//! Tenants whose people have made-up names that occur nowhere else, and a search for them.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// What the names and the departments of the made-up people contain, in lower case. Their display names have a telephone number.
const WORDS: [&str; 3] = ["quovadia", "krambambuli", "4255550142"];
/// What the object ids, the sign-in names and the names of generated users contain, in lower case.
const GENERATED: [&str; 3] = ["-0ac1-4000-8000-", "worker0", "worker 0"];

/// What a search looks for: texts in lower case, and object ids as 16 bytes.
pub(crate) struct Needles {
    texts: Vec<String>,
    ids: Vec<Vec<u8>>,
}

/// Renames every account of a tenant's state file but the first, who is signed in, and lets each try a reset in vain.
pub(crate) fn make_up(state: &Path) -> Result<Needles, Box<dyn Error>> {
    let mut tenant: Value = serde_json::from_str(&fs::read_to_string(state)?)?;
    let domain = tenant["domains"][0].as_str().ok_or("no domain")?.to_owned();
    let mut needles =
        Needles { texts: WORDS.iter().chain(&GENERATED).map(|word| (*word).to_owned()).collect(), ids: Vec::new() };
    for (number, account) in tenant["accounts"].as_array_mut().ok_or("no accounts")?.iter_mut().enumerate().skip(1) {
        account["displayName"] = format!("Zyx Quovadia {number} (+1 4255550142)").into();
        account["userPrincipalName"] = format!("zyx.quovadia{number}@{domain}").into();
        if account["profile"].is_object() {
            account["profile"]["department"] = json!("Krambambuli");
            account["profile"]["tried"] = true.into();
        }
        let id = account["id"].as_str().ok_or("no id")?;
        needles.texts.extend([id.to_owned(), id.replace('-', "")]);
        needles.ids.push(bytes(&id.replace('-', ""))?);
    }
    // The first half of the ids of generated users is the same for all.
    let prefix = format!("{}0ac140008000", tenant["id"].as_str().and_then(|id| id.get(..8)).ok_or("no id")?);
    needles.ids.push(bytes(&prefix)?);
    fs::write(state, tenant.to_string())?;
    Ok(needles)
}

fn bytes(hex: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let pairs = (0..hex.len()).step_by(2).map(|at| Ok(u8::from_str_radix(hex.get(at..at + 2).ok_or("no pair")?, 16)?));
    pairs.collect()
}

impl Needles {
    /// What of a person these bytes contain.
    pub(crate) fn found(&self, hay: &[u8]) -> Option<String> {
        let lower = String::from_utf8_lossy(hay).to_lowercase();
        let text = self.texts.iter().find(|text| lower.contains(text.as_str())).cloned();
        let id = || self.ids.iter().find(|id| hay.windows(id.len()).any(|window| window == id.as_slice()));
        text.or_else(|| id().map(|id| format!("{id:02x?}")))
    }

    /// Nothing of a person is in these bytes.
    pub(crate) fn none_in(&self, place: &str, hay: &[u8]) -> Result<(), Box<dyn Error>> {
        let named = |word| format!("{place} names a person, `{word}`:\n{}", String::from_utf8_lossy(hay)).into();
        self.found(hay).map_or(Ok(()), |word| Err(named(word)))
    }

    /// Nothing of a person is in the name or the content of any file below a folder, but for those below a folder `sandbox`.
    /// Returns how many files there are.
    pub(crate) fn none_below(&self, folder: &Path) -> Result<usize, Box<dyn Error>> {
        let mut count = 0;
        for path in fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()? {
            let name = path.display().to_string();
            self.none_in("the name of a file", name.as_bytes())?;
            if path.is_dir() {
                count += if path.ends_with("sandbox") { 0 } else { self.none_below(&path)? };
            } else if path.is_file() {
                self.none_in(&name, &fs::read(&path)?)?;
                count += 1;
            }
        }
        Ok(count)
    }
}
