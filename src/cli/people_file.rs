//! The options that count people by what they have in common and that make a file of them, and what the caller has to know
//! about that file.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::base::count::counted;
use crate::cli::context::Context;
use crate::cli::git_repository::may_be_committed;
use crate::engine::error::RunError;
use crate::engine::forecast::GroupedBy;
use crate::engine::people_file::PeopleWritten;

/// What people may be counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PeopleGrouping {
    /// The department in the directory
    Department,
    /// The groups that the scope and the authentication methods policy name
    Group,
    /// The registered methods that may reset a password
    Method,
    /// The country in the directory
    Country,
}

impl PeopleGrouping {
    pub(crate) fn grouped_by(self) -> GroupedBy {
        match self {
            Self::Department => GroupedBy::DEPARTMENT,
            Self::Group => GroupedBy::Group,
            Self::Method => GroupedBy::Method,
            Self::Country => GroupedBy::COUNTRY,
        }
    }
}

/// Whether people are listed, and where.
#[derive(Clone, Debug, Args)]
pub(crate) struct PeopleArgs {
    /// Also write to FILE, which ends in .csv or .json, who can reset today and no longer then, who has too little registered
    /// and who is unclear, each with name, sign-in name, department, reason and what to register. It holds personal data
    #[arg(long, env = "SSPRCTL_PEOPLE", value_name = "FILE")]
    people: Option<PathBuf>,
}

impl PeopleArgs {
    /// The file, if one is asked for.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.people.as_deref()
    }

    /// Warns of a file that could be committed by mistake.
    pub(crate) fn warn(&self, context: &Context) {
        if let Some(file) = self.file().filter(|file| may_be_committed(file)) {
            let name = file.display();
            context.output.note(&format!(
                "warning: {name} will hold personal data, and git does not ignore it; name a file outside of the repository, or \
                 add it to .gitignore"
            ));
        }
    }

    /// Writes the file, with the people of these tenants in their order, each with whether it could be read, and says so.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn finish<'a>(
        context: &Context,
        tenants: impl IntoIterator<Item = (&'a str, bool)>,
    ) -> Result<(), RunError> {
        let Some(file) = &context.run.people_file else { return Ok(()) };
        let name = file.path().display();
        let Some(PeopleWritten { people, missing }) = file.finish(tenants)? else {
            context.output.say(&format!("{name} is not written: no tenant could be read"));
            return Ok(());
        };
        let many = counted(people, "person", "people");
        let mut note = format!("wrote {name} with {many}; it holds personal data: give it only to those who need it");
        if missing > 0 {
            let tenants = counted(missing, "tenant is", "tenants are");
            note.push_str(&format!("\n  {tenants} not in it: the people there could not be read"));
        }
        context.output.note(&note);
        Ok(())
    }
}
