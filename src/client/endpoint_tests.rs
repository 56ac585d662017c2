//! Which addresses the client lets itself be pointed at.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use url::{Host, Url};

use crate::base::cloud::Cloud;
use crate::client::endpoints::{EndpointOverrides, Endpoints};
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

fn graph(url: &str) -> EndpointOverrides {
    EndpointOverrides { graph: Some(url.to_owned()), ..EndpointOverrides::default() }
}

#[test]
fn every_cloud_has_its_own_hosts() -> Result<(), TenantError> {
    let expected = [
        (Cloud::Global, "main.iam.ad.ext.azure.com", "graph.microsoft.com", "login.microsoftonline.com"),
        (Cloud::UsGov, "main.iam.ad.ext.azure.us", "graph.microsoft.us", "login.microsoftonline.us"),
        (Cloud::UsGovDod, "main.iam.ad.ext.azure.us", "dod-graph.microsoft.us", "login.microsoftonline.us"),
        (Cloud::China, "main.iam.ad.ext.azure.cn", "microsoftgraph.chinacloudapi.cn", "login.chinacloudapi.cn"),
    ];
    for (cloud, portal, graph, login) in expected {
        let endpoints = Endpoints::of(cloud, &EndpointOverrides::default())?;
        assert_eq!(endpoints.of_system(Service::Portal).as_str(), format!("https://{portal}/"));
        assert_eq!(endpoints.of_system(Service::Graph).as_str(), format!("https://{graph}/"));
        assert_eq!(endpoints.login().as_str(), format!("https://{login}/"));
    }
    Ok(())
}

#[test]
fn allowed_addresses_are_the_clouds_own_and_loopback() -> Result<(), TenantError> {
    for url in [
        "https://graph.microsoft.com",
        "https://GRAPH.microsoft.com:443/prefix/",
        " https://graph.microsoft.com ",
        "http://127.0.0.1:8080",
        "http://127.255.0.3",
        "http://[::1]:8080/base",
        "http://localhost:1",
    ] {
        Endpoints::of(Cloud::Global, &graph(url))?;
    }
    let second = EndpointOverrides {
        login: Some("https://login.partner.microsoftonline.cn".to_owned()),
        ..EndpointOverrides::default()
    };
    Endpoints::of(Cloud::China, &second)?;
    Ok(())
}

#[test]
fn everything_else_is_refused_with_the_reason() {
    for (url, reason) in [
        ("", "is not an address"),
        ("graph.microsoft.com", "is not an address"),
        ("https://evil.example", "points at evil.example"),
        ("https://graph.microsoft.com.evil.example", "points at graph.microsoft.com.evil.example"),
        ("https://evil.example/graph.microsoft.com", "points at evil.example"),
        ("https://graph.microsoft.com@evil.example", "holds a user name"),
        ("https://x:y@graph.microsoft.com", "holds a user name"),
        ("https://graph.microsoft.com:8443", "names a port"),
        ("https://graph.microsoft.com?x=1", "has a query"),
        ("https://graph.microsoft.com#x", "has a query"),
        // Hosts of the same cloud, but of another service or another cloud.
        ("https://login.microsoftonline.com", "points at login.microsoftonline.com"),
        ("https://graph.microsoft.us", "points at graph.microsoft.us"),
        ("https://localhost", "points at localhost"),
        ("https://127.0.0.1", "points at 127.0.0.1"),
        ("http://graph.microsoft.com", "is http:// to graph.microsoft.com"),
        ("http://128.0.0.1", "is http:// to 128.0.0.1"),
        ("http://0.0.0.0", "is http:// to 0.0.0.0"),
        ("http://10.0.0.1", "is http:// to 10.0.0.1"),
        ("http://192.168.1.1", "is http:// to 192.168.1.1"),
        ("http://169.254.169.254", "is http:// to 169.254.169.254"),
        ("http://[fe80::1]", "is http:// to"),
        ("http://[::ffff:127.0.0.1]", "is http:// to"),
        ("http://localhost.evil.example", "is http:// to"),
        ("http://127.0.0.1.evil.example", "is http:// to"),
        ("ftp://localhost", "has the scheme ftp:"),
        ("file:///etc/hosts", "has the scheme file:"),
    ] {
        let refused = Endpoints::of(Cloud::Global, &graph(url)).is_err_and(|found| {
            found.kind == TenantErrorKind::Refused
                && found.message.starts_with("SSPRCTL_GRAPH_URL ")
                && found.message.contains(reason)
                && found.hint.is_some_and(|hint| hint.contains("https://graph.microsoft.com"))
        });
        assert!(refused, "{url}: {reason}");
    }
}

#[test]
fn an_empty_variable_replaces_nothing() {
    let overrides = EndpointOverrides::from_env(|name| match name {
        "SSPRCTL_PORTAL_URL" => Some(" ".to_owned()),
        "SSPRCTL_LOGIN_URL" => Some("http://localhost:1".to_owned()),
        _ => None,
    });
    assert_eq!(
        overrides,
        EndpointOverrides { login: Some("http://localhost:1".to_owned()), ..EndpointOverrides::default() }
    );
}

/// Said again in other words: what may be spoken to.
fn may_be_spoken_to(url: &Url, hosts: &[&str]) -> bool {
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    let place = match (url.scheme(), url.host()) {
        ("https", Some(Host::Domain(name))) => hosts.contains(&name) && url.port_or_known_default() == Some(443),
        ("http", Some(Host::Domain(name))) => name == "localhost",
        ("http", Some(Host::Ipv4(address))) => address.octets()[0] == 127,
        ("http", Some(Host::Ipv6(address))) => u128::from(address) == 1,
        _ => false,
    };
    plain && place
}

fn host() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9.-]{1,24}",
        "(graph|login|main)\\.microsoft[a-z.]{0,12}",
        "graph\\.microsoft\\.com[@.:/\\\\#?a-z0-9]{0,12}",
        "[@.a-z0-9]{0,12}graph\\.microsoft\\.com",
        "(127|0|10|::1|\\[::1\\]|\\[::ffff:7f00:1\\]|0x7f|2130706433)[.0-9a-f:]{0,12}",
        "localhost[.:0-9a-z@]{0,8}",
        any::<std::net::Ipv4Addr>().prop_map(|address| address.to_string()),
        any::<std::net::Ipv6Addr>().prop_map(|address| format!("[{address}]")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(20_261_125), failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn nothing_foreign_is_ever_accepted(
        scheme in prop_oneof![Just("https"), Just("http"), Just("HTTP"), Just("ws"), Just("https:\\")],
        host in host(),
        rest in "[/:@?#a-z0-9.\\\\]{0,10}",
    ) {
        let url = format!("{scheme}://{host}{rest}");
        if let Ok(endpoints) = Endpoints::of(Cloud::Global, &graph(&url)) {
            let found = endpoints.of_system(Service::Graph);
            prop_assert!(may_be_spoken_to(found, &["graph.microsoft.com"]), "{url} became {found}");
        }
    }

    #[test]
    fn no_text_at_all_breaks_it(text in any::<String>()) {
        if let Ok(endpoints) = Endpoints::of(Cloud::China, &EndpointOverrides { login: Some(text), ..EndpointOverrides::default() }) {
            let hosts = ["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"];
            prop_assert!(may_be_spoken_to(endpoints.login(), &hosts));
        }
    }
}
