//! Which cloud a tenant is in, by the metadata of the sign-in service that anybody may read (OpenID Connect Discovery). It is
//! asked for before the first sign-in, so that no secret goes to the sign-in service of another cloud.

use serde::Deserialize;

use crate::base::cloud::Cloud;
use crate::client::auth::source::TokenRequest;
use crate::client::{graph, transport};
use crate::tenant::error::TenantError;

/// What the metadata say of the cloud.
#[derive(Deserialize)]
struct CloudMetadata {
    cloud_instance_name: Option<String>,
    tenant_region_sub_scope: Option<String>,
}

impl CloudMetadata {
    /// The clouds that the tenant may be in; empty where the metadata do not say.
    fn clouds(&self) -> &'static [Cloud] {
        let Self { cloud_instance_name, tenant_region_sub_scope } = self;
        match (cloud_instance_name.as_deref(), tenant_region_sub_scope.as_deref()) {
            (Some("microsoftonline.com"), _) => &[Cloud::Global],
            (Some("microsoftonline.us"), Some("DOD")) => &[Cloud::UsGovDod],
            (Some("microsoftonline.us"), Some("DODCON" | "USGov")) => &[Cloud::UsGov],
            (Some("microsoftonline.us"), _) => &[Cloud::UsGov, Cloud::UsGovDod],
            (Some("partner.microsoftonline.cn" | "chinacloudapi.cn"), _) => &[Cloud::China],
            _ => &[],
        }
    }
}

/// Checks that the tenant is in the cloud whose sign-in service is asked. Metadata that cannot be read say nothing: then the
/// sign-in itself shows what is the matter.
///
/// # Errors
/// When the tenant is in another cloud.
pub(crate) async fn check_cloud(request: &TokenRequest<'_>) -> Result<(), TenantError> {
    let clouds = request.clouds.get_or_init(|| clouds(request)).await;
    let asked = request.cloud.cloud;
    if clouds.is_empty() || clouds.contains(&asked) {
        return Ok(());
    }
    let names = clouds.iter().map(|cloud| cloud.name()).collect::<Vec<_>>().join(" or ");
    let message = format!(
        "the tenant {} is in another Microsoft cloud, {names}, but `cloud` is {}",
        request.tenant,
        asked.name()
    );
    Err(request.error(message).hint(format!("set `cloud` to {names} in the policy, or --cloud where there is none")))
}

async fn clouds(request: &TokenRequest<'_>) -> &'static [Cloud] {
    let call = graph::tenant_of(request.endpoints.login(), &request.tenant.to_string());
    match transport::send(request.http, request.clock, &call, None).await {
        Ok(response) => serde_json::from_str::<CloudMetadata>(&response.text).map_or(&[], |metadata| metadata.clouds()),
        Err(_) => &[],
    }
}
