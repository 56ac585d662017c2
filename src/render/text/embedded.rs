//! What results of a run against embedded tenants say of them, and the commands in its hints, which have to reach the same
//! tenants.

use std::borrow::Cow;

/// What every result of embedded tenants says near its beginning.
pub(crate) const EMBEDDED: &str = "embedded tenant, not a real one";

/// What every page of a controller of embedded tenants says first.
pub(crate) const EMBEDDED_TENANTS: &str = "embedded tenants, not real ones";

/// The commands that connect to tenants, by their first word.
const CONNECT: [&str; 15] = [
    "accept",
    "advise",
    "apply",
    "conformance",
    "controller",
    "doctor",
    "drift",
    "forecast",
    "import",
    "init",
    "plan",
    "rollback",
    "show",
    "snapshot",
    "why",
];

/// What follows these words needs no tenant, although the first word alone does.
const WITHOUT_TENANT: [&str; 8] = [
    "controller status",
    "controller tenants",
    "controller suspend",
    "controller resume",
    "controller reconcile",
    "controller logs",
    "snapshot keygen",
    "plan --against",
];

/// What is before and after a command line in a text, and in a page.
const DELIMITERS: [(&str, &str); 2] = [("`ssprctl ", "`"), ("<code>ssprctl ", "</code>")];

/// A text for people in which every command line that connects to tenants has `--sandbox`. Diffs stay as they are.
#[must_use]
pub(crate) fn with_sandbox(text: &str) -> Cow<'_, str> {
    if !DELIMITERS.iter().any(|(begin, _)| text.contains(begin)) {
        return text.into();
    }
    let mut is_diff = false;
    let lines = text.split_inclusive('\n').map(|line| {
        let is_empty = line.trim_end_matches(['\r', '\n']).is_empty();
        is_diff = (is_diff && !is_empty) || line.contains("--- a/");
        if is_diff { Cow::Borrowed(line) } else { completed(line) }
    });
    lines.collect::<String>().into()
}

/// A JSON document in which the same holds for its hints; whatever comes from files and tenants stays as it is.
#[must_use]
pub(crate) fn hints_with_sandbox(document: &str) -> String {
    // A quotation mark inside of a text has a backslash before it, so only keys look like this.
    const HINT: &str = "\"hint\": \"";
    let mut parts = document.split(HINT);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hint, rest) = part.split_at(part.find('\n').unwrap_or(part.len()));
        whole.extend([HINT, &completed(hint), rest]);
    }
    whole
}

/// A line in which every command line that connects to tenants has `--sandbox`.
fn completed(line: &str) -> Cow<'_, str> {
    DELIMITERS.iter().fold(Cow::Borrowed(line), |line, (begin, end)| {
        if !line.contains(begin) {
            return line;
        }
        let mut parts = line.split(begin);
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            whole.push_str(begin);
            match part.split_once(end) {
                Some((command, rest)) if connects(command) => whole.extend([command, " --sandbox", end, rest]),
                Some(_) | None => whole.push_str(part),
            }
        }
        whole.into()
    })
}

/// Whether a command line, without `ssprctl`, connects to tenants and does not say yet to which.
fn connects(command: &str) -> bool {
    let first = command.split(' ').next().unwrap_or_default();
    CONNECT.contains(&first)
        && !WITHOUT_TENANT.iter().any(|words| command.starts_with(words))
        && !command.split(' ').any(|word| word == "--sandbox")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_connect_reach_the_embedded_tenants() {
        let cases = [
            ("run `ssprctl plan`", "run `ssprctl plan --sandbox`"),
            (
                "`ssprctl apply --plan a.json` or `ssprctl why`",
                "`ssprctl apply --plan a.json --sandbox` or `ssprctl why --sandbox`",
            ),
            ("`ssprctl plan --sandbox`", "`ssprctl plan --sandbox`"),
            ("`ssprctl explain plan` and `ssprctl validate`", "`ssprctl explain plan` and `ssprctl validate`"),
            (
                "`ssprctl controller status`, `ssprctl controller`",
                "`ssprctl controller status`, `ssprctl controller --sandbox`",
            ),
            ("<code>ssprctl plan --impact</code>", "<code>ssprctl plan --impact --sandbox</code>"),
            ("an open `ssprctl plan", "an open `ssprctl plan"),
            (
                "--- a/x\n+++ b/x\n # `ssprctl plan`\n\n`ssprctl plan`",
                "--- a/x\n+++ b/x\n # `ssprctl plan`\n\n`ssprctl plan --sandbox`",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(with_sandbox(text), expected);
        }
    }

    #[test]
    fn only_the_hints_of_a_document_change() {
        let document = "{\n  \"name\": \"\\\"hint\\\": \\\"`ssprctl plan`\",\n  \"hint\": \"`ssprctl plan`\"\n}\n";
        let expected =
            "{\n  \"name\": \"\\\"hint\\\": \\\"`ssprctl plan`\",\n  \"hint\": \"`ssprctl plan --sandbox`\"\n}\n";
        assert_eq!(hints_with_sandbox(document), expected);
    }
}
