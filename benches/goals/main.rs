//! Measures the program against its goals: `cargo bench`. What is measured is the program as it is shipped, started
//! anew each time, and what it is compared with is measured in the same run. docs/performance.md says what the figures
//! mean.

#![expect(clippy::print_stdout, reason = "the table is for whoever runs the bench")]

mod fleet;
mod hostile;
#[path = "../../tests/binary/hostile_inputs.rs"]
mod inputs;
mod journals;
mod measure;
mod people;
mod plan;
mod report;
mod row;
mod simulate;
mod size;
mod start;
mod validate;

use std::error::Error;
use std::process::ExitCode;

use row::Row;

/// What a measurement brings; it fails when the program did not do what was to be measured.
pub(crate) type Measured = Result<Vec<Row>, Box<dyn Error>>;

/// One kind of measurement.
type Measurement = fn() -> Measured;

const MEASUREMENTS: [(&str, Measurement); 10] = [
    ("plan", plan::rows),
    ("fleet", fleet::rows),
    ("people", people::rows),
    ("journals", journals::rows),
    ("validate", validate::rows),
    ("report", report::rows),
    ("hostile", hostile::rows),
    ("start", start::rows),
    ("size", size::rows),
    ("simulate", simulate::rows),
];

/// `cargo bench -- plan` measures that alone; options that Cargo passes on are not for us.
fn main() -> Result<ExitCode, Box<dyn Error>> {
    if let Some(counted) = people::bare_client() {
        println!("{}", counted?.iter().map(u64::to_string).collect::<Vec<_>>().join(" "));
        return Ok(ExitCode::SUCCESS);
    }
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut met = true;
    println!("{}", row::heading());
    for (name, measure) in MEASUREMENTS {
        if !asked.is_empty() && !asked.iter().any(|asked| asked == name) {
            continue;
        }
        for row in measure()? {
            println!("{row}");
            met &= row.is_met();
        }
    }
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
