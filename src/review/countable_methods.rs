//! How many of the methods that somebody has on file count towards a reset.

use std::collections::BTreeSet;

/// How many methods count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CountableMethods {
    /// That do.
    pub(crate) certain: u32,
    /// That may.
    pub(crate) uncertain: u32,
}

/// What the report calls a method, and the method of a policy that it is. The values of the report are no closed set.
const KNOWN: [(&str, &str); 8] = [
    ("mobilePhone", "mobilePhone"),
    ("alternateMobilePhone", "mobilePhone"),
    ("officePhone", "officePhone"),
    ("email", "email"),
    ("securityQuestion", "securityQuestions"),
    ("microsoftAuthenticatorPush", "mobileAppNotification"),
    ("softwareOneTimePasscode", "mobileAppCode"),
    ("hardwareOneTimePasscode", "mobileAppCode"),
];

/// Methods that sign people in and never reset a password (concept-authentication-methods), by the beginning of their names.
const NEVER: [&str; 6] =
    ["fido2", "passKey", "windowsHelloForBusiness", "x509Certificate", "temporaryAccessPass", "macOsSecureEnclaveKey"];

/// Counts the methods on file that a policy allows. What the app offers counts once, however much of it is on file: a
/// notification or a code, beside another method (concept-sspr-howitworks). So does a phone with a second number.
pub(crate) fn count_methods(registered: &[String], allowed: &BTreeSet<String>) -> CountableMethods {
    let mut sure: BTreeSet<&str> = BTreeSet::new();
    let mut doubtful: BTreeSet<&str> = BTreeSet::new();
    for name in registered {
        match KNOWN.iter().find(|(known, _)| known == name) {
            Some((_, method)) if allowed.contains(*method) => drop(sure.insert(gate(method))),
            // Whoever gets notifications may have the app's codes without the report saying so.
            Some((_, "mobileAppNotification")) if allowed.contains("mobileAppCode") => drop(doubtful.insert(APP)),
            Some(_) => {}
            None if NEVER.iter().any(|never| name.starts_with(never)) => {}
            None => drop(doubtful.insert(name)),
        }
    }
    doubtful.retain(|gate| !sure.contains(gate));
    let many = |gates: &BTreeSet<&str>| u32::try_from(gates.len()).unwrap_or(u32::MAX);
    CountableMethods { certain: many(&sure), uncertain: many(&doubtful) }
}

const APP: &str = "app";

fn gate(method: &'static str) -> &'static str {
    if method.starts_with("mobileApp") { APP } else { method }
}

#[cfg(test)]
mod tests {
    use crate::review::countable_methods::*;

    #[test]
    fn the_app_counts_once_and_what_is_unknown_is_doubtful() {
        let counted = |registered: &str, allowed: &str| {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let CountableMethods { certain, uncertain } =
                count_methods(&words(registered), &words(allowed).into_iter().collect());
            (certain, uncertain)
        };
        let app = "mobileAppNotification mobileAppCode";
        assert_eq!(counted("microsoftAuthenticatorPush softwareOneTimePasscode", app), (1, 0));
        assert_eq!(counted("microsoftAuthenticatorPush", "mobileAppCode email"), (0, 1));
        assert_eq!(counted("mobilePhone alternateMobilePhone email", "mobilePhone email"), (2, 0));
        assert_eq!(counted("mobilePhone email fido2SecurityKey passKeySynced", "email"), (1, 0));
        assert_eq!(counted("email telepathy", "email"), (1, 1));
        assert_eq!(counted("", "email"), (0, 0));
    }
}
