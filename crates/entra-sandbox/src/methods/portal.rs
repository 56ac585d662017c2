//! The authentication methods policy as its page in the portal changes it.

use serde_json::{Value, json};

use crate::methods::policy::{MethodsPolicy, id_of};

/// Switches the configurations that stand for the methods of password reset. Security questions are none of them. Targets
/// stay; a method that is switched on without any is for everybody.
///
/// # Errors
/// In the words of the page.
pub fn allow(methods: &mut MethodsPolicy, names: &[&str]) -> Result<(), String> {
    let on = |name: &str| names.contains(&name);
    for (id, wanted) in [
        ("MicrosoftAuthenticator", on("mobileAppNotification")),
        ("SoftwareOath", on("mobileAppCode")),
        ("Sms", on("mobilePhone")),
        ("Voice", on("mobilePhone") || on("officePhone")),
        ("Email", on("email")),
    ] {
        if methods.configuration(id).is_some() && methods.enabled(id) != wanted {
            switch(methods, id, wanted)?;
        }
    }
    methods.set("Voice", "isOfficePhoneAllowed", &json!(on("officePhone")));
    methods.set("MicrosoftAuthenticator", "isSoftwareOathEnabled", &json!(on("mobileAppCode")));
    Ok(())
}

/// Switches one configuration.
///
/// # Errors
/// When there is none with this id, or the page is against it.
pub fn switch(methods: &mut MethodsPolicy, id: &str, on: bool) -> Result<(), String> {
    let known = methods.configurations.iter().map(id_of).collect::<Vec<_>>().join(", ");
    let one = methods.configuration_mut(id).ok_or_else(|| format!("there is no method {id}; methods are {known}."))?;
    let guests: Option<String> = one.read("allowExternalIdToUseEmailOtp");
    if !on && guests.as_deref() == Some("enabled") {
        return Err("Email cannot be disabled while allowExternalIdToUseEmailOtp is enabled.".to_owned());
    }
    one.set("state", &json!(if on { "enabled" } else { "disabled" }));
    let nobody = one.read::<Vec<Value>>("includeTargets").is_none_or(|targets| targets.is_empty());
    if on && nobody {
        let everybody = json!([{"targetType": "group", "id": "all_users", "isRegistrationRequired": false}]);
        one.set("includeTargets", &everybody);
    }
    Ok(())
}
