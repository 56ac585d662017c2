//! The set of all tenants, in memory or in a folder.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::methods::policy::Migration;
use crate::oauth::person::{self, Person};
use crate::oauth::sign_in_state::SignInState;
use crate::oauth::token::Audience;
use crate::seed;
use crate::state::folder::{Folder, StateError};
use crate::state::tenant::Tenant;

/// All emulated tenants. Clones share the same state.
#[derive(Clone, Debug)]
pub struct World {
    storage: Storage,
    sign_in_state: Arc<Mutex<SignInState>>,
}

#[derive(Clone, Debug)]
enum Storage {
    Memory(Arc<Mutex<Vec<Tenant>>>),
    Folder(Arc<Folder>),
}

impl World {
    /// The seeded tenants, in memory.
    #[must_use]
    pub fn seeded() -> Self {
        Self::of(seed::all())
    }

    /// These tenants, in memory.
    #[must_use]
    pub fn of(tenants: Vec<Tenant>) -> Self {
        Self { storage: Storage::Memory(Arc::new(Mutex::new(tenants))), sign_in_state: Arc::default() }
    }

    /// The tenants with state files in `folder`. A missing folder is created, and a seeded tenant without a file gets
    /// one. Every request reads the file again, so that several processes see each other's changes.
    ///
    /// # Errors
    /// If the folder cannot be created or written.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let folder = Folder::open(folder, &seed::all()).map_err(io::Error::other)?;
        Ok(Self { storage: Storage::Folder(Arc::new(folder)), sign_in_state: Arc::default() })
    }

    /// Every secret that the sign-in service has received or issued, for tests that search output and files for them.
    #[must_use]
    pub fn secrets(&self) -> BTreeSet<String> {
        self.sign_in_state().secrets.clone()
    }

    /// Sets the seconds that a client must wait between two token requests for a device code; at first 5.
    pub fn set_poll_interval(&self, seconds: i64) {
        self.sign_in_state().interval = seconds;
    }

    /// Locks the state of the sign-in service until the guard is dropped.
    pub(crate) fn sign_in_state(&self) -> MutexGuard<'_, SignInState> {
        self.sign_in_state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Restores every seeded tenant and removes all others.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn reset(&self) -> Result<(), StateError> {
        self.reset_with(0)
    }

    /// The same, and adds this many tenants of [`seed::fleet`].
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn reset_with(&self, fleet: u32) -> Result<(), StateError> {
        let seeds: Vec<_> = seed::all().into_iter().chain(seed::fleet(fleet)).collect();
        match &self.storage {
            Storage::Memory(tenants) => {
                *locked(tenants) = seeds;
                Ok(())
            }
            Storage::Folder(folder) => folder.reset(&seeds),
        }
    }

    /// Every tenant in its present state.
    ///
    /// # Errors
    /// If a state file is damaged or cannot be read.
    pub fn tenants(&self) -> Result<Vec<Tenant>, StateError> {
        match &self.storage {
            Storage::Memory(tenants) => Ok(locked(tenants).clone()),
            Storage::Folder(folder) => folder.all(),
        }
    }

    /// A tenant in its present state, by its id or one of its domains.
    ///
    /// # Errors
    /// If there is no such tenant, or its state file is damaged or cannot be read.
    pub fn tenant(&self, name: &str) -> Result<Tenant, StateError> {
        match &self.storage {
            Storage::Memory(tenants) => find(&mut locked(tenants), name).cloned(),
            Storage::Folder(folder) => folder.find(name),
        }
    }

    /// Changes a tenant, while no other thread or process can. If `edit` fails, nothing changes.
    ///
    /// # Errors
    /// As [`World::tenant`], and if the state cannot be written. The inner result is that of `edit`.
    pub fn change<T, E>(
        &self,
        name: &str,
        edit: impl FnOnce(&mut Tenant) -> Result<T, E>,
    ) -> Result<Result<T, E>, StateError> {
        match &self.storage {
            Storage::Memory(tenants) => {
                let mut tenants = locked(tenants);
                let tenant = find(&mut tenants, name)?;
                let mut edited = tenant.clone();
                let outcome = edit(&mut edited);
                if outcome.is_ok() {
                    *tenant = edited;
                }
                Ok(outcome)
            }
            Storage::Folder(folder) => {
                let _lock = folder.lock()?;
                let mut tenant = folder.find(name)?;
                let outcome = edit(&mut tenant);
                if outcome.is_ok() {
                    folder.write(&tenant)?;
                }
                Ok(outcome)
            }
        }
    }

    /// Sets `policyMigrationState` and nothing else; `None` is the `null` of new tenants.
    ///
    /// # Errors
    /// If there is no such tenant, or its state cannot be read or written.
    pub fn migrate(&self, tenant: &str, state: Option<Migration>) -> Result<(), StateError> {
        let done: Result<(), std::convert::Infallible> = self.change(tenant, |tenant| {
            tenant.methods.set_migration(state);
            Ok(())
        })?;
        let Ok(()) = done;
        Ok(())
    }

    /// Sets how many users the reports of a tenant contain; those beyond its accounts are generated.
    ///
    /// # Errors
    /// If there is no such tenant, or its state cannot be read or written.
    pub fn populate(&self, tenant: &str, users: u32) -> Result<(), StateError> {
        let done: Result<(), std::convert::Infallible> = self.change(tenant, |tenant| {
            tenant.users = users;
            Ok(())
        })?;
        let Ok(()) = done;
        Ok(())
    }

    /// The documents of a tenant as indented JSON, with values spelled as they are stored.
    ///
    /// # Errors
    /// If there is no such tenant, or its state cannot be read.
    pub fn show(&self, tenant: &str) -> Result<String, StateError> {
        let found = self.tenant(tenant)?;
        // These types always serialize.
        Ok(crate::state::raw_json::pretty(&serde_json::to_string(&found.documents()).unwrap_or_default()))
    }

    /// An access token of this person, as the token endpoint would issue it now.
    ///
    /// # Errors
    /// As [`World::tenant`], and if the tenant has no such person.
    pub fn person_token(
        &self,
        tenant: &str,
        audience: Audience,
        person: &Person,
        clock: &Clock,
    ) -> Result<String, StateError> {
        let home = self.tenant(tenant)?;
        let others = if *person == Person::Elsewhere { self.tenants()? } else { Vec::new() };
        person::token(&home, &others, audience, person, clock.now())
    }
}

fn locked(tenants: &Mutex<Vec<Tenant>>) -> MutexGuard<'_, Vec<Tenant>> {
    tenants.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find<'a>(tenants: &'a mut [Tenant], name: &str) -> Result<&'a mut Tenant, StateError> {
    tenants.iter_mut().find(|tenant| tenant.has_name(name)).ok_or_else(|| StateError::NoTenant(name.to_owned()))
}
