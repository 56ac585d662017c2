//! Reads bodies of responses within bounds. The bounds hold after decompression, so that a small response cannot unpack into
//! a large one.

use reqwest::Response;

/// The most bytes of a document: far above the kilobytes that the services send.
const DOCUMENT_BYTES: usize = 8 * 1024 * 1024;
/// The most bytes of the body of an error.
const ERROR_BYTES: usize = 256 * 1024;
/// How deep JSON may nest: the services stay below ten.
const DEPTH: usize = 64;

/// Why a body cannot be used.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// The connection ended before the body did.
    Broken(reqwest::Error),
    /// The body breaks a bound or is not UTF-8; the value says how, and follows "the response of X".
    Unfit(&'static str),
}

/// The body of a page of a list, however deep it nests: whatever reads it must bound its own depth, or skip without a stack
/// what it does not know, as `serde_json` does both.
pub(crate) async fn page(response: Response) -> Result<String, BodyError> {
    text(response, DOCUMENT_BYTES, "is larger than 8 MiB").await
}

/// The body of a successful response.
pub(crate) async fn document(response: Response) -> Result<String, BodyError> {
    let text = page(response).await?;
    if depth(&text) > DEPTH {
        return Err(BodyError::Unfit("nests deeper than 64 levels"));
    }
    Ok(text)
}

/// The body of an error. A body that cannot be read counts as empty, because the status alone decides the outcome.
pub(crate) async fn error(response: Response) -> String {
    match text(response, ERROR_BYTES, "is too large").await {
        Ok(text) if depth(&text) <= DEPTH => text,
        Ok(_) | Err(_) => String::new(),
    }
}

async fn text(mut response: Response, most: usize, too_large: &'static str) -> Result<String, BodyError> {
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Err(BodyError::Unfit(too_large));
    }
    let length = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    let mut bytes = Vec::with_capacity(length);
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Broken)? {
        if bytes.len() + chunk.len() > most {
            return Err(BodyError::Unfit(too_large));
        }
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(bytes).map_err(|_| BodyError::Unfit("is not UTF-8"))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The deepest nesting of brackets outside of strings. Needs no stack, whatever the text.
fn depth(text: &str) -> usize {
    let (mut deepest, mut now, mut rest) = (0_usize, 0_usize, text.as_bytes());
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' => rest = after_string(after),
            b'{' | b'[' => {
                now += 1;
                deepest = deepest.max(now);
            }
            b'}' | b']' => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// What follows a string, of which this is the rest without the first quotation mark.
fn after_string(mut rest: &[u8]) -> &[u8] {
    while let Some(at) = memchr::memchr2(b'"', b'\\', rest) {
        let quoted = rest.get(at) == Some(&b'"');
        rest = rest.get(at + if quoted { 1 } else { 2 }..).unwrap_or_default();
        if quoted {
            return rest;
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_strings() {
        assert_eq!(depth(r#"{"a":[1,{"b":"[[[\"[["}],"c":[]}"#), 3);
        assert_eq!(depth(&"[".repeat(100_000)), 100_000);
        assert_eq!(depth("]]]{}"), 1);
        assert_eq!(depth(r#"["\\",["\"[[",[]]]"#), 3);
        assert_eq!(depth(r#"[["[[[\"#), 2);
    }
}
