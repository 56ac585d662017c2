//! The program: everything is in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Several threads make and drop many small values at once when policies are read, which the allocators of C libraries are
/// slow at; that of musl, with which the program is released, above all.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    ssprctl::run().await
}
