//! What limits hold back and a person lets through: `--allow`.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::base::finding::Finding;
use crate::cli::failure::RunError;
use crate::review::approve::Review;
use crate::review::config::ReviewConfig;
use crate::review::limits;

/// What a person lets through.
#[derive(Clone, Debug, Default, Args)]
pub struct Allow {
    /// Let through what a limit holds back, by the code that the refusal names; several with commas or one by one
    #[arg(long, env = "SSPRCTL_ALLOW", value_name = "CODE", value_delimiter = ',',
          value_parser = PossibleValuesParser::new(limits::CODES.iter().map(|known| known.code)))]
    pub allow: Vec<String>,
}

impl Allow {
    /// The standards with what is let through.
    #[must_use]
    pub fn of(&self, standards: ReviewConfig) -> ReviewConfig {
        standards.allow(self.allow.iter().map(String::as_str))
    }
}

/// Refuses a run that would change more tenants than it may. A tenant that something else holds back does not count.
///
/// # Errors
/// The numbers, and how to allow it.
pub fn within_limits<'a>(standards: &ReviewConfig, reviews: impl Iterator<Item = &'a Review>) -> Result<(), RunError> {
    let changing = reviews.filter(|review| review.refusal().is_none() && !review.plan.steps.is_empty()).count();
    standards.limit_exceeded(changing).map_or(Ok(()), |finding| Err(refusal(&finding)))
}

fn refusal(finding: &Finding) -> RunError {
    let place = finding.at.as_ref().map(|label| {
        let (line, column) = label.place.line_column();
        format!(" ({}:{line}:{column})", label.place.source.path)
    });
    let failure = RunError::refused(format!("{}{}", finding.message, place.unwrap_or_default()));
    match &finding.hint {
        Some(hint) => failure.hint(hint.clone()),
        None => failure,
    }
}
