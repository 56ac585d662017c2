//! Colours say the direction of a change, beside the signs that say it as well.

use entra_sandbox::Faults;

use crate::harness::{Harness, TestResult};

const GREEN: &str = "\u{1b}[32m";
const RED: &str = "\u{1b}[1m\u{1b}[31m";

#[test]
fn gains_and_losses_have_colours_and_signs() -> TestResult {
    let harness = Harness::with("methods: { required: 1, allowed: [mobileAppCode, mobilePhone] }", Faults::none())?;
    let coloured = harness.finish(harness.command(&["plan", "--color", "always"]).env_remove("NO_COLOR"))?.stdout;
    assert!(coloured.contains(&format!("{GREEN}+ mobileAppCode")), "{coloured:?}");
    assert!(coloured.contains(&format!("{RED}− email")), "{coloured:?}");
    let harness = Harness::with(
        "scope: { users: none }\nmethods: { required: 2, allowed: [mobilePhone, email] }",
        Faults::none(),
    )?;
    let people = harness.finish(harness.command(&["forecast", "--color", "always"]).env_remove("NO_COLOR"))?.stdout;
    assert!(!people.contains(&format!("{RED}       0")) && !people.contains(&format!("{GREEN}       0")), "{people:?}");
    let plain = harness.run(&["plan"])?.stdout;
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    let plain = harness.finish(harness.command(&["plan", "--color", "auto"]).env_remove("NO_COLOR"))?.stdout;
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    Ok(())
}
