//! What could not be read, as an item that tenants of a fleet share.

use crate::base::ids::RequestId;
use crate::render::text::fleet::SharedItem;
use crate::render::text::shared_error::{error_key, without_own};
use crate::tenant::error::TenantError;

/// Something that could not be read.
pub(crate) struct UnreadItem {
    /// What is shown where it is of one tenant.
    alone: String,
    /// What is shown where several share it.
    together: String,
    requests: Vec<RequestId>,
    is_shared: bool,
}

impl UnreadItem {
    /// Something of this name that could not be read. `show` makes the text of the error as it is, and where it is `true` of
    /// that which tenants share.
    pub(crate) fn item(
        what: &str,
        why: &TenantError,
        tenant: &str,
        show: impl Fn(&TenantError, bool) -> String,
    ) -> SharedItem<Self> {
        let (alone, together) = (show(why, false), show(&without_own(why, tenant), true));
        let item = Self { alone, together, requests: why.request_id.into_iter().collect(), is_shared: false };
        SharedItem { block: String::new(), key: error_key(what, why, tenant), item }
    }

    /// A text without an error.
    pub(crate) fn said(text: String) -> SharedItem<Self> {
        let item = Self { alone: text.clone(), together: text.clone(), requests: Vec::new(), is_shared: false };
        SharedItem { block: String::new(), key: text, item }
    }

    /// Adds the same of another tenant.
    pub(crate) fn merge(&mut self, other: Self) {
        self.is_shared = true;
        let new: Vec<_> = other.requests.into_iter().filter(|id| !self.requests.contains(id)).collect();
        self.requests.extend(new);
    }

    /// The text, and the ids of the requests that are not in it.
    pub(crate) fn text(self) -> (String, Vec<RequestId>) {
        if self.is_shared { (self.together, self.requests) } else { (self.alone, Vec::new()) }
    }
}
