//! The layout of ARCHITECTURE.md, enforced by a test: floors, no import cycles, short files, one clock, nothing printed
//! below `cli`. The rules are in `layers/rules.rs`; the second half of this file proves that each of them bites.

#[path = "layers/rules.rs"]
mod rules;
#[path = "layers/texts.rs"]
mod texts;
#[path = "layers/tree.rs"]
mod tree;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use rules::{FLOORS, arrows, breaches, commands, names, places, sandbox_breaches, too_long};
use tree::File;

/// Files that may be longer than the rest, because they are tables, each with the reason.
const TABLES: &[(&str, &str)] = &[("src/testing.rs", "a line for each module that tests import from")];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

/// The sources of one crate, with their paths in it.
fn house(folder: &str) -> Result<Vec<File>, Box<dyn Error>> {
    let root = &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths = Vec::new();
    sources(&root.join("src"), &mut paths)?;
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let shown = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            Ok(File::read(&shown, &fs::read_to_string(path)?)?)
        })
        .collect()
}

#[test]
fn the_sources_respect_the_floors() -> Result<(), Box<dyn Error>> {
    let files = house("")?;
    let found = breaches(&files, TABLES);
    assert!(found.is_empty(), "the house rules are broken:\n{}\n", found.join("\n"));
    Ok(())
}

#[test]
fn every_exception_is_used() -> Result<(), Box<dyn Error>> {
    let files = house("")?;
    let unused = [commands::unused(&arrows(&files)), places::unused(&files)].concat();
    assert!(unused.is_empty(), "{}: remove what is no exception any more", unused.join("\n"));
    Ok(())
}

#[test]
fn the_sandbox_has_its_own_opinion() -> Result<(), Box<dyn Error>> {
    let files = house("crates/entra-sandbox")?;
    assert!(files.len() > 50, "the sandbox is read");
    let found = sandbox_breaches(&files);
    assert!(found.is_empty(), "crates/entra-sandbox breaks the house rules:\n{}\n", found.join("\n"));
    Ok(())
}

#[test]
fn tests_and_benches_are_short_files_too() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in ["tests", "benches", "crates/entra-sandbox/tests"] {
        sources(&root.join(folder), &mut paths)?;
    }
    assert!(paths.len() > 100, "the tests are read");
    let lengths = paths.iter().map(|path| Ok((path, fs::read_to_string(path)?.lines().count())));
    let lengths = lengths.collect::<std::io::Result<Vec<_>>>()?;
    let found: Vec<_> = lengths.iter().filter_map(|(path, lines)| too_long(&path.to_string_lossy(), *lines)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(too_long("tests/a.rs", 400).is_none() && too_long("tests/a.rs", 401).is_some());
    Ok(())
}

#[test]
fn the_arrows_of_the_house_are_seen() -> Result<(), Box<dyn Error>> {
    let files = house("")?;
    let seen = arrows(&files);
    for (from, to) in [("src/tenant/api.rs", "src/tenant/document.rs"), ("src/tenant/api.rs", "src/base/ids.rs")] {
        assert!(seen.iter().any(|arrow| arrow.from.path == from && arrow.to.path == to), "{from} imports {to}");
    }
    Ok(())
}

#[test]
fn the_floors_are_those_of_the_architecture() -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md"))?;
    for (folder, floor) in FLOORS {
        assert!(text.contains(&format!("| {floor} | `{folder}` |")), "ARCHITECTURE.md gives `{folder}` floor {floor}");
    }
    Ok(())
}

/// Breaches in a made-up tree of `(path, text)`.
fn in_tree(tree: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let files: Vec<File> = tree.iter().map(|(path, text)| File::read(path, text)).collect::<Result<_, _>>()?;
    Ok(breaches(&files, &[]))
}

/// Asserts that a tree has exactly one breach, at a place and for a reason.
fn caught(tree: &[(&str, &str)], place: &str, reason: &str) -> Result<(), String> {
    let found = in_tree(tree)?;
    assert!(
        found.len() == 1 && found[0].starts_with(place) && found[0].contains(reason),
        "{place} {reason}: {found:?}"
    );
    Ok(())
}

const BASE: (&str, &str) = ("src/base/mod.rs", "pub mod ids;\npub struct Value;");
const IDS: (&str, &str) = ("src/base/ids.rs", "pub struct Id;");
const PLAN: (&str, &str) = ("src/plan/mod.rs", "pub mod diff;\npub mod order;");
const ORDER: (&str, &str) = ("src/plan/order.rs", "pub fn order() {}");

#[test]
fn arrows_down_and_within_a_folder_are_fine() -> Result<(), String> {
    let diff = "use crate::base::{self, ids::Id};\nuse super::order;\nfn f() -> Id { crate::plan::order::order() }";
    assert!(in_tree(&[BASE, IDS, PLAN, ORDER, ("src/plan/diff.rs", diff)])?.is_empty());
    let tests = "#[cfg(test)]\nmod tests { use super::*; fn f() { std::mem::drop(1) } }";
    assert!(in_tree(&[BASE, IDS, ("src/cli/apply.rs", tests)])?.is_empty());
    Ok(())
}

#[test]
fn an_arrow_up_is_caught_however_it_is_written() -> Result<(), String> {
    for text in [
        "\nuse crate::plan::order::order;",
        "\nuse crate::{plan::{order::{order as first}}};",
        "\nuse super::super::plan::order::*;",
        "\nfn f() { crate::plan::order::order() }",
        "\nfn f(_: crate::plan::order::Order) {}",
        "\nfn f() { vec![(1, crate::plan::order::order())]; }",
        "\n#[serde(default = \"crate::plan::order::order\")] struct S;",
        "\nmod inner { use super::super::super::plan::order; }",
        "\n#[cfg(test)] mod tests { use crate::plan::order; }",
        "\nuse ssprctl::plan::order;",
    ] {
        let tree = [BASE, PLAN, ORDER, ("src/base/ids.rs", text)];
        caught(&tree, "src/base/ids.rs:2:", "from `base` (floor 0) to `plan` (floor 3)")?;
    }
    Ok(())
}

#[test]
fn an_arrow_sideways_is_caught() -> Result<(), String> {
    let tree = [("src/tenant/mod.rs", ""), ("src/policy/mod.rs", "use crate::tenant;")];
    caught(&tree, "src/policy/mod.rs:1:", "from `policy` (floor 1) to `tenant` (floor 1)")
}

#[test]
fn an_arrow_to_the_root_is_caught() -> Result<(), String> {
    let tree = [("src/lib.rs", "pub mod plan;"), PLAN, ("src/plan/order.rs", "use crate as house;")];
    caught(&tree, "src/plan/order.rs:1:", "reaches the crate root")
}

#[test]
fn breaches_in_the_sandbox_are_caught() -> Result<(), String> {
    let token = |text| Ok::<_, String>(sandbox_breaches(&[File::read("src/token.rs", text)?]));
    assert_eq!(token("use std::time::Duration;\nuse crate::person::Person;")?, Vec::<String>::new());
    for (text, reason) in [
        ("use ssprctl::base::ids::TenantId;", "names nothing of ssprctl"),
        ("fn f() { Timestamp::now(); }", "only src/clock.rs does"),
        ("fn f() { println!(); }", "writes to the screen"),
        (&"// one line\n".repeat(401), "has 401 lines"),
    ] {
        let found = token(text)?;
        assert!(found.len() == 1 && found[0].contains(reason), "{reason}: {found:?}");
    }
    let person = File::read("src/oauth/person.rs", "use crate::state::world::World;")?;
    let world = File::read("src/state/world.rs", "use crate::oauth::person::Person;")?;
    assert!(sandbox_breaches(&[person, world])[0].contains("in a circle"), "over the border of a folder, too");
    Ok(())
}

#[test]
fn a_circle_in_a_folder_is_caught() -> Result<(), String> {
    let diff = ("src/plan/diff.rs", "use super::order::order;");
    let order = ("src/plan/order.rs", "\nuse crate::plan::diff;");
    caught(&[PLAN, diff, order], "src/plan/diff.rs:1 -> src/plan/order.rs:2 -> src/plan/diff.rs", "in a circle")?;
    let folder = ("src/plan/mod.rs", "mod order;\npub use order::order;\npub struct Plan;");
    let child = ("src/plan/order.rs", "use super::Plan;");
    caught(&[folder, child], "src/plan/mod.rs:2 -> src/plan/order.rs:1", "in a circle")
}

#[test]
fn tests_may_import_whatever_uses_them() -> Result<(), String> {
    let diff = ("src/plan/diff.rs", "use super::order::order;");
    let order = ("src/plan/order.rs", "#[cfg(test)]\nmod tests { use crate::plan::diff; }");
    assert!(in_tree(&[PLAN, diff, order])?.is_empty());
    Ok(())
}

#[test]
fn unknown_folders_and_empty_names_are_caught() -> Result<(), String> {
    caught(&[("src/http/mod.rs", "")], "src/http/mod.rs:1:", "a folder without a floor")?;
    caught(&[("src/words.rs", "")], "src/words.rs:1:", "outside of every folder")?;
    caught(&[("src/plan/util.rs", "")], "src/plan/util.rs:1:", "`util` does not say what is inside")?;
    caught(&[("src/client/helpers/a.rs", "")], "src/client/helpers/a.rs:1:", "`helpers` does not say")
}

#[test]
fn long_files_are_caught() -> Result<(), String> {
    let line = "// one line\n";
    assert!(in_tree(&[("src/plan/mod.rs", &line.repeat(400)), ("src/cli/plan.rs", &line.repeat(400))])?.is_empty());
    caught(&[("src/plan/mod.rs", &line.repeat(401))], "src/plan/mod.rs:400:", "has 401 lines")?;
    caught(&[("src/cli/plan.rs", &line.repeat(401))], "src/cli/plan.rs:400:", "has 401 lines")?;
    Ok(())
}

#[test]
fn exceptions_need_a_long_file_and_a_reason() -> Result<(), String> {
    let table = File::read("src/policy/table.rs", &"// row\n".repeat(401))?;
    let short = File::read("src/policy/short.rs", "")?;
    let files = [table, short];
    assert!(breaches(&files, &[("src/policy/table.rs", "one row a line")]).is_empty());
    assert_eq!(breaches(&files, &[("src/policy/table.rs", "")]).len(), 1);
    assert_eq!(breaches(&files, &[("src/policy/table.rs", "rows"), ("src/policy/short.rs", "rows")]).len(), 1);
    Ok(())
}

#[test]
fn clocks_are_caught() -> Result<(), String> {
    for text in
        ["fn f() { jiff::Timestamp::now(); }", "fn f() { vec![Instant::now()]; }", "const F: F = SystemTime::now;"]
    {
        caught(&[("src/plan/order.rs", text)], "src/plan/order.rs:1:", "looks at a clock")?;
        assert!(in_tree(&[("src/base/clock.rs", text)])?.is_empty());
    }
    Ok(())
}

#[test]
fn printing_is_caught() -> Result<(), String> {
    for text in
        ["fn f() { println!(\"a\"); }", "fn f() { std::eprint!(\"a\"); }", "fn f() { vec![1, { print!(\"a\"); 2 }]; }"]
    {
        caught(&[("src/render/json.rs", text)], "src/render/json.rs:1:", "writes to the screen")?;
        assert!(in_tree(&[("src/cli/plan.rs", text), ("src/main.rs", text)])?.is_empty());
    }
    Ok(())
}

#[test]
fn arms_that_match_whatever_is_left_are_caught_in_tables() -> Result<(), String> {
    for arm in ["_ => 2", "left => 2", "B::C | _ => 2", "(_) => 2"] {
        let text = format!("fn f(a: B) -> u8 {{\n match a {{ B::D => 1, {arm} }} }}");
        for table in [
            "src/tenant/surface.rs",
            "src/client/operations/table.rs",
            "src/client/documents/mod.rs",
            "src/engine/disposition.rs",
            "src/cli/dispatch.rs",
        ] {
            caught(&[(table, &text)], &format!("{table}:2:"), "name every variant")?;
        }
        assert!(in_tree(&[("src/client/documents/password_reset.rs", &text)])?.is_empty());
    }
    let fine = "fn f(a: B) -> u8 { match a { B::D => 1, B::C(_) | B::E { .. } => 2 } }
        #[cfg(test)] mod tests { fn f(a: B) -> u8 { match a { B::D => 1, _ => 2 } } }";
    assert!(in_tree(&[("src/tenant/surface.rs", fine)])?.is_empty());
    Ok(())
}

const PLAN_COMMAND: (&str, &str) = ("src/cli/commands/plan.rs", "pub struct PlanArgs;");

#[test]
fn a_command_that_imports_another_is_caught() -> Result<(), String> {
    let commands = ("src/cli/commands/mod.rs", "pub mod plan;\npub mod apply;");
    let apply = ("src/cli/commands/apply.rs", "\nuse super::plan::PlanArgs;");
    caught(&[commands, PLAN_COMMAND, apply], "src/cli/commands/apply.rs:2:", "is of another command")?;
    let dispatch = ("src/cli/dispatch.rs", "use crate::cli::commands::plan::PlanArgs;");
    assert!(in_tree(&[commands, PLAN_COMMAND, dispatch])?.is_empty());
    Ok(())
}

#[test]
fn a_command_that_imports_what_commands_do_not_share_is_caught() -> Result<(), String> {
    let (client, args) = (("src/client/mod.rs", "pub struct Client;"), ("src/cli/args.rs", "pub struct Args;"));
    let text = "use crate::base::ids::Id;\nuse crate::cli::args::Args;\nuse crate::client::Client;";
    let tree = |command| [BASE, IDS, client, args, (command, text)];
    caught(&tree("src/cli/commands/plan.rs"), "src/cli/commands/plan.rs:3:", "goes from a command to `client`")?;
    assert!(in_tree(&tree("src/cli/context.rs"))?.is_empty());
    assert!(in_tree(&tree("src/cli/commands/login.rs"))?.is_empty(), "it is an exception");
    Ok(())
}

#[test]
fn clap_and_the_environment_are_caught_below_cli() -> Result<(), String> {
    for (text, reason) in [
        ("use clap::ValueEnum;", "only `cli` knows clap"),
        ("#[derive(clap::Args)] struct A;", "only `cli` knows clap"),
        ("use std::env;", "reads the environment"),
        ("fn f() { std::env::var_os(\"A\"); }", "reads the environment"),
        ("fn f() { vec![std::env::var(\"A\")]; }", "reads the environment"),
    ] {
        caught(&[("src/plan/order.rs", text)], "src/plan/order.rs:1:", reason)?;
        assert!(in_tree(&[("src/cli/context.rs", text)])?.is_empty());
    }
    let clap = ("src/controller/git_command.rs", "use clap::ValueEnum;\nuse std::env;");
    caught(&[clap], "src/controller/git_command.rs:1:", "only `cli` knows clap")
}

#[test]
fn the_sandbox_and_its_feature_are_caught_outside_of_their_file() -> Result<(), String> {
    for (text, reason) in [
        ("use entra_sandbox::World;", "names the sandbox"),
        ("fn f() { entra_sandbox::serve() }", "names the sandbox"),
        ("#[cfg(feature = \"sandbox\")] fn f() {}", "a `cfg` of a feature"),
        ("#[cfg_attr(not(feature = \"sandbox\"), allow(unused))] fn f() {}", "a `cfg` of a feature"),
        ("fn f() { if cfg!(feature = \"sandbox\") {} }", "a `cfg` of a feature"),
    ] {
        caught(&[("src/cli/context.rs", text)], "src/cli/context.rs:1:", reason)?;
        assert!(in_tree(&[("src/cli/sandbox.rs", text)])?.is_empty());
    }
    assert!(in_tree(&[("src/cli/shutdown.rs", "#[cfg(unix)] fn f() {}")])?.is_empty());
    Ok(())
}

#[test]
fn a_type_name_that_occurs_twice_is_caught() -> Result<(), String> {
    let order = |text| ("src/plan/order.rs", text);
    for text in ["enum Value {}", "type Value = u8;", "trait A { type Value; }", "fn f() { struct Value; }"] {
        caught(&[BASE, order(text)], "src/base/mod.rs:2, src/plan/order.rs:1:", "`Value` is the name of 2 types")?;
    }
    let fine = "impl Iterator for A { type Value = u8; }\n#[cfg(test)] mod tests { struct Value; }";
    assert!(in_tree(&[BASE, order(fine), ("src/render/sarif/document.rs", "struct Value;")])?.is_empty());
    let twice = File::read("src/token.rs", "struct Token;\nmod inner { struct Token; }")?;
    assert!(sandbox_breaches(&[twice])[0].contains("src/token.rs:1, src/token.rs:2: `Token`"));
    Ok(())
}

#[test]
fn reads_without_a_bound_are_caught() -> Result<(), String> {
    for text in [
        "fn f() { std::fs::read(\"a\"); }",
        "use std::fs; fn f() { fs::read_to_string(\"a\"); }",
        "fn f() { tokio::fs::read(\"a\"); }",
        "fn f() { vec![File::open(\"a\")]; }",
        "fn f(a: File) { a.take(9).read_to_end(&mut Vec::new()); }",
        "fn f(mut a: File) { a.read_to_string(&mut String::new()); }",
    ] {
        caught(&[("src/plan/order.rs", text)], "src/plan/order.rs:1:", "has no bound")?;
        assert!(in_tree(&[("src/base/file.rs", text)])?.is_empty());
    }
    let fine = "fn f(a: &[u8]) { a.iter().take(3); }\n#[cfg(test)] mod tests { fn f() { std::fs::read(\"a\"); } }";
    assert!(in_tree(&[("src/plan/order.rs", fine)])?.is_empty());
    assert!(in_tree(&[("src/base/state_file.rs", "fn f() { File::open(\"a\"); }")])?.is_empty(), "it is an exception");
    Ok(())
}

#[test]
fn replaced_words_are_caught_in_identifiers_and_paths() -> Result<(), String> {
    let words = |path, text| Ok::<_, String>(names::replaced_words(&File::read(path, text)?));
    for text in ["fn is_kept_back() {}", "struct NewsBulletin;", "const WISH: u8 = 1;", "fn f() { vec![told]; }"] {
        let found = words("src/plan/order.rs", text)?;
        assert!(found.len() == 1 && found[0].starts_with("src/plan/order.rs:1: the word"), "{text}: {found:?}");
    }
    assert_eq!(words("src/plan/left_told.rs", "")?.len(), 1);
    let fine = "/// Not told.\n#[serde(rename = \"others-beside\")]\nstruct Toldness { standard: u8, upkept: u8 }";
    assert_eq!(words("src/plan/order.rs", fine)?, Vec::<String>::new());
    Ok(())
}

#[test]
fn what_does_not_parse_is_named() {
    assert!(File::read("src/plan/order.rs", "fn f( {").is_err_and(|error| error.starts_with("src/plan/order.rs:1:")));
}
