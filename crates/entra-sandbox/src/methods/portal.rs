//! The page of the authentication methods policy in the portal.

use serde_json::{Value, json};

use crate::methods::policy::{MethodsPolicy, id_of};
use crate::methods::{RESET_METHODS, ResetMethod};

/// Enables the configurations of these methods of password reset and disables those of all others. Security questions
/// have none. Targets are preserved; a method that is enabled without any targets all users.
///
/// # Errors
/// In the words of the page.
pub(crate) fn allow(methods: &mut MethodsPolicy, names: &[&str]) -> Result<(), String> {
    let is_on = |method: &ResetMethod| names.contains(&method.word);
    let mut done: Vec<&str> = Vec::new();
    for id in RESET_METHODS.iter().flat_map(|method| method.configurations) {
        let on = RESET_METHODS.iter().any(|method| method.configurations.contains(id) && is_on(method));
        if !done.contains(id) && methods.configuration(id).is_some() && methods.enabled(id) != on {
            set_enabled(methods, id, on)?;
        }
        done.push(id);
    }
    for method in &RESET_METHODS {
        if let Some((id, key)) = method.configuration_switch {
            methods.set(id, key, &json!(is_on(method)));
        }
    }
    Ok(())
}

/// Enables or disables a configuration.
///
/// # Errors
/// If there is none with this id, or the page does not allow it.
pub(crate) fn set_enabled(methods: &mut MethodsPolicy, id: &str, on: bool) -> Result<(), String> {
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
