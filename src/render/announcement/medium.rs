//! What a mail is written in, and the template for each that the program brings.

/// What a mail is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFormat {
    /// Markdown, for a chat or a wiki.
    Markdown,
    /// One page of HTML that needs nothing else.
    Html,
    /// Plain text.
    Text,
}

impl MailFormat {
    /// Every medium.
    pub const ALL: [Self; 3] = [Self::Markdown, Self::Html, Self::Text];

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
