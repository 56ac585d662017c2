//! Who is in a group (`groups/{id}/transitiveMembers`), page by page.

use std::collections::HashSet;
use std::ops::ControlFlow;

use serde::Deserialize;
use uuid::Uuid;

use crate::base::ids::ObjectId;
use crate::client::auth::session::Session;
use crate::client::graph;
use crate::client::json_body::BorrowedText;
use crate::client::operations::table::Operation;
use crate::client::paging::PageReader;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// The largest group that is read, in pages of 999: about 250,000 members, which takes some minutes.
const MOST_PAGES: usize = 250;
/// The most administrators that are held in memory.
const MOST_ADMINISTRATORS: usize = 20_000;

/// Calls `each` with the id of every member of a group, at any depth, page by page, until it returns `Break`.
///
/// # Errors
/// When a page cannot be read, or the group has more than [`MOST_PAGES`] pages of members.
pub(crate) async fn members(
    session: &Session,
    group: ObjectId,
    each: &mut (dyn FnMut(ObjectId) -> ControlFlow<()> + Send),
) -> Result<(), TenantError> {
    let first = graph::members(session.endpoints.of_system(Service::Graph), group);
    let mut pages = PageReader::of(session, Operation::Members, first);
    while let Some(page) = pages.fetch().await? {
        // The list also has the groups through which people are members, and devices.
        for Member { id, .. } in pages.parse(&page)?.into_iter().filter(Member::may_be_a_user) {
            if each(ObjectId(id)).is_break() {
                return Ok(());
            }
        }
        if pages.asked() >= MOST_PAGES && !pages.ended() {
            let message = format!("the group has more than {} members, which are not read", MOST_PAGES * 999);
            return Err(TenantError::new(TenantErrorKind::Refused, message));
        }
    }
    Ok(())
}

/// How many administrators are in a group. Whoever the report calls one is one: it knows roles that are given directly, by a
/// group, and for a while.
pub(crate) async fn administrators_among(session: &Session, group: ObjectId) -> Result<u64, TenantError> {
    let mut missing = administrators(session).await?;
    let mut found = 0;
    if missing.is_empty() {
        return Ok(found);
    }
    let mut each = |id: ObjectId| {
        found += u64::from(missing.remove(&id));
        if missing.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    members(session, group, &mut each).await?;
    Ok(found)
}

async fn administrators(session: &Session) -> Result<HashSet<ObjectId>, TenantError> {
    let base = session.endpoints.of_system(Service::Graph);
    let (first, instead) = (graph::administrators(base), graph::administrators_plain(base));
    let mut pages = PageReader::new(session, Operation::Registration, first, instead);
    let mut found = HashSet::new();
    while let Some(page) = pages.fetch().await? {
        found.extend(pages.parse(&page)?.into_iter().map(|Member { id, .. }| ObjectId(id)));
        if found.len() > MOST_ADMINISTRATORS {
            let message = format!("the tenant has more than {MOST_ADMINISTRATORS} administrators");
            return Err(TenantError::new(TenantErrorKind::Refused, message));
        }
    }
    Ok(found)
}

/// One object, of which only the id is requested.
#[derive(Deserialize)]
struct Member<'a> {
    id: Uuid,
    /// The type, which lists of objects of several types have.
    #[serde(rename = "@odata.type", borrow, default)]
    kind: Option<BorrowedText<'a>>,
}

impl Member<'_> {
    fn may_be_a_user(&self) -> bool {
        self.kind.as_ref().is_none_or(|kind| kind.0 == "#microsoft.graph.user")
    }
}
