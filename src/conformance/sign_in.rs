//! What is assumed of the sign-in service. A run of `conformance` signs in once, in one way, so it shows none of it.

use crate::conformance::assumption::AssumptionCheck::Never;
use crate::conformance::assumption::{Assumption, known};
use crate::conformance::state::ACCOUNT;

/// The assumptions, in the order of docs/emulator.md.
pub(super) const ASSUMPTIONS: &[Assumption] = &[
    known("token-grants", Never(ACCOUNT)),
    known("token-errors", Never(ACCOUNT)),
    known("refresh-token-renewed", Never(ACCOUNT)),
    known("refresh-tokens-shared", Never(ACCOUNT)),
    known("device-code-words", Never(ACCOUNT)),
    known("certificate-assertion", Never(ACCOUNT)),
    known("federated-credential", Never(ACCOUNT)),
    known("scopes-of-own-applications", Never(ACCOUNT)),
];
