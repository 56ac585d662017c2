//! What Microsoft Secure Score says about password reset.

use jiff::Timestamp;

/// The control's name in Microsoft Secure Score.
pub const CONTROL: &str = "SelfServicePasswordReset";

/// The control in the newest of the daily scores.
#[derive(Clone, Debug, PartialEq)]
pub struct SecureScore {
    /// When the score was taken; Secure Score follows a change after a day or two.
    pub taken: Option<Timestamp>,
    /// The points. One is the most: every user is enabled.
    pub points: f64,
    /// What the service says about it in words: untrusted text.
    pub status: Option<String>,
}
