//! Every finding code that loading can produce, with the text of `explain CODE`. Codes are stable; they name
//! documentation pages and rules in reports.

use crate::base::finding::Severity;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindingCode {
    /// The code, in kebab case.
    pub code: &'static str,
    /// How much it matters.
    pub(crate) severity: Severity,
    pub(crate) means: &'static str,
    pub(crate) fix: &'static str,
    /// An example of a file with the problem, if one helps.
    pub(crate) example: Option<&'static str>,
}

const fn code(code: &'static str, means: &'static str, fix: &'static str) -> FindingCode {
    FindingCode { code, severity: Severity::Error, means, fix, example: None }
}

const fn warned(code: &'static str, means: &'static str, fix: &'static str) -> FindingCode {
    FindingCode { code, severity: Severity::Warning, means, fix, example: None }
}

const fn shown(code: &'static str, means: &'static str, fix: &'static str, example: &'static str) -> FindingCode {
    FindingCode { code, severity: Severity::Error, means, fix, example: Some(example) }
}

/// Every finding code, sorted by name.
pub const CODES: &[FindingCode] = &[
    shown(
        "duplicate-item",
        "A list that is a set has the same item twice.",
        "Remove one of the two.",
        "methods:\n  allowed: [email, email]",
    ),
    shown(
        "duplicate-key",
        "A mapping has the same key twice. YAML forbids it, and readers disagree about which one counts.",
        "Keep one of the two.",
        "methods:\n  required: 1\n  required: 2",
    ),
    code(
        "duplicate-tenant",
        "Two files of one run are for the same tenant. Domains compare without case. Which file counts would be chance.",
        "Keep one file for each tenant; share settings with a baseline and `extends`.",
    ),
    code("empty-file", "A file holds nothing, or only comments.", "Begin with `version: 1`, or remove the file."),
    code(
        "empty-folder",
        "A folder that was named holds no `*.yaml` and no `*.yml`. Hidden files and folders are not searched. This is an \
         error, because a wrong path must not look like a tenant without changes.",
        "Write a policy there, or name another folder.",
    ),
    code(
        "extends-cycle",
        "A file extends itself, directly or through others.",
        "Remove one of the entries along the circle.",
    ),
    code(
        "extends-missing",
        "An entry of `extends` leads to no file.",
        "Correct the path; it is relative to the folder of the file that holds it.",
    ),
    shown(
        "extends-outside",
        "An entry of `extends` leads out of the repository, also when it does so through a symbolic link. The repository is \
         the nearest folder above the file that has `.git`; without one, the folder the run started in.",
        "Copy the baseline into the repository, so that a review sees every change of it.",
        "extends: [../../shared/baseline.yaml]",
    ),
    code(
        "extends-tenant",
        "An entry of `extends` leads to a file with `tenant`. Only baselines can be extended: a change for one tenant must \
         never change another.",
        "Move what both share to a file without `tenant`, and let both extend that.",
    ),
    code(
        "extends-too-deep",
        "Baselines extend baselines more than 8 deep.",
        "Let one baseline say what several of them say.",
    ),
    shown(
        "invalid-format",
        "A text has not the form that the setting needs, such as a domain, a web address or an e-mail address.",
        "Write it as the hint says.",
        "helpdesk:\n  link: mailto:helpdesk@contoso.com",
    ),
    shown("invalid-key", "A key is empty, a list or a mapping.", "Write `key: value`.", "? [methods, required]\n: 2"),
    code(
        "link-outside",
        "A folder that is searched holds a symbolic link to a file outside the repository.",
        "Copy the file into the repository, or name it on the command line.",
    ),
    code("missing-key", "A key that must be there is not.", "Add it as the hint says."),
    code(
        "not-a-policy",
        "A file is named as a policy or by `extends`, or a link leads to it, and it cannot be one: its name does not end \
         in `.yaml` or `.yml`, or it is hidden or in a hidden folder, as `.env` and `.git` are. It is not read, so that \
         no report quotes it. In the controller that follows a branch it may also be a symbolic link or a submodule of \
         the commit, or in one: the controller reads files of the commit alone.",
        "Rename it, or move it to a folder that is not hidden, if it is a policy. Commit the file itself in place of a link.",
    ),
    code("not-found", "A path that was named does not exist.", "Name a policy file, or a folder that holds policies."),
    code(
        "not-utf8",
        "A file has a byte that is no part of a UTF-8 character; the message has its offset.",
        "Save the file as UTF-8.",
    ),
    shown(
        "null-value",
        "A key has no value. An absent key leaves a setting unmanaged; an empty one could mean several things.",
        "Leave the key out to leave it unmanaged, or write a value.",
        "methods:\n  required:",
    ),
    shown(
        "out-of-range",
        "A number is smaller or larger than the service allows.",
        "Write a number within the bounds that the message names.",
        "methods:\n  required: 3",
    ),
    warned(
        "policy-without-tenant",
        "A folder that was named holds a file without `tenant:` that no policy extends, next to policies of tenants. It counts \
         as a baseline that nobody uses, so nothing of it takes effect. A file that is named itself has no such warning.",
        "Write `tenant:` if it is a tenant's policy. If it is a baseline, extend it, move it to another folder or remove it.",
    ),
    shown(
        "several-documents",
        "A file holds more than one YAML document.",
        "One file is one policy: move what follows `---` to a file of its own.",
        "version: 1\n---\nversion: 1",
    ),
    code(
        "syntax",
        "A file is not YAML: the reader stops at the place shown, and nothing after it has been checked.",
        "Correct the line; often it is the indentation, a quote or a bracket of the line before.",
    ),
    code(
        "too-deep",
        "Values are nested more than 64 deep.",
        "No part of a policy is more than four levels deep; is this file a policy?",
    ),
    code(
        "too-large",
        "A file has more than 1,048,576 bytes or more than 20,000 values.",
        "A policy is one tenant; a file this large is probably something else.",
    ),
    code("too-long", "A text has more characters than the service allows.", "Shorten it."),
    code(
        "too-many",
        "A list has more items than the service allows, or keys are given of which one excludes the other.",
        "Remove some.",
    ),
    code(
        "too-many-aliases",
        "A file has more than 64 anchors or 256 aliases, or its aliases expand to more than 10,000 values.",
        "Write the values out, or share them with `extends`.",
    ),
    code(
        "too-many-findings",
        "A file has more than 200 problems; the others are not shown.",
        "Correct the first ones; is this file a policy at all?",
    ),
    code("too-short", "A text has fewer characters than the service needs.", "Write more, or leave the key out."),
    shown(
        "unknown-key",
        "A key is not part of the format. It is an error, because a misspelt setting would silently stay unmanaged.",
        "Correct the key; the hint names the one that was probably meant.",
        "metods:\n  required: 2",
    ),
    shown(
        "unknown-value",
        "A text is not one of the words that a setting may have.",
        "Write one of the words that the message names.",
        "scope:\n  users: everybody",
    ),
    code(
        "unreadable",
        "A file or folder cannot be read: permissions, a circle of symbolic links, or something that is no file at all.",
        "Check what it is, and that its permissions let you read it.",
    ),
    code("unsupported-tag", "A value has a YAML tag that means nothing in a policy.", "Remove the tag."),
    code(
        "unsupported-version",
        "`version` is not a version of the format that this program knows.",
        "Write `version: 1`, or use a newer ssprctl.",
    ),
    shown(
        "wrong-type",
        "A value is of another kind than the setting needs. In YAML 1.2 `yes`, `no`, `on` and `off` are texts, and so is \
         everything in quotes.",
        "Write `true` or `false`, or a number without quotes, as the hint says.",
        "notifications:\n  users: yes",
    ),
];

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(CODES.is_sorted_by(|a, b| a.code < b.code));
    }
}
