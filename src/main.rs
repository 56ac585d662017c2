//! The program: everything is in the library.

use std::process::ExitCode;
use std::{io, mem};

use mimalloc::MiMalloc;
use tokio::runtime::Runtime;

/// Several threads make and drop many small values at once when policies are read, which the allocators of C libraries are
/// slow at; that of musl, with which the program is released, above all.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> io::Result<ExitCode> {
    let runtime = Runtime::new()?;
    let exit = runtime.block_on(ssprctl::run());
    // A command that ran out of time may still be computing. The end of the process ends it; to drop what it runs on would wait
    // for it, or make it panic.
    mem::forget(runtime);
    Ok(exit)
}
