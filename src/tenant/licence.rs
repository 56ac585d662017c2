//! What a tenant's subscriptions permit, by Microsoft's licensing table for password reset (concept-sspr-licensing).

use uuid::{Uuid, uuid};

use crate::tenant::facts::Licence;

/// A subscription, as far as it decides about password reset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    /// The id of the product, `skuId`.
    pub(crate) product: Uuid,
    /// Whether it may be used: `capabilityStatus` is `Enabled` or `Warning`.
    pub(crate) active: bool,
    /// The ids of its service plans that are provisioned, `provisioningStatus` is `Success`.
    pub(crate) plans: Vec<Uuid>,
}

/// Entra ID P1 and P2. A product may have the second without the first.
const PREMIUM: [Uuid; 2] =
    [uuid!("41781fb2-bc02-4b7c-bd55-b576c07bb09d"), uuid!("eec0eb4f-6444-4f95-aba0-50c24d67f998")];

/// The variants of Microsoft 365 Business Standard, recognised by product because none of its service plans says that
/// it permits a reset.
const BUSINESS_STANDARD: [Uuid; 5] = [
    uuid!("f245ecc8-75af-4f8e-b61f-27d8114de5f3"),
    uuid!("ac5cef5d-921b-4f97-9ef3-c99076e5470f"),
    uuid!("ffa3a2a0-3820-462a-aa81-8a4d741f0cba"),
    uuid!("5a1c7b8d-0739-4ca8-bf69-ec87e69133ac"),
    uuid!("c1f79c29-5d7a-4bec-a2c1-1a76774864c0"),
];

/// What all active subscriptions together permit.
#[must_use]
pub(crate) fn licence(subscriptions: &[Subscription]) -> Licence {
    let active = || subscriptions.iter().filter(|subscription| subscription.active);
    let writeback = active().any(|subscription| subscription.plans.iter().any(|plan| PREMIUM.contains(plan)));
    let reset = writeback || active().any(|subscription| BUSINESS_STANDARD.contains(&subscription.product));
    Licence { reset, writeback }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_active_subscriptions_count() {
        let subscription = |product, active, plans| Subscription { product, active, plans };
        let nothing = Uuid::nil();
        for (found, reset, writeback) in [
            (vec![], false, false),
            (vec![subscription(nothing, true, vec![PREMIUM[1]])], true, true),
            (vec![subscription(nothing, false, vec![PREMIUM[0]])], false, false),
            (vec![subscription(BUSINESS_STANDARD[0], true, vec![])], true, false),
            (vec![subscription(BUSINESS_STANDARD[0], false, vec![])], false, false),
        ] {
            assert_eq!(licence(&found), Licence { reset, writeback }, "{found:?}");
        }
    }
}
