//! The writes of `conformance --write` at Microsoft Graph, in the order in which they are tried. What they create has a name that
//! says so, concerns nobody, and is deleted again.

use crate::conformance::portal_trials::PUT;
use crate::conformance::trial::{Trial, TrialNeeds};
use crate::tenant::surface::Surface;

const METHODS: &str = "v1.0/policies/authenticationMethodsPolicy";
const LOCATION: &str = "v1.0/identity/conditionalAccess/namedLocations/$location";
const ACCESS: &str = "v1.0/identity/conditionalAccess/policies/$access";
const ACCESS_POLICIES: &str = "v1.0/identity/conditionalAccess/policies";
const DEVICE: &str = "v1.0/deviceManagement/deviceConfigurations/$device";
/// The configuration that is switched: no phone and no key depends on it.
const CODES: &str = "v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/SoftwareOath";
/// An accepted write of one method's configuration, and a refused one.
const CONFIGURATION: Trial =
    Trial { surface: Surface::AuthenticationMethods, method: "PATCH", path: CODES, status: 204, ..PUT };
const NO_CONFIGURATION: Trial = Trial { status: 400, after: "", ..CONFIGURATION };
/// A refused policy of Conditional Access.
const NO_ACCESS: Trial = Trial {
    ids: "access-other-rules",
    needs: TrialNeeds::Premium,
    surface: Surface::ConditionalAccess,
    method: "POST",
    path: ACCESS_POLICIES,
    status: 400,
    after: "id:s",
    read: LOCATION,
    ..PUT
};
const DEVICES: Trial =
    Trial { needs: TrialNeeds::Premium, surface: Surface::DeviceConfiguration, path: DEVICE, read: DEVICE, ..PUT };

pub(super) const ALL: &[Trial] = &[
    Trial {
        ids: "authorization-patch",
        surface: Surface::AuthorizationPolicy,
        method: "PATCH",
        path: "v1.0/policies/authorizationPolicy",
        body: r#"{"allowedToUseSSPR":"$not"}"#,
        status: 204,
        ..PUT
    },
    Trial {
        ids: "methods-writes methods-modified",
        body: r#"{"@odata.type":"$same","state":"$not"}"#,
        also: Some(|before, after| !before.key_equals("lastModifiedDateTime", after)),
        ..CONFIGURATION
    },
    Trial {
        ids: "methods-modified",
        body: r#"{"@odata.type":"$same","state":"$same"}"#,
        also: Some(|before, after| before.key_equals("lastModifiedDateTime", after)),
        ..CONFIGURATION
    },
    Trial {
        ids: "methods-type-required",
        body: r#"{"@odata.type":"$same","excludeTargets":[{"targetType":"group","id":"$group"}]}"#,
        ..CONFIGURATION
    },
    Trial {
        ids: "methods-type-required",
        body: r#"{"@odata.type":"$same","excludeTargets":[{"targetType":"group","id":"$second"}]}"#,
        ..CONFIGURATION
    },
    Trial { ids: "methods-type-required", body: r#"{"state":"$same"}"#, ..NO_CONFIGURATION },
    Trial {
        ids: "methods-type-required",
        body: r##"{"@odata.type":"#microsoft.graph.smsAuthenticationMethodConfiguration","state":"$same"}"##,
        ..NO_CONFIGURATION
    },
    Trial {
        ids: "methods-strict",
        body: r#"{"@odata.type":"$same","excludeTargets":[{"targetType":"group","id":"5c57c0f0-a11c-4000-8000-00000000c0de"}]}"#,
        ..NO_CONFIGURATION
    },
    Trial { ids: "methods-strict", body: r#"{"@odata.type":"$same","ssprctl":true}"#, ..NO_CONFIGURATION },
    Trial { ids: "methods-strict", body: r#"{"@odata.type":"$same","state":true}"#, ..NO_CONFIGURATION },
    Trial {
        ids: "methods-rules",
        body: r#"{"@odata.type":"$same","includeTargets":[{"targetType":"user","id":"$user","isRegistrationRequired":false}]}"#,
        ..NO_CONFIGURATION
    },
    Trial {
        ids: "methods-rules",
        path: "v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/$config",
        body: r#"{"@odata.type":"$same","state":"$not","includeTargets":"$same"}"#,
        ..CONFIGURATION
    },
    Trial {
        ids: "methods-rules",
        path: "v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/Email",
        body: r#"{"@odata.type":"$same","state":"disabled","allowExternalIdToUseEmailOtp":"enabled"}"#,
        ..NO_CONFIGURATION
    },
    Trial {
        ids: "methods-rules",
        path: METHODS,
        body: r#"{"registrationEnforcement":{"authenticationMethodsRegistrationCampaign":{"snoozeDurationInDays":1,"state":"default","includeTargets":[],"excludeTargets":[$many]}}}"#,
        ..NO_CONFIGURATION
    },
    Trial {
        ids: "methods-writes",
        method: "DELETE",
        after: r#"{"state":"$any","includeTargets":"$any","excludeTargets":"$any"}"#,
        ..CONFIGURATION
    },
    Trial {
        ids: "methods-policy-write",
        path: METHODS,
        body: r#"{"registrationEnforcement":"$campaign"}"#,
        status: 200,
        answer: "id=authenticationMethodsPolicy",
        ..CONFIGURATION
    },
    Trial {
        ids: "migration-no-return",
        needs: TrialNeeds::Begun,
        path: METHODS,
        body: r#"{"policyMigrationState":"preMigration"}"#,
        ..NO_CONFIGURATION
    },
    Trial {
        ids: "migration-spelling",
        needs: TrialNeeds::Spelled,
        path: METHODS,
        body: r#"{"policyMigrationState":"$upper"}"#,
        status: 200,
        after: "",
        ..CONFIGURATION
    },
    // From null there may be no way back to the first state.
    Trial {
        ids: "migration-spelling",
        needs: TrialNeeds::Begun,
        path: METHODS,
        body: r#"{"policyMigrationState":null}"#,
        ..NO_CONFIGURATION
    },
    Trial {
        ids: "access-writes",
        needs: TrialNeeds::Premium,
        surface: Surface::ConditionalAccess,
        method: "POST",
        path: "v1.0/identity/conditionalAccess/namedLocations",
        body: r##"{"@odata.type":"#microsoft.graph.ipNamedLocation","displayName":"$name","isTrusted":true,"ipRanges":[{"@odata.type":"#microsoft.graph.iPv4CidrRange","cidrAddress":"192.0.2.0/24"}]}"##,
        status: 201,
        answer: "id:s;createdDateTime:s",
        after: "isTrusted=true",
        read: LOCATION,
        creates: "location",
        ..PUT
    },
    Trial { ids: "access-exclusive", method: "DELETE", path: LOCATION, ..NO_ACCESS },
    Trial {
        ids: "access-writes",
        body: r##"{"@odata.type":"#microsoft.graph.ipNamedLocation","isTrusted":false}"##,
        method: "PATCH",
        path: LOCATION,
        status: 204,
        after: "isTrusted=false",
        ..NO_ACCESS
    },
    Trial {
        ids: "access-writes",
        body: r#"{"displayName":"$name","state":"disabled","conditions":{"clientAppTypes":["all"],"applications":{"includeApplications":["None"]},"users":{"includeUsers":["None"]},"locations":{"includeLocations":["$location"]}},"grantControls":{"operator":"OR","builtInControls":["mfa"]}}"#,
        status: 201,
        answer: "id:s;createdDateTime:s;sessionControls:n;conditions/users/excludeUsers:l;conditions/platforms:n",
        after: "state=disabled",
        read: ACCESS,
        creates: "access",
        ..NO_ACCESS
    },
    Trial {
        ids: "access-exclusive",
        body: r#"{"displayName":"$name","state":"disabled","conditions":{"clientAppTypes":["all"],"applications":{"includeApplications":["All"],"includeUserActions":["urn:user:registersecurityinfo"]},"users":{"includeUsers":["None"]}},"grantControls":{"operator":"OR","builtInControls":["mfa"]}}"#,
        ..NO_ACCESS
    },
    Trial { path: LOCATION, method: "DELETE", ..NO_ACCESS },
    Trial { path: ACCESS, method: "PATCH", body: r#"{"state":"ssprctl"}"#, ..NO_ACCESS },
    Trial { path: ACCESS, method: "PATCH", body: r#"{"conditions":{"clientAppTypes":["ssprctl"]}}"#, ..NO_ACCESS },
    Trial { path: ACCESS, method: "PATCH", body: r#"{"grantControls":{"operator":"ssprctl"}}"#, ..NO_ACCESS },
    Trial {
        path: ACCESS,
        method: "PATCH",
        body: r#"{"conditions":{"locations":{"includeLocations":["5c57c0f0-a11c-4000-8000-00000000c0de"]}}}"#,
        ..NO_ACCESS
    },
    Trial {
        ids: "access-merge",
        path: ACCESS,
        method: "PATCH",
        body: r#"{"conditions":{"users":{"excludeUsers":["GuestsOrExternalUsers"]},"clientAppTypes":["browser"]}}"#,
        status: 204,
        after: "conditions/users/includeUsers/*=None;conditions/users/excludeUsers/*=GuestsOrExternalUsers;\
                conditions/locations/includeLocations/*:s;conditions/clientAppTypes/*=browser",
        read: ACCESS,
        ..NO_ACCESS
    },
    Trial {
        ids: "access-writes",
        path: ACCESS,
        method: "DELETE",
        status: 204,
        after: "gone",
        read: ACCESS,
        ..NO_ACCESS
    },
    Trial { ids: "access-writes", path: LOCATION, method: "DELETE", status: 204, after: "gone", ..NO_ACCESS },
    Trial {
        ids: "device-patch",
        method: "POST",
        path: "v1.0/deviceManagement/deviceConfigurations",
        body: r##"{"@odata.type":"#microsoft.graph.windows10CustomConfiguration","displayName":"$name","omaSettings":[{"@odata.type":"#microsoft.graph.omaSettingInteger","displayName":"$name","omaUri":"./Device/Vendor/MSFT/Policy/Config/Authentication/AllowAadPasswordReset","value":1}]}"##,
        status: 201,
        answer: "id:s;version=1",
        after: "version=1",
        creates: "device",
        ..DEVICES
    },
    Trial {
        ids: "device-patch",
        method: "PATCH",
        body: r##"{"@odata.type":"#microsoft.graph.windows10CustomConfiguration","description":"$name"}"##,
        answer: "id:s;description:s;version=2",
        after: "version=2;description:s",
        ..DEVICES
    },
    Trial {
        ids: "device-assignments",
        method: "POST",
        path: "v1.0/deviceManagement/deviceConfigurations/$device/assign",
        body: r##"{"assignments":[{"target":{"@odata.type":"#microsoft.graph.exclusionGroupAssignmentTarget","groupId":"$group"}}]}"##,
        answer: "value/*/target/@odata.type=#microsoft.graph.exclusionGroupAssignmentTarget",
        after: "value/*/target/@odata.type=#microsoft.graph.exclusionGroupAssignmentTarget",
        read: "v1.0/deviceManagement/deviceConfigurations/$device/assignments",
        ..DEVICES
    },
    Trial {
        ids: "device-assignments",
        method: "POST",
        path: "v1.0/deviceManagement/deviceConfigurations/$device/assign",
        body: r#"{"assignments":[]}"#,
        after: "none",
        read: "v1.0/deviceManagement/deviceConfigurations/$device/assignments",
        ..DEVICES
    },
    Trial { ids: "device-patch", method: "DELETE", status: 204, after: "gone", ..DEVICES },
];
