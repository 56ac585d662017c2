//! The size of the program.

use std::fs;

use crate::Measured;
use crate::measure::PROGRAM;
use crate::row::Row;

/// Bytes.
const LARGEST: u64 = 14_000_000;

pub(crate) fn rows() -> Measured {
    let bytes = fs::metadata(PROGRAM)?.len();
    Ok(vec![Row {
        what: "program, size",
        measured: format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
        against: String::new(),
        ratio: None,
        goal: Some(("14 MB or less", bytes <= LARGEST)),
    }])
}
