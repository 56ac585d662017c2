//! When tenants have the same change: the same setting from and to the same values, as people read them.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::base::digest::hash_json;
use crate::base::ids::ObjectId;
use crate::base::value::Value;
use crate::plan::change::Change;

/// How many characters of the digest a key has.
const DIGEST: usize = 8;

/// What a change is in every tenant that has the same one. A group is its name, because the same group has another id in every
/// tenant.
pub(crate) fn identity(change: &Change, names: &BTreeMap<ObjectId, String>) -> Json {
    let Change { setting, before, after, place: _ } = change;
    let [from, to] = [before, after].map(|value| by_name(value, names));
    if from == to {
        // Two groups of one name in one tenant are distinguished by their ids.
        return json!([setting.name, before.canonical(), after.canonical()]);
    }
    json!([setting.name, from, to])
}

/// The name of such a change, for files and titles: the setting in lower case and the beginning of a digest. It depends on
/// nothing but the setting and the two values.
pub(crate) fn key(change: &Change, names: &BTreeMap<ObjectId, String>) -> String {
    let mut key = String::new();
    for c in change.setting.name.chars() {
        match c {
            'A'..='Z' => key.extend(['-', c.to_ascii_lowercase()]),
            'a'..='z' | '0'..='9' => key.push(c),
            _ => key.push('-'),
        }
    }
    key.push('-');
    key.extend(hash_json(&identity(change, names)).chars().take(DIGEST));
    key
}

fn by_name(value: &Value, names: &BTreeMap<ObjectId, String>) -> Json {
    let name = |id: &ObjectId| names.get(id).map_or_else(|| json!({ "id": id.to_string() }), |name| json!(name));
    match value {
        Value::Group(id) => json!({ "group": name(id) }),
        Value::Groups(ids) => {
            let mut all: Vec<_> = ids.iter().map(name).collect();
            all.sort_by_key(Json::to_string);
            json!({ "groups": all })
        }
        Value::Unset
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Set(_)
        | Value::Questions(_)
        | Value::GroupName(_)
        | Value::GroupNames(_) => value.canonical(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::{identity, key};
    use crate::base::source::{Place, Source};
    use crate::base::value::Value;
    use crate::catalog;
    use crate::plan::change::Change;

    fn change(setting: &str, before: Value, after: Value) -> Result<Change, String> {
        let setting = catalog::find(setting).ok_or("no such setting")?;
        let place = Place::new(&Arc::new(Source::new("policy.yaml", "")), 0, 0);
        Ok(Change { setting, before, after, place })
    }

    /// Titles of open issues have these keys: whoever changes one opens every issue anew.
    #[test]
    fn a_key_is_the_same_in_every_release() -> Result<(), String> {
        let key = |before, after| -> Result<String, String> {
            Ok(key(&change("registration.reconfirmAfterDays", before, after)?, &BTreeMap::new()))
        };
        let (one, other) = (Value::Number(90), Value::Number(180));
        assert_eq!(key(one.clone(), other.clone())?, "registration-reconfirm-after-days-c713b663");
        assert_ne!(key(one.clone(), other.clone())?, key(other, one)?);
        Ok(())
    }

    #[test]
    fn a_group_is_its_name_unless_two_have_the_same() -> Result<(), Box<dyn std::error::Error>> {
        let ids = ["11111111-2222-4333-8444-555555555555", "b6cdb9c3-d660-4558-bcfd-82c14a986b56"];
        let [here, there] = [ids[0].parse()?, ids[1].parse()?];
        let named = |id, name: &str| BTreeMap::from([(id, name.to_owned())]);
        let of = |id| change("scope.group", Value::Unset, Value::Group(id));
        assert_eq!(identity(&of(here)?, &named(here, "Pilot")), identity(&of(there)?, &named(there, "Pilot")));
        assert_ne!(identity(&of(here)?, &named(here, "Pilot")), identity(&of(there)?, &named(there, "Staff")));
        assert_ne!(identity(&of(here)?, &BTreeMap::new()), identity(&of(there)?, &BTreeMap::new()));
        let both = BTreeMap::from([(here, "Pilot".to_owned()), (there, "Pilot".to_owned())]);
        let from_to = |from, to| change("scope.group", Value::Group(from), Value::Group(to));
        assert_ne!(identity(&from_to(here, there)?, &both), identity(&from_to(there, here)?, &both));
        Ok(())
    }
}
