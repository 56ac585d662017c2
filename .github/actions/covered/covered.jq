# What a plan has that none of the reviewed plans showed. $plan is the plan, $reviewed are those of the pull requests in the
# order of their merges. A change was reviewed if the last of them that changes this setting of this tenant sets the same
# value, and one of them begins at the value that it begins at. A finding was reviewed if one of them has it with the same
# severity and text, an exception if one of them has it with the same value and day. `exceptions` are those that were not reviewed, `uncovered` the tenants with a setting or a finding that
# was not reviewed, and `paths` the policies of the tenants whose changes and findings were all reviewed; none of them while
# an exception was not reviewed. find_not_reviewed in src/cli/scaffold/ci/merge_queue.py says the same for GitLab and Azure
# DevOps; tests/pipelines/shared/comparison.py compares the two.
def key: {kind, name, path, value, percent, expires, says};
def seen: {code, severity, message};
[$reviewed[].exceptions[]? | key] as $excepted
| [$plan.exceptions[]? | key | select(IN($excepted[]) | not)] as $exceptions
| [$plan.tenants[] | . as $new
    | [$reviewed[].tenants[] | select((.tenant | ascii_downcase) == ($new.tenant | ascii_downcase))] as $old
    | {
        tenant, path,
        changes: (.changes | length),
        settings: [.changes[] | . as $change
          | [$old[].changes[] | select(.setting == $change.setting)] as $same
          | select($same == [] or $same[-1].after != $change.after or all($same[]; .before != $change.before)) | .setting],
        findings: ([.findings[] | select(seen | IN($old[].findings[] | seen) | not) | .code] | unique)
      }] as $tenants
| {
    exceptions: [$exceptions[] | {kind, name, path}],
    uncovered: [$tenants[] | select(.changes > 0 and (.settings != [] or .findings != []))],
    paths: (if $exceptions != [] then [] else [$tenants[] | select(.changes > 0 and .settings == [] and .findings == []) | .path] end)
  }
