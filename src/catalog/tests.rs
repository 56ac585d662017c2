//! The tables of settings, methods and surfaces agree with each other, and with the schema of policies.

use std::collections::BTreeSet;
use std::error::Error;

use serde_json::{Value as Json, json};

use crate::base::value::Value;
use crate::catalog::authentication_methods::METHODS;
use crate::catalog::methods::{ALLOWED, ALLOWED_AFTER_MIGRATION};
use crate::catalog::{ALL, find, off_switch};
use crate::policy::document::Method;
use crate::policy::{readiness, schema};
use crate::tenant::document::{Document, Patch};
use crate::tenant::surface::Surface;

/// The keys of methods in the password reset policy, all of them switched off.
fn legacy_document() -> Result<Document, serde_json::Error> {
    let keys: serde_json::Map<_, _> =
        Method::ALL.iter().map(|method| (method.spec().portal_key.to_owned(), json!(false))).collect();
    Document::parse(&Json::from(keys).to_string())
}

#[test]
fn the_words_of_methods_are_those_of_the_schema() -> Result<(), Box<dyn Error>> {
    let schema: Json = serde_json::from_str(include_str!("../../schemas/policy.json"))?;
    let listed = schema.pointer("/$defs/Method/oneOf").and_then(Json::as_array).ok_or("no methods in the schema")?;
    let listed: Vec<_> = listed.iter().filter_map(|method| method["const"].as_str()).collect();
    assert_eq!(listed, Method::ALL.map(Method::word));
    for method in Method::ALL {
        assert_eq!(serde_json::to_value(method)?, json!(method.word()));
        assert_eq!(Method::from_word(method.word()), Ok(method));
    }
    let document = legacy_document()?;
    for word in ["telepathy", "Email", ""] {
        let error = Method::from_word(word).err().ok_or_else(|| format!("`{word}` is a method"))?;
        assert_eq!(error.to_string(), format!("`{word}` is not a method that this version knows"));
        let with_it = Value::Set(["email", word].map(str::to_owned).into());
        assert_eq!((ALLOWED.encode)(&with_it, &document), [], "nothing is written of what is half understood");
    }
    Ok(())
}

#[test]
fn every_method_is_read_and_written_in_both_documents() -> Result<(), Box<dyn Error>> {
    let legacy = legacy_document()?;
    let configuration = |id: &str| {
        let flags = json!({ "isOfficePhoneAllowed": false, "isSoftwareOathEnabled": false });
        let mut entry = json!({ "id": id, "state": "disabled" });
        if let (Some(entry), Some(flags)) = (entry.as_object_mut(), flags.as_object()) {
            entry.extend(flags.clone());
        }
        entry
    };
    for method in Method::ALL {
        let value = Value::Set([method.word().to_owned()].into());
        let patches = (ALLOWED.encode)(&value, &legacy);
        let switched: Vec<_> =
            patches.iter().filter(|patch| patch.value == json!(true)).map(|patch| patch.key).collect();
        assert_eq!(switched, [method.spec().portal_key]);
        assert_eq!((ALLOWED.decode)(&legacy.patched(&patches)), Ok(value.clone()));

        let parts: Vec<_> = METHODS.into_iter().filter(|part| part.kind.accepts(&value)).collect();
        assert_eq!(parts.len(), usize::from(!method.spec().configurations.ids().is_empty()), "{method:?}");
        for part in parts {
            let converged: serde_json::Map<_, _> =
                part.keys.iter().map(|id| ((*id).to_owned(), configuration(id))).collect();
            let converged = Document::parse(&Json::from(converged).to_string())?;
            let patches = (part.encode)(&value, &converged);
            let on = |patch: &&Patch| patch.value["state"] == json!("enabled");
            let enabled: Vec<_> = patches.iter().filter(on).map(|patch| patch.key).collect();
            assert!(
                enabled.iter().all(|id| method.spec().configurations.ids().contains(id)),
                "{method:?}: {enabled:?}"
            );
            let written = patches.iter().fold(converged, |document, patch| {
                let mut entry: serde_json::Map<String, Json> = document.get(patch.key, "an entry").unwrap_or_default();
                entry.extend(patch.value.as_object().cloned().unwrap_or_default());
                document.with(patch.key, &entry.into())
            });
            assert_eq!((part.decode)(&written), Ok(value.clone()));
        }
    }
    Ok(())
}

#[test]
fn every_method_has_its_switch_among_the_known_keys() {
    let known = Surface::PasswordReset.spec().known_keys.iter().filter(|known| known.switches_method);
    let keys = Method::ALL.map(|method| method.spec().portal_key);
    assert_eq!(known.map(|known| known.key).collect::<BTreeSet<_>>(), BTreeSet::from(keys));
}

#[test]
fn each_configuration_is_in_one_part() {
    let keys: Vec<_> = METHODS.iter().flat_map(|part| part.keys).collect();
    let of_methods: BTreeSet<_> = Method::ALL.iter().flat_map(|method| method.spec().configurations.ids()).collect();
    assert_eq!(keys.iter().copied().collect::<BTreeSet<_>>(), of_methods);
    assert_eq!(keys.len(), of_methods.len(), "{keys:?}");
}

#[test]
fn every_method_is_announced_in_a_sentence() {
    for method in Method::ALL {
        let announcement = &method.spec().announcement;
        assert!(!announcement.title.ends_with('.') && announcement.preparation.ends_with('.'), "{method:?}");
    }
}

#[test]
fn every_object_has_one_setting_that_switches_it_off() {
    for surface in Surface::ALL {
        let switches = ALL.iter().filter(|setting| setting.surface == surface && setting.off_value.is_some());
        assert_eq!(switches.count(), usize::from(surface.spec().object.is_some()), "{surface:?}");
        if let Some((setting, off)) = off_switch(surface) {
            assert!(setting.kind.accepts(&off), "{}", setting.name);
        }
    }
}

#[test]
fn whatever_the_catalogue_reads_is_needed() {
    let rows = ALL.iter().copied().chain(METHODS.iter().copied()).chain([&ALLOWED_AFTER_MIGRATION]);
    for row in rows {
        for key in row.keys.iter().filter(|key| !key.contains('.')) {
            let known = row.surface.spec().known_keys.iter().find(|known| known.key == *key);
            assert!(known.is_some_and(|known| known.needed), "{key} of {}", row.name);
        }
    }
    for surface in Surface::ALL {
        let keys: BTreeSet<_> = surface.spec().known_keys.iter().map(|known| known.key).collect();
        assert_eq!(keys.len(), surface.spec().known_keys.len(), "{surface:?} has a key twice");
    }
}

#[test]
fn the_hint_about_readiness_names_a_setting_of_each_section_that_has_it() {
    let sections =
        schema::SHAPE.sections().filter(|(_, section)| schema::SHAPE.keys(section).contains(&readiness::KEY));
    let sections: BTreeSet<_> = sections.map(|(section, _)| section).collect();
    let named = readiness::HELD.iter().filter_map(|name| Some(find(name)?.name.split_once('.')?.0));
    assert_eq!(named.collect::<BTreeSet<_>>(), sections);
}
