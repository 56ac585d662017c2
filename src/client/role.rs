//! Built-in directory roles by their template ids, which are the same in every tenant (Microsoft Entra built-in roles).

use uuid::{Uuid, uuid};

const NAMES: [(Uuid, &str); 14] = [
    (uuid!("62e90394-69f5-4237-9190-012177145e10"), "Global Administrator"),
    (uuid!("f2ef992c-3afb-46b9-b7cf-a126ee74c451"), "Global Reader"),
    (uuid!("0526716b-113d-4c15-b2c8-68e3c22b9f80"), "Authentication Policy Administrator"),
    (uuid!("c4e39bd9-1100-46d3-8c65-fb160da0071f"), "Authentication Administrator"),
    (uuid!("8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"), "Hybrid Identity Administrator"),
    (uuid!("e8611ab8-c189-46e8-94e1-60213ab1f814"), "Privileged Role Administrator"),
    (uuid!("194ae4cb-b126-40b2-bd5b-6091b380977d"), "Security Administrator"),
    (uuid!("5d6b6bb7-de71-4623-b4af-96380a352509"), "Security Reader"),
    (uuid!("fe930be7-5e62-47db-91af-98c3a49a38b1"), "User Administrator"),
    (uuid!("729827e3-9c14-49f7-bb1b-9608f156bbb8"), "Helpdesk Administrator"),
    (uuid!("4a5d8f65-41da-4de4-8968-e035b65339cf"), "Reports Reader"),
    (uuid!("b1be1c3e-b65d-4f19-8427-f6fa0d97feb9"), "Conditional Access Administrator"),
    (uuid!("3a2c62db-5318-420d-8d74-23affee5d9d5"), "Intune Administrator"),
    (uuid!("88d8e3e3-8f55-4a1e-953a-9b9898b8876b"), "Directory Readers"),
];

/// The name of a role.
pub(crate) fn name(template: Uuid) -> Option<&'static str> {
    NAMES.iter().find(|(id, _)| *id == template).map(|(_, name)| *name)
}
