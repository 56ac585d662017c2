//! Tenants, each in a fold whose title sums it up; tenants with the same output share one fold.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog;
use crate::engine::result::TenantResult;
use crate::plan::change::Change;
use crate::render::markdown::comment::CommentPart;
use crate::render::markdown::diff::{TextDiff, lines, lines_of};
use crate::render::markdown::escape::{code, fence, html};
use crate::render::markdown::lists;
use crate::render::text::fleet::{Direction, NAMED as IN_SIGHT, sums_up};
use crate::render::text::group::{GroupedTenants, TenantGroup, group, group_key, has_no_output};
use crate::render::text::shared_error::{error_of, request_words};
use crate::review::approve::Review;
use crate::tenant::error::TenantError;

/// Most tenants that one fold names.
const NAMED: usize = 100;
/// Most folds that are open from the beginning; a reviewer should see a change without a click.
pub(crate) const OPEN: usize = 3;

/// A part for each group of tenants, those that need somebody first. `more` is shown below the changes.
pub(crate) fn reviews<T: AsRef<Review>>(
    tenants: &[TenantResult<T>],
    way: Direction,
    more: impl Fn(&GroupedTenants<'_, T>) -> String,
) -> Vec<CommentPart> {
    grouped(group(tenants, has_no_output, group_key), way, |_| 0, more)
}

/// A part for each group of tenants, those that need somebody first. `pending` counts the settings of a tenant that are no drift,
/// and `more` is shown below the changes.
pub(crate) fn grouped<T: AsRef<Review>>(
    mut groups: Vec<TenantGroup<'_, T>>,
    way: Direction,
    pending: impl Fn(&T) -> usize,
    more: impl Fn(&GroupedTenants<'_, T>) -> String,
) -> Vec<CommentPart> {
    groups.sort_by_key(|group| match group {
        TenantGroup::Failed(..) => 0,
        TenantGroup::Alike(members) if members.iter().any(|(_, one)| one.as_ref().refusal().is_some()) => 1,
        TenantGroup::Alike(_) => 2,
    });
    let open = groups.len() <= OPEN;
    let parts = groups.iter().map(|group| match group {
        TenantGroup::Failed(tenants, why) => unreadable(tenants, why, open),
        TenantGroup::Alike(members) => reviewed(members, way, open, (&pending, &more)),
    });
    parts.collect()
}

/// Tenants that could not be read.
pub(crate) fn unreadable<T>(tenants: &[&TenantResult<T>], why: &TenantError, open: bool) -> CommentPart {
    let names: Vec<_> = tenants.iter().map(|one| one.tenant.as_str()).collect();
    let (why, ids) = error_of(tenants, why);
    let ids = request_words(&ids, IN_SIGHT, code).map(|words| format!("\n  - {words}")).unwrap_or_default();
    fold(&names, "could not be read", &format!("{}\n\n{}{ids}", policies(tenants, ""), lists::error(&why)), open)
}

/// A fold. `tenants` is never empty.
pub(crate) fn fold(tenants: &[&str], adds_up_to: &str, body: &str, open: bool) -> CommentPart {
    let first = tenants.first().copied().unwrap_or_default();
    let more = tenants.len().saturating_sub(1);
    let others = lists::count(more, "more tenant").map(|words| format!(" and {words}")).unwrap_or_default();
    let each = if more > 0 && adds_up_to.starts_with(|c: char| c.is_ascii_digit()) { " in each" } else { "" };
    let open = if open { " open" } else { "" };
    let named = html(first);
    CommentPart {
        full: format!(
            "<details{open}>\n<summary><code>{named}</code>{others}: {adds_up_to}{each}</summary>\n\n{body}\n\n</details>"
        ),
        short: format!("{}{others}: {adds_up_to}{each}", code(first)),
    }
}

/// Which policies are meant: the path of one, or all the tenants with theirs, and the lines in which the changes are
/// `written`, if they share some. Many tenants are in a fold below that.
pub(crate) fn policies<T>(tenants: &[&TenantResult<T>], written: &str) -> String {
    let written = if written.is_empty() { String::new() } else { format!("written in {written}") };
    let after = if written.is_empty() { String::new() } else { format!("; {written}") };
    if let [one] = tenants {
        return format!("Policy: {}{after}", code(&one.path));
    }
    let mut named: Vec<_> =
        tenants.iter().take(NAMED).map(|one| format!("{} ({})", code(&one.tenant), code(&one.path))).collect();
    named.extend(lists::count(tenants.len().saturating_sub(NAMED), "more tenant"));
    let named = named.join(", ");
    if tenants.len() <= IN_SIGHT {
        return format!("Tenants: {named}{after}");
    }
    let many = tenants.len();
    let list = format!("<details>\n<summary>the {many} tenants</summary>\n\n{named}\n\n</details>");
    body(vec![written.replacen('w', "W", 1), list])
}

/// Parts of a body, without those that are empty.
pub(crate) fn body(parts: Vec<String>) -> String {
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

fn reviewed<T: AsRef<Review>>(
    members: &GroupedTenants<'_, T>,
    way: Direction,
    open: bool,
    (pending, more): (impl Fn(&T) -> usize, impl Fn(&GroupedTenants<'_, T>) -> String),
) -> CommentPart {
    let Some((_, first)) = members.first() else { return fold(&[], "", "", open) };
    let review = first.as_ref();
    let (tenants, names): (Vec<_>, Vec<_>) = members.iter().map(|(one, _)| (*one, one.tenant.as_str())).unzip();
    let parts = vec![
        policies(&tenants, &written(members)),
        difference(members, way),
        more(members),
        lists::list(&review.plan, &review.findings),
    ];
    fold(&names, &sums_up(review, way, pending(first), None), &body(parts), open)
}

/// The lines of the files that want the changes, as far as all tenants share them; nothing where they share none.
fn written<T: AsRef<Review>>(members: &GroupedTenants<'_, T>) -> String {
    let mut places = members.iter().map(|(_, review)| places(review.as_ref()));
    let Some(first) = places.next() else { return String::new() };
    let others: Vec<_> = places.collect();
    let shared = first.iter().filter(|(path, lines)| others.iter().all(|other| other.get(*path) == Some(*lines)));
    let named: Vec<_> = shared.map(|(path, lines)| lines_in_words(path, lines)).collect();
    named.join(" and ")
}

/// Lines of a file.
pub(crate) fn lines_in_words(path: &str, lines: &BTreeSet<usize>) -> String {
    let word = if lines.len() == 1 { "line" } else { "lines" };
    let lines: Vec<_> = lines.iter().map(usize::to_string).collect();
    format!("{}, {word} {}", code(path), lines.join(", "))
}

fn places(review: &Review) -> BTreeMap<&str, BTreeSet<usize>> {
    let mut places: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for change in review.plan.steps.iter().flat_map(|step| &step.changes) {
        places.entry(&change.place.source.path).or_default().insert(change.place.line_column().0);
    }
    places
}

/// What changes, among the managed settings that stay as they are in every one of the tenants.
fn difference<T: AsRef<Review>>(members: &GroupedTenants<'_, T>, way: Direction) -> String {
    let Some((_, review)) = members.first() else { return String::new() };
    let plan = &review.as_ref().plan;
    let mut diff = TextDiff::default();
    let changes = plan.changes();
    for setting in catalog::ALL {
        if let Some(Change { setting, before, after, place: _ }) =
            changes.iter().find(|change| change.setting == *setting)
        {
            let [before, after] =
                [before, after].map(|value| lines_of(members.len() > 1, setting, value, &plan.group_names));
            match way {
                Direction::ToPolicy => diff.change(&before, &after),
                Direction::FromPolicy => diff.change(&after, &before),
            }
        } else if let Some(value) = plan.actual.get(setting.name)
            && members.iter().map(|(_, other)| other.as_ref()).all(|other| {
                other.plan.unchanged.contains(setting) && other.plan.actual.get(setting.name) == Some(value)
            })
        {
            diff.unchanged(lines(setting, value, &plan.group_names));
        }
    }
    let lines = diff.unified();
    if lines.is_empty() { String::new() } else { fence("diff", &lines) }
}
