//! What shells complete while somebody types: names that are here, without a request, and never an error.

use std::fs;
use std::process::Command;

use entra_sandbox::Faults;

use crate::harness::{CONTOSO, Harness, TestResult};

const RINGS: &str = "version: 1\nrings:\n  - { name: canary, tenants: [contoso.onmicrosoft.com] }\n";

fn start() -> Result<Harness, Box<dyn std::error::Error>> {
    let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
    fs::write(harness.folder.path().join("ssprctl.yaml"), RINGS)?;
    Ok(harness)
}

fn words(harness: &Harness, kind: &str) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let run = harness.run(&["completions", "--words", kind])?;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:#?}");
    Ok(run.stdout.lines().map(str::to_owned).collect())
}

#[test]
fn words_are_the_names_that_are_here() -> TestResult {
    let harness = start()?;
    assert!(words(&harness, "runs")?.is_empty());
    assert_eq!(harness.apply()?.code, Some(0));
    let before = harness.requests();
    assert_eq!(words(&harness, "tenants")?, [CONTOSO]);
    assert!(words(&harness, "rings")?.contains(&"canary".to_owned()));
    assert!(matches!(words(&harness, "runs")?.as_slice(), [latest, _] if latest == "latest"));
    assert!(words(&harness, "settings")?.contains(&"methods.required".to_owned()));
    let names = words(&harness, "names")?;
    for name in ["methods.required", "unknown-key", "readiness", "answer-lost", "waiver", "allowedToUseSSPR"] {
        assert!(names.iter().any(|known| known == name), "{name}");
    }
    assert_eq!(harness.requests(), before, "a completion makes no request");
    Ok(())
}

#[test]
fn what_cannot_be_read_completes_nothing_and_says_nothing() -> TestResult {
    let harness = start()?;
    let folder = harness.folder.path();
    fs::write(folder.join("policies/policy.yaml"), "version: [\n")?;
    fs::write(folder.join("ssprctl.yaml"), "rings: [{ name: '$(touch run)' }]\n")?;
    assert!(words(&harness, "tenants")?.is_empty());
    assert!(words(&harness, "rings")?.iter().all(|ring| !ring.contains('$')));
    fs::remove_dir_all(folder.join("policies"))?;
    assert!(words(&harness, "tenants")?.is_empty());
    Ok(())
}

/// What a shell that completes a command line prints; `None` where there is no such shell.
fn shell(harness: &Harness, program: &str, script: &str) -> Result<Option<Vec<String>>, Box<dyn std::error::Error>> {
    if Command::new(program).arg("--version").output().is_err() {
        return Ok(None);
    }
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_ssprctl"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = binary.parent().into_iter().map(std::path::Path::to_owned).chain(std::env::split_paths(&path));
    let mut command = Command::new(program);
    command.args(["-c", script]).env("PATH", std::env::join_paths(paths)?);
    harness.prepare(&mut command);
    let run = harness.finish(&mut command)?;
    assert_eq!(run.stderr, "", "{program}: {run:#?}");
    Ok(Some(run.stdout.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()))
}

/// Zsh completes only what is typed: a zsh at a terminal of its own gets the line and a tab, and shows what became of it.
const ZSH: &str = r#"
zmodload zsh/zpty
zpty typed zsh -f -i
zpty -w typed 'PS1=; autoload -U compinit; compinit -D -u; source <(ssprctl completions zsh)'
zpty -w typed 'show() { print -r -- "<$BUFFER>"; BUFFER=; }; zle -N show; bindkey "^X" show; print read""y'
zpty -r typed shown '*ready*'
zpty -w -n typed $'ssprctl LINE\t\x18'
zpty -r typed shown '*<*>*'
print -r -- "${${shown##*<}%%>*}"
"#;

#[cfg(unix)]
#[test]
fn shells_complete_them() -> TestResult {
    let harness = start()?;
    assert_eq!(harness.apply()?.code, Some(0));
    // The words before the cursor, and one that is completed.
    let cases = [
        ("plan --tenant con", CONTOSO),
        ("plan --ring can", "canary"),
        ("accept --setting methods.req", "methods.required"),
        ("rollback lat", "latest"),
        ("explain unknown-k", "unknown-key"),
        ("val", "validate"),
    ];
    for (line, completed) in cases {
        let count = line.split(' ').count();
        let bash = format!(
            "eval \"$(ssprctl completions bash)\"; COMP_WORDS=(ssprctl {line}); COMP_CWORD={count}; \
             _ssprctl_or_words ssprctl \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let found = shell(&harness, "bash", &bash)?.ok_or("there is no bash")?;
        assert!(found.iter().any(|word| word == completed), "bash: {line}: {found:?}");
        let fish = format!("ssprctl completions fish | source; complete -C 'ssprctl {line}'");
        if let Some(found) = shell(&harness, "fish", &fish)? {
            assert!(found.iter().any(|word| word == completed), "fish: {line}: {found:?}");
        }
        let zsh = ZSH.replace("LINE", line);
        if let Some(found) = shell(&harness, "zsh", &zsh)? {
            let (before, _) = line.rsplit_once(' ').unwrap_or_default();
            let whole = format!("ssprctl {before} {completed}").replace("  ", " ");
            assert_eq!(found.iter().map(|line| line.trim()).collect::<Vec<_>>(), [whole], "zsh: {line}");
        }
    }
    Ok(())
}
