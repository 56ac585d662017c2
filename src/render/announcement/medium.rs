//! The formats of a mail, and the built-in template of each.

/// The format in which a mail is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFormat {
    /// Markdown, for a chat or a wiki.
    Markdown,
    /// One page of HTML that needs nothing else.
    Html,
    /// Plain text without markup.
    Text,
}

impl MailFormat {
    /// The word used for `--format`, which is also the template's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Text => "text",
        }
    }

    /// The template that is used where the team brings none.
    #[must_use]
    pub fn built_in(self) -> &'static str {
        match self {
            Self::Markdown => include_str!("templates/announcement.md.jinja"),
            Self::Html => include_str!("templates/announcement.html.jinja"),
            Self::Text => include_str!("templates/announcement.txt.jinja"),
        }
    }
}
