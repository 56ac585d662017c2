# What became of each pull request in the queue. $applied is the result of apply, $again that of the plan that was made anew,
# both null where there is none; $reviewed has the reviewed plan of each pull request by its number.
def same($name): select((.tenant | ascii_downcase) == ($name | ascii_downcase));
def state($name):
  ([$applied.tenants[]? | same($name)][0]) as $done
  | ([$again.tenants[]? | same($name)][0]) as $new
  | if $done.ending == "applied" or $done.ending == "matched" then "applied"
    elif $done != null then $done.ending // "failed"
    elif $again != null and $new == null then (if $ring then "applied" else "its policy is no longer where it was" end)
    elif $new != null and $new.complete == true and $new.changes == [] then "applied"
    elif $again == null and $applied != null and $ring then "applied"
    elif any($uncovered.uncovered[]?; same($name)) then
      "not as reviewed (\([$uncovered.uncovered[] | same($name) | (.settings + .findings)[]] | join(", ")))"
    else "not applied" end;
[$queue.waiting[] | . as $pull
  | ($reviewed[.number | tostring]) as $plan
  | (if $all then (if $applied.exitCode == 0 then [] else [{tenant: "", state: "not applied"}] end)
     elif $plan == null then [{tenant: "", state: "it has no reviewed plan"}]
     else [$plan.tenants[] | select(.changes != []) | {tenant, state: state(.tenant)}] end) as $tenants
  | {pull: (. + {tried: true}), left: [$tenants[] | select(.state != "applied")]}] as $pulls
| {
    commit: $queue.commit,
    waiting: [$pulls[] | select(.left != []) | .pull],
    unreviewed: (if $all and $applied.exitCode == 0 then [] else $queue.unreviewed // [] end),
    outcomes: [$pulls[] | {number: .pull.number, left}]
  }
