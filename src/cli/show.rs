//! `show`: the settings that a tenant has, and what its reports say about them.

use futures::future;

use crate::base::cloud::Cloud;
use crate::base::exit::Exit;
use crate::base::ids::TenantName;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::options::{Format, ShowArgs};
use crate::cli::{ending, named, reports};
use crate::client::TenantReader;
use crate::plan::score;
use crate::render::terminal::show;
use crate::render::text::reports::TenantReports;
use crate::render::text::{error, notes};
use crate::render::{json, markdown};
use crate::review::approve;
use crate::tenant::facts::FactsToRead;
use crate::tenant::group::GroupQuery;
use crate::tenant::score::ReadScore;
use crate::tenant::snapshot::{self, ReadSet, Snapshot};
use crate::tenant::surface::Surface;

/// Prints every setting of a tenant with where it is kept, and what the tenant's reports say.
///
/// # Errors
/// When no tenant is named, it cannot be read at all, or the policy of `--policy` cannot be used.
pub async fn run(setup: &Context, arguments: &ShowArgs) -> Result<Exit, RunError> {
    let (name, reader) = reader(setup, arguments.cloud)?;
    let wish = arguments.policy.as_deref().map(|policy| reports::wish(setup, policy)).transpose()?;
    let groups = wish.as_ref().map(|(wish, _)| wish.read_set().groups).unwrap_or_default();
    let snapshot = snapshot::read(&reader, &name, &wanted(groups), &setup.clock).await?;
    let (score, registration) = future::join(reader.score(), reports::registration(setup, &reader, arguments)).await;
    let known = score.as_ref().ok().and_then(Option::as_ref);
    let forecast = wish.map(|(wish, standards)| {
        let plan = approve::review(&wish, &snapshot, &standards).plan;
        (wish.source.path.clone(), score::forecast(known, &plan))
    });
    let shown = show::shown(&name, &snapshot, TenantReports { registration, score, forecast });
    for told in notes::new_keys(&snapshot.unknown_keys())
        .iter()
        .chain(&snapshot.read_only().iter().map(error::error_block).collect::<Vec<_>>())
    {
        setup.output.note(told);
    }
    let needed = shown.settings.iter().filter(|s| !s.setting.surface.is_optional());
    let exit = ending::worst(needed.filter_map(|s| s.value.as_ref().err()).map(ending::of_trouble));
    setup.output.result(setup.options.format, |format| match format {
        Format::Terminal | Format::Sarif | Format::Github | Format::Html | Format::Text => show::terminal(&shown),
        Format::Markdown => markdown::show(&shown),
        Format::Json => json::show(&shown, exit),
    })?;
    Ok(exit)
}

/// Reads every setting there is of the one tenant that `--tenant` names.
///
/// # Errors
/// When no tenant is named, or it cannot be read at all.
pub async fn everything(setup: &Context, cloud: Cloud) -> Result<(TenantName, Snapshot), RunError> {
    let (name, reader) = reader(setup, cloud)?;
    let snapshot = snapshot::read(&reader, &name, &wanted(Vec::new()), &setup.clock).await?;
    Ok((name, snapshot))
}

/// A reader for the one tenant that `--tenant` names.
///
/// # Errors
/// When no tenant is named, or it cannot be reached at all.
pub fn reader(setup: &Context, cloud: Cloud) -> Result<(TenantName, TenantReader), RunError> {
    let Some(pattern) = &setup.options.tenant else {
        return Err(
            RunError::failed("no tenant is named").hint("pass --tenant with a verified domain or the tenant id")
        );
    };
    let name = named::single_tenant(pattern)?;
    let reader = setup.reader(&name, cloud)?;
    Ok((name, reader))
}

fn wanted(groups: Vec<GroupQuery>) -> ReadSet {
    ReadSet {
        surfaces: Surface::ALL.to_vec(),
        groups,
        asked: FactsToRead { licence: true, hybrid: true },
        administrators_among: None,
    }
}
