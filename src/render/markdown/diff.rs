//! Settings as lines, much as a policy writes them, and the difference of two such texts.

use similar::{Algorithm, ChangeTag, capture_diff_slices, group_diff_ops};

use crate::base::value::{Question, Value};
use crate::catalog::setting::Setting;
use crate::render::markdown::escape::clip;
use crate::render::text::safe;
use crate::render::value::Names;

/// How many lines of what stays are shown around what changes.
const AROUND: usize = 3;

/// One line about a setting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Line {
    setting: &'static str,
    /// Free of control characters.
    pub(crate) text: String,
}

/// A setting with its value: one line, or a line for each member of a set.
pub(crate) fn lines(setting: &'static Setting, value: &Value, names: &Names) -> Vec<Line> {
    let name = setting.name;
    let line = |text: String| Line { setting: name, text };
    let listed = |members: Vec<String>| match members.is_empty() {
        true => vec![line(format!("{name}: []"))],
        false => std::iter::once(format!("{name}:")).chain(members).map(line).collect(),
    };
    match value {
        Value::Nothing => vec![line(format!("{name}: none"))],
        Value::Switch(on) => vec![line(format!("{name}: {on}"))],
        Value::Number(number) => vec![line(format!("{name}: {number}"))],
        Value::Text(text) | Value::GroupName(text) => vec![line(format!("{name}: {}", clip(&safe(text))))],
        Value::Words(words) => listed(words.iter().map(|word| format!("  - {}", clip(&safe(word)))).collect()),
        Value::Questions(questions) => listed(questions.iter().map(question).collect()),
        Value::Group(id) => {
            // The id comes first: nobody can choose it, and a name could look like one.
            let called = names.get(id).map(|name| format!(" ({})", clip(&safe(name)))).unwrap_or_default();
            vec![line(format!("{name}: {id}{called}"))]
        }
    }
}

fn question(question: &Question) -> String {
    match question {
        Question::Predefined(text) => format!("  - predefined: {}", clip(&safe(text))),
        Question::Custom(text) => format!("  - custom: {}", clip(&safe(text))),
    }
}

/// The lines of a unified diff. Where lines are left out, the setting that goes on stands between `@@`.
pub(crate) fn unified(before: &[Line], after: &[Line]) -> Vec<String> {
    let operations = capture_diff_slices(Algorithm::Myers, before, after);
    let mut told = Vec::new();
    for hunk in group_diff_ops(operations, AROUND) {
        let start = hunk.first().map(|operation| operation.old_range().start).unwrap_or_default();
        let first = before.get(start).filter(|_| start > 0);
        told.extend(first.map(|line| format!("@@ {} @@", line.setting)));
        for (tag, lines) in hunk.iter().flat_map(|operation| operation.iter_slices(before, after)) {
            let mark = match tag {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            told.extend(lines.iter().map(|line| format!("{mark}{}", line.text)));
        }
    }
    told
}
