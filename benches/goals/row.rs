//! One line of the table.

use std::fmt;

/// What was measured, next to what it is compared with and what it should be.
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: &'static str,
    /// The figure, with its spread where there is one.
    pub(crate) measured: String,
    /// The figure it is compared with; empty where there is none.
    pub(crate) against: String,
    /// How many times that figure it is.
    pub(crate) ratio: Option<f64>,
    /// What it should be, and whether it is; `None` for a figure without a goal.
    pub(crate) goal: Option<(&'static str, bool)>,
}

/// The first line of the table.
pub(crate) fn heading() -> String {
    line("", "measured: median (lowest–highest)", "compared with", "ratio", "goal", "")
}

impl Row {
    /// Whether there is no goal, or it is met.
    pub(crate) fn is_met(&self) -> bool {
        self.goal.is_none_or(|(_, met)| met)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ratio = self.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let (goal, result) = match self.goal {
            None => ("", ""),
            Some((goal, met)) => (goal, if met { "PASS" } else { "FAIL" }),
        };
        f.write_str(&line(self.what, &self.measured, &self.against, &ratio, goal, result))
    }
}

fn line(what: &str, measured: &str, against: &str, ratio: &str, goal: &str, result: &str) -> String {
    format!("{what:<28}  {measured:<34}  {against:<34}  {ratio:>5}  {goal:<16}  {result}").trim_end().to_owned()
}
