//! Wishes about an object that the tenant may not have yet: whether it is to be made, and who else keeps one like it.

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

const KEPT_BY_OTHERS: &str = "kept-by-others";
const OTHERS_BESIDE: &str = "others-beside";

/// What there is to tell about objects that somebody else keeps.
pub const CODES: &[FindingCode] = &[
    FindingCode {
        code: KEPT_BY_OTHERS,
        severity: Severity::Error,
        means: "Somebody else keeps an object in the tenant that does what this policy asks for. It is not touched, and no \
                second one is made beside it: both would act, and together they may do what nobody asked for.",
        fix: "Take it over with `--adopt`, or have it deleted or switched off. Or leave the keys out of the policy.",
        example: None,
    },
    FindingCode {
        code: OTHERS_BESIDE,
        severity: Severity::Warning,
        means: "An object is created, and the tenant has others for the same purpose. They are not touched. Those that are on \
                act together with the new one.",
        fix: "Look whether all of them are meant to act. `--adopt` takes over one that is switched off, if it is the only one.",
        example: None,
    },
];

/// What has to be known of an object that is kept.
struct ObjectRule {
    /// The setting without which it is not made.
    leading: &'static Setting,
    /// The mark in its name.
    mark: &'static str,
    /// What it is called.
    noun: &'static str,
    /// What it does.
    does: &'static str,
    /// Whether a policy wants it to be there.
    wanted: fn(&Desired) -> bool,
    /// A setting that one is made with where the policy does not say it.
    made_with: Option<(&'static Setting, &'static str)>,
}

static ALLOWED_FROM: ObjectRule = ObjectRule {
    leading: &allowed_from::LOCATIONS,
    mark: conditional_access::MARK,
    noun: "Conditional Access policy",
    does: "limits from where people register",
    wanted: |desired| {
        let off = Value::Text(allowed_from::DISABLED.to_owned());
        desired.setting(allowed_from::STATE.name).is_none_or(|wish| wish.value != off)
    },
    made_with: Some((&allowed_from::STATE, allowed_from::REPORT_ONLY)),
};

static RESET_LINK: ObjectRule = ObjectRule {
    leading: &windows_sign_in::RESET_LINK,
    mark: device_configuration::MARK,
    noun: "Intune configuration",
    does: "sets the reset link of the Windows sign-in screen",
    wanted: |desired| {
        desired.setting(windows_sign_in::RESET_LINK.name).is_some_and(|wish| wish.value == Value::Bool(true))
    },
    made_with: None,
};

fn of(surface: Surface) -> Option<&'static ObjectRule> {
    match surface {
        Surface::ConditionalAccess => Some(&ALLOWED_FROM),
        Surface::DeviceConfiguration => Some(&RESET_LINK),
        Surface::PasswordReset
        | Surface::OnPremisesPasswordReset
        | Surface::AuthorizationPolicy
        | Surface::AuthenticationMethods => None,
    }
}

/// Routes a wish whose value is pinned.
pub(crate) fn route_object(
    wish: &DesiredSetting,
    after: Value,
    desired: &Desired,
    snapshot: &Snapshot,
) -> Result<Route, ReferenceError> {
    let document = snapshot.document(wish.setting.surface).map_err(ReferenceError::Unavailable)?;
    let mut parts = vec![RouteTarget { setting: wish.setting, after }];
    let Some(kept) = of(wish.setting.surface) else { return Ok(Route { targets: parts, finding: None }) };
    let leading = desired.setting(kept.leading.name);
    let wanted = leading.is_some() && (kept.wanted)(desired);
    match (managed_object::exists(document), wanted) {
        // Without the setting that shows whose it was, nobody would see that it is taken over.
        (true, _) if leading.is_none() && !managed_object::name(document).contains(kept.mark) => {
            Ok(Route { targets: Vec::new(), finding: None })
        }
        (true, _) => Ok(Route { targets: parts, finding: None }),
        // What is not there is as good as switched off.
        (false, false) => Ok(Route { targets: Vec::new(), finding: None }),
        (false, true) => {
            let place = leading.map_or(&wish.place, |wish| &wish.place);
            let told = judge(kept, document, place)?;
            if wish.setting != kept.leading {
                return Ok(Route { targets: parts, finding: None });
            }
            let made_with = kept.made_with.filter(|(setting, _)| desired.setting(setting.name).is_none());
            let unsaid = made_with.map(|(setting, word)| RouteTarget { setting, after: Value::Text(word.to_owned()) });
            parts.extend(unsaid);
            Ok(Route { targets: parts, finding: told })
        }
    }
}

/// Whether one may be made beside what others keep.
fn judge(kept: &ObjectRule, document: &Document, place: &Place) -> Result<Option<Finding>, ReferenceError> {
    let others = managed_object::others(document);
    let in_the_way: Vec<_> = others.iter().filter(|other| other.is_adoptable && other.is_active).collect();
    let ObjectRule { noun, does, .. } = kept;
    if in_the_way.is_empty() {
        let told =
            Finding::warning(OTHERS_BESIDE, format!("the tenant has another {noun} for this: {}", names(&others)))
                .at(place.clone(), "one more is made")
                .hint("see whether all of them are meant to act; those of others are not touched");
        return Ok((!others.is_empty()).then_some(told));
    }
    let several = others.iter().filter(|other| other.is_adoptable).count() > 1;
    let hint = if several {
        "`--adopt` takes over the only one; have all others deleted first"
    } else {
        "take it over with `--adopt`, have it deleted or switched off, or leave this out of the policy"
    };
    let message = format!("somebody else's {noun} already {does}: {}", names(in_the_way));
    let finding = Finding::error(KEPT_BY_OTHERS, message).at(place.clone(), "kept by somebody else").hint(hint);
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
