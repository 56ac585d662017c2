//! The parts of a page about one document, in their order.

use serde_json::{Value as Json, json};

use crate::render::html::page::{grouped, plural};

/// What a page shows of one document.
#[derive(Default)]
pub(super) struct DocumentView {
    /// What the document is, with what it is about.
    pub(super) title: String,
    /// How the consequence is marked: `good`, `warn`, `bad`, or nothing.
    pub(super) tone: &'static str,
    /// The consequence, in one sentence.
    pub(super) sentence: String,
    /// What else the reader has to know first, in sentences.
    pub(super) more: Vec<String>,
    pub(super) tiles: Vec<Tile>,
    pub(super) sections: Vec<Section>,
}

/// One number with what it counts.
pub(super) struct Tile {
    number: String,
    label: String,
    tone: &'static str,
}

impl Tile {
    pub(super) fn new(number: u64, one: &str, many: &str, tone: &'static str) -> Self {
        let label = if number == 1 { one } else { many };
        Self { number: grouped(number), label: label.to_owned(), tone: if number == 0 { "" } else { tone } }
    }
}

/// A part of a page below a heading.
pub(super) struct Section {
    pub(super) title: String,
    /// The name of its template.
    pub(super) template: &'static str,
    pub(super) values: Json,
}

impl DocumentView {
    /// Adds a section.
    pub(super) fn section(&mut self, title: impl Into<String>, template: &'static str, values: Json) {
        self.sections.push(Section { title: title.into(), template, values });
    }

    /// What the template `document` takes; the page has no other document where this one is `alone`.
    pub(super) fn values(&self, alone: bool) -> Json {
        let Self { title, tone, sentence, more, tiles, sections } = self;
        let tile = |Tile { number, label, tone }: &Tile| json!({ "number": number, "label": label, "tone": tone });
        let section = |Section { title, template, values }: &Section| json!({ "title": title, "template": template, "values": values });
        json!({
            "heading": (!alone).then_some(title),
            "level": if alone { 2 } else { 3 },
            "tone": tone,
            "sentence": sentence,
            "more": more,
            "tiles": tiles.iter().map(tile).collect::<Vec<_>>(),
            "sections": sections.iter().map(section).collect::<Vec<_>>(),
        })
    }
}

/// `1 error and 2 warnings`, or `nothing`.
pub(super) fn errors_and_warnings(errors: u64, warnings: u64) -> Option<String> {
    let parts = [(errors, "error", "errors"), (warnings, "warning", "warnings")];
    let parts: Vec<_> =
        parts.iter().filter(|(many, ..)| *many > 0).map(|(many, one, several)| plural(*many, one, several)).collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}
