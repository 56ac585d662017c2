//! `snapshot`: what a plan reads, fit for the public eye.

use crate::base::exit::Exit;
use crate::base::signature::SigningKey;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::keygen::KEY;
use crate::cli::options::SnapshotArgs;
use crate::cli::output::write_atomic;
use crate::cli::{ending, gather, policies, validate};
use crate::plan::public_snapshot::format::PublishedTenant;
use crate::plan::public_snapshot::publish;
use crate::render::text::error;
use crate::tenant::facts::FactsToRead;
use crate::tenant::snapshot::{self, ReadSet};
use crate::tenant::surface::Surface;

/// Reads every tenant and saves what anybody may see of it. A tenant that cannot be read is not in the file.
///
/// # Errors
/// When no tenant can be read, the key will not do, or the file cannot be written.
pub async fn run(setup: &Context, arguments: &SnapshotArgs) -> Result<Exit, RunError> {
    let key = key()?;
    let gathered = policies::load(&arguments.paths.paths, &setup.options);
    if gathered.is_invalid() {
        return validate::report(&setup.output, setup.options.format, &gathered);
    }
    let (desired, _) = gathered.require_any(setup.options.tenant.as_ref())?;
    let tenants = gather::for_each_tenant(setup, desired, async |reader, desired| {
        // A proposal may manage more than the policy does now.
        let asked = FactsToRead { licence: true, hybrid: true };
        let surfaces = Surface::ALL.into_iter().filter(|surface| !surface.is_optional()).collect();
        let wanted = ReadSet { surfaces, groups: desired.read_set().groups, asked, administrators_among: None };
        let snapshot = snapshot::read(&reader, &desired.tenant, &wanted, &setup.clock).await?;
        Ok(publish::publish(&desired, &snapshot))
    })
    .await;
    let all = tenants.len();
    let mut exits = Vec::new();
    let mut published = Vec::new();
    for tenant in tenants {
        match tenant.result {
            Ok(one) => published.push(one),
            Err(why) => {
                setup.output.note(&format!("{} is left out\n{}", tenant.tenant, error::error_block(&why)));
                exits.push(ending::of_trouble(&why));
            }
        }
    }
    if !published.is_empty() {
        save(setup, arguments, published, all, key.as_ref())?;
    }
    Ok(ending::worst(exits))
}

fn save(
    setup: &Context,
    arguments: &SnapshotArgs,
    published: Vec<PublishedTenant>,
    all: usize,
    key: Option<&SigningKey>,
) -> Result<(), RunError> {
    let (name, many) = (arguments.out.display(), published.len());
    let text = publish::text(published, setup.clock.now(), key)
        .map_err(|error| RunError::failed(format!("the snapshot cannot be written: {error}")))?;
    write_atomic(&arguments.out, text.as_bytes())
        .map_err(|error| RunError::failed(format!("{name} cannot be written: {error}")))?;
    setup
        .output
        .note(&format!("wrote {name} with {many} of {all} tenants; `ssprctl plan --against {name}` plans against it"));
    if key.is_none() {
        setup
            .output
            .note(&format!("warning: it is not signed: {KEY} holds no key; `ssprctl snapshot keygen` makes one"));
    }
    Ok(())
}

fn key() -> Result<Option<SigningKey>, RunError> {
    let text = std::env::var(KEY).ok().filter(|text| !text.is_empty());
    text.map(|text| text.parse()).transpose().map_err(|why| {
        RunError::failed(format!("{KEY} will not do: {why}")).hint("`ssprctl snapshot keygen` makes a pair")
    })
}
