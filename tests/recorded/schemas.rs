//! The published schemas by what they allow. Words for people (`description`, `title`) and the names below `$defs` do not
//! count: neither is part of a document that a schema describes.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value as Json};
use ssprctl::testing::base::digest::hash_json;

use crate::Checked;

/// The digest of every schema as [`normalized`] leaves it.
const SCHEMAS: [(&str, &str); 27] = [
    ("advise", "55dd81f98e3ecfb7c3e0367bef40a669b595c1c49c7440cc499985dddc23f174"),
    ("apply", "4a21ac32f9f1062ae601571ffb99abc9270dcc21fb85ee4f0d7eaa113d331846"),
    ("conformance", "47b44f35b8b5968aedd95040cf03a909cbbcb5f82c91b3405ee4f5e7423ec1a4"),
    ("controller-events", "183fa261ae98391a701e88049e6213e4b082055acce4dba872a5564514efbf8e"),
    ("controller-notification", "ddd2c04cd4bdef87055573331d5acccdccdc7081503e1ee680a01fba60d21ea0"),
    ("controller-state", "bd19f4f22cd2446ec43b479f53a3086c7d769000dd98f728125f9e330c924f65"),
    ("controller-status", "c175a6187941276b538f10838d882c3a4275ba7f8bab18e115e8445c3a564b4b"),
    ("controller-tenants", "0e3e7d7a59540c81be77531d095c1d884d06d3cc8a897475e31e7b28cb3e2dbd"),
    ("doctor", "020541e796d2e35560f4672e1c62d492b9161718a952f324d5d76abe4ef657d3"),
    ("drift", "d0f8f565dbafd64b5a17dccad5cb44a34b0990c291cd00780a794fe7ed812624"),
    ("drift-state", "c4d4ee55cef029116ee6384ad971928b1a6ec1ddf1d6c646a02881ca889165ad"),
    ("faults", "952ac64df49ddf312a4df97e421667b85bce9dae0772e91054caf4a8d6ef1017"),
    ("forecast", "85f202b021131c2d922b80a9ea3ea3531b76297266796740f587dc19aef5e016"),
    ("history", "caf74a4b7fc42ad1e86752f3b70ac9505c41d917532d19092e4582cf8417abbe"),
    ("journal", "6ed0a4dc162d0b5df082f70beef8906545e0d72e518f4800f62f3f4f4cc51307"),
    ("people", "9a6e0377bbf051b8936a270968f49838d96b455554e6c904ee01ceaf52630c57"),
    ("plan", "7f7bcc2f7d5589ab32f6f5a7da1e29d91cc3d28bdd4127ef5350c7f52f1c8504"),
    ("policy", "1c0ccee17354829cbcb2df3ff515da72170a1940ca813d3bdc2b621c98a12e43"),
    ("readiness", "b1916eef2cb7071ab63b6641a620c278bca968079fe2814cba6e4b5c89f74705"),
    ("repository", "7661f495e71ebb393929f78cd42b2d0edfc6e7df2a851e0d9b0a97e9309db14d"),
    ("review", "5ce913413513860e8f5f4d455dd7caf25f1cee11d9edd8d36f7682fee1cdbe35"),
    ("show", "191923e36e2cf81011f06d022379b451b58efec65ab9977373cf98b46869dee1"),
    ("snapshot", "94c80f05a5e25f6ac724b9cf0ac8f62f9f90cd4de943d889d6e29187d248a542"),
    ("test", "e041227634d3d37e0bd2d06540bb86be8300389b078049d55400c9fe9cb1252d"),
    ("test-result", "b2a3a976fd6c807da8a0b38f3d0b1e521a840b3baaffa4f66b5d4a655a173ad6"),
    ("validate", "8043af57b341c3441ed8dba2267271821f5f7a4bf376c1f40e087a51b8c4a475"),
    ("why", "357a281f10c3369a2e3d0b0421fa65a26eef784e0bf2419f644da8d680451c9c"),
];

/// Keywords whose members are named by documents, and not by JSON Schema.
const MAPS: [&str; 2] = ["properties", "patternProperties"];

/// A schema with every reference replaced by what it leads to, and without words for people.
fn normalized(schema: &Json, definitions: &Map<String, Json>, depth: usize) -> Result<Json, String> {
    match schema {
        Json::Array(items) => items.iter().map(|item| normalized(item, definitions, depth)).collect(),
        Json::Object(keywords) => {
            let mut flat = Map::new();
            for (keyword, value) in keywords {
                match keyword.as_str() {
                    "description" | "title" | "$defs" => {}
                    "$ref" => {
                        let name = value.as_str().and_then(|at| at.strip_prefix("#/$defs/")).unwrap_or_default();
                        let target = definitions.get(name).ok_or_else(|| format!("no definition {value}"))?;
                        let depth = depth.checked_sub(1).ok_or_else(|| format!("{name} contains itself"))?;
                        let Json::Object(target) = normalized(target, definitions, depth)? else {
                            return Err(format!("{name} is no object"));
                        };
                        add(&mut flat, target)?;
                    }
                    map if MAPS.contains(&map) => {
                        let members = value.as_object().into_iter().flatten();
                        let members =
                            members.map(|(key, value)| Ok((key.clone(), normalized(value, definitions, depth)?)));
                        let members: Map<String, Json> = members.collect::<Result<_, String>>()?;
                        add(&mut flat, Map::from_iter([(keyword.clone(), members.into())]))?;
                    }
                    // Samples are documents, whose keys are not keywords.
                    "const" | "default" | "enum" | "examples" => {
                        add(&mut flat, Map::from_iter([(keyword.clone(), value.clone())]))?;
                    }
                    "required" => {
                        let mut keys = value.as_array().cloned().unwrap_or_default();
                        keys.sort_by_key(Json::to_string);
                        add(&mut flat, Map::from_iter([(keyword.clone(), keys.into())]))?;
                    }
                    _ => {
                        let value = normalized(value, definitions, depth)?;
                        add(&mut flat, Map::from_iter([(keyword.clone(), value)]))?;
                    }
                }
            }
            Ok(flat.into())
        }
        other => Ok(other.clone()),
    }
}

fn add(flat: &mut Map<String, Json>, more: Map<String, Json>) -> Result<(), String> {
    for (keyword, value) in more {
        if flat.get(&keyword).is_some_and(|known| *known != value) {
            return Err(format!("a reference and its neighbour both say {keyword}"));
        }
        flat.insert(keyword, value);
    }
    Ok(())
}

/// What a test of ours makes of a schema's text.
fn digest(text: &str) -> Result<(String, Json), Box<dyn std::error::Error>> {
    let schema: Json = serde_json::from_str(text)?;
    let definitions = schema.get("$defs").and_then(Json::as_object).cloned().unwrap_or_default();
    let normalized = normalized(&schema, &definitions, 16)?;
    Ok((hash_json(&normalized), normalized))
}

#[test]
fn every_schema_allows_what_it_did() -> Checked {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        names.extend(entry?.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    assert_eq!(names, SCHEMAS.map(|(name, _)| name));
    let mut changed = Vec::new();
    for (name, recorded) in SCHEMAS {
        let (now, normalized) = digest(&fs::read_to_string(folder.join(format!("{name}.json")))?)?;
        if now != recorded {
            // To compare with what the same test leaves on a commit where it still passes with its digest changed.
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("schema-{name}.json"));
            fs::write(&file, format!("{normalized:#}\n"))?;
            changed.push(format!("{name} is {now}, as in {}", file.display()));
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
    Ok(())
}

#[test]
fn names_and_words_do_not_count_and_all_else_does() -> Checked {
    const SCHEMA: &str = r##"{"title":"a","properties":{"title":{"$ref":"#/$defs/Old","description":"b"}},"$defs":{"Old":{"type":"string"}}}"##;
    let of = |text: &str| digest(text).map(|(digest, _)| digest);
    assert_eq!(of(SCHEMA)?, of(&SCHEMA.replace("Old", "New").replace("\"a\"", "\"c\"").replace("\"b\"", "\"d\""))?);
    assert_eq!(of(SCHEMA)?, of(r#"{"properties":{"title":{"type":"string"}}}"#)?);
    for (from, to) in [("\"string\"", "\"number\""), ("{\"title\":{", "{\"name\":{"), ("\"type\":", "\"const\":")] {
        assert_ne!(of(SCHEMA)?, of(&SCHEMA.replace(from, to))?, "{from}");
    }
    assert!(of(r##"{"$ref":"#/$defs/A","$defs":{"A":{"items":{"$ref":"#/$defs/A"}}}}"##).is_err());
    Ok(())
}
