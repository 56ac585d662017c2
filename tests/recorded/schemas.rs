//! The published schemas by what they allow. Words for people (`description`, `title`) and the names below `$defs` do not
//! count: neither is part of a document that a schema describes.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value as Json};
use ssprctl::testing::base::digest::hash_json;

use crate::Checked;

/// The digest of every schema as [`normalized`] leaves it.
const SCHEMAS: [(&str, &str); 27] = [
    ("advise", "f0f984c7c5a90d94d8c0a97d0e6f614a1a71972fc69dbc689f29ff0cf3d779ef"),
    ("apply", "83023fba977838a204b67eb32e10958a5e1decc37716da554a7d1500482580cd"),
    ("conformance", "a6ae75c93f162b6185f8f84c6a7edf027ac7d0976c83b752c83bc7dfce148bc6"),
    ("controller-events", "183fa261ae98391a701e88049e6213e4b082055acce4dba872a5564514efbf8e"),
    ("controller-notification", "ddd2c04cd4bdef87055573331d5acccdccdc7081503e1ee680a01fba60d21ea0"),
    ("controller-state", "48a6405f571c1f2ac127ed085261de9b039046d200378eabaf0ce85418971145"),
    ("controller-status", "b806c6a3310d8e5fa7b7810c991cef5932715375486344abccbffbc99a96a95e"),
    ("controller-tenants", "a3f144949b911574400d28141ba91ed55fe032757e3a98f7d178946b946e5e45"),
    ("doctor", "8bf94d4383369a7767c0b52eaa839aa63e301ed9c3eb75bffb7d463b1f2fecf0"),
    ("drift", "0fa2393a2d8795697efda683de2352ab4f8642f8a0a1a9313b8a6aff6e2a2ad1"),
    ("drift-state", "c4d4ee55cef029116ee6384ad971928b1a6ec1ddf1d6c646a02881ca889165ad"),
    ("faults", "952ac64df49ddf312a4df97e421667b85bce9dae0772e91054caf4a8d6ef1017"),
    ("forecast", "14e2eed9a2bda153d3a3c75fd2af4e0f4fe884e33607bce4b2e6a9bad5d68ffa"),
    ("history", "6e0dd2ae46124f784ac10d7dbf68c309adad25e80ff11ac32c851df05f7f8c41"),
    ("journal", "cbbb716fe1ca2313dde16fad6fc20fabebc424158f470b02fdb72f0d9c402ded"),
    ("people", "9a6e0377bbf051b8936a270968f49838d96b455554e6c904ee01ceaf52630c57"),
    ("plan", "08fb0b5b97ca161dca1366f86de02e5b062e873fde212ba0576a2e83cb08d213"),
    ("policy", "1c0ccee17354829cbcb2df3ff515da72170a1940ca813d3bdc2b621c98a12e43"),
    ("readiness", "b1916eef2cb7071ab63b6641a620c278bca968079fe2814cba6e4b5c89f74705"),
    ("repository", "7661f495e71ebb393929f78cd42b2d0edfc6e7df2a851e0d9b0a97e9309db14d"),
    ("review", "38aa4d15a3e559aa392f97452c717b3938cf303ce72e9524d496ebccb7f679ed"),
    ("show", "b3d21610ad8c292a6a00a735092cf9903b96d5403b674d9bec1a777ea7e382c7"),
    ("snapshot", "a146e09430843582159d8f78ab6df68d5c79a54182f540d8cc8937efd837ba5e"),
    ("test", "e041227634d3d37e0bd2d06540bb86be8300389b078049d55400c9fe9cb1252d"),
    ("test-result", "901cf83c16fe2c41571a0632a00a1edd1ac0b9a457f41676c97e7d970b1693e9"),
    ("validate", "06dae376f78565e38822a18bf1238ee668d2a5f3b47f335ec3c81f85488362ce"),
    ("why", "b2d67ac45515a2144ce85d4fb3c8f75601e708f0fe1bc84573abb285e24ee4d9"),
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
