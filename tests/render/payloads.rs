//! Attacks that are known to work elsewhere, as the name of a file, a group, a question and a link, over every
//! way to report them.

use ssprctl::testing::base::exit::Exit;
use ssprctl::testing::engine::result::{FleetView, PlanScope};
use ssprctl::testing::policy::schema;
use ssprctl::testing::render::terminal::{show, validate};
use ssprctl::testing::render::{github, json, markdown, sarif, terminal};

use super::fixture::{self, Outcomes, Words};
use super::structure::structure;

/// What terminals, Markdown, HTML and the runners of pipelines act on.
const PAYLOADS: [&str; 36] = [
    // Terminals: colours, clearing, the title, the clipboard, links, replies, the 8-bit forms, backspace and carriage return.
    "\u{1b}[31;1mred",
    "\u{1b}[2J\u{1b}[H",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]52;c;cm0gLXJmIC8=\u{7}",
    "\u{1b}]8;;https://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\",
    "\u{1b}P+q544e\u{1b}\\",
    "\u{1b}c",
    "\u{9b}31m\u{9d}0;x\u{9c}\u{90}q\u{9c}",
    "safe\rEVIL",
    "a\u{8}\u{8}b",
    "\u{e}\u{f}",
    // What turns or hides text.
    "\u{202e}gnp.exe",
    "\u{2066}a\u{2069}\u{200f}",
    "a\u{200b}b\u{feff}\u{ad}\u{3164}",
    "\u{e0041}\u{e0042}",
    // Markdown and HTML.
    "[a](https://evil.example) ![b](https://evil.example/b.png)",
    "<img src=x onerror=alert(1)>",
    "</details></td></table><script>alert(1)</script>",
    "<!-- ssprctl:plan -->",
    "--> x",
    "```\n# heading\n```",
    "`` ` `` ``` ~~~",
    "| a | b |\n|---|---|\n| c | d |",
    "@contoso/admins #1 GH-2 https://evil.example www.evil.example",
    "&lt;b&gt; &#60;b&#62; &NewLine;",
    "\n\n# heading\n- [ ] task\n> quote",
    "$\\href{https://evil.example}{x}$",
    // Runners: GitHub's two forms, Azure's, and what undoes their escapes.
    "::set-output name=approved::true",
    "\n::set-output name=approved::true\n",
    "\r::stop-commands::x\r",
    "%0A::add-mask::a%0D",
    "##[set-output name=approved]true",
    "##[add-matcher]x.json",
    "###vso[task.setvariable variable=PATH]x",
    "\u{2028}::error::x\u{85}::error::x",
    "::error file=a,line=1::x%25",
];

/// Everything that is printed with these words in it, by its kind.
fn printed(words: &Words) -> Outcomes<Vec<(&'static str, String)>> {
    let (reviews, driftings, applies) =
        (fixture::reviews(words)?, fixture::driftings(words)?, fixture::applies(words)?);
    let (checked, shown_, exceptions) = (fixture::checked(words), fixture::shown(words)?, fixture::exceptions(words));
    let all = checked.report();
    Ok(vec![
        ("terminal", terminal::plan(&reviews, PlanScope::default(), &exceptions)),
        ("terminal", terminal::drift(&driftings, FleetView::default())),
        ("terminal", terminal::apply(&applies, FleetView::default())),
        ("terminal", validate::terminal(&all)),
        ("terminal", show::terminal(&shown_)),
        ("plan", markdown::plan(&reviews, PlanScope::default(), None, &exceptions)),
        ("drift", markdown::drift(&driftings, FleetView::default())),
        ("apply", markdown::apply(&applies, FleetView::default())),
        ("validate", markdown::validate(&all, "validate")),
        ("show", markdown::show(&shown_)),
        ("json", json::plan(&reviews, PlanScope::default(), &exceptions, json::RunEnd::real(Exit::Done))),
        ("json", json::drift(&driftings, &[], json::RunEnd::real(Exit::Done))),
        ("json", json::apply(&applies, &[], json::RunEnd::real(Exit::Done))),
        ("json", json::validate(&all, Exit::Done)),
        ("json", json::show(&shown_, json::RunEnd::real(Exit::Done))),
        ("json", sarif::plan(&reviews, &exceptions, "", Exit::Done)),
        ("json", sarif::drift(&driftings, "", Exit::Done)),
        ("json", sarif::validate(&all, "", Exit::Done)),
        ("github", github::plan(&reviews, &exceptions, "")),
        ("github", github::drift(&driftings, "")),
        ("github", github::validate(&all, "")),
    ])
}

/// What a terminal acts on, our own colours and links aside.
fn acts(text: &str) -> bool {
    let text = super::without_links(text);
    let plain = text.split("\u{1b}[").enumerate().map(|(index, part)| match index {
        0 => part,
        _ => part
            .split_once('m')
            .filter(|(style, _)| style.chars().all(|c| c.is_ascii_digit() || c == ';'))
            .map_or("\u{1b}", |(_, rest)| rest),
    });
    let hides = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{3164}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    plain.collect::<String>().contains(hides)
}

/// Lines that the runner of a pipeline acts on, as GitHub's and Azure's read them.
fn commands(text: &str) -> Vec<&str> {
    let armed = |line: &str| {
        line.match_indices("##").any(|(at, _)| {
            let name = line[at..].trim_start_matches('#');
            name.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('[')
        })
    };
    let named = |line: &str| {
        let rest = line.trim_start().strip_prefix("::").unwrap_or_default();
        let name = rest.split([' ', ':']).next().unwrap_or_default();
        !name.is_empty() && rest.contains("::")
    };
    text.split(['\n', '\r', '\u{85}', '\u{2028}']).filter(|line| named(line) || armed(line)).collect()
}

#[test]
fn no_attack_gets_through_any_renderer() -> Outcomes<()> {
    let plain = printed(&Words::plain())?;
    for payload in PAYLOADS {
        // The name of a tenant begins a line, and so must be one that no policy can give.
        assert!(!schema::fits(&serde_json::json!({"version": 1, "tenant": payload})), "{payload:?}");
        let words = Words {
            tenant: "contoso.onmicrosoft.com".to_owned(),
            path: format!("policies/{payload}.yaml"),
            text: payload.to_owned(),
        };
        for ((kind, text), (_, meant)) in printed(&words)?.into_iter().zip(&plain) {
            assert!(!acts(&text), "{payload:?} as {kind}: {text:?}");
            let styles = |text: &str| text.matches('\u{1b}').count();
            assert_eq!(styles(&text), styles(meant), "{payload:?} as {kind}: {text:?}");
            // A pipeline has no terminal, so our own colours are taken out before its runner reads.
            let (text, meant) = (super::bare(&text), super::bare(meant));
            let (found, expected) = (commands(&text), commands(&meant));
            assert_eq!(found.len(), expected.len(), "{payload:?} as {kind}: {found:#?}");
            match kind {
                "json" => drop(serde_json::from_str::<serde_json::Value>(&text)?),
                "github" | "terminal" => {}
                command => assert_eq!(structure(&text, command).breaches, Vec::<String>::new(), "{payload:?}"),
            }
        }
    }
    Ok(())
}

/// Without this, the test above could not fail.
#[test]
fn attacks_are_seen() {
    for payload in &PAYLOADS[1..15] {
        assert!(acts(payload), "{payload:?}");
    }
    for payload in &PAYLOADS[27..] {
        let undone = payload.replace("%0A", "\n").replace("%0D", "\r");
        assert!(!commands(&undone).is_empty(), "{payload:?}");
    }
    assert!(!acts("\u{1b}[1mbold\u{1b}[0m") && commands("## heading [a]\nPlan: 1").is_empty());
}
