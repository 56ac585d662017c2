//! What a tenant's subscriptions permit, by Microsoft's licensing table for password reset (concept-sspr-licensing). Pages of
//! the Microsoft 365 admin center say of every other paid plan that it permits a reset, so that is not known.

use uuid::{Uuid, uuid};

use crate::tenant::facts::{Licence, ResetLicence};

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

/// Products without a price, which permit no reset. No field of a subscription says whether it is paid, so a product that is
/// not here counts as paid.
const FREE: [Uuid; 9] = [
    // FLOW_FREE
    uuid!("f30db892-07e9-47e9-837c-80727f46fd3d"),
    // POWER_BI_STANDARD
    uuid!("a403ebcc-fae0-4ca2-8c8c-7a907fd6c235"),
    // POWERAPPS_VIRAL
    uuid!("dcb1a3ae-b33f-4487-846a-a640262fadf4"),
    // POWERAPPS_DEV
    uuid!("5b631642-bd26-49fe-bd20-1daaa972ef80"),
    // TEAMS_EXPLORATORY
    uuid!("710779e8-3d4a-4c88-adb9-386c958d1fdf"),
    // STREAM
    uuid!("1f2f344a-700d-42c9-9427-5cea1d5d7ba6"),
    // WINDOWS_STORE
    uuid!("6470687e-a428-4b7a-bef2-8a291ad947c9"),
    // RIGHTSMANAGEMENT_ADHOC
    uuid!("8c4ce438-32a7-4ac5-91a6-e22ae08d9c8b"),
    // MICROSOFT_BUSINESS_CENTER
    uuid!("726a0894-2c77-4d65-99da-9775ef05aad1"),
];

/// What all active subscriptions together permit.
#[must_use]
pub(crate) fn licence(subscriptions: &[Subscription]) -> Licence {
    let active = || subscriptions.iter().filter(|subscription| subscription.active);
    let writeback = active().any(|subscription| subscription.plans.iter().any(|plan| PREMIUM.contains(plan)));
    let reset = match () {
        () if writeback => ResetLicence::Permits,
        () if active().any(|subscription| BUSINESS_STANDARD.contains(&subscription.product)) => ResetLicence::Permits,
        () if active().all(|subscription| FREE.contains(&subscription.product)) => ResetLicence::ChangeOnly,
        () => ResetLicence::NotKnown,
    };
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
            (vec![], ResetLicence::ChangeOnly, false),
            (vec![subscription(nothing, true, vec![PREMIUM[1]])], ResetLicence::Permits, true),
            (vec![subscription(nothing, false, vec![PREMIUM[0]])], ResetLicence::ChangeOnly, false),
            (vec![subscription(BUSINESS_STANDARD[0], true, vec![])], ResetLicence::Permits, false),
            (vec![subscription(BUSINESS_STANDARD[0], false, vec![])], ResetLicence::ChangeOnly, false),
            (vec![subscription(FREE[0], true, vec![])], ResetLicence::ChangeOnly, false),
            // Office 365 E3.
            (
                vec![subscription(uuid!("6fd2c87f-b296-42f0-b197-1e91e994b900"), true, vec![])],
                ResetLicence::NotKnown,
                false,
            ),
            (
                vec![subscription(FREE[0], true, vec![]), subscription(nothing, true, vec![])],
                ResetLicence::NotKnown,
                false,
            ),
        ] {
            assert_eq!(licence(&found), Licence { reset, writeback }, "{found:?}");
        }
    }
}
