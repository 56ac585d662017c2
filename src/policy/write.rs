//! Writes a policy file for `import`: keys in the order of the documentation, quoted where needed.

use serde_json::{Map, Value};
use serde_saphyr::SerializerOptions;
use thiserror::Error;

use crate::policy::document::PolicyFile;

/// Why a document could not be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The document has no form as a mapping of keys.
    #[error("the policy cannot be written: {0}")]
    Shape(#[from] serde_json::Error),
    /// The YAML writer refused a value.
    #[error("the policy cannot be written as YAML: {0}")]
    Yaml(#[from] serde_saphyr::SerializeError),
}

/// The text of a policy file. `schema` is the path or address in the first line, from which editors complete
/// and explain; each of `comments` becomes one comment line below it, whatever it contains. Unmanaged
/// settings are left out.
///
/// # Errors
/// When a value cannot be written as YAML, which no value of a [`PolicyFile`] is known to cause.
pub fn to_yaml(document: &PolicyFile, schema: &str, comments: &[String]) -> Result<String, WriteError> {
    let mut text = format!("# yaml-language-server: $schema={}\n", comment(schema));
    for line in comments {
        text.push_str(format!("# {}", comment(line)).trim_end());
        text.push('\n');
    }
    let Value::Object(keys) = serde_json::to_value(document)? else { return Ok(text) };
    let (sections, head): (Map<_, _>, Map<_, _>) = keys.into_iter().partition(|(_, value)| value.is_object());
    text.push_str(&yaml(head)?);
    for (name, section) in sections {
        text.push('\n');
        text.push_str(&yaml(Map::from_iter([(name, section)]))?);
    }
    Ok(text)
}

/// The text of a policy whose comments of an earlier import are replaced by these; without any, the text as it is.
pub(crate) fn with_comments(text: &str, comments: &[String]) -> String {
    const OURS: [&str; 5] = ["# Tenant ", "# Made on ", "# Group ", "# Left out: ", "# The files do not have "];
    let head = text.split_inclusive('\n').take_while(|line| line.starts_with('#')).count();
    let is_ours = |(index, line): (usize, &str)| index < head && OURS.iter().any(|ours| line.starts_with(ours));
    let Some(first) = text.split_inclusive('\n').enumerate().position(is_ours) else { return text.to_owned() };
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let new: String = comments.iter().map(|line| format!("# {}", comment(line)).trim_end().to_owned() + end).collect();
    let lines = text.split_inclusive('\n').enumerate();
    let lines = lines.map(|(index, line)| match (index == first, is_ours((index, line))) {
        (true, _) => new.as_str(),
        (false, true) => "",
        (false, false) => line,
    });
    lines.collect()
}

fn yaml(keys: Map<String, Value>) -> Result<String, serde_saphyr::SerializeError> {
    let text = serde_saphyr::to_string_with_options(&Value::Object(keys), style())?;
    Ok(if text.ends_with('\n') { text } else { text + "\n" })
}

/// Writes a scalar plain if that is safe for YAML 1.1 readers too, and never as a block scalar, whose first line could
/// be read as something else.
pub(crate) fn style() -> SerializerOptions {
    serde_saphyr::ser_options! { indent_step: 2, compact_list_indent: false, prefer_block_scalars: false }
}

/// One comment line that no reader can parse as anything else.
fn comment(text: &str) -> String {
    let plain = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
            char::REPLACEMENT_CHARACTER
        }
        '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(plain).collect::<String>().trim().to_owned()
}
