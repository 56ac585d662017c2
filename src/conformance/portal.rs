//! What is assumed of the portal's API.

use crate::conformance::assumption::AssumptionCheck::{CloudOnly, Never, NoOthers, Refused, Rule, Shape, Unlicensed};
use crate::conformance::assumption::{ACCOUNT, Assumption, FORM, TENANT, WRITE, assumed, known, single};
use crate::conformance::probe::Probe;
use crate::conformance::rules;

/// The assumptions, in the order of docs/emulator.md.
pub(super) const ASSUMPTIONS: &[Assumption] = &[
    known("policy-fields", Shape(Probe::Policy, rules::POLICY_FIELDS)),
    known("policy-field-order", Rule(rules::field_order)),
    known("policy-no-other-fields", NoOthers(Probe::Policy, rules::POLICY_FIELDS)),
    known("policy-compact", Rule(rules::compact)),
    known("policy-defaults", Never(TENANT)),
    known("scope-numbers", Shape(Probe::Policy, "enablementType~0..2")),
    known("scope-meaning", Never(WRITE)),
    known(
        "policy-ranges",
        Shape(
            Probe::Policy,
            "numberOfAuthenticationMethodsRequired~1..2;numberOfQuestionsToRegister~3..5;\
             numberOfQuestionsToReset~3..5;registrationReconfirmIntevalInDays~0..730",
        ),
    ),
    known("scope-one-group", Rule(rules::one_group)),
    known("policy-put", Never(WRITE)),
    single("policy-put-answer", Never(WRITE)),
    assumed("group-name-on-request", Rule(rules::group_name)),
    assumed("group-name-ignored", Never(WRITE)),
    assumed("policy-lenient-keys", Never(WRITE)),
    assumed("policy-left-out-key", Never(WRITE)),
    assumed("policy-unknown-keys", Never(WRITE)),
    assumed("policy-read-only-keys", Never(WRITE)),
    single(
        "question-keys",
        Shape(
            Probe::Policy,
            "securityQuestions/*/objectId:s;securityQuestions/*/questionText:s;securityQuestions/*/isCustomQuestion:b",
        ),
    ),
    assumed("question-ids", Never(WRITE)),
    assumed("group-ids-lower-case", Rule(rules::lower_case_ids)),
    assumed("group-id-zero", Never(WRITE)),
    assumed("policy-rules-enforced", Never(WRITE)),
    assumed("policy-app-not-alone", Never(WRITE)),
    single("policy-method-count", Never(WRITE)),
    assumed("policy-licence", Never(WRITE)),
    assumed("policy-json-alone", Never(WRITE)),
    known(
        "on-premises-fields",
        Shape(
            Probe::OnPremises,
            "objectId:sn;passwordWritebackSupported:b;accountUnlockSupported:b;accountUnlockEnabled:b;\
             enablementForTenant:b;cloudProvisioningEnablementForTenant:b",
        ),
    ),
    known("on-premises-no-id", CloudOnly(Probe::OnPremises, "objectId:n")),
    single("on-premises-one-field", Never(WRITE)),
    assumed("on-premises-first-field", Never(WRITE)),
    assumed("on-premises-put", Never(WRITE)),
    single("writeback-number", Shape(Probe::Writeback, "checkWritebackConnectivityStatusResponseEnum:i")),
    single("writeback-none", CloudOnly(Probe::Writeback, "checkWritebackConnectivityStatusResponseEnum~5..5")),
    assumed("writeback-running", Never(TENANT)),
    known(
        "ad-connect-status",
        Shape(
            Probe::AdConnect,
            "verifiedDomainCount:i;verifiedCustomDomainCount:i;federatedDomainCount:i;numberOfHoursFromLastSync:in;\
             dirSyncEnabled:b;dirSyncConfigured:b;passThroughAuthenticationEnabled:bn;seamlessSingleSignOnEnabled:bn",
        ),
    ),
    known("password-sync-status", Shape(Probe::PasswordSync, ".:b")),
    known(
        "tenant-skus",
        Shape(
            Probe::Skus,
            "unauthorized:b;aadPremiumBasic:b;aadPremium:b;aadPremiumP2:b;aadBasic:b;aadBasicEdu:b;aadSmb:b;\
             enterprisePackE3:b;enterprisePremiumE5:b",
        ),
    ),
    known("on-premises-available", Shape(Probe::OnPremisesAvailable, ".:b")),
    single("directory-properties", Shape(Probe::Properties, "objectId:s;displayName:s")),
    single("role-ids", Shape(Probe::RoleIds, ".:l;*:s")),
    single("access-policy-info", Shape(Probe::AccessPolicyInfo, ".:l")),
    known("portal-audience", Never(ACCOUNT)),
    single("request-id-required", Refused(Probe::PolicyWithoutId, 400, "ClientData/errorCode=ArgumentNull")),
    single("expired-token", Never(ACCOUNT)),
    known("portal-error-keys", Rule(rules::error_keys)),
    single("no-token-page", Rule(rules::page_without_token)),
    assumed("portal-application", Never(ACCOUNT)),
    single("portal-role", Never(ACCOUNT)),
    single("feature-not-available", Unlicensed(Probe::OnPremises, 403, "ClientData/errorCode=FeatureNotAvailable")),
    single("writeback-forbidden", Unlicensed(Probe::Writeback, 403, "")),
    single("portal-not-found", Refused(Probe::NoRoute, 404, "message:s")),
    single("portal-method", Never(WRITE)),
    assumed("portal-check-order", Never(FORM)),
    known("policy-writers", Never(ACCOUNT)),
    single("policy-readers", Never(ACCOUNT)),
    assumed("on-premises-readers", Never(ACCOUNT)),
    assumed("portal-header-values", Never(FORM)),
];
