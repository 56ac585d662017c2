//! `import --force` over the policy of the same tenant: its own file is edited and not replaced, so that `extends`, waivers and
//! comments stay, and what a baseline says already is not said again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::base::cloud::Cloud;
use crate::base::finding::Severity;
use crate::base::ids::{ObjectId, TenantName};
use crate::base::source::Source;
use crate::base::value::Value;
use crate::catalog;
use crate::catalog::desired::{Desired, DesiredSetting};
use crate::catalog::setting::Setting;
use crate::engine::context::RunContext;
use crate::engine::policies::{load_from, read_named};
use crate::engine::selection::Selection;
use crate::engine::show::ImportedTenant;
use crate::plan::references;
use crate::policy::Policy;
use crate::policy::document::PolicyFile;
use crate::policy::edit::{self, Edit};
use crate::policy::read::MAX_BYTES;
use crate::policy::roots::Roots;
use crate::policy::write;
use crate::tenant::surface::Service;

/// The text of a policy that says what was imported.
#[derive(Debug)]
pub(crate) struct EditedPolicy {
    pub(crate) text: String,
    /// How many settings are left to the baselines, because these say the same.
    pub(crate) inherited: usize,
    /// The settings that the baselines say and the tenant does not have, each with the file that says it.
    pub(crate) foreign: Vec<(&'static str, String)>,
    /// Whether its waivers are not valid, which an import does not change.
    pub(crate) invalid_waivers: bool,
}

/// Edits the policy that is at `path`, or says why it cannot be edited, to follow "because". The comments of an earlier import
/// are replaced by `comments`. `None` where there is no file, or an empty one.
pub(crate) fn edit_existing(
    context: &RunContext,
    path: &Path,
    imported: &ImportedTenant,
    cloud: Cloud,
    comments: &[String],
) -> Option<Result<EditedPolicy, String>> {
    let policy = imported.policy.as_ref().filter(|_| path.is_file())?;
    let old = match read_named(context, path, MAX_BYTES) {
        Ok(old) if old.trim().is_empty() => return None,
        Ok(old) => old,
        Err(why) => return Some(Err(why.to_string())),
    };
    let name = context.selection.single_tenant().ok();
    let is_same = |desired: &Desired| {
        let named = [Some(&TenantName::Id(imported.snapshot.tenant)), name.as_ref()].contains(&Some(&desired.tenant));
        desired.cloud == cloud && named
    };
    let edited = edit_policy(context, path, &old, policy, &references::names(&imported.snapshot), is_same);
    Some(edited.map(|edited| EditedPolicy { text: write::with_comments(&edited.text, comments), ..edited }))
}

/// Edits the policy at `path`, whose text is `old`, so that it asks for what `imported` asks for. A group that the files name
/// is compared by its id in `groups`. `is_same` says whether a policy is for the imported tenant.
///
/// # Errors
/// Why the file cannot be edited, to follow "because".
fn edit_policy(
    context: &RunContext,
    path: &Path,
    old: &str,
    imported: &PolicyFile,
    groups: &BTreeMap<ObjectId, String>,
    is_same: impl Fn(&Desired) -> bool,
) -> Result<EditedPolicy, String> {
    let folder = context.working_folder.as_ref().map_err(ToString::to_string)?;
    let load = |text: &str| {
        let roots = Roots::new(folder, None).with_text(path, text);
        let all = Selection { tenant: None, shard: None, ring: None, services: &Service::ALL };
        let loaded = load_from(&roots, &[path.to_owned()], &all, context.today);
        let error = loaded.findings.iter().find(|finding| finding.severity == Severity::Error);
        (loaded.desired.into_iter().next(), error.map(|finding| finding.message.clone()))
    };
    // A waiver that is not valid says nothing about the settings, so it stays, and the rest is read without the waivers.
    let desired = |text: &str| {
        let whole = load(text);
        let without = Edit { path: vec!["waivers".to_owned()], value: None };
        let without = edit::edit(text, &[without]).ok().filter(|_| whole.1.is_some());
        match without.map(|text| load(&text)) {
            Some((Some(desired), None)) => (Some(desired), None, true),
            Some(_) | None => (whole.0, whole.1, false),
        }
    };
    let before = match desired(old) {
        (Some(before), ..) => before,
        (None, why, _) => return Err(why.unwrap_or_else(|| "it is for no tenant".to_owned())),
    };
    if !is_same(&before) {
        return Err(format!("it is for {}", before.tenant));
    }
    let keys = |setting: &Setting| setting.name.split('.').map(str::to_owned).collect::<Vec<_>>();
    let bare: Vec<_> = catalog::ALL.iter().map(|setting| Edit { path: keys(setting), value: None }).collect();
    let bare =
        edit::edit(old, &bare).and_then(|text| edit::without_empty_sections(&text)).map_err(|why| why.to_string())?;
    let baseline = desired(&bare).0.ok_or("its baselines make no policy by themselves")?;
    let json = serde_json::to_value(imported).map_err(|why| why.to_string())?;
    let source = Arc::new(Source::new("", ""));
    let wanted = Desired::from_policy(&Policy::without_places(source, &before.tenant.to_string(), imported.clone()));
    let (mut edits, mut inherited, mut foreign) = (Vec::new(), 0, Vec::new());
    let same = |a: &DesiredSetting, b: &DesiredSetting| by_id(&a.value, groups) == by_id(&b.value, groups);
    for setting in catalog::ALL {
        let [own, below, want] = [&before, &baseline, &wanted].map(|desired| desired.setting(setting.name));
        let value = match (want, below) {
            (Some(want), Some(below)) if same(want, below) => {
                inherited += 1;
                None
            }
            // What is there already stays as it is written, such as the name of a group.
            (Some(want), _) if own.is_some_and(|own| same(want, own)) => continue,
            (Some(_), _) => json.pointer(&setting.pointer()).cloned(),
            (None, below) => {
                foreign.extend(below.map(|below| (setting.name, below.place.source.path.clone())));
                None
            }
        };
        edits.push(Edit { path: keys(setting), value });
    }
    let text =
        edit::edit(old, &edits).and_then(|text| edit::without_empty_sections(&text)).map_err(|why| why.to_string())?;
    match desired(&text) {
        (_, Some(why), _) => Err(why),
        (Some(after), None, invalid_waivers)
            if wanted.settings.iter().all(|want| after.setting(want.setting.name).is_some_and(|is| same(is, want))) =>
        {
            Ok(EditedPolicy { text, inherited, foreign, invalid_waivers })
        }
        (Some(_) | None, None, _) => Err("the edited file would not say what was imported".to_owned()),
    }
}

/// A value with the ids of groups in place of their names, where only one group has the name.
fn by_id(value: &Value, groups: &BTreeMap<ObjectId, String>) -> Value {
    let id = |name: &String| {
        let mut named = groups.iter().filter(|(_, known)| *known == name).map(|(id, _)| *id);
        named.next().filter(|_| named.next().is_none())
    };
    match value {
        Value::GroupName(name) => id(name).map_or_else(|| value.clone(), Value::Group),
        Value::GroupNames(names) => {
            let written = |name: &String| id(name).map_or_else(|| name.clone(), |id| id.to_string());
            Value::GroupNames(names.iter().map(written).collect())
        }
        Value::Unset
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Set(_)
        | Value::Questions(_)
        | Value::Group(_)
        | Value::Groups(_) => value.clone(),
    }
}
