//! The policies that a tenant is advised to choose from.

use crate::base::count::counted;
use crate::engine::advise::TenantAdvice;
use crate::engine::result::TenantResult;
use crate::render::markdown::comment::{Comment, CommentPart};
use crate::render::markdown::escape::{fence, prose};
use crate::render::markdown::tenants::{body, fold, unreadable};
use crate::render::text::advice::{
    ASSUMED, AdviceRow, LEGEND, administrators, advice_line, commit, simulated, step, table, tried, yaml,
};
use crate::render::text::error::error_line;
use crate::render::text::reports::by_report;
use crate::review::advice::steps::StepKind;
use crate::review::advice::{Advice, AdvisedPolicy};
use crate::tenant::facts::UnreadFact;

/// The advice for one or more tenants. `whole` says whether the policy of each step is shown.
#[must_use]
pub(crate) fn advice(tenants: &[TenantResult<TenantAdvice>], whole: bool) -> String {
    let alone = tenants.len() == 1;
    let part = |tenant: &TenantResult<TenantAdvice>| match &tenant.result {
        Ok(read) => part(tenant, read, whole, alone),
        Err(why) => unreadable(&[tenant], why, alone),
    };
    let summary = vec![format!("**{}**", advice_line(tenants))];
    Comment { command: "advise", summary, parts: tenants.iter().map(part).collect(), footer: String::new() }.text()
}

fn part(tenant: &TenantResult<TenantAdvice>, read: &TenantAdvice, whole: bool, open: bool) -> CommentPart {
    let TenantAdvice { tenant_id: _, cloud: _, taken: _, advice, unread, refreshed } = read;
    let title = format!("Who can reset, by the {}: {}.", prose(&by_report(*refreshed)), prose(LEGEND));
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let (columns, rows) = table(advice);
    let head: Vec<_> = [String::new()].into_iter().chain(columns.clone()).chain(["methods".to_owned()]).collect();
    let rows = rows.iter().map(|AdviceRow { label, cells, says }| {
        let says = says.iter().map(|says| prose(says)).collect::<Vec<_>>().join("; ");
        line(&[label.clone()].into_iter().chain(cells.clone()).chain([says]).collect::<Vec<_>>())
    });
    let rule = format!("|---|{}---|", "--:|".repeat(columns.len()));
    let table = [line(&head), rule].into_iter().chain(rows).collect::<Vec<_>>().join("\n");
    let options = advice.options.iter().map(|one| option(advice, one, whole));
    let unread = unread.iter().map(|UnreadFact { what, why }| format!("not read: {what}: {}", error_line(why)));
    let notes =
        tried(advice).into_iter().chain([administrators(advice)]).chain(ASSUMED.map(str::to_owned)).chain(unread);
    let notes = notes.map(|note| format!("- {}", prose(&note))).collect::<Vec<_>>().join("\n");
    let many = advice.options.len();
    let adds_up_to = counted(many, "option", "options");
    fold(
        &[&tenant.tenant],
        &adds_up_to,
        &body([title, table].into_iter().chain(options).chain([notes]).collect()),
        open,
    )
}

fn option(advice: &Advice, option: &AdvisedPolicy, whole: bool) -> String {
    let steps = option.order.steps.iter().enumerate().map(|(index, one)| {
        let says = step(advice, option, index).iter().map(|line| prose(line)).collect::<Vec<_>>().join("; ");
        let subject = prose(&commit(one.kind, &one.policy.choice));
        let yaml = yaml(one.kind, &one.policy);
        let yaml = (whole && !yaml.is_empty())
            .then(|| fence("yaml", &yaml).lines().map(|line| format!("\n   {line}")).collect::<String>());
        format!("{}. **{}** (commit \"{subject}\"): {says}{}", index + 1, one.kind.word(), yaml.unwrap_or_default())
    });
    let steps = steps.collect::<Vec<_>>().join("\n");
    let policy = if whole { String::new() } else { fence("yaml", &yaml(StepKind::Remove, &option.policy)) };
    body(vec![format!("#### Option {}", option.number), policy, steps, prose(&simulated(option)).to_string()])
}
