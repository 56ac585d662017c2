//! Routes the settings of a managed object: whether it must be created, and whether an unmanaged one is in the way.

use crate::base::finding::{Finding, Severity};
use crate::base::source::Place;
use crate::base::value::Value;
use crate::catalog::desired::{Desired, DesiredSetting};
use crate::catalog::setting::Setting;
use crate::catalog::{allowed_from, windows_sign_in};
use crate::plan::named_locations::ReferenceError;
use crate::plan::route::{Route, RouteTarget};
use crate::policy::codes::FindingCode;
use crate::tenant::document::Document;
use crate::tenant::managed_object::UnmanagedObject;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;
use crate::tenant::{conditional_access, device_configuration, managed_object};

const UNMANAGED_ACTIVE: &str = "kept-by-others";
const UNMANAGED_OTHERS: &str = "others-beside";

/// The findings about unmanaged objects.
pub(crate) const CODES: &[FindingCode] = &[
    FindingCode {
        code: UNMANAGED_ACTIVE,
        severity: Severity::Error,
        means: "The tenant has an unmanaged object that does what this policy asks for. It is not changed, and no second one is \
                created: both would have an effect, and together they may do what nobody intended.",
        fix: "Take it over with `--adopt`, or have it deleted or switched off. Or remove the keys from the policy.",
        example: None,
    },
    FindingCode {
        code: UNMANAGED_OTHERS,
        severity: Severity::Warning,
        means: "An object is created, and the tenant has unmanaged ones for the same purpose. They are not changed. Those that \
                are on have an effect together with the new one.",
        fix: "Check that all of them should have an effect. `--adopt` takes over one that is switched off, if it is the only one.",
        example: None,
    },
];

/// How the settings of one managed object are routed.
struct ObjectRule {
    /// The setting without which the object is not created.
    leading: &'static Setting,
    /// The marker in the name of the object.
    mark: &'static str,
    /// The kind of object, in messages.
    noun: &'static str,
    /// What the object does, in messages.
    does: &'static str,
    /// Whether a policy asks for the object to exist.
    wanted: fn(&Desired) -> bool,
    /// A setting, with its value, that the object is created with if the policy does not manage it.
    made_with: Option<(&'static Setting, &'static str)>,
}

static ALLOWED_FROM: ObjectRule = ObjectRule {
    leading: &allowed_from::LOCATIONS,
    mark: conditional_access::MARK,
    noun: "Conditional Access policy",
    does: "limits from where people register",
    wanted: |desired| {
        let off = Value::Text(allowed_from::DISABLED.to_owned());
        desired.setting(allowed_from::STATE.name).is_none_or(|desired_setting| desired_setting.value != off)
    },
    made_with: Some((&allowed_from::STATE, allowed_from::REPORT_ONLY)),
};

static RESET_LINK: ObjectRule = ObjectRule {
    leading: &windows_sign_in::RESET_LINK,
    mark: device_configuration::MARK,
    noun: "Intune configuration",
    does: "sets the reset link of the Windows sign-in screen",
    wanted: |desired| {
        desired
            .setting(windows_sign_in::RESET_LINK.name)
            .is_some_and(|desired_setting| desired_setting.value == Value::Bool(true))
    },
    made_with: None,
};

/// The rule of each surface with a managed object.
static RULES: [&ObjectRule; 2] = [&ALLOWED_FROM, &RESET_LINK];

fn of(surface: Surface) -> Option<&'static ObjectRule> {
    RULES.into_iter().find(|rule| rule.leading.surface == surface)
}

/// Routes a desired setting whose references are resolved.
pub(crate) fn route_object(
    desired_setting: &DesiredSetting,
    after: Value,
    desired: &Desired,
    snapshot: &Snapshot,
) -> Result<Route, ReferenceError> {
    let document = snapshot.document(desired_setting.setting.surface).map_err(ReferenceError::Unavailable)?;
    let mut parts = vec![RouteTarget { setting: desired_setting.setting, after }];
    let Some(rule) = of(desired_setting.setting.surface) else {
        return Ok(Route { targets: parts, findings: Vec::new() });
    };
    let leading = desired.setting(rule.leading.name);
    let wanted = leading.is_some() && (rule.wanted)(desired);
    match (managed_object::exists(document), wanted) {
        // Only the leading setting shows that an unmanaged object is adopted, so without it nothing is changed.
        (true, _) if leading.is_none() && !managed_object::name(document).contains(rule.mark) => {
            Ok(Route { targets: Vec::new(), findings: Vec::new() })
        }
        (true, _) => Ok(Route { targets: parts, findings: Vec::new() }),
        // An object that does not exist counts as switched off.
        (false, false) => Ok(Route { targets: Vec::new(), findings: Vec::new() }),
        (false, true) => {
            let place = leading.map_or(&desired_setting.place, |desired_setting| &desired_setting.place);
            let finding = check_unmanaged(rule, document, place)?;
            if desired_setting.setting != rule.leading {
                return Ok(Route { targets: parts, findings: Vec::new() });
            }
            let made_with = rule.made_with.filter(|(setting, _)| desired.setting(setting.name).is_none());
            let defaults =
                made_with.map(|(setting, word)| RouteTarget { setting, after: Value::Text(word.to_owned()) });
            parts.extend(defaults);
            Ok(Route { targets: parts, findings: finding.into_iter().collect() })
        }
    }
}

/// Checks whether an object may be created although there are unmanaged ones; a finding if it may.
fn check_unmanaged(rule: &ObjectRule, document: &Document, place: &Place) -> Result<Option<Finding>, ReferenceError> {
    let others = managed_object::others(document);
    let in_the_way: Vec<_> = others.iter().filter(|other| other.is_adoptable && other.is_active).collect();
    let ObjectRule { noun, does, .. } = rule;
    if in_the_way.is_empty() {
        let finding =
            Finding::warning(UNMANAGED_OTHERS, format!("the tenant has another {noun} for this: {}", names(&others)))
                .at(place.clone(), "another one is created")
                .hint("check that all of them should have an effect; the unmanaged ones are not changed");
        return Ok((!others.is_empty()).then_some(finding));
    }
    let several = others.iter().filter(|other| other.is_adoptable).count() > 1;
    let hint = if several {
        "`--adopt` takes over the only one; have all others deleted first"
    } else {
        "take it over with `--adopt`, have it deleted or switched off, or remove this from the policy"
    };
    let message = format!("an unmanaged {noun} already {does}: {}", names(in_the_way));
    let finding = Finding::error(UNMANAGED_ACTIVE, message).at(place.clone(), "unmanaged object in the way").hint(hint);
    Err(ReferenceError::Invalid(Box::new(finding)))
}

fn names<'a>(others: impl IntoIterator<Item = &'a UnmanagedObject>) -> String {
    let names: Vec<_> = others.into_iter().map(|other| format!("`{}` ({})", other.name, other.id)).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use crate::catalog;
    use crate::plan::managed_objects::of;
    use crate::tenant::surface::Surface;

    #[test]
    fn every_managed_object_has_a_rule_and_a_setting_that_switches_it_off() {
        for surface in Surface::ALL {
            let is_managed = surface.spec().object.is_some();
            assert_eq!(of(surface).is_some(), is_managed, "{}", surface.name());
            assert_eq!(catalog::off_switch(surface).is_some(), is_managed, "{}", surface.name());
        }
    }
}
