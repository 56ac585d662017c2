//! The words that a shell completes while somebody types: names that are in the repository and in the state here. No request
//! is made, nothing is written, and what cannot be read has no words.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::apply::run_record::list_runs;
use crate::catalog;
use crate::cli::args::POLICIES;
use crate::cli::context::Context;
use crate::cli::schemas;
use crate::engine::policies;
use crate::render::terminal::explain;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompletedWords {
    /// The tenants of the policies
    Tenants,
    /// The rings of ssprctl.yaml
    Rings,
    /// The runs with a journal, the newest first
    Runs,
    /// The settings
    Settings,
    /// What `explain` explains
    Names,
}

impl CompletedWords {
    /// The words, one a line. A word that a shell could take for more than a word is left out: files may be somebody else's.
    pub(crate) fn lines(self, context: &Context) -> String {
        let words = match self {
            Self::Tenants => tenants(context),
            Self::Rings => rings(context),
            Self::Runs => runs(context),
            Self::Settings => catalog::ALL.iter().map(|setting| setting.name.to_owned()).collect(),
            Self::Names => explain::names(&schemas::of_results()),
        };
        let is_plain = |word: &String| word.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        words.into_iter().filter(is_plain).map(|word| word + "\n").collect()
    }
}

fn tenants(context: &Context) -> Vec<String> {
    let loaded = policies::load(&context.run, &[PathBuf::from(POLICIES)]);
    loaded.map(|loaded| loaded.desired.iter().map(|one| one.tenant.to_string()).collect()).unwrap_or_default()
}

fn rings(context: &Context) -> Vec<String> {
    let Ok((config, _)) = policies::repository_config(&context.run) else { return Vec::new() };
    config.rings().names().into_iter().map(str::to_owned).collect()
}

fn runs(context: &Context) -> Vec<String> {
    let runs = list_runs(&context.run.folders.journal).unwrap_or_default();
    let names = runs.iter().rev().map(ToString::to_string);
    std::iter::once("latest".to_owned()).filter(|_| !runs.is_empty()).chain(names).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_is_completed_is_explained() {
        let results = schemas::of_results();
        let names = explain::names(&results);
        let unexplained: Vec<_> = names.iter().filter(|name| explain::everything(name, &results).is_none()).collect();
        assert!(names.len() > 300 && unexplained.is_empty(), "{unexplained:?}");
    }
}
