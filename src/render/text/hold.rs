//! Why a change waits until enough people are ready for it.

use crate::render::text::error::error_line;
use crate::render::text::readiness::{share, when};
use crate::review::hold::{HeldChange, HoldReason};

/// The line above the changes that wait.
pub(crate) const TITLE: &str = "held until enough people are ready";

/// The reason, not escaped, as one line or two: the second says what to do.
pub(crate) fn lines(held: &HeldChange) -> Vec<String> {
    let HeldChange { change: _, condition, why } = held;
    let (able, age) = (condition.readiness.able.0, condition.readiness.most_age());
    match why {
        HoldReason::NotReady(ready) => {
            let share = share(ready.counts).unwrap_or_else(|| "nobody may reset with it".to_owned());
            vec![format!("{share}, and {able} % have to; {}", when(ready))]
        }
        HoldReason::OldReport(newest) => vec![
            format!(
                "the registration report is of {newest:.0}, and `reportAge` permits {age}: how many are ready is not known"
            ),
            "hint: Microsoft refreshes the report by itself; plan again later, or raise `reportAge`".to_owned(),
        ],
        HoldReason::NotKnown(why) => {
            let hint = why.hint.as_ref().map(|hint| format!("hint: {hint}"));
            let line = format!("how many are ready is not known: {}", error_line(why));
            [line].into_iter().chain(hint).collect()
        }
        HoldReason::Reviewed => vec!["the review holds it; plan again to see whether enough are ready now".to_owned()],
    }
}

/// The end of a summary line.
pub(crate) fn count_words(held: usize) -> String {
    match held {
        0 => String::new(),
        1 => "; 1 setting is held until enough people are ready".to_owned(),
        many => format!("; {many} settings are held until enough people are ready"),
    }
}
