//! The text of one line of a journal: a JSON object with its number, which ends with a checksum of all that precedes it.

use std::io;
use std::str::FromStr;

use crate::apply::entry::{ApplyEnd, FORMAT_VERSION, JournalEntry};
use crate::base::ids::TenantId;
use crate::base::signature::Digest;

/// What is between the checked part of a line and its checksum.
const KEY: &str = ",\"checksum\":\"";
/// What follows the checksum.
const END: &str = "\"}";
/// Characters of a tenant's id.
const UUID_LENGTH: usize = 36;

/// A line with its number and checksum, and with the line break that ends it.
///
/// # Errors
/// When the event cannot be written as JSON.
pub(crate) fn to_text(number: u64, entry: JournalEntry) -> io::Result<String> {
    let text = serde_json::to_string(&JournalEntry { line: Some(number), checksum: None, ..entry })?;
    let checked = text.strip_suffix('}').unwrap_or(&text);
    Ok(format!("{checked}{KEY}{}{END}\n", checksum(checked)))
}

/// Reads a line, without its line break. `None` for a line that is damaged: it is no journal line, or has another content
/// than the one that its checksum was made of. A line without number and checksum is of an earlier version of the program.
pub(crate) fn parse(text: &str) -> Option<JournalEntry> {
    let entry: JournalEntry = serde_json::from_str(text).ok()?;
    let Some(stated) = &entry.checksum else { return entry.line.is_none().then_some(entry) };
    let checked = text.strip_suffix(END)?.strip_suffix(stated.as_str())?.strip_suffix(KEY)?;
    (*stated == checksum(checked)).then_some(entry)
}

/// The beginning of a line as the program writes it. Lines about requests hold whole documents and are nearly all of a
/// journal, and what follows the beginning of such a line is not looked at.
pub(crate) struct LineStart<'a> {
    /// The number of the line; lines of an earlier version of the program have none.
    pub(crate) number: Option<u64>,
    pub(crate) tenant: TenantId,
    /// The name of the event and what follows it, from after the quotation mark before the name.
    event: &'a [u8],
}

impl<'a> LineStart<'a> {
    /// `None` for a line that begins in another way.
    pub(crate) fn of(line: &'a [u8]) -> Option<Self> {
        let rest = line.strip_prefix(b"{")?;
        let (number, rest) = match rest.strip_prefix(br#""line":"#) {
            Some(rest) => {
                let (digits, rest) = rest.split_at_checked(memchr::memchr(b',', rest)?)?;
                let digits = Some(digits).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
                (Some(str::from_utf8(digits).ok()?.parse().ok()?), rest.strip_prefix(b",")?)
            }
            None => (None, rest),
        };
        let rest = rest.strip_prefix(br#""at":""#)?;
        let (_, rest) = rest.split_at_checked(memchr::memchr2(b'"', b'\\', rest)?)?;
        let (tenant, rest) = rest.strip_prefix(br#"","tenantId":""#)?.split_at_checked(UUID_LENGTH)?;
        let event = rest.strip_prefix(br#"","event":{""#)?;
        Some(Self { number, tenant: TenantId::from_str(str::from_utf8(tenant).ok()?).ok()?, event })
    }

    /// Whether the line is about a request that is about to be sent.
    pub(crate) fn is_request(&self) -> bool {
        self.event.starts_with(br#"sending":{"#)
    }

    /// Whether the line ends the run for the tenant. `None` if that takes to read it as JSON.
    pub(crate) fn has_ended(&self, line: &[u8]) -> Option<bool> {
        const REQUESTS: [&[u8]; 3] = [br#"sending":{"#, br#"answered":{"#, br#"settled":{"#];
        if REQUESTS.iter().any(|event| self.event.starts_with(event)) {
            return Some(false);
        }
        if let Some(version) = self.event.strip_prefix(br#"begun":{"formatVersion":"#) {
            let digits = version.split(|byte| *byte == b',').next()?;
            return (str::from_utf8(digits).ok()?.parse() == Ok(FORMAT_VERSION)).then_some(false);
        }
        let end = self.event.strip_prefix(br#"ended":"#)?;
        let (word, rest) = end.split_at_checked(memchr::memchr(b'}', end)?)?;
        serde_json::from_slice::<ApplyEnd>(word).ok()?;
        is_whole(line, rest.strip_prefix(b"}")?).then_some(true)
    }
}

/// Whether a line that ends with `end` after its event is as it was written: it has the checksum of what precedes it, or,
/// as a line of an earlier version of the program, neither number nor checksum.
fn is_whole(line: &[u8], end: &[u8]) -> bool {
    if end == b"}" {
        return line.starts_with(br#"{"at":"#);
    }
    let stated = end.strip_prefix(KEY.as_bytes()).and_then(|end| end.strip_suffix(END.as_bytes()));
    line.strip_suffix(end).is_some_and(|checked| stated == Some(Digest::of(checked).as_str().as_bytes()))
}

fn checksum(text: &str) -> String {
    Digest::of(text.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::entry::JournalEvent;

    fn line() -> io::Result<String> {
        let entry = JournalEntry {
            line: None,
            at: "2026-11-27T09:00:00Z".to_owned(),
            tenant_id: "55bc0001-0000-4000-8000-000000000001".to_owned(),
            event: JournalEvent::ApplyEnded(ApplyEnd::Applied),
            checksum: None,
        };
        to_text(7, entry)
    }

    #[test]
    fn a_line_is_read_as_it_was_written() -> Result<(), Box<dyn std::error::Error>> {
        let text = line()?;
        let entry = parse(text.trim_end()).ok_or("damaged")?;
        assert_eq!((entry.line, entry.event), (Some(7), JournalEvent::ApplyEnded(ApplyEnd::Applied)));
        Ok(())
    }

    /// Every byte counts: one that is missing or another one makes the line damaged.
    #[test]
    fn a_changed_byte_is_found() -> io::Result<()> {
        let text = line()?;
        let text = text.trim_end();
        for at in 0..text.len() {
            let mut cut = text.to_owned();
            cut.truncate(at);
            assert_eq!(parse(&cut), None, "cut at {at}");
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= 1;
            let changed = String::from_utf8_lossy(&bytes).into_owned();
            assert_eq!(parse(&changed), None, "changed at {at}: {changed}");
        }
        Ok(())
    }
}
