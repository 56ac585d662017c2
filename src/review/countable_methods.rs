//! How many of the methods that a person has registered count towards a reset.

use std::collections::BTreeSet;

use crate::policy::document::Method;

/// How many registered methods count towards the required number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CountableMethods {
    /// Methods that surely count.
    pub(crate) certain: u32,
    /// Methods of which the report does not say whether they count.
    pub(crate) uncertain: u32,
}

/// Methods that sign people in and never reset a password (concept-authentication-methods), by the beginning of their names.
const NEVER: [&str; 6] =
    ["fido2", "passKey", "windowsHelloForBusiness", "x509Certificate", "temporaryAccessPass", "macOsSecureEnclaveKey"];

/// Counts the registered methods that a policy allows. Methods with the same `counts_as` count once, however many of them
/// are registered: a notification and a code of the app, or a phone with a second number (concept-sspr-howitworks). The names
/// of the report are an open set, so a name that nobody knows is uncertain.
pub(crate) fn count_methods(registered: &[String], allowed: &BTreeSet<Method>) -> CountableMethods {
    let mut certain: BTreeSet<&str> = BTreeSet::new();
    let mut uncertain: BTreeSet<&str> = BTreeSet::new();
    for name in registered {
        match Method::from_report_name(name) {
            Some(method) if allowed.contains(&method) => drop(certain.insert(method.spec().counts_as)),
            // Whoever gets notifications may have the app's codes without the report saying so.
            Some(method @ Method::MobileAppNotification) if allowed.contains(&Method::MobileAppCode) => {
                uncertain.insert(method.spec().counts_as);
            }
            Some(_) => {}
            None if NEVER.iter().any(|never| name.starts_with(never)) => {}
            None => drop(uncertain.insert(name)),
        }
    }
    uncertain.retain(|counted| !certain.contains(counted));
    let count = |methods: &BTreeSet<&str>| u32::try_from(methods.len()).unwrap_or(u32::MAX);
    CountableMethods { certain: count(&certain), uncertain: count(&uncertain) }
}

#[cfg(test)]
mod tests {
    use crate::review::countable_methods::*;

    #[test]
    fn the_app_counts_once_and_an_unknown_method_is_uncertain() {
        let counted = |registered: &str, allowed: &str| {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let CountableMethods { certain, uncertain } = count_methods(
                &words(registered),
                &words(allowed).iter().filter_map(|word| Method::from_word(word).ok()).collect(),
            );
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

    #[test]
    fn every_method_counts_by_each_of_its_names() {
        for method in Method::ALL {
            for name in method.spec().report_names {
                let counted = |allowed: &[Method]| {
                    count_methods(&[(*name).to_owned()], &allowed.iter().copied().collect()).certain
                };
                assert_eq!((counted(&[method]), counted(&[])), (1, 0), "{method:?} as {name}");
            }
        }
    }
}
