//! Where people find help: the portal's Customization page. Its switch and its address are one setting here, because neither
//! has an effect without the other.

use serde_json::json;

use crate::base::value::Value;
use crate::catalog::scalar::in_section;
use crate::catalog::setting::{PortalPage, Setting, ValueKind};
use crate::tenant::document::{DecodeError, Document, Patch};
use crate::tenant::surface::Surface;

const SWITCH_KEY: &str = "customizeHelpdeskLink";
const ADDRESS_KEY: &str = "customHelpdeskEmailOrUrl";
/// The word of policies for no link of their own.
const NONE: &str = "none";

/// The target of the "Contact your administrator" link.
pub(crate) static LINK: Setting = Setting {
    name: "helpdesk.link",
    page: PortalPage::Customization,
    portal: "Customize helpdesk link? and Custom helpdesk email or URL",
    surface: Surface::PasswordReset,
    keys: &[SWITCH_KEY, ADDRESS_KEY],
    kind: ValueKind::Link,
    default: "none",
    needs: &[],
    source: "Customize self-service password reset (howto-sspr-customization)",
    audit_names: &["CustomizeContactAdminLink", "CustomContactAdminLink"],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[],
    desired: |policy| in_section(&policy.helpdesk, |helpdesk| &helpdesk.link, |link| from_policy(link)),
    decode,
    encode,
};

fn from_policy(link: &str) -> Value {
    if link == NONE { Value::Unset } else { Value::Text(link.to_owned()) }
}

fn decode(document: &Document) -> Result<Value, DecodeError> {
    let on: bool = document.get(SWITCH_KEY, "true or false")?;
    let address: String = document.get_or_empty(ADDRESS_KEY, "a text")?;
    Ok(if on && !address.is_empty() { Value::Text(address) } else { Value::Unset })
}

/// Switching off leaves the old address in the document, as the portal does: only the switch decides.
fn encode(value: &Value, _: &Document) -> Vec<Patch> {
    match value {
        Value::Text(address) => {
            vec![Patch { key: SWITCH_KEY, value: json!(true) }, Patch { key: ADDRESS_KEY, value: json!(address) }]
        }
        Value::Unset => vec![Patch { key: SWITCH_KEY, value: json!(false) }],
        _ => Vec::new(),
    }
}
