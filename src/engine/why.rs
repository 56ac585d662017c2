//! Why one person can reset their password, or not: reads that person and what decides about them, and asks the model. Nothing
//! of it is saved.

use std::collections::{BTreeMap, BTreeSet};

use futures::future;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::base::cloud::Cloud;
use crate::base::finding::Severity;
use crate::base::ids::{ObjectId, TenantId, TenantName};
use crate::catalog::desired::Desired;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::error::RunError;
use crate::engine::impact::{DECIDING, unread_facts, with_deciding};
use crate::engine::people::{day_of_facts, day_of_reading, situation};
use crate::person::action::NextAction;
use crate::person::allowed::TargetMatch;
use crate::person::explanation::{Explanation, explain};
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::policy_state::{MethodTargets, PolicyState, ResetScope};
use crate::person::state::Moment;
use crate::plan::build;
use crate::review::approve::plan_and_review;
use crate::review::config::ReviewConfig;
use crate::tenant::account::{Memberships, NamedAccount};
use crate::tenant::api::ReadTenant;
use crate::tenant::audit::RefusedReset;
use crate::tenant::error::TenantError;
use crate::tenant::facts::UnreadFact;
use crate::tenant::group::GroupQuery;
use crate::tenant::registration::UserRegistrationDetails;
use crate::tenant::snapshot::{self, ReadSet, Snapshot};
use crate::tenant::surface::{Service, Surface};

/// How far back refused resets are looked for: the service retains its log for 30 days at most.
const LOG_DAYS: i64 = 30;
/// The most refused resets that are shown.
const MOST_REFUSED: usize = 5;
/// The deepest nesting of groups that is followed.
const DEEPEST: usize = 10;

/// What a command asks about one person.
pub(crate) struct PersonQuestion {
    /// The sign-in name or object id.
    pub(crate) user: String,
    pub(crate) tenant: (TenantName, Cloud),
    /// The policy whose plan is compared with the tenant as it is.
    pub(crate) desired: Option<Desired>,
    pub(crate) config: ReviewConfig,
}

/// Everything about one person's reset.
#[derive(Debug)]
pub(crate) struct PersonReport {
    pub(crate) tenant: TenantName,
    pub(crate) tenant_id: TenantId,
    pub(crate) cloud: Cloud,
    pub(crate) account: NamedAccount,
    /// The day on which the tenant was read, or the earlier one for which the answer holds.
    pub(crate) today: Date,
    /// Whether that day had passed when the tenant was read: settings and registrations are those of the reading.
    pub(crate) past: bool,
    /// The registered methods by the names of the report; `None` if the report does not have the person, or was not read.
    pub(crate) registered: Option<Vec<String>>,
    /// Whether the report could not be read, so that it is not known what the person has registered.
    pub(crate) report_unread: bool,
    /// Whether the person may have a temporary access pass, as the tenant is.
    pub(crate) access_pass: TargetMatch,
    /// Whether the person's directory roles were read.
    pub(crate) roles_read: bool,
    /// When the line of the report was made.
    pub(crate) refreshed: Option<Timestamp>,
    /// The display names of the groups that decide; untrusted text.
    pub(crate) names: BTreeMap<ObjectId, String>,
    /// The groups that lead to the person, from each group in scope: that group first, and last one that has the person itself.
    pub(crate) paths: BTreeMap<ObjectId, Vec<ObjectId>>,
    /// By the tenant as it is.
    pub(crate) live: PolicyAnswer,
    /// By the plan of a policy, whose path is given; an error where it is not known what the plan changes, and none where the
    /// policy names something that the tenant does not have, so that it is not counted.
    pub(crate) proposed: Option<(String, Option<Result<PolicyAnswer, TenantError>>)>,
    /// The codes of the findings because of which that plan is refused.
    pub(crate) refusal: BTreeSet<&'static str>,
    /// The newest refused resets.
    pub(crate) refused: Vec<RefusedReset>,
    /// What could not be read.
    pub(crate) unread: Vec<UnreadFact>,
}

/// One person's answer by one state of the policies.
#[derive(Debug)]
pub(crate) struct PolicyAnswer {
    pub(crate) scope: Option<ResetScope>,
    pub(crate) explanation: Explanation,
}

/// Explains the answer for one person.
///
/// # Errors
/// When the tenant or the account cannot be read, or there is no such account.
pub(crate) async fn why(context: &RunContext, question: PersonQuestion) -> Result<PersonReport, RunError> {
    let PersonQuestion { user, tenant: (tenant, cloud), desired, config } = question;
    if !user.contains('@') && user.parse::<Uuid>().is_err() {
        return Err(RunError::failed(format!("`{user}` is neither a sign-in name nor an object id"))
            .hint("write the whole sign-in name, with @ and the domain: no list of people is read to complete it"));
    }
    let reader = context.reader(&tenant, cloud)?;
    let read_set = with_deciding(desired.as_ref().map_or_else(ReadSet::default, Desired::read_set));
    let (snapshot, account) =
        future::join(snapshot::read(&reader, &tenant, &read_set, &context.clock), reader.account(&user)).await;
    let snapshot = snapshot?;
    let account = account?.ok_or_else(|| unknown_user(&user, &snapshot))?;
    let today = day_of_facts(&snapshot, config.today());
    let at = config.today().max(today);
    let before = PolicyState::of(|surface| snapshot.document(surface).ok());
    let after = desired.as_ref().map(|desired| (desired.source.path.clone(), planned(desired, &snapshot)));
    let refusal = desired.as_ref().map(|desired| refusal(desired, &snapshot, &config)).unwrap_or_default();

    let mut read = PersonReader { reader: &reader, id: account.id, unread: unread_facts(&snapshot) };
    let unread_before = read.unread.len();
    let report = read.registration().await;
    let report_unread = read.unread.len() > unread_before;
    let memberships = read.memberships().await;
    let mut situation = situation(&snapshot, config.calendar(&tenant, cloud), today);
    let states = || std::iter::once(&before).chain(after.iter().filter_map(|(_, after)| after.as_ref()?.as_ref().ok()));
    let provider = situation.calendar.provider.as_ref().and_then(|provider| provider.groups.clone());
    let passes = snapshot.document(Surface::AuthenticationMethods).ok().and_then(MethodTargets::of_access_passes);
    let pass_groups = passes.iter().filter(|passes| passes.on != Some(false)).flat_map(MethodTargets::groups);
    let groups = states().flat_map(PolicyState::groups).chain(provider.into_iter().flatten()).chain(pass_groups);
    let mut names = read.groups(groups.collect(), memberships.as_ref(), &mut situation).await;
    let access_pass = passes
        .as_ref()
        .map_or(TargetMatch::NotKnown, |passes| TargetMatch::of(passes, &situation.groups, account.id, |_| true));
    let mut paths = BTreeMap::new();
    for state in states() {
        if let Some(ResetScope::Members(group)) = state.scope
            && let Some(memberships) = memberships.as_ref().filter(|member| member.groups.contains(&group))
        {
            paths.insert(group, read.path(group, memberships, &mut names).await);
        }
    }
    let refused = read.refused(context.clock.now()).await;

    let roles = memberships.as_ref().and_then(|member| member.roles.as_deref());
    let person = PersonFacts { id: account.id, account: Some(account.account), report: report.as_ref(), roles };
    let answer = |state: &PolicyState| {
        let moment = Moment { policy: state, at, read: Some(&before) };
        let mut explanation = explain(moment, &situation, &person);
        if report_unread && explanation.action == NextAction::WaitForReport {
            explanation.action = NextAction::ReadMore;
        }
        PolicyAnswer { scope: state.scope, explanation }
    };
    let live = answer(&before);
    let by_plan = |after: Result<PolicyState, TenantError>| after.map(|after| answer(&after));
    let proposed = after.map(|(path, after)| (path, after.map(by_plan)));
    Ok(PersonReport {
        tenant,
        tenant_id: snapshot.tenant,
        cloud,
        account,
        today,
        past: today < day_of_reading(&snapshot),
        report_unread,
        access_pass,
        roles_read: roles.is_some(),
        refreshed: report.as_ref().and_then(|report| report.refreshed),
        registered: report.map(|report| report.methods),
        names,
        paths,
        live,
        proposed,
        refusal,
        refused,
        unread: read.unread,
    })
}

/// The codes of the findings because of which the plan of a policy is refused.
fn refusal(desired: &Desired, snapshot: &Snapshot, config: &ReviewConfig) -> BTreeSet<&'static str> {
    let review = plan_and_review(desired, &snapshot.restricted_to(&desired.read_set()), config);
    let errors = review.findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.code).collect()
}

/// The state of the policies after the plan of a policy; none where that names something that the tenant does not have.
fn planned(desired: &Desired, snapshot: &Snapshot) -> Option<Result<PolicyState, TenantError>> {
    let (plan, problems) = build::build(desired, snapshot);
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return None;
    }
    Some(match plan.unknown.iter().find(|unknown| DECIDING.contains(&unknown.setting.surface)) {
        Some(unknown) => Err(unknown.why.clone()),
        None => {
            let documents = plan.documents_after();
            // A plan has only the documents that its policy manages.
            Ok(PolicyState::of(|surface| documents.get(&surface).or_else(|| snapshot.document(surface).ok())))
        }
    })
}

fn unknown_user(user: &str, snapshot: &Snapshot) -> RunError {
    let identity = snapshot.identities.get(&Service::Graph).and_then(|read| read.as_ref().ok());
    let domains = identity.map(|identity| identity.domains.join(", ")).filter(|domains| !domains.is_empty());
    let domains = domains.map(|domains| format!("; domains of this tenant: {domains}")).unwrap_or_default();
    RunError::failed(format!("the tenant has no account `{user}`"))
        .hint(format!("correct the sign-in name, which need not be the mail address{domains}"))
}

/// Reads what is known of one person, and notes what cannot be read.
struct PersonReader<'a> {
    reader: &'a TenantReader,
    id: ObjectId,
    unread: Vec<UnreadFact>,
}

impl PersonReader<'_> {
    /// What was read; `None` if it could not be, which is noted.
    fn note<T>(&mut self, what: &'static str, read: Result<T, TenantError>) -> Option<T> {
        read.map_err(|why| self.unread.push(UnreadFact { what, why })).ok()
    }

    async fn registration(&mut self) -> Option<UserRegistrationDetails> {
        let read = self.reader.registration_of(self.id).await;
        self.note("the registration report", read).flatten()
    }

    async fn memberships(&mut self) -> Option<Memberships> {
        let read = self.reader.memberships(self.id).await;
        self.note("the groups and roles of the person", read)
    }

    /// Finds the groups that decide, and notes which of them the person is in; returns their names.
    async fn groups(
        &mut self,
        groups: BTreeSet<ObjectId>,
        memberships: Option<&Memberships>,
        tenant: &mut TenantSituation,
    ) -> BTreeMap<ObjectId, String> {
        let mut names = BTreeMap::new();
        for id in groups {
            let read = self.reader.groups(&GroupQuery::Id(id)).await;
            let found = self.note("a group", read).and_then(|found| found.into_iter().next());
            let exists = found.is_some();
            names.extend(found.map(|group| (id, group.name)));
            let inside = memberships.filter(|_| exists).map(|member| member.groups.contains(&id));
            tenant.groups.insert(id, inside.map(|inside| if inside { vec![self.id] } else { Vec::new() }));
        }
        names
    }

    /// The groups from one that has the person, at any depth, to one that has the person itself.
    async fn path(
        &mut self,
        from: ObjectId,
        memberships: &Memberships,
        names: &mut BTreeMap<ObjectId, String>,
    ) -> Vec<ObjectId> {
        let (mut path, mut last) = (vec![from], from);
        while path.len() < DEEPEST {
            let read = self.reader.groups_in(last).await;
            let Some(inside) = self.note("the groups in a group", read) else { break };
            let leads = |(id, _): &(ObjectId, String)| memberships.groups.contains(id) && !path.contains(id);
            let Some((id, name)) = inside.into_iter().find(leads) else { break };
            names.insert(id, name);
            path.push(id);
            last = id;
        }
        path
    }

    async fn refused(&mut self, now: Timestamp) -> Vec<RefusedReset> {
        let since = now.saturating_sub(SignedDuration::from_hours(24 * LOG_DAYS)).unwrap_or(now);
        let read = self.reader.refused_resets(self.id, since).await;
        let mut refused = self.note("the audit log", read).unwrap_or_default();
        refused.truncate(MOST_REFUSED);
        refused
    }
}
