//! The table of hosts and token audiences of each cloud. No other file names a host of Microsoft.

use crate::base::cloud::Cloud;
use crate::tenant::surface::Service;

/// The application id of Microsoft Graph, which is the same in every cloud and may be the audience of a token.
const GRAPH_APPLICATION: &str = "00000003-0000-0000-c000-000000000000";

/// What there is to know of one cloud. In each list of hosts the first is used and the others are allowed.
#[derive(Debug)]
pub(crate) struct CloudRow {
    pub(crate) cloud: Cloud,
    /// Hosts that issue tokens.
    pub(crate) login: &'static [&'static str],
    /// Hosts of Microsoft Graph.
    pub(crate) graph: &'static [&'static str],
    /// Hosts of the Entra portal API.
    pub(crate) portal: &'static [&'static str],
    /// The application id that portal tokens are minted for; `None` where no public source says.
    portal_audience: Option<&'static str>,
    /// What Graph tokens are minted for, as a resource.
    graph_audience: &'static str,
    /// What an assertion of another identity provider is made for.
    pub(crate) exchange_audience: &'static str,
    /// The name of the cloud for `az cloud set`.
    pub(crate) azure_cli: &'static str,
}

const PUBLIC_LOGIN: &[&str] = &["login.microsoftonline.com"];
const GOVERNMENT_LOGIN: &[&str] = &["login.microsoftonline.us"];
const GOVERNMENT_PORTAL: &[&str] = &["main.iam.ad.ext.azure.us"];
const GOVERNMENT_PORTAL_AUDIENCE: Option<&str> = Some("ee62de39-b9b0-4886-aa58-08b89c4e3db3");

const TABLE: [CloudRow; 4] = [
    CloudRow {
        cloud: Cloud::Global,
        login: PUBLIC_LOGIN,
        graph: &["graph.microsoft.com"],
        portal: &["main.iam.ad.ext.azure.com"],
        portal_audience: Some("74658136-14ec-4630-ad9b-26e160ff0fc6"),
        graph_audience: "https://graph.microsoft.com",
        exchange_audience: "api://AzureADTokenExchange",
        azure_cli: "AzureCloud",
    },
    CloudRow {
        cloud: Cloud::UsGov,
        login: GOVERNMENT_LOGIN,
        graph: &["graph.microsoft.us"],
        // Host and audience are known from public scripts; that the password reset path is served there is inferred.
        portal: GOVERNMENT_PORTAL,
        portal_audience: GOVERNMENT_PORTAL_AUDIENCE,
        graph_audience: "https://graph.microsoft.us",
        exchange_audience: "api://AzureADTokenExchangeUSGov",
        azure_cli: "AzureUSGovernment",
    },
    CloudRow {
        cloud: Cloud::UsGovDod,
        login: GOVERNMENT_LOGIN,
        graph: &["dod-graph.microsoft.us"],
        // Inferred: no source names a portal host for DoD alone, and the two clouds share their sign-in.
        portal: GOVERNMENT_PORTAL,
        portal_audience: GOVERNMENT_PORTAL_AUDIENCE,
        graph_audience: "https://dod-graph.microsoft.us",
        exchange_audience: "api://AzureADTokenExchangeUSGov",
        azure_cli: "AzureUSGovernment",
    },
    CloudRow {
        cloud: Cloud::China,
        login: &["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
        graph: &["microsoftgraph.chinacloudapi.cn"],
        portal: &["main.iam.ad.ext.azure.cn"],
        portal_audience: None,
        graph_audience: "https://microsoftgraph.chinacloudapi.cn",
        exchange_audience: "api://AzureADTokenExchangeChina",
        azure_cli: "AzureChinaCloud",
    },
];

/// The row of a cloud.
pub(crate) fn row(cloud: Cloud) -> &'static CloudRow {
    let [global, us_gov, us_gov_dod, china] = &TABLE;
    match cloud {
        Cloud::Global => global,
        Cloud::UsGov => us_gov,
        Cloud::UsGovDod => us_gov_dod,
        Cloud::China => china,
    }
}

impl CloudRow {
    /// The resource of a token for `system`; `None` if it is not publicly known.
    pub(crate) fn audience(&self, service: Service) -> Option<&'static str> {
        match service {
            Service::Portal => self.portal_audience,
            Service::Graph => Some(self.graph_audience),
        }
    }

    /// Whether the `aud` claim of a token says that it is for `system` here.
    pub(crate) fn accepts(&self, service: Service, aud: &str) -> bool {
        let aud = aud.strip_prefix("spn:").unwrap_or(aud).trim_end_matches('/');
        let is = |known: &str| aud.eq_ignore_ascii_case(known);
        self.audience(service).is_some_and(is) || (service == Service::Graph && is(GRAPH_APPLICATION))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cloud_finds_its_own_row() {
        for cloud in Cloud::ALL {
            assert_eq!(row(cloud).cloud, cloud);
        }
    }

    #[test]
    fn audiences_are_recognised_however_they_are_written() {
        let global = row(Cloud::Global);
        assert!(global.accepts(Service::Portal, "74658136-14EC-4630-AD9B-26E160FF0FC6"));
        assert!(global.accepts(Service::Portal, "spn:74658136-14ec-4630-ad9b-26e160ff0fc6"));
        assert!(global.accepts(Service::Graph, "https://graph.microsoft.com/"));
        assert!(global.accepts(Service::Graph, GRAPH_APPLICATION));
        assert!(!global.accepts(Service::Portal, "https://graph.microsoft.com"));
        assert!(!global.accepts(Service::Portal, GRAPH_APPLICATION));
        assert!(!row(Cloud::UsGov).accepts(Service::Graph, "https://graph.microsoft.com"));
        assert!(!row(Cloud::China).accepts(Service::Portal, "74658136-14ec-4630-ad9b-26e160ff0fc6"));
    }
}
