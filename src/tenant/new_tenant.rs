//! The documents of a tenant that nobody has configured, for questions that are asked without one.
//!
//! Sources: a public capture of the portal's document of a new tenant, and the reference of Microsoft Graph v1.0. What differs
//! between tenants, such as the state of the migration, is set by whoever asks.

use std::collections::BTreeMap;

use serde_json::json;

use crate::tenant::conditional_access::{self, NamedLocation};
use crate::tenant::device_configuration;
use crate::tenant::document::Document;
use crate::tenant::facts::Migration;
use crate::tenant::surface::Surface;

/// The portal's document of user settings: the scope is nobody, one method is required, e-mail and mobile phone are on.
const PASSWORD_RESET: &str = r#"{"objectId":"default","enablementType":0,"numberOfAuthenticationMethodsRequired":1,
"emailOptionEnabled":true,"mobilePhoneOptionEnabled":true,"officePhoneOptionEnabled":false,
"securityQuestionsOptionEnabled":false,"mobileAppNotificationEnabled":false,"mobileAppCodeEnabled":false,
"numberOfQuestionsToRegister":5,"numberOfQuestionsToReset":3,"registrationRequiredOnSignIn":true,
"registrationReconfirmIntevalInDays":180,"skipRegistrationAllowed":true,"skipRegistrationMaxAllowedDays":7,
"customizeHelpdeskLink":false,"customHelpdeskEmailOrUrl":"","notifyUsersOnPasswordReset":true,
"notifyOnAdminPasswordReset":false,"passwordResetEnabledGroupIds":[],"passwordResetEnabledGroupName":"",
"securityQuestions":[],"registrationConditionalAccessPolicies":[],"emailOptionAllowed":true,"mobilePhoneOptionAllowed":true,
"officePhoneOptionAllowed":true,"securityQuestionsOptionAllowed":true,"mobileAppNotificationOptionAllowed":true,
"mobileAppCodeOptionAllowed":true}"#;

/// The portal's document of writeback and unlock.
const ON_PREMISES: &str = r#"{"objectId":null,"passwordWritebackSupported":false,"accountUnlockSupported":false,
"accountUnlockEnabled":false,"enablementForTenant":false,"cloudProvisioningEnablementForTenant":false}"#;

/// The authorization policy, as far as it concerns password reset.
const AUTHORIZATION: &str = r#"{"id":"authorizationPolicy","allowedToUseSSPR":true}"#;

/// The authentication methods policy, in which every method of password reset is off and would be for all users.
const METHODS: &str = r##"{"id":"authenticationMethodsPolicy","policyMigrationState":null,
"Email":{"@odata.type":"#microsoft.graph.emailAuthenticationMethodConfiguration","id":"Email","state":"disabled",
"excludeTargets":[],"includeTargets":[{"targetType":"group","id":"all_users","isRegistrationRequired":false}]},
"Sms":{"@odata.type":"#microsoft.graph.smsAuthenticationMethodConfiguration","id":"Sms","state":"disabled",
"excludeTargets":[],"includeTargets":[{"targetType":"group","id":"all_users","isRegistrationRequired":false,
"isUsableForSignIn":true}]},
"Voice":{"@odata.type":"#microsoft.graph.voiceAuthenticationMethodConfiguration","id":"Voice","state":"disabled",
"isOfficePhoneAllowed":false,"excludeTargets":[],"includeTargets":[{"targetType":"group","id":"all_users",
"isRegistrationRequired":false}]},
"MicrosoftAuthenticator":{"@odata.type":"#microsoft.graph.microsoftAuthenticatorAuthenticationMethodConfiguration",
"id":"MicrosoftAuthenticator","state":"disabled","isSoftwareOathEnabled":true,"excludeTargets":[],
"includeTargets":[{"targetType":"group","id":"all_users","isRegistrationRequired":false,"authenticationMode":"any"}]},
"SoftwareOath":{"@odata.type":"#microsoft.graph.softwareOathAuthenticationMethodConfiguration","id":"SoftwareOath",
"state":"disabled","excludeTargets":[],"includeTargets":[{"targetType":"group","id":"all_users",
"isRegistrationRequired":false}]}}"##;

/// The documents of a new tenant that is so far in its migration. Its named locations are `locations`; it has no Conditional
/// Access policy and no Intune configuration.
#[must_use]
pub(crate) fn documents(migration: Migration, locations: &[NamedLocation]) -> BTreeMap<Surface, Document> {
    let state = match migration {
        Migration::PreMigration => "preMigration",
        Migration::InProgress => "migrationInProgress",
        Migration::Complete => "migrationComplete",
    };
    Surface::ALL
        .into_iter()
        .map(|surface| {
            let document = match surface {
                Surface::PasswordReset => parse(PASSWORD_RESET),
                Surface::OnPremisesPasswordReset => parse(ON_PREMISES),
                Surface::AuthorizationPolicy => parse(AUTHORIZATION),
                Surface::AuthenticationMethods => parse(METHODS).with("policyMigrationState", &json!(state)),
                // Without objects nothing can be ambiguous.
                Surface::ConditionalAccess => {
                    conditional_access::document(Vec::new(), locations, false).unwrap_or_default()
                }
                Surface::DeviceConfiguration => device_configuration::document(Vec::new(), false).unwrap_or_default(),
            };
            (surface, document)
        })
        .collect()
}

#[expect(clippy::expect_used, reason = "the documents are a part of this file, and a test parses them")]
fn parse(text: &str) -> Document {
    Document::parse(text).expect("a document of this file is a JSON object")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::authentication_methods;
    use crate::tenant::wire_schema::{mismatches, unknown_keys};

    #[test]
    fn the_documents_have_the_shape_that_is_known() {
        for migration in [Migration::PreMigration, Migration::InProgress, Migration::Complete] {
            let documents = documents(migration, &[]);
            assert_eq!(documents.len(), Surface::ALL.len());
            for (surface, document) in &documents {
                assert_eq!(mismatches(*surface, document), [], "{}", surface.name());
                assert_eq!(unknown_keys(*surface, document), [], "{}", surface.name());
            }
            let methods = &documents[&Surface::AuthenticationMethods];
            assert_eq!(authentication_methods::migration(methods), Ok(migration));
        }
    }
}
