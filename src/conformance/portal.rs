//! What is assumed of the portal's API.

use crate::conformance::assumption::AssumptionCheck::{
    CloudOnly, Never, NoOthers, Refused, Rule, Shape, Unlicensed, Written,
};
use crate::conformance::assumption::{Assumption, assumed, known, single};
use crate::conformance::fields::POLICY_FIELDS;
use crate::conformance::probe::Probe;
use crate::conformance::rules;
use crate::conformance::state::{ACCOUNT, FORM, TENANT};

/// The assumptions, in the order of docs/emulator.md.
pub(super) const ASSUMPTIONS: &[Assumption] = &[
    known("policy-fields", Shape(Probe::Policy, POLICY_FIELDS)),
    known("policy-field-order", Rule(rules::field_order)),
    known("policy-no-other-fields", NoOthers(Probe::Policy, POLICY_FIELDS)),
    known("policy-compact", Rule(rules::compact)),
    known("policy-defaults", Never(TENANT)),
    known("scope-numbers", Shape(Probe::Policy, "enablementType~0..2")),
    known("scope-meaning", Never(TENANT)),
    known(
        "policy-ranges",
        Shape(
            Probe::Policy,
            "numberOfAuthenticationMethodsRequired~1..2;numberOfQuestionsToRegister~3..5;\
             numberOfQuestionsToReset~3..5;registrationReconfirmIntevalInDays~0..730",
        ),
    ),
    known("scope-one-group", Rule(rules::one_group)),
    known("policy-put", Written),
    single("policy-put-answer", Written),
    assumed("group-name-on-request", Rule(rules::group_name)),
    assumed("group-name-ignored", Written),
    assumed("policy-lenient-keys", Written),
    assumed("policy-left-out-key", Written),
    assumed("policy-unknown-keys", Written),
    assumed("policy-read-only-keys", Written),
    single(
        "question-keys",
        Shape(
            Probe::Policy,
            "securityQuestions/*/objectId:s;securityQuestions/*/questionText:s;securityQuestions/*/isCustomQuestion:b",
        ),
    ),
    assumed("question-ids", Written),
    assumed("group-ids-lower-case", Rule(rules::lower_case_ids)),
    assumed("group-id-zero", Written),
    assumed("policy-rules-enforced", Written),
    assumed("policy-app-not-alone", Written),
    single("policy-method-count", Written),
    assumed("policy-licence", Written),
    assumed("policy-json-alone", Written),
    known(
        "on-premises-fields",
        Shape(
            Probe::OnPremises,
            "objectId:sn;passwordWritebackSupported:b;accountUnlockSupported:b;accountUnlockEnabled:b;\
             enablementForTenant:b;cloudProvisioningEnablementForTenant:b",
        ),
    ),
    known("on-premises-no-id", CloudOnly(Probe::OnPremises, "objectId:n")),
    single("on-premises-one-field", Written),
    assumed("on-premises-first-field", Written),
    assumed("on-premises-put", Written),
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
    single("portal-method", Written),
    assumed("portal-check-order", Never(FORM)),
    known("policy-writers", Never(ACCOUNT)),
    single("policy-readers", Never(ACCOUNT)),
    assumed("on-premises-readers", Never(ACCOUNT)),
    assumed("portal-header-values", Never(FORM)),
];
