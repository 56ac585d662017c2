//! The formats of results: the global options `--format` and `--also`, and the part of them that one command has.
//!
//! Every command with formats has an enum of its own and declares both options again, below the global ones, with
//! [`accepts`]. clap wants the same Rust type in both places, so both read a [`Format`], and [`FormatArgs`] and [`ResultArgs`]
//! convert it. clap does not check a value before the command or in a variable again; the conversion does, in clap's words.

use std::ffi::OsStr;
use std::marker::PhantomData;
use std::path::PathBuf;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, ValueEnum};

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people at a terminal
    Terminal,
    /// For a pull-request comment
    Markdown,
    /// One JSON document, see `ssprctl schema`
    Json,
    /// SARIF 2.1.0, for code scanning; of validate, plan and drift
    Sarif,
    /// Annotations of a GitHub workflow; of validate, plan and drift
    Github,
    /// One page without a script; of announce, a mail
    Html,
    /// Plain text; of announce
    Text,
    /// JUnit XML; of test
    Junit,
}

/// The formats of one command, which have the names of [`Format`].
pub(crate) trait CommandFormat: ValueEnum + Copy + Send + Sync + 'static {}

impl<F: ValueEnum + Copy + Send + Sync + 'static> CommandFormat for F {}

/// Whether a result in this format is for people at a terminal. Every other one is a document, whose lines are left alone.
pub(crate) fn is_for_terminals<F: CommandFormat>(format: F) -> bool {
    is_named(format, "terminal")
}

/// Whether a result in this format is a comment on a pull request.
pub(crate) fn is_for_comments<F: CommandFormat>(format: F) -> bool {
    is_named(format, "markdown")
}

fn is_named<F: CommandFormat>(format: F, name: &str) -> bool {
    format.to_possible_value().is_some_and(|value| value.matches(name, false))
}

/// The options `--format` and `--also` of a command.
#[derive(Clone, Debug)]
pub(crate) struct ResultArgs<F> {
    /// The format of the result itself.
    pub(crate) format: F,
    /// Further formats, each with its file.
    pub(crate) also: Vec<(F, PathBuf)>,
}

/// The option `--format` of a command that does not have `--also`.
#[derive(Clone, Debug)]
pub(crate) struct FormatArgs<F> {
    /// The format of the result.
    pub(crate) format: F,
}

const FORMAT: &str = "format";
const ALSO: &str = "also";

/// The option `--format` of a command.
fn format_argument<F: CommandFormat>() -> Arg {
    Arg::new(FORMAT)
        .long(FORMAT)
        .env("SSPRCTL_FORMAT")
        .value_name("FORMAT")
        .default_value("terminal")
        .value_parser(accepts::<F>())
        .help("How the result is written")
}

/// The option `--also` of a command.
fn also_argument<F: CommandFormat>() -> Arg {
    let names: Vec<_> = F::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
    let names = names.iter().map(PossibleValue::get_name).collect::<Vec<_>>().join(", ");
    Arg::new(ALSO)
        .long(ALSO)
        .env("SSPRCTL_ALSO")
        .value_name("FORMAT=FILE")
        .action(ArgAction::Append)
        .value_parser(accepts_with_file::<F>())
        .help(format!(
            "Write the result of the same run in another format to a file, too: {names}; may be given several times"
        ))
}

impl<F: CommandFormat> Args for FormatArgs<F> {
    fn augment_args(command: Command) -> Command {
        command.arg(format_argument::<F>())
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<F: CommandFormat> FromArgMatches for FormatArgs<F> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let format = matches.get_one(FORMAT).copied().unwrap_or(Format::Terminal);
        Ok(Self { format: convert(format_argument::<F>(), format)? })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<F: CommandFormat> Args for ResultArgs<F> {
    fn augment_args(command: Command) -> Command {
        FormatArgs::<F>::augment_args(command).arg(also_argument::<F>())
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<F: CommandFormat> FromArgMatches for ResultArgs<F> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let FormatArgs { format } = FormatArgs::from_arg_matches(matches)?;
        let also = matches.get_many::<(Format, PathBuf)>(ALSO).into_iter().flatten();
        let also = also.map(|(format, file)| Ok((convert(also_argument::<F>(), *format)?, file.clone())));
        Ok(Self { format, also: also.collect::<Result<_, Error>>()? })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Converts what a global option holds; what the command does not have is refused as clap refuses it.
fn convert<F: CommandFormat>(argument: Arg, format: Format) -> Result<F, Error> {
    let id = argument.get_id().clone();
    let mut command = Command::new("ssprctl").arg(argument);
    command.build();
    let argument = command.get_arguments().find(|argument| *argument.get_id() == id);
    let value = format.to_possible_value().unwrap_or_default();
    EnumValueParser::<F>::new().parse_ref(&command, argument, OsStr::new(value.get_name()))
}

/// Reads the formats that are also values of `F`, and lists only those.
pub(crate) fn accepts<F: CommandFormat>() -> impl TypedValueParser<Value = Format> {
    Accepts::<F>(PhantomData)
}

/// Reads `FORMAT=FILE` with the formats that are also values of `F`.
pub(crate) fn accepts_with_file<F: CommandFormat>() -> impl TypedValueParser<Value = (Format, PathBuf)> {
    AcceptsWithFile::<F>(PhantomData)
}

#[derive(Clone, Copy)]
struct Accepts<F>(PhantomData<F>);

impl<F: CommandFormat> TypedValueParser for Accepts<F> {
    type Value = Format;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<Format, Error> {
        EnumValueParser::<F>::new().parse_ref(command, argument, value)?;
        EnumValueParser::<Format>::new().parse_ref(command, argument, value)
    }

    /// An option before the command comes before a variable, which may then hold a format that only other commands have. So
    /// what a variable holds is checked when it is converted.
    fn parse_ref_(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
        source: ValueSource,
    ) -> Result<Format, Error> {
        let known = value.to_str().and_then(|value| Format::from_str(value, false).ok());
        match known {
            Some(format) if source == ValueSource::EnvVariable => Ok(format),
            Some(_) | None => self.parse_ref(command, argument, value),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(F::value_variants().iter().filter_map(ValueEnum::to_possible_value)))
    }
}

#[derive(Clone, Copy)]
struct AcceptsWithFile<F>(PhantomData<F>);

impl<F: CommandFormat> TypedValueParser for AcceptsWithFile<F> {
    type Value = (Format, PathBuf);

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<Self::Value, Error> {
        self.parse_ref_(command, argument, value, ValueSource::CommandLine)
    }

    fn parse_ref_(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
        source: ValueSource,
    ) -> Result<Self::Value, Error> {
        let (format, file) = split.parse_ref(command, argument, value)?;
        let format = Accepts::<F>(PhantomData).parse_ref_(command, argument, OsStr::new(&format), source)?;
        Ok((format, file))
    }
}

fn split(text: &str) -> Result<(String, PathBuf), &'static str> {
    let (format, file) = text.split_once('=').filter(|(_, file)| !file.is_empty()).ok_or("write FORMAT=FILE")?;
    Ok((format.to_owned(), file.into()))
}
