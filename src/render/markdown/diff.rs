//! Settings as lines, much as a policy writes them, and the difference of two such texts.

use similar::{Algorithm, ChangeTag, capture_diff_slices};

use crate::base::ids::ObjectId;
use crate::base::value::{Question, Value};
use crate::catalog::setting::Setting;
use crate::render::markdown::escape::clip;
use crate::render::text::safe::safe;
use crate::render::text::value::{GroupNames, Wording, Words};

/// How many unchanged lines are shown around a change.
const AROUND: usize = 3;

/// One line about a setting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SettingLine {
    setting: &'static str,
    /// Free of control characters.
    pub(crate) text: String,
}

/// A setting with its value: one line, or a line for each member of a set.
pub(crate) fn lines(setting: &'static Setting, value: &Value, names: &GroupNames) -> Vec<SettingLine> {
    let name = setting.name;
    let line = |text: String| SettingLine { setting: name, text };
    let wording = Wording { text: |text| clip(&safe(text)), question, group: &|id| group(id, names) };
    match wording.of(value) {
        Words::One(text) => vec![line(format!("{name}: {text}"))],
        Words::Members(members) if members.is_empty() => vec![line(format!("{name}: []"))],
        Words::Members(members) => {
            let members = members.iter().map(|member| format!("  - {member}"));
            std::iter::once(format!("{name}:")).chain(members).map(line).collect()
        }
    }
}

/// The same for some tenants at once: a group has another id in each of them.
pub(crate) fn lines_of(many: bool, setting: &'static Setting, value: &Value, names: &GroupNames) -> Vec<SettingLine> {
    match value {
        Value::Group(id) if many && names.contains_key(id) => {
            let called = names.get(id).map(|name| clip(&safe(name))).unwrap_or_default();
            vec![SettingLine { setting: setting.name, text: format!("{}: each tenant's own ({called})", setting.name) }]
        }
        _ => lines(setting, value, names),
    }
}

/// The id comes first: nobody can choose it, and a name could imitate one.
fn group(id: ObjectId, names: &GroupNames) -> String {
    let called = names.get(&id).map(|name| format!(" ({})", clip(&safe(name)))).unwrap_or_default();
    format!("{id}{called}")
}

fn question(question: &Question) -> String {
    match question {
        Question::Predefined(text) => format!("predefined: {}", clip(&safe(text))),
        Question::Custom(text) => format!("custom: {}", clip(&safe(text))),
    }
}

/// How settings change: the lines of a unified diff. Each setting is compared on its own, so that its removed and
/// added lines are adjacent.
#[derive(Default)]
pub(crate) struct TextDiff {
    lines: Vec<(ChangeTag, SettingLine)>,
}

impl TextDiff {
    /// Adds a setting that changes.
    pub(crate) fn change(&mut self, before: &[SettingLine], after: &[SettingLine]) {
        for operation in capture_diff_slices(Algorithm::Myers, before, after) {
            for (tag, lines) in operation.iter_slices(before, after) {
                self.lines.extend(lines.iter().map(|line| (tag, line.clone())));
            }
        }
    }

    /// Adds a setting that does not change.
    pub(crate) fn unchanged(&mut self, lines: Vec<SettingLine>) {
        self.lines.extend(lines.into_iter().map(|line| (ChangeTag::Equal, line)));
    }

    /// The lines with their marks, without those far from any change. After left out lines, `@@` names
    /// the setting that the next line belongs to. Empty when nothing changes.
    pub(crate) fn unified(&self) -> Vec<String> {
        let (mut shown, mut left_out) = (Vec::new(), false);
        for (index, (tag, SettingLine { setting, text })) in self.lines.iter().enumerate() {
            if !self.is_near_a_change(index) {
                left_out = true;
                continue;
            }
            shown.extend(std::mem::take(&mut left_out).then(|| format!("@@ {setting} @@")));
            shown.push(format!("{tag}{text}"));
        }
        shown
    }

    fn is_near_a_change(&self, index: usize) -> bool {
        let around = index.saturating_sub(AROUND)..self.lines.len().min(index + AROUND + 1);
        self.lines[around].iter().any(|(tag, _)| *tag != ChangeTag::Equal)
    }
}

#[cfg(test)]
mod tests {
    use super::{SettingLine, TextDiff};

    fn set(setting: &'static str, members: &[&str]) -> Vec<SettingLine> {
        members.iter().map(|text| SettingLine { setting, text: (*text).to_owned() }).collect()
    }

    #[test]
    fn removed_and_added_lines_of_a_setting_are_adjacent() {
        let mut difference = TextDiff::default();
        difference.unchanged(set("a", &["a: 1"]));
        difference.unchanged(set("b", &["b:", "  - 1", "  - 2", "  - 3"]));
        difference.change(&set("c", &["c: 1"]), &set("c", &["c: 2"]));
        difference.change(&set("d", &["d: 1"]), &set("d", &["d: 2"]));
        difference.unchanged(set("e", &["e: 1", "e: 2", "e: 3", "e: 4"]));
        let expected =
            ["@@ b @@", "   - 1", "   - 2", "   - 3", "-c: 1", "+c: 2", "-d: 1", "+d: 2", " e: 1", " e: 2", " e: 3"];
        assert_eq!(difference.unified(), expected);
    }

    #[test]
    fn nothing_changes_nothing() {
        let mut difference = TextDiff::default();
        difference.unchanged(set("a", &["a: 1"]));
        assert_eq!(difference.unified(), Vec::<String>::new());
    }
}
