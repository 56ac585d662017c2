//! Facts that decide with the settings what acts in a tenant: licences, migration, hybrid; in words.

use crate::catalog::writeback;
use crate::render::text::reports::ReportRow;
use crate::tenant::authentication_methods::MethodConfiguration;
use crate::tenant::facts::{Hybrid, Licence, Migration, ResetLicence, SynchronisedPeople, TenantFacts, UnreadFact};

/// The heading of the rows.
pub(crate) const TITLE: &str = "Circumstances";

/// A row for each fact that is known, and one for each that could not be read.
pub(crate) fn rows<'a>(circumstances: &'a TenantFacts, other_methods: &[MethodConfiguration]) -> Vec<ReportRow<'a>> {
    let TenantFacts {
        migration,
        licence,
        hybrid,
        administrators_among: _,
        custom_domain: _,
        synchronised_people,
        sms_sign_in: _,
        frozen_groups: _,
        unread,
    } = circumstances;
    let mut rows = Vec::new();
    rows.extend(migration.map(|migration| row("methods", methods(migration))));
    rows.extend(others(other_methods).map(|says| ReportRow { name: "other sign-in methods", says: Ok(says) }));
    rows.extend(licence.map(|licence| row("licences", licences(licence))));
    if let Some(Hybrid { synchronised, writeback_up }) = hybrid {
        rows.push(row("on premises", directory(*synchronised)));
        if *synchronised {
            rows.push(row("writeback client", client(*writeback_up)));
        }
        rows.extend(
            synchronised_people.map(|people| ReportRow { name: "synchronised people", says: Ok(reset(people)) }),
        );
        if *synchronised && *writeback_up == Some(false) {
            rows.extend(writeback::CLIENT_STEPS.map(|(which, step)| row(which, step)));
        }
    }
    rows.extend(unread.iter().map(|UnreadFact { what, why }| ReportRow { name: what, says: Err(why) }));
    rows
}

fn row(name: &'static str, says: &'static str) -> ReportRow<'static> {
    ReportRow { name, says: Ok(says.to_owned()) }
}

fn methods(migration: Migration) -> &'static str {
    match migration {
        Migration::PreMigration => "decided by the password reset policy; not migrated yet",
        Migration::InProgress => "allowed by either policy; the tenant is migrating",
        Migration::Complete => "decided by the authentication methods policy; migrated",
    }
}

/// The methods that password reset does not know, those that are on first.
fn others(other_methods: &[MethodConfiguration]) -> Option<String> {
    let named = |wanted: Option<bool>, words: &str| {
        let those = other_methods.iter().filter(|one| one.on == wanted);
        let names: Vec<_> = those.map(|one| one.name.as_deref().unwrap_or(&one.id)).collect();
        (!names.is_empty()).then(|| format!("{words}: {}", names.join(", ")))
    };
    let parts = [named(Some(true), "on"), named(Some(false), "off"), named(None, "in a state that is not known")];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("{}; no policy writes them", parts.join("; ")))
}

fn licences(Licence { reset, writeback }: Licence) -> &'static str {
    match (reset, writeback) {
        (_, true) => "permit a reset in the cloud and writing back",
        (ResetLicence::Permits, false) => "permit a reset in the cloud, not writing back",
        (ResetLicence::NotKnown, false) => {
            "not known: Microsoft's pages disagree on whether these plans permit a reset in the cloud; they do not permit writing back"
        }
        (ResetLicence::ChangeOnly, false) => "permit neither a reset in the cloud nor writing back",
    }
}

fn directory(synchronised: bool) -> &'static str {
    if synchronised { "synchronised" } else { "not synchronised: the tenant lives in the cloud alone" }
}

/// Who of the people with a password on premises can reset.
fn reset(SynchronisedPeople { people, cannot, unclear, why }: SynchronisedPeople) -> String {
    let cannot = (cannot > 0).then(|| format!("{cannot} cannot reset: {why}"));
    let unclear = (unclear > 0).then(|| format!("{unclear} unclear: whether writeback works is not known"));
    let parts: Vec<_> = cannot.into_iter().chain(unclear).collect();
    let parts = if parts.is_empty() { String::new() } else { format!("; {}", parts.join("; ")) };
    format!("{people} in scope{parts}")
}

fn client(up: Option<bool>) -> &'static str {
    match up {
        Some(true) => "connected",
        Some(false) => "none is connected; a person has to switch it on, on a server:",
        None => "unknown: the portal answers with a state whose meaning is not public",
    }
}
