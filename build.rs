//! Leaves the tables for unwinding the stack out of the published program for Linux: 1.8 of 14.3 MB.
//!
//! The profile `dist` aborts on a panic, so nothing reads these tables. rustc leaves them out with `-C force-unwind-tables=no`,
//! but a profile cannot give it that flag, and the compiled standard library contains them anyway. The linker drops them all.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

/// GNU ld and LLD add this script to their own because of `INSERT`. The objects that start a program refer to their own part.
const SCRIPT: &str = "SECTIONS { /DISCARD/ : {
    *(EXCLUDE_FILE(*crtbegin*.o *crtend*.o) .eh_frame)
    *(.gcc_except_table .gcc_except_table.*)
} } INSERT AFTER .text;
";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    // Cargo does not say which profile it builds or what that does on a panic; `dist` alone optimizes for size.
    let published = env::var("OPT_LEVEL")? == "z";
    if published && env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        let script = PathBuf::from(env::var("OUT_DIR")?).join("without-unwinding.ld");
        fs::write(&script, SCRIPT)?;
        println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr,-T,{}", script.display());
    }
    Ok(())
}
