//! How strong a policy is: as strong as the weakest combination of methods that it takes for a reset.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::policy::document::Method;

/// The methods that are enough for a reset, with the weakest combination of them: as strong as that is the whole policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WeakestWay {
    /// The methods of the combination, the strongest first.
    pub(crate) methods: Vec<Method>,
}

impl WeakestWay {
    /// The weakest combination of so many of these methods. Methods that count as one are not combined.
    #[must_use]
    pub(crate) fn of(allowed: &BTreeSet<Method>, required: u32) -> Self {
        let mut weakest: BTreeMap<&str, Method> = BTreeMap::new();
        for method in allowed {
            let known = weakest.entry(method.spec().counts_as).or_insert(*method);
            if method.spec().strength < known.spec().strength {
                *known = *method;
            }
        }
        let mut methods: Vec<_> = weakest.into_values().collect();
        methods.sort_by_key(|method| (method.spec().strength, *method));
        methods.truncate(required as usize);
        methods.sort_by_key(|method| (Reverse(method.spec().strength), *method));
        Self { methods }
    }

    /// Whether it is at least as strong as another one, method by method; neither may be.
    #[must_use]
    pub(crate) fn is_at_least(&self, other: &Self) -> bool {
        let pairs = self.methods.iter().zip(&other.methods);
        self.methods.len() >= other.methods.len()
            && pairs.into_iter().all(|(a, b)| a.spec().strength >= b.spec().strength)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_as_strong_as_its_weakest_combination() {
        use Method::{Email, MobileAppCode, MobileAppNotification, MobilePhone, SecurityQuestions};
        let way = |methods: &[Method], required| WeakestWay::of(&methods.iter().copied().collect(), required);
        let app = way(&[MobileAppNotification, MobileAppCode, Email], 2);
        assert_eq!(app.methods, [MobileAppNotification, Email]);
        let phone = way(&[MobilePhone, Email, MobileAppCode], 2);
        assert_eq!(phone.methods, [MobilePhone, Email]);
        assert!(app.is_at_least(&phone) && !phone.is_at_least(&app));
        let (code, questions) = (way(&[MobileAppCode], 1), way(&[Email, SecurityQuestions], 2));
        assert!(!code.is_at_least(&questions) && !questions.is_at_least(&code));
        assert!(app.is_at_least(&code));
    }
}
