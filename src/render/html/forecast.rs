//! The page of `forecast`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::render::html::document::{DocumentView, TenantRow, add_tenants, seen_in_part, title_of, unreadable};
use crate::render::html::fields::{count, first_moment, list, text};
use crate::render::html::findings::add_findings;
use crate::render::html::moments::moment;
use crate::render::html::page::{grouped, plural};
use crate::render::html::people::{PeopleView, add_details, add_drawing};
use crate::render::html::unread::add_unread;

/// How many people, and how many administrators, fall out at which moment, by its date and in words.
type FallsOutJson = BTreeMap<(String, String), (u64, u64)>;

pub(super) fn view(view: &mut DocumentView, document: &Json) {
    let none = Json::Null;
    let tenants = list(document, "tenants");
    let people = tenants.iter().filter_map(|tenant| {
        Some(PeopleView {
            tenant: text(tenant, "tenant"),
            forecast: tenant.get("forecast")?,
            by: tenant.get("by").unwrap_or(&none),
            readiness: tenant.get("readiness").unwrap_or(&none),
            impact: &Json::Null,
        })
    });
    let people: Vec<_> = people.collect();
    let falls = falls_out(people.iter().map(|one| one.forecast));
    let sum = |key: &str| -> u64 { people.iter().map(|one| count(one.forecast, key)).sum() };
    let (unclear, unclear_administrators) = (sum("unclear"), sum("administratorsUnclear"));
    let ends = people.iter().filter_map(|one| Some(text(list(one.forecast, "rows").last()?, "at")));
    let last = ends.max().unwrap_or_default();
    let first = people.first().map_or_else(|| "today".to_owned(), |one| first_moment(one.forecast));

    view.title = title_of("Forecast", tenants);
    match (falls.is_empty(), unclear + unclear_administrators) {
        (false, _) => view.conclude("bad", words(&falls)),
        (true, 0) => view.conclude("good", format!("Nobody falls out until {last}.")),
        (true, _) => view.conclude("warn", format!("Nobody is known to fall out until {last}.")),
    }
    if let Some(date) = first.strip_prefix("on ") {
        view.more.push(format!("Tenants and reports are read now, and judged as on {date}."));
    }
    if unclear + unclear_administrators > 0 {
        let who = [(unclear, "person", "people"), (unclear_administrators, "administrator", "administrators")];
        view.more.push(format!("Of {} it is not known.", each_of(&who)));
    }
    let refused: Vec<_> = tenants.iter().filter(|tenant| !list(tenant, "refused").is_empty()).collect();
    if !refused.is_empty() {
        view.more
            .push(format!("The policy's plan of {} is refused.", plural(refused.len() as u64, "tenant", "tenants")));
    }
    let uncounted = tenants.iter().filter(|tenant| tenant.get("countsPolicy") == Some(&Json::Bool(false))).count();
    if uncounted > 0 {
        let tenants = plural(uncounted as u64, "tenant", "tenants");
        view.more
            .push(format!("The policy of {tenants} is not counted: it names something that the tenant does not have."));
    }
    view.more.extend(seen_in_part(tenants));
    if let Some(unreadable) = unreadable(tenants) {
        view.conclude_unread(unreadable, tenants);
    }

    let row = |one: &PeopleView<'_>, last: bool| {
        let rows = list(one.forecast, "rows");
        let row = if last { rows.last() } else { rows.first() };
        row.and_then(|row| row.get("people")).map_or(0, |people| count(people, "able"))
    };
    view.tile(
        people.iter().map(|one| row(one, false)).sum(),
        &format!("person can reset {first}"),
        &format!("people can reset {first}"),
        "",
    );
    view.tile(people.iter().map(|one| row(one, true)).sum(), &format!("can on {last}"), &format!("can on {last}"), "");
    view.tile(falls.values().map(|(people, _)| people).sum(), "person falls out", "people fall out", "bad");
    view.tile(
        falls.values().map(|(_, administrators)| administrators).sum(),
        "administrator falls out",
        "administrators fall out",
        "bad",
    );
    view.tile_if_any(unclear, "is unclear", "are unclear", "warn");
    view.tile_if_any(unclear_administrators, "administrator is unclear", "administrators are unclear", "warn");

    add_tenants(view, &["Tenant", &format!("Can reset {first}"), "Fall out"], tenants, |tenant| {
        let forecast = tenant.get("forecast").unwrap_or(&none);
        let falls = falls_out([forecast].into_iter());
        let many: u64 = falls.values().map(|(people, administrators)| people + administrators).sum();
        let able =
            list(forecast, "rows").first().and_then(|row| row.get("people")).map_or(0, |people| count(people, "able"));
        let unclear = unclear_words(forecast);
        let (tone, state) = match (tenant.get("error"), many) {
            (Some(_), _) => ("bad", String::new()),
            (None, 0) if unclear.is_empty() => ("good", "nobody falls out".to_owned()),
            (None, 0) => ("warn", format!("nobody is known to fall out; {unclear}")),
            (None, _) if unclear.is_empty() => ("bad", words(&falls)),
            (None, _) => ("bad", format!("{} {unclear}", words(&falls))),
        };
        let cells = match tenant.get("error") {
            Some(_) => vec!["–".to_owned(); 2],
            None => vec![grouped(able), grouped(many)],
        };
        TenantRow { cells, tone, state, message: String::new(), weight: many }
    });
    add_drawing(view, &people);
    add_details(view, &people);
    add_unread(view, tenants);
    add_findings(
        view,
        "Why the plan is refused",
        tenants.iter().map(|tenant| (text(tenant, "tenant"), list(tenant, "refused"))),
    );
}

/// `12 people and 1 administrator are unclear`; empty where nobody is.
fn unclear_words(forecast: &Json) -> String {
    let (people, administrators) = (count(forecast, "unclear"), count(forecast, "administratorsUnclear"));
    match people + administrators {
        0 => String::new(),
        many => {
            let who = [(people, "person", "people"), (administrators, "administrator", "administrators")];
            format!("{} {} unclear", each_of(&who), if many == 1 { "is" } else { "are" })
        }
    }
}

fn falls_out<'a>(forecasts: impl Iterator<Item = &'a Json>) -> FallsOutJson {
    let mut falls = FallsOutJson::new();
    for forecast in forecasts {
        for row in list(forecast, "rows") {
            let of = |who: &str| row.get(who).map_or(0, |who| count(who, "lose"));
            let (people, administrators) = (of("people"), of("administrators"));
            if people + administrators > 0 {
                let entry = falls.entry((text(row, "at").to_owned(), moment(row).to_owned())).or_default();
                entry.0 += people;
                entry.1 += administrators;
            }
        }
    }
    falls
}

/// `2 people and 8 administrators`; those of whom there is nobody are left out.
fn each_of(who: &[(u64, &str, &str)]) -> String {
    let who = who.iter().filter(|(many, ..)| *many > 0).map(|(many, one, several)| plural(*many, one, several));
    who.collect::<Vec<_>>().join(" and ")
}

/// `2 people fall out on 2027-02-01 and 8 administrators once applied.`
fn words(falls: &FallsOutJson) -> String {
    let each = falls.iter().enumerate().map(|(index, ((at, moment), (people, administrators)))| {
        let who = each_of(&[(*people, "person", "people"), (*administrators, "administrator", "administrators")]);
        let verb = match (index, people + administrators) {
            (0, 1) => " falls out",
            (0, _) => " fall out",
            _ => "",
        };
        format!("{who}{verb} {}{moment}", if at == moment { "on " } else { "" })
    });
    format!("{}.", each.collect::<Vec<_>>().join(", "))
}
