//! What is printed: golden texts over every variant, JSON against its schemas, and comments that hostile words cannot break.

#[path = "render/fixture.rs"]
mod fixture;
#[path = "render/machines.rs"]
mod machines;
#[path = "render/payloads.rs"]
mod payloads;
#[path = "render/structure.rs"]
mod structure;

use std::fs;
use std::path::Path;

use fixture::{Outcomes, Words};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;
use ssprctl::testing::base::exit::Exit;
use ssprctl::testing::engine::result::{FleetView, PlanScope};
use ssprctl::testing::render::terminal::show;
use ssprctl::testing::render::{json, markdown, terminal};
use ssprctl::testing::tenant::error::TenantError;
use structure::structure;

/// Every comment with the name of its command.
fn comments(words: &Words) -> Outcomes<Vec<(&'static str, String)>> {
    let reviews = fixture::reviews(words)?;
    Ok(vec![
        ("plan", markdown::plan(&reviews, PlanScope::default(), None, &fixture::exceptions(words))),
        ("plan", markdown::plan(&reviews[..1], PlanScope::default(), None, &[])),
        ("drift", markdown::drift(&fixture::driftings(words)?, FleetView::default())),
        ("apply", markdown::apply(&fixture::applies(words)?, FleetView::default())),
        ("validate", markdown::validate(&fixture::checked(words).report(), "validate")),
        ("show", markdown::show(&fixture::shown(words)?)),
    ])
}

/// A published schema; the test of generated files holds it to the program.
fn schema(name: &str) -> Outcomes<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{name}.json"));
    Ok(serde_json::from_str(&fs::read_to_string(file)?)?)
}

/// Every document with its schema.
fn documents(words: &Words) -> Outcomes<Vec<(String, Value)>> {
    let reviews = fixture::reviews(words)?;
    Ok(vec![
        (
            json::plan(&reviews, PlanScope::default(), &fixture::exceptions(words), json::RunEnd::real(Exit::NoAccess)),
            schema("plan")?,
        ),
        (json::drift(&fixture::driftings(words)?, &[], json::RunEnd::real(Exit::NoAccess)), schema("drift")?),
        (json::apply(&fixture::applies(words)?, &[], json::RunEnd::real(Exit::Failed)), schema("apply")?),
        (json::validate(&fixture::checked(words).report(), Exit::Invalid), schema("validate")?),
        (json::show(&fixture::shown(words)?, json::RunEnd::real(Exit::NoAccess)), schema("show")?),
    ])
}

fn golden(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn comments_are_as_published() -> Outcomes<()> {
    let names = ["plan.md", "plan-of-one.md", "drift.md", "apply.md", "validate.md", "show.md"];
    for (name, (_, text)) in names.into_iter().zip(comments(&Words::plain())?) {
        golden(name, &text);
    }
    Ok(())
}

#[test]
fn documents_are_as_published() -> Outcomes<()> {
    let names = ["plan.json", "drift.json", "apply.json", "validate.json", "show.json"];
    for (name, (text, _)) in names.into_iter().zip(documents(&Words::plain())?) {
        golden(name, &if name == "apply.json" { without_repetitions(&text)? } else { text });
    }
    Ok(())
}

/// A document in which each list of a tenant, and each item of one, is written out where it comes first. The reviews behind
/// every ending are the same; only what the ending adds to them has to be seen again.
fn without_repetitions(text: &str) -> Outcomes<String> {
    let mut document: Value = serde_json::from_str(text)?;
    let tenants = document["tenants"].as_array_mut().ok_or("a document without tenants")?;
    let mut seen: Vec<Value> = Vec::new();
    for list in tenants.iter_mut().filter_map(Value::as_object_mut).flat_map(|tenant| tenant.values_mut()) {
        let (whole, Some(items)) = (list.clone(), list.as_array_mut()) else { continue };
        for item in items.iter_mut() {
            let shown = if seen.contains(item) { "as above".into() } else { item.clone() };
            seen.push(std::mem::replace(item, shown));
        }
        if !items.is_empty() && seen.contains(&whole) {
            *list = "as above".into();
        }
        seen.push(whole);
    }
    Ok(serde_json::to_string_pretty(&document)?)
}

#[test]
fn terminals_show_the_same() -> Outcomes<()> {
    let words = Words::plain();
    let reviews = fixture::reviews(&words)?;
    golden("plan.txt", &bare(&terminal::plan(&reviews, PlanScope::default(), &fixture::exceptions(&words))));
    golden("drift.txt", &bare(&terminal::drift(&fixture::driftings(&words)?, FleetView::default())));
    golden("apply.txt", &bare(&terminal::apply(&fixture::applies(&words)?, FleetView::default())));
    golden("show.txt", &bare(&show::terminal(&fixture::shown(&words)?)));
    let mut blind = fixture::shown(&words)?;
    blind.reports = fixture::no_reports(&words)?;
    golden("show-without-reports.txt", &bare(&show::terminal(&blind)));
    Ok(())
}

/// Without colours.
fn bare(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn nothing_to_report_is_one_line() -> Outcomes<()> {
    let words = Words::plain();
    let matching = [fixture::tenant(&words, Ok(fixture::matching(&words)?))];
    let line = "**No changes: the tenant matches the policy.**";
    assert_eq!(
        markdown::plan(&matching, PlanScope::default(), None, &[]),
        format!("<!-- ssprctl:plan -->\n### ssprctl plan\n\n{line}\n\n")
    );
    let drift = "**Drift: 0 settings in 0 of 1 tenants.**";
    let matching = [fixture::tenant(&words, Ok(fixture::drifting(&words, fixture::matching(&words)?)?))];
    assert_eq!(
        markdown::drift(&matching, FleetView::default()),
        format!("<!-- ssprctl:drift -->\n### ssprctl drift\n\n{drift}\n\n")
    );
    Ok(())
}

#[test]
fn every_error_has_its_word() -> Outcomes<()> {
    let words = Words::plain();
    let tenants: Vec<_> =
        fixture::kinds().into_iter().map(|kind| fixture::tenant(&words, Err(TenantError::new(kind, "no")))).collect();
    let document: Value =
        serde_json::from_str(&json::plan(&tenants, PlanScope::default(), &[], json::RunEnd::real(Exit::Failed)))?;
    let report = document["tenants"].as_array().into_iter().flatten().map(|tenant| {
        let error = &tenant["error"];
        format!("{} {}", error["kind"].as_str().unwrap_or("?"), error["system"].as_str().unwrap_or("-"))
    });
    let expected = [
        "no-credential portal",
        "wrong-tenant graph",
        "missing-scope graph",
        "missing-role portal",
        "missing-licence -",
        "unknown-shape portal",
        "refused -",
        "not-found -",
        "unavailable -",
        "answer-lost -",
        "unintelligible -",
    ];
    assert_eq!(report.collect::<Vec<_>>(), expected);
    Ok(())
}

#[test]
fn documents_fit_their_schemas_and_schemas_bite() -> Outcomes<()> {
    for (text, schema) in documents(&Words::plain())? {
        assert!(text.ends_with("}\n"));
        let validator = jsonschema::draft202012::new(&schema)?;
        let mut document: Value = serde_json::from_str(&text)?;
        let wrong: Vec<_> =
            validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(wrong, Vec::<String>::new());
        document["formatVersion"] = 2.into();
        assert!(!validator.is_valid(&document), "another version passes");
        document["formatVersion"] = 1.into();
        document["command"] = "other".into();
        assert!(!validator.is_valid(&document), "another command passes");
    }
    Ok(())
}

/// Words with their own number, for tenant `index` of many.
fn numbered(index: usize) -> Words {
    Words {
        tenant: format!("tenant-{index}.onmicrosoft.com"),
        path: format!("policies/tenant-{index}.yaml"),
        text: format!("SSPR-Pilot {index}"),
    }
}

#[test]
fn a_comment_fits_whatever_the_number_of_tenants() -> Outcomes<()> {
    let different = |index| Ok(fixture::tenant(&numbered(index), Ok(fixture::changing(&numbered(index))?)));
    let reviews: Vec<_> = (0..500).map(different).collect::<Outcomes<_>>()?;
    let drifting = |index| {
        let review = fixture::changing(&numbered(index))?;
        Ok(fixture::tenant(&numbered(index), Ok(fixture::drifting(&numbered(index), review)?)))
    };
    let drifting: Vec<_> = (0..500).map(drifting).collect::<Outcomes<_>>()?;
    for (command, text) in [
        ("plan", markdown::plan(&reviews, PlanScope::default(), None, &[])),
        ("drift", markdown::drift(&drifting, FleetView::default())),
    ] {
        assert!(text.len() <= 65_000, "{} characters", text.len());
        assert!(text.contains("**This comment is full: ") && text.contains(" left out.**"), "{command}");
        let found = structure(&text, command);
        assert_eq!(found.breaches, Vec::<String>::new());
    }
    assert!(
        markdown::plan(&reviews, PlanScope::default(), None, &[])
            .contains("**Plan: 4500 to change, 1500 unchanged, 1000 unmanaged, in 1500 requests.**")
    );
    let broken: Vec<_> = (0..500)
        .map(|i| Ok(fixture::tenant(&numbered(i), Err(fixture::error_of(&numbered(i))?))))
        .collect::<Outcomes<_>>()?;
    assert!(markdown::apply(&broken, FleetView::default()).len() <= 65_000);
    Ok(())
}

#[test]
fn tenants_with_equal_changes_are_grouped() -> Outcomes<()> {
    let alike =
        |index| Ok(fixture::tenant(&numbered(index), Ok(fixture::linking(&numbered(index), "https://a.example")?)));
    let mut reviews: Vec<_> = (0..500).map(alike).collect::<Outcomes<_>>()?;
    let text = markdown::plan(&reviews, PlanScope::default(), None, &[]);
    let change = "<code>helpdesk.link none → https://a.example</code>";
    assert!(text.contains(&format!("<summary>all 500 tenants: {change}</summary>")), "{text}");
    reviews.push(fixture::tenant(&numbered(500), Ok(fixture::matching(&numbered(500))?)));
    let text = markdown::plan(&reviews, PlanScope::default(), None, &[]);
    assert_eq!(text.matches("<details").count(), 4, "the changes, what acts, and the tenants of each");
    assert!(text.contains(&format!("<summary>500 tenants: {change}</summary>")), "{text}");
    assert!(text.contains("400 more tenants"), "names end somewhere");
    assert!(text.contains("| and 492 more | helpdesk.link none"), "{text}");
    assert!(text.len() < 20_000);
    Ok(())
}

/// Pieces of Markdown, HTML and terminal control, and anything else.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "`",
        "``",
        "```",
        "````diff",
        "~~~",
        "~~",
        "|",
        "\n",
        "\r\n",
        "\n\n",
        "\\",
        "\\`",
        "<script>",
        "</details>",
        "</summary>",
        "<!--",
        "-->",
        "&lt;",
        "&#96;",
        "&",
        "@octocat",
        "@contoso/team",
        "#1",
        " #123 ",
        "GH-1",
        "https://evil.example",
        "www.evil.example",
        "mail@evil.example",
        "[a](https://evil.example)",
        "![x](y)",
        "[^1]",
        "[x]: y",
        "*",
        "**",
        "_",
        "__",
        "# ",
        "## ",
        "- ",
        "1. ",
        "> ",
        "---",
        "===",
        "$x$",
        "$$",
        "\u{202e}",
        "\u{200b}",
        "\u{1b}[31m",
        "\u{9b}1m",
        "\0",
        " ",
        "    ",
        "\t",
        "a",
        "é",
        "名",
        "\u{feff}",
        "+",
        "@@",
        "😀",
    ]);
    let any = prop_oneof![4 => pieces.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    prop::collection::vec(any, 0..12).prop_map(|pieces| pieces.concat())
}

fn hostile_words() -> impl Strategy<Value = Words> {
    (hostile(), hostile(), hostile()).prop_map(|(tenant, path, text)| Words { tenant, path, text })
}

/// The text without our links to files: sequences whose address has no character but plain ones.
fn without_links(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:%".contains(&byte);
    let is_ours = |address: &str| match address.strip_prefix("path:") {
        Some(path) => path.bytes().all(is_plain),
        None => address.is_empty(),
    };
    let parts = text.split("\u{1b}]8;;").enumerate().map(|(index, part)| match part.split_once("\u{1b}\\") {
        _ if index == 0 => part,
        Some((address, rest)) if is_ours(address) => rest,
        Some(_) | None => "\u{1b}",
    });
    parts.collect()
}

fn check(words: &Words) -> Outcomes<()> {
    for ((command, text), (_, plain)) in comments(words)?.into_iter().zip(comments(&Words::plain())?) {
        let (found, expected) = (structure(&text, command), structure(&plain, command));
        assert_eq!(found.breaches, Vec::<String>::new(), "{text}");
        assert_eq!(found.skeleton, expected.skeleton, "{text}");
        assert!(text.starts_with(&format!("<!-- ssprctl:{command} -->\n")) && text.len() <= 65_000);
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    }
    for (text, schema) in documents(words)? {
        let document: Value = serde_json::from_str(&text)?;
        assert!(jsonschema::draft202012::new(&schema)?.is_valid(&document), "{text}");
    }
    let reviews = fixture::reviews(words)?;
    let shown = show::terminal(&fixture::shown(words)?);
    for text in [
        terminal::plan(&reviews, PlanScope::default(), &fixture::exceptions(words)),
        terminal::drift(&fixture::driftings(words)?, FleetView::default()),
        terminal::apply(&fixture::applies(words)?, FleetView::default()),
        shown,
    ] {
        // Our own colours and links are the only control sequences.
        let rest = without_links(&text).replace("\u{1b}[", "");
        assert!(!rest.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    }
    Ok(())
}

#[test]
fn plain_words_break_nothing() -> Outcomes<()> {
    check(&Words::plain())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, rng_seed: RngSeed::Fixed(20_261_125), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_words_break_nothing(words in hostile_words()) {
        check(&words).map_err(|error| TestCaseError::fail(error.to_string()))?;
    }
}
