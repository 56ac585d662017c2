//! The law of `import`: whatever state a tenant is in, the policy that describes it loads, plans no change and is refused by
//! nothing, and each setting that it does not hold is named in one line, with the reason.

mod model;
mod states;

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use serde_json::Value as Json;
use ssprctl::testing::base::clock::Clock;
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::ids::{ObjectId, TenantId, TenantName};
use ssprctl::testing::catalog;
use ssprctl::testing::plan::import::import_policy;
use ssprctl::testing::policy::write;
use ssprctl::testing::render::terminal::import::comments;
use ssprctl::testing::review::approve::plan_and_review;
use ssprctl::testing::review::config::ReviewConfig;
use ssprctl::testing::review::import_check::first_invalid_setting;
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::authentication_methods::into_entries;
use ssprctl::testing::tenant::conditional_access::{self, NamedLocation};
use ssprctl::testing::tenant::device_configuration;
use ssprctl::testing::tenant::document::Document;
use ssprctl::testing::tenant::error::{TenantError, TenantErrorKind};
use ssprctl::testing::tenant::facts::{FactsToRead, Licence};
use ssprctl::testing::tenant::group::{Group, GroupQuery};
use ssprctl::testing::tenant::identity::Identity;
use ssprctl::testing::tenant::snapshot::{self, ReadSet};
use ssprctl::testing::tenant::surface::{Service, Surface};

use crate::harness::{CONTOSO, TestResult, wanted};
use model::{Expected, expected};
use states::{MAIL, SECURITY, State, state};

/// How many states are tried.
const STATES: u64 = 1_000;
/// Days before and after the ends of methods in Microsoft's calendar.
const DAYS: [Date; 3] = [date(2026, 11, 22), date(2027, 2, 15), date(2027, 12, 1)];

fn refused(why: impl ToString) -> TenantError {
    TenantError::new(TenantErrorKind::Refused, why.to_string())
}

fn parse(value: &Json) -> Result<Document, TenantError> {
    Document::parse(&value.to_string()).map_err(refused)
}

impl ReadTenant for State {
    async fn identify(&self, _service: Service) -> Result<Identity, TenantError> {
        let id = self.tenant_of("").await?;
        Ok(Identity { id, name: "Contoso".to_owned(), domains: vec![CONTOSO.to_owned()] })
    }

    async fn tenant_of(&self, _domain: &str) -> Result<TenantId, TenantError> {
        "3f1b7f2e-4c0e-4a55-9a0c-0a4a6d1d0b11".parse().map_err(refused)
    }

    async fn read(&self, surface: Surface) -> Result<Document, TenantError> {
        if self.unread.contains(surface.spec().name) {
            return Err(refused("may not be read:\nnever"));
        }
        let all = |list: &[Json]| list.iter().map(parse).collect::<Result<Vec<_>, _>>();
        match surface {
            Surface::ConditionalAccess => {
                let location = |(id, name, trusted): &(&str, &str, bool)| NamedLocation {
                    id: (*id).to_owned(),
                    name: (*name).to_owned(),
                    trusted: *trusted,
                };
                let locations: Vec<_> = self.locations.iter().map(location).collect();
                conditional_access::document(all(&self.access_policies)?, &locations, false).map_err(refused)
            }
            Surface::DeviceConfiguration => {
                device_configuration::document(all(&self.configurations)?, false).map_err(refused)
            }
            Surface::AuthenticationMethods => {
                into_entries(&parse(&self.documents[surface.spec().name])?).map_err(refused)
            }
            Surface::PasswordReset | Surface::OnPremisesPasswordReset | Surface::AuthorizationPolicy => {
                parse(&self.documents[surface.spec().name])
            }
        }
    }

    async fn licence(&self) -> Result<Licence, TenantError> {
        self.licence.ok_or_else(|| refused("the licences are not known"))
    }

    async fn directory_synced(&self) -> Result<bool, TenantError> {
        self.synchronised.ok_or_else(|| refused("not known"))
    }

    async fn writeback_connected(&self) -> Result<Option<bool>, TenantError> {
        Ok(self.writeback_up)
    }

    async fn groups(&self, query: &GroupQuery) -> Result<Vec<Group>, TenantError> {
        let GroupQuery::Id(id) = query else { return Ok(Vec::new()) };
        let [security, mail] = [&SECURITY[..], &[MAIL]].map(|ids| ids.contains(&id.to_string().as_str()));
        let name = "Some: \n- people # of us".to_owned();
        Ok((security || mail)
            .then_some(Group { id: *id, name, security_enabled: security, uses_member_of: Some(false) })
            .into_iter()
            .collect())
    }

    async fn administrators_among(&self, _group: ObjectId) -> Result<u64, TenantError> {
        Ok(1)
    }
}

/// What was made of a state.
struct Imported {
    text: String,
    /// How often each setting is named in a line of what was left out.
    named: BTreeMap<String, usize>,
}

async fn import(state: &State, clock: &Clock, today: Date) -> Result<Imported, String> {
    let wanted = ReadSet {
        surfaces: Surface::ALL.to_vec(),
        asked: FactsToRead { licence: true, hybrid: true },
        ..ReadSet::default()
    };
    let tenant = TenantName::parse(CONTOSO);
    let snapshot = snapshot::read(state, &tenant, &wanted, clock).await.map_err(|error| error.message)?;
    let config = ReviewConfig::new(today);
    let check = |draft: &_| first_invalid_setting(draft, &config);
    let (policy, left_out) = import_policy(&snapshot, &tenant, Cloud::Global, check);
    let policy = policy.ok_or_else(|| format!("no policy: {left_out:#?}"))?;
    let text = write::to_yaml(&policy, "schemas/policy.json", &comments(&snapshot, &left_out));
    let text = text.map_err(|error| error.to_string())?;
    let mut named = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("# Left out: ")) {
        let (setting, reason) = line.split_once(": ").ok_or_else(|| format!("no reason: {line}"))?;
        if reason.trim_matches('.').is_empty() || catalog::find(setting).is_none() {
            return Err(format!("no setting or no reason: {line}"));
        }
        *named.entry(setting.to_owned()).or_default() += 1;
    }
    Ok(Imported { text, named })
}

/// Plans the text against the same state, with a read of its own.
async fn plan(text: &str, state: &State, clock: &Clock, today: Date) -> Result<(), String> {
    let desired = wanted(text).map_err(|error| error.to_string())?;
    let read = snapshot::read(state, &desired.tenant, &desired.read_set(), clock).await;
    let snapshot = read.map_err(|error| error.message)?;
    let review = plan_and_review(&desired, &snapshot, &ReviewConfig::new(today));
    match (review.plan.is_empty(), review.refusal()) {
        (true, None) => Ok(()),
        (false, _) => Err(format!("it plans {:#?}", review.plan.changes())),
        (true, Some(refusal)) => {
            let codes: Vec<_> = review.findings.iter().map(|one| (one.severity, one.code, &one.message)).collect();
            Err(format!("refused for {refusal:?}: {codes:#?} {:#?}", review.plan.unknown))
        }
    }
}

/// A list without order where the order says nothing.
fn unordered(value: &Json) -> Json {
    let Some(list) = value.as_array() else { return value.clone() };
    let mut list = list.clone();
    list.sort_by_key(Json::to_string);
    list.into()
}

fn compare(imported: &Imported, state: &State) -> Result<(), String> {
    let policy: Json = serde_saphyr::from_str(&imported.text).map_err(|error| error.to_string())?;
    let expected = expected(state);
    for setting in catalog::ALL {
        let name = setting.name;
        let written = policy.pointer(&format!("/{}", name.replace('.', "/"))).map(unordered);
        let named = imported.named.get(name).copied().unwrap_or_default();
        let fits = match expected.get(name).ok_or(name)? {
            Expected::Written(value) => written == Some(unordered(value)) && named == 0,
            Expected::WrittenOrNamed(value) => match &written {
                Some(written) => *written == unordered(value) && named == 0,
                None => named == 1,
            },
            Expected::Named => written.is_none() && named == 1,
            Expected::Absent => written.is_none() && named == 0,
            Expected::Any => usize::from(written.is_some()) + named <= 1,
        };
        if !fits {
            return Err(format!("{name} is {written:?} and named {named} times, expected {:?}", expected.get(name)));
        }
    }
    Ok(())
}

#[tokio::test]
async fn import_of_any_state_plans_no_change_and_names_what_it_leaves_out() -> TestResult {
    let mut broken = Vec::new();
    let (mut named, mut written) = (0, 0);
    for number in 0..STATES {
        let (state, today) = (state(number), DAYS[usize::try_from(number % 3)?]);
        let clock = Clock::Fixed(format!("{today}T09:00:00Z").parse()?);
        let result = async {
            let imported = import(&state, &clock, today).await?;
            (named, written) = (named + imported.named.len(), written + usize::from(imported.named.is_empty()));
            let checked = compare(&imported, &state);
            let checked = checked.and(plan(&imported.text, &state, &clock, today).await);
            checked.map_err(|why| format!("{why}\n{}", imported.text))
        };
        if let Err(why) = result.await {
            broken.push(format!("state {number}: {why}"));
        }
    }
    let first = broken.iter().take(3).map(String::as_str).collect::<Vec<_>>().join("\n\n");
    assert!(broken.is_empty(), "{} of {STATES}: {first}", broken.len());
    assert!(named > 1_000 && written > 10, "the states are not odd, or all of them are: {named}, {written}");
    Ok(())
}
