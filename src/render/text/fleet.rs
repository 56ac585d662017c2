//! A run over several tenants: a row for each in a table, and what several of them share shown once, under their names.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::apply::outcome::StepResult;
use crate::apply::precondition::PreconditionFailed;
use crate::base::finding::{Finding, Severity};
use crate::base::ids::TenantName;
use crate::base::source::Source;
use crate::engine::result::{ApplyEnding, ApplyResult, FleetView, TenantResult};
use crate::plan::change::{Change, Plan};
use crate::plan::same_change::identity;
use crate::render::text::summary_lines::{IN_SYNC_AS_READ, UNREAD, UNREAD_IN_PART, count, is_seen_in_part};
use crate::render::text::value::{self, GroupNames};
use crate::review::approve::{Refusal, Review};

/// The most tenants of one kind that are named.
pub(crate) const NAMED: usize = 8;

/// The longest values of the one change of a tenant that its row shows, in characters.
const ONE_CHANGE: usize = 44;

/// Which of the two values of a change comes first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// What the tenant has, then what the policy wants: a plan.
    ToPolicy,
    /// What the policy says, then what the tenant has: drift.
    FromPolicy,
}

impl Direction {
    /// A change in words, as [`value::change`] has it.
    pub(crate) fn change(self, change: &Change, names: &GroupNames) -> Vec<String> {
        let Change { setting: _, before, after, place: _ } = change;
        match self {
            Self::ToPolicy => value::change(before, after, names),
            Self::FromPolicy => value::change(after, before, names),
        }
    }
}

/// What a row says of a tenant; those that need somebody come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RowState {
    Failed,
    HeldBack,
    Moving,
    Pending,
    /// In sync, but a fact about the tenant could not be read.
    InSyncAsRead,
    InSync,
}

/// Whom a row of the table is about.
pub(crate) enum RowTenants {
    /// One tenant, by its name.
    One(String),
    /// So many more like those above.
    More(usize),
    /// So many that are not named.
    Counted(usize),
}

impl RowTenants {
    /// How many tenants these are.
    pub(crate) fn many(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::More(many) | Self::Counted(many) => *many,
        }
    }
}

/// A row of the table. Its texts are not escaped.
pub(crate) struct TableRow {
    /// The ring; `None` without rings.
    pub(crate) ring: Option<String>,
    pub(crate) tenants: RowTenants,
    pub(crate) says: String,
}

/// The rows of the table, ring by ring; none where all tenants are in sync. Tenants of one ring and one state beyond
/// [`NAMED`] are counted and not named, unless the view is full.
pub(crate) fn table<T>(
    tenants: &[TenantResult<T>],
    view: FleetView<'_>,
    says: impl Fn(&TenantResult<T>) -> (RowState, String),
) -> Vec<TableRow> {
    let mut kinds: Vec<(usize, RowState, String, Vec<&str>)> = Vec::new();
    let mut known: BTreeMap<(usize, RowState, String), usize> = BTreeMap::new();
    for tenant in tenants {
        let ring = view.rings.map(|rings| rings.of(&TenantName::parse(&tenant.tenant))).unwrap_or_default();
        let (state, words) = says(tenant);
        let at = *known.entry((ring, state, words.clone())).or_insert(kinds.len());
        match kinds.get_mut(at) {
            Some((.., names)) => names.push(&tenant.tenant),
            None => kinds.push((ring, state, words, vec![&tenant.tenant])),
        }
    }
    if kinds.iter().all(|(_, state, ..)| *state == RowState::InSync) {
        return Vec::new();
    }
    kinds.sort_by_key(|(ring, state, ..)| (*ring, *state));
    let rings = view.rings.map(|rings| rings.names()).unwrap_or_default();
    let mut rows: Vec<TableRow> = Vec::new();
    for (ring, state, says, names) in kinds {
        let ring = rings.get(ring).map(|name| (*name).to_owned());
        let named = match names.len() {
            _ if view.full => names.len(),
            many if many > NAMED && state == RowState::InSync => 0,
            many => many.min(NAMED),
        };
        let left = names.len() - named;
        let more = if named == 0 { RowTenants::Counted(left) } else { RowTenants::More(left) };
        let one = names.iter().take(named).map(|name| RowTenants::One((*name).to_owned()));
        let all = one.chain((left > 0).then_some(more));
        rows.extend(all.map(|tenants| TableRow { ring: ring.clone(), tenants, says: says.clone() }));
    }
    rows
}

/// What the table says of a tenant by its review. `pending` counts the settings that are no drift.
pub(crate) fn review_row<T: AsRef<Review>>(
    tenant: &TenantResult<T>,
    way: Direction,
    pending: impl Fn(&T) -> usize,
) -> (RowState, String) {
    let Ok(result) = &tenant.result else { return (RowState::Failed, UNREAD.to_owned()) };
    let (review, pending) = (result.as_ref(), pending(result));
    let only = match review.plan.changes().as_slice() {
        [one] => match way.change(one, &review.plan.group_names).as_slice() {
            [line] if line.chars().count() <= ONE_CHANGE => Some(format!("{} {line}", one.setting.name)),
            _ => None,
        },
        _ => None,
    };
    let words = sums_up(review, way, pending, only);
    match () {
        // A drift holds nothing back.
        () if way == Direction::FromPolicy && !review.plan.steps.is_empty() => (RowState::Moving, words),
        () if way == Direction::FromPolicy && review.refusal() == Some(Refusal::Unknown) => {
            (RowState::HeldBack, format!("{UNREAD_IN_PART}: {words}"))
        }
        () if way == Direction::FromPolicy && review.refusal().is_some() => (RowState::HeldBack, words),
        () if review.refusal().is_some() => (RowState::HeldBack, format!("held back: {words}")),
        () if review.is_in_sync() && pending == 0 => {
            let (state, words) = in_sync(review);
            let all = [words.to_owned()].into_iter().chain(how_severe(&review.findings));
            (state, all.collect::<Vec<_>>().join(", "))
        }
        () if review.plan.steps.is_empty() => (RowState::Pending, words),
        () => (RowState::Moving, words),
    }
}

/// What is said of a tenant that is as its policy says.
fn in_sync(review: &Review) -> (RowState, &'static str) {
    if is_seen_in_part(review) { (RowState::InSyncAsRead, IN_SYNC_AS_READ) } else { (RowState::InSync, "in sync") }
}

/// What the table says of a tenant by how its apply ended.
pub(crate) fn apply_row(tenant: &TenantResult<ApplyResult>) -> (RowState, String) {
    let Ok(applied) = &tenant.result else { return (RowState::Failed, UNREAD.to_owned()) };
    let state = match &applied.ending {
        _ if !applied.went_well() => RowState::HeldBack,
        ApplyEnding::InSync if applied.review.held.is_empty() => {
            let (state, words) = in_sync(&applied.review);
            return (state, words.to_owned());
        }
        ApplyEnding::InSync => RowState::Pending,
        _ => RowState::Moving,
    };
    (state, ended(applied))
}

/// How an apply ended, in a few words.
pub(crate) fn ended(applied: &ApplyResult) -> String {
    match &applied.ending {
        ApplyEnding::InSync if !applied.review.held.is_empty() => {
            format!("{} held, nothing was sent", applied.review.held.len())
        }
        ApplyEnding::InSync if is_seen_in_part(&applied.review) => IN_SYNC_AS_READ.to_owned(),
        ApplyEnding::InSync => "already in sync".to_owned(),
        ApplyEnding::Declined => "not approved, nothing was sent".to_owned(),
        ApplyEnding::RingNotStarted { .. } => "not started, nothing was sent".to_owned(),
        ApplyEnding::Refused(_) => "refused, nothing was sent".to_owned(),
        ApplyEnding::PreconditionFailed(why) => {
            let short = match why {
                PreconditionFailed::TenantChanged(_) | PreconditionFailed::ReviewOutdated(_) => "stale, held back",
                PreconditionFailed::ReviewStopped => "not started",
                PreconditionFailed::ReadFailed(_)
                | PreconditionFailed::JournalFailed(_)
                | PreconditionFailed::Locked(_) => "stopped",
            };
            format!("{short}, nothing was sent")
        }
        ApplyEnding::Executed(outcome) => {
            let open = outcome.steps.iter().filter(|step| step.result != StepResult::Verified).count();
            let open = if open > 0 { format!(", {} to check", count(open, "request")) } else { String::new() };
            format!("{} changed, {} verified{open}", outcome.changed(), outcome.verified())
        }
    }
}

/// What there is of a review, in a few words. `only` says what the one change is.
pub(crate) fn sums_up(review: &Review, way: Direction, pending: usize, only: Option<String>) -> String {
    let changes = review.plan.changes().len();
    let verb = if way == Direction::ToPolicy { "to change" } else { "drifted" };
    let mut words = vec![only.unwrap_or_else(|| format!("{changes} {verb}"))];
    words.extend((pending > 0).then(|| format!("{pending} pending")));
    words.extend(Some(review.held.len()).filter(|many| *many > 0).map(|many| format!("{many} held")));
    if changes == 0 && words.len() > 1 {
        words.remove(0);
    }
    words.extend(Some(review.plan.unknown.len()).filter(|many| *many > 0).map(|many| format!("{many} unknown")));
    words.extend(how_severe(&review.findings));
    words.join(", ")
}

/// Errors and warnings in words; nothing when there are none.
pub(crate) fn how_severe(list: &[Finding]) -> Vec<String> {
    let errors = list.iter().filter(|finding| finding.severity == Severity::Error).count();
    let all = [(errors, "error"), (list.len() - errors, "warning")];
    all.into_iter().filter(|(many, _)| *many > 0).map(|(many, noun)| count(many, noun)).collect()
}

/// Something about a tenant that others may share.
pub(crate) struct SharedItem<I> {
    /// Items are in one block only where this is the same.
    pub(crate) block: String,
    /// Items are the same where this is.
    pub(crate) key: String,
    pub(crate) item: I,
}

/// What the same tenants share.
pub(crate) struct SharedBlock<'a, T, I> {
    /// The tenants, never none; what is shown is taken from the first.
    pub(crate) members: Vec<(&'a TenantResult<T>, &'a T)>,
    /// What [`SharedItem::block`] says of every item.
    pub(crate) block: String,
    pub(crate) items: Vec<I>,
}

/// The items of all tenants that were read, each once, in blocks of those that the same tenants share; the block of most tenants
/// comes first. `merge` gets each further occurrence of an item.
pub(crate) fn shared<'a, T, I>(
    tenants: &'a [TenantResult<T>],
    items: impl Fn(&'a T) -> Vec<SharedItem<I>>,
    merge: impl Fn(&mut I, I),
) -> Vec<SharedBlock<'a, T, I>> {
    let read: Vec<_> = tenants.iter().filter_map(|one| Some((one, one.result.as_ref().ok()?))).collect();
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut found: Vec<(Vec<usize>, String, I)> = Vec::new();
    for (index, (_, result)) in read.iter().enumerate() {
        for SharedItem { block, key, item } in items(result) {
            let at = *known.entry((block.clone(), key)).or_insert(found.len());
            match found.get_mut(at) {
                Some((members, _, first)) => {
                    if members.last() != Some(&index) {
                        members.push(index);
                    }
                    merge(first, item);
                }
                None => found.push((vec![index], block, item)),
            }
        }
    }
    let mut known: BTreeMap<(Vec<usize>, String), usize> = BTreeMap::new();
    let mut blocks: Vec<SharedBlock<'a, T, I>> = Vec::new();
    for (members, block, item) in found {
        let at = *known.entry((members.clone(), block.clone())).or_insert(blocks.len());
        match blocks.get_mut(at) {
            Some(known) => known.items.push(item),
            None => {
                let members = members.into_iter().filter_map(|index| read.get(index).copied()).collect();
                blocks.push(SharedBlock { members, block, items: vec![item] });
            }
        }
    }
    blocks.sort_by_key(|block| Reverse(block.members.len()));
    blocks
}

/// The changes of a tenant; those of one baseline are in a block of their own, whose name is its path.
pub(crate) fn changes(plan: &Plan, changes: &[Change]) -> Vec<SharedItem<Change>> {
    let item = |change: &Change| {
        let elsewhere = change.place.source != plan.source && !change.place.source.text.is_empty();
        let block = if elsewhere { change.place.source.path.clone() } else { String::new() };
        let key = identity(change, &plan.group_names).to_string();
        SharedItem { block, key, item: change.clone() }
    };
    changes.iter().map(item).collect()
}

/// Of a change that tenants share, only a place is shown that is the same in the files of all.
pub(crate) fn merge_places(first: &mut Change, other: Change) {
    if first.place.line_column() != other.place.line_column() {
        first.place.source = Arc::new(Source::new(first.place.source.path.as_str(), ""));
    }
}

/// Something about a tenant that is shown as a text; the same text is the same item.
pub(crate) fn texts(all: impl IntoIterator<Item = String>) -> Vec<SharedItem<String>> {
    all.into_iter().map(|text| SharedItem { block: String::new(), key: text.clone(), item: text }).collect()
}

/// Some tenants in words: all of them, or how many with their names, or the only one.
pub(crate) fn tenants_in_words<T>(
    members: &[&TenantResult<T>],
    all: usize,
    full: bool,
    quote: fn(&str) -> String,
) -> String {
    match members {
        [one] => quote(&one.tenant),
        _ => match how_many(members.len(), all) {
            words if members.len() == all && !full => words,
            words => format!("{words}: {}", names(members, full, quote)),
        },
    }
}

/// How many tenants of all these are.
pub(crate) fn how_many(members: usize, all: usize) -> String {
    let words = count(members, "tenant");
    if members == all { format!("all {words}") } else { words }
}

/// The names of tenants; of many, those beyond [`NAMED`] are counted.
pub(crate) fn names<T>(members: &[&TenantResult<T>], full: bool, quote: fn(&str) -> String) -> String {
    let named = if full { members.len() } else { members.len().min(NAMED) };
    let names: Vec<_> = members.iter().take(named).map(|one| quote(&one.tenant)).collect();
    match members.len() - named {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}
