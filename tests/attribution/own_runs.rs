//! What this program did itself is attributed to the run that did it.

use ssprctl::testing::base::ids::RunId;
use ssprctl::testing::base::value::Value;
use ssprctl::testing::plan::attribution::{Attribution, Confidence, Doubt, UnknownReason, attribute};
use ssprctl::testing::plan::drifted_setting::DriftedSetting;
use ssprctl::testing::plan::own_requests::{OwnRequest, OwnWrites};
use ssprctl::testing::tenant::audit::{Actor, ActorKind, AuditEvent};
use ssprctl::testing::tenant::surface::Surface;

use crate::harness::{LATER, NOTIFY, REQUIRED, TestResult, at, case, event, log, name, of, with_values};

const RUN: &str = "20261122T091000000Z-0a1b2c3d";

/// A verified request of a run that set `methods.required` from 2 to 1.
fn request(time: &str) -> Result<OwnRequest, Box<dyn std::error::Error>> {
    Ok(OwnRequest {
        run: RunId::parse(RUN).ok_or("not the id of a run")?,
        at: at(time)?,
        setting: "methods.required",
        before: Value::Number(2),
        after: Value::Number(1),
        verified: true,
    })
}

fn ours(requests: Vec<OwnRequest>) -> OwnWrites {
    OwnWrites { requests, application: Vec::new() }
}

fn found(case: &DriftedSetting, events: &[AuditEvent], own: &OwnWrites) -> Result<Attribution, jiff::Error> {
    Ok(attribute(case, &log(case, events), own, at(LATER)?))
}

/// Who it is, and what speaks against it.
fn answer(attribution: Attribution) -> Result<(String, Vec<Doubt>), UnknownReason> {
    attribution.author.map(|found| (name(&found.author), found.doubts))
}

fn run(doubts: &[Doubt]) -> Result<(String, Vec<Doubt>), UnknownReason> {
    Ok((format!("run {RUN}"), doubts.to_vec()))
}

#[test]
fn an_event_of_a_request_of_ours_names_the_run() -> TestResult {
    let own = ours(vec![request("09:10")?]);
    for time in ["09:06", "09:10", "09:14"] {
        let admin = event(time, "admin", &[REQUIRED, NOTIFY])?;
        assert_eq!(answer(found(&case()?, &[admin], &own)?), run(&[]), "{time}: clocks differ by minutes");
    }
    let mut nobody = event("09:10", "admin", &[REQUIRED])?;
    nobody.actor = None;
    assert_eq!(answer(found(&case()?, &[nobody], &own)?), run(&[]), "our journal knows who it was");
    let opaque = event("09:10", "admin", &["Policy"])?;
    assert_eq!(answer(found(&case()?, &[opaque], &own)?), run(&[Doubt::SettingNotNamed]));
    Ok(())
}

#[test]
fn an_event_at_another_time_or_with_other_values_is_not_ours() -> TestResult {
    let own = ours(vec![request("09:10")?]);
    let far = event("09:17", "bob", &[REQUIRED])?;
    assert_eq!(answer(found(&case()?, &[far], &own)?), Ok(("bob@contoso.com".to_owned(), vec![])));
    let elsewhere = with_values(event("09:10", "bob", &[REQUIRED])?, Some("3"), Some("1"));
    let expected = Ok(("bob@contoso.com".to_owned(), vec![Doubt::OtherPreviousValue]));
    assert_eq!(answer(found(&case()?, &[elsewhere], &own)?), expected);
    let other = OwnRequest { setting: "notifications.users", ..request("09:10")? };
    let bob = event("09:10", "bob", &[REQUIRED])?;
    assert_eq!(answer(found(&case()?, &[bob], &ours(vec![other]))?), Ok(("bob@contoso.com".to_owned(), vec![])));
    Ok(())
}

/// The values of a link cannot be compared: only where the link is the one that we wrote, a nearby event is ours.
#[test]
fn without_a_value_the_one_that_was_found_decides() -> TestResult {
    let link = |text: &str| Value::Text(text.to_owned());
    let wrote = |after: Value| -> Result<OwnRequest, Box<dyn std::error::Error>> {
        Ok(OwnRequest { setting: "helpdesk.link", before: Value::Unset, after, ..request("09:10")? })
    };
    let case = of("helpdesk.link", link("https://help.contoso.com"))?;
    let event = event("09:11", "alice", &["CustomContactAdminLink"])?;
    let ours = ours(vec![wrote(link("https://help.contoso.com"))?]);
    assert_eq!(answer(found(&case, std::slice::from_ref(&event), &ours)?), run(&[Doubt::NoValue]));
    let before = DriftedSetting { found: Value::Unset, ..case };
    let alice = Ok(("alice@contoso.com".to_owned(), vec![Doubt::NoValue]));
    assert_eq!(answer(found(&before, std::slice::from_ref(&event), &ours)?), alice);
    let late = OwnWrites { requests: vec![OwnRequest { at: at("08:59")?, ..wrote(Value::Unset)? }], ..ours };
    assert_eq!(answer(found(&before, &[event], &late)?), alice, "a request before the change");
    Ok(())
}

/// One request left one event: the nearest. Whoever set the same value next to us is another one.
#[test]
fn one_request_explains_one_event() -> TestResult {
    let own = ours(vec![request("09:10")?]);
    let events = [event("09:10", "admin", &[REQUIRED])?, event("09:12", "bob", &[REQUIRED])?];
    assert_eq!(answer(found(&case()?, &events, &own)?), Err(UnknownReason::SeveralActors(2)));
    Ok(())
}

/// Two requests of one run are one author.
#[test]
fn a_run_is_one_author_however_often_it_wrote() -> TestResult {
    let own = ours(vec![request("09:05")?, request("09:15")?]);
    let events = [event("09:05", "admin", &[REQUIRED])?, event("09:15", "admin", &[REQUIRED])?];
    assert_eq!(answer(found(&case()?, &events, &own)?), run(&[Doubt::SeveralEvents]));
    Ok(())
}

/// Without an event the journal alone shows it, which is not certain; an event of somebody else decides.
#[test]
fn what_the_log_does_not_show_is_known_from_the_journal() -> TestResult {
    let own = ours(vec![request("09:10")?]);
    assert_eq!(answer(found(&case()?, &[], &own)?), run(&[Doubt::NotInLog]));
    let early = attribute(&case()?, &log(&case()?, &[]), &own, at("09:25")?);
    assert_eq!(early.log_complete_at, Some(at("10:20")?));
    assert_eq!(answer(early), run(&[Doubt::LogIncomplete, Doubt::NotInLog]));
    let others = event("09:12", "bob", &[NOTIFY])?;
    assert_eq!(answer(found(&case()?, &[others], &own)?), run(&[Doubt::NotInLog]));
    let bob = event("09:18", "bob", &[REQUIRED])?;
    assert_eq!(answer(found(&case()?, &[bob], &own)?), Ok(("bob@contoso.com".to_owned(), vec![])));

    for own in [
        OwnRequest { verified: false, ..request("09:10")? },
        OwnRequest { after: Value::Number(2), ..request("09:10")? },
        request("08:59")?,
        request("09:21")?,
    ] {
        let why = format!("{own:?}");
        assert_eq!(answer(found(&case()?, &[], &ours(vec![own]))?), Err(UnknownReason::NoEvent), "{why}");
    }
    Ok(())
}

#[test]
fn a_log_that_is_not_read_leaves_the_journal() -> TestResult {
    let mut link = of("windowsSignIn.resetLink", Value::Bool(true))?;
    let own = OwnRequest { setting: link.setting.name, after: Value::Bool(true), ..request("09:10")? };
    assert_eq!(link.surface, Surface::DeviceConfiguration);
    assert_eq!(answer(found(&link, &[], &OwnWrites::default())?), Err(UnknownReason::OtherLog));
    assert_eq!(answer(found(&link, &[], &ours(vec![own.clone()]))?), run(&[Doubt::NotInLog]));
    link.window = None;
    assert_eq!(answer(found(&link, &[], &ours(vec![own]))?), Err(UnknownReason::NoChangeWindow));
    Ok(())
}

/// The application as which this program signs in may have run elsewhere; live logs name it by its service principal alone.
#[test]
fn our_application_is_never_somebody() -> TestResult {
    let own = OwnWrites { requests: Vec::new(), application: vec!["app-id".into(), "principal-id".into()] };
    let app = |id: &str, principal: &str| Actor {
        kind: ActorKind::App,
        id: id.to_owned(),
        principal: principal.to_owned(),
        name: "Pipeline".to_owned(),
    };
    for (actor, expected) in [
        (app("APP-ID", ""), "ssprctl as Pipeline"),
        (app("principal-id", "principal-id"), "ssprctl as Pipeline"),
        (app("", "principal-id"), "ssprctl as Pipeline"),
        (app("other", "another"), "Pipeline"),
        (Actor { kind: ActorKind::User, ..app("app-id", "") }, "Pipeline"),
    ] {
        let event = AuditEvent { actor: Some(actor.clone()), ..event("09:10", "", &[REQUIRED])? };
        let attribution = found(&case()?, &[event], &own)?;
        let confidence = attribution.author.as_ref().map(|found| found.confidence()).ok();
        assert_eq!(confidence, Some(Confidence::Certain));
        assert_eq!(answer(attribution), Ok((expected.to_owned(), vec![])), "{actor:?}");
    }
    let both = [app("app-id", "principal-id"), app("", "principal-id")];
    let events =
        both.into_iter().map(|actor| Ok(AuditEvent { actor: Some(actor), ..event("09:10", "", &[REQUIRED])? }));
    let events = events.collect::<Result<Vec<_>, jiff::Error>>()?;
    let expected = Ok(("ssprctl as Pipeline".to_owned(), vec![Doubt::SeveralEvents]));
    assert_eq!(answer(found(&case()?, &events, &own)?), expected, "one application by either id");
    Ok(())
}
