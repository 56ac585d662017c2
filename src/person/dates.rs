//! Which methods have ended for one person at a date.

use crate::catalog::calendar::Population;
use crate::catalog::tenant_calendar::MethodAvailability;
use crate::person::allowed::Allowed;
use crate::person::answer::AnswerReason;
use crate::person::methods::{MethodQuestion, any_of};
use crate::person::registered::ResetMethod;
use crate::person::roles::AdministratorRole;
use crate::policy::repository::calendar::TelephonyChannel;
use crate::tenant::account::AccountHome;

impl MethodQuestion<'_> {
    /// Whether a method has ended for the person at the date.
    pub(crate) fn dated(self, kind: ResetMethod) -> Allowed {
        match kind {
            ResetMethod::MobilePhone => self.sent(TelephonyChannel::Sms).or(self.sent(TelephonyChannel::Voice)),
            ResetMethod::OfficePhone => self.sent(TelephonyChannel::Voice),
            kind => self.by_population(|people| self.tenant.calendar.availability(kind.method(), people, self.at)),
        }
    }

    /// Whether texts, or calls, come to the person at the date.
    pub(crate) fn sent(self, channel: TelephonyChannel) -> Allowed {
        self.by_population(|people| self.tenant.calendar.channel(channel, people, self.at))
    }

    /// Whether the person is served by the tenant's own telephony provider.
    fn served(self) -> Allowed {
        let provider = self.tenant.calendar.provider_at(self.at);
        let groups = provider.iter().filter_map(|provider| provider.groups.as_ref()).flatten();
        match any_of(groups.map(|group| self.tenant.groups.contains(*group, self.person))) {
            Some(true) => Allowed::Yes,
            Some(false) => Allowed::Ended,
            None => Allowed::Unclear(AnswerReason::TelephonyProviderNotKnown),
        }
    }

    /// What holds for the person, where it may differ between the people whom a date concerns.
    fn by_population(self, availability: impl Fn(Population) -> MethodAvailability) -> Allowed {
        let at = |population| match availability(population) {
            MethodAvailability::Works => Allowed::Yes,
            MethodAvailability::Ended(_) => Allowed::Ended,
            MethodAvailability::ForSome(_) => self.served(),
            MethodAvailability::Unclear(_) => Allowed::Unclear(AnswerReason::DateNotSure),
        };
        let (most, late) = (at(Population::MostPeople), at(Population::GlobalAdministratorsAndExternals));
        match self.home {
            Some(AccountHome::Elsewhere) => late,
            _ if most == late => most,
            None => Allowed::Unclear(AnswerReason::AccountNotRead),
            Some(AccountHome::Here) => match self.role {
                AdministratorRole::None | AdministratorRole::Listed => most,
                AdministratorRole::Global => late,
                AdministratorRole::NotKnown => Allowed::Unclear(AnswerReason::AdministratorNotKnown),
            },
        }
    }
}
