//! `--also`: one result, told in several formats.

use std::io;

use anstream::adapter::strip_str;

use crate::cli::options::Format;
use crate::cli::output::{Output, write_atomic};

impl Output {
    /// Writes a result in the format that was asked for, and in those of `--also` to their files.
    ///
    /// # Errors
    /// When one of them cannot be written.
    pub fn result(&self, format: Format, render: impl Fn(Format) -> String) -> io::Result<()> {
        for (also, path) in &self.also {
            write_atomic(path, strip_str(&render(*also)).to_string().as_bytes())?;
        }
        self.write_result(&render(format))
    }
}
