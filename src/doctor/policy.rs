//! The checks of everything that a policy depends on: documents, licences, the on-premises directory.

use crate::base::value::Value;
use crate::catalog::desired::Desired;
use crate::catalog::writeback::CLIENT_STEPS;
use crate::catalog::{self, scope, writeback};
use crate::doctor::check::{Check, CheckState, Observations};
use crate::plan::actual::not_understood;
use crate::tenant::authentication_methods;
use crate::tenant::document::Document;
use crate::tenant::error::TenantError;
use crate::tenant::facts::{Licence, ResetLicence};
use crate::tenant::surface::Surface;

const TENANT: &str = "the tenant";

/// All checks of this file.
pub(crate) fn checks(desired: &Desired, seen: &Observations) -> Vec<Check> {
    let documents = seen.documents.iter().map(|(surface, read)| document(*surface, read));
    let licence = seen.licence.iter().map(|read| licence(desired, read));
    let synchronised = seen.synchronised.iter().map(|read| synchronised(desired, read));
    let writeback = seen.writeback.iter().map(|read| writeback(desired, read));
    documents.chain(licence).chain(synchronised).chain(writeback).collect()
}

/// Checks that a document can be read and has a known shape.
fn document(surface: Surface, read: &Result<Document, TenantError>) -> Check {
    let document = match read {
        Ok(document) => document,
        Err(error) => return Check::from_error(surface.name(), "readable", error),
    };
    let own = catalog::ALL.iter().filter(|setting| setting.surface == surface);
    let unknown = own.filter_map(|setting| (setting.decode)(document).err());
    let migration = (surface == Surface::AuthenticationMethods)
        .then(|| authentication_methods::migration(document).err())
        .flatten();
    match unknown.chain(migration).next() {
        Some(error) => Check::from_error(surface.name(), "shape", &not_understood(surface, &error)),
        None => Check::new(surface.name(), "shape", CheckState::Good, "read, and every setting in it understood"),
    }
}

fn licence(desired: &Desired, read: &Result<Licence, TenantError>) -> Check {
    let name = "licence";
    let Licence { reset, writeback } = match read {
        Ok(licence) => *licence,
        Err(error) => return Check::from_error(TENANT, name, error),
    };
    let wants_reset = desired
        .setting(scope::USERS.name)
        .is_some_and(|desired_setting| desired_setting.value != Value::Text("none".to_owned()));
    let wants = "the policy wants it";
    if wants_reset && reset == ResetLicence::ChangeOnly {
        return Check::new(TENANT, name, CheckState::Missing, format!("does not permit a reset, and {wants}"))
            .fix("assign Entra ID P1 or P2, Microsoft 365 Business Standard or Premium");
    }
    if wants_writeback(desired) && !writeback {
        return Check::new(TENANT, name, CheckState::Missing, format!("does not permit writeback, and {wants}"))
            .fix("assign Entra ID P1 or P2, or Microsoft 365 Business Premium");
    }
    let permits = match (reset, writeback) {
        (_, true) => "permits reset and writeback",
        (ResetLicence::Permits, false) => "permits reset, not writeback",
        (ResetLicence::NotKnown, false) => {
            "does not permit writeback; Microsoft's pages disagree on whether it permits a reset"
        }
        (ResetLicence::ChangeOnly, false) => "permits neither reset nor writeback, and the policy wants neither",
    };
    Check::new(TENANT, name, CheckState::Good, permits)
}

fn synchronised(desired: &Desired, read: &Result<bool, TenantError>) -> Check {
    let name = "directory on premises";
    match read {
        Err(error) => Check::from_error(TENANT, name, error),
        Ok(true) => Check::new(TENANT, name, CheckState::Good, "is synchronised"),
        Ok(false) if wants_writeback(desired) => {
            Check::new(TENANT, name, CheckState::Missing, "is not synchronised, so nothing can be written back")
                .fix("set up Entra Connect or Cloud Sync, or leave `writeback` out of the policy")
        }
        Ok(false) => {
            Check::new(TENANT, name, CheckState::Good, "is not synchronised, and the policy writes nothing back")
        }
    }
}

fn writeback(desired: &Desired, read: &Result<Option<bool>, TenantError>) -> Check {
    let name = "writeback client";
    match read {
        Err(error) => Check::from_error(TENANT, name, error),
        Ok(Some(true)) => Check::new(TENANT, name, CheckState::Good, "is connected"),
        Ok(Some(false)) if wants_writeback(desired) => {
            let steps = CLIENT_STEPS.map(|(which, step)| format!("with {which}: {step}"));
            Check::new(TENANT, name, CheckState::Missing, "is not connected, and the policy wants it")
                .fix(steps.join("; "))
        }
        Ok(Some(false)) => Check::new(TENANT, name, CheckState::Good, "is not connected, and the policy wants none"),
        Ok(None) => Check::new(
            TENANT,
            name,
            CheckState::Warning,
            "the portal answers with a state whose meaning nobody outside Microsoft knows; it is not \"there is none\"",
        ),
    }
}

fn wants_writeback(desired: &Desired) -> bool {
    let on = |name| desired.setting(name).is_some_and(|desired_setting| desired_setting.value == Value::Bool(true));
    on(writeback::PASSWORDS.name) || on(writeback::UNLOCK_WITHOUT_RESET.name)
}
