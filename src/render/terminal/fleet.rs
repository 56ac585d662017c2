//! Several tenants for a person at a terminal: a table of all, then what they share, each thing once.

use crate::base::finding::{Finding, Severity};
use crate::base::ids::RequestId;
use crate::engine::result::{FleetView, TenantResult};
use crate::plan::change::Change;
use crate::render::terminal::rows::{doubt, head, rows, setting_names, unknown_block};
use crate::render::text::capital::capitalized;
use crate::render::text::error::{by_reason, error_block};
use crate::render::text::findings;
use crate::render::text::fleet::{
    Direction, NAMED, RowState, RowTenants, SharedBlock, SharedItem, TableRow, changes, how_many, merge_places, names,
    shared, table, tenants_in_words,
};
use crate::render::text::group::{GroupedTenants, TenantGroup, finding_key, group};
use crate::render::text::safe::safe;
use crate::render::text::shared_error::{error_of, request_words};
use crate::render::text::style::{HEADING, MUTED, paint};
use crate::render::text::unread_item::UnreadItem;
use crate::review::approve::Review;
use crate::tenant::error::TenantError;

/// What an item was shared under, and the lines that show it.
type Lines<'a, T> = SharedBlock<'a, T, String>;

/// A run over several tenants, as its parts need it.
pub(super) struct FleetText<'a, T> {
    pub(super) tenants: &'a [TenantResult<T>],
    pub(super) view: FleetView<'a>,
}

/// The table; `None` where all are in sync.
pub(super) fn table_of<T>(
    tenants: &[TenantResult<T>],
    view: FleetView<'_>,
    says: impl Fn(&TenantResult<T>) -> (RowState, String),
) -> Option<String> {
    let rows = table(tenants, view, says);
    let cells = rows.iter().map(|TableRow { ring, tenants, says }| {
        let tenants = match tenants {
            RowTenants::One(name) => safe(name).into_owned(),
            RowTenants::More(many) => format!("and {many} more"),
            RowTenants::Counted(many) => format!("{many} tenants"),
        };
        [ring.as_deref().map(|ring| safe(ring).into_owned()).unwrap_or_default(), tenants, safe(says).into_owned()]
    });
    let cells: Vec<_> = cells.collect();
    let folded = rows.iter().any(|row| !matches!(row.tenants, RowTenants::One(_)));
    let title = ["ring", "tenant", "state"];
    let width = |column: usize| {
        let all = cells.iter().map(|row| row[column].chars().count()).chain([title[column].len()]);
        all.max().unwrap_or_default()
    };
    let (ring, tenant) = (width(0), width(1));
    let line = |[first, second, third]: [&str; 3]| {
        let ring = if view.rings.is_some_and(|rings| !rings.names().is_empty()) {
            format!("{first:ring$}  ")
        } else {
            String::new()
        };
        format!("{ring}{second:tenant$}  {third}").trim_end().to_owned()
    };
    let lines = cells.iter().map(|row| line(row.each_ref().map(String::as_str)));
    let note = folded.then(|| paint(MUTED, "--full names every tenant"));
    let text = [paint(HEADING, &line(title))].into_iter().chain(lines).chain(note).collect::<Vec<_>>().join("\n");
    (!rows.is_empty()).then_some(text)
}

/// A block of tenants with the same output, or the same error.
pub(super) fn block<T>(
    tenants: &[TenantResult<T>],
    view: FleetView<'_>,
    group: TenantGroup<'_, T>,
    body: impl Fn(&GroupedTenants<'_, T>) -> String,
) -> String {
    let fleet = FleetText { tenants, view };
    match group {
        TenantGroup::Failed(members, why) => fleet.unreadable(&members, why),
        TenantGroup::Alike(members) => {
            let tenants: Vec<_> = members.iter().map(|(one, _)| *one).collect();
            format!("{}\n\n{}", fleet.title(&tenants, ""), body(&members))
        }
    }
}

impl<T: AsRef<Review>> FleetText<'_, T> {
    /// The tenants that could not be read, by the reason.
    pub(super) fn failed(&self) -> Vec<String> {
        let groups = group(self.tenants, |_| true, |_| None).into_iter();
        let failed = groups.filter_map(|group| match group {
            TenantGroup::Failed(tenants, why) => Some(self.unreadable(&tenants, why)),
            TenantGroup::Alike(_) => None,
        });
        failed.collect()
    }

    /// The changes, in blocks of those that the same tenants share; `under` gives the lines below a change.
    pub(super) fn changes(
        &self,
        of: impl Fn(&T) -> Vec<Change>,
        way: Direction,
        under: impl Fn(&GroupedTenants<'_, T>, &Change) -> Vec<String>,
    ) -> Vec<String> {
        let items = |one: &T| changes(&one.as_ref().plan, &of(one));
        let blocks = shared(self.tenants, items, merge_places).into_iter();
        let text = |SharedBlock { members, block, items }: SharedBlock<'_, T, Change>| {
            let (tenants, first): (Vec<_>, _) = (members.iter().map(|(one, _)| *one).collect(), members.first()?.1);
            let (items, lines) = once(items, |change| under(&members, change));
            let under = |change: &Change| lines.iter().filter(|(at, _)| *at == change.setting.name);
            let under = |change: &Change| under(change).flat_map(|(_, lines)| lines.clone()).collect();
            let rows = rows(&items, &first.as_ref().plan, |change, names| way.change(change, names), under);
            Some(format!("{}\n\n{rows}", self.title(&tenants, &block)))
        };
        blocks.filter_map(text).collect()
    }

    /// What is unknown, of which `more` is the tenant's own.
    pub(super) fn unknown(&self, more: impl Fn(&T) -> Vec<SharedItem<UnreadItem>>) -> Option<String> {
        let items = |one: &T| {
            let plan = &one.as_ref().plan;
            let tenant = plan.tenant.to_string();
            let facts = plan.unread.iter().map(|fact| unread_item(fact.what, &fact.why, &tenant));
            let settings = by_reason(&plan.unknown).into_iter().map(|(why, settings)| {
                let names = setting_names(&settings);
                UnreadItem::item(&names.join(" "), why, &tenant, |why, _| unknown_block(&names, why))
            });
            more(one).into_iter().chain(settings).chain(facts).collect()
        };
        let lines = |item: UnreadItem| match item.text() {
            (text, ids) if ids.is_empty() => text,
            (text, ids) => format!("{text}\n      {}", self.requests(&ids)),
        };
        let blocks = shared(self.tenants, items, UnreadItem::merge).into_iter();
        let blocks = blocks.map(|SharedBlock { members, block, items }| SharedBlock {
            members,
            block,
            items: items.into_iter().map(lines).collect(),
        });
        self.section("unknown", blocks.collect())
    }

    /// The findings, each once with its tenants, errors first.
    pub(super) fn findings(&self) -> Vec<String> {
        let items = |one: &T| {
            let Review { plan, findings, .. } = one.as_ref();
            let item = |finding: &Finding| SharedItem {
                block: finding.severity.name().to_owned(),
                key: finding_key(finding, plan),
                item: finding.clone(),
            };
            findings.iter().map(item).collect()
        };
        let mut blocks = shared(self.tenants, items, |_, _| ());
        blocks.sort_by_key(|block| block.block != Severity::Error.name());
        let text = |block: &SharedBlock<'_, T, Finding>| {
            let tenants: Vec<_> = block.members.iter().map(|(one, _)| *one).collect();
            let whose = paint(MUTED, &format!("in {}", self.words(&tenants)));
            format!("{}\n{whose}", findings::findings(&block.items, true).trim_end())
        };
        blocks.iter().map(text).collect()
    }

    /// Lines under a title, each with its tenants; `None` where there are none.
    pub(super) fn section(&self, title: &str, blocks: Vec<Lines<'_, T>>) -> Option<String> {
        self.section_after(title, None, blocks)
    }

    pub(super) fn section_after(
        &self,
        title: &str,
        first: Option<String>,
        blocks: Vec<Lines<'_, T>>,
    ) -> Option<String> {
        if blocks.is_empty() {
            return None;
        }
        let colon = if title.contains(':') { "" } else { ":" };
        let title = paint(HEADING, &format!("{}{colon}", capitalized(title)));
        let text = |SharedBlock { members, block, items }: &Lines<'_, T>| {
            let tenants: Vec<_> = members.iter().map(|(one, _)| *one).collect();
            let file = if block.is_empty() { String::new() } else { format!("{}: ", safe(block)) };
            let lines = items.iter().flat_map(|item| item.lines()).map(|line| format!("  {line}"));
            let label = format!("  {file}{}", self.words(&tenants));
            [label].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
        };
        let blocks = blocks.iter().map(text);
        Some([title].into_iter().chain(first).chain(blocks).collect::<Vec<_>>().join("\n"))
    }
}

impl<T> FleetText<'_, T> {
    /// The heading of tenants that share something of the file `file`.
    fn title(&self, tenants: &[&TenantResult<T>], file: &str) -> String {
        if let [one] = tenants {
            return head(one);
        }
        let file = if file.is_empty() { String::new() } else { format!("{}: ", safe(file)) };
        let title = paint(HEADING, &format!("{file}{}", how_many(tenants.len(), self.tenants.len())));
        if tenants.len() == self.tenants.len() && !self.view.full {
            return title;
        }
        format!("{title}\n  {}", names(tenants, self.view.full, quote))
    }

    /// The tenants that could not be read for the same reason.
    fn unreadable(&self, tenants: &[&TenantResult<T>], why: &TenantError) -> String {
        let (why, ids) = error_of(tenants, why);
        let ids = if ids.is_empty() { String::new() } else { format!("\n  {}", self.requests(&ids)) };
        format!("{}\n\n{}{ids}", self.title(tenants, ""), error_block(&why))
    }

    /// The ids of requests.
    pub(super) fn requests(&self, ids: &[RequestId]) -> String {
        let most = if self.view.full { ids.len() } else { NAMED };
        paint(MUTED, &request_words(ids, most, quote).unwrap_or_default())
    }

    fn words(&self, tenants: &[&TenantResult<T>]) -> String {
        tenants_in_words(tenants, self.tenants.len(), self.view.full, quote)
    }
}

fn quote(name: &str) -> String {
    safe(name).into_owned()
}

/// Changes in an order in which those with the same lines are neighbours, and the lines, each once below the last that has them.
fn once(
    changes: Vec<Change>,
    lines: impl Fn(&Change) -> Vec<String>,
) -> (Vec<Change>, Vec<(&'static str, Vec<String>)>) {
    let mut groups: Vec<(Vec<String>, Vec<Change>)> = Vec::new();
    for change in changes {
        let lines = lines(&change);
        match groups.iter_mut().find(|(known, _)| *known == lines && !known.is_empty()) {
            Some((_, same)) => same.push(change),
            None => groups.push((lines, vec![change])),
        }
    }
    let below = groups.iter().filter_map(|(lines, changes)| {
        let many = match changes.len() {
            1 => String::new(),
            2 => "both: ".to_owned(),
            many => format!("these {many}: "),
        };
        Some((changes.last()?.setting.name, lines.iter().map(|line| format!("{many}{line}")).collect()))
    });
    let below = below.collect();
    (groups.into_iter().flat_map(|(_, changes)| changes).collect(), below)
}

/// Something that could not be read.
pub(super) fn unread_item(what: &str, why: &TenantError, tenant: &str) -> SharedItem<UnreadItem> {
    UnreadItem::item(what, why, tenant, |why, _| doubt(what, why))
}
