//! A newer service: its documents contain keys that no client knows, some with numbers in unusual spelling. A client
//! that writes the whole document must send them back unchanged.

use super::parts::{base_tenant, crowd, enable, group};
use crate::methods::policy::{MethodsPolicy, Migration};
use crate::state::raw_json::RawJson;
use crate::state::tenant::{Licence, Tenant};

const NUMBER: u32 = 5;

const NEWER: [(&str, &str); 5] = [
    ("resetRiskTolerance", "1.10"),
    ("passkeyOptionEnabled", "false"),
    ("resetWindow", r#"{"opens":"08:00","closes":"18:00","weight":1e2,"exempt":[]}"#),
    ("policySerial", "123456789012345678901234567890"),
    ("announcement", r#""Caf\u00e9 \/ helpdesk""#),
];

/// A method that no client knows, with a number in unusual spelling, and a method of another provider.
const NEWER_METHODS: [&str; 2] = [
    r##"{"@odata.type":"#microsoft.graph.federatedIdentityCredentialAuthenticationMethodConfiguration","id":"FederatedIdentityCredential","state":"enabled","excludeTargets":[],"trustWeight":1.50,"includeTargets":[{"targetType":"group","id":"all_users","isRegistrationRequired":false}]}"##,
    r##"{"@odata.type":"#microsoft.graph.externalAuthenticationMethodConfiguration","id":"55bc0005-0e40-4000-8000-000000000001","displayName":"Litware Token","state":"disabled","excludeTargets":[],"appId":"55bc0005-0a99-4000-8000-0000000000e1","openIdConnectSetting":{"clientId":"tailspin","discoveryUrl":"https://login.litware.com/.well-known/openid-configuration"},"includeTargets":[]}"##,
];

fn migrate(methods: &mut MethodsPolicy) {
    methods.set_migration(Some(Migration::MigrationComplete));
    methods.policy.set("lastModifiedDateTime", &serde_json::json!("2026-02-19T17:22:08.1000200Z"));
    enable(methods, &["MicrosoftAuthenticator", "Sms", "Voice", "SoftwareOath", "Email"]);
    methods.configurations.extend(NEWER_METHODS.iter().filter_map(|text| RawJson::parse(text).ok()));
}

pub(super) fn tenant() -> Tenant {
    let mut tenant = Tenant {
        groups: vec![group(NUMBER, 1, "SSPR-Pilot", crowd(NUMBER, 1, 3))],
        ..base_tenant(NUMBER, "tailspin", "Tailspin Toys", Licence::BusinessStandard)
    };
    // Two of the newer keys are in the middle of the document, the others at its end.
    let mut policy = RawJson::default();
    for (key, value) in tenant.password_reset.entries() {
        policy.set_text(key, value);
        if key == "mobileAppCodeEnabled" {
            NEWER.iter().take(2).for_each(|(key, value)| policy.set_text(key, value));
        }
    }
    NEWER.iter().skip(2).for_each(|(key, value)| policy.set_text(key, value));
    tenant.password_reset = policy;
    migrate(&mut tenant.methods);
    tenant
}
