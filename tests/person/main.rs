//! One person's answer.

mod cases;
