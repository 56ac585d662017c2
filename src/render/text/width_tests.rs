//! How lines are broken.

use textwrap::core::display_width;

use crate::render::text::width::fit;

/// The text at a width, and that it has no longer line and the same words.
fn at(width: usize, text: &str) -> String {
    let fitted = fit(text, width);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&fitted), words(text));
    assert!(fitted.lines().all(|line| display_width(line) <= width), "{fitted}");
    fitted
}

#[test]
fn sentences_wrap_by_words_below_their_beginning() {
    assert_eq!(
        at(40, "  hint: let people register the other method, then remove"),
        ["  hint: let people register the other", "    method, then remove"].join("\n")
    );
    assert_eq!(
        at(30, "    + What was the first project you worked on?"),
        ["    + What was the first", "      project you worked on?"].join("\n")
    );
    assert_eq!(
        at(40, "\na paragraph begins where it goes on, below\n\n"),
        "\na paragraph begins where it goes on,\nbelow\n\n"
    );
    assert_eq!(at(80, "as it is\n\n  here\n"), "as it is\n\n  here\n");
}

#[test]
fn a_command_a_place_and_a_link_are_never_cut() {
    assert_eq!(
        at(40, "do it: run `ssprctl history 2026 --one` or `x`"),
        ["do it: run `ssprctl history 2026 --one`", "  or `x`"].join("\n")
    );
    assert_eq!(
        fit("next: `ssprctl import --tenant contoso.com --out a.yaml`", 40),
        ["next: `ssprctl import --tenant \\", "  contoso.com --out a.yaml`"].join("\n")
    );
    assert_eq!(
        fit("do `accept --setting scope.users,scope.group,methods.allowed,helpdesk.link`", 40),
        ["do `accept --setting scope.users,\\", "scope.group,methods.allowed,\\", "helpdesk.link`"].join("\n")
    );
    let link = "https://contoso.com/a-very-long-path/that-has-many-hyphens/and-does-not-fit";
    assert_eq!(fit(&format!("see {link} for it"), 40), format!("see\n{link}\n  for it"));
    assert_eq!(
        fit(" --> policies/a-long-name-of-a-folder/b.yaml:1:2", 30),
        " --> policies/a-long-name-of-a-folder/b.yaml:1:2"
    );
}

/// A diff that is copied from the terminal is a patch, also where it is coloured; what follows it wraps.
#[test]
fn a_diff_is_never_wrapped() {
    let long = " # A comment that is longer than the terminal is wide.";
    let diff =
        format!("--- a/policy.yaml\n\u{1b}[1m+++ b/policy.yaml\u{1b}[0m\n@@ -1,2 +1,2 @@\n{long}\n+{long}\n \n-x");
    let after = "Would accept: 1 setting in 1 of 1 tenant.";
    assert_eq!(
        fit(&format!("{diff}\n\n{after}\n"), 40),
        format!("{diff}\n\nWould accept: 1 setting in 1 of 1\n  tenant.\n")
    );
    assert_ne!(fit(&format!("--- a list\n{long}"), 40), format!("--- a list\n{long}"));
}

#[test]
fn columns_move_fold_or_wrap_in_their_place() {
    assert_eq!(
        at(40, "  ~ one     1 → 2               policies/b.yaml:8:13"),
        "  ~ one     1 → 2   policies/b.yaml:8:13"
    );
    assert_eq!(
        at(40, "  ~ one     a long value of words  policies/b.yaml:8:13"),
        ["  ~ one     a long value of words", "            policies/b.yaml:8:13"].join("\n")
    );
    assert_eq!(
        at(50, "  ok  roles   these are Global Administrator and Reader of Reports"),
        ["  ok  roles   these are Global Administrator and", "              Reader of Reports"].join("\n")
    );
}

#[test]
fn styles_have_no_width_and_stay() {
    let text = "\u{1b}[1mfour\u{1b}[0m \u{1b}]8;;https://contoso.com\u{1b}\\six\u{1b}]8;;\u{1b}\\";
    assert_eq!(fit(text, 8), text);
    assert_eq!(fit(text, 7), text.replace(' ', "\n  "));
}

#[test]
fn a_code_frame_shows_the_piece_that_is_meant() {
    let frame = " --> a.yaml:3:50\n  |\n3 | key: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bad ccccccccccccc\n  |                                                  ^^^ this is not a value";
    let fitted = fit(frame, 40);
    let rows: Vec<Vec<char>> = fitted.lines().map(|line| line.chars().collect()).collect();
    assert!(rows.iter().all(|row| row.len() <= 40), "{fitted}");
    let carets = rows[3].iter().position(|c| *c == '^').unwrap_or_default();
    assert_eq!(rows[2][carets..carets + 3], ['b', 'a', 'd'], "{fitted}");
    assert_eq!(fit(frame, 80), frame);
}
