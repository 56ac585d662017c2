//! Answers that stay the same however the program is rearranged: they were recorded before the refactoring of issue 10, and
//! guard it. They are in published words, or in words of these tests, and never in names of types of the program.

mod dispositions;
mod files;
mod no_effect;
mod permissions;
mod schemas;

use std::fs;
use std::path::Path;

type Checked = Result<(), Box<dyn std::error::Error>>;

/// Compares with a recorded text next to this file. There is no way to record anew in passing: whoever changes an
/// answer copies the new text by hand, and says why.
fn recorded(name: &str, answers: &str) -> Checked {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded").join(name);
    let expected = fs::read_to_string(&file).unwrap_or_default();
    if expected != answers {
        let now = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&now, answers)?;
        let mut lines = answers.lines().zip(expected.lines().map(Some).chain(std::iter::repeat(None)));
        let first = lines.find(|(now, then)| Some(*now) != *then);
        return Err(format!(
            "{} is not the answer any more, {} is; the first difference: {first:?}",
            file.display(),
            now.display()
        )
        .into());
    }
    Ok(())
}
