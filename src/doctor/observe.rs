//! Reads what the checks of one policy need.

use std::collections::BTreeMap;

use futures::future::{self, OptionFuture};
use jiff::Timestamp;

use crate::base::ids::TenantName;
use crate::catalog::desired::Desired;
use crate::client::TenantReader;
use crate::doctor::check::{Observations, ServiceObservation};
use crate::tenant::api::ReadTenant;
use crate::tenant::snapshot::ReadSet;
use crate::tenant::surface::Service;

/// Asks for everything that the checks of one policy need, all at once. An error becomes part of the observations.
pub(crate) async fn observe(reader: &TenantReader, desired: &Desired, now: Timestamp) -> Observations {
    let read_set = desired.read_set();
    let services: Vec<Service> = Service::ALL
        .into_iter()
        .filter(|service| {
            read_set.surfaces.iter().any(|surface| surface.service() == *service) || needs(*service, &read_set)
        })
        .collect();
    let id = async {
        match &desired.tenant {
            TenantName::Id(id) => Ok(*id),
            TenantName::Domain(domain) => reader.tenant_of(domain).await,
        }
    };
    let of_services = services.iter().map(|service| async {
        let credential = reader.credential(*service).await;
        (*service, ServiceObservation { credential, identity: reader.identify(*service).await })
    });
    let (sign_in_service, id, of_services, documents, facts) = future::join5(
        reader.sign_in_service(),
        id,
        future::join_all(of_services),
        future::join_all(read_set.surfaces.iter().map(|surface| async { (*surface, reader.read(*surface).await) })),
        future::join3(
            OptionFuture::from(read_set.asked.licence.then(|| reader.licence())),
            OptionFuture::from(read_set.asked.hybrid.then(|| reader.directory_synced())),
            OptionFuture::from(read_set.asked.hybrid.then(|| reader.writeback_connected())),
        ),
    )
    .await;
    let (licence, synchronised, writeback) = facts;
    let (services, documents) = (BTreeMap::from_iter(of_services), BTreeMap::from_iter(documents));
    Observations { now, service: sign_in_service, id, services, documents, licence, synchronised, writeback }
}

/// Whether a service is asked although none of its documents is read: Graph knows groups and licences.
fn needs(service: Service, read_set: &ReadSet) -> bool {
    service == Service::Graph && (read_set.asked.licence || !read_set.groups.is_empty())
}
