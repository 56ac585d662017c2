//! The control of Microsoft Secure Score about password reset.

use jiff::Timestamp;

/// The control's name in Microsoft Secure Score.
pub(crate) const CONTROL: &str = "SelfServicePasswordReset";

/// The control in the newest of the daily scores.
#[derive(Clone, Debug, PartialEq)]
pub struct SecureScore {
    /// When the score was calculated. Secure Score reflects a change after a day or two.
    pub taken: Option<Timestamp>,
    /// The points, from 0 to 1; 1 if every user is enabled.
    pub points: f64,
    /// The service's remark, which is untrusted text.
    pub status: Option<String>,
}
