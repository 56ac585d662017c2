//! Inputs of any size that somebody could make to take time, memory or stack. The benches use them, too.

/// An input by its kind. The text has about so many bytes as asked for, and as many parts as fit.
pub(crate) type Input = (&'static str, fn(usize) -> String);

const HEAD: &str = "version: 1\ntenant: contoso.onmicrosoft.com\n";
/// The bytes of what precedes the keys that are reported, in an input of 1 MB.
const BEFORE: usize = 10;

/// As many parts as have `size` bytes together; each is made of its number.
pub(crate) fn parts(size: usize, part: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(size + 100);
    for number in 0.. {
        if text.len() >= size {
            break;
        }
        text.push_str(&part(number));
    }
    text
}

/// So many parts as one file may have values, filled up to `size` bytes.
fn values(size: usize, part: impl Fn(usize, &str) -> String) -> String {
    let filler = "x".repeat(90);
    (0..size / 112).map(|number| part(number, &filler)).collect()
}

/// What is reported is at the end of the text, where finding its line takes longest.
fn late(size: usize, line: &str) -> String {
    format!("{HEAD}{}{}", "#\n".repeat(size * (BEFORE - 2) / BEFORE / 2), line.repeat(size / 150))
}

/// Files that are named as policies.
pub(crate) const POLICIES: [Input; 47] = [
    ("lists in lists", |size| format!("{HEAD}methods: {}", "[".repeat(size))),
    ("mappings in mappings", |size| format!("{HEAD}methods: {}", "{a: ".repeat(size / 4))),
    ("indented mappings", |size| format!("{HEAD}{}", parts(size, |depth| format!("{}a:\n", " ".repeat(depth))))),
    ("lists on one line", |size| format!("{HEAD}methods:\n{}", "- ".repeat(size / 2))),
    ("complex keys", |size| format!("{HEAD}{}", "? ".repeat(size / 2))),
    ("anchors", |size| format!("{HEAD}methods:\n{}", parts(size, |number| format!("  a{number}: &a{number} 1\n")))),
    ("aliases", |size| format!("{HEAD}a: &a 1\nmethods: [{}]", "*a, ".repeat(size / 4))),
    ("aliases of aliases", |size| {
        let line = |number: usize| format!("a{}: &a{} [*a{number}, *a{number}, *a{number}]\n", number + 1, number + 1);
        format!("{HEAD}a0: &a0 [1, 1, 1]\n{}", parts(size, line))
    }),
    ("keys", |size| format!("{HEAD}{}", parts(size, |number| format!("k{number}: 1\n")))),
    ("keys, as many as are read", |size| {
        format!("{HEAD}{}", values(size, |number, filler| format!("k{number}: {filler}\n")))
    }),
    ("keys of a section", |size| {
        format!("{HEAD}methods:\n{}", values(size, |number, filler| format!("  k{number}: {filler}\n")))
    }),
    ("keys at the end", |size| late(size, "key: 1\n")),
    ("items at the end", |size| format!("{}methods: {{ allowed: [{}] }}", late(size, ""), "x, ".repeat(size / 150))),
    ("one key repeated", |size| format!("{HEAD}{}", "scope: 1\n".repeat(size / 9))),
    ("one key repeated, as often as is read", |size| {
        format!("{HEAD}{}", values(size, |_, filler| format!("scope: {filler}\n")))
    }),
    ("one item repeated", |size| {
        format!("{HEAD}methods:\n  allowed:\n{}", values(size, |_, filler| format!("  - {filler}\n")))
    }),
    ("items of a wrong type", |size| {
        let items = values(size / 2, |number, filler| format!("    - custom: {number}\n#{filler}\n"));
        format!("{HEAD}securityQuestions:\n  questions:\n{items}")
    }),
    ("wrong items after keys", |size| {
        let items = values(size / 3, |number, _| format!("    - custom: {number}\n"));
        let keys = values(size / 2, |number, filler| format!("k{number}: {filler}\n"));
        format!("{HEAD}{keys}securityQuestions:\n  questions:\n{items}")
    }),
    ("waivers", |size| {
        let waiver = |number: usize, filler: &str| {
            format!("- {{ rule: r{number}, reason: {filler}{filler}{filler}, owner: a, expires: 2027-01-01 }}\n")
        };
        format!("{HEAD}waivers:\n{}", values(size / 3, waiver))
    }),
    ("baselines that are missing", |size| {
        format!("{HEAD}extends:\n{}", values(size, |number, filler| format!("- n{number}{filler}.yaml\n")))
    }),
    ("baselines outside", |size| {
        format!("{HEAD}extends:\n{}", values(size, |number, filler| format!("- ../../../n{number}{filler}.yaml\n")))
    }),
    ("one baseline repeated", |size| format!("{HEAD}extends:\n{}", "- p.yaml\n".repeat(size / 112))),
    ("a line of keys", |size| {
        let keys = values(size, |number, filler| format!("k{number}: {filler}, "));
        format!("{{version: 1, tenant: contoso.onmicrosoft.com, {keys}}}")
    }),
    ("a line of wrong items", |size| {
        let long = "ä".repeat(size * 2 / 5);
        let items = "x, ".repeat(size / 150);
        format!("{{version: 1, tenant: contoso.onmicrosoft.com, a: '{long}', methods: {{allowed: [{items}]}}}}")
    }),
    ("a plain text", |size| format!("{HEAD}helpdesk: {{ link: {} }}\n", "x".repeat(size))),
    ("a quoted text", |size| format!("{HEAD}helpdesk: {{ link: \"{}\" }}\n", "\\u00e4".repeat(size / 6))),
    ("a name", |size| format!("{HEAD}scope: {{ users: selected, group: {} }}\n", "x".repeat(size))),
    ("a key", |size| format!("{HEAD}{}: 1\n", "x".repeat(size))),
    ("an anchor", |size| format!("{HEAD}a: &{} 1\n", "x".repeat(size))),
    ("a text in a block", |size| format!("{HEAD}helpdesk:\n  link: |\n{}", "    x\n".repeat(size / 6))),
    ("a folded text", |size| format!("{HEAD}helpdesk:\n  link: >\n{}", "    x\n".repeat(size / 6))),
    ("a text on many lines", |size| format!("{HEAD}a: x\n{}", "  x\n".repeat(size / 4))),
    ("a key on many lines", |size| format!("{HEAD}{}: 1\n", "x\n".repeat(size / 2))),
    ("a quote without end", |size| format!("{HEAD}a: \"{}", "x\n  ".repeat(size / 4))),
    ("tabs", |size| format!("{HEAD}methods:\n{}required: 2\n", "\t".repeat(size))),
    ("lines of a tab", |size| format!("{HEAD}methods:\n{}\trequired: 2\n", "\t\n".repeat(size / 2))),
    ("digits", |size| format!("{HEAD}methods: {{ required: {} }}\n", "9".repeat(size))),
    ("numbers", |size| {
        format!("{HEAD}methods: {{ allowed: [{}] }}\n", values(size, |_, _| format!("{}, ", "9".repeat(100))))
    }),
    ("documents", |size| format!("{HEAD}{}", "---\n".repeat(size / 4))),
    ("comments", |size| format!("{HEAD}{}methods: 1\n", "# x\n".repeat(size / 4))),
    ("comments in a list", |size| format!("{HEAD}methods: [{}]\n", "# ]\n".repeat(size / 4))),
    ("empty lines", |size| format!("{HEAD}{}methods: 1\n", "\n".repeat(size))),
    ("spaces", |size| format!("{HEAD}{}\nmethods: 1\n", " ".repeat(size))),
    ("tags", |size| format!("{HEAD}methods: {}1\n", "!a ".repeat(size / 3))),
    ("directives", |size| format!("{}{HEAD}", "%YAML 1.2\n".repeat(size / 10))),
    ("control characters", |size| format!("{HEAD}methods: 1 {}", "\0".repeat(size))),
    ("colons", |size| format!("{HEAD}a{}\n", ": a".repeat(size / 3))),
];

/// Files that are named as `ssprctl.yaml`.
pub(crate) const REPOSITORIES: [Input; 4] = [
    ("rules", |size| {
        format!("version: 1\nrules:\n{}", values(size, |number, filler| format!("  r{number}{filler}: off\n")))
    }),
    ("rings", |size| {
        let ring = |number: usize, filler: &str| format!("- {{ name: r{number}{filler}, tenants: ['*'] }}\n");
        format!("version: 1\nrings:\n{}", values(size / 2, ring))
    }),
    ("patterns", |size| {
        let patterns = values(size, |number, filler| format!("'{number}[{filler}', "));
        format!("version: 1\ncontroller: {{ suspend: [{patterns}] }}\n")
    }),
    ("a pattern", |size| format!("version: 1\ncontroller: {{ suspend: ['{}'] }}\n", "*".repeat(size))),
];

/// Files of policy tests.
pub(crate) const TESTS: [Input; 5] = [
    ("people", |size| {
        let people = values(size, |number, filler| format!("  p{number}{filler}: {{ persona: remote }}\n"));
        format!("version: 1\ndate: 2026-12-01\npeople:\n{people}expect: [requests: 1]\n")
    }),
    ("groups of the most people", |size| {
        let groups = |person: usize| {
            let groups = (0..50).map(|number| format!("g{person}{number}{}, ", "x".repeat((size / 10_000).min(250))));
            format!("  p{person}: {{ persona: remote, groups: [{}] }}\n", groups.collect::<String>())
        };
        let people: String = (0..200).map(groups).collect();
        let expect = "  - people: [p1]\n    canReset: unclear\n".repeat(200);
        format!("version: 1\ndate: 2026-12-01\npeople:\n{people}expect:\n{expect}")
    }),
    ("expectations", |size| {
        let expect = parts(size, |_| "  - requests: 1\n".to_owned());
        format!("version: 1\ndate: 2026-12-01\nexpect:\n{expect}")
    }),
    ("names that nobody has", |size| {
        let names = values(size / 8, |number, filler| format!("    - n{number}{filler}\n"));
        format!("version: 1\ndate: 2026-12-01\nexpect:\n  - gains:\n{names}")
    }),
    ("a policy's path", |size| {
        format!("version: 1\npolicy: {}\ndate: 2026-12-01\nexpect: [requests: 1]\n", "../".repeat(size / 3))
    }),
];

/// Files of faults for the embedded tenants.
pub(crate) const FAULTS: [Input; 3] = [
    ("faults", |size| {
        format!("version: 1\nfaults:\n{}", values(size, |number, filler| format!("- k{number}: {filler}\n")))
    }),
    ("keys", |size| format!("version: 1\n{}", values(size, |number, filler| format!("k{number}: {filler}\n")))),
    ("lists in lists", |size| format!("version: 1\nfaults: {}", "[".repeat(size))),
];

/// Files that are named as a review, a snapshot or a key.
pub(crate) const JSON_FILES: [Input; 6] = [
    ("lists in lists", |size| "[".repeat(size)),
    ("objects in objects", |size| "{\"a\":".repeat(size / 5)),
    ("keys", |size| format!("{{{}\"z\":1}}", parts(size, |number| format!("\"k{number}\":1,")))),
    ("one key repeated", |size| format!("{{{}\"z\":1}}", "\"k\":1,".repeat(size / 6))),
    ("a text", |size| format!("{{\"formatVersion\":1,\"tenants\":\"{}\"}}", "x".repeat(size))),
    ("no JSON", |size| "\u{1b}[31m\n".repeat(size / 6)),
];

/// Templates of `announce`.
pub(crate) const TEMPLATES: [Input; 6] = [
    ("a text", |size| "x".repeat(size.min(260_000))),
    ("variables", |size| "{{ tenant }}".repeat(size.min(260_000) / 12)),
    ("blocks", |size| "{% if 1 %}".repeat(size.min(260_000) / 10)),
    ("operators", |size| format!("{{{{ 1{} }}}}", "+1".repeat(size.min(260_000) / 2))),
    ("loops", |size| {
        format!("{{% for a in range({size}) %}}{{% for b in range({size}) %}}{{% endfor %}}{{% endfor %}}")
    }),
    ("doubling", |size| {
        let line = "{% set x = x ~ x %}";
        format!("{{% set x = 'xxxxxxxx' %}}{}{{{{ x }}}}", line.repeat(size.min(260_000) / line.len()))
    }),
];

const AT: &str = "\"at\":\"2026-11-27T09:00:00Z\",\"tenantId\":";

/// A line of a journal, as versions before the numbering of lines wrote it.
fn line(tenant: usize, event: &str) -> String {
    format!("{{{AT}\"55bc0001-0000-4000-8000-{tenant:012x}\",\"event\":{{{event}}}}}\n")
}

fn sending(request: usize, settings: &str, body: &str) -> String {
    let surface = "\"surface\":\"passwordReset\"";
    let event = format!(
        "\"sending\":{{\"request\":{request},\"undoing\":false,{surface},\"settings\":[{settings}],\"before\":{{}},\"body\":{{{body}}}}}"
    );
    line(1, &event)
}

/// Journals of runs.
pub(crate) const JOURNALS: [Input; 10] = [
    ("lines of another kind", |size| "x\n".repeat(size / 2)),
    ("empty lines", |size| "\n".repeat(size)),
    ("a line", |size| "x".repeat(size)),
    ("lists in lists", |size| format!("{{\"at\":{}", "[".repeat(size))),
    ("tenants", |size| parts(size, |number| line(number, "\"ended\":\"applied\""))),
    ("requests", |size| parts(size, |number| sending(number, "\"scope.users\"", "\"enablementType\":1"))),
    ("answers", |size| {
        parts(size, |number| line(1, &format!("\"answered\":{{\"request\":{number},\"answer\":\"lost\"}}")))
    }),
    ("settings of a request", |size| sending(0, &(parts(size, |number| format!("\"s{number}\",")) + "\"z\""), "")),
    ("keys of a request", |size| {
        sending(0, "\"scope.users\"", &(parts(size, |number| format!("\"k{number}\":1,")) + "\"z\":1"))
    }),
    ("lines by turns", |size| {
        parts(size, |number| format!("{}{}", "\n".repeat(150), line(number, "\"ended\":\"applied\"")))
    }),
];
