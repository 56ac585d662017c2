//! The look of the files that `import` writes.

use std::error::Error;

use ssprctl::testing::policy::document::PolicyFile;
use ssprctl::testing::policy::write::to_yaml;

#[test]
fn a_written_policy_reads_like_one_that_a_person_wrote() -> Result<(), Box<dyn Error>> {
    let document: PolicyFile = serde_json::from_value(serde_json::json!({
        "writeback": {"passwords": true, "unlockWithoutReset": false},
        "helpdesk": {"link": "https://help.contoso.com/password"},
        "securityQuestions": {"toRegister": 5, "questions": [
            {"predefined": "What is your oldest sibling's birthday month and year? (for example, November 1985)"},
            {"custom": "Who founded: the \"Hamburg\" office?"},
        ]},
        "methods": {"allowed": ["mobileAppCode", "email"], "required": 2},
        "scope": {"users": "selected", "group": "yes"},
        "registration": {},
        "cloud": "usGov", "tenant": "7f1c9b52-8a7e-4c0d-9a55-3f6f0a4f2b11", "version": 1,
    }))?;
    let comments = ["helpdesk: read at\n- sneaky: true".to_owned(), String::new(), "scope: not allowed".to_owned()];
    insta::assert_snapshot!(to_yaml(&document, "../schemas/policy.json", &comments)?, @r##"
    # yaml-language-server: $schema=../schemas/policy.json
    # helpdesk: read at - sneaky: true
    #
    # scope: not allowed
    version: 1
    tenant: 7f1c9b52-8a7e-4c0d-9a55-3f6f0a4f2b11
    cloud: usGov

    scope:
      users: selected
      group: "yes"

    methods:
      required: 2
      allowed:
        - mobileAppCode
        - email

    securityQuestions:
      toRegister: 5
      questions:
        - predefined: What is your oldest sibling's birthday month and year? (for example, November 1985)
        - custom: "Who founded: the \"Hamburg\" office?"

    registration: {}

    helpdesk:
      link: https://help.contoso.com/password

    writeback:
      passwords: true
      unlockWithoutReset: false
    "##);
    Ok(())
}
