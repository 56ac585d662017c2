//! What is assumed of Microsoft Graph.

use crate::conformance::assumption::AssumptionCheck::{Events, Never, Refused, Rule, Shape, Unlicensed, Written};
use crate::conformance::assumption::{Assumption, assumed, known, single};
use crate::conformance::probe::Probe;
use crate::conformance::state::{ACCOUNT, FORM, TENANT};
use crate::conformance::{audit, rules};

const TARGETS: &str = "authenticationMethodConfigurations/*/includeTargets/*/targetType=group|user;\
    authenticationMethodConfigurations/*/includeTargets/*/id:s;\
    authenticationMethodConfigurations/*/includeTargets/*/isRegistrationRequired:b";

/// The assumptions, in the order of docs/emulator.md.
pub(super) const ASSUMPTIONS: &[Assumption] = &[
    known(
        "authorization-policy",
        Shape(Probe::Authorization, "id:s;allowedToUseSSPR:b;allowInvitesFrom:s;defaultUserRolePermissions:o"),
    ),
    known("authorization-policy-beta", Shape(Probe::AuthorizationBeta, "value:l;value/*/allowedToUseSSPR:b")),
    known("authorization-patch", Written),
    known("authorization-writers", Never(ACCOUNT)),
    known("groups", Shape(Probe::Groups, "value:l;value/*/id:s;value/*/securityEnabled:b;value/*/displayName:-")),
    known("groups-page", Refused(Probe::GroupsTooMany, 400, "error/code:s")),
    known("group-filters", Never(FORM)),
    assumed("group-other-filters", Never(FORM)),
    known("group-text", Never(FORM)),
    known("group-members", Never(FORM)),
    known(
        "organization",
        Shape(
            Probe::Organization,
            "value/*/id:s;value/*/displayName:s;value/*/createdDateTime:s;value/*/verifiedDomains/*/name:s;\
             value/*/onPremisesSyncEnabled:bn;value/*/onPremisesLastSyncDateTime:sn",
        ),
    ),
    known("beta-only-select", Refused(Probe::OrganizationBetaSelect, 400, "error/code=Request_BadRequest|BadRequest")),
    known(
        "graph-error",
        Refused(
            Probe::OrganizationBetaSelect,
            400,
            "error/code:s;error/message:s;error/innerError/date:s;error/innerError/request-id:s;\
             error/innerError/client-request-id:s",
        ),
    ),
    known("graph-request-ids", Never(FORM)),
    known("organization-basic", Never(ACCOUNT)),
    known("batch", Never(FORM)),
    assumed("batch-order", Never(FORM)),
    assumed("graph-other-options", Never(FORM)),
    assumed("graph-wording", Never(FORM)),
    assumed("graph-scopes", Never(ACCOUNT)),
    known(
        "methods-policy",
        Shape(
            Probe::Methods,
            "id=authenticationMethodsPolicy;displayName:s;description:s;policyVersion:s;lastModifiedDateTime:sn;\
             registrationEnforcement:o;authenticationMethodConfigurations:l",
        ),
    ),
    known(
        "migration-words",
        Shape(Probe::Methods, "policyMigrationState=preMigration|migrationInProgress|migrationComplete|null"),
    ),
    known(
        "campaign-words",
        Shape(
            Probe::Methods,
            "registrationEnforcement/authenticationMethodsRegistrationCampaign/state=default|enabled|disabled;\
             registrationEnforcement/authenticationMethodsRegistrationCampaign/snoozeDurationInDays~0..14",
        ),
    ),
    known(
        "method-configurations",
        Shape(
            Probe::Methods,
            "authenticationMethodConfigurations/*/@odata.type:s;authenticationMethodConfigurations/*/id:s;\
             authenticationMethodConfigurations/*/state=enabled|disabled;\
             authenticationMethodConfigurations/*/excludeTargets:l;authenticationMethodConfigurations/*/includeTargets:l",
        ),
    ),
    known("method-targets", Shape(Probe::Methods, TARGETS)),
    known(
        "method-target-context",
        Shape(Probe::Methods, "authenticationMethodConfigurations/*/includeTargets@odata.context:s"),
    ),
    known(
        "sms-sign-in",
        Shape(Probe::Methods, "authenticationMethodConfigurations/?id=Sms/includeTargets/*/isUsableForSignIn:b"),
    ),
    known("method-ids", Shape(Probe::MethodsOfSms, "id=Sms")),
    known("hardware-tokens-in-beta", Rule(rules::hardware_tokens)),
    known("methods-no-options", Refused(Probe::MethodsSelect, 400, "error/code:s")),
    known("methods-unknown-served", Never(TENANT)),
    known("methods-writes", Written),
    known("methods-policy-write", Written),
    known("methods-type-required", Written),
    known("methods-roles", Never(ACCOUNT)),
    known("migration-no-return", Written),
    assumed("migration-spelling", Written),
    known("methods-rules", Written),
    assumed("methods-strict", Written),
    assumed("methods-modified", Written),
    single("methods-forbidden", Never(ACCOUNT)),
    known(
        "subscriptions",
        Shape(
            Probe::Subscriptions,
            "value/*/skuId:s;value/*/skuPartNumber:s;value/*/appliesTo=User|Company;\
             value/*/capabilityStatus=Enabled|Warning|Suspended|Deleted|LockedOut;value/*/prepaidUnits/enabled:i;\
             value/*/servicePlans:l",
        ),
    ),
    known(
        "service-plans",
        Shape(
            Probe::Subscriptions,
            "value/*/servicePlans/*/servicePlanId:s;value/*/servicePlans/*/provisioningStatus=Success|Disabled|Error|\
             PendingInput|PendingActivation|PendingProvisioning",
        ),
    ),
    known("subscriptions-select-alone", Refused(Probe::SubscriptionsFilter, 400, "error/code:s")),
    known(
        "synchronisation",
        Shape(Probe::Synchronisation, "value:l;value/*/id:s;value/*/features/passwordSyncEnabled:b"),
    ),
    known("writeback-flag-unused", Shape(Probe::Synchronisation, "value/*/features/passwordWritebackEnabled=false")),
    assumed("synchronisation-readers", Never(ACCOUNT)),
    known("business-standard", Never(TENANT)),
    known(
        "audit-events",
        Shape(
            Probe::Audit,
            "value/*/id:s;value/*/activityDateTime:s;value/*/activityDisplayName:s;value/*/category:s;\
             value/*/result=success|failure|timeout|null;value/*/initiatedBy:o;value/*/targetResources:l",
        ),
    ),
    known("audit-filters", Shape(Probe::AuditOfReset, "value:l")),
    known("audit-30-days", Never(TENANT)),
    single("audit-7-days", Never(TENANT)),
    known(
        "audit-reset-event",
        Shape(
            Probe::AuditOfReset,
            "value/*/activityDisplayName=Update SSPR Settings;value/*/loggedByService=Self-service Password Management",
        ),
    ),
    single("audit-reset-category", Shape(Probe::AuditOfReset, "value/*/category=PolicyManagement")),
    assumed(
        "audit-reset-names",
        Shape(
            Probe::AuditOfReset,
            "value/*/targetResources/*/modifiedProperties/*/displayName=EnablementForUsers|\
             NumberOfRequiredContactMethodsForUsers|SelectedContactMethodsForUsers|\
             NumberOfSecurityQuestionsToRegister|NumberOfSecurityQuestionsToVerify|\
             EnforcedRegistrationEnablementForUsers|EnforcedRegistrationIntervalInDaysForUsers|NotifyUsersOfReset|\
             NotifyTenantAdminOfReset|CustomizeContactAdminLink|CustomContactAdminLink|EnableAccountUnlock|\
             passwordResetEnabledGroupIds|securityQuestions|skipRegistrationAllowed|skipRegistrationMaxAllowedDays|\
             enablementForTenant|cloudProvisioningEnablementForTenant",
        ),
    ),
    single(
        "audit-reset-scope",
        Shape(
            Probe::AuditOfReset,
            "value/*/targetResources/*/modifiedProperties/?displayName=EnablementForUsers/newValue=\
             \"None\"|\"Selected\"|\"All\"|null",
        ),
    ),
    single("audit-reset-words", Rule(audit::reset_words)),
    single("audit-reset-methods", Rule(audit::reset_methods)),
    known(
        "audit-reset-values",
        Shape(
            Probe::AuditOfReset,
            "value/*/targetResources/*/modifiedProperties/*/oldValue:sn;\
             value/*/targetResources/*/modifiedProperties/*/newValue:sn",
        ),
    ),
    assumed("audit-reset-json", Rule(rules::audit_json)),
    assumed(
        "audit-reset-target",
        Shape(
            Probe::AuditOfReset,
            "value/*/operationType=Update;value/*/targetResources/*/displayName=SSPR Policy;\
             value/*/targetResources/*/id:n-",
        ),
    ),
    known("audit-writeback", Rule(audit::writeback)),
    known(
        "audit-other-policies",
        Events(
            "value/?activityDisplayName=Update authorization policy/loggedByService=Core Directory;\
             value/?activityDisplayName=Update authorization policy/category=AuthorizationPolicy;\
             value/?activityDisplayName=Authentication Methods Policy Update/loggedByService=Authentication Methods;\
             value/?activityDisplayName=Authentication Methods Policy Update/category=ApplicationManagement;\
             value/?activityDisplayName=Add conditional access policy/loggedByService=Conditional Access;\
             value/?activityDisplayName=Add conditional access policy/category=Policy",
        ),
    ),
    assumed(
        "audit-directory-form",
        Events(
            "value/?activityDisplayName=Update authorization policy/targetResources/*/modifiedProperties/\
             ?displayName=AllowedToUseSSPR/newValue=[true]|[false];\
             value/?activityDisplayName=Update authorization policy/targetResources/*/modifiedProperties/\
             ?displayName=Included Updated Properties/newValue=\"AllowedToUseSSPR\"",
        ),
    ),
    assumed("audit-method-properties", Rule(audit::method_properties)),
    known(
        "audit-application",
        Events(
            "value/*/initiatedBy/app/servicePrincipalId:s;value/*/initiatedBy/app/displayName:s;\
             value/*/initiatedBy/app/appId:n;value/*/initiatedBy/app/servicePrincipalName:n",
        ),
    ),
    known("audit-ids", Rule(audit::ids)),
    assumed("audit-correlation", Rule(audit::correlation)),
    assumed("audit-at-once", Rule(audit::at_once)),
    known("audit-readers", Never(ACCOUNT)),
    known(
        "registration",
        Shape(
            Probe::Registration,
            "value/*/id:s;value/*/userPrincipalName:s;value/*/userDisplayName:sn;value/*/userType=member|guest|null;\
             value/*/isAdmin:bn;value/*/isSsprRegistered:b;value/*/isSsprEnabled:b;value/*/isSsprCapable:b;\
             value/*/isMfaRegistered:b;value/*/isMfaCapable:b;value/*/isPasswordlessCapable:b;\
             value/*/methodsRegistered:l;value/*/isSystemPreferredAuthenticationMethodEnabled:bn;\
             value/*/systemPreferredAuthenticationMethods:l;value/*/lastUpdatedDateTime:s",
        ),
    ),
    known(
        "registration-preferred-words",
        Shape(
            Probe::Registration,
            "value/*/userPreferredMethodForSecondaryAuthentication=push|oath|voiceMobile|voiceAlternateMobile|\
             voiceOffice|sms|none|null",
        ),
    ),
    known(
        "registration-licence",
        Unlicensed(Probe::Registration, 403, "error/code=Authentication_RequestFromNonPremiumTenantOrB2CTenant"),
    ),
    known(
        "registration-by-feature",
        Shape(
            Probe::ByFeature,
            "totalUserCount:i;userRegistrationFeatureCounts/*/userCount:i;userRegistrationFeatureCounts/*/feature=\
             ssprRegistered|ssprEnabled|ssprCapable|passwordlessCapable|mfaCapable",
        ),
    ),
    known(
        "registration-by-method",
        Shape(
            Probe::ByMethod,
            "totalUserCount:i;userRegistrationMethodCounts/*/userCount:i;\
             userRegistrationMethodCounts/*/authenticationMethod:s",
        ),
    ),
    single("registration-pages", Shape(Probe::Registration, "value:l")),
    assumed("registration-no-count", Refused(Probe::RegistrationCount, 400, "error/code:s")),
    assumed("registration-order", Never(FORM)),
    assumed("registration-functions", Never(ACCOUNT)),
    known("registration-meaning", Never(TENANT)),
    single(
        "score-of-reset",
        Shape(
            Probe::Score,
            "value/*/controlScores/?controlName=SelfServicePasswordReset/count:s;\
             value/*/controlScores/?controlName=SelfServicePasswordReset/total:s;\
             value/*/controlScores/?controlName=SelfServicePasswordReset/score:d",
        ),
    ),
    known(
        "access-policies",
        Shape(
            Probe::AccessPolicies,
            "value/*/id:s;value/*/displayName:s;value/*/state=enabled|disabled|enabledForReportingButNotEnforced;\
             value/*/conditions/users:o;value/*/conditions/applications:o;value/*/templateId:sn",
        ),
    ),
    known(
        "named-locations",
        Shape(
            Probe::NamedLocations,
            "value/*/id:s;value/*/displayName:s;value/*/@odata.type=#microsoft.graph.ipNamedLocation|\
             #microsoft.graph.countryNamedLocation|#microsoft.graph.compliantNetworkNamedLocation",
        ),
    ),
    known("access-writes", Written),
    known("access-exclusive", Written),
    assumed("access-other-rules", Written),
    assumed("access-merge", Written),
    assumed("access-licence", Unlicensed(Probe::AccessPolicies, 403, "error/code=AccessDenied")),
    known(
        "device-configurations",
        Shape(
            Probe::Devices,
            "value/*/@odata.type:s;value/*/id:s;value/*/displayName:s;value/*/version:i;value/*/roleScopeTagIds:-;\
             value/*/supportsScopeTags:-",
        ),
    ),
    known(
        "device-settings",
        Shape(
            Probe::Devices,
            "value/?@odata.type=#microsoft.graph.windows10CustomConfiguration/omaSettings/*/@odata.type:s;\
             value/?@odata.type=#microsoft.graph.windows10CustomConfiguration/omaSettings/*/omaUri:s;\
             value/?@odata.type=#microsoft.graph.windows10CustomConfiguration/omaSettings/*/isEncrypted:-",
        ),
    ),
    known("device-assignments", Written),
    assumed("intune-licence", Unlicensed(Probe::Devices, 400, "error/code=BadRequest")),
    assumed("device-patch", Written),
    assumed("intune-roles", Never(ACCOUNT)),
];
