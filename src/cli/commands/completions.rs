//! `completions`: a completion script, generated from the options. The scripts of bash, zsh and fish ask the program for names
//! that are in the repository and in the state: tenants, rings, runs, settings, and what `explain` explains.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::base::exit::Exit;
use crate::cli::command_args::CommandArgs;
use crate::cli::completion_words::CompletedWords;
use crate::cli::context::{CommandSpec, Context};
use crate::engine::error::RunError;

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(required_unless_present = "words")]
    pub(crate) shell: Option<Shell>,
    /// Print words instead of a script, as the scripts ask for them
    #[arg(long, value_name = "KIND", hide = true)]
    pub(crate) words: Option<CompletedWords>,
}

impl CompletionsArgs {
    /// The same, for the command line of the program.
    #[must_use]
    pub(crate) fn of(self, program: Command) -> Completions {
        Completions { shell: self.shell, words: self.words, program }
    }
}

/// A completion script to print, or words.
pub(crate) struct Completions {
    shell: Option<Shell>,
    words: Option<CompletedWords>,
    program: Command,
}

impl CommandArgs for Completions {
    const SPEC: CommandSpec = CommandSpec::OFFLINE;

    async fn run(mut self, context: &Context) -> Result<Exit, RunError> {
        let text = match (self.words, self.shell) {
            (Some(words), _) => words.lines(context),
            (None, Some(shell)) => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut self.program, "ssprctl", &mut script);
                with_words(shell, &String::from_utf8_lossy(&script))
            }
            (None, None) => return Err(RunError::failed("no shell is named").hint("`ssprctl completions bash`")),
        };
        context.output.write_result(&text)?;
        Ok(Exit::Done)
    }
}

/// The script of a shell with the words that the program knows; the same for a shell in which it is not asked.
fn with_words(shell: Shell, script: &str) -> String {
    match shell {
        Shell::Bash => format!("{}\n{BASH}", script.replace("complete -F _ssprctl ", "complete -F _ssprctl_or_words ")),
        Shell::Zsh => zsh(script),
        Shell::Fish => format!("{script}\n{FISH}"),
        _ => script.to_owned(),
    }
}

/// Bash: what follows one of these words is asked for, and everything else is completed as before. Nothing of the answer is
/// evaluated, as `compgen -W` would do.
const BASH: &str = r#"_ssprctl_or_words() {
    local cur="${COMP_WORDS[COMP_CWORD]}" prev="" kind="" word=""
    if ((COMP_CWORD > 0)); then prev="${COMP_WORDS[COMP_CWORD - 1]}"; fi
    # An equals sign is a word of its own.
    if [[ $cur == "=" ]]; then
        cur=""
    elif [[ $prev == "=" ]] && ((COMP_CWORD > 1)); then
        prev="${COMP_WORDS[COMP_CWORD - 2]}"
    fi
    case "$prev" in
        --tenant) kind=tenants ;;
        --ring) kind=rings ;;
        --setting) kind=settings ;;
        rollback | history) kind=runs ;;
        explain) kind=names ;;
    esac
    if [[ -z $kind || $cur == -* ]]; then
        _ssprctl "$@"
        return
    fi
    COMPREPLY=()
    while IFS= read -r word; do
        if [[ $word == "$cur"* ]]; then COMPREPLY+=("$word"); fi
    done < <("$1" completions --words "$kind" 2>/dev/null)
}
"#;

/// Zsh: the same by a function for each kind of word; it has the settings in its script.
const ZSH: &str = r#"
_ssprctl_words() {
    local -a words
    words=("${(@f)$(ssprctl completions --words "$1" 2>/dev/null)}")
    compadd -a words
}
_ssprctl_tenants() { _ssprctl_words tenants }
_ssprctl_rings() { _ssprctl_words rings }
_ssprctl_runs() { _ssprctl_words runs }
_ssprctl_names() { _ssprctl_words names }
"#;

/// How the lines of the script of zsh begin whose values are asked for, and the function that asks.
const ZSH_VALUES: [(&str, &str); 5] = [
    ("'--tenant=[", "_ssprctl_tenants"),
    ("'--ring=[", "_ssprctl_rings"),
    ("':run -- ", "_ssprctl_runs"),
    ("'::run -- ", "_ssprctl_runs"),
    ("'::name -- A setting", "_ssprctl_names"),
];

fn zsh(script: &str) -> String {
    let line = |line: &str| match ZSH_VALUES.iter().find(|(start, _)| line.starts_with(start)) {
        Some((_, function)) => with_function(line, function),
        None => line.to_owned(),
    };
    let text: Vec<_> = script.lines().map(line).collect();
    let text = text.join("\n");
    // The functions come before the first call, which is at the end.
    match text.rsplit_once("\nif [ \"$funcstack[1]\"") {
        Some((functions, call)) => format!("{functions}\n{ZSH}\nif [ \"$funcstack[1]\"{call}\n"),
        None => text,
    }
}

/// A line about an argument whose values a function completes.
fn with_function(line: &str, function: &str) -> String {
    match line.rsplit_once(":_default'") {
        Some((start, end)) => format!("{start}:{function}'{end}"),
        None => line.to_owned(),
    }
}

/// Fish: the same as more completions.
const FISH: &str = "\
function __ssprctl_words
    ssprctl completions --words $argv 2>/dev/null
end
complete -c ssprctl -l tenant -x -a '(__ssprctl_words tenants)'
complete -c ssprctl -l ring -x -a '(__ssprctl_words rings)'
complete -c ssprctl -n '__fish_seen_subcommand_from accept' -l setting -x -a '(__ssprctl_words settings)'
complete -c ssprctl -n '__fish_seen_subcommand_from rollback history' -f -a '(__ssprctl_words runs)'
complete -c ssprctl -n '__fish_seen_subcommand_from explain' -f -a '(__ssprctl_words names)'
";
