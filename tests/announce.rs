//! The mail about a policy: it says what the policy says, hostile words stay words, and a template cannot do more than fill
//! in a mail.

use std::error::Error;
use std::fs;
use std::path::Path;

use jiff::civil::date;
use proptest::prelude::*;
use pulldown_cmark::{Event, Parser, Tag};
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::catalog;
use ssprctl::testing::catalog::desired::Desired;
use ssprctl::testing::catalog::tenant_calendar::TenantCalendar;
use ssprctl::testing::policy::load::{LoadOptions, load};
use ssprctl::testing::render::announcement::{self, MOST_BYTES, MailDates, MailFormat};

type TestResult = Result<(), Box<dyn Error>>;

const FULL: &str = "scope: { users: selected, group: SSPR-Pilot, administrators: true }
methods: { required: 2, allowed: [mobileAppNotification, securityQuestions, email, mobilePhone, mobileAppCode, officePhone] }
securityQuestions:
  toRegister: 5
  toReset: 3
  questions: [{ custom: What was the first project you worked on here? }]
registration:
  requiredAtSignIn: true
  reconfirmAfterDays: 180
  allowedFrom: { locations: [allTrusted], excludedGroups: [Break-glass accounts], state: reportOnly }
notifications: { users: true, administrators: true }
helpdesk: { link: https://help.contoso.com/password }
writeback: { passwords: true, unlockWithoutReset: true }
windowsSignIn: { resetLink: true, group: SSPR-Pilot }";

fn wanted(sections: &str) -> Result<Desired, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("policy.yaml"), format!("version: 1\ntenant: contoso.onmicrosoft.com\n{sections}\n"))?;
    let loaded =
        load(&["policy.yaml".into()], &LoadOptions { folder: folder.path().into(), root: Some(folder.path().into()) });
    let policy = loaded.policies.first().ok_or_else(|| format!("{sections}\n{:#?}", loaded.findings))?;
    Ok(Desired::from_policy(policy))
}

const FORMATS: [MailFormat; 3] = [MailFormat::Markdown, MailFormat::Html, MailFormat::Text];

/// A day on which no date of the service is near.
fn no_dates() -> MailDates {
    MailDates { calendar: TenantCalendar::of(Cloud::Global), today: date(2020, 1, 1) }
}

fn mail(sections: &str, medium: MailFormat) -> Result<String, Box<dyn Error>> {
    let mail = announcement::announce(&wanted(sections)?, &no_dates(), medium, medium.built_in());
    Ok(mail.map_err(|broken| broken.to_string())?)
}

/// What a template of ours comes to, or what is wrong with it.
fn filled(template: &str, medium: MailFormat) -> Result<String, Box<dyn Error>> {
    let filled = announcement::announce(&wanted(FULL)?, &no_dates(), medium, template);
    Ok(filled.unwrap_or_else(|broken| format!("!{broken}")))
}

/// A method that the mail has no sentence for is an error: people would prepare for the others alone.
#[test]
fn a_method_that_is_unknown_is_not_left_out() -> TestResult {
    let mut policy = wanted("methods: { allowed: [email, mobilePhone] }")?;
    let allowed = policy.settings.first_mut().and_then(|desired| desired.words.first_mut()).ok_or("no method")?;
    allowed.0 = "telepathy".to_owned();
    for medium in FORMATS {
        let error =
            announcement::announce(&policy, &no_dates(), medium, medium.built_in()).err().ok_or("there is a mail")?;
        assert_eq!(error.why, "methods.allowed: `telepathy` is not a method that this version knows");
    }
    Ok(())
}

#[test]
fn the_mail_says_what_the_policy_says() -> TestResult {
    for medium in FORMATS {
        let full = mail(FULL, medium)?;
        for said in [
            "SSPR-Pilot",
            "https://aka.ms/sspr",
            "https://aka.ms/ssprsetup",
            "Approve a notification",
            "a code from the Microsoft Authenticator app",
            "another e-mail address",
            "mobile phone",
            "office phone",
            "you choose and answer 5; a reset asks 3 of them",
            "asked to at your next sign-in",
            "Every 180 days",
            "computers and programs at work",
            "unlock it",
            "After every reset you get a mail",
            "https://help.contoso.com/password",
            "Nobody asks for your password",
        ] {
            assert!(full.contains(said), "{}: no `{said}` in\n{full}", medium.name());
        }
    }
    Ok(())
}

/// What a policy leaves to the tenant is nothing that its mail could know.
#[test]
fn the_mail_says_nothing_that_the_policy_does_not() -> TestResult {
    for medium in FORMATS {
        let bare = mail("scope: { users: all }", medium)?;
        assert!(bare.contains("everybody with an account at contoso.onmicrosoft.com"), "{bare}");
        for unknown in [
            "You can use",
            "A reset takes",
            "next sign-in",
            "days",
            "unlock",
            "After every reset",
            "Security questions",
        ] {
            assert!(!bare.contains(unknown), "{}: `{unknown}` in\n{bare}", medium.name());
        }
        let off = mail("scope: { users: none }\nhelpdesk: { link: help@contoso.com }", medium)?;
        assert!(off.contains("switched off") && !off.contains("aka.ms"), "{off}");
        // Days do nothing while nobody is asked at sign-in.
        let quiet =
            mail("scope: { users: all }\nregistration: { requiredAtSignIn: false, reconfirmAfterDays: 90 }", medium)?;
        assert!(!quiet.contains("90"), "{quiet}");
        let never =
            mail("scope: { users: all }\nregistration: { requiredAtSignIn: true, reconfirmAfterDays: 0 }", medium)?;
        assert!(never.contains("next sign-in") && !never.contains("Every"), "{never}");
        // An id means nothing to people, and the short addresses are those of the public cloud.
        let id = mail("scope: { users: selected, group: b6cdb9c3-d660-4558-bcfd-82c14a986b56 }\ncloud: usGov", medium)?;
        assert!(id.contains("a first group of people") && !id.contains("b6cdb9c3") && !id.contains("aka.ms"), "{id}");
    }
    Ok(())
}

/// The table of the documentation has what a template can use, and a template can use what is in it.
#[test]
fn the_documentation_has_every_variable() -> TestResult {
    const BEGIN: &str = "<!-- variables: begin -->\n\n";
    const END: &str = "\n<!-- variables: end -->\n";
    const HEAD: &str = "| variable | holds |\n|---|---|\n";
    let variables = announcement::variables();
    let rows: String = variables.iter().map(|(name, holds)| format!("| `{name}` | {holds} |\n")).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/announce.md");
    let page = fs::read_to_string(&path)?;
    let (before, rest) = page.split_once(BEGIN).ok_or("no table")?;
    let (_, after) = rest.split_once(END.trim_start()).ok_or("no end of the table")?;
    let fresh = format!("{before}{BEGIN}{HEAD}{rows}{END}{after}");
    if std::env::var_os("SSPRCTL_BLESS").is_some() {
        fs::write(&path, &fresh)?;
    }
    assert!(
        fresh == fs::read_to_string(&path)?,
        "docs/announce.md is stale: `SSPRCTL_BLESS=1 cargo test --test announce`"
    );
    assert!(catalog::ALL.iter().all(|setting| variables.iter().any(|(name, _)| name == setting.name)));
    for (name, _) in &variables {
        let report = filled(&format!("{{{{ {name} is defined and {name} is not none }}}}"), MailFormat::Text)?;
        assert_eq!(report, "True", "{name}");
    }
    Ok(())
}

#[test]
fn a_broken_template_is_reported_with_its_place() -> TestResult {
    for (template, report) in [
        ("a\n  {{ scope.grup }}", "!2:6: `scope.grup` is no variable"),
        ("{{ nothing }}", "!1:4: `nothing` is no variable"),
        ("{{ tenant | safe }}", "!1:13: filter safe is unknown"),
        ("{% for m in methods.allowed %}\n{{ m.title }\n", "!2:12: unexpected `}`"),
        ("{% if tenant %}", "!1:14: unexpected end of input"),
        ("{% include 'x' %}", "!1:4: unknown statement include"),
        ("{{ methods.required | link }}", "!1:"),
    ] {
        let filled = filled(template, MailFormat::Html)?;
        assert!(filled.starts_with(report), "{template}: {filled}");
    }
    Ok(())
}

#[test]
fn a_template_is_bounded() -> TestResult {
    let doubling = "{% set x = x ~ x %}\n".repeat(64);
    for template in [
        "{% for x in range(100000) %}{% for y in range(100000) %}a{% endfor %}{% endfor %}",
        "{{ 'x' * 100000000000 }}",
        &format!("{{% set x = 'aaaaaaaa' %}}{doubling}{{{{ x }}}}"),
        &format!("{{{{ {}1{} }}}}", "(".repeat(5_000), ")".repeat(5_000)),
        &"x".repeat(MOST_BYTES + 1),
    ] {
        let filled = filled(template, MailFormat::Text)?;
        assert!(filled.starts_with('!') && filled.len() < 200, "{filled}");
    }
    assert_eq!(filled(&"x".repeat(MOST_BYTES), MailFormat::Text)?.len(), MOST_BYTES);
    Ok(())
}

/// What nests deeper than a stack allows would abort the program, and no test could report it.
#[test]
fn a_template_cannot_exhaust_the_stack_or_the_memory() -> TestResult {
    let chain = |start: &str, link: &str, end: &str| {
        format!("{start}{}{end}", link.repeat((MOST_BYTES - start.len() - end.len()) / link.len()))
    };
    let loops = |body: &str| {
        format!("{{% set ns = namespace(x=[1,2]) %}}{{% for i in range(90000) %}}{body}{{% endfor %}}{{{{ ns.x }}}}")
    };
    for template in [
        chain("{{ ", "-", "1 }}"),
        chain("{{ ", "not ", "1 }}"),
        chain("{{ 1", "+1", " }}"),
        chain("{{ 1", "**1", " }}"),
        chain("{{ 1", "~1", " }}"),
        chain("{{ 1", " if 1 else 1", " }}"),
        chain("{{ tenant", ".a", " }}"),
        chain("{{ tenant", "[0]", " }}"),
        chain("{{ tenant", "()", " }}"),
        chain("{{ tenant", "|upper", " }}"),
        chain("{{ ", "[", " }}"),
        chain("{{ ", "{1:", " }}"),
        chain("{{ 1", " is defined", " }}"),
        chain("{{ 1", " and 1", " }}"),
        chain("{{ 1", "<1", " }}"),
        chain("{% raw %}{# {{ ' {% endraw %}{{ '#}}}'", "~1", " }}"),
        chain("{% if 0 %}", "{% elif 0 %}", "{% endif %}"),
        chain("", "{% if 0 %}{% else %}", ""),
        "{% if 1 %}".repeat(500) + &"{% endif %}".repeat(500),
        "{% for x in [1] %}".repeat(500) + &"{% endfor %}".repeat(500),
        format!("{{{{ {}1{} }}}}", "[".repeat(500), "]".repeat(500)),
        chain("{% set x = [1] %}", "{%set x=[x]%}", "{{ x }}"),
        chain("{% set x = [1] %}", "{%set x={1:x}%}", "{{ x == x }}"),
        loops("{% set ns.x = [ns.x] %}"),
        loops("{% set ns.x = {1: ns.x} %}"),
        loops("{% set ns.x = ns.x + ns.x %}"),
        loops("{% set ns.x = [ns.x, ns.x] %}"),
        loops("{% set ns.x = ns.x ~ ns.x %}"),
        "{% set ns = namespace(x=[1]) %}{% for i in range(40) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}".to_owned(),
        "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(40) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}".to_owned(),
        loops("{% set ns.x = ns.x | list %}"),
        "{{ range(1000000000) | list | length }}".to_owned(),
        "{{ range(1000000000) | join }}".to_owned(),
        "{{ 'x' | center(1000000000) }}".to_owned(),
        "{{ '%1000000000s' | format(1) }}".to_owned(),
        "{{ 'xxxxxxxx' * 1000000000 }}".to_owned(),
        "{{ [1] * 1000000000 }}".to_owned(),
        "{% for x in range(1000000000) %}{% endfor %}".to_owned(),
    ] {
        let start: String = template.chars().take(60).collect();
        let filled = filled(&template, MailFormat::Text)?;
        assert!(filled.starts_with('!') && filled.len() < 200, "{start}: {}", &filled[..filled.len().min(200)]);
    }
    // The deepest list that a mail can make is freed and printed.
    let deep = "{%set x=[x]%}".repeat(5_000);
    assert!(filled(&format!("{{% set x = 1 %}}{deep}{{{{ x | length }}}}"), MailFormat::Text)?.ends_with('1'));
    Ok(())
}

/// No way round the escaping: not by a block that switches it off, not by capturing, not by a filter.
#[test]
fn nothing_is_printed_as_it_is() -> TestResult {
    for template in [
        "{{ '<b>' }}",
        "{% autoescape false %}{{ '<b>' }}{% endautoescape %}",
        "{% autoescape false %}{% set x %}{{ '<b>' }}{% endset %}{{ x }}{% endautoescape %}",
        "{% set x %}{{ '<b>' }}{% endset %}{{ x ~ '<b>' }}",
        "{{ '<b>' | link }}",
        "{{ ['<b>', helpdesk.link | link] | join('<b>') }}",
        "{{ ('<b>' | link) | replace('&', '<b>') }}",
        "{{ 'javascript:<b>' | link }}{{ '<b>@x.y' | link }}{{ 'http://x/<b>' | link }}",
    ] {
        let filled = filled(template, MailFormat::Html)?;
        assert!(!filled.starts_with('!') && !filled.contains("<b>"), "{template}: {filled}");
    }
    Ok(())
}

/// What a Markdown reader makes links, pictures or HTML of.
fn active(markdown: &str) -> Vec<String> {
    let options = pulldown_cmark::Options::all();
    let found = Parser::new_ext(markdown, options).filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(text.into_string()),
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    });
    found.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A group's name is text wherever it is printed, whatever it contains.
    #[test]
    fn a_hostile_name_stays_a_name(name in "[-<>&\"'`*_\\[\\]()!#@:/\\\\+=.a-z0-9 ~|\u{1b}\u{202e}]{1,60}") {
        let quoted = serde_json::to_string(&name)?;
        let Ok(desired) = wanted(&format!("scope: {{ users: selected, group: {quoted} }}")) else { return Ok(()) };
        for template in ["{{ scope.group }}", "a {{ scope.group }} b", "**{{ scope.group }}**", "- {{ scope.group | link }}"] {
            let report = announcement::announce(&desired, &no_dates(), MailFormat::Markdown, template);
            let report = report.map_err(|broken| TestCaseError::fail(broken.to_string()))?;
            let links = active(&report);
            let address = template.contains("link") && (name.contains("://") || name.contains('@'));
            prop_assert!(links.is_empty() || (address && links.len() == 1), "{report:?}: {links:?}");
            let controls = report.contains(['\u{1b}', '\u{202e}']);
            prop_assert!(!controls);
        }
        let report = announcement::announce(&desired, &no_dates(), MailFormat::Html, "<p title=\"{{ scope.group }}\">{{ scope.group }}</p>");
        let report = report.map_err(|broken| TestCaseError::fail(broken.to_string()))?;
        prop_assert_eq!((report.matches('<').count(), report.matches('>').count(), report.matches('"').count()), (2, 2, 2));
        prop_assert!(!report.contains('\''));
    }
}
