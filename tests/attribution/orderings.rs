//! Every log of at most two events, and random longer ones, judged twice: by the program and by rules that are written here,
//! without a look at it, about what an event is and not about how the log spells it.

use std::error::Error;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use ssprctl::testing::plan::attribution::{Confidence, Doubt};
use ssprctl::testing::plan::drifted_setting::DriftedSetting;
use ssprctl::testing::tenant::audit::{AuditEvent, AuditResult};

use crate::harness::{NOTIFY, REQUIRED, TestResult, at, case, event, judged_at, log, name, with_values};

/// What an event says about the setting, which fell from 2 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// From 2 to 1.
    TheChange,
    /// From 3 to 1.
    FromElsewhere,
    /// From 2 to 3.
    ToElsewhere,
    /// From 1 to 1.
    NoChange,
    /// The setting by name, and no value.
    NoValue,
    /// Another setting alone.
    Other,
    /// Something that nobody knows.
    Anything,
}

const SAYS: [Says; 7] = [
    Says::TheChange,
    Says::FromElsewhere,
    Says::ToElsewhere,
    Says::NoChange,
    Says::NoValue,
    Says::Other,
    Says::Anything,
];
/// Before the window of nine o'clock to twenty past, twice in it, in the hour after it, and after that.
const TIMES: [&str; 5] = ["08:50", "09:05", "09:14", "09:40", "10:30"];
const PEOPLE: [&str; 2] = ["alice", "bob"];
const RESULTS: [AuditResult; 3] = [AuditResult::Success, AuditResult::Failure, AuditResult::Unclear];
/// While the log may lack events, and when it has had its hour.
const NOW: [&str; 3] = ["09:25", "10:19", "10:20"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Drawn {
    time: &'static str,
    who: &'static str,
    says: Says,
    result: AuditResult,
}

impl Drawn {
    fn event(&self) -> Result<AuditEvent, Box<dyn Error>> {
        let about = |property| event(self.time, self.who, &[property]);
        let made = match self.says {
            Says::TheChange => with_values(about(REQUIRED)?, Some("2"), Some("1")),
            Says::FromElsewhere => with_values(about(REQUIRED)?, Some("3"), Some("1")),
            Says::ToElsewhere => with_values(about(REQUIRED)?, Some("2"), Some("3")),
            Says::NoChange => with_values(about(REQUIRED)?, Some("1"), Some("1")),
            Says::NoValue => with_values(about(REQUIRED)?, None, None),
            Says::Other => about(NOTIFY)?,
            Says::Anything => about("Policy")?,
        };
        Ok(AuditEvent { result: self.result, ..made })
    }

    fn is_within(self) -> bool {
        self.time == "09:05" || self.time == "09:14"
    }

    /// Whether it can have led to the value found.
    fn can_be(self) -> bool {
        matches!(self.says, Says::TheChange | Says::FromElsewhere | Says::NoValue | Says::Anything)
    }
}

/// Who is named, and whether that is certain; `None` for nobody.
type Named = Option<(&'static str, Confidence)>;

fn expected(drawn: &[Drawn], hour_is_over: bool, previous_is_known: bool) -> Named {
    let happened: Vec<Drawn> = drawn.iter().copied().filter(|one| one.result != AuditResult::Failure).collect();
    let within: Vec<Drawn> = happened.iter().copied().filter(|one| one.is_within()).collect();
    let suspects: Vec<Drawn> = if within.is_empty() {
        let late = happened.into_iter().filter(|one| one.time == "09:40" && one.says != Says::Anything);
        late.filter(|one| one.can_be()).collect()
    } else {
        within.iter().copied().filter(|one| one.can_be()).collect()
    };
    let first = suspects.first()?;
    if suspects.iter().any(|one| one.who != first.who) || suspects.iter().all(|one| one.result != AuditResult::Success)
    {
        return None;
    }
    let alone = matches!(within.as_slice(), [one] if one.says == Says::TheChange);
    let certain = alone && hour_is_over && previous_is_known;
    Some((first.who, if certain { Confidence::Certain } else { Confidence::Likely }))
}

/// What is wrong with the answer to a log; `None` if nothing is.
fn wrong(drawn: &[Drawn], now: &str, previous_is_known: bool) -> Result<Option<String>, Box<dyn Error>> {
    let known = case()?;
    let case = if previous_is_known { known } else { DriftedSetting { previous: None, ..known } };
    let events = drawn.iter().map(Drawn::event).collect::<Result<Vec<_>, _>>()?;
    let (now, hour) = (at(now)?, at("10:20")?);
    let found = judged_at(&case, &log(&case, &events), now);
    let named = found.author.as_ref().ok().map(|found| (name(&found.author), found.confidence()));
    let expected = expected(drawn, now >= hour, previous_is_known)
        .map(|(who, confidence)| (format!("{who}@contoso.com"), confidence));
    let early = found.author.as_ref().is_ok_and(|found| found.doubts.contains(&Doubt::LogIncomplete));
    let says_when = |again: Option<Timestamp>| again == (now < hour).then_some(hour);
    Ok(if named != expected {
        Some(format!("{named:?} and not {expected:?} of {drawn:#?} at {now}"))
    } else if named.is_some() && (early != (now < hour) || !says_when(found.log_complete_at)) {
        Some(format!("does not say when to look again, of {drawn:#?} at {now}: {:?}", found.log_complete_at))
    } else {
        None
    })
}

fn every_event() -> Vec<Drawn> {
    let mut all = Vec::new();
    for time in TIMES {
        for who in PEOPLE {
            for says in SAYS {
                all.extend(RESULTS.map(|result| Drawn { time, who, says, result }));
            }
        }
    }
    all
}

/// 210 events, hence 44,311 logs; each at one of three times, with or without the value before.
#[test]
fn every_log_of_at_most_two_events() -> TestResult {
    let all = every_event();
    let pairs = all.iter().flat_map(|one| all.iter().map(|two| vec![*one, *two]));
    let logs = [Vec::new()].into_iter().chain(all.iter().map(|one| vec![*one])).chain(pairs);
    let mut judged = 0;
    let mut certain = 0;
    for (number, drawn) in logs.enumerate() {
        // Short logs are judged in every way, and each pair in one of the six.
        let ways = NOW.into_iter().flat_map(|now| [(now, true), (now, false)]);
        for (way, (now, previous)) in ways.enumerate() {
            if drawn.len() < 2 || way == number % 6 {
                assert_eq!(wrong(&drawn, now, previous)?, None);
                judged += 1;
                certain +=
                    usize::from(matches!(expected(&drawn, now == "10:20", previous), Some((_, Confidence::Certain))));
            }
        }
    }
    assert_eq!(judged, 6 * 211 + 210 * 210);
    assert!(certain > 100, "the rules are tried where they say yes: {certain}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, rng_seed: RngSeed::Fixed(20_261_127), failure_persistence: None, ..ProptestConfig::default() })]

    /// Longer logs, in any order.
    #[test]
    fn random_logs(
        picks in prop::collection::vec(0_usize..210, 0..7),
        way in 0_usize..6,
    ) {
        let all = every_event();
        let drawn: Vec<Drawn> = picks.iter().filter_map(|pick| all.get(*pick).copied()).collect();
        let wrong = wrong(&drawn, NOW[way % 3], way < 3).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(wrong, None);
    }
}

/// An answer that is certain never changes while the log grows: with every event that comes in within its hour, the answers
/// before the hour may differ, and the one after it is the same as if all had been there from the start.
#[test]
fn an_event_that_comes_in_late_never_contradicts_a_certain_answer() -> TestResult {
    let case = case()?;
    let first = Drawn { time: "09:05", who: "alice", says: Says::TheChange, result: AuditResult::Success };
    for late in every_event() {
        let (early, whole) = ([first.event()?], [first.event()?, late.event()?]);
        let hour = at("10:20")?;
        let before = judged_at(&case, &log(&case, &early), hour - SignedDuration::from_secs(1)).author;
        let after = judged_at(&case, &log(&case, &whole), hour).author;
        assert_eq!(before.map(|found| found.confidence()), Ok(Confidence::Likely), "it may still be {late:?}");
        let contradicts = late.is_within() && late.result != AuditResult::Failure;
        assert_eq!(after.is_ok_and(|found| found.confidence() == Confidence::Certain), !contradicts, "{late:?}");
    }
    Ok(())
}
