//! Authentication methods: the table of the methods of password reset, and the authentication methods policy with its
//! defaults and the rules of a change.

pub(crate) mod defaults;
pub(crate) mod policy;
pub(crate) mod portal;
pub(crate) mod rules;

use std::sync::LazyLock;

/// One method of password reset, by the names that each part of the services has for it.
pub(crate) struct ResetMethod {
    /// The word of the setting `methods.allowed`.
    pub(crate) word: &'static str,
    /// The key of the password reset policy that switches the method on.
    pub(crate) enabled_key: &'static str,
    /// The key of the same document that says whether the tenant may switch it on; clients cannot change it.
    pub(crate) allowed_key: &'static str,
    /// The name in the audit log's `SelectedContactMethodsForUsers`, which lists methods in the order of this table.
    pub(crate) audit_words: &'static [&'static str],
    /// The ids of its configurations in the authentication methods policy. Security questions have none.
    pub(crate) configurations: &'static [&'static str],
    /// A switch inside of a configuration that follows the method: the configuration's id, and the key.
    pub(crate) configuration_switch: Option<(&'static str, &'static str)>,
    /// Its names in the registration report.
    pub(crate) reported: &'static [ReportedMethod],
    /// Whether it is one of the Authenticator app's. All of those together count as one method of a reset.
    pub(crate) app: bool,
}

/// A method as Graph's report on registered methods names it.
#[derive(Clone, Copy)]
pub(crate) struct ReportedMethod {
    pub(crate) name: &'static str,
    /// The place in the report's order, and the bit in a user's set of methods.
    place: u16,
}

impl ReportedMethod {
    const fn new(place: u16, name: &'static str) -> Self {
        Self { name, place }
    }

    pub(crate) const fn bit(self) -> u16 {
        1 << self.place
    }
}

pub(crate) const MOBILE_PHONE: ReportedMethod = ReportedMethod::new(0, "mobilePhone");
pub(crate) const ALTERNATE_MOBILE_PHONE: ReportedMethod = ReportedMethod::new(1, "alternateMobilePhone");
pub(crate) const OFFICE_PHONE: ReportedMethod = ReportedMethod::new(2, "officePhone");
pub(crate) const EMAIL: ReportedMethod = ReportedMethod::new(3, "email");
pub(crate) const SECURITY_QUESTION: ReportedMethod = ReportedMethod::new(4, "securityQuestion");
pub(crate) const PUSH: ReportedMethod = ReportedMethod::new(5, "microsoftAuthenticatorPush");
pub(crate) const SOFTWARE_CODE: ReportedMethod = ReportedMethod::new(6, "softwareOneTimePasscode");
pub(crate) const HARDWARE_CODE: ReportedMethod = ReportedMethod::new(7, "hardwareOneTimePasscode");
pub(crate) const SECURITY_KEY: ReportedMethod = ReportedMethod::new(8, "fido2SecurityKey");
pub(crate) const WINDOWS_HELLO: ReportedMethod = ReportedMethod::new(9, "windowsHelloForBusiness");

/// Methods of sign-in that the report names and password reset does not take.
const SIGN_IN_ONLY: [ReportedMethod; 2] = [SECURITY_KEY, WINDOWS_HELLO];

/// Every method of password reset.
pub(crate) static RESET_METHODS: [ResetMethod; 6] = [
    ResetMethod {
        word: "mobileAppNotification",
        enabled_key: "mobileAppNotificationEnabled",
        allowed_key: "mobileAppNotificationOptionAllowed",
        audit_words: &["MobileAppNotification"],
        configurations: &["MicrosoftAuthenticator"],
        configuration_switch: None,
        reported: &[PUSH],
        app: true,
    },
    ResetMethod {
        word: "mobileAppCode",
        enabled_key: "mobileAppCodeEnabled",
        allowed_key: "mobileAppCodeOptionAllowed",
        audit_words: &["MobileAppCode"],
        configurations: &["SoftwareOath"],
        configuration_switch: Some(("MicrosoftAuthenticator", "isSoftwareOathEnabled")),
        reported: &[SOFTWARE_CODE, HARDWARE_CODE],
        app: true,
    },
    ResetMethod {
        word: "email",
        enabled_key: "emailOptionEnabled",
        allowed_key: "emailOptionAllowed",
        audit_words: &["Email"],
        configurations: &["Email"],
        configuration_switch: None,
        reported: &[EMAIL],
        app: false,
    },
    ResetMethod {
        word: "mobilePhone",
        enabled_key: "mobilePhoneOptionEnabled",
        allowed_key: "mobilePhoneOptionAllowed",
        audit_words: &["MobileSMS", "MobileCall"],
        configurations: &["Sms", "Voice"],
        configuration_switch: None,
        reported: &[MOBILE_PHONE, ALTERNATE_MOBILE_PHONE],
        app: false,
    },
    ResetMethod {
        word: "officePhone",
        enabled_key: "officePhoneOptionEnabled",
        allowed_key: "officePhoneOptionAllowed",
        audit_words: &["OfficeCall"],
        configurations: &["Voice"],
        configuration_switch: Some(("Voice", "isOfficePhoneAllowed")),
        reported: &[OFFICE_PHONE],
        app: false,
    },
    ResetMethod {
        word: "securityQuestions",
        enabled_key: "securityQuestionsOptionEnabled",
        allowed_key: "securityQuestionsOptionAllowed",
        audit_words: &["SecurityQuestions"],
        configurations: &[],
        configuration_switch: None,
        reported: &[SECURITY_QUESTION],
        app: false,
    },
];

/// Every method that the registration report names, in its order.
pub(crate) static REPORTED_METHODS: LazyLock<Vec<ReportedMethod>> = LazyLock::new(|| {
    let of_reset = RESET_METHODS.iter().flat_map(|method| method.reported);
    let mut all: Vec<ReportedMethod> = of_reset.copied().chain(SIGN_IN_ONLY).collect();
    all.sort_by_key(|method| method.place);
    all
});
