//! Counts the report of who registered (`reports/authenticationMethods/userRegistrationDetails`), page by page.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::base::ids::ObjectId;
use crate::client::json_body::BorrowedText;
use crate::client::operations::table::Operation;
use crate::client::paging::PageReader;
use crate::client::reader::TenantReader;
use crate::client::{classify, exchange, graph};
use crate::tenant::error::TenantError;
use crate::tenant::registration::{RegistrationReport, ReportPart, UserRegistrationDetails};
use crate::tenant::surface::Service;

/// How many users a page of the report has.
const PAGE: u64 = 999;

impl TenantReader {
    /// Counts the report page by page, and calls `progress` after each page with the number of accounts so far. It takes one
    /// request for about a thousand accounts, of which the service allows five in ten seconds, and holds one page at a time.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub async fn registration(&self, progress: &(dyn Fn(u64) + Sync)) -> Result<RegistrationReport, TenantError> {
        let base = self.base(Service::Graph);
        // Fewer keys and larger pages work in practice but are not documented: a refusal is met with the plain question.
        let (first, instead) = (graph::registration(base), graph::registration_plain(base));
        let mut pages = PageReader::new(self.session(), Operation::Registration, first, instead);
        let mut counted = RegistrationReport::default();
        while let Some(page) = pages.next::<Account>().await? {
            for account in page {
                count(&mut counted, &account);
            }
            progress(counted.users());
        }
        Ok(counted)
    }

    /// How many accounts the directory has; `None` if it does not say.
    pub(crate) async fn account_count(&self) -> Option<u64> {
        let count = graph::account_count(self.base(Service::Graph));
        exchange::read_json::<AccountCount>(self.session(), Operation::Accounts, &count).await.ok()?.count
    }

    /// How long it takes at least until the last page of a report of so many users is requested at the pace of the service.
    pub(crate) fn report_time(&self, users: u64) -> Duration {
        let pause = self.session().http.retry_policy().report_pause;
        self.session().rates.reports.time_for(pause, users.div_ceil(PAGE))
    }

    /// Calls `each` with every line of the report, page by page, from the page with the query `from` on, or else from the first.
    /// It takes as many requests as counting the report.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub async fn people(
        &self,
        from: Option<&str>,
        each: &mut (dyn FnMut(ReportPart<'_>) + Send),
    ) -> Result<(), TenantError> {
        let (session, operation) = (self.session(), Operation::Registration);
        let plain = graph::registration_plain(self.base(Service::Graph));
        let mut pages = match from {
            Some(query) => PageReader::of(session, operation, graph::with_query(plain, query)),
            None => {
                let first = graph::registration_of_people(self.base(Service::Graph));
                PageReader::new(session, operation, first, plain)
            }
        };
        let mut distinct = DistinctLines::default();
        while let Some(page) = pages.fetch().await? {
            for line in pages.parse::<Line<'_>>(&page)? {
                let (number, line) = distinct.of(&line).ok_or_else(|| {
                    pages.error(classify::unexpected_response(operation, "is JSON of another shape than is known"))
                })?;
                each(ReportPart::Line(number, line));
            }
            each(ReportPart::PageEnd(pages.next_query()));
        }
        Ok(())
    }
}

/// The number of accounts.
#[derive(Deserialize)]
struct AccountCount {
    #[serde(rename = "@odata.count")]
    count: Option<u64>,
}

/// One line of the report, without the name of the person: names are not needed, so they are not requested.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    user_type: Option<String>,
    is_admin: Option<bool>,
    is_sspr_registered: bool,
    is_sspr_enabled: bool,
    is_sspr_capable: bool,
    last_updated_date_time: Option<String>,
}

/// One line of the report with what somebody registered, and without a name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    id: Uuid,
    #[serde(borrow)]
    user_type: Option<BorrowedText<'a>>,
    is_admin: Option<bool>,
    is_sspr_enabled: bool,
    is_sspr_capable: bool,
    #[serde(borrow, default)]
    methods_registered: MethodNames<'a>,
    last_updated_date_time: Option<BorrowedText<'a>>,
}

/// The names of methods, as the text of their list.
struct MethodNames<'a>(&'a str);

impl Default for MethodNames<'_> {
    fn default() -> Self {
        Self("[]")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for MethodNames<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|names| Self(names.get()))
    }
}

/// The lines that differ in more than in whose they are and in their time. There are few, so hardly any takes memory.
#[derive(Default)]
struct DistinctLines {
    /// The numbers of the lines with these methods, by the other columns; 0 for none.
    numbers: HashMap<Box<str>, [u32; 16]>,
    lines: Vec<UserRegistrationDetails>,
    /// The last time and its text: many lines are refreshed together.
    refreshed: (String, Option<Timestamp>),
}

impl DistinctLines {
    /// The number of a line, and what it says; `None` if its methods are no list of names.
    fn of(&mut self, line: &Line<'_>) -> Option<(u32, &UserRegistrationDetails)> {
        let member = line.user_type.as_ref().is_some_and(|kind| kind.0 == "member");
        let administrator = line.is_admin == Some(true);
        let columns = [member, administrator, line.is_sspr_enabled, line.is_sspr_capable];
        let column = columns.into_iter().fold(0, |bits, column| bits << 1 | usize::from(column));
        let text = line.methods_registered.0;
        let number = self.numbers.get(text).and_then(|numbers| numbers.get(column)).copied().unwrap_or_default();
        let number = if number > 0 {
            number
        } else {
            self.add(
                text,
                column,
                UserRegistrationDetails {
                    id: ObjectId(line.id),
                    member,
                    administrator,
                    methods: serde_json::from_str(text).ok()?,
                    enabled: line.is_sspr_enabled,
                    capable: line.is_sspr_capable,
                    refreshed: None,
                },
            )
        };
        match &line.last_updated_date_time {
            Some(at) if *at.0 == self.refreshed.0 => {}
            Some(at) => self.refreshed = (at.0.to_string(), at.0.parse().ok()),
            None => self.refreshed = Default::default(),
        }
        let found = self.lines.get_mut(usize::try_from(number).ok()?.checked_sub(1)?)?;
        found.id = ObjectId(line.id);
        found.refreshed = self.refreshed.1;
        Some((number, found))
    }

    fn add(&mut self, text: &str, column: usize, line: UserRegistrationDetails) -> u32 {
        self.lines.push(line);
        let number = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        if let Some(known) = self.numbers.entry(text.into()).or_default().get_mut(column) {
            *known = number;
        }
        number
    }
}

fn count(counted: &mut RegistrationReport, account: &Account) {
    let tally = match account.user_type.as_deref() {
        _ if account.is_admin == Some(true) => &mut counted.administrators,
        Some("member") => &mut counted.members,
        Some("guest") => &mut counted.guests,
        _ => &mut counted.others,
    };
    tally.count(account.is_sspr_registered, account.is_sspr_enabled, account.is_sspr_capable);
    if let Some(at) = account.last_updated_date_time.as_deref().and_then(|at| at.parse::<Timestamp>().ok()) {
        counted.refresh(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<'a>(number: u128, methods: &'a str, capable: bool) -> Line<'a> {
        Line {
            id: Uuid::from_u128(number),
            user_type: Some(BorrowedText("member".into())),
            is_admin: None,
            is_sspr_enabled: true,
            is_sspr_capable: capable,
            methods_registered: MethodNames(methods),
            last_updated_date_time: Some(BorrowedText("2026-11-22T00:47:21Z".into())),
        }
    }

    #[test]
    fn lines_that_say_the_same_have_the_same_number() {
        let mut distinct = DistinctLines::default();
        let mut number =
            |line| distinct.of(&line).map(|(number, line)| (number, line.id.0.as_u128(), line.methods.len()));
        assert_eq!(number(line(1, r#"["email"]"#, true)), Some((1, 1, 1)));
        assert_eq!(number(line(2, "[]", true)), Some((2, 2, 0)));
        assert_eq!(number(line(3, r#"["email"]"#, false)), Some((3, 3, 1)));
        assert_eq!(number(line(4, r#"["email"]"#, true)), Some((1, 4, 1)));
        assert_eq!(number(line(5, "null", true)), None);
        assert_eq!(number(line(5, r#"[1]"#, true)), None);
    }
}
