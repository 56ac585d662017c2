//! The page on permissions: what each command needs, from the table that messages and `doctor` use as well.

use crate::client::{Permission, RequiredAccess, permissions};

/// The commands, with what each asks permissions for.
const COMMANDS: [(&str, RequiredAccess); 9] = [
    ("`plan`, `import`, `doctor`", RequiredAccess::Read),
    (
        "`forecast`, `advise`, `plan --impact`, `controller --count-people`, and `plan` where `limits.losing` or a `readiness` is set",
        RequiredAccess::ReadPeople,
    ),
    ("`why`", RequiredAccess::ReadPerson),
    ("`drift`", RequiredAccess::ReadAudit),
    ("`show`, `conformance`", RequiredAccess::ReadReports),
    ("`show --registration`", RequiredAccess::ReadRegistration),
    ("`apply`, `rollback`", RequiredAccess::Write),
    (
        "`apply` and `controller --remediate` where `limits.losing` or a `readiness` is set",
        RequiredAccess::WriteLimited,
    ),
    ("`conformance --write`", RequiredAccess::WriteAll),
];

const HEAD: &str = "\
<!-- made by `SSPRCTL_BLESS=1 cargo test --test generated`; do not edit -->
<!-- markdownlint-disable MD013 -->

# Permissions

What each command needs, the least that is known to be enough. A delegated permission is for a person's token, an
application permission for an application's; a person also needs one of the roles. Nothing is requested that a policy does
not depend on: leave a section out, and its rows do not count.

- Where people sign in with an application of your own (`login --client-id`), each command asks for its own permissions by
  name: `plan` and `drift` ask for nothing that writes.
- Microsoft's own public clients and the Azure CLI have what Microsoft consented to for them; nothing less can be requested.
- Application permissions are granted by an administrator and are all in each token; nothing less can be requested. Use two
  applications: one that reads, for pull requests and schedules, and one that writes, for the protected branch.
- `why` knows which policy holds for an administrator where the token may also read roles (`RoleManagement.Read.Directory`
  or `Directory.Read.All`). It does not ask for that; without it, that is unclear.
- The portal API lets in people only. Nobody outside Microsoft knows which roles it really asks for: the roles are those of
  Microsoft's pages on the portal's own buttons.
";

/// The text of `docs/permissions.md`.
#[must_use]
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for (commands, purpose) in COMMANDS {
        page.push_str(&format!("\n## {commands}\n\n"));
        page.push_str("| to | at | delegated | application | role |\n|---|---|---|---|---|\n");
        for Permission { action, service, delegated, application, also, roles, writes: _ } in permissions(purpose) {
            let name = |permission: Option<&str>, none: &str| {
                let all =
                    permission.into_iter().chain(permission.is_some().then_some(also).into_iter().flatten().copied());
                let all: Vec<_> = all.map(|name| format!("`{name}`")).collect();
                if all.is_empty() { none.to_owned() } else { all.join(", ") }
            };
            let (delegated, application) = (name(delegated, "–"), name(application, "not supported"));
            page.push_str(&format!(
                "| {action} | {} | {delegated} | {application} | {roles} |\n",
                service.display_name()
            ));
        }
    }
    page
}
