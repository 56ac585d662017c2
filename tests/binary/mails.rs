//! `announce --for`: each person of a file is in one mail, or counted with the reason why they get none.

use std::error::Error;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use entra_sandbox::Faults;

use crate::harness::{Harness, Run, TestResult};

const POLICY: &str = "scope: { users: all }\nhelpdesk: { link: https://help.contoso.com/password }";
const COLUMNS: &str = "tenant,displayName,userPrincipalName,department,stateToday,date,stateThen,reason,register";
/// A person for each kind of mail, for each case that a template tells apart, and for each reason to get none.
const PEOPLE: &str = "\
able,2027-02-01,unregistered,method-ended,mobileAppCode email
able,2027-02-01,short,method-ended,email+mobileAppCode
able,onceApplied,unregistered,method-ended,
short,2027-02-01,unregistered,method-ended,mobileAppNotification
able,onceApplied,unregistered,nothing-allowed,mobilePhone
able,2027-02-01,short,methods-missing,mobileAppNotification mobileAppCode
able,onceApplied,short,methods-missing,securityQuestions
short,2027-02-01,short,methods-missing,officePhone
unregistered,2027-02-01,unregistered,nothing-registered,mobilePhone
able,2027-02-01,notPermitted,not-in-scope,
able,onceApplied,notPermitted,scope-none,
able,2027-02-01,notPermitted,writeback-off,
able,onceApplied,notPermitted,writeback-off,
unclear,2027-02-01,notPermitted,writeback-not-running,
notPermitted,2027-02-01,able,,
able,2027-02-01,unclear,code-app-not-known,email
notPermitted,2027-02-01,notPermitted,account-disabled,
unregistered,2027-02-01,notPermitted,not-in-scope,
unclear,2027-02-01,able,,
unclear,2027-02-01,notPermitted,not-in-scope,
unclear,2027-02-01,unregistered,nothing-allowed,email
unclear,2027-02-01,short,methods-missing,email
unclear,onceApplied,unregistered,method-ended,email
unregistered,2027-02-01,unregistered,nothing-registered,mobileAppNotification+email mobileAppCode+email
";

/// A file with the people, each with an address of their own.
fn people() -> String {
    let row = |(index, outlook): (usize, &str)| {
        format!("contoso.onmicrosoft.com,\"Zoë, the {index}th\",Person{index}@contoso.com,\"=IT\",{outlook}\n")
    };
    format!("# banner\n{COLUMNS}\n{}", PEOPLE.lines().enumerate().map(row).collect::<String>())
}

fn with_people(text: &str) -> Result<Harness, Box<dyn Error>> {
    let harness = Harness::with(POLICY, Faults::none())?;
    fs::write(harness.folder.path().join("people.csv"), text)?;
    Ok(harness)
}

fn mode(path: &Path) -> Result<u32, Box<dyn Error>> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o777)
}

#[test]
fn every_kind_has_its_words_in_every_language() -> TestResult {
    let harness = with_people(&people())?;
    for language in ["en", "de"] {
        let mails = harness.run(&["announce", "--for", "people.csv", "--language", language])?;
        assert_eq!(mails.code, Some(0), "{mails:#?}");
        assert!(!mails.stdout.contains("Zo") && !mails.stdout.to_lowercase().contains("person0@"), "{mails:#?}");
        insta::assert_snapshot!(format!("mails-{language}"), format!("{}\n{}", mails.stdout, mails.stderr));
    }
    Ok(())
}

/// The lists are beside the mails, and whoever may not read them cannot. Together with those who get none they are all people.
#[test]
fn everybody_is_in_one_list_or_counted() -> TestResult {
    let harness = with_people(&people())?;
    let folder = harness.folder.path().join("lists/mails");
    let written = harness.run(&["announce", "--for", "people.csv", "--out", "lists/mails"])?;
    assert_eq!(written.code, Some(0), "{written:#?}");
    let (mut addresses, mut texts) = (Vec::new(), 0);
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        assert_eq!(mode(&path)?, 0o600);
        let text = fs::read_to_string(&path)?;
        if path.to_string_lossy().ends_with(".addresses.txt") {
            addresses.extend(text.lines().map(str::to_owned));
        } else {
            assert!(!text.contains("@contoso.com"), "{text}");
            texts += 1;
        }
    }
    addresses.sort();
    let mut expected: Vec<_> = (0..13).chain([14, 23]).map(|index| format!("person{index}@contoso.com")).collect();
    expected.sort();
    assert_eq!(addresses, expected);
    assert!(
        written.stderr.starts_with(&format!("{texts} mails for 15 people, written to lists/mails")),
        "{written:#?}"
    );
    let without: Vec<_> = written.stderr.lines().filter(|line| line.starts_with("  no mail for 1: ")).collect();
    assert_eq!(without.len(), 4, "{written:#?}");
    // What is not explained today is not forecast: nobody of whom it is unclear is told anything for certain.
    let unclear = "  no mail for 5: whether they can reset today is not known, and so nothing is certain of later days";
    assert!(written.stderr.lines().any(|line| line == unclear), "{written:#?}");
    let again = harness.run(&["announce", "--for", "people.csv", "--out", "lists/mails"])?;
    assert!(again.code == Some(1) && again.stderr.contains("lists/mails exists"), "{again:#?}");
    Ok(())
}

/// What `forecast` writes, in both formats, is what `announce` reads: the same mails come from both.
#[test]
fn the_files_of_a_forecast_are_read() -> TestResult {
    let policy = "scope: { users: all, administrators: true }\nmethods: { required: 1, allowed: [email, mobilePhone] }";
    let harness = Harness::with(policy, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    let mut mails: Vec<Run> = Vec::new();
    for file in ["people.csv", "people.json"] {
        let mut forecast = harness.command(&["forecast", "--people", file]);
        assert_eq!(harness.finish(forecast.env("SSPRCTL_AS_OF", "2026-11-22"))?.code, Some(2));
        mails.push(harness.run(&["announce", "--for", file])?);
    }
    let [csv, json] = mails.as_slice() else { return Err("two runs".into()) };
    assert_eq!((csv.code, &csv.stdout, &csv.stderr), (Some(0), &json.stdout, &json.stderr));
    assert!(csv.stdout.contains("from 2027-02-01 on"), "{csv:#?}");
    Ok(())
}

/// The people may be those of a tenant without a policy, whose cloud is then said.
#[test]
fn people_of_a_tenant_without_a_policy_get_mails() -> TestResult {
    let harness = with_people(&people())?;
    fs::remove_dir_all(harness.folder.path().join("policies"))?;
    let mails = harness.run(&["announce", "--for", "people.csv"])?;
    let note = "no policy for contoso.onmicrosoft.com: its mails are for the cloud";
    assert!(mails.code == Some(0) && mails.stderr.contains(note), "{mails:#?}");
    assert!(mails.stdout.contains("method-ended"), "{mails:#?}");
    Ok(())
}

/// A spreadsheet saves with a byte order mark, its own delimiter and quotes, and may sort and repeat rows.
#[test]
fn a_file_from_a_spreadsheet_is_read_and_a_broken_one_is_not() -> TestResult {
    let row = "contoso.onmicrosoft.com;A;a@contoso.com;;able;2027-02-01;short;methods-missing;email\r\n";
    let injected =
        "contoso.onmicrosoft.com;B;\"b@contoso.com\r\nbcc: c@contoso.com\";;able;2027-02-01;short;methods-missing;\r\n";
    let saved = format!("\u{feff}\"# banner\";;;;;;;;\r\n{}\r\n{row}{row}{injected}", COLUMNS.replace(',', ";"));
    let harness = with_people(&saved)?;
    let mails = harness.run(&["announce", "--for", "people.csv"])?;
    assert!(mails.code == Some(0) && mails.stderr.starts_with("1 mail for 1 person"), "{mails:#?}");
    assert!(mails.stderr.contains("no mail for 1: they are in the file twice"), "{mails:#?}");
    assert!(mails.stderr.contains("no mail for 1: they have no sign-in name to which a mail can go"), "{mails:#?}");

    let broken = format!("{COLUMNS}\n,A,a@b.cc,,able,soon,cannot,because,fax\nt.cc,B\n");
    fs::write(harness.folder.path().join("people.csv"), broken)?;
    let refused = harness.run(&["announce", "--for", "people.csv"])?;
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    for problem in [
        "line 2: stateThen is no state",
        "line 2: date is neither a date such as 2027-02-01 nor onceApplied",
        "line 2: reason is no code of a reason",
        "line 2: register has a word that is no method",
        "line 2: tenant is empty",
        "line 3: it has 2 fields, and there are 9 columns",
    ] {
        assert!(refused.stderr.lines().any(|line| line == problem), "{problem} is no line of {refused:#?}");
    }
    for (file, text, problem) in [
        ("people.csv", "", "it has no line with the columns"),
        ("people.csv", "a,b\n1,2\n", "line 1: it has no column tenant, displayName"),
        ("people.json", "{", "line 1: this is not the JSON of a file of people"),
        (
            "people.json",
            "{\"formatVersion\":2,\"people\":[]}",
            "formatVersion is 2, and this version of ssprctl reads 1",
        ),
        ("people.txt", "", "the ending of the name decides the format"),
    ] {
        fs::write(harness.folder.path().join(file), text)?;
        let refused = harness.run(&["announce", "--for", file])?;
        assert!(refused.code == Some(1) && refused.stderr.contains(problem), "{refused:#?}");
    }
    Ok(())
}

/// A problem has its place, its key and a way out, and no value of the file.
#[test]
fn problems_name_the_key_and_no_value() -> TestResult {
    let harness = with_people("")?;
    let refused = |file: &str, text: &str| {
        fs::write(harness.folder.path().join(file), text)?;
        harness.run(&["announce", "--for", file])
    };
    let person = "{ \"tenant\": \"t.cc\", \"userPrincipalName\": \"secret@t.cc\", \"stateToday\": \"able\",\n \"date\": \"2027-02-01\", \"stateThen\": \"short\", \"reason\": \"methods-missing\", \"register\": [] }";
    for (from, to, problem) in [
        (", \"stateThen\": \"short\"", "", "line 2: the object that ends here lacks the key stateThen"),
        ("\"tenant\": \"t.cc\", ", "", "line 2: the object that ends here lacks the key tenant"),
        ("\"register\": []", "\"register\": [], \"date\": \"2027-02-01\"", "line 2: the key date is there twice"),
        ("\"register\": []", "\"register\": \"secret@t.cc\"", "line 2: a value is not a sequence"),
    ] {
        let text = format!("{{ \"formatVersion\": 1, \"people\": [{}] }}", person.replacen(from, to, 1));
        let run = refused("people.json", &text)?;
        assert!(run.code == Some(1) && run.stderr.contains(problem), "{run:#?}");
        assert!(!run.stderr.contains("secret"), "{run:#?}");
    }
    for date in ["01.02.2027", "2/1/2027", "46419"] {
        let run =
            refused("people.csv", &format!("{COLUMNS}\nt.cc,A,a@t.cc,,able,{date},short,methods-missing,email\n"))?;
        assert!(run.code == Some(1) && run.stderr.contains("line 2: date is as a spreadsheet rewrites it"), "{run:#?}");
        assert!(run.stderr.contains("`yyyy-mm-dd`") && !run.stderr.contains(date), "{run:#?}");
    }
    let odd = refused("people.csv", &format!("{COLUMNS}\nt.cc,A,a@t.cc,,able,2027-02-01,short,scope-none,email\n"))?;
    assert!(odd.code == Some(0) && odd.stderr.contains("do not go together in the file"), "{odd:#?}");
    Ok(())
}

/// A tenant of a cloud of its own gets no address of the public one, with a policy and without.
#[test]
fn addresses_are_those_of_the_cloud() -> TestResult {
    let people = people().replace("contoso.onmicrosoft.com", "agency.onmicrosoft.us");
    let harness = with_people(&people)?;
    let public = harness.run(&["announce", "--for", "people.csv"])?;
    assert!(public.stdout.contains("https://aka.ms/ssprsetup") && public.stdout.contains("https://aka.ms/sspr\n"));
    assert!(
        public.stderr.contains("no policy for agency.onmicrosoft.us: its mails are for the cloud global"),
        "{public:#?}"
    );
    let own = harness.run(&["announce", "--for", "people.csv", "--cloud", "usGov"])?;
    assert!(own.code == Some(0) && !own.stdout.contains("aka.ms"), "{own:#?}");
    assert!(own.stdout.contains("You find it on the page of your account, under \"Security info\"."), "{own:#?}");
    let policy = "version: 1\ntenant: agency.onmicrosoft.us\ncloud: usGov\nscope: { users: all }\n";
    fs::write(harness.folder.path().join("policies/agency.yaml"), policy)?;
    let known = harness.run(&["announce", "--for", "people.csv"])?;
    assert!(known.code == Some(0) && !known.stdout.contains("aka.ms"), "{known:#?}");
    assert!(!known.stderr.contains("no policy for"), "{known:#?}");
    Ok(())
}

/// A team's own templates replace those of the program, and what is wrong in them has its place.
#[test]
fn templates_can_be_replaced() -> TestResult {
    let harness = with_people(&people())?;
    let written = harness.run(&["announce", "--print-template", "--language", "de", "--out", "own"])?;
    assert_eq!(written.code, Some(0), "{written:#?}");
    let with = |folder: &str| harness.run(&["announce", "--for", "people.csv", "--templates", folder]);
    let german = harness.run(&["announce", "--for", "people.csv", "--language", "de"])?;
    assert_eq!(with("own")?.stdout, german.stdout);
    let own = harness.folder.path().join("own");
    for (file, text, problem) in [
        ("can-reset.txt.jinja", "Hello\n{{ nobody }}\n", "own/can-reset.txt.jinja:2:4: `nobody` is no variable"),
        ("words.txt.jinja", "{{ nobody }}\n", "own/words.txt.jinja:1:4: `nobody` is no variable"),
    ] {
        let path = own.join(file);
        let before = fs::read_to_string(&path)?;
        fs::write(&path, text)?;
        let refused = with("own")?;
        assert!(refused.code == Some(1) && refused.stderr.contains(problem), "{refused:#?}");
        fs::write(&path, before)?;
    }
    fs::remove_file(own.join("not-permitted.txt.jinja"))?;
    let refused = with("own")?;
    assert!(refused.stderr.contains("the template own/not-permitted.txt.jinja cannot be read"), "{refused:#?}");
    for alone in [["--out", "mails"], ["--language", "de"]] {
        let refused = harness.run(&[&["announce"], &alone[..]].concat())?;
        assert!(refused.code == Some(2) || refused.code == Some(1), "{refused:#?}");
        assert!(refused.stdout.is_empty() && refused.stderr.contains("--for <FILE>"), "{refused:#?}");
    }
    let html = harness.run(&["announce", "--for", "people.csv", "--format", "html"])?;
    assert!(html.code == Some(1) && html.stderr.contains("the mails of --for are plain text"), "{html:#?}");
    Ok(())
}
