//! What the tests and benches of this repository use of the program. It is no public interface: nothing here is stable.
//!
//! The modules mirror those of `src`. Every other item is private to the crate, so that the compiler reports dead code.

pub mod apply {
    pub mod disk {
        pub use crate::apply::disk::{JournalDisk, JournalFile};
    }
    pub mod entry {
        pub use crate::apply::entry::WriteResult;
    }
    pub mod execute {
        pub use crate::apply::execute::execute;
    }
    pub mod journal {
        pub use crate::apply::journal::Journal;
    }
    pub mod options {
        pub use crate::apply::options::{ApplyOptions, OnFailure};
    }
    pub mod outcome {
        pub use crate::apply::outcome::{ApplyOutcome, ChangedDocuments, RollbackOutcome, StepOutcome, StepResult};
    }
    pub mod precondition {
        pub use crate::apply::precondition::PreconditionFailed;
    }
    pub mod recovery {
        pub use crate::apply::recovery::{RecoveryOptions, recover_run};
    }
    pub mod run_record {
        pub use crate::apply::run_record::{RunRecord, interrupted_tenants, list_runs, parse, read_run, read_run_of};
    }
}
pub mod base {
    pub mod clock {
        pub use crate::base::clock::{Clock, Stopwatch};
    }
    pub mod cloud {
        pub use crate::base::cloud::Cloud;
    }
    pub mod digest {
        pub use crate::base::digest::hash_json;
    }
    pub mod exit {
        pub use crate::base::exit::Exit;
    }
    pub mod finding {
        pub use crate::base::finding::{Finding, Severity};
    }
    pub mod ids {
        pub use crate::base::ids::{ObjectId, RequestId, RunId, TenantId, TenantName};
    }
    pub mod shard {
        pub use crate::base::shard::stable_hash;
    }
    pub mod signature {
        pub use crate::base::signature::{Digest, KeyTooShort, SharedKey, SigningKey, VerifyingKey, new_keys};
    }
    pub mod source {
        pub use crate::base::source::{Place, Source, Span};
    }
    pub mod value {
        pub use crate::base::value::{Question, Value};
    }
}
pub mod catalog {
    pub use crate::catalog::{ALL, find};
    pub mod calendar {
        pub use crate::catalog::calendar::{CALENDAR, CalendarEntry, SourceAgreement};
    }
    pub mod desired {
        pub use crate::catalog::desired::Desired;
    }
    pub mod no_effect {
        pub use crate::catalog::no_effect::NoEffectReason;
    }
    pub mod setting {
        pub use crate::catalog::setting::{Setting, ValueKind};
    }
    pub mod tenant_calendar {
        pub use crate::catalog::tenant_calendar::{MovedDate, TelephonyProvider, TenantCalendar};
    }
}
pub mod cli {
    pub mod dispatch {
        pub use crate::cli::dispatch::command_line;
    }
    pub mod schemas {
        pub use crate::cli::schemas::{SchemaName, made_from_types};
    }
}
pub mod client {
    pub use crate::client::{
        ConnectOptions, Credentials, DeviceCode, EndpointOverrides, HttpClient, Jitter, Permission, RequiredAccess,
        RetryPolicy, SignInResult, TenantReader, TenantWriter, Token, connect, permissions, scopes,
    };
}
pub mod conformance {
    pub mod table {
        pub use crate::conformance::table::listed;
    }
}
pub mod controller {
    pub mod address {
        pub use crate::controller::address::RepositoryAddress;
    }
    pub mod condition {
        pub use crate::controller::condition::{Condition, ConditionStatus, Reason};
    }
    pub mod event {
        pub use crate::controller::event::Event;
    }
    pub mod git {
        pub use crate::controller::git::Git;
    }
    pub mod metrics {
        pub use crate::controller::metrics::{Metrics, ProcessInfo};
    }
    pub mod notify {
        pub use crate::controller::notify::{address, body};
        pub mod deliver {
            pub use crate::controller::notify::deliver::{deliver, signature};
        }
        pub mod notification {
            pub use crate::controller::notify::notification::Notification;
        }
    }
    pub mod reconcile {
        pub use crate::controller::reconcile::{
            DriftEntry, LoadedRevision, Reconcile, ReconcileFailure, ReconcileOutcome, ReconcileResult, TenantPolicy,
        };
    }
    pub mod reconciler {
        pub use crate::controller::reconciler::{outcome_of_apply, outcome_of_review};
    }
    pub mod round {
        pub use crate::controller::round::Controller;
    }
    pub mod schedule {
        pub use crate::controller::schedule::{Retry, Schedule};
    }
    pub mod shared {
        pub use crate::controller::shared::SharedState;
    }
    pub mod source {
        pub use crate::controller::source::PolicySource;
    }
    pub mod source_files {
        pub use crate::controller::source_files::SourceFiles;
    }
    pub mod state {
        pub use crate::controller::state::{ControllerState, ObservedRevision, TenantState};
    }
    pub mod store {
        pub use crate::controller::store::StateStore;
    }
    pub mod tenant_status {
        pub use crate::controller::tenant_status::{StatusContext, update_status};
    }
}
pub mod engine {
    pub mod attribution {
        pub use crate::engine::attribution::explain_settings;
    }
    pub mod disposition {
        pub use crate::engine::disposition::{exit_of_apply, exit_of_reviews};
    }
    pub mod tenant_report {
        pub use crate::engine::tenant_report::{SettingReport, TenantReport};
    }
    pub mod result {
        pub use crate::engine::result::{
            ApplyEnding, ApplyResult, DriftResult, FleetView, PlanScope, TenantReports, TenantResult, ValidationReport,
        };
    }
}
pub mod plan {
    pub mod actual {
        pub use crate::plan::actual::{allowed_methods, document_value};
    }
    pub mod attribution {
        pub use crate::plan::attribution::{
            Attribution, Author, ChangedBy, Confidence, Doubt, UnknownReason, attribute, queries,
        };
    }
    pub mod build {
        pub use crate::plan::build::build;
    }
    pub mod change {
        pub use crate::plan::change::{Change, Plan, Step, UnknownSetting};
    }
    pub mod drift_state {
        pub use crate::plan::drift_state::{ChangeWindow, DriftState, digest};
    }
    pub mod drifted_setting {
        pub use crate::plan::drifted_setting::DriftedSetting;
    }
    pub mod effective {
        pub use crate::plan::effective::EffectiveSetting;
    }
    pub mod effects {
        pub use crate::plan::effects::effective_now;
    }
    pub mod import {
        pub use crate::plan::import::import_policy;
    }
    pub mod own_requests {
        pub use crate::plan::own_requests::{OwnRequest, OwnWrites};
    }
    pub mod public_snapshot {
        pub mod format {
            pub use crate::plan::public_snapshot::format::SnapshotFile;
        }
        pub mod publish {
            pub use crate::plan::public_snapshot::publish::{publish, text};
        }
        pub mod read {
            pub use crate::plan::public_snapshot::read::{SnapshotError, read};
        }
    }
    pub mod reversal {
        pub use crate::plan::reversal::{DivergedKeys, Reversal, SentRequest, WriteState, reverse, write_state};
    }
    pub mod reverts {
        pub use crate::plan::reverts::{Revert, RevertEvent, revert_queries, reverts};
    }
    pub mod score {
        pub use crate::plan::score::{Forecast, forecast};
    }
}
pub mod policy {
    pub use crate::policy::PolicySet;
    pub mod codes {
        pub use crate::policy::codes::CODES;
    }
    pub mod document {
        pub use crate::policy::document::{Method, PolicyFile};
    }
    pub mod edit {
        pub use crate::policy::edit::{Edit, edit};
    }
    pub mod load {
        pub use crate::policy::load::{LoadOptions, load};
    }
    pub mod questions {
        pub use crate::policy::questions::PREDEFINED;
    }
    pub mod repository {
        pub mod calendar {
            pub use crate::policy::repository::calendar::TelephonyChannel;
        }
        pub mod controller {
            pub use crate::policy::repository::controller::{NotificationTarget, ReceiverKind};
        }
        pub mod load {
            pub use crate::policy::repository::load::{Repository, discover};
        }
    }
    pub mod schema {
        pub use crate::policy::schema::{FileSchema, fits};
    }
    pub mod single_file {
        pub use crate::policy::single_file::load;
    }
    pub mod waiver {
        pub use crate::policy::waiver::Waiver;
    }
    pub mod write {
        pub use crate::policy::write::to_yaml;
    }
}
pub mod render {
    pub mod announcement {
        pub use crate::render::announcement::{MOST_BYTES, MailDates, MailFormat, announce, variables};
    }
    pub mod codes {
        pub use crate::render::codes::find;
    }
    pub mod github {
        pub use crate::render::github::{drift, plan, validate};
    }
    pub mod json {
        pub use crate::render::json::{RunEnd, apply, drift, history, plan, show, validate};
        pub mod finding {
            pub use crate::render::json::finding::findings_json;
        }
    }
    pub mod markdown {
        pub use crate::render::markdown::{apply, drift, plan, show, validate};
    }
    pub mod pages {
        pub mod permissions {
            pub use crate::render::pages::permissions::page;
        }
        pub mod reference {
            pub use crate::render::pages::reference::pages;
        }
    }
    pub mod sarif {
        pub use crate::render::sarif::{drift, plan, validate};
    }
    pub mod terminal {
        pub use crate::render::terminal::{apply, drift, plan};
        pub mod explain {
            pub use crate::render::terminal::explain::{code, description};
        }
        pub mod history {
            pub use crate::render::terminal::history::{history, one};
        }
        pub mod import {
            pub use crate::render::terminal::import::comments;
        }
        pub mod show {
            pub use crate::render::terminal::show::terminal;
        }
        pub mod validate {
            pub use crate::render::terminal::validate::terminal;
        }
    }
    pub mod text {
        pub mod error {
            pub use crate::render::text::error::error_block;
        }
        pub mod findings {
            pub use crate::render::text::findings::{findings, one};
        }
    }
}
pub mod review {
    pub mod approve {
        pub use crate::review::approve::{Refusal, Review, plan_and_review};
    }
    pub mod config {
        pub use crate::review::config::ReviewConfig;
    }
    pub mod evaluate {
        pub use crate::review::evaluate::{RuleResults, run_rules};
    }
    pub mod calendar_exceptions {
        pub use crate::review::calendar_exceptions::CalendarException;
    }
    pub mod exceptions {
        pub use crate::review::exceptions::{Exception, ExceptionChange, ExceptionKind};
    }
    pub mod file {
        pub mod compare {
            pub use crate::review::file::compare::{ReviewMismatch, is_done, mismatches};
        }
        pub mod format {
            pub use crate::review::file::format::{ReviewFile, ReviewedTenant, SavedRefusal, SavedReview};
        }
        pub mod read {
            pub use crate::review::file::read::{ReviewFileError, read};
        }
        pub mod write {
            pub use crate::review::file::write::{ReviewBasis, reviewed, text};
        }
    }
    pub mod impact {
        pub use crate::review::impact::{Impact, ImpactResult, LostReset, PolicyChange, policy_change};
    }
    pub mod import_check {
        pub use crate::review::import_check::first_invalid_setting;
    }
    pub mod limits {
        pub use crate::review::limits::CODES;
    }
    pub mod losses {
        pub use crate::review::losses::Losses;
    }
    pub mod rollback {
        pub use crate::review::rollback::plan_and_review;
    }
    pub mod rule_context {
        pub use crate::review::rule_context::{RequiredFacts, RuleContext};
    }
    pub mod rules {
        pub use crate::review::rules::{ALL, Rule, check_all};
    }
    pub mod waivers {
        pub use crate::review::waivers::WaivedFinding;
    }
}
pub mod person {
    pub mod answer {
        pub use crate::person::answer::{Answer, AnswerReason};
    }
    pub mod census {
        pub use crate::person::census::Census;
    }
    pub mod explanation {
        pub use crate::person::explanation::{Explanation, explain};
    }
    pub mod facts {
        pub use crate::person::facts::{GroupMemberships, PersonFacts, TenantSituation};
    }
    pub mod forecast {
        pub use crate::person::forecast::ForecastCounts;
    }
    pub mod policy_state {
        pub use crate::person::policy_state::{
            ConvergedState, MethodTarget, MethodTargets, PolicyState, ResetScope, TargetPeople,
        };
    }
    pub mod state {
        pub use crate::person::state::{LossReason, Moment};
    }
}
pub mod tenant {
    pub mod account {
        pub use crate::tenant::account::{AccountHome, UserAccount};
    }
    pub mod api {
        pub use crate::tenant::api::{ReadTenant, WriteTenant};
    }
    pub mod audit {
        pub use crate::tenant::audit::{Actor, ActorKind, AuditEvent, AuditQuery, AuditResult, AuditTrail};
    }
    pub mod authentication_methods {
        pub use crate::tenant::authentication_methods::{MethodConfiguration, into_entries};
    }
    pub mod conditional_access {
        pub use crate::tenant::conditional_access::{NamedLocation, document};
    }
    pub mod device_configuration {
        pub use crate::tenant::device_configuration::document;
    }
    pub mod document {
        pub use crate::tenant::document::{Document, Patch};
    }
    pub mod error {
        pub use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind, WriteFailure};
    }
    pub mod facts {
        pub use crate::tenant::facts::{
            FactsToRead, Hybrid, Licence, Migration, ResetLicence, SynchronisedPeople, TenantFacts, UnreadFact,
        };
    }
    pub mod group {
        pub use crate::tenant::group::{FrozenGroup, Group, GroupQuery};
    }
    pub mod identity {
        pub use crate::tenant::identity::Identity;
    }
    pub mod known_keys {
        pub use crate::tenant::known_keys::JsonType;
    }
    pub mod registration {
        pub use crate::tenant::registration::{
            RegistrationCounts, RegistrationReport, ReportPart, UserRegistrationDetails,
        };
    }
    pub mod score {
        pub use crate::tenant::score::SecureScore;
    }
    pub mod snapshot {
        pub use crate::tenant::snapshot::{ReadSet, Snapshot, read};
    }
    pub mod surface {
        pub use crate::tenant::surface::{Decider, Service, Surface, WriteMode};
    }
    pub mod wire_schema {
        pub use crate::tenant::wire_schema::{mismatches, unknown_keys, writable};
    }
}
