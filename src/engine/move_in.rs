//! `import --from`: a policy from what other tools have saved of a tenant, which is not read. Each format holds some of the
//! documents that this program reads of a tenant, in an envelope of its own. They are found by the keys that only they have, and
//! decoded as those that were read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::base::cloud::Cloud;
use crate::base::exact_json::ExactJson;
use crate::base::ids::{TenantId, TenantName};
use crate::engine::context::RunContext;
use crate::engine::error::RunError;
use crate::engine::policies::read_named;
use crate::engine::show::{ImportedTenant, describe};
use crate::policy::yaml;
use crate::review::config::ReviewConfig;
use crate::tenant::authentication_methods;
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::facts::TenantFacts;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::{Surface, WriteMode};

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// The folder of IntuneCD's backup that holds the settings of Entra.
const ENTRA: &str = "Entra";
/// The key that holds the standard of CIPP about the reset of administrators.
const CIPP_STANDARD: &str = "AdminSSPR";

/// A format of files that hold settings of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SourceFormat {
    /// The folder of a backup by IntuneCD.
    IntuneCd,
    /// What CIPP's API answers, or one of its standards templates.
    Cipp,
    /// What monkey365 exports as JSON.
    Monkey365,
    /// The answers of the Entra portal and of Microsoft Graph themselves.
    Portal,
}

/// What is known of one format.
struct FormatSpec {
    /// The word in front of the path.
    word: &'static str,
    /// The name in sentences.
    title: &'static str,
    /// The documents that it can hold.
    holds: &'static [Surface],
    /// What the path must lead to, to follow "name".
    expects: &'static str,
    /// Why a document that it can hold may be missing.
    missing: &'static str,
}

impl SourceFormat {
    const ALL: [Self; 4] = [Self::IntuneCd, Self::Cipp, Self::Monkey365, Self::Portal];

    fn spec(self) -> FormatSpec {
        match self {
            Self::IntuneCd => FormatSpec {
                word: "intunecd",
                title: "a backup of IntuneCD",
                holds: &[Surface::PasswordReset, Surface::AuthorizationPolicy, Surface::AuthenticationMethods],
                expects: "the folder of the backup, with the folder `Entra` in it",
                missing: "it is there if IntuneCD backs up Entra with its own sign-in to the portal",
            },
            Self::Cipp => FormatSpec {
                word: "cipp",
                title: "CIPP",
                holds: &[Surface::AuthorizationPolicy, Surface::AuthenticationMethods],
                expects: "an answer of CIPP's `ListDBCache` for one tenant, with the type AuthorizationPolicy or \
                          AuthenticationMethodsPolicy, or a standards template with `AdminSSPR`",
                missing: "pass the answer of `ListDBCache` for it with another --from",
            },
            Self::Monkey365 => FormatSpec {
                word: "monkey365",
                title: "monkey365",
                holds: &[Surface::PasswordReset, Surface::AuthorizationPolicy, Surface::AuthenticationMethods],
                expects: "the findings that monkey365 exports as JSON, of which one about password reset fails",
                missing: "an export has it only with a finding about it that fails",
            },
            Self::Portal => FormatSpec {
                word: "portal",
                title: "what was saved of the portal",
                holds: &[
                    Surface::PasswordReset,
                    Surface::OnPremisesPasswordReset,
                    Surface::AuthorizationPolicy,
                    Surface::AuthenticationMethods,
                ],
                expects: "an answer of the portal's `PasswordResetPolicies` or `OnPremisesPasswordResetPolicies`, or of Graph's \
                          `authorizationPolicy` or `authenticationMethodsPolicy`, as JSON",
                missing: "save that answer, too, and pass it with another --from",
            },
        }
    }
}

/// One value of `--from`: a format and where its files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MoveInSource {
    format: SourceFormat,
    path: PathBuf,
}

impl FromStr for MoveInSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || SourceFormat::ALL.map(|format| format!("{}:PATH", format.spec().word)).join(", ");
        let (word, path) = text.split_once(':').filter(|(_, path)| !path.is_empty()).unwrap_or((text, ""));
        let format = SourceFormat::ALL.into_iter().find(|format| format.spec().word == word && !path.is_empty());
        let format = format.ok_or_else(|| format!("write one of {}", known()))?;
        Ok(Self { format, path: path.into() })
    }
}

impl fmt::Display for MoveInSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.path.display(), self.format.spec().title)
    }
}

/// Describes the tenant that the selection names by a policy, from files alone.
///
/// # Errors
/// When no tenant is named, a file cannot be read, or the files hold nothing that is known.
pub(crate) fn import_files(
    context: &RunContext,
    sources: &[MoveInSource],
    cloud: Cloud,
    config: &ReviewConfig,
) -> Result<ImportedTenant, RunError> {
    let name = context.selection.single_tenant()?;
    let mut found: BTreeMap<Surface, Document> = BTreeMap::new();
    for source in sources {
        for (surface, document) in documents(context, source)? {
            if found.get(&surface).is_some_and(|other| *other != document) {
                return Err(RunError::failed(format!(
                    "{} has another content of {} than was found before",
                    source.path.display(),
                    title(surface)
                ))
                .hint(
                    "the files may be of several tenants, or of several days: name those of one tenant and one day",
                ));
            }
            found.insert(surface, document);
        }
    }
    let formats: BTreeSet<SourceFormat> = sources.iter().map(|source| source.format).collect();
    let read = |surface: Surface| match found.remove(&surface) {
        Some(document) => Ok(document),
        None => Err(TenantError::new(TenantErrorKind::NotFound, absent(surface, &formats))),
    };
    let documents: BTreeMap<_, _> = Surface::ALL.into_iter().zip(Surface::ALL.map(read)).collect();
    let methods = documents.get(&Surface::AuthenticationMethods).and_then(|read| read.as_ref().ok());
    let migration = methods.and_then(|document| authentication_methods::migration(document).ok());
    let snapshot = Snapshot {
        taken: context.clock.now(),
        tenant: match &name {
            TenantName::Id(id) => *id,
            TenantName::Domain(_) => TenantId(Uuid::nil()),
        },
        identities: BTreeMap::new(),
        documents,
        groups: BTreeMap::new(),
        facts: TenantFacts { migration, ..TenantFacts::default() },
    };
    Ok(describe(snapshot, &name, cloud, config))
}

/// What a document is, in the words of the portal and with the name that its answer has there.
fn title(surface: Surface) -> &'static str {
    match surface {
        Surface::PasswordReset => "the answer for the portal's pages of password reset (`PasswordResetPolicies`)",
        Surface::OnPremisesPasswordReset => {
            "the answer for the portal's page On-premises integration (`OnPremisesPasswordResetPolicies`)"
        }
        Surface::AuthorizationPolicy => "the answer that says whether administrators may reset (`authorizationPolicy`)",
        Surface::AuthenticationMethods => {
            "the answer for the portal's page Authentication methods > Policies (`authenticationMethodsPolicy`)"
        }
        Surface::ConditionalAccess => "the Conditional Access policy on registering",
        Surface::DeviceConfiguration => "the Intune configuration of the reset link",
    }
}

/// Why a document is not among the files.
fn absent(surface: Surface, formats: &BTreeSet<SourceFormat>) -> String {
    let document = title(surface);
    if surface.write_mode() == WriteMode::ManagedObject {
        return format!("{document} is an object that ssprctl makes for itself, so no file of another tool has it");
    }
    let specs = || formats.iter().map(|format| format.spec());
    match specs().find(|spec| spec.holds.contains(&surface)) {
        Some(spec) => format!("{document} is not among the files: {}", spec.missing),
        None => {
            format!("{} does not hold {document}", specs().map(|spec| spec.title).collect::<Vec<_>>().join(" and "))
        }
    }
}

/// The documents of one source, each once.
fn documents(context: &RunContext, source: &MoveInSource) -> Result<Vec<(Surface, Document)>, RunError> {
    let MoveInSource { format, path } = source;
    let folder = path.join(ENTRA);
    if *format == SourceFormat::IntuneCd && !folder.is_dir() {
        let (at, is_there) = if path.is_dir() { (&folder, folder.exists()) } else { (path, path.exists()) };
        let why = if is_there { "is not a folder" } else { "does not exist" };
        return Err(RunError::failed(format!("{} {why}", at.display())).hint(name_it(*format)));
    }
    let mut found = Vec::new();
    for file in files(*format, path) {
        let shown = file.display();
        let text = read_named(context, &file, MAX_BYTES)
            .map_err(|error| RunError::failed(format!("{shown} cannot be read: {error}")).hint(name_it(*format)))?;
        let text = text.trim_start_matches('\u{feff}');
        let json = match file.extension().is_some_and(|end| end == "yaml") {
            true => yaml::parse(text, 0).map(|node| node.to_json()).map_err(|why| format!("YAML: {why}")),
            false => serde_json::from_str(text).map_err(|why| format!("JSON: {why}")),
        };
        let json = json.map_err(|why| RunError::failed(format!("{shown} is no {why}")).hint(name_it(*format)))?;
        if let Some(key) = ExactJson::parse(text).and_then(|exact| exact.repeated_key()) {
            let message = format!("{shown} cannot be used: the key `{key}` occurs twice in one object");
            return Err(RunError::failed(message).hint("export it again, or remove the one that is not meant"));
        }
        collect(&json, *format, &mut found).map_err(|why| {
            RunError::failed(format!("{shown} cannot be used: {why}")).hint(
                "export it again; if it stays like this, report the names of its keys to the project, and no values",
            )
        })?;
    }
    if found.is_empty() {
        let message = format!("{} holds no document of password reset that is known", path.display());
        return Err(RunError::failed(message).hint(name_it(*format)));
    }
    Ok(found)
}

fn name_it(format: SourceFormat) -> String {
    format!("name {}", format.spec().expects)
}

/// The files of a source that are there; for one that is a single file, that file in any case.
fn files(format: SourceFormat, path: &Path) -> Vec<PathBuf> {
    const INTUNECD: [&str; 3] = [
        "Password Reset Policies/password_reset_policies",
        "Authorization Policy/authorization_policy",
        "Authentication Methods/authentication_methods",
    ];
    match format {
        SourceFormat::Cipp | SourceFormat::Monkey365 | SourceFormat::Portal => vec![path.to_owned()],
        SourceFormat::IntuneCd => {
            let ends = |name: &&str| ["json", "yaml"].map(|end| path.join(ENTRA).join(format!("{name}.{end}")));
            INTUNECD.iter().flat_map(ends).filter(|file| file.exists()).collect()
        }
    }
}

/// Finds the documents in a value, at any depth.
///
/// # Errors
/// When one of them is of a shape that is not known.
fn collect(json: &Json, format: SourceFormat, found: &mut Vec<(Surface, Document)>) -> Result<(), String> {
    let Json::Object(keys) = json else {
        return json.as_array().into_iter().flatten().try_for_each(|item| collect(item, format, found));
    };
    if let Some(surface) = surface_of(|key| keys.contains_key(key)) {
        let document = Document::parse(&json.to_string()).map_err(|why| why.to_string())?;
        found.push((
            surface,
            match surface {
                Surface::AuthenticationMethods => {
                    authentication_methods::into_entries(&document).map_err(|why| why.to_string())?
                }
                Surface::PasswordReset
                | Surface::OnPremisesPasswordReset
                | Surface::AuthorizationPolicy
                | Surface::ConditionalAccess
                | Surface::DeviceConfiguration => document,
            },
        ));
        return Ok(());
    }
    if let Some(standard) = keys.get(CIPP_STANDARD).filter(|_| format == SourceFormat::Cipp) {
        let document = Document::parse(&json!({ "allowedToUseSSPR": administrators(standard)? }).to_string());
        found.push((Surface::AuthorizationPolicy, document.map_err(|why| why.to_string())?));
    }
    keys.values().try_for_each(|value| collect(value, format, found))
}

/// The document that an object is, by a key that no other has.
fn surface_of(has: impl Fn(&str) -> bool) -> Option<Surface> {
    [
        ("numberOfAuthenticationMethodsRequired", Surface::PasswordReset),
        ("passwordWritebackSupported", Surface::OnPremisesPasswordReset),
        ("allowedToUseSSPR", Surface::AuthorizationPolicy),
        ("authenticationMethodConfigurations", Surface::AuthenticationMethods),
    ]
    .into_iter()
    .find_map(|(key, surface)| has(key).then_some(surface))
}

/// Whether the standard of CIPP lets administrators reset: `enabled` or `disabled`, alone or as the choice of a list.
fn administrators(standard: &Json) -> Result<bool, String> {
    let standard = standard.as_array().and_then(|several| several.first()).unwrap_or(standard);
    let state = standard.get("state");
    let state = state.and_then(|state| state.get("value").or(Some(state))).and_then(Json::as_str);
    match state.map(str::to_ascii_lowercase).as_deref() {
        Some("enabled") => Ok(true),
        Some("disabled") => Ok(false),
        Some(_) | None => Err(format!("its standard {CIPP_STANDARD} has no `state` that is enabled or disabled")),
    }
}
