//! Reads the people of each tenant, and works out which methods its policy could have.

use jiff::Timestamp;

use crate::base::ids::TenantId;
use crate::catalog::desired::Desired;
use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::impact::{read_deciding, unread_document, unread_facts};
use crate::engine::people::{self, PeopleRead, ReadPerson, day_of_facts, situation};
use crate::engine::progress::Progress;
use crate::engine::result::TenantResult;
use crate::engine::tenants::for_each_tenant;
use crate::person::census::Census;
use crate::person::facts::TenantSituation;
use crate::review::advice::{Advice, advise, states};
use crate::review::config::ReviewConfig;
use crate::tenant::error::TenantError;
use crate::tenant::facts::UnreadFact;

/// The advice for one tenant.
#[derive(Clone, Debug)]
pub(crate) struct TenantAdvice {
    pub(crate) tenant_id: TenantId,
    /// The name of the cloud that hosts it, as in a policy.
    pub(crate) cloud: &'static str,
    /// When reading it began.
    pub(crate) taken: Timestamp,
    pub(crate) advice: Advice,
    /// What could not be read, because of which people are unclear.
    pub(crate) unread: Vec<UnreadFact>,
    /// The times at which the oldest and the newest line of the report were refreshed.
    pub(crate) refreshed: Option<(Timestamp, Timestamp)>,
}

impl TenantAdvice {
    /// Whether something could not be read, and it is not known of somebody whether they can reset.
    pub(crate) fn is_incomplete(&self) -> bool {
        let Advice { today, policy, options, .. } = &self.advice;
        let able = [Some(today), policy.as_ref()].into_iter().flatten().map(|choice| &choice.able);
        let dates = able.chain(options.iter().map(|option| &option.able)).flat_map(|able| &able.dates);
        let mut unclear = dates.map(|counts| counts.unclear + counts.administrators_unclear);
        !self.unread.is_empty() && unclear.any(|many| many > 0)
    }
}

/// Reads every tenant with its people, and advises it.
pub(crate) async fn advise_all(
    context: &RunContext,
    desired: Vec<Desired>,
    config: &ReviewConfig,
) -> Vec<TenantResult<TenantAdvice>> {
    for_each_tenant(context, desired, async |reader, desired| advise_tenant(context, &reader, &desired, config).await)
        .await
}

async fn advise_tenant(
    context: &RunContext,
    reader: &TenantReader,
    desired: &Desired,
    config: &ReviewConfig,
) -> Result<TenantAdvice, TenantError> {
    let snapshot = read_deciding(context, reader, desired).await?;
    if let Some(why) = unread_document(&snapshot) {
        return Err(why);
    }
    let tenant =
        situation(&snapshot, config.calendar(&desired.tenant, desired.cloud), day_of_facts(&snapshot, config.today()));
    let states = states(desired, &snapshot, config)?;
    let mut census = Census::new(&states);
    let mut each = |tenant: &TenantSituation, ReadPerson { facts, line, text: _, names: _ }: ReadPerson<'_>| {
        census.add_line(line, &tenant.groups, &facts);
    };
    let policies: Vec<_> = states.iter().collect();
    let read = people::read(context, reader, tenant, &policies, None, None, &mut each).await;
    context.report(Progress::ReadingEnded);
    let PeopleRead { tenant, unread, refreshed, texts: _ } = read?;
    Ok(TenantAdvice {
        tenant_id: snapshot.tenant,
        cloud: desired.cloud.name(),
        taken: snapshot.taken,
        advice: advise(desired, &snapshot, config, &census, &tenant)?,
        unread: unread_facts(&snapshot).into_iter().chain(unread).collect(),
        refreshed,
    })
}
