//! The variables that name a proxy. The HTTP library takes one that it cannot read for none, and would go past the proxy; so
//! they are checked first.

use std::ffi::OsString;

use url::Url;

/// What a program that is run by a web server has in its environment. There the library uses no proxy.
const CGI: &str = "REQUEST_METHOD";

/// The variables for `https` addresses, in the order in which they count; of each pair, the first that is set.
const VARIABLES: [[&str; 2]; 2] = [["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]];

/// Why the proxy that the environment names cannot be used; `None` where it can, or none is named. The value is not quoted,
/// because it may hold a password. `get` returns a variable of the environment.
pub(crate) fn unusable_variable(get: &impl Fn(&str) -> Option<OsString>) -> Option<String> {
    let set = |pair: [&'static str; 2]| {
        let found = pair.into_iter().find_map(|name| get(name).map(|value| (name, value)));
        found.filter(|(_, value)| !value.is_empty())
    };
    let (name, value) = VARIABLES.into_iter().find_map(set)?;
    let checked = match value.to_str() {
        Some(_) if get(CGI).is_some() => Err("REQUEST_METHOD is set, and with it no proxy is used"),
        Some(value) => check(value),
        None => Err("it is no UTF-8"),
    };
    checked.err().map(|why| format!("{name} cannot be used as a proxy: {why}"))
}

fn check(value: &str) -> Result<(), &'static str> {
    if value.starts_with(['"', '\'']) {
        return Err("it begins with a quotation mark, as from a file that is not read by a shell");
    }
    if !value.bytes().all(|byte| byte.is_ascii_graphic())
        || value.contains(['"', '<', '>', '\\', '^', '`', '{', '|', '}'])
    {
        return Err("it holds a character that no address has");
    }
    let (named, rest) = match value.split_once("://") {
        Some(("http" | "https", rest)) => (true, rest),
        Some(_) => return Err("only http:// and https:// proxies are supported"),
        None => (false, value),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    if after.contains('@') || authority.matches('@').count() > 1 {
        return Err("its name or password holds `/`, `?`, `#` or `@`, which must be percent-encoded");
    }
    if !named && !after.is_empty() {
        return Err("it has a path, but no http://");
    }
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let url = Url::parse(&format!("http://{host}/")).map_err(|_| "it names no host, or no port that is a number")?;
    if url.host_str().is_none_or(str::is_empty) || url.port() == Some(0) || host.ends_with(':') {
        return Err("it names no host, or no port that is a number");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(pairs: &[(&str, &str)]) -> Option<String> {
        unusable_variable(&|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn what_the_library_would_not_use_is_refused() {
        for value in [
            "\"http://127.0.0.1:9\"",
            "'http://127.0.0.1:9'",
            "http://CONTOSO\\alice:pass@127.0.0.1:9",
            "ftp://127.0.0.1:9",
            "socks5://127.0.0.1:9",
            "HTTP://127.0.0.1:9",
            "http://alice:p@ss@127.0.0.1:9",
            "http://alice:p/ss@127.0.0.1:9",
            "http://alice:p#ss@127.0.0.1:9",
            "http://127.0.0.1:9 ",
            "http://proxy:port",
            "http://proxy:99999",
            "http://proxy:",
            "http://",
            "http://pröxy:9",
            "127.0.0.1:9/path",
        ] {
            let found = problem(&[("HTTPS_PROXY", value)]).unwrap_or_default();
            assert!(found.starts_with("HTTPS_PROXY cannot be used as a proxy: "), "{value}: {found}");
            assert!(!found.contains("alice") && !found.contains(value), "{found}");
        }
    }

    #[test]
    fn what_it_uses_passes() {
        for value in [
            "http://127.0.0.1:9",
            "https://proxy.contoso.com",
            "http://alice:p%40ss@proxy:8080/",
            "proxy:8080",
            "proxy",
            "alice:pass@proxy:8080",
            "http://[::1]:8080",
        ] {
            assert_eq!(problem(&[("HTTPS_PROXY", value)]), None, "{value}");
        }
    }

    #[test]
    fn the_variable_that_counts_is_named() {
        let bad = "ftp://proxy";
        assert_eq!(problem(&[("NO_PROXY", "x"), ("HTTP_PROXY", bad)]), None);
        assert_eq!(problem(&[("HTTPS_PROXY", "http://proxy:1"), ("ALL_PROXY", bad), ("https_proxy", bad)]), None);
        for (pairs, name) in [
            (vec![("https_proxy", bad)], "https_proxy"),
            (vec![("ALL_PROXY", bad)], "ALL_PROXY"),
            (vec![("HTTPS_PROXY", ""), ("all_proxy", bad)], "all_proxy"),
            (vec![("HTTPS_PROXY", "http://proxy:1"), ("REQUEST_METHOD", "GET")], "HTTPS_PROXY"),
        ] {
            assert!(problem(&pairs).is_some_and(|found| found.starts_with(name)), "{name}");
        }
    }
}
