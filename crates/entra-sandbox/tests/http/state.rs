//! State in a folder: it survives restarts, several processes share it, and damaged files are reported.

use std::fs;

use entra_sandbox::portal_user::{self, EditError, SETTINGS};
use entra_sandbox::{Faults, World};
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{ADATUM, CONTOSO, Emulator, FABRIKAM, NORTHWIND, Outcome, POLICY, TAILSPIN};

#[tokio::test]
async fn state_survives_a_restart_byte_for_byte() -> Outcome {
    let folder = tempfile::tempdir()?;
    let first = Emulator::over(World::open(folder.path())?, Faults::none())?;
    assert_eq!(first.change(TAILSPIN, &[("enablementType", json!(2))]).await?.status, StatusCode::OK);
    let before = first.get(TAILSPIN, POLICY).await?.body;
    first.server.stop();
    let second = Emulator::over(World::open(folder.path())?, Faults::none())?;
    assert_eq!(second.get(TAILSPIN, POLICY).await?.body, before);
    let mut names = fs::read_dir(folder.path())?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>, _>>()?;
    names.sort();
    assert_eq!(names, [".lock", &j(ADATUM), &j(CONTOSO), &j(FABRIKAM), &j(NORTHWIND), &j(TAILSPIN)]);
    Ok(())
}

fn j(domain: &str) -> String {
    format!("{domain}.json")
}

#[tokio::test]
async fn another_process_is_seen_at_once() -> Outcome {
    let folder = tempfile::tempdir()?;
    let emulator = Emulator::over(World::open(folder.path())?, Faults::none())?;
    let other = World::open(folder.path())?;
    portal_user::set(&other, "contoso.com", "registration.reconfirmAfterDays", "90")?;
    assert_eq!(emulator.policy(CONTOSO).await?["registrationReconfirmIntevalInDays"], json!(90));
    other.reset()?;
    assert_eq!(emulator.policy(CONTOSO).await?["registrationReconfirmIntevalInDays"], json!(180));
    Ok(())
}

#[test]
fn concurrent_writers_lose_nothing() -> Outcome {
    let folder = tempfile::tempdir()?;
    World::open(folder.path())?;
    let path = folder.path();
    let rounds = 20;
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(move || -> Result<(), String> {
                    let world = World::open(path).map_err(|error| error.to_string())?;
                    for _ in 0..rounds {
                        let counted = world.change(CONTOSO, |tenant| {
                            let count: u64 = tenant.password_reset.read("counter").unwrap_or_default();
                            tenant.password_reset.set("counter", &json!(count + 1));
                            Ok::<_, String>(())
                        });
                        counted.map_err(|error| error.to_string())??;
                    }
                    Ok(())
                })
            })
            .collect();
        writers.into_iter().try_for_each(|writer| writer.join().map_err(|_| "a writer panicked".to_owned())?)
    })?;
    let counted: Option<u64> = World::open(path)?.tenant(CONTOSO)?.password_reset.read("counter");
    assert_eq!(counted, Some(4 * rounds));
    Ok(())
}

#[tokio::test]
async fn a_damaged_file_is_named_and_a_reset_replaces_it() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = World::open(folder.path())?;
    let file = folder.path().join(j(CONTOSO));
    fs::write(&file, "{\"formatVersion\": 1, \"id\"")?;
    let message = world.tenant(CONTOSO).map(|_| ()).err().map(|error| error.to_string()).unwrap_or_default();
    for part in ["contoso.onmicrosoft.com.json", "damaged", "EOF"] {
        assert!(message.contains(part), "{message}");
    }
    let emulator = Emulator::over(world.clone(), Faults::none())?;
    assert_eq!(emulator.policy(FABRIKAM).await?["enablementType"], json!(1), "other tenants can be read");
    world.reset()?;
    assert_eq!(emulator.policy(CONTOSO).await?["enablementType"], json!(0));
    fs::write(&file, fs::read_to_string(&file)?.replacen("\"formatVersion\": 1", "\"formatVersion\": 2", 1))?;
    assert!(world.tenant(CONTOSO).is_err_and(|error| error.to_string().contains("formatVersion is 2")));
    Ok(())
}

#[tokio::test]
async fn a_tenant_of_ones_own_is_one_more_file() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = World::open(folder.path())?;
    let own = fs::read_to_string(folder.path().join(j(CONTOSO)))?.replace("contoso", "litware");
    let own = own.replace("55bc0001-0000-4000-8000-000000000001", "55bc0063-0000-4000-8000-000000000001");
    fs::write(folder.path().join("litware.onmicrosoft.com.json"), own)?;
    portal_user::set(&world, "litware.com", "scope.users", "all")?;
    let emulator = Emulator::over(world, Faults::none())?;
    assert_eq!(emulator.policy("litware.com").await?["enablementType"], json!(2));
    assert_eq!(emulator.policy(CONTOSO).await?["enablementType"], json!(0));
    Ok(())
}

#[tokio::test]
async fn a_portal_user_sets_every_setting() -> Outcome {
    let emulator = Emulator::start()?;
    let world = &emulator.world;
    let before = emulator.policy(FABRIKAM).await?;
    let cases = [
        ("methods.required", "1", "numberOfAuthenticationMethodsRequired", json!(1)),
        ("methods.allowed", "email, officePhone,securityQuestions", "officePhoneOptionEnabled", json!(true)),
        ("securityQuestions.toRegister", "4", "numberOfQuestionsToRegister", json!(4)),
        ("securityQuestions.toReset", "4", "numberOfQuestionsToReset", json!(4)),
        ("registration.requiredAtSignIn", "false", "registrationRequiredOnSignIn", json!(false)),
        ("registration.reconfirmAfterDays", "0", "registrationReconfirmIntevalInDays", json!(0)),
        ("notifications.users", "false", "notifyUsersOnPasswordReset", json!(false)),
        ("notifications.administrators", "false", "notifyOnAdminPasswordReset", json!(false)),
        ("helpdesk.link", "help@fabrikam.com", "customHelpdeskEmailOrUrl", json!("help@fabrikam.com")),
        ("helpdesk.link", "none", "customizeHelpdeskLink", json!(false)),
        (
            "scope.group",
            "Müller's Team",
            "passwordResetEnabledGroupIds",
            json!(["55bc0002-0600-4000-8000-000000000006"]),
        ),
        ("scope.users", "all", "enablementType", json!(2)),
        ("scope.users", "none", "passwordResetEnabledGroupIds", json!([])),
    ];
    for (setting, value, key, expected) in cases {
        portal_user::set(world, FABRIKAM, setting, value)?;
        assert_eq!(emulator.policy(FABRIKAM).await?[key], expected, "{setting}");
    }
    let questions = r#"[{"custom":"Wie hieß Ihre erste Teamleitung?"},{"predefined":"What was your first job?"},
        {"custom":"Neu?"},{"predefined":"What is your favorite food?"}]"#;
    portal_user::set(world, FABRIKAM, "securityQuestions.questions", questions)?;
    let after = emulator.policy(FABRIKAM).await?;
    assert_eq!(after["securityQuestions"][0], before["securityQuestions"][5], "a question that stays has its old id");
    portal_user::set(world, FABRIKAM, "scope.administrators", "false")?;
    portal_user::set(world, FABRIKAM, "writeback.passwords", "false")?;
    portal_user::set(world, FABRIKAM, "writeback.unlockWithoutReset", "false")?;
    let shown: serde_json::Value = serde_json::from_str(&world.show(FABRIKAM)?)?;
    assert_eq!(shown["authorization"]["allowedToUseSSPR"], json!(false));
    assert_eq!(shown["onPremises"]["passwordWritebackSupported"], json!(false));
    assert_eq!(shown["onPremises"]["accountUnlockEnabled"], json!(false));
    Ok(())
}

#[test]
fn the_portal_refuses_what_its_pages_would() -> Outcome {
    let world = World::seeded();
    let cases = [
        (CONTOSO, "methods.required", "3", "1 to 2"),
        (CONTOSO, "methods.required", "many", "a whole number"),
        (CONTOSO, "methods.allowed", "email,fax", "mobileAppNotification"),
        (CONTOSO, "methods.allowed", "", "are enabled"),
        (CONTOSO, "scope.users", "some", "none, selected or all"),
        (CONTOSO, "scope.users", "selected", "A group is required"),
        (FABRIKAM, "scope.group", "All Employees", "several groups"),
        (FABRIKAM, "scope.group", "Marketing", "not security-enabled"),
        (CONTOSO, "scope.group", "Nobody", "name or id of a group"),
        (CONTOSO, "registration.reconfirmAfterDays", "731", "0 to 730"),
        (CONTOSO, "notifications.users", "yes", "true or false"),
        (CONTOSO, "helpdesk.link", "not a link", "neither an e-mail"),
        (CONTOSO, "securityQuestions.questions", "[\"x\"]", "JSON list"),
        (CONTOSO, "securityQuestions.questions", r#"[{"custom":"x"}]"#, "3 to 200"),
        (CONTOSO, "writeback.passwords", "true", "synchronization"),
        (NORTHWIND, "writeback.passwords", "true", "licence"),
        (NORTHWIND, "scope.users", "all", "licence"),
        (ADATUM, "methods.allowed", "email,fax", "mobileAppNotification"),
        (ADATUM, "authenticationMethods.Email.state", "on", "enabled or disabled"),
        (ADATUM, "authenticationMethods.Fax.state", "enabled", "there is no method Fax"),
        (ADATUM, "authenticationMethods.policyMigrationState", "done", "migrationComplete"),
        ("nowhere.example", "scope.users", "all", "nowhere.example"),
    ];
    for (tenant, setting, value, says) in cases {
        let refused = portal_user::set(&world, tenant, setting, value).err().map(|error| error.to_string());
        let message = refused.ok_or_else(|| format!("{setting}={value} was taken"))?;
        assert!(message.contains(says), "{message} / {says}");
    }
    let unknown = portal_user::set(&world, CONTOSO, "scope.user", "all").err();
    assert!(matches!(unknown, Some(EditError::UnknownSetting { .. })));
    let listed = unknown.map(|error| error.to_string()).unwrap_or_default();
    assert!(SETTINGS.iter().all(|setting| listed.contains(setting)), "{listed}");
    assert_eq!(world.tenant(CONTOSO)?.password_reset.text(), World::seeded().tenant(CONTOSO)?.password_reset.text());
    portal_user::set(&world, ADATUM, "notifications.users", "false")?;
    Ok(())
}

/// A file of another program, or of somebody else, must not be waited for or take all memory.
#[cfg(unix)]
#[test]
fn a_state_file_that_cannot_be_one_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = World::open(folder.path())?;
    let path = folder.path().join(j(CONTOSO));
    fs::remove_file(&path)?;
    // Sparse, so that it takes no space.
    fs::File::create(&path)?.set_len(64 * 1024 * 1024 + 1)?;
    let refused = world.show(CONTOSO).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(refused.contains("it is larger than 67108864 bytes"), "{refused}");
    fs::remove_file(&path)?;
    fs::create_dir(&path)?;
    let refused = world.show(CONTOSO).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(refused.contains("it is not a regular file"), "{refused}");
    Ok(())
}
