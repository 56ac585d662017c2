//! Links for terminals that follow them (OSC 8). They repeat what is written, and `cli` takes them out wherever they do not
//! belong: outside of terminals, and where the terminal does not know them.

use crate::render::text::safe::percent_encoded;

/// What is before and behind the address of a link; a link without an address is the end of the one before.
pub(crate) const BEFORE: &str = "\u{1b}]8;;";
pub(crate) const BEHIND: &str = "\u{1b}\\";
/// How the address of a file begins, which is a path, percent-encoded, until `cli` makes an address of it.
pub(crate) const FILE: &str = "path:";

/// The text as a link to a page of our documents.
#[must_use]
pub(crate) fn to_page(address: &str, text: &str) -> String {
    link(address, text)
}

/// The text as a link to the file with this path, which is one of the repository.
#[must_use]
pub(crate) fn to_file(path: &str, text: &str) -> String {
    link(&format!("{FILE}{path}"), text)
}

/// Whatever is no plain part of an address is percent-encoded, so that nothing ends the address before its end.
fn link(address: &str, text: &str) -> String {
    let encoded = percent_encoded(address, b"/:");
    format!("{BEFORE}{encoded}{BEHIND}{text}{BEFORE}{BEHIND}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_ends_its_link() {
        let end = "\u{1b}]8;;\u{1b}\\";
        let linked = |address: &str| format!("\u{1b}]8;;{address}\u{1b}\\x{end}");
        assert_eq!(to_page("https://docs.contoso.com/a-b", "x"), linked("https://docs.contoso.com/a-b"));
        assert_eq!(to_file("policies/a b%.yaml", "x"), linked("path:policies/a%20b%25.yaml"));
        assert_eq!(to_file("a\u{1b}\\\u{7}\n\u{9c}", "x"), linked("path:a%1B%5C%07%0A%C2%9C"));
    }
}
