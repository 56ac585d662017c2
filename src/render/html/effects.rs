//! Which settings are in effect once a plan is applied, and who decides each.

use serde_json::{Value as Json, json};

use crate::render::html::changes::{decider, words};
use crate::render::html::document::DocumentView;
use crate::render::html::fields::{list, text};
use crate::render::html::findings::{folded_of, shared};
use crate::render::html::page::plural;

/// Adds which settings are in effect once the plan is applied, for the tenants in which it changes something. What several
/// tenants share is there once.
pub(super) fn add_effects(view: &mut DocumentView, tenants: &[Json]) {
    let changing = tenants.iter().filter(|tenant| !list(tenant, "changes").is_empty());
    let effects = shared(changing.map(|tenant| (text(tenant, "tenant"), list(tenant, "effects"))));
    let row = |(effect, of): &(&Json, Vec<&str>)| {
        json!({
            "setting": text(effect, "setting"),
            "value": effect.get("value").map(words),
            "decided": decider(effect),
            "idle": effect.get("noEffect").is_some(),
            "tenants": if tenants.len() > 1 { folded_of(of, tenants.len()) } else { String::new() },
        })
    };
    let rows: Vec<_> = effects.iter().map(row).collect();
    if !rows.is_empty() {
        let many = plural(rows.len() as u64, "managed setting", "managed settings");
        let values = json!({ "rows": rows, "many": many, "several": tenants.len() > 1 });
        view.section("In effect once applied", "effects", values);
    }
}
