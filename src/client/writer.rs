//! Changes a real tenant: the only type that can.

use std::future::Future;

use reqwest::StatusCode;

use crate::base::ids::{ObjectId, TenantId};
use crate::client::errand::Errand;
use crate::client::reader::Reader;
use crate::client::transport::Answer;
use crate::client::{classify, exchange, graph, portal};
use crate::tenant::circumstances::Licence;
use crate::tenant::device_configuration::ASSIGNMENTS;
use crate::tenant::document::Document;
use crate::tenant::group::{Group, GroupQuery};
use crate::tenant::identity::Identity;
use crate::tenant::kept;
use crate::tenant::port::{ReadTenant, WriteTenant};
use crate::tenant::surface::{Surface, System};
use crate::tenant::trouble::{Trouble, TroubleKind};

/// Reads and writes one tenant over HTTP.
pub struct Writer {
    reader: Reader,
}

impl Writer {
    /// Lets a reader write, too, with the same tokens and connections.
    #[must_use]
    pub fn new(reader: Reader) -> Self {
        Self { reader }
    }

    async fn write_here(&self, surface: Surface, body: &Document) -> Result<(), Trouble> {
        let errand = Errand::Write(surface);
        let text = json(errand, body)?;
        let session = self.reader.session();
        let system = surface.system();
        let base = session.endpoints.of_system(system);
        let call = match surface {
            Surface::PasswordReset => portal::write_password_reset(base, body, text),
            Surface::OnPremisesPasswordReset => portal::write_on_premises(base, text),
            Surface::AuthorizationPolicy => graph::write_authorization(base, text),
            Surface::AuthenticationMethods => {
                let id: String = body.get("id", "the id of a method configuration").map_err(|misshapen| {
                    Trouble::new(TroubleKind::Refused, format!("cannot {}: {misshapen}", errand.what()))
                })?;
                graph::write_method(base, &id, text)
            }
            Surface::DeviceConfiguration => {
                let (id, body) = kept::parted(body);
                let text = json(errand, &body)?;
                match id.as_deref() {
                    Some(id) if body.raw(ASSIGNMENTS).is_some() => graph::assign(base, id, text),
                    id => graph::write_devices(base, id, text),
                }
            }
            Surface::ConditionalAccess => {
                let (id, body) = kept::parted(body);
                graph::write_access(base, id.as_deref(), json(errand, &body)?)
            }
        };
        let answer = exchange::write(session, errand, system, &call).await?;
        accepted(errand, system, &answer).map_err(|trouble| trouble.request(answer.request))
    }
}

fn json(errand: Errand, body: &Document) -> Result<String, Trouble> {
    serde_json::to_string(body).map_err(|error| {
        Trouble::new(TroubleKind::Refused, format!("cannot {}: the document is no JSON: {error}", errand.what()))
    })
}

/// What a success says. The portal answers `true`, or `false` when it did nothing; Graph answers nothing, or the document.
/// Whatever else comes may be a proxy's, and is settled by reading.
fn accepted(errand: Errand, system: System, answer: &Answer) -> Result<(), Trouble> {
    let text = answer.text.trim();
    let expected = match system {
        System::Portal => text.is_empty() || text == "true",
        System::Graph => text.is_empty() || Document::parse(text).is_ok(),
    };
    if expected && matches!(answer.status, StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT) {
        return Ok(());
    }
    let whom = errand.whom();
    if system == System::Portal && text == "false" {
        let message = format!("cannot {}: {whom} answers that it did not", errand.what());
        return Err(Trouble::new(TroubleKind::Refused, message).hint("quote the request id to support"));
    }
    let kind = if answer.html { "a web page" } else { "something else than it is known to answer" };
    Err(classify::lost(errand, &format!("{whom} answers HTTP {} with {kind}", answer.status.as_u16())))
}

impl ReadTenant for Writer {
    fn identify(&self, system: System) -> impl Future<Output = Result<Identity, Trouble>> + Send {
        self.reader.identify(system)
    }

    fn tenant_of(&self, domain: &str) -> impl Future<Output = Result<TenantId, Trouble>> + Send {
        self.reader.tenant_of(domain)
    }

    fn read(&self, surface: Surface) -> impl Future<Output = Result<Document, Trouble>> + Send {
        self.reader.read(surface)
    }

    fn licence(&self) -> impl Future<Output = Result<Licence, Trouble>> + Send {
        self.reader.licence()
    }

    fn synchronised(&self) -> impl Future<Output = Result<bool, Trouble>> + Send {
        self.reader.synchronised()
    }

    fn writeback_up(&self) -> impl Future<Output = Result<Option<bool>, Trouble>> + Send {
        self.reader.writeback_up()
    }

    fn groups(&self, query: &GroupQuery) -> impl Future<Output = Result<Vec<Group>, Trouble>> + Send {
        self.reader.groups(query)
    }

    fn administrators_among(&self, group: ObjectId) -> impl Future<Output = Result<u64, Trouble>> + Send {
        self.reader.administrators_among(group)
    }
}

impl WriteTenant for Writer {
    fn write(&self, surface: Surface, body: &Document) -> impl Future<Output = Result<(), Trouble>> + Send {
        self.write_here(surface, body)
    }
}
