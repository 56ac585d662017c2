//! Which tenants the table of the fleet shows and in which order, by the query of its address: so filter and sort work without a
//! script, and a view can be linked.

use url::form_urlencoded;

use crate::controller::fleet::FleetState;

/// The longest text that is searched for, in characters.
const LONGEST_TEXT: usize = 100;

/// A column by which tenants are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SortKey {
    /// Those first that need attention.
    #[default]
    State,
    Tenant,
    Settings,
    People,
    Last,
    Next,
    Ring,
    Revision,
}

impl SortKey {
    pub(super) const ALL: [Self; 8] =
        [Self::Tenant, Self::State, Self::Settings, Self::People, Self::Last, Self::Next, Self::Ring, Self::Revision];

    /// The word in an address.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::State => "state",
            Self::Settings => "settings",
            Self::People => "people",
            Self::Last => "last",
            Self::Next => "next",
            Self::Ring => "ring",
            Self::Revision => "revision",
        }
    }

    /// The head of the column.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Tenant => "Tenant",
            Self::State => "State",
            Self::Settings => "Differ",
            Self::People => "Can reset",
            Self::Last => "Compared",
            Self::Next => "Next",
            Self::Ring => "Ring",
            Self::Revision => "Revision",
        }
    }
}

/// The question that an address asks about the fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FleetQuery {
    /// A part of the tenant's name, in small letters.
    pub(super) text: String,
    pub(super) state: Option<FleetState>,
    pub(super) ring: Option<String>,
    pub(super) sort: SortKey,
    pub(super) descending: bool,
}

impl FleetQuery {
    /// Reads the query of an address. Names that it does not know are left out; so are empty values, which a form sends.
    ///
    /// # Errors
    /// The name of the parameter whose value is not allowed.
    pub(super) fn parse(query: &str) -> Result<Self, &'static str> {
        let mut parsed = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
            match name.as_ref() {
                "q" if value.chars().count() <= LONGEST_TEXT => parsed.text = value.to_lowercase(),
                "q" => return Err("q"),
                "state" => parsed.state = Some(state(&value).ok_or("state")?),
                "ring" => parsed.ring = Some(value.into_owned()),
                "sort" => {
                    let word = value.strip_prefix('-');
                    parsed.descending = word.is_some();
                    let word = word.unwrap_or(&value);
                    let key = SortKey::ALL.into_iter().find(|key| key.word() == word);
                    parsed.sort = key.ok_or("sort")?;
                }
                _ => {}
            }
        }
        Ok(parsed)
    }

    /// The address of the same tenants by another order; by the same column again the other way round.
    pub(super) fn sorted_by(&self, key: SortKey) -> String {
        let descending = self.sort == key && !self.descending;
        Self { sort: key, descending, ..self.clone() }.address()
    }

    /// The address of the tenants in one state alone.
    pub(super) fn in_state(&self, state: Option<FleetState>) -> String {
        Self { state, ..self.clone() }.address()
    }

    /// Whether all tenants are shown.
    pub(super) fn is_whole(&self) -> bool {
        self.text.is_empty() && self.state.is_none() && self.ring.is_none()
    }

    /// The word of the order, as it is in an address.
    pub(super) fn sort_word(&self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.sort.word())
    }

    fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.text.is_empty() {
            query.append_pair("q", &self.text);
        }
        if let Some(state) = self.state {
            query.append_pair("state", state.words());
        }
        if let Some(ring) = &self.ring {
            query.append_pair("ring", ring);
        }
        if (self.sort, self.descending) != (SortKey::default(), false) {
            query.append_pair("sort", &self.sort_word());
        }
        match query.finish() {
            query if query.is_empty() => "/".to_owned(),
            query => format!("/?{query}"),
        }
    }
}

fn state(word: &str) -> Option<FleetState> {
    FleetState::ALL.into_iter().find(|state| state.words() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written() -> Result<(), &'static str> {
        let query = FleetQuery::parse("q=Cont%26o&state=in+sync&ring=first+%C3%A4&sort=-people&other=1&sort=")?;
        assert_eq!((query.text.as_str(), query.state, query.descending), ("cont&o", Some(FleetState::InSync), true));
        assert_eq!(FleetQuery::parse(query.address().trim_start_matches("/?"))?, query);
        assert!(query.sorted_by(SortKey::People).ends_with("sort=people"), "{}", query.sorted_by(SortKey::People));
        assert_eq!(FleetQuery::default().address(), "/");
        assert_eq!(FleetQuery::default().sorted_by(SortKey::State), "/?sort=-state");
        for (wrong, name) in [("state=wrong", "state"), ("sort=-", "sort"), ("sort=--tenant", "sort")] {
            assert_eq!(FleetQuery::parse(wrong), Err(name));
        }
        assert_eq!(FleetQuery::parse(&format!("q={}", "ä".repeat(101))), Err("q"));
        Ok(())
    }
}
