//! Several tenants in a comment: a table of all, then what they share, each thing once.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::finding::{Finding, Severity};
use crate::engine::result::{FleetView, TenantResult};
use crate::plan::change::Change;
use crate::render::markdown::comment::CommentPart;
use crate::render::markdown::diff::{TextDiff, lines_of};
use crate::render::markdown::escape::{code, fence, html, prose, text};
use crate::render::markdown::lists::{finding, finding_in_short, unread_items, with_requests};
use crate::render::markdown::tenants::{OPEN, body, lines_in_words, policies, unreadable};
use crate::render::text::fleet::{
    self, Direction, NAMED, RowState, RowTenants, SharedBlock, SharedItem, TableRow, changes, how_many, merge_places,
    shared,
};
use crate::render::text::group::{GroupedTenants, TenantGroup, finding_key, group};
use crate::render::text::unread_item::UnreadItem;
use crate::render::text::{impact, summary_lines};
use crate::review::approve::Review;

/// The bytes for the rows of the table; tenants beyond that are counted.
const TABLE: usize = 12_000;

/// The people of several tenants and those tenants where most of them lose the reset; `None` where they were not to be counted.
pub(super) fn people(tenants: &[TenantResult<Review>]) -> Option<String> {
    let sum = impact::sum(tenants).filter(|_| tenants.len() > 1)?;
    let losing = impact::losing(tenants);
    let mut lines: Vec<_> =
        losing.iter().take(NAMED).map(|(tenant, says)| format!("- {}: {}", code(tenant), prose(says))).collect();
    let more = losing.len().saturating_sub(NAMED);
    lines.extend((more > 0).then(|| format!("- and {} more", summary_lines::count(more, "tenant"))));
    Some(body(vec![format!("**People: {}.**", prose(&sum)), lines.join("\n")]))
}

/// The table; `None` for one tenant, and where all are in sync.
pub(super) fn table<T>(
    tenants: &[TenantResult<T>],
    view: FleetView<'_>,
    says: impl Fn(&TenantResult<T>) -> (RowState, String),
) -> Option<String> {
    let ringed = view.rings.is_some_and(|rings| !rings.names().is_empty());
    let line = |ring: &str, tenant: &str, says: &str| {
        if ringed { format!("| {ring} | {tenant} | {says} |") } else { format!("| {tenant} | {says} |") }
    };
    let row = |TableRow { ring, tenants, says }: &TableRow| {
        let tenant = match tenants {
            // A code span does not hold the sign between cells.
            RowTenants::One(name) if name.contains('|') => text(name),
            RowTenants::One(name) => code(name),
            RowTenants::More(many) => format!("and {many} more"),
            RowTenants::Counted(many) => format!("{many} tenants"),
        };
        line(&ring.as_deref().map(prose).unwrap_or_default(), &tenant, &prose(says))
    };
    let rows = fleet::table(tenants, view, says);
    let mut room = TABLE;
    let mut lines =
        vec![line("ring", "tenant", "state"), if ringed { "|---|---|---|" } else { "|---|---|" }.to_owned()];
    for (index, row) in rows.iter().map(row).enumerate() {
        if row.len() > room {
            let left: usize = rows.iter().skip(index).map(|row| row.tenants.many()).sum();
            lines.push(line("", &format!("and {left} more"), "no room in this comment"));
            break;
        }
        room -= row.len();
        lines.push(row);
    }
    (tenants.len() > 1 && !rows.is_empty()).then(|| lines.join("\n"))
}

/// A comment about several tenants.
pub(super) struct FleetParts<'a, T>(pub(super) &'a [TenantResult<T>]);

/// What several tenants share, as a fold of which it is not known yet whether it is open from the beginning.
pub(super) struct Fold {
    /// The title as HTML.
    html: String,
    /// The title as Markdown.
    short: String,
    body: String,
}

impl Fold {
    fn part(self, open: bool) -> CommentPart {
        let Self { html, short, body } = self;
        let open = if open { " open" } else { "" };
        CommentPart { full: format!("<details{open}>\n<summary>{html}</summary>\n\n{body}\n\n</details>"), short }
    }
}

impl<T: AsRef<Review>> FleetParts<'_, T> {
    /// All parts: what could not be read, what is unknown, errors, the changes, what `more` gives, and warnings.
    pub(super) fn parts(&self, changes: Vec<Fold>, more: Vec<Fold>) -> Vec<CommentPart> {
        let failed: Vec<_> = group(self.0, |_| true, |_| None)
            .into_iter()
            .filter_map(|group| match group {
                TenantGroup::Failed(tenants, why) => Some((tenants, why)),
                TenantGroup::Alike(_) => None,
            })
            .collect();
        let unknown = self.unknown(|one: &T| unread_items(&one.as_ref().plan));
        let open = failed.len() + unknown.len() + changes.len() + more.len() <= OPEN;
        let failed = failed.into_iter().map(|(tenants, why)| unreadable(&tenants, why, open));
        let part = |fold: Fold| fold.part(open);
        let (unknown, changes, more) =
            (unknown.into_iter().map(part), changes.into_iter().map(part), more.into_iter().map(part));
        let [errors, warnings] = [Severity::Error, Severity::Warning].map(|severity| self.findings(severity));
        failed.chain(unknown).chain(errors).chain(changes).chain(more).chain(warnings).collect()
    }

    /// The changes, in folds of those that the same tenants share; `below` gives what is shown under them.
    pub(super) fn changes(
        &self,
        of: impl Fn(&T) -> Vec<Change>,
        (way, verb): (Direction, &str),
        below: impl Fn(&GroupedTenants<'_, T>, &[Change]) -> String,
    ) -> Vec<Fold> {
        let blocks = shared(self.0, |one| changes(&one.as_ref().plan, &of(one)), merge_places).into_iter();
        let fold = |SharedBlock { members, block, items }: SharedBlock<'_, T, Change>| {
            let (_, first) = members.first()?;
            let plan = &first.as_ref().plan;
            let many = members.len() > 1;
            let mut diff = TextDiff::default();
            for Change { setting, before, after, place: _ } in &items {
                let [before, after] = [before, after].map(|value| lines_of(many, setting, value, &plan.group_names));
                match way {
                    Direction::ToPolicy => diff.change(&before, &after),
                    Direction::FromPolicy => diff.change(&after, &before),
                }
            }
            let each = if many { " in each" } else { "" };
            let only = match items.as_slice() {
                [one] if many => match way.change(one, &plan.group_names).as_slice() {
                    [line] => Some(format!("{} {line}", one.setting.name)),
                    _ => None,
                },
                _ => None,
            };
            // Hosts make links and mentions of words in a title that are not code.
            let says = match only {
                Some(only) => (format!("<code>{}</code>", html(&only)), code(&only)),
                None => plain(&format!("{} {verb}{each}", items.len())),
            };
            let written = if block.is_empty() && many { String::new() } else { written(&items) };
            let file = if block.is_empty() || !many { String::new() } else { block };
            let parts = vec![self.whose(&members, &written), fence("diff", &diff.unified()), below(&members, &items)];
            Some(self.fold(&members, &file, says, body(parts)))
        };
        blocks.filter_map(fold).collect()
    }

    /// A fold for each block of texts.
    pub(super) fn folds(&self, title: &str, blocks: Vec<SharedBlock<'_, T, String>>) -> Vec<Fold> {
        let fold = |SharedBlock { members, block: _, items }: SharedBlock<'_, T, String>| {
            self.fold(&members, "", plain(title), body(vec![self.whose(&members, ""), items.join("\n")]))
        };
        blocks.into_iter().map(fold).collect()
    }

    /// A fold for each block of what could not be read.
    pub(super) fn unknown(&self, items: impl Fn(&T) -> Vec<SharedItem<UnreadItem>>) -> Vec<Fold> {
        let blocks = shared(self.0, items, UnreadItem::merge).into_iter();
        let blocks = blocks.map(|SharedBlock { members, block, items }| SharedBlock {
            members,
            block,
            items: items.into_iter().map(with_requests).collect(),
        });
        self.folds("unknown", blocks.collect())
    }

    /// The findings of one severity, each once with its tenants.
    fn findings(&self, severity: Severity) -> Vec<CommentPart> {
        let items = |one: &T| {
            let Review { plan, findings, .. } = one.as_ref();
            let found = findings.iter().filter(|finding| finding.severity == severity);
            let item =
                |one: &Finding| SharedItem { block: finding_key(one, plan), key: String::new(), item: one.clone() };
            found.map(item).collect()
        };
        let part = |SharedBlock { members, block: _, items }: &SharedBlock<'_, T, Finding>| {
            let tenants: Vec<_> = members.iter().map(|(one, _)| *one).collect();
            let whose = fleet::tenants_in_words(&tenants, self.0.len(), false, code);
            let one = items.first()?;
            let short = format!("{} in {}", finding_in_short(one), how_many(tenants.len(), self.0.len()));
            Some(CommentPart { full: format!("{}\n  - in {whose}", finding(one)), short })
        };
        shared(self.0, items, |_, _| ()).iter().filter_map(part).collect()
    }

    /// A fold of what these tenants share, which is written in `file` if that has a name. `says` is for HTML and Markdown.
    fn fold(&self, members: &GroupedTenants<'_, T>, file: &str, says: (String, String), body: String) -> Fold {
        let many = how_many(members.len(), self.0.len());
        let (html_of_who, who, sign) = match members {
            [(one, _)] => (format!("<code>{}</code>", html(&one.tenant)), code(&one.tenant), ":"),
            _ if file.is_empty() => (many.clone(), many, ":"),
            _ => (format!("<code>{}</code>: {many}", html(file)), format!("{}: {many}", code(file)), ","),
        };
        Fold { html: format!("{html_of_who}{sign} {}", says.0), short: format!("{who}{sign} {}", says.1), body }
    }

    /// The tenants with their policies, and where their changes are written; nobody is named where all are meant.
    fn whose(&self, members: &GroupedTenants<'_, T>, written: &str) -> String {
        if members.len() == self.0.len() && members.len() > 1 {
            return if written.is_empty() { String::new() } else { format!("Written in {written}") };
        }
        policies(&members.iter().map(|(one, _)| *one).collect::<Vec<_>>(), written)
    }
}

/// The lines of the files that want these changes.
fn written(changes: &[Change]) -> String {
    let mut places: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for Change { place, .. } in changes.iter().filter(|change| !change.place.source.text.is_empty()) {
        places.entry(&place.source.path).or_default().insert(place.line_column().0);
    }
    let named: Vec<_> = places.into_iter().map(|(path, lines)| lines_in_words(path, &lines)).collect();
    named.join(" and ")
}

/// Words of our own in HTML and in Markdown.
fn plain(words: &str) -> (String, String) {
    (html(words), prose(words))
}
