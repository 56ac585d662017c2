//! The Intune pages: edits of the configuration with the reset link.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::graph::device_configurations;
use crate::portal_user::input::{EditError, TypedSetting};
use crate::state::tenant::Tenant;

const ADDRESS: &str = "./Device/Vendor/MSFT/Policy/Config/Authentication/AllowAadPasswordReset";
const CUSTOM: &str = "#microsoft.graph.windows10CustomConfiguration";

/// Edits the newest configuration with the reset link, or creates one.
pub(crate) fn edit(tenant: &mut Tenant, input: &TypedSetting<'_>, now: Timestamp) -> Result<(), EditError> {
    let is_link = |setting: &Value| setting["omaUri"] == ADDRESS;
    let has_link =
        |object: &&Value| object["omaSettings"].as_array().is_some_and(|settings| settings.iter().any(is_link));
    let id = tenant.device_configurations.iter().rev().find(has_link).and_then(|object| object["id"].as_str());
    let id = id.map(str::to_owned);
    let setting = |on: bool| {
        json!([{"@odata.type": "#microsoft.graph.omaSettingInteger", "displayName": "Reset link", "omaUri": ADDRESS,
            "value": u8::from(on)}])
    };
    let mut body = Map::from_iter([("@odata.type".to_owned(), json!(CUSTOM))]);
    if id.is_none() {
        body.insert("displayName".to_owned(), json!("Windows: reset link"));
        body.insert("omaSettings".to_owned(), setting(true));
    }
    if input.setting.ends_with(".resetLink") {
        body.insert("omaSettings".to_owned(), setting(input.boolean()?));
    }
    let at = device_configurations::save(tenant, id.as_deref(), body, now)
        .map_err(|reason| input.rule_violation(&reason))?;
    if input.setting.ends_with(".group") {
        let own = tenant.device_configurations[at]["id"].clone();
        let groups = input.list().into_iter().map(|name| input.group(tenant, name)).collect::<Result<Vec<_>, _>>()?;
        let assigned = groups.into_iter().map(|group| {
            json!({"id": format!("{}_{group}", own.as_str().unwrap_or_default()),
                "target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group}})
        });
        tenant.device_configurations[at]["assignments"] = assigned.collect();
    }
    Ok(())
}
