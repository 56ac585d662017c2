//! `doctor`: whether the way to each tenant has all that its policy needs, and what to do where it has not.

use std::collections::BTreeMap;

use futures::future::{self, OptionFuture};

use crate::base::exit::Exit;
use crate::base::ids::TenantName;
use crate::catalog::desired::Desired;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::options::{Format, Paths};
use crate::cli::{ending, gather, policies, validate};
use crate::client::TenantReader;
use crate::doctor::check::{Check, CheckState, Observations, ServiceObservation};
use crate::doctor::diagnose;
use crate::render::terminal::doctor as render;
use crate::render::{json, markdown};
use crate::tenant::api::ReadTenant;
use crate::tenant::surface::Service;

/// Checks every tenant; exits with [`Exit::NoAccess`] when a policy needs something that is missing.
///
/// # Errors
/// When the result cannot be written.
pub async fn run(setup: &Context, paths: &Paths, write: bool) -> Result<Exit, RunError> {
    let gathered = policies::load(&paths.paths, &setup.options);
    if gathered.is_invalid() {
        return validate::report(&setup.output, setup.options.format, &gathered);
    }
    gathered.report_skipped(setup);
    let (desired, _) = gathered.require_any(setup.options.tenant.as_ref())?;
    let tenants = gather::for_each_tenant(setup, desired, async |reader, desired| {
        let seen = look(setup, &reader, &desired).await;
        Ok(diagnose::diagnose(&desired, &seen, write))
    })
    .await;
    let exit = ending::worst(tenants.iter().map(|tenant| match &tenant.result {
        Err(trouble) => ending::of_trouble(trouble),
        Ok(checks) => ending::worst(checks.iter().map(of_check)),
    }));
    setup.output.result(setup.options.format, |format| match format {
        Format::Terminal | Format::Sarif | Format::Github | Format::Html | Format::Text => render::terminal(&tenants),
        Format::Markdown => markdown::doctor(&tenants),
        Format::Json => json::doctor(&tenants, exit),
    })?;
    Ok(exit)
}

fn of_check(check: &Check) -> Exit {
    match check.state {
        CheckState::Good | CheckState::Warning => Exit::Done,
        CheckState::Missing => Exit::NoAccess,
        CheckState::Failed => Exit::Failed,
    }
}

/// Asks for everything at once; what fails is kept as the reason.
async fn look(setup: &Context, reader: &TenantReader, desired: &Desired) -> Observations {
    let wanted = desired.read_set();
    let systems: Vec<Service> = Service::ALL
        .into_iter()
        .filter(|system| {
            wanted.surfaces.iter().any(|surface| surface.service() == *system) || is_asked(*system, &wanted)
        })
        .collect();
    let id = async {
        match &desired.tenant {
            TenantName::Id(id) => Ok(*id),
            TenantName::Domain(domain) => reader.tenant_of(domain).await,
        }
    };
    let of_systems = systems.iter().map(|system| async {
        let credential = reader.credential(*system).await;
        (*system, ServiceObservation { credential, identity: reader.identify(*system).await })
    });
    let (service, id, of_systems, documents, circumstances) = future::join5(
        reader.sign_in_service(),
        id,
        future::join_all(of_systems),
        future::join_all(wanted.surfaces.iter().map(|surface| async { (*surface, reader.read(*surface).await) })),
        future::join3(
            OptionFuture::from(wanted.asked.licence.then(|| reader.licence())),
            OptionFuture::from(wanted.asked.hybrid.then(|| reader.directory_synced())),
            OptionFuture::from(wanted.asked.hybrid.then(|| reader.writeback_connected())),
        ),
    )
    .await;
    let (licence, synchronised, writeback) = circumstances;
    let (systems, documents) = (BTreeMap::from_iter(of_systems), BTreeMap::from_iter(documents));
    Observations { now: setup.clock.now(), service, id, systems, documents, licence, synchronised, writeback }
}

/// Groups and licences are asked of Graph, whatever the documents.
fn is_asked(system: Service, wanted: &crate::tenant::snapshot::ReadSet) -> bool {
    system == Service::Graph && (wanted.asked.licence || !wanted.groups.is_empty())
}
