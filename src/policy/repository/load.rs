//! Loads `ssprctl.yaml`, the settings of a repository for all its policies. It is searched from the folder where a run
//! starts upward to the root of the repository; the nearest one counts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::base::finding::Finding;
use crate::base::signature::Digest;
use crate::base::source::{Place, Source};
use crate::policy::gate;
use crate::policy::managed::Managed;
use crate::policy::repository::calendar::CalendarChange;
use crate::policy::repository::check;
use crate::policy::repository::config::{DestructiveChange, FILE, LosingLimit, RepositoryConfig, Ring, RuleLevel};
use crate::policy::repository::controller::ControllerConfig;
use crate::policy::roots::Roots;
use crate::policy::schema::REPOSITORY_SHAPE;
use crate::policy::single_file;
use crate::policy::tree::{ByteRange, Node, NodeBody};

/// The severity that a repository sets for one rule, with its places.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleOverride {
    /// The code as it is written.
    pub(crate) code: String,
    /// The place of the code.
    pub code_place: Place,
    pub(crate) level: RuleLevel,
    /// The place of the severity.
    pub(crate) level_place: Place,
}

/// How much one apply may change, with the place of each limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LocatedLimits {
    pub(crate) tenants: Option<(u32, Place)>,
    /// The most tenants in percent of all that have a policy.
    pub(crate) percent: Option<(u32, Place)>,
    /// From how many tenants on the percentage counts.
    pub(crate) percent_from: Option<(u32, Place)>,
    /// The most tenants of one ring.
    pub(crate) per_ring: Option<(u32, Place)>,
    /// From how many people a plan may take the reset.
    pub(crate) losing: Option<(LosingLimit, Place)>,
    /// Destructive changes that need no `--allow`.
    pub(crate) allow: BTreeMap<DestructiveChange, Place>,
}

/// What the file says about one entry of the calendar, with its places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocatedCalendarChange {
    /// The id of the entry.
    pub(crate) id: String,
    pub(crate) change: CalendarChange,
    /// The place of the date.
    pub(crate) date: Option<Place>,
    /// The place that says that there is a provider.
    pub(crate) provider: Option<Place>,
}

/// The content of the file.
#[derive(Default)]
struct ConfigContents {
    rules: Vec<RuleOverride>,
    limits: LocatedLimits,
    rings: Vec<LocatedRing>,
    calendar: Vec<LocatedCalendarChange>,
    controller: ControllerConfig,
    file: Option<Arc<Source>>,
    digest: Option<Digest>,
}

/// A ring with the places for findings about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocatedRing {
    pub(crate) ring: Ring,
    pub(crate) place: Place,
}

/// The repository in which a run started.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repository {
    /// Where the run started, as a path below the repository's own folder with `/`; empty when it is that folder.
    pub start_folder: String,
    /// The severities of rules, in the order of the file.
    pub rules: Vec<RuleOverride>,
    /// How much one apply may change.
    pub(crate) limits: LocatedLimits,
    /// The rings, in the order of the file.
    pub(crate) rings: Vec<LocatedRing>,
    /// What is known of dates of the service, in the order of the file.
    pub(crate) calendar: Vec<LocatedCalendarChange>,
    /// How the controller reconciles the tenants of this repository.
    pub controller: ControllerConfig,
    /// The file; `None` without one, or when something is wrong with it.
    pub(crate) file: Option<Arc<Source>>,
    /// The digest of what its rules, limits, rings and dates mean: comments and the order of keys do not count, and neither does
    /// the section of the controller. `None` where it says nothing of these.
    pub(crate) digest: Option<Digest>,
    /// The errors of the file; if there are any, it sets nothing.
    pub findings: Vec<Finding>,
}

/// Finds the repository that `folder` belongs to, and reads its file. Without a file every setting has its default.
#[must_use]
pub fn discover(folder: &Path) -> Repository {
    discover_in(&Roots::new(folder, None))
}

/// Finds the repository of the folder where a run starts, and reads its file.
#[must_use]
pub(crate) fn discover_in(roots: &Roots) -> Repository {
    let top = roots.repository_of(&roots.folder().join(FILE));
    let start_folder = roots.folder().strip_prefix(&top).unwrap_or(Path::new(""));
    let start_folder = start_folder.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let inside = roots.folder().ancestors().take_while(|folder| folder.starts_with(&top));
    let file = inside
        .map(|folder| folder.join(FILE))
        .find(|file| file.symlink_metadata().is_ok() || gate::check_unread(file, roots).is_err());
    let (ConfigContents { rules, limits, rings, calendar, controller, file, digest }, findings) =
        match file.map(|file| load(&file, roots)) {
            None => (ConfigContents::default(), Vec::new()),
            Some(Ok(said)) => (said, Vec::new()),
            Some(Err(findings)) => (ConfigContents::default(), findings),
        };
    Repository { start_folder, rules, limits, rings, calendar, controller, file, digest, findings }
}

fn load(file: &Path, roots: &Roots) -> Result<ConfigContents, Vec<Finding>> {
    let shown = roots.display(file);
    gate::check_named(file, roots).map_err(|refusal| vec![refusal.finding(&shown)])?;
    let (node, source) = single_file::parse_file(file, &shown, &REPOSITORY_SHAPE)?;
    let findings = check::check(&node, &source);
    if !findings.is_empty() {
        return Err(findings);
    }
    let document = serde_json::from_value::<RepositoryConfig>(node.to_json()).ok();
    let digest = document.as_ref().and_then(digest);
    let controller = document.and_then(|document| document.controller.get().cloned()).unwrap_or_default();
    let (rules, limits, rings) = (rule_overrides(&node, &source), limits(&node, &source), rings(&node, &source));
    let calendar = calendar(&node, &source);
    Ok(ConfigContents { rules, limits, rings, calendar, controller, file: Some(source), digest })
}

/// A file that says nothing but its version.
const NOTHING: &str = r#"{"version":1}"#;

/// The digest of what the file says about reviews.
fn digest(document: &RepositoryConfig) -> Option<Digest> {
    let said = RepositoryConfig { controller: Managed::Unmanaged, ..document.clone() };
    let text = serde_json::to_string(&said).ok()?;
    (text != NOTHING).then(|| Digest::of_json(&text))
}

fn calendar(node: &Node, source: &Arc<Source>) -> Vec<LocatedCalendarChange> {
    let Some(NodeBody::Map(entries)) = node.get("calendar").map(|calendar| &calendar.body) else { return Vec::new() };
    let changes = entries.iter().filter_map(|entry| {
        let place = |name| {
            let value = entry.value.get(name)?;
            Some(Place::new(source, value.at.start as usize, value.at.end as usize))
        };
        Some(LocatedCalendarChange {
            id: entry.key.to_string(),
            change: serde_json::from_value(entry.value.to_json()).ok()?,
            date: place("date"),
            provider: place("provider"),
        })
    });
    changes.collect()
}

fn rings(node: &Node, source: &Arc<Source>) -> Vec<LocatedRing> {
    let Some(NodeBody::List(items)) = node.get("rings").map(|rings| &rings.body) else { return Vec::new() };
    let rings = items.iter().filter_map(|item| {
        let place = item.get("name").map_or(item.at, |name| name.at);
        let place = Place::new(source, place.start as usize, place.end as usize);
        Some(LocatedRing { ring: serde_json::from_value(item.to_json()).ok()?, place })
    });
    rings.collect()
}

fn limits(node: &Node, source: &Arc<Source>) -> LocatedLimits {
    let Some(said) = node.get("limits") else { return LocatedLimits::default() };
    LocatedLimits {
        tenants: located(said, "tenants", source),
        percent: located(said, "percent", source),
        percent_from: located(said, "percentFrom", source),
        per_ring: located(said, "perRing", source),
        losing: located(said, "losing", source),
        allow: allowed_changes(said, source),
    }
}

/// The value of a key, with its place.
fn located<T: DeserializeOwned>(mapping: &Node, key: &str, source: &Arc<Source>) -> Option<(T, Place)> {
    let node = mapping.get(key)?;
    let value = serde_json::from_value(node.to_json()).ok()?;
    Some((value, Place::new(source, node.at.start as usize, node.at.end as usize)))
}

fn allowed_changes(limits: &Node, source: &Arc<Source>) -> BTreeMap<DestructiveChange, Place> {
    let Some(NodeBody::List(items)) = limits.get("allow").map(|allow| &allow.body) else { return BTreeMap::new() };
    let allowed = items.iter().filter_map(|item| {
        let change: DestructiveChange = serde_json::from_value(item.to_json()).ok()?;
        Some((change, Place::new(source, item.at.start as usize, item.at.end as usize)))
    });
    allowed.collect()
}

fn rule_overrides(node: &Node, source: &Arc<Source>) -> Vec<RuleOverride> {
    let Some(NodeBody::Map(entries)) = node.get("rules").map(|rules| &rules.body) else { return Vec::new() };
    let place = |at: ByteRange| Place::new(source, at.start as usize, at.end as usize);
    let agreed = entries.iter().filter_map(|entry| {
        Some(RuleOverride {
            code: entry.key.to_string(),
            code_place: place(entry.key_at),
            level: serde_json::from_value(entry.value.to_json()).ok()?,
            level_place: place(entry.value.at),
        })
    });
    agreed.collect()
}
