//! From a yes to the proof, for one tenant: lock, settle what an earlier run left open, execute.

use std::time::Duration;

use crate::apply::bounds::{Bounds, OnFailure};
use crate::apply::execute::execute;
use crate::apply::fence::Closed;
use crate::apply::journal::Journal;
use crate::cli::approval::Planned;
use crate::cli::compose::Setup;
use crate::cli::stop::Stop;
use crate::cli::write_options::WriteArgs;
use crate::cli::{locks, remembered, unfinished};
use crate::client::{Reader, Writer};
use crate::render::report::{Applied, Ending, PerTenant};
use crate::review::approve::Review;

/// Carries out what was planned for one tenant, where it was said yes to.
pub async fn one(
    setup: &Setup,
    planned: Planned,
    yes: bool,
    arguments: &WriteArgs,
    stop: &Stop,
    journal: &Journal,
) -> PerTenant<Applied> {
    let PerTenant { tenant, path, result } = planned;
    let result = match result {
        Err(trouble) => Err(trouble),
        Ok((reader, review)) => {
            let ending = end(setup, reader, review.clone(), yes, arguments, stop, journal).await;
            remembered::applied(setup, &review.plan, &ending);
            Ok(Applied { review, ending })
        }
    };
    PerTenant { tenant, path, result }
}

async fn end(
    setup: &Setup,
    reader: Reader,
    review: Review,
    yes: bool,
    arguments: &WriteArgs,
    stop: &Stop,
    journal: &Journal,
) -> Ending {
    if review.refusal().is_none() && review.plan.steps.is_empty() {
        return matched(setup, &reader, &review, arguments, journal).await;
    }
    if !yes {
        return review.refusal().map_or(Ending::Declined, Ending::Refused);
    }
    let approved = match review.approve() {
        Err(refusal) => return Ending::Refused(refusal),
        Ok(approved) => approved,
    };
    let id = approved.plan().tenant_id;
    let _lock = match locks::take(setup, id, journal.run(), arguments.lock_timeout, stop).await {
        Err(why) => return Ending::Closed(Closed::Busy(why)),
        Ok(lock) => lock,
    };
    if let Err(why) = unfinished::settle(setup, &reader, id, arguments).await {
        return Ending::Closed(Closed::Unreadable(why));
    }
    let on_failure: OnFailure = arguments.on_failure.into();
    let (verify, agreeing) = (arguments.verify_timeout, arguments.verify_reads);
    let bounds = Bounds { verify, agreeing, on_failure, stop: stop.flag() };
    execute(&Writer::new(reader), &approved, bounds, journal).await.map_or_else(Ending::Closed, Ending::Done)
}

/// There is nothing to send, so whatever an earlier run left open is all there is to do; unless somebody is at it.
async fn matched(setup: &Setup, reader: &Reader, review: &Review, arguments: &WriteArgs, journal: &Journal) -> Ending {
    let id = review.plan.tenant_id;
    if unfinished::any(&arguments.journal, id)
        && let Ok(_lock) = locks::take(setup, id, journal.run(), Duration::ZERO, &Stop::default()).await
    {
        // What is told of it is all that comes of a failure here.
        let _ = unfinished::settle(setup, reader, id, arguments).await;
    }
    Ending::Matched
}
