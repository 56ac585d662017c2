//! Leaves two things out of the program: the indentation of the published schemas, a third of their size, and from the one for
//! Linux the tables for unwinding the stack, 1.8 of 14.3 MB.
//!
//! The profile `dist` aborts on a panic, so nothing reads these tables. rustc leaves them out with `-C force-unwind-tables=no`,
//! but a profile cannot give it that flag, and the compiled standard library contains them anyway. The linker drops them all.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// GNU ld and LLD add this script to their own because of `INSERT`. The objects that start a program refer to their own part.
const SCRIPT: &str = "SECTIONS { /DISCARD/ : {
    *(EXCLUDE_FILE(*crtbegin*.o *crtend*.o) .eh_frame)
    *(.gcc_except_table .gcc_except_table.*)
} } INSERT AFTER .text;
";

/// The folder of the published schemas.
const SCHEMAS: &str = "schemas";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SCHEMAS}");
    pack_schemas(&PathBuf::from(env::var("OUT_DIR")?).join(SCHEMAS))?;
    // Cargo does not say which profile it builds or what that does on a panic; `dist` alone optimizes for size.
    let published = env::var("OPT_LEVEL")? == "z";
    if published && env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        let script = PathBuf::from(env::var("OUT_DIR")?).join("without-unwinding.ld");
        fs::write(&script, SCRIPT)?;
        println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr,-T,{}", script.display());
    }
    Ok(())
}

/// Writes each schema without line ends and indentation. No text of a JSON document has a line end within.
fn pack_schemas(folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for file in fs::read_dir(SCHEMAS)? {
        let file = file?;
        let packed: String = fs::read_to_string(file.path())?.lines().map(str::trim_start).collect();
        fs::write(folder.join(file.file_name()), packed)?;
    }
    Ok(())
}
