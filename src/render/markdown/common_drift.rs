//! The texts of issues about drift: of one tenant, and of what several have in common.

use std::collections::BTreeMap;

use crate::engine::common_drift::{CommonDrift, common_drift, in_words};
use crate::engine::result::{DriftResult, TenantResult};
use crate::plan::change::Change;
use crate::plan::same_change::key;
use crate::render::markdown::diff::{TextDiff, lines_of};
use crate::render::markdown::drift::{QUOTE, with_notes};
use crate::render::markdown::escape::{code, fence};
use crate::render::markdown::tenants::{body, lines_in_words};
use crate::render::text::attribution;
use crate::render::text::fleet::NAMED;
use crate::render::text::summary_lines::count;

/// The bytes for the list of tenants. Those beyond it are counted.
const LIST: usize = 40_000;

/// The file of each issue, below the folder for them, without its ending, and its text: one for each tenant that drifted, and
/// one for each drift that several have in common.
pub(crate) fn drift_issues(tenants: &[TenantResult<DriftResult>]) -> Vec<(String, String)> {
    let common = common_drift(tenants);
    let shared: BTreeMap<&str, usize> = common.iter().map(|one| (one.key.as_str(), one.members.len())).collect();
    let mut files = Vec::new();
    for tenant in tenants {
        let Ok(drifting) = &tenant.result else { continue };
        let changes = drifting.review.plan.changes();
        if changes.is_empty() {
            continue;
        }
        let shared = changes.iter().filter_map(|change| {
            let key = key(change, &drifting.review.plan.group_names);
            let others = shared.get(key.as_str())?.saturating_sub(1);
            let (setting, title) = (code(change.setting.name), title(&key));
            Some(format!("- {setting} drifted in the same way in {others} other tenants: see the issue **{title}**."))
        });
        let notes = shared.collect::<Vec<_>>().join("\n");
        let notes = Some(notes).filter(|notes| !notes.is_empty()).into_iter().collect();
        // The name of a tenant is a domain or an id, so it can be the name of a file.
        let name = tenant.tenant.replace(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-'), "_");
        files.push((name, with_notes(std::slice::from_ref(tenant), notes)));
    }
    files.extend(common.iter().map(|one| (format!("common/{}", one.key), common_issue(one, tenants.len()))));
    files
}

/// The title of the issue about a common drift, without escapes: a key has nothing to escape.
fn title(key: &str) -> String {
    format!("Common drift: {}", in_words(key))
}

/// The text of the issue about a drift that several tenants have in common. Lines that begin with `- ` and a code span name
/// tenants and nothing else: by them, the scripts of the pipelines know whom an open issue lists.
fn common_issue(common: &CommonDrift<'_>, all: usize) -> String {
    let CommonDrift { key: _, changes, members } = common;
    let (Some(change), Some((_, first))) = (changes.first(), members.first()) else { return String::new() };
    let Change { setting, before, after, place: _ } = change;
    let name = code(setting.name);
    let mut diff = TextDiff::default();
    let [found, expected] = [before, after].map(|value| lines_of(true, setting, value, &first.review.plan.group_names));
    diff.change(&expected, &found);
    let undecided = members.iter().filter(|(_, one)| one.undecided.contains(setting.name)).count();
    let undecided = match undecided {
        0 => String::new(),
        many => format!("In {} it is unknown whether the tenant or the policy changed.", count(many, "tenant")),
    };
    let by = attribution::lines(members, setting.name, &QUOTE);
    let by: Vec<_> = by.into_iter().map(|line| format!("- {line}")).collect();
    let parts = vec![
        format!("<!-- ssprctl:common-drift -->\n### Common drift of {name}"),
        format!("**{} of {} drifted in the same way.**", members.len(), count(all, "tenant")),
        fence("diff", &diff.unified()),
        "`-` is what the policies say, `+` is what the tenants have.".to_owned(),
        undecided,
        by.join("\n"),
        listed(members),
        next(common),
    ];
    format!("{}\n", body(parts))
}

/// The tenants, one a line; many of them in a fold below the names of the first.
fn listed(members: &[(&TenantResult<DriftResult>, &DriftResult)]) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut room = LIST;
    for (tenant, _) in members {
        let line = format!("- {} ({})", code(&tenant.tenant), code(&tenant.path));
        if line.len() >= room {
            break;
        }
        room -= line.len() + 1;
        lines.push(line);
    }
    let out = members.len() - lines.len();
    lines.extend((out > 0).then(|| format!("- and {out} more, which `ssprctl drift --format json` lists")));
    let list = lines.join("\n");
    if members.len() <= NAMED {
        return format!("Tenants:\n\n{list}");
    }
    let names: Vec<_> = members.iter().take(NAMED).map(|(one, _)| code(&one.tenant)).collect();
    let (names, more, all) = (names.join(", "), members.len() - NAMED, count(members.len(), "tenant"));
    format!("Tenants: {names} and {more} more\n\n<details>\n<summary>All {all}</summary>\n\n{list}\n\n</details>")
}

/// What to do about it.
fn next(common: &CommonDrift<'_>) -> String {
    let CommonDrift { key: _, changes, members } = common;
    let Some(change) = changes.first() else { return String::new() };
    let is_plain = |path: &str| !path.starts_with('-') && path.chars().all(is_plain);
    let paths: Vec<_> = members.iter().map(|(one, _)| one.path.as_str()).collect();
    let (files, whose) = if paths.len() <= NAMED && paths.iter().all(|path| is_plain(path)) {
        (format!(" {}", paths.join(" ")), "these tenants")
    } else {
        (String::new(), "all tenants of the repository")
    };
    let setting = change.setting.name;
    let spot = |change: &Change| (change.place.source.path.clone(), change.place.line_column().0);
    let (path, line) = spot(change);
    let one_place = changes.iter().all(|other| spot(other) == (path.clone(), line));
    let at_once = if one_place {
        let place = lines_in_words(&path, &[line].into());
        format!(
            " All of them get the value from {place}: change it there, and what they have is accepted for every tenant whose policy extends that file."
        )
    } else {
        String::new()
    };
    format!(
        "What to do: see what an apply would change in {whose}, and put the policies back in force, or accept what the \
         tenants have into the policy of each.{at_once} This issue is closed by a run that compares each of them and finds that fewer than three still have the drift.\n\n\
         ```sh\nssprctl plan{files}\nssprctl apply{files}\nssprctl accept --setting {setting}{files}\n```"
    )
}

/// Whether a shell takes the character as it is.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/')
}
