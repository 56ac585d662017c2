# What is to be done with the issues of a comparison, one line each: what, the number of the issue or 0, its title, and what that
# takes. $issues are the open issues of our own. $whole is whether the run was about all tenants of these issues.
#
# A drift that several tenants have in common has one issue, whose lines that begin with a code span name its tenants. It is
# closed when each of them was compared and fewer than three tenants have the drift any more. A tenant that it lists and
# that was not compared stays listed.
def prefix: "Common drift: ";
def listed: [split("\n")[] | capture("^- `(?<name>[A-Za-z0-9.-]+)`").name] | unique;
def number($title): first(($issues[] | select(.title == $title) | .number), 0);
def spaced: gsub("-"; " ");

# A tenant is a domain or an id; anything else has no place in a title or a file's name.
[.tenants[] | select(.tenant | test("^[A-Za-z0-9.-]+$"))] as $tenants
| [(.common // [])[] | select(.key | test("^[a-z0-9-]+$"))] as $common
| (reduce $tenants[] as $tenant ({}; .[$tenant.tenant] = $tenant)) as $by_name
| (reduce $common[] as $one ({}; .[$one.key] = $one.tenants)) as $sharing
| def left_out: . as $name | $by_name[$name] == null and $whole;
  def compared: . as $name | $by_name[$name].complete == true;
  def keys_of: [.settings[] | .key // ""];

# The issues about common drift, with the tenants that each covers after this run.
  ([$common[] | .key] + [$issues[].title | select(test("^" + prefix + "[a-z0-9 ]+$")) | .[(prefix | length):] | gsub(" "; "-")] | unique) as $all
| [
    $all[] as $key
    | (prefix + ($key | spaced)) as $title
    | number($title) as $number
    | first(($issues[] | select(.number == $number) | .body // "" | gsub("\r"; "")), "") as $body
    | ($body | listed) as $before
    | [$before[] | select((compared or left_out) | not)] as $missing
    | ($before == [] or ($body | test("(^|\n)- and [0-9]+ more"))) as $unlisted
    | {key: $key, title: $title, number: $number}
    + if $sharing[$key] then
        ($missing - $sharing[$key]) as $missing
        | {do: (if $number == 0 then "open-common" else "update-common" end), missing: $missing, covers: $sharing[$key]}
      elif ($missing == []) and (($unlisted | not) or ($whole and all($tenants[]; .complete))) then
        {do: "close-common", covers: [], missing: [], left: ([$tenants[] | select(keys_of | index($key))] | length)}
      else
        {do: "leave-common", missing: $missing, covers: $before}
      end
  ] as $common_issues
| (reduce $common_issues[] as $one ({}; .[$one.key] = $one.covers)) as $covers

| [
    $tenants[]
    | .tenant as $name
    | ("Drift: " + $name) as $title
    | {tenant: $name, title: $title, number: number($title), keys: (keys_of | unique)}
    + if .settings != [] then
        if .complete and all(keys_of[]; . as $key | ($covers[$key] // []) | index($name)) then {do: "common"} else {do: "drifted"} end
      elif (.pending // []) != [] then {do: "pending"}
      elif .complete then {do: "clean"}
      else {do: "unknown"} end
  ] as $own

| ($common_issues[] | select(.do != "close-common") | [.do, .number, .title, .key, (.missing | join(" "))]),
  ($own[] | [.do, .number, .title, .tenant, (.keys | join(" "))]),
  ($common_issues[] | select(.do == "close-common") | [.do, .number, .title, .key, .left]),
  ($issues[] | select(.title | startswith("Drift: ")) | .title[7:] as $name
    | select($by_name[$name] == null)
    | [(if $whole and $tenants != [] then "gone" else "elsewhere" end), .number, .title, "", ""])
| @tsv
