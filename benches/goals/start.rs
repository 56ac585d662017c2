//! From nothing to the first word: `ssprctl --version`, next to the smallest program there is.

use std::time::Duration;

use crate::Measured;
use crate::measure::{PROGRAM, clean, repeat, run};
use crate::row::Row;

const TIMES: usize = 50;
const LONGEST: Duration = Duration::from_millis(10);

pub(crate) fn rows() -> Measured {
    let (ours, nothing) = repeat(
        TIMES,
        || {
            let said = run(clean(PROGRAM).arg("--version"))?;
            if said.starts_with("ssprctl ") { Ok(()) } else { Err(format!("--version says {said:?}").into()) }
        },
        || run(&mut clean("true")).map(drop),
    )?;
    Ok(vec![Row {
        what: "--version",
        measured: ours.to_string(),
        against: format!("true: {nothing}"),
        ratio: Some(ours.ratio(&nothing)),
        goal: Some(("under 10 ms", ours.median() < LONGEST)),
    }])
}
