//! The keys of a file of policy tests: people, facts about a tenant and a date, and what must hold. The JSON Schema that editors
//! and the loader use is generated from these types.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::policy::document::Method;
use crate::policy::managed::Managed;
use crate::policy::repository::controller::CalendarDay;

/// Tests of policies for self-service password reset: people, facts about a tenant and a date, and what must hold. `ssprctl test`
/// runs them without a network, a tenant or a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "ssprctl test")]
pub(crate) struct TestFile {
    /// The version of this format. Always 1.
    #[schemars(range(min = 1, max = 1), extend("examples" = [1]))]
    pub(crate) version: u32,

    /// The policy under test, as a path relative to this file. Without it, each one in the folder `policies` of
    /// the repository is tested.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 1_000), extend("examples" = ["../policies/contoso.yaml"]))]
    pub(crate) policy: Managed<String>,

    /// The day (UTC) by which dates of the service, rules and waivers are judged.
    #[schemars(with = "CalendarDay")]
    pub(crate) date: Date,

    /// What is known of the tenant besides its settings.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) tenant: Managed<TestTenant>,

    /// The state of the tenant that the policy changes. Without it, the tenant is a new one that nobody has configured.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) before: Managed<TestBefore>,

    /// People, each by a name that expectations use.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("maxProperties" = 200))]
    pub(crate) people: Managed<BTreeMap<String, TestPerson>>,

    /// What must hold once the policy is applied. Each item is one case, or one for each of its people.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) expect: Vec<TestExpectation>,
}

/// What is known of the tenant besides its settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TestTenant {
    /// How far the tenant has migrated to the authentication methods policy, in Microsoft Graph's words.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("default" = "migrationComplete"))]
    pub(crate) migration: Managed<TestMigration>,

    /// The methods that the authentication methods policy has switched on before the policy is applied. Without it: in a
    /// tenant that has migrated, those that the policy allows; in others none.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(max = 6), extend("uniqueItems" = true, "examples" = [["mobileAppNotification", "mobileAppCode", "email"]]))]
    pub(crate) methods: Managed<Vec<Method>>,

    /// The groups that a configuration there is for, where it is not for everybody.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) method_groups: Managed<MethodGroups>,

    /// What the subscriptions permit.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("default" = "premium"))]
    pub(crate) licence: Managed<TestLicence>,

    /// Whether the directory is synchronised from on premises. Without it, it is exactly if one of the people is.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) synchronised: Managed<bool>,

    /// Whether the client on premises that writes passwords back runs. No API says that it does, so a plan of a real tenant
    /// knows `stopped` or nothing.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("default" = "running"))]
    pub(crate) writeback_client: Managed<WritebackClient>,

    /// Whether the tenant has a domain of its own. With neither one nor a directory on premises, administrators need
    /// only one method to reset.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("default" = true))]
    pub(crate) custom_domain: Managed<bool>,
}

/// The groups that each configuration of the authentication methods policy is for, by its id in Microsoft Graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct MethodGroups {
    /// The groups for codes by mail.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 20), inner(length(min = 1, max = 256)))]
    pub(crate) email: Managed<Vec<String>>,
    /// The groups for text messages.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 20), inner(length(min = 1, max = 256)), extend("examples" = [["Text messages"]]))]
    pub(crate) sms: Managed<Vec<String>>,
    /// The groups for calls.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 20), inner(length(min = 1, max = 256)))]
    pub(crate) voice: Managed<Vec<String>>,
    /// The groups for Microsoft Authenticator.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 20), inner(length(min = 1, max = 256)))]
    pub(crate) microsoft_authenticator: Managed<Vec<String>>,
    /// The groups for codes of other apps.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 20), inner(length(min = 1, max = 256)))]
    pub(crate) software_oath: Managed<Vec<String>>,
}

impl MethodGroups {
    /// The groups of each configuration that is not for everybody.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&'static str, &Vec<String>)> {
        let Self { email, sms, voice, microsoft_authenticator, software_oath } = self;
        let rows = [
            ("Email", email),
            ("Sms", sms),
            ("Voice", voice),
            ("MicrosoftAuthenticator", microsoft_authenticator),
            ("SoftwareOath", software_oath),
        ];
        rows.into_iter().filter_map(|(configuration, groups)| Some((configuration, groups.get()?)))
    }
}

/// How far a tenant has migrated to the authentication methods policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum TestMigration {
    /// The legacy policy of the portal decides about password reset.
    PreMigration,
    /// A method that either policy allows is allowed.
    MigrationInProgress,
    /// The authentication methods policy decides; security questions stay in the legacy policy.
    #[default]
    MigrationComplete,
}

/// What the subscriptions of a tenant permit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum TestLicence {
    /// Entra ID P1 or P2 in any bundle, or Microsoft 365 Business Premium: reset and writeback.
    #[default]
    Premium,
    /// Microsoft 365 Business Standard: reset without writeback.
    BusinessStandard,
    /// Another paid plan, such as Office 365 E3. Microsoft's pages disagree about it, so that answers are unclear.
    OtherPaid,
    /// Entra ID Free: people can change a password and not reset it.
    Free,
}

/// Whether the client on premises that writes passwords back runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum WritebackClient {
    /// It runs, and can write passwords back.
    #[default]
    Running,
    /// It does not run.
    Stopped,
    /// It is not known.
    Unknown,
}

/// The state of the tenant that the policy changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("minProperties" = 1))]
pub(crate) struct TestBefore {
    /// The day (UTC) for which people are asked about before. Without it, the date of the test.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(with = "CalendarDay")]
    pub(crate) date: Managed<Date>,

    /// The policy that the tenant is in sync with, as a path relative to this file. Without it, the policy under test, so that
    /// only the dates differ.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 1_000), extend("examples" = ["../policies/contoso-2026.yaml"]))]
    pub(crate) policy: Managed<String>,
}

/// A person of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TestPerson {
    /// What kind of person it is; `docs/testing-policies.md` has the table.
    pub(crate) persona: Persona,

    /// What the person has registered, instead of what their persona has.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(max = 9), extend("uniqueItems" = true, "examples" = [["email", "mobilePhone"]]))]
    pub(crate) methods: Managed<Vec<RegisteredMethod>>,

    /// The groups of which the person is a member, at any depth: display names or object ids, as policies write them.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 256)), extend("uniqueItems" = true, "examples" = [["SSPR-Pilot"]]))]
    pub(crate) groups: Managed<Vec<String>>,

    /// Whether the account may sign in.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("default" = true))]
    pub(crate) enabled: Managed<bool>,

    /// Whether the account is synchronised from on premises, where its password then is. Without it, as the persona is.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) synchronised: Managed<bool>,
}

/// A kind of person that tests ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Persona {
    /// Somebody who has just begun and has registered nothing.
    NewHire,
    /// Somebody without a phone, who has registered a private mail address alone.
    Frontline,
    /// Somebody who works elsewhere, with Microsoft Authenticator and a mobile phone.
    Remote,
    /// Somebody whose account and password come from a directory on premises, with the app and a mail address.
    Synchronised,
    /// Somebody of another tenant, whose own policy decides.
    Guest,
    /// An account for emergencies: a global administrator with a security key and nothing else.
    BreakGlass,
    /// Somebody with a role to which Microsoft's policy for administrators applies, with the app and a mail address.
    Administrator,
}

/// A method that a person may have registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RegisteredMethod {
    /// Notifications of Microsoft Authenticator.
    MobileAppNotification,
    /// Codes of Microsoft Authenticator or another app.
    MobileAppCode,
    /// A mail address outside of the tenant.
    Email,
    /// A mobile phone, for texts and calls.
    MobilePhone,
    /// An office phone, for calls alone.
    OfficePhone,
    /// Answers to security questions.
    SecurityQuestions,
    /// A passkey or a security key, which resets no password.
    Passkey,
    /// Windows Hello for Business, which resets no password.
    WindowsHello,
    /// A second mobile phone, which is for multifactor authentication alone.
    AlternatePhone,
}

/// What must hold once the policy is applied: `people` with `canReset`, or exactly one of the other keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("minProperties" = 1))]
pub(crate) struct TestExpectation {
    /// The people of whom `canReset` must hold.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 200), extend("uniqueItems" = true, "examples" = [["ana", "ben"]]))]
    pub(crate) people: Managed<Vec<String>>,

    /// Whether these people can reset their password on the date. An answer that is unclear is neither.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) can_reset: Managed<ExpectedAnswer>,

    /// The code of the reason why they cannot, or of one of those why it is unclear, as `plan --format json` has it.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 64), extend("examples" = ["methods-missing"]))]
    pub(crate) because: Managed<String>,

    /// Exactly the people who can reset before and cannot after; `[]` if nobody may lose it.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(max = 200), extend("uniqueItems" = true, "examples" = [[]]))]
    pub(crate) loses: Managed<Vec<String>>,

    /// Exactly the people who cannot reset before and can after.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(max = 200), extend("uniqueItems" = true, "examples" = [["ana"]]))]
    pub(crate) gains: Managed<Vec<String>>,

    /// Codes of findings that the plan of the policy must have.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 50), inner(length(min = 1, max = 64)), extend("uniqueItems" = true, "examples" = [["one-method-required"]]))]
    pub(crate) findings: Managed<Vec<String>>,

    /// Codes of findings that the plan of the policy must not have.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 50), inner(length(min = 1, max = 64)), extend("uniqueItems" = true, "examples" = [["not-enough-methods"]]))]
    pub(crate) no_findings: Managed<Vec<String>>,

    /// Whether the plan is refused, because of an error or a limit, so that nothing would be sent.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("examples" = [false]))]
    pub(crate) refused: Managed<bool>,

    /// How many requests the plan of the policy has.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(range(min = 0, max = 20), extend("examples" = [2]))]
    pub(crate) requests: Managed<u32>,
}

/// The answer that a test expects about a person: `true`, `false` or `unclear`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub(crate) enum ExpectedAnswer {
    /// They can reset their password.
    Yes,
    /// They cannot reset it, whatever the reason.
    No,
    /// It is not known.
    Unclear,
}

impl ExpectedAnswer {
    /// The word in test files. `yes` and `no` would be booleans to readers of YAML 1.1.
    #[must_use]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Yes => "true",
            Self::No => "false",
            Self::Unclear => "unclear",
        }
    }
}

impl TryFrom<Value> for ExpectedAnswer {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        match value {
            Value::Bool(true) => Ok(Self::Yes),
            Value::Bool(false) => Ok(Self::No),
            Value::String(word) if word == Self::Unclear.word() => Ok(Self::Unclear),
            _ => Err("not true, false or unclear"),
        }
    }
}

impl From<ExpectedAnswer> for Value {
    fn from(answer: ExpectedAnswer) -> Self {
        match answer {
            ExpectedAnswer::Yes => json!(true),
            ExpectedAnswer::No => json!(false),
            ExpectedAnswer::Unclear => json!(answer.word()),
        }
    }
}

/// Written by hand because the values are of two types.
impl JsonSchema for ExpectedAnswer {
    fn schema_name() -> Cow<'static, str> {
        "ExpectedAnswer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The answer that a test expects about a person: they can, they cannot, or it is not known.",
            "enum": [true, false, "unclear"],
        })
    }
}
