//! Whether a terminal follows links, and what their addresses are there.

use std::borrow::Cow;
use std::collections::HashMap;

use url::Url;

use crate::render::text::link::{BEFORE, BEHIND, FILE};

/// Whether links are written to a terminal that has colours. Logs of pipelines are no place for them, and some pipelines give
/// their jobs a terminal.
pub(crate) fn are_followed() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !is_set("NO_COLOR")
        && !is_set("CI")
        && !is_set("TF_BUILD")
        && !is_dumb
        && supports_hyperlinks::supports_hyperlinks()
}

/// The text with addresses that a terminal can open; without links if they are not `followed`.
pub(crate) fn links(text: &str, followed: bool) -> Cow<'_, str> {
    if !text.contains(BEFORE) {
        return Cow::Borrowed(text);
    }
    let (mut linked, mut rest, mut is_open) = (String::with_capacity(text.len()), text, false);
    let mut known = HashMap::new();
    while let Some((before, more)) = rest.split_once(BEFORE)
        && let Some((address, after)) = more.split_once(BEHIND)
    {
        linked.push_str(before);
        let address = if followed { known.entry(address).or_insert_with(|| opened(address)).as_deref() } else { None };
        match address {
            Some(address) => linked.extend([BEFORE, address, BEHIND]),
            None if is_open => linked.extend([BEFORE, BEHIND]),
            None => {}
        }
        (rest, is_open) = (after, address.is_some());
    }
    linked.push_str(rest);
    Cow::Owned(linked)
}

/// The address for a terminal; `None` for the end of a link, and for a file that is not on the machine of whoever reads.
fn opened(address: &str) -> Option<String> {
    let Some(path) = address.strip_prefix(FILE) else { return (!address.is_empty()).then(|| address.to_owned()) };
    let elsewhere = ["SSH_CONNECTION", "SSH_TTY"].iter().any(|name| std::env::var_os(name).is_some());
    let path = std::path::absolute(decoded(path)?).ok().filter(|path| !elsewhere && path.is_file())?;
    Url::from_file_path(path).ok().map(String::from)
}

/// A path without its percent-encoding.
fn decoded(path: &str) -> Option<String> {
    let mut parts = path.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(code, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::links;
    use crate::render::text::link::{to_file, to_page};

    #[test]
    fn links_are_whole_or_gone() {
        let page = to_page("https://docs.contoso.com", "docs");
        let text = format!("a {page} b {} c", to_file("no such file", "nowhere"));
        assert_eq!(links(&text, true), format!("a {page} b nowhere c"));
        assert_eq!(links(&text, false), "a docs b nowhere c");
        let file = links(&to_file("Cargo.toml", "here"), true).into_owned();
        assert!(
            file.starts_with("\u{1b}]8;;file:///") && file.ends_with("/Cargo.toml\u{1b}\\here\u{1b}]8;;\u{1b}\\"),
            "{file:?}"
        );
        assert_eq!(links(&file, true), file);
    }
}
