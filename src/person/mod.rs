//! Whether one person can reset their password: one pure model, which `show`, plans, rules and forecasts ask. Facts about the
//! person and the tenant, the state of the policies and a date go in; `yes`, `no` or `unclear` comes out, with reasons. What is
//! not known makes the answer unclear and never a number. `state` sorts the answers, `census` groups people of whom the model
//! says the same, `forecast` counts them over policies and dates, `by_value` by what people have in common,
//! `outlook` says of one person what a list of them says, `readiness` remembers counts of earlier days, and `pace` says when a share
//! of people is reached.

pub(crate) mod action;
pub(crate) mod allowed;
pub(crate) mod answer;
pub(crate) mod assess;
pub(crate) mod by_value;
pub(crate) mod census;
mod dates;
pub(crate) mod explanation;
pub(crate) mod facts;
pub(crate) mod forecast;
pub(crate) mod forecast_dates;
pub(crate) mod methods;
pub(crate) mod outlook;
pub(crate) mod pace;
pub(crate) mod persona;
pub(crate) mod policy_state;
pub(crate) mod readiness;
pub(crate) mod registered;
pub(crate) mod registrations;
pub(crate) mod roles;
pub(crate) mod state;
