//! What comes from a policy, made harmless in a mail.

use url::{Url, form_urlencoded};

use crate::render::announcement::medium::MailFormat;
use crate::render::markdown::escape;
use crate::render::text::safe::safe;

/// Text that shows as it is written.
pub(super) fn text(medium: MailFormat, text: &str) -> String {
    match medium {
        MailFormat::Html => html(text),
        MailFormat::Markdown => escape::text(text),
        MailFormat::Text => safe(text).into_owned(),
    }
}

/// An address as a link: of a page or of a mailbox. What is neither becomes text.
pub(super) fn link(medium: MailFormat, address: &str) -> String {
    let Some(target) = target(address) else { return text(medium, address) };
    match medium {
        MailFormat::Html => format!("<a href=\"{}\">{}</a>", html(&target), html(address)),
        MailFormat::Markdown if target.starts_with("mailto:") => format!("[{}](<{target}>)", escape::text(address)),
        MailFormat::Markdown => format!("<{target}>"),
        MailFormat::Text => safe(address).into_owned(),
    }
}

/// Text in HTML, also in an attribute with either sort of quotes.
fn html(text: &str) -> String {
    escape::html(text).replace('\'', "&#39;")
}

/// Where a link leads, free of everything that would end it.
fn target(address: &str) -> Option<String> {
    match Url::parse(address) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
            let plain = address.chars().all(|c| c.is_ascii_graphic() && !ends_a_link(c));
            Some(if plain { address.to_owned() } else { url.as_str().chars().map(encoded).collect() })
        }
        Ok(_) => None,
        // The name of a mailbox may hold `?` and `&`, which would add recipients.
        Err(_) => {
            let (name, host) = address.split_once('@')?;
            let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let whole = !name.is_empty() && host.contains('.') && !address.contains(char::is_whitespace);
            whole.then(|| format!("mailto:{}@{}", encoded(name), encoded(host)))
        }
    }
}

fn ends_a_link(c: char) -> bool {
    matches!(c, '<' | '>' | '"' | '\'' | '`' | '\\')
}

fn encoded(c: char) -> String {
    if ends_a_link(c) { format!("%{:02X}", u32::from(c)) } else { c.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_and_mailboxes_become_links() {
        let markdown = |address: &str| link(MailFormat::Markdown, address);
        let page = |address: &str| link(MailFormat::Html, address);
        assert_eq!(markdown("https://help.contoso.com/a?b=1"), "<https://help.contoso.com/a?b=1>");
        assert_eq!(markdown("https://x.com/a><b"), "<https://x.com/a%3E%3Cb>");
        assert_eq!(
            page("https://x.com/?a=1&b=\"'>"),
            "<a href=\"https://x.com/?a=1&amp;b=%22%27%3E\">https://x.com/?a=1&amp;b=&quot;&#39;&gt;</a>"
        );
        assert_eq!(markdown("help@contoso.com"), "[help@&#8203;contoso.com](<mailto:help@contoso.com>)");
        assert_eq!(page("a?bcc=b@c.com"), "<a href=\"mailto:a%3Fbcc%3Db@c.com\">a?bcc=b@c.com</a>");
        for no_link in ["javascript:alert(1)", "data:text/html,x", "//evil.example", "two words@x.y", "@x.y", "SSPR"] {
            assert_eq!(page(no_link), html(no_link));
        }
    }
}
