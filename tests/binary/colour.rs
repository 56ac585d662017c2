//! Colours say the direction of a change, beside the signs that say it as well.

use entra_sandbox::Faults;

use crate::harness::{CONTOSO, Harness, TestResult};

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
    let numbers = harness.finish(harness.command(&["plan", "--color", "always"]).env_remove("NO_COLOR"))?.stdout;
    assert!(numbers.contains(" 1 → 2"), "whether two are more than one, no colour says: {numbers:?}");
    assert!(!people.contains(&format!("{RED}       0")) && !people.contains(&format!("{GREEN}       0")), "{people:?}");
    let harness =
        Harness::with("scope: { users: all }\nnotifications: { administrators: true, users: false }", Faults::none())?;
    entra_sandbox::portal_user::set(&harness.world, CONTOSO, "notifications.users", "true")?;
    let changed = harness.finish(harness.command(&["plan", "--color", "always"]).env_remove("NO_COLOR"))?.stdout;
    for directed in [format!("{GREEN}false → true"), format!("{RED}true → false"), format!("{GREEN}none → all")] {
        assert!(changed.contains(&directed), "{directed:?}: {changed:?}");
    }
    let plain = harness.run(&["plan"])?.stdout;
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    let plain = harness.finish(harness.command(&["plan", "--color", "auto"]).env_remove("NO_COLOR"))?.stdout;
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    Ok(())
}
