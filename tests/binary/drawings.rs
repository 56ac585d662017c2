//! The drawing of who can reset, over random people of random tenants: its numbers are those of the table below it, and whoever
//! arrives in a state has come from one.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use serde_json::{Value, json};

use crate::harness::TestResult;

/// The states of a forecast, with the words of a page.
const STATES: [(&str, &str); 5] = [
    ("able", "can reset"),
    ("short", "too few"),
    ("unregistered", "no method"),
    ("notPermitted", "may not"),
    ("unclear", "unclear"),
];

/// Numbers of people by what the page calls them: the moment, and one state or two.
type PeopleByWords = BTreeMap<String, u64>;

/// The moments, the state before, the state after, and how many people.
type TableRow = (String, String, String, u64);

/// The states of some people at each of four moments, each with how many there are; and the date of the third.
#[derive(Clone, Debug)]
struct RandomTenant {
    people: Vec<([usize; 4], u64)>,
    applied: bool,
    date: &'static str,
}

fn tenant() -> impl Strategy<Value = RandomTenant> {
    let people = prop::collection::vec((prop::array::uniform4(0..STATES.len()), 1_u64..3_000), 1..12);
    (people, any::<bool>(), prop::sample::select(vec!["2027-02-01", "2027-03-01"]))
        .prop_map(|(people, applied, date)| RandomTenant { people, applied, date })
}

impl RandomTenant {
    /// What `forecast` says of these people. Without a policy to apply there are three moments.
    fn forecast(&self) -> Value {
        let all = [("2026-11-28", false), ("2026-11-28", true), (self.date, true), ("2027-07-01", true)];
        let moments: Vec<_> = (0..4).filter(|moment| self.applied || *moment != 1).collect();
        let mut flows = Vec::new();
        let rows = moments.iter().enumerate().map(|(row, moment)| {
            let mut counts = json!({ "lose": 0, "gain": 0, "loseSinceToday": 0, "gainSinceToday": 0 });
            for (state, (word, _)) in STATES.iter().enumerate() {
                let here = self.people.iter().filter(|(states, _)| states[*moment] == state);
                counts[*word] = here.map(|(_, many)| many).sum::<u64>().into();
            }
            for (states, many) in self.people.iter().filter(|_| row > 0) {
                let [from, to] = [moments[row - 1], *moment].map(|moment| STATES[states[moment]].0);
                flows.push(json!({ "row": row, "administrators": false, "before": from, "after": to, "people": many }));
            }
            let (at, applied) = all[*moment];
            let nobody = json!({
                "able": 0, "short": 0, "unregistered": 0, "notPermitted": 0, "unclear": 0, "lose": 0, "gain": 0,
                "loseSinceToday": 0, "gainSinceToday": 0,
            });
            let register = json!({ "one": 0, "two": 0, "neither": 0 });
            json!({
                "at": at, "applied": applied && self.applied, "people": counts, "administrators": nobody, "toRegister": register,
            })
        });
        let rows: Vec<_> = rows.collect();
        json!({ "rows": rows, "flows": flows, "unclear": 0, "administratorsUnclear": 0, "external": 0 })
    }
}

/// What the page of a forecast draws, and what its table says.
fn page(tenants: &[RandomTenant]) -> Result<String, Box<dyn Error>> {
    let saved = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/saved/forecast.json");
    let mut document: Value = serde_json::from_str(&fs::read_to_string(saved)?)?;
    let mut one = document["tenants"][0].clone();
    for key in ["by", "readiness"] {
        one.as_object_mut().ok_or("no tenant")?.remove(key);
    }
    document["tenants"] = tenants
        .iter()
        .map(|tenant| {
            let mut one = one.clone();
            one["forecast"] = tenant.forecast();
            one
        })
        .collect();
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("forecast.json"), document.to_string())?;
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ssprctl"));
    let ended = command.env_clear().current_dir(folder.path()).args(["report", "forecast.json"]).output()?;
    if !ended.status.success() {
        return Err(String::from_utf8_lossy(&ended.stderr).into());
    }
    Ok(String::from_utf8(ended.stdout)?)
}

fn number(text: &str) -> Result<u64, Box<dyn Error>> {
    Ok(text.replace(',', "").parse()?)
}

/// The numbers of the drawing by the moment and the state, the moments in their order, and how many bands there are.
fn drawn(page: &str) -> Result<(PeopleByWords, Vec<String>, usize), Box<dyn Error>> {
    let drawing = page.split("<svg class=\"flows\"").nth(1).and_then(|rest| rest.split("</svg>").next());
    let drawing = drawing.ok_or("no drawing")?;
    let (mut numbers, mut moments) = (PeopleByWords::new(), Vec::new());
    for part in drawing.split("<text").skip(1) {
        let text = part.split_once('>').ok_or("no text")?.1.split("</text>").next().unwrap_or_default();
        match text.strip_prefix("<tspan class=\"strong\">") {
            None => moments.push(text.to_owned()),
            Some(label) => {
                let (many, state) = label.split_once("</tspan> ").ok_or("no label")?;
                let moment = moments.last().ok_or("no moment")?;
                numbers.insert(format!("{moment}: {state}"), number(many)?);
            }
        }
    }
    Ok((numbers, moments, drawing.matches("<path").count()))
}

/// The rows of the table.
fn table(page: &str) -> Result<Vec<TableRow>, Box<dyn Error>> {
    let table = page.split("aria-label=\"Who moves\"").nth(1).and_then(|rest| rest.split("</table>").next());
    let rows = table.ok_or("no table")?.split("<tr>").skip(2);
    rows.map(|row| {
        let cells: Vec<_> =
            row.split("<td").skip(1).filter_map(|cell| cell.split_once('>')?.1.split("</td>").next()).collect();
        let [moment, from, to, many, _] = cells[..] else { return Err(format!("{cells:?}").into()) };
        Ok((moment.to_owned(), from.to_owned(), to.to_owned(), number(many)?))
    })
    .collect()
}

fn adds_up(tenants: &[RandomTenant]) -> TestResult {
    let page = page(tenants)?;
    let (drawn, moments, bands) = drawn(&page)?;
    let rows = table(&page)?;
    let mut summed = PeopleByWords::new();
    for (moment, from, to, many) in &rows {
        let (before, after) = moment.split_once(" → ").ok_or("no moments")?;
        let at = moments.iter().position(|moment| moment == after).ok_or("a moment that is not drawn")?;
        assert_eq!(at.checked_sub(1).and_then(|before| moments.get(before)).map(String::as_str), Some(before));
        *summed.entry(format!("{after}: {to}")).or_default() += many;
        // Whoever leaves a moment has arrived there; who are there first come from nowhere.
        *summed.entry(format!("{} {before}: {from}", if at == 1 { "first" } else { "left" })).or_default() += many;
    }
    for (words, many) in &summed {
        let place = words
            .split_once(' ')
            .filter(|(kind, _)| ["first", "left"].contains(kind))
            .map_or(words.as_str(), |(_, place)| place);
        assert_eq!(drawn.get(place), Some(many), "{words}: {drawn:?} {summed:?}");
    }
    assert_eq!(bands, rows.len(), "a band for each row of the table");
    let of = |moment: usize| -> PeopleByWords {
        let prefix = format!("{}: ", moments[moment]);
        drawn
            .iter()
            .filter(|(words, _)| words.starts_with(&prefix))
            .map(|(words, many)| (words.clone(), *many))
            .collect()
    };
    let total = |numbers: PeopleByWords| numbers.values().sum::<u64>();
    // The first two columns are what the documents say.
    let expected = |column: usize| {
        tenants.iter().fold(PeopleByWords::new(), |mut all, tenant| {
            for (states, many) in &tenant.people {
                let moment = if tenant.applied { column } else { 0 };
                *all.entry(format!("{}: {}", moments[column], STATES[states[moment]].1)).or_default() += many;
            }
            all
        })
    };
    assert_eq!(of(0), expected(0));
    if tenants.iter().any(|tenant| tenant.applied) {
        assert_eq!(of(1), expected(1));
    }
    for moment in 1..moments.len() {
        assert_eq!(total(of(moment)), total(of(0)), "{drawn:?}");
    }
    Ok(())
}

#[test]
fn the_numbers_of_a_drawing_are_those_of_its_table() -> TestResult {
    let config =
        Config { cases: 48, rng_seed: RngSeed::Fixed(20_261_128), failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&prop::collection::vec(tenant(), 1..4), |tenants| {
        adds_up(&tenants).map_err(|error| TestCaseError::fail(error.to_string()))
    })?;
    Ok(())
}
