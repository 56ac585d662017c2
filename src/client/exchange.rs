//! Reads with patience, writes once. Everything that goes to a service goes through here.

use crate::client::auth::session::Session;
use crate::client::classify;
use crate::client::errand::Errand;
use crate::client::retry;
use crate::client::token::Bearer;
use crate::client::transport::{self, Answer, Call, Setback};
use crate::tenant::surface::System;
use crate::tenant::trouble::Trouble;

/// Makes a request that changes nothing: repeated while that may help, and once more with a new token.
pub(crate) async fn read(session: &Session, errand: Errand, call: &Call) -> Result<Answer, Trouble> {
    let Some(system) = errand.system() else {
        return attempts(session, errand, call, None).await.map_err(|setback| classify::judge(errand, &setback));
    };
    let bearer = session.bearer(system).await?;
    match attempts(session, errand, call, Some(&bearer)).await {
        Ok(answer) => Ok(answer),
        Err(setback) if classify::wants_new_token(errand, &setback) => {
            session.discard(system, &bearer, classify::judge(errand, &setback)).await;
            let bearer = session.bearer(system).await?;
            settle(session, errand, system, &bearer, attempts(session, errand, call, Some(&bearer)).await).await
        }
        Err(setback) => Err(classify::judge(errand, &setback)),
    }
}

/// Makes a request that changes the tenant: once, whatever comes of it. A token that turns out to be spent is given up, so
/// that the next request starts with a new one.
pub(crate) async fn write(session: &Session, errand: Errand, system: System, call: &Call) -> Result<Answer, Trouble> {
    let bearer = session.bearer(system).await?;
    let outcome = send(session, errand, call, Some(&bearer)).await;
    settle(session, errand, system, &bearer, outcome).await
}

async fn attempts(session: &Session, errand: Errand, call: &Call, bearer: Option<&Bearer>) -> Result<Answer, Setback> {
    retry::patiently(&session.http, errand.whom(), || send(session, errand, call, bearer)).await
}

/// Sends a request when it is its turn.
async fn send(session: &Session, errand: Errand, call: &Call, bearer: Option<&Bearer>) -> Result<Answer, Setback> {
    let sent = transport::send(&session.http, &session.clock, call, bearer);
    if errand.is_counted() { session.access.keep(session.http.patience().access_pause, sent).await } else { sent.await }
}

async fn settle(
    session: &Session,
    errand: Errand,
    system: System,
    bearer: &Bearer,
    outcome: Result<Answer, Setback>,
) -> Result<Answer, Trouble> {
    let Err(setback) = outcome else { return outcome.map_err(|setback| classify::judge(errand, &setback)) };
    let trouble = classify::judge(errand, &setback);
    if classify::wants_new_token(errand, &setback) {
        return Err(session.discard(system, bearer, trouble).await);
    }
    Err(trouble)
}
