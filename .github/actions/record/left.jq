# A line for each pull request: its number, and what is left of it as items of a list, separated by `;`. Tenants that are left
# for the same reason are one item.
def words: {
    "busy": "another run works on it", "declined": "not approved", "incomplete": "not every change succeeded",
    "not-begun": "not started", "refused": "not applied, because of what its plan found", "rolled-back": "a change failed, and the others were taken back",
    "stale": "no longer as reviewed", "unreadable": "could not be read", "unrecorded": "its journal could not be written"
  }[.] // .;
.outcomes[] | [.number, ([.left | group_by(.state)[] | (.[0].state | words) as $state
  | [.[].tenant | gsub("[^A-Za-z0-9.-]"; "") | select(. != "") | "`\(.)`"] as $names
  | "- " + (if $names == [] then "" else ($names[:8] | join(", ")) + (if ($names | length) > 8 then " and \(($names | length) - 8) more" else "" end) + ": " end)
    + $state] | join(";"))] | @tsv
