//! Laws of comparing documents, which decides whether a write may be sent. The oracle is a model of JSON of this file,
//! with its own way to write a value; it shares nothing with the program.

use proptest::collection::vec;
use proptest::prelude::*;
use ssprctl::testing::base::clock::Stopwatch;
use ssprctl::testing::tenant::authentication_methods::into_entries;
use ssprctl::testing::tenant::document::Document;
use ssprctl::testing::tenant::surface::Surface;
use ssprctl::testing::tenant::wire_schema::unknown_keys;

/// JSON as RFC 8259 has it: numbers are texts, and the names in an object need not be unique.
#[derive(Clone, Debug)]
enum Model {
    Word(&'static str),
    Text(String),
    List(Vec<Model>),
    Object(Vec<(&'static str, Model)>),
}

/// Numbers that a library with 64-bit numbers takes for one another, and others.
const WORDS: [&str; 14] = [
    "9007199254740992",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "18446744073709551617",
    "0.1",
    "0.10000000000000000001",
    "0.1000000000000000000000000000000000001",
    "1e308",
    "1e400",
    "-1e400",
    "null",
    "true",
    "false",
];
const NAMES: [&str; 4] = ["a", "A", "ä", "x\"y"];

fn model() -> impl Strategy<Value = Model> {
    let scalar = prop_oneof![
        prop::sample::select(WORDS.to_vec()).prop_map(Model::Word),
        "[a\\\\\"é\n]{0,3}".prop_map(Model::Text),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Model::List),
            vec((prop::sample::select(NAMES.to_vec()), inner), 0..4).prop_map(Model::Object),
        ]
    })
}

/// How a value is written: none of it changes what it says.
#[derive(Clone, Copy, Debug)]
struct Spelling {
    space: &'static str,
    escapes: bool,
    reversed: bool,
}

const PLAIN: Spelling = Spelling { space: "", escapes: false, reversed: false };

fn text(value: &str, escapes: bool) -> String {
    let unit = |unit: u16| format!("\\u{unit:04x}");
    let written = |c: char| match c {
        c if escapes => c.encode_utf16(&mut [0; 2]).iter().map(|code| unit(*code)).collect(),
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => unit(u16::try_from(u32::from(c)).unwrap_or_default()),
        c => c.to_string(),
    };
    format!("\"{}\"", value.chars().map(written).collect::<String>())
}

impl Model {
    fn written(&self, how: Spelling) -> String {
        let Spelling { space, escapes, reversed } = how;
        match self {
            Self::Word(word) => (*word).to_owned(),
            Self::Text(value) => text(value, escapes),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(|item| format!("{space}{}{space}", item.written(how))).collect();
                format!("[{}]", items.join(","))
            }
            Self::Object(members) => {
                let mut members: Vec<_> = members.iter().enumerate().collect();
                if reversed {
                    // Members of one name stay in their order, because readers differ in which of them counts.
                    members.sort_by(|(left, (a, _)), (right, (b, _))| b.cmp(a).then(left.cmp(right)));
                }
                let members = members.into_iter().map(|(_, (name, value))| {
                    format!("{space}{}{space}:{space}{}", text(name, escapes), value.written(how))
                });
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }
        }
    }

    /// Whether two values say the same.
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Word(left), Self::Word(right)) => left == right,
            (Self::Text(left), Self::Text(right)) => left == right,
            (Self::List(left), Self::List(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.same(right))
            }
            (Self::Object(left), Self::Object(right)) => NAMES.iter().all(|name| {
                let [left, right]: [Vec<_>; 2] = [left, right]
                    .map(|members| members.iter().filter(|(known, _)| known == name).map(|(_, value)| value).collect());
                left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.same(right))
            }),
            _ => false,
        }
    }

    /// This value with one scalar, or one empty list or object, replaced: the one at this place from the left.
    fn changed(&self, place: &mut usize, new: &Self) -> Self {
        match self {
            Self::List(items) if !items.is_empty() => {
                Self::List(items.iter().map(|item| item.changed(place, new)).collect())
            }
            Self::Object(members) if !members.is_empty() => {
                Self::Object(members.iter().map(|(name, value)| (*name, value.changed(place, new))).collect())
            }
            _ if *place == 0 => {
                *place = usize::MAX;
                new.clone()
            }
            _ => {
                *place -= 1;
                self.clone()
            }
        }
    }
}

/// A document that has the value under a key that nobody knows.
fn document(value: &str) -> Result<Document, TestCaseError> {
    Document::parse(&format!("{{\"known\":1,\"odd\":{value}}}")).map_err(|error| TestCaseError::fail(error.to_string()))
}

/// The authentication methods policy with the value in a configuration.
fn methods(value: &str) -> Result<Document, TestCaseError> {
    let policy = document(&format!(
        "0,\"authenticationMethodConfigurations\":[{{\"@odata.type\":\"t\",\"id\":\"Email\",\"odd\":{value}}}]"
    ))?;
    into_entries(&policy).map_err(|error| TestCaseError::fail(error.to_string()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_way_of_writing_is_no_change(value in model(), space in prop::sample::select(vec!["", " ", "\r\n\t"]), escapes: bool) {
        let how = Spelling { space, escapes, reversed: true };
        for read in [document, methods] {
            let (before, now) = (read(&value.written(PLAIN))?, read(&value.written(how))?);
            prop_assert_eq!(before.differing_keys(&now, &[]), Vec::<String>::new());
        }
    }

    #[test]
    fn every_other_difference_is_a_change(value in model(), new in model(), place in 0_usize..24) {
        let changed = value.changed(&mut place.clone(), &new);
        for (read, key) in [(document as fn(&str) -> Result<Document, TestCaseError>, "odd"), (methods, "Email")] {
            let (before, now) = (read(&value.written(PLAIN))?, read(&changed.written(PLAIN))?);
            let expected: &[&str] = if value.same(&changed) { &[] } else { &[key] };
            prop_assert_eq!(before.differing_keys(&now, &[]), expected);
            prop_assert_eq!(now.differing_keys(&before, &[]), expected);
        }
    }
}

/// The shortest time of five for reading and comparing documents of this many keys, in seconds.
fn seconds(keys: usize) -> Result<f64, serde_json::Error> {
    let text = |value: &str| {
        let members: Vec<_> = (0..keys).map(|key| format!("\"k{key}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    };
    let (before, now) = (text("[1,{}]"), text("[2,{}]"));
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let watch = Stopwatch::start();
        let (before, now) = (Document::parse(&before)?, Document::parse(&now)?);
        assert_eq!(before.differing_keys(&now, &[]).len(), keys);
        assert_eq!(before.differing_keys(&before, &[]).len(), 0);
        assert_eq!(unknown_keys(Surface::PasswordReset, &now).len(), keys);
        best = best.min(watch.elapsed().as_secs_f64());
    }
    Ok(best)
}

/// Quadratic work would take sixty-four times as long; the bound leaves room for a machine that does other things as well.
#[test]
fn eight_times_the_keys_take_about_eight_times_as_long() -> Result<(), serde_json::Error> {
    let (few, many) = (seconds(3_000)?, seconds(24_000)?);
    assert!(many < 32.0 * few, "{few} s and {many} s");
    Ok(())
}

#[test]
fn two_configurations_of_one_id_are_refused() -> Result<(), serde_json::Error> {
    let policy = |second: &str| {
        format!(r#"{{"authenticationMethodConfigurations":[{{"id":"Email","state":"enabled"}},{{"id":"{second}"}}]}}"#)
    };
    assert!(into_entries(&Document::parse(&policy("Sms"))?).is_ok());
    assert!(into_entries(&Document::parse(&policy("Email"))?).is_err());
    let own = policy("policyMigrationState").replacen('{', "{\"policyMigrationState\":null,", 1);
    assert!(into_entries(&Document::parse(&own)?).is_err(), "an id may not replace a key of the policy");
    Ok(())
}
