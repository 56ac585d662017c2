//! The keys of a policy file. The JSON Schema that editors and the loader use is generated from these types, so editors
//! show every doc comment here. Bounds come from Microsoft's documentation of each portal page.
//!
//! To add a setting: one field here, one row in `catalog`. To add a section: one struct here and one file in `catalog`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::base::cloud::Cloud;
use crate::policy::managed::Managed;
use crate::policy::questions::PREDEFINED;
use crate::policy::readiness::Readiness;
use crate::policy::waiver::Waiver;

/// Self-service password reset of one Microsoft Entra tenant, as code. An absent key is unmanaged: its setting is not
/// changed. A file without `tenant` is a baseline that others extend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "ssprctl policy")]
pub struct PolicyFile {
    /// The version of this format. Always 1.
    #[schemars(range(min = 1, max = 1), extend("examples" = [1]))]
    pub(crate) version: u32,

    /// The tenant: a verified domain or the tenant id. A file without it is a baseline.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(regex(pattern = r"^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$"), extend("examples" = ["contoso.onmicrosoft.com", "7f1c9b52-8a7e-4c0d-9a55-3f6f0a4f2b11"]))]
    pub(crate) tenant: Managed<String>,

    /// The Microsoft cloud that hosts the tenant.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("default" = "global"))]
    pub(crate) cloud: Managed<Cloud>,

    /// Policies to start from, as paths relative to this file and inside the repository. Later files win over earlier ones,
    /// and this file wins over all of them.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(max = 32), inner(length(min = 1)), extend("uniqueItems" = true, "examples" = [["baseline.yaml"]]))]
    pub(crate) extends: Managed<Vec<String>>,

    /// Who may reset their own password. Portal page: Properties.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) scope: Managed<Scope>,

    /// How people prove who they are. Portal page: Authentication methods.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) methods: Managed<Methods>,

    /// Security questions; they count only while `methods.allowed` has `securityQuestions`.
    /// Portal page: Authentication methods.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) security_questions: Managed<SecurityQuestions>,

    /// When people are asked to register and to confirm what they registered. Portal page: Registration.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) registration: Managed<Registration>,

    /// Who is notified about a reset. Portal page: Notifications.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) notifications: Managed<Notifications>,

    /// Where people find help. Portal page: Customization.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) helpdesk: Managed<Helpdesk>,

    /// What happens in the on-premises directory. Portal page: On-premises integration.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) writeback: Managed<Writeback>,

    /// The Windows sign-in screen, configured by Microsoft Intune.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) windows_sign_in: Managed<WindowsSignIn>,

    /// Findings that are accepted for a while. A list here replaces that of a baseline, as every list does.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(max = 100))]
    pub(crate) waivers: Managed<Vec<Waiver>>,
}

/// Who may reset their own password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Scope {
    /// Which users may reset: nobody, the members of one group, or everybody.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("default" = "none"))]
    pub(crate) users: Managed<Users>,

    /// The group whose members may reset, nested groups included: display name or object id of one security group. Give it
    /// exactly when `users` is `selected`.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 256), extend("examples" = ["SSPR-Pilot", "b6cdb9c3-d660-4558-bcfd-82c14a986b56"]))]
    pub(crate) group: Managed<String>,

    /// Whether administrators may reset their own password. They have a fixed policy of two methods without
    /// security questions; this switches it on or off and says nothing about users. A change can take up to an
    /// hour to take effect.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("default" = true))]
    pub(crate) administrators: Managed<bool>,

    /// Holds `users` and `group` where they let more people reset, until enough of those people can.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) readiness: Managed<Readiness>,
}

/// Which users may reset their password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Users {
    /// No user may reset a password.
    None,
    /// The members of the one group in `scope.group`.
    Selected,
    /// Every user of the tenant.
    All,
}

/// How people prove who they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Methods {
    /// How many methods a reset takes; people must also register that many. Going from 1 to 2 strands everybody
    /// who has registered one.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(range(min = 1, max = 2), extend("default" = 1, "examples" = [2]))]
    pub(crate) required: Managed<u32>,

    /// Holds `required` where it goes up, until enough people can reset with that many.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) readiness: Managed<Readiness>,

    /// The methods people may use, in any order.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("uniqueItems" = true, "default" = ["email", "mobilePhone"], "examples" = [["mobileAppNotification", "mobileAppCode", "email"]]))]
    pub(crate) allowed: Managed<Vec<Method>>,

    /// What may be written to the tenant's authentication methods policy, which also serves sign-in: nothing (`observe`), methods
    /// that are switched on and targets that are added (`extend`), or also methods that are switched off (`manage`). What is
    /// not written is reported.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("default" = "observe"))]
    pub(crate) converged_policy: Managed<ConvergedPolicy>,
}

/// What may be written to the authentication methods policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ConvergedPolicy {
    /// Nothing; what differs from this policy is reported.
    #[default]
    Observe,
    /// Methods are switched on and targets are added, for sign-in as well; nothing is switched off.
    Extend,
    /// Methods are also switched off, for sign-in as well.
    Manage,
}

/// A method of proving who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// A push to Microsoft Authenticator. Not offered when one method is required.
    MobileAppNotification,
    /// A code from Microsoft Authenticator or another code generator.
    MobileAppCode,
    /// A code by mail to an address outside the tenant.
    Email,
    /// A text message or a call to a mobile phone.
    MobilePhone,
    /// A call to the office phone. Needs a paid subscription.
    OfficePhone,
    /// Answers to questions registered before. Administrators can never use them.
    SecurityQuestions,
}

/// The security questions, and how many of them people answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SecurityQuestions {
    /// How many questions a person must answer to register.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(range(min = 3, max = 5), extend("default" = 5))]
    pub(crate) to_register: Managed<u32>,

    /// How many questions a person must answer to reset; never more than `toRegister`.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(range(min = 3, max = 5), extend("default" = 3))]
    pub(crate) to_reset: Managed<u32>,

    /// The questions people choose from, in any order: Microsoft's own by their English text, and up to 20 of your own.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(max = 55), extend("uniqueItems" = true, "examples" = [[{"predefined": "In what city was your first job?"}, {"custom": "What was the first project you worked on here?"}]]))]
    pub(crate) questions: Managed<Vec<QuestionText>>,
}

/// The text of one security question, Microsoft's own or the organisation's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum QuestionText {
    /// One of Microsoft's questions, by its English text.
    Predefined(String),
    /// A question of your own.
    Custom(String),
}

/// Written by hand because a derived `oneOf` makes validators say only "matches none of these".
impl JsonSchema for QuestionText {
    fn schema_name() -> Cow<'static, str> {
        "Question".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "One security question: either `predefined` or `custom`.",
            "properties": {
                "predefined": {
                    "description": "One of Microsoft's questions, by its English text.",
                    "type": "string",
                    "enum": PREDEFINED.as_slice(),
                },
                "custom": {
                    "description": "A question of your own, 3 to 200 characters, shown to everybody as it is written.",
                    "type": "string",
                    "minLength": 3,
                    "maxLength": 200,
                    "examples": ["What was the first project you worked on here?"],
                },
            },
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1,
        })
    }
}

/// When people are asked to register and to confirm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Registration {
    /// Whether people who have not registered are asked to at their next sign-in, and again until they finish.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("default" = true))]
    pub(crate) required_at_sign_in: Managed<bool>,

    /// Days after which people are asked to confirm what they registered; 0 means never. Acts only while registration
    /// is required at sign-in.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(range(min = 0, max = 730), extend("default" = 180, "examples" = [180]))]
    pub(crate) reconfirm_after_days: Managed<u32>,

    /// From where people may register their security information: one Conditional Access policy, which blocks registering
    /// everywhere else. It needs Entra ID P1. Password reset itself is not limited by it.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) allowed_from: Managed<AllowedFrom>,
}

/// From where people may register their security information.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AllowedFrom {
    /// The places: named locations by display name or id, and `allTrusted` for every location that the tenant marks as
    /// trusted. Everywhere else registering is blocked.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 256)), extend("uniqueItems" = true, "examples" = [["allTrusted"], ["Headquarters", "Branch offices"]]))]
    pub(crate) locations: Managed<Vec<String>>,

    /// Groups whose members may register from anywhere, such as the accounts for emergencies: display names or object ids.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(max = 100), inner(length(min = 1, max = 256)), extend("uniqueItems" = true, "examples" = [["Break-glass accounts"]]))]
    pub(crate) excluded_groups: Managed<Vec<String>>,

    /// Whether the Conditional Access policy blocks, or only reports whom it would block, or is switched off. It is created
    /// to report unless this says otherwise; left out, it stays as the tenant has it.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("default" = "disabled"))]
    pub(crate) state: Managed<AccessState>,
}

/// What a Conditional Access policy does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum AccessState {
    /// Nothing: people register from anywhere.
    Disabled,
    /// It reports whom it would block, and blocks nobody.
    ReportOnly,
    /// It blocks.
    Enforced,
}

/// Who is notified about a reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Notifications {
    /// Whether a person is notified by mail that their password was reset.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("default" = true))]
    pub(crate) users: Managed<bool>,

    /// Whether all global administrators are notified when one administrator resets a password.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("default" = false))]
    pub(crate) administrators: Managed<bool>,
}

/// Where people find help.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Helpdesk {
    /// What the "Contact your administrator" link leads to: an http or https address, an e-mail address, or `none`
    /// for the standard link.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(max = 2048), regex(pattern = r"^(?:none|[Hh][Tt][Tt][Pp][Ss]?://[^\s/]\S*|[^@\s:/]+@[^@\s:/]+\.[^@\s:/]+)$"), extend("default" = "none", "examples" = ["https://help.contoso.com/password", "helpdesk@contoso.com", "none"]))]
    pub(crate) link: Managed<String>,
}

/// What happens in the on-premises directory. Also needs password writeback switched on in Entra Connect or Cloud Sync.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Writeback {
    /// Whether a new password is written back to the on-premises directory.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) passwords: Managed<bool>,

    /// Whether people may unlock their account without resetting the password.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) unlock_without_reset: Managed<bool>,
}

/// The Windows sign-in screen: one custom configuration of Microsoft Intune. It needs an Intune licence, and devices with
/// Windows 10 1803 or newer that are joined to Microsoft Entra ID.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WindowsSignIn {
    /// Whether the sign-in screen has the link "Reset password". With `false` the configuration stays,
    /// with the value 0.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("default" = false))]
    pub(crate) reset_link: Managed<bool>,

    /// The group whose devices, or whose members' devices, get the configuration: display name or object id. It
    /// replaces every other assignment.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 256), extend("examples" = ["Windows devices"]))]
    pub(crate) group: Managed<String>,
}
