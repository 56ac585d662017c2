//! Findings as text and as JSON.

use std::sync::Arc;

use ssprctl::testing::base::finding::Finding;
use ssprctl::testing::base::source::{Place, Source};
use ssprctl::testing::render::json::finding::findings_json;
use ssprctl::testing::render::text::findings::{findings, one};

fn place(path: &str, text: &str, marked: &str) -> Place {
    let source = Arc::new(Source::new(path, text));
    let start = text.find(marked).unwrap_or_default();
    Place::new(&source, start, start + marked.len())
}

fn example() -> Finding {
    Finding::error("unknown-key", "`metods` is not a key of the policy")
        .at(place("policies/contoso.yaml", "version: 1\nmetods:\n  required: 2\n", "metods"), "unknown")
        .also(place("fabrikam.yaml", "version: 1\nextends: [base.yaml]\n", "base.yaml"), "extended here")
        .hint("did you mean `methods`?")
}

#[test]
fn a_finding_is_drawn_like_the_compilers() {
    insta::assert_snapshot!(one(&example(), false), @r"
    error[unknown-key]: `metods` is not a key of the policy
     --> policies/contoso.yaml:2:1
      |
    2 | metods:
      | ^^^^^^ unknown
     ::: fabrikam.yaml:2:11
      |
    2 | extends: [base.yaml]
      |           --------- extended here
     hint: did you mean `methods`?
    ");
}

#[test]
fn findings_without_a_place_have_no_snippet() {
    let warning = Finding::warning("no-helpdesk", "no user learns where help is").hint("set `helpdesk.link`");
    insta::assert_snapshot!(findings(&[warning.clone(), warning], false), @r"
    warning[no-helpdesk]: no user learns where help is
     hint: set `helpdesk.link`

    warning[no-helpdesk]: no user learns where help is
     hint: set `helpdesk.link`
    ");
}

#[test]
fn colour_adds_styles_and_links_and_nothing_else() {
    let styled = one(&example(), true);
    assert!(styled.contains("\u{1b}["));
    let plain: String = without_links(&styled)
        .split('\u{1b}')
        .enumerate()
        .map(|(index, part)| if index == 0 { part } else { part.split_once('m').map_or(part, |(_, rest)| rest) })
        .collect();
    assert_eq!(plain, one(&example(), false));
}

/// A text without the sequences that begin and end a link. Their addresses have nothing that a terminal could take for the end of
/// one.
fn without_links(text: &str) -> String {
    let plain = text.split("\u{1b}]8;;").enumerate().map(|(index, part)| {
        let (address, rest) =
            if index == 0 { ("", part) } else { part.split_once("\u{1b}\\").unwrap_or(("\u{1b}", "")) };
        assert!(address.chars().all(|c| c.is_ascii_graphic()), "{text:?}");
        rest
    });
    plain.collect()
}

#[test]
fn text_of_strangers_never_reaches_the_terminal_raw() {
    let evil = "a\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}b\rc";
    let text = format!("x: {evil}\n");
    let finding = Finding::error("unknown-value", format!("`{evil}` is not a value\nerror[fake]: second line"))
        .at(place(&format!("{evil}.yaml"), &text, evil), evil)
        .also(place("b.yaml", &text, evil), evil)
        .hint(evil);
    for colour in [false, true] {
        let shown = one(&finding, colour);
        let shown = without_links(&shown);
        let raw: Vec<char> = shown.chars().filter(|c| c.is_control() && !matches!(c, '\n' | '\u{1b}')).collect();
        assert_eq!(raw, Vec::<char>::new(), "{shown:?}");
        assert!(
            !shown.contains("\u{1b}]") && !shown.contains('\u{202e}') && !shown.contains("\nerror[fake]"),
            "{shown:?}"
        );
        assert_eq!(shown.contains('\u{1b}'), colour);
    }
}

#[test]
fn long_lines_are_trimmed_around_the_place() {
    let text = format!("{}HERE{}\n", "é".repeat(300_000), "z".repeat(300_000));
    let finding = Finding::error("too-long", "a long line").at(place("a.yaml", &text, "HERE"), "this");
    let shown = one(&finding, false);
    assert!(shown.contains(":1:300001") && shown.contains("HERE") && shown.contains("^^^^ this"), "{shown}");
    assert!(shown.chars().count() < 500, "{shown}");
}

#[test]
fn the_document_has_lines_and_columns() -> Result<(), serde_json::Error> {
    insta::assert_snapshot!(serde_json::to_string_pretty(&findings_json(&[example()]))?, @r#"
    [
      {
        "code": "unknown-key",
        "severity": "error",
        "message": "`metods` is not a key of the policy",
        "hint": "did you mean `methods`?",
        "path": "policies/contoso.yaml",
        "line": 2,
        "column": 1,
        "endLine": 2,
        "endColumn": 7,
        "lineText": "metods:",
        "also": [
          {
            "message": "extended here",
            "path": "fabrikam.yaml",
            "line": 2,
            "column": 11,
            "endLine": 2,
            "endColumn": 20
          }
        ]
      }
    ]
    "#);
    Ok(())
}
