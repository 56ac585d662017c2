//! Who may reset: the portal's Properties page, and administrators' own switch in Microsoft Graph.

use std::collections::BTreeSet;

use serde_json::json;

use crate::base::ids::ObjectId;
use crate::base::value::Value;
use crate::catalog::scalar::{decode_switch, encode_switch, in_section};
use crate::catalog::setting::{NoEffectReason, PortalPage, Setting, ValueKind};
use crate::policy::document::{PolicyFile as Policy, Users};
use crate::policy::managed::Managed;
use crate::tenant::document::{DecodeError, Document, Patch};
use crate::tenant::surface::Surface;

const ENABLEMENT: &str = "enablementType";
const GROUPS: &str = "passwordResetEnabledGroupIds";
const GROUP_NAME: &str = "passwordResetEnabledGroupName";
const ADMINISTRATORS_KEY: &str = "allowedToUseSSPR";

/// The words of policies. The wire has their index instead.
const USERS_WORDS: &[&str] = &["none", "selected", "all"];
/// The index of `selected`.
const SELECTED: usize = 1;

/// Which users may reset.
pub(crate) static USERS: Setting = Setting {
    name: "scope.users",
    page: PortalPage::Properties,
    portal: "Self service password reset enabled",
    surface: Surface::PasswordReset,
    keys: &[ENABLEMENT],
    kind: ValueKind::Choice(USERS_WORDS),
    default: "none",
    needs: &[],
    source: "Tutorial: enable self-service password reset (tutorial-enable-sspr); wire values from eleven public clients",
    audit_names: &["EnablementForUsers"],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[NoEffectReason::NoLicence],
    desired: |policy| in_section(&policy.scope, |scope| &scope.users, |users| Value::Text(word(*users).to_owned())),
    decode: |document| {
        let index: usize = document.get(ENABLEMENT, "0, 1 or 2")?;
        USERS_WORDS.get(index).map(|word| Value::Text((*word).to_owned())).ok_or_else(|| DecodeError {
            key: ENABLEMENT.to_owned(),
            found: "another number".to_owned(),
            expected: "0, 1 or 2",
        })
    },
    encode: |value, _| match value {
        Value::Text(word) => {
            index_of(word).map(|index| Patch { key: ENABLEMENT, value: json!(index) }).into_iter().collect()
        }
        _ => Vec::new(),
    },
};

/// The group whose members may reset. It counts only while `scope.users` is `selected`; with another scope it is
/// "no group", whatever id the document has.
pub(crate) static GROUP: Setting = Setting {
    name: "scope.group",
    page: PortalPage::Properties,
    portal: "Select group",
    surface: Surface::PasswordReset,
    keys: &[GROUPS],
    kind: ValueKind::Group,
    default: "none",
    needs: &[],
    source: "Tutorial: enable self-service password reset (tutorial-enable-sspr): one group, nested groups count",
    audit_names: &[],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[NoEffectReason::NoLicence],
    desired: desired_group,
    decode: |document| {
        let index: usize = document.get(ENABLEMENT, "0, 1 or 2")?;
        let ids: Vec<ObjectId> = document.get_or_empty(GROUPS, "a list of group ids")?;
        let ids: BTreeSet<_> = ids.into_iter().filter(|id| !id.is_zero() && index == SELECTED).collect();
        // The portal has one group. To show the first of several would hide the others.
        if ids.len() > 1 {
            let found = format!("a list of {} groups", ids.len());
            return Err(DecodeError { key: GROUPS.to_owned(), found, expected: "one group" });
        }
        Ok(ids.first().map_or(Value::Unset, |id| Value::Group(*id)))
    },
    encode: |value, _| match value {
        Value::Group(id) => vec![Patch { key: GROUPS, value: json!([id]) }],
        Value::Unset => vec![Patch { key: GROUPS, value: json!([]) }],
        _ => Vec::new(),
    },
};

/// Whether administrators may reset their own password.
pub(crate) static ADMINISTRATORS: Setting = Setting {
    name: "scope.administrators",
    page: PortalPage::Administrators,
    portal: "none; Microsoft Graph authorizationPolicy.allowedToUseSSPR",
    surface: Surface::AuthorizationPolicy,
    keys: &[ADMINISTRATORS_KEY],
    kind: ValueKind::Switch,
    default: "true",
    needs: &[],
    source: "Self-service password reset policies (concept-sspr-policy): takes up to 60 minutes to act",
    audit_names: &[],
    audit: None,
    delay_minutes: Some(60),
    off_value: None,
    no_effect: &[],
    desired: |policy| in_section(&policy.scope, |scope| &scope.administrators, |on| Value::Bool(*on)),
    decode: |document| decode_switch(document, ADMINISTRATORS_KEY),
    encode: |value, _| encode_switch(value, ADMINISTRATORS_KEY),
};

/// The group of the scope with its name, if the portal resolves one. The name is untrusted text.
#[must_use]
pub(crate) fn group_name(document: &Document) -> Option<(ObjectId, String)> {
    let ids: Vec<ObjectId> = document.get(GROUPS, "").ok()?;
    let name: String = document.get(GROUP_NAME, "").ok()?;
    let id = ids.into_iter().find(|id| !id.is_zero())?;
    (!name.is_empty()).then_some((id, name))
}

/// The desired group. A policy with `users: none` or `users: all` asks for no group.
fn desired_group(policy: &Policy) -> Managed<Value> {
    let Some(scope) = policy.scope.get() else { return Managed::Unmanaged };
    match (scope.users.get(), scope.group.get()) {
        (_, Some(group)) => Managed::Set(group.parse().map_or_else(|_| Value::GroupName(group.clone()), Value::Group)),
        (Some(Users::None | Users::All), None) => Managed::Set(Value::Unset),
        (Some(Users::Selected) | None, None) => Managed::Unmanaged,
    }
}

fn word(users: Users) -> &'static str {
    match users {
        Users::None => "none",
        Users::Selected => "selected",
        Users::All => "all",
    }
}

fn index_of(word: &str) -> Option<usize> {
    USERS_WORDS.iter().position(|known| *known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "b6cdb9c3-d660-4558-bcfd-82c14a986b56";
    const OTHER: &str = "11111111-2222-4333-8444-555555555555";

    fn scope(enablement: usize, groups: &[&str]) -> Result<Result<Value, DecodeError>, serde_json::Error> {
        let document = json!({ ENABLEMENT: enablement, GROUPS: groups }).to_string();
        Ok((GROUP.decode)(&Document::parse(&document)?))
    }

    #[test]
    fn a_group_counts_once_and_only_where_some_are_selected() -> Result<(), Box<dyn std::error::Error>> {
        let one = Ok(Value::Group(ONE.parse()?));
        assert_eq!(scope(1, &[ONE])?, one);
        assert_eq!(scope(1, &["00000000-0000-0000-0000-000000000000", ONE, &ONE.to_uppercase()])?, one);
        for (enablement, groups) in [(1, &[][..]), (0, &[ONE]), (2, &[ONE, OTHER])] {
            assert_eq!(scope(enablement, groups)?, Ok(Value::Unset));
        }
        Ok(())
    }

    #[test]
    fn a_second_group_is_an_error() -> Result<(), serde_json::Error> {
        let message = scope(1, &[ONE, OTHER])?.err().map(|error| error.to_string());
        assert_eq!(message.as_deref(), Some("`passwordResetEnabledGroupIds` is a list of 2 groups, not one group"));
        Ok(())
    }
}
