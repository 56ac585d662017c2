//! What the numbers of the sign-in service's errors (`AADSTS…`) mean, and what helps.
//!
//! Microsoft says that numbers and texts change and that programs must not depend on them (Microsoft Entra authentication and
//! authorization error codes). So the numbers choose hints alone; what is repeated or given up depends on `error`.

use serde_json::Value;

use crate::client::auth::source::TokenRequest;
use crate::client::transport::HttpResponse;

/// What keeps somebody from signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignInProblem {
    NoTenant,
    OtherCloud,
    UnknownApplication,
    WrongSecret,
    ExpiredSecret,
    UnknownCertificate,
    AssertionTime,
    NotFederated,
    /// A policy blocks the sign-in: Conditional Access, a security policy, or security defaults.
    PolicyBlocks,
    /// The device is not compliant, or not joined.
    Device,
    MultiFactor,
    Consent,
    /// The client of Microsoft's is not authorized for the service.
    NotPreauthorized,
    RefreshTokenExpired,
    /// The service is not available for the moment.
    Passing,
}

use SignInProblem as P;

/// The numbers that have a way out of their own.
const NUMBERS: [(u64, SignInProblem); 39] = [
    (90_002, P::NoTenant),
    (900_382, P::OtherCloud),
    (900_432, P::OtherCloud),
    (90_038, P::OtherCloud),
    (90_051, P::OtherCloud),
    (700_016, P::UnknownApplication),
    (7_000_215, P::WrongSecret),
    (7_000_222, P::ExpiredSecret),
    (700_027, P::UnknownCertificate),
    (700_024, P::AssertionTime),
    (500_133, P::AssertionTime),
    (70_021, P::NotFederated),
    (700_211, P::NotFederated),
    (700_212, P::NotFederated),
    (700_213, P::NotFederated),
    (53_003, P::PolicyBlocks),
    (530_032, P::PolicyBlocks),
    (530_035, P::PolicyBlocks),
    (53_000, P::Device),
    (53_001, P::Device),
    (53_002, P::Device),
    (50_076, P::MultiFactor),
    (50_079, P::MultiFactor),
    (50_158, P::MultiFactor),
    (65_001, P::Consent),
    (90_094, P::Consent),
    (650_057, P::Consent),
    (65_002, P::NotPreauthorized),
    (70_008, P::RefreshTokenExpired),
    (700_082, P::RefreshTokenExpired),
    (70_043, P::RefreshTokenExpired),
    (700_084, P::RefreshTokenExpired),
    (50_173, P::RefreshTokenExpired),
    (50_132, P::RefreshTokenExpired),
    (50_133, P::RefreshTokenExpired),
    (90_006, P::Passing),
    (90_024, P::Passing),
    (90_033, P::Passing),
    (90_090, P::Passing),
];

/// How somebody signs in, for hints that depend on it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SignInMethod {
    /// An application whose credential is in this variable.
    Application(&'static str),
    /// A person's refresh token.
    RefreshToken,
    /// A code that is typed on another device.
    DeviceCode,
    /// The Azure CLI, which was asked for the token.
    AzureCli,
}

/// What the numbers in an error say, if one of them is known.
pub(crate) fn problem(numbers: &[u64]) -> Option<SignInProblem> {
    numbers.iter().find_map(|number| NUMBERS.iter().find(|(known, _)| known == number)).map(|(_, problem)| *problem)
}

/// The numbers of an error of the sign-in service: those it lists, and those in its description.
pub(crate) fn numbers(response: &HttpResponse) -> Vec<u64> {
    let body = serde_json::from_str::<Value>(&response.text).unwrap_or_default();
    let listed = body.get("error_codes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_u64);
    let described = body.get("error_description").and_then(Value::as_str).unwrap_or_default();
    listed.chain(numbers_in(described)).collect()
}

/// The numbers that follow `AADSTS` in a text.
pub(crate) fn numbers_in(text: &str) -> Vec<u64> {
    let digits = |rest: &str| rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|number| number.parse().ok());
    text.split("AADSTS").skip(1).filter_map(digits).collect()
}

/// What to do about an error, as it follows "hint:"; `None` where the numbers say nothing that is known.
pub(crate) fn hint(numbers: &[u64], method: SignInMethod, request: &TokenRequest<'_>) -> Option<String> {
    let (tenant, cloud) = (request.tenant, request.cloud.cloud.name());
    let again = again(method, request);
    let place = match method {
        SignInMethod::Application(_) => "AZURE_TENANT_ID, `tenant` and `cloud`",
        SignInMethod::DeviceCode => "--tenant and --cloud",
        SignInMethod::RefreshToken | SignInMethod::AzureCli => "`tenant` and `cloud`",
    };
    Some(match problem(numbers)? {
        P::NoTenant => format!("there is no such tenant in the {cloud} cloud: check {place}"),
        P::OtherCloud => {
            format!("the tenant is in another Microsoft cloud than {cloud}: check {place} (global, usGov, usGovDod or china)")
        }
        P::UnknownApplication => match method {
            SignInMethod::Application(_) => {
                format!("the application is not known in {tenant}: check AZURE_CLIENT_ID, or consent to it there")
            }
            SignInMethod::RefreshToken | SignInMethod::DeviceCode | SignInMethod::AzureCli => {
                format!("the client is not known in {tenant}: check the client id, or consent to it there")
            }
        },
        P::WrongSecret => "AZURE_CLIENT_SECRET is wrong: it must be the secret's value, not its id".to_owned(),
        P::ExpiredSecret => {
            "the secret has expired: add a new one to the application, and put its value into AZURE_CLIENT_SECRET".to_owned()
        }
        P::UnknownCertificate => match method {
            SignInMethod::Application(variable) => format!(
                "the application does not know the certificate in {variable}: add its public part to the application"
            ),
            SignInMethod::RefreshToken | SignInMethod::DeviceCode | SignInMethod::AzureCli => again,
        },
        P::AssertionTime => "the assertion is out of its time: set this machine's clock, and try again".to_owned(),
        P::NotFederated => "the application trusts no such identity: add a federated credential with the issuer, subject and \
                            audience that the message names"
            .to_owned(),
        P::PolicyBlocks => match method {
            SignInMethod::Application(_) => {
                "a Conditional Access or security policy of the tenant blocks the application, whatever its credential: ask \
                 those who run the policy to admit it from this network"
                    .to_owned()
            }
            SignInMethod::DeviceCode => {
                "the tenant's Conditional Access blocks signing in with a code: use the Azure CLI, or a token of your own"
                    .to_owned()
            }
            SignInMethod::RefreshToken | SignInMethod::AzureCli => {
                format!("a Conditional Access or security policy of the tenant blocks the sign-in from here: {again}")
            }
        },
        P::Device => {
            "the tenant's Conditional Access wants a managed device: sign in on a device that is compliant or joined".to_owned()
        }
        P::MultiFactor => format!("the tenant's Conditional Access asks for more: {again}"),
        P::Consent => match method {
            SignInMethod::Application(_) => {
                "an administrator has to consent to the application's permissions in docs/permissions.md".to_owned()
            }
            SignInMethod::RefreshToken | SignInMethod::DeviceCode | SignInMethod::AzureCli => {
                format!("consent to the permissions in docs/permissions.md, then {again}; for apply with --write")
            }
        },
        P::NotPreauthorized => format!(
            "this client may not get tokens for {}: sign in with an application of the tenant, `ssprctl login --tenant {tenant} \
             --client-id ID`, after consent to the permissions in docs/permissions.md",
            request.service.display_name()
        ),
        P::RefreshTokenExpired => again,
        P::Passing => "the sign-in service is not available for the moment: try again later".to_owned(),
    })
}

/// How somebody signs in again.
pub(crate) fn again(method: SignInMethod, request: &TokenRequest<'_>) -> String {
    let login = format!("`ssprctl login --tenant {}`", request.tenant);
    match method {
        SignInMethod::Application(variable) => format!("check AZURE_TENANT_ID, AZURE_CLIENT_ID and {variable}"),
        SignInMethod::RefreshToken => {
            format!("sign in again: {login}, or put a fresh refresh token into SSPRCTL_REFRESH_TOKEN")
        }
        SignInMethod::DeviceCode => format!("sign in again: {login}"),
        SignInMethod::AzureCli => az_login(request),
    }
}

/// The command that signs in to the Azure CLI. A tenant of Microsoft 365 alone has no Azure subscription, without which
/// `az login` fails unless it is allowed.
pub(crate) fn az_login(request: &TokenRequest<'_>) -> String {
    let cloud = match request.cloud.azure_cli {
        "AzureCloud" => String::new(),
        other => format!("`az cloud set --name {other}`, then "),
    };
    format!("run {cloud}`az login --tenant {} --allow-no-subscriptions --scope {}`", request.tenant, request.scope())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_listed_once_and_found_in_text() {
        let mut known: Vec<u64> = NUMBERS.iter().map(|(number, _)| *number).collect();
        known.sort_unstable();
        known.dedup();
        assert_eq!(known.len(), NUMBERS.len());
        assert_eq!(numbers_in("ERROR: AADSTS53003: Access. (AADSTS50076) AADSTS: AADSTSx1"), [53_003, 50_076]);
        assert_eq!(problem(&[1, 53_003, 90_002]), Some(SignInProblem::PolicyBlocks));
    }
}
