//! `--faults`: what goes wrong in the embedded tenant.

use std::path::Path;

use crate::cli::failure::Failure;
use crate::cli::options::Global;
use crate::cli::output::Output;
use crate::policy::schema::Shape;
use crate::policy::shaped;
use crate::render::findings::findings;
use entra_sandbox::fault::Faults;
use entra_sandbox::fault_file::Document;

/// The faults that the options ask for; none without a file.
///
/// # Errors
/// When something is wrong with the file: all of it is told before.
pub fn asked_for(options: &Global, output: &Output) -> Result<Faults, Failure> {
    let Some(file) = &options.faults else { return Ok(Faults::none()) };
    let folder = std::env::current_dir().unwrap_or_default();
    read(file, &folder).map_err(|told| {
        output.talk(&told);
        Failure::failed(format!("the faults of {} are not usable", file.display()))
            .hint("`ssprctl schema faults` tells what the file may say")
    })
}

/// What a file asks for, or everything that is wrong with it as a person at a terminal reads it.
fn read(file: &Path, folder: &Path) -> Result<Faults, String> {
    let shape = Shape::of_type::<Document>("the file of faults");
    shaped::load::<Document>(file, folder, &shape).map(Document::faults).map_err(|found| findings(&found, true))
}
