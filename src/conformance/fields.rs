//! The fields of the password reset policy, as the portal serves them.

/// The fields of the password reset policy with their types, in the service's order.
pub(super) const POLICY_FIELDS: &str = "objectId:s;enablementType:i;numberOfAuthenticationMethodsRequired:i;\
    emailOptionEnabled:b;mobilePhoneOptionEnabled:b;officePhoneOptionEnabled:b;securityQuestionsOptionEnabled:b;\
    mobileAppNotificationEnabled:b;mobileAppCodeEnabled:b;numberOfQuestionsToRegister:i;numberOfQuestionsToReset:i;\
    registrationRequiredOnSignIn:b;registrationReconfirmIntevalInDays:i;skipRegistrationAllowed:b;\
    skipRegistrationMaxAllowedDays:i;customizeHelpdeskLink:b;customHelpdeskEmailOrUrl:s;notifyUsersOnPasswordReset:b;\
    notifyOnAdminPasswordReset:b;passwordResetEnabledGroupIds:l;passwordResetEnabledGroupName:s;securityQuestions:l;\
    registrationConditionalAccessPolicies:l;emailOptionAllowed:b;mobilePhoneOptionAllowed:b;officePhoneOptionAllowed:b;\
    securityQuestionsOptionAllowed:b;mobileAppNotificationOptionAllowed:b;mobileAppCodeOptionAllowed:b";
