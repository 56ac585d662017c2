//! The writes of `conformance --write` at the portal's API, in the order in which they are tried. Each starts from what the ones
//! before it left; afterwards everything is put back. An accepted write also sets a number or a switch that it did not have
//! before, by which a read shows that it has taken effect.

use crate::conformance::trial::{Trial, TrialNeeds};
use crate::tenant::document::Document;
use crate::tenant::surface::Surface;

/// An accepted write of the password reset policy.
pub(super) const PUT: Trial = Trial {
    ids: "",
    needs: TrialNeeds::Nothing,
    surface: Surface::PasswordReset,
    method: "PUT",
    path: "api/PasswordReset/PasswordResetPolicies",
    query: "",
    body: "",
    without: "",
    json: true,
    status: 200,
    answer: "",
    after: "*",
    read: "",
    creates: "",
    also: None,
};
/// A write that is refused and changes nothing.
const NO_PUT: Trial = Trial { status: 400, after: "", ..PUT };
const RULE: Trial = Trial { ids: "policy-rules-enforced", ..NO_PUT };
/// An accepted write of the on-premises policy.
const ON_PREMISES: Trial = Trial {
    surface: Surface::OnPremisesPasswordReset,
    path: "api/PasswordReset/OnPremisesPasswordResetPolicies",
    answer: ".=true",
    needs: TrialNeeds::Synchronised,
    ..PUT
};

pub(super) const ALL: &[Trial] = &[
    Trial {
        ids: "policy-put policy-put-answer",
        body: r#"{"registrationReconfirmIntevalInDays":411,"notifyUsersOnPasswordReset":true,"registrationRequiredOnSignIn":"$not"}"#,
        answer: ".=true",
        ..PUT
    },
    Trial {
        ids: "group-name-ignored",
        body: r#"{"registrationReconfirmIntevalInDays":412,"passwordResetEnabledGroupName":"ssprctl"}"#,
        after: r#"{"registrationReconfirmIntevalInDays":412}"#,
        also: Some(|before, after| before.key_equals("passwordResetEnabledGroupName", after)),
        ..PUT
    },
    Trial {
        ids: "policy-read-only-keys",
        body: r#"{"registrationReconfirmIntevalInDays":413,"passwordResetEnabledGroupName":"ssprctl","emailOptionAllowed":"$not","mobilePhoneOptionAllowed":"$not","officePhoneOptionAllowed":"$not","securityQuestionsOptionAllowed":"$not","mobileAppNotificationOptionAllowed":"$not","mobileAppCodeOptionAllowed":"$not"}"#,
        after: r#"{"registrationReconfirmIntevalInDays":413}"#,
        ..PUT
    },
    Trial {
        ids: "policy-lenient-keys",
        body: r#"{"REGISTRATIONRECONFIRMINTEVALINDAYS":"414","notifyusersonpasswordreset":"true"}"#,
        without: "registrationReconfirmIntevalInDays notifyUsersOnPasswordReset",
        after: r#"{"registrationReconfirmIntevalInDays":414}"#,
        ..PUT
    },
    Trial {
        ids: "policy-left-out-key",
        without: "registrationReconfirmIntevalInDays notifyUsersOnPasswordReset",
        after: r#"{"registrationReconfirmIntevalInDays":0,"notifyUsersOnPasswordReset":false}"#,
        ..PUT
    },
    Trial {
        ids: "policy-left-out-key",
        body: r#"{"registrationReconfirmIntevalInDays":415}"#,
        without: "numberOfQuestionsToRegister",
        ..NO_PUT
    },
    Trial {
        ids: "policy-unknown-keys",
        body: r#"{"registrationReconfirmIntevalInDays":416,"ssprctlConformance":true}"#,
        after: r#"{"registrationReconfirmIntevalInDays":416}"#,
        ..PUT
    },
    Trial {
        ids: "policy-unknown-keys",
        needs: TrialNeeds::FurtherKeys,
        body: r#"{"registrationReconfirmIntevalInDays":417}"#,
        ..PUT
    },
    Trial {
        ids: "question-ids",
        needs: TrialNeeds::WithoutQuestion,
        body: r#"{"registrationReconfirmIntevalInDays":418,"securityQuestions":[$questions{"objectId":"5c57c0f0a11c4000800000000000c0de","questionText":"$name?","isCustomQuestion":true},{"objectId":"5c57c0f0a11c4000800000000000c0df","questionText":"In what city was your first job?","isCustomQuestion":false}]}"#,
        after: r#"{"registrationReconfirmIntevalInDays":418,"securityQuestions":"$any"}"#,
        also: Some(|_, after| has_new_ids(after)),
        ..PUT
    },
    Trial { ids: "question-ids", body: r#"{"registrationReconfirmIntevalInDays":419}"#, ..PUT },
    Trial { body: r#"{"numberOfAuthenticationMethodsRequired":3}"#, ..RULE },
    Trial { body: r#"{"registrationReconfirmIntevalInDays":731}"#, ..RULE },
    Trial { body: r#"{"numberOfQuestionsToRegister":6}"#, ..RULE },
    Trial { body: r#"{"numberOfQuestionsToRegister":3,"numberOfQuestionsToReset":4}"#, ..RULE },
    Trial {
        body: r#"{"securityQuestions":[$questions{"objectId":"5c57c0f0a11c4000800000000000c0de","questionText":"$long","isCustomQuestion":true}]}"#,
        ..RULE
    },
    Trial { body: r#"{"customizeHelpdeskLink":true,"customHelpdeskEmailOrUrl":"no link"}"#, ..RULE },
    Trial {
        needs: TrialNeeds::Licensed,
        body: r#"{"enablementType":1,"passwordResetEnabledGroupIds":["5c57c0f0-a11c-4000-8000-00000000c0de"]}"#,
        ..RULE
    },
    Trial {
        needs: TrialNeeds::Licensed,
        body: r#"{"enablementType":1,"passwordResetEnabledGroupIds":["$group","$second"]}"#,
        ..RULE
    },
    Trial {
        needs: TrialNeeds::Licensed,
        body: r#"{"enablementType":1,"passwordResetEnabledGroupIds":["$plain"]}"#,
        ..RULE
    },
    Trial {
        ids: "group-id-zero",
        body: r#"{"registrationReconfirmIntevalInDays":420,"enablementType":0,"passwordResetEnabledGroupIds":["00000000-0000-0000-0000-000000000000"]}"#,
        ..PUT
    },
    Trial {
        ids: "group-id-zero",
        needs: TrialNeeds::Licensed,
        body: r#"{"enablementType":1,"passwordResetEnabledGroupIds":["00000000-0000-0000-0000-000000000000"]}"#,
        ..NO_PUT
    },
    Trial {
        ids: "policy-licence",
        needs: TrialNeeds::Unlicensed,
        body: r#"{"enablementType":2}"#,
        status: 403,
        ..NO_PUT
    },
    Trial {
        ids: "policy-json-alone",
        body: r#"{"registrationReconfirmIntevalInDays":421}"#,
        json: false,
        status: 415,
        ..NO_PUT
    },
    Trial { ids: "portal-method", method: "POST", status: 405, answer: "message:s", ..NO_PUT },
    Trial {
        ids: "policy-method-count",
        needs: TrialNeeds::Legacy,
        body: r#"{"registrationReconfirmIntevalInDays":423,"numberOfAuthenticationMethodsRequired":1,"emailOptionEnabled":true,"mobilePhoneOptionEnabled":true,"officePhoneOptionEnabled":true,"mobileAppNotificationEnabled":true,"mobileAppCodeEnabled":true}"#,
        ..PUT
    },
    Trial {
        ids: "policy-app-not-alone",
        needs: TrialNeeds::Legacy,
        body: r#"{"numberOfAuthenticationMethodsRequired":1,"emailOptionEnabled":false,"mobilePhoneOptionEnabled":false,"officePhoneOptionEnabled":false,"securityQuestionsOptionEnabled":false,"mobileAppNotificationEnabled":true,"mobileAppCodeEnabled":true}"#,
        ..NO_PUT
    },
    Trial {
        ids: "policy-method-count",
        needs: TrialNeeds::Legacy,
        body: r#"{"numberOfAuthenticationMethodsRequired":2,"emailOptionEnabled":true,"mobilePhoneOptionEnabled":false,"officePhoneOptionEnabled":false,"securityQuestionsOptionEnabled":false,"mobileAppNotificationEnabled":false,"mobileAppCodeEnabled":false}"#,
        ..NO_PUT
    },
    Trial {
        ids: "policy-method-count",
        needs: TrialNeeds::Legacy,
        query: "byPassMethodCountCheck=true",
        body: r#"{"registrationReconfirmIntevalInDays":422,"emailOptionEnabled":false,"mobilePhoneOptionEnabled":false,"officePhoneOptionEnabled":false,"securityQuestionsOptionEnabled":false,"mobileAppNotificationEnabled":false,"mobileAppCodeEnabled":false}"#,
        ..PUT
    },
    Trial {
        ids: "on-premises-put",
        needs: TrialNeeds::CloudOnly,
        body: r#"{"accountUnlockEnabled":"$same"}"#,
        ..ON_PREMISES
    },
    Trial {
        ids: "on-premises-put",
        needs: TrialNeeds::CloudOnly,
        body: r#"{"enablementForTenant":true}"#,
        status: 400,
        answer: "",
        after: "",
        ..ON_PREMISES
    },
    Trial { ids: "on-premises-one-field", body: r#"{"accountUnlockEnabled":"$not"}"#, ..ON_PREMISES },
    Trial {
        ids: "on-premises-one-field on-premises-first-field",
        body: r#"{"enablementForTenant":"$not","accountUnlockEnabled":"$not"}"#,
        after: r#"{"enablementForTenant":"$not"}"#,
        ..ON_PREMISES
    },
    Trial {
        ids: "on-premises-first-field",
        body: r#"{"enablementForTenant":"$not","cloudProvisioningEnablementForTenant":"$not"}"#,
        after: r#"{"enablementForTenant":"$not"}"#,
        ..ON_PREMISES
    },
    Trial {
        ids: "on-premises-first-field",
        body: r#"{"cloudProvisioningEnablementForTenant":"$not","accountUnlockEnabled":"$not"}"#,
        after: r#"{"cloudProvisioningEnablementForTenant":"$not"}"#,
        ..ON_PREMISES
    },
    Trial {
        ids: "on-premises-first-field",
        body: r#"{"passwordWritebackSupported":"$not","enablementForTenant":"$not"}"#,
        after: r#"{"passwordWritebackSupported":"$not"}"#,
        ..ON_PREMISES
    },
];

/// Whether the last two questions have ids of the service: the custom one 32 new digits, the predefined one its own.
fn has_new_ids(policy: &Document) -> bool {
    let questions: Vec<serde_json::Value> = policy.get("securityQuestions", "a list").unwrap_or_default();
    let id = |at: usize| questions.iter().rev().nth(at).and_then(|question| question["objectId"].as_str());
    let (predefined, custom) = (id(0), id(1));
    let digits = |id: &str| id.len() == 32 && id.chars().all(|digit| digit.is_ascii_hexdigit());
    custom.is_some_and(|id| digits(id) && !id.ends_with("c0de"))
        && predefined == Some("8df9f139ad3b44258ef05e5cdf2bd740")
}
