//! Files that are made from the source. `SSPRCTL_BLESS=1 cargo test --test generated` makes them; without it a stale file
//! is an error.

use std::error::Error;
use std::fs;
use std::path::Path;

use clap::ValueEnum;
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::catalog::calendar::{CALENDAR, CalendarEntry, SourceAgreement};
use ssprctl::testing::cli::dispatch;
use ssprctl::testing::cli::schemas::{SchemaName, made_from_types};
use ssprctl::testing::conformance::table;
use ssprctl::testing::render::pages::{permissions, reference};

/// The day of the pages below.
const PAGES_DAY: &str = "2026-11-28";

type Test = Result<(), Box<dyn Error>>;

/// Compares a file of the repository with what it must hold, or writes it.
fn generated(path: &str, text: &str) -> Test {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("SSPRCTL_BLESS").is_some() {
        fs::create_dir_all(file.parent().ok_or("a file without a folder")?)?;
        fs::write(&file, text)?;
    }
    let stored = fs::read_to_string(&file).unwrap_or_default();
    assert!(stored == text, "{path} is stale: make it with `SSPRCTL_BLESS=1 cargo test --test generated`");
    Ok(())
}

#[test]
fn the_schemas_are_fresh() -> Test {
    for name in SchemaName::value_variants() {
        let value = name.to_possible_value().ok_or("a schema without a name")?;
        generated(
            &format!("schemas/{}.json", value.get_name()),
            &made_from_types(*name).map_err(|failure| failure.error.message)?,
        )?;
    }
    Ok(())
}

#[test]
fn the_reference_pages_are_fresh() -> Test {
    reference::pages().iter().try_for_each(|(path, page)| generated(&format!("docs/{path}"), page))
}

/// A page of a code or of a section that is gone would otherwise stay forever.
#[test]
fn every_page_is_still_made() -> Test {
    let pages = reference::pages();
    for folder in ["rules", "settings"] {
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(folder))? {
            let name = format!("{folder}/{}", entry?.file_name().to_string_lossy());
            assert!(pages.iter().any(|(path, _)| *path == name), "docs/{name} belongs to no code and to no section");
        }
    }
    Ok(())
}

/// The table of the dates of the service, within the page about them.
#[test]
fn the_page_about_dates_has_every_date() -> Test {
    const BEGIN: &str = "<!-- calendar: begin -->\n\n";
    const END: &str = "\n<!-- calendar: end -->\n";
    const HEAD: &str =
        "| id | from | clouds | what | exempt | advice | rule | source |\n|---|---|---|---|---|---|---|---|\n";
    let row = |entry: &CalendarEntry| {
        let date = match entry.date == entry.certain {
            true => entry.date.to_string(),
            false => format!("{} to {}", entry.date, entry.certain),
        };
        let clouds: Vec<_> = entry.clouds.iter().map(|cloud| format!("`{}`", cloud.name())).collect();
        let clouds = if entry.clouds == Cloud::ALL { "all".to_owned() } else { clouds.join(", ") };
        let sure = match entry.confidence {
            SourceAgreement::Confirmed => "",
            SourceAgreement::Single => "**one source**: ",
            SourceAgreement::Conflicting => "**sources disagree**: ",
        };
        let rule = match entry.rule {
            "" => "none".to_owned(),
            rule => format!("[`{rule}`](rules/{rule}.md)"),
        };
        let CalendarEntry { id, what, exceptions, advice, source, .. } = entry;
        format!("| `{id}` | {date} | {clouds} | {what} | {exceptions} | {advice} | {rule} | {sure}{source} |\n")
    };
    let rows: String = CALENDAR.iter().map(row).collect();
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/calendar.md"))?;
    let (before, rest) = page.split_once(BEGIN).ok_or("no table")?;
    let (_, after) = rest.split_once(END.trim_start()).ok_or("no end of the table")?;
    generated("docs/calendar.md", &format!("{before}{BEGIN}{HEAD}{rows}{END}{after}"))
}

#[test]
fn the_permissions_page_is_fresh() -> Test {
    generated("docs/permissions.md", &permissions::page())
}

#[test]
fn the_command_line_page_is_fresh() -> Test {
    let mut program = dispatch::command_line().term_width(100);
    program.build();
    let mut page =
        "<!-- made by `SSPRCTL_BLESS=1 cargo test --test generated`; do not edit -->\n<!-- markdownlint-disable MD013 -->\n\n# Command line\n".to_owned();
    describe(&mut program, "ssprctl", &mut page);
    let page = page.replacen("\n## ssprctl validate\n", &format!("\n{GLOBAL_OPTIONS}\n\n## ssprctl validate\n"), 1);
    generated("docs/command-line.md", &page)
}

/// The sentence between the program and its first command.
const GLOBAL_OPTIONS: &str = "Every command below also takes the global options of `ssprctl`, before or after its own; its \
                              `--help` lists them.";

/// The help of a command and of everything below it. The global options are listed once, with the program.
fn describe(command: &mut clap::Command, name: &str, page: &mut String) {
    let help = command.render_long_help().to_string();
    let lines: Vec<_> = help.lines().map(str::trim_end).collect();
    page.push_str(&format!("\n## {name}\n\n```text\n{}\n```\n", lines.join("\n").trim_end()));
    let below: Vec<_> = command.get_subcommands_mut().filter(|command| command.get_name() != "help").collect();
    for command in below {
        let name = format!("{name} {}", command.get_name());
        let usage = command.render_usage().to_string().trim_start_matches("Usage: ").to_owned();
        let own = std::mem::take(command);
        let own = own.mut_args(|argument| if argument.is_global_set() { argument.hide(true) } else { argument });
        // Without this the usage of a command that has no options of its own would lose its `[OPTIONS]`.
        *command = own.override_usage(usage);
        describe(command, &name, page);
    }
}

/// Every assumption of the program is explained in docs/emulator.md, with the same evidence and in the same order, and no
/// other is.
#[test]
fn the_assumptions_are_those_of_the_documentation() -> Test {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/emulator.md"))?;
    let section = page.split("\n## ").find(|part| part.starts_with("What is known")).ok_or("no section")?;
    let mut documented = Vec::new();
    for row in section.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Id ")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [id, behaviour, evidence] = cells.as_slice() else { return Err(format!("not three cells: {row}").into()) };
        let own = evidence.starts_with("of this emulator");
        assert_eq!(*id == "–", own, "a dash is of this emulator alone: {row}");
        assert!(!behaviour.is_empty(), "{row}");
        if !own {
            let word = evidence.split(|sign: char| !sign.is_alphabetic()).next().unwrap_or_default();
            documented.push((id.trim_matches('`'), word));
        }
    }
    assert_eq!(documented, table::listed());
    let ids: std::collections::BTreeSet<&str> = documented.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids.len(), documented.len(), "each id is of one assumption");
    Ok(())
}

/// The page that `report` makes of a saved result, without the version that made it.
fn page_of_saved(name: &str) -> Result<String, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ssprctl"));
    let ended = command
        .current_dir(root)
        .args(["--as-of", PAGES_DAY, "report", &format!("tests/pages/saved/{name}.json")])
        .output()?;
    if !ended.status.success() {
        return Err(String::from_utf8_lossy(&ended.stderr).into());
    }
    let version = format!("Made by ssprctl {}.", env!("CARGO_PKG_VERSION"));
    Ok(String::from_utf8(ended.stdout)?.replace(&version, "Made by ssprctl [VERSION]."))
}

/// The pages of the results in `tests/pages/saved`: a plan that takes the reset from people, a forecast with 22 days of
/// readiness, drift of two settings, and a policy with mistakes. A result that a new schema refuses is saved again.
#[test]
fn the_pages_of_saved_results_are_fresh() -> Test {
    for name in ["plan", "forecast", "drift", "validate"] {
        let mut page = page_of_saved(name)?;
        // The style sheet is that of all pages, and nothing that is said.
        for (from, to) in [("style-src '", "'"), ("<style>", "</style>")] {
            let (before, rest) = page.split_once(from).ok_or("a page without a style sheet")?;
            let (_, after) = rest.split_once(to).ok_or("a style sheet without an end")?;
            page = format!("{before}{from}[STYLE]{to}{after}");
        }
        generated(&format!("tests/pages/expected/{name}.html"), &page)?;
    }
    Ok(())
}

/// The picture of the README is the drawing of a page, with the rules of its style sheet that it needs.
#[test]
fn the_drawing_of_the_readme_is_fresh() -> Test {
    let page = page_of_saved("plan")?;
    let part = |from: &str, to: &str| {
        let (_, rest) = page.split_once(from)?;
        rest.split_once(to).map(|(part, _)| part)
    };
    let style = part("<style>", "</style>").ok_or("a page without a style sheet")?;
    let drawing = part("<svg class=\"flows\" viewBox=\"0 0 360 ", "</svg>").ok_or("a page without a drawing")?;
    let (height, drawing) = drawing.split_once("\"").ok_or("a drawing without a height")?;
    let height: u32 = height.parse()?;
    let of_drawings = |rule: &&str| {
        [":root", "@media screen and (prefers", "svg ", ".able", ".short", ".unreg", ".notP", ".lose", ".gain", ".same"]
            .iter()
            .any(|start| rule.starts_with(start))
    };
    let rules: Vec<_> = style.lines().filter(of_drawings).collect();
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"680\" height=\"{}\" viewBox=\"-8 -4 376 {}\"{drawing}</svg>\n",
        (height + 8) * 680 / 376,
        height + 8
    );
    let paper = "<rect fill=\"var(--card)\" x=\"-8\" y=\"-4\" width=\"376\" height=\"100%\"/>";
    let svg = svg.replacen(
        "<title",
        &format!("<style>\n{}\nsvg text{{font-size:7px;stroke-width:2px}}\n</style>\n<title", rules.join("\n")),
        1,
    );
    let svg = svg
        .replacen("</desc>", &format!("</desc>\n{paper}"), 1)
        .replace("><path", ">\n<path")
        .replace("><rect", ">\n<rect");
    generated("docs/pictures/lockout.svg", &svg)
}
