//! One person's answer, by the program and by a second model that is written from the reference alone.

mod cases;
mod directory;
mod generate;
mod methods;
mod model;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;

use ssprctl::testing::person::answer::{Answer, AnswerReason};
use ssprctl::testing::person::explanation::explain;
use ssprctl::testing::person::facts::PersonFacts;
use ssprctl::testing::person::state::Moment;

use generate::{KINDS, MadeUp, PERSON, TenantKind, case};
use model::{Case, Expected};

/// Cases of each kind of tenant.
const CASES: u64 = 2_500;

/// What the test finds and prints. The made-up tenants are odd on purpose: the shares say nothing of real ones.
const AGREED: &str = "\
20000 cases, 0 disagreements
cloud only, migrated         563 yes  1658 no   279 unclear (11.2 %)
cloud only, migrating        940 yes  1386 no   174 unclear (7.0 %)
cloud only, not migrated     216 yes  1576 no   708 unclear (28.3 %)
hybrid                       292 yes  1818 no   390 unclear (15.6 %)
administrators               272 yes   867 no  1361 unclear (54.4 %)
people of other tenants      179 yes  1427 no   894 unclear (35.8 %)
doubtful licences            167 yes  1868 no   465 unclear (18.6 %)
partly read                  105 yes  1184 no  1211 unclear (48.4 %)
";

/// What is asked of everybody, for the date of the case.
const WHATEVER_ROLE: &str = "whatever role, then";

/// How often the program gave each answer.
#[derive(Default)]
struct Tally {
    yes: u32,
    no: u32,
    unclear: u32,
}

/// What both models say of one case, by the question. The policy for administrators is asked of them alone.
fn answers(made_up: &MadeUp) -> Vec<(&'static str, Expected, Answer)> {
    let MadeUp { policy, tenant, directory, account, report, at } = made_up;
    let person = &PersonFacts { id: PERSON, account: *account, report: report.as_ref(), roles: None };
    let case = Case { policy, tenant, directory, person, at: *at };
    let now = Case { at: tenant.today, ..case };
    let then = Moment { policy, at: *at, read: None };
    let live = Moment { at: tenant.today, read: Some(policy), ..then };
    let mut answers = vec![
        (WHATEVER_ROLE, case.answer(), then.answer_of_any_role(tenant, person)),
        ("whatever role, now", now.checked(now.answer()), live.answer_of_any_role(tenant, person)),
    ];
    match report.as_ref().map(|report| report.administrator) {
        Some(true) => {
            let expected = now.checked(now.by_administrators_policy());
            answers.push(("administrators now", expected, live.answer(tenant, person)));
            answers.push(("administrators then", case.by_administrators_policy(), then.answer(tenant, person)));
        }
        Some(false) => answers.push(("now", now.checked(now.answer()), live.answer(tenant, person))),
        None => {}
    }
    answers
}

/// Adds what the program says of all cases of one kind, and every case of which the models disagree.
fn compare(kind: &TenantKind, tally: &mut Tally, reasons: &mut BTreeMap<AnswerReason, u32>, wrong: &mut Vec<String>) {
    for number in 0..CASES {
        let made_up = case(kind, number);
        for (asked, expected, answer) in answers(&made_up) {
            if !expected.agrees(&answer) {
                wrong.push(format!("{} {number} {asked}: {answer:?}, not {expected:?}", kind.name));
            }
            match &answer {
                Answer::No(reason) => *reasons.entry(*reason).or_default() += 1,
                Answer::Unclear(open) => open.iter().for_each(|reason| *reasons.entry(*reason).or_default() += 1),
                Answer::Yes => {}
            }
            if asked == WHATEVER_ROLE {
                match answer {
                    Answer::Yes => tally.yes += 1,
                    Answer::No(_) => tally.no += 1,
                    Answer::Unclear(_) => tally.unclear += 1,
                }
            }
        }
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are for whoever runs it with --nocapture")]
fn the_two_models_agree() -> Result<(), Box<dyn Error>> {
    let (mut wrong, mut reasons, mut table) = (Vec::new(), BTreeMap::new(), String::new());
    for kind in &KINDS {
        let mut tally = Tally::default();
        compare(kind, &mut tally, &mut reasons, &mut wrong);
        let share = f64::from(tally.unclear) * 100.0 / f64::from(tally.yes + tally.no + tally.unclear);
        let Tally { yes, no, unclear } = tally;
        writeln!(table, "{:<26}{yes:>6} yes{no:>6} no{unclear:>6} unclear ({share:.1} %)", kind.name)?;
    }
    let cases = CASES * KINDS.len() as u64;
    let table = format!("{cases} cases, {} disagreements\n{table}", wrong.len());
    println!("{table}");
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(table, AGREED);
    let never: Vec<_> = AnswerReason::ALL.iter().filter(|reason| !reasons.contains_key(reason)).collect();
    assert!(never.is_empty(), "no case has these reasons: {never:?}");
    Ok(())
}

/// What `why` answers is what `plan --impact` and `forecast` count, for everybody whose roles were read, whatever the tenant.
#[test]
fn why_answers_as_people_are_counted() {
    // Authentication Policy Administrator, which is in Microsoft's list.
    let listed = [uuid::Uuid::from_u128(0x0526_716b_113d_4c15_b2c8_68e3_c22b_9f80)];
    let mut wrong = Vec::new();
    for (kind, number) in KINDS.iter().flat_map(|kind| (0..CASES / 10).map(move |number| (kind, number))) {
        let MadeUp { policy, tenant, directory: _, account, report, at } = &case(kind, number);
        let administrator = report.as_ref().is_some_and(|report| report.administrator);
        let roles: &[_] = if administrator { &listed } else { &[] };
        let person = &PersonFacts { id: PERSON, account: *account, report: report.as_ref(), roles: Some(roles) };
        for at in [tenant.today, *at] {
            for read in [Some(policy), None] {
                let moment = Moment { policy, at, read };
                let counted = moment.answer(tenant, person);
                let answered = explain(moment, tenant, person).answer;
                if counted != answered {
                    wrong.push(format!("{} {number} at {at}: {answered:?}, counted as {counted:?}", kind.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of them, such as {:#?}", wrong.len(), wrong.iter().take(5).collect::<Vec<_>>());
}
