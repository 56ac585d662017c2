//! What an assumption about the services is; docs/emulator.md says what each means.

use crate::conformance::answers::Answers;
use crate::conformance::probe::Probe;

#[derive(Debug)]
pub(crate) struct Assumption {
    /// The name, which is never given to another one.
    pub(crate) id: &'static str,
    /// How sure it is.
    pub(crate) evidence: AssumptionEvidence,
    /// How a tenant shows it.
    pub(crate) check: AssumptionCheck,
}

/// How sure an assumption is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AssumptionEvidence {
    /// Microsoft documents it, or several public sources show it.
    Known,
    /// One source shows it.
    Single,
    /// Nobody has shown it.
    Assumed,
}

impl AssumptionEvidence {
    /// The word in results and documents.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Single => "single",
            Self::Assumed => "assumed",
        }
    }
}

/// How a tenant shows an assumption. Shapes are written as [`shape`](crate::conformance::shape) says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AssumptionCheck {
    /// The answer is 200 and has this shape.
    Shape(Probe, &'static str),
    /// The answer is an object with no other keys than those of the shape.
    NoOthers(Probe, &'static str),
    /// The answer is 200 and has this shape, in a tenant whose directory was never synchronised; others do not show it.
    CloudOnly(Probe, &'static str),
    /// The answer has this status, and this shape if one is given.
    Refused(Probe, u16, &'static str),
    /// The same in a tenant without Entra ID P1; others do not show it.
    Unlicensed(Probe, u16, &'static str),
    /// Whether the answers comply; the error is why they do not show it.
    Rule(fn(&Answers) -> Result<bool, &'static str>),
    /// The writes of `conformance --write` that name it show it.
    Written,
    /// The events that these writes left in the audit log have this shape.
    Events(&'static str),
    /// Neither a read nor a write shows it, for this reason.
    Never(&'static str),
}

pub(super) const fn known(id: &'static str, check: AssumptionCheck) -> Assumption {
    Assumption { id, evidence: AssumptionEvidence::Known, check }
}

pub(super) const fn single(id: &'static str, check: AssumptionCheck) -> Assumption {
    Assumption { id, evidence: AssumptionEvidence::Single, check }
}

pub(super) const fn assumed(id: &'static str, check: AssumptionCheck) -> Assumption {
    Assumption { id, evidence: AssumptionEvidence::Assumed, check }
}
