#!/usr/bin/env python3
"""What is to be done with the issues about drift. gitlab.py and azure.py do it, and import this. It needs Python 3.9 or newer.

There is one issue for each tenant that drifted, and one for each drift that at least three tenants have in common: a tenant
without any drift of its own has none of its own. The lines of such an issue that begin with a code span name its tenants. It
is closed when each of them was compared and fewer than three tenants have the drift any more; a tenant that it lists and that
was not compared stays listed. The issue of a tenant that could not be compared stays as it is.
"""
import re
from dataclasses import dataclass, field

OWN, COMMON = "Drift: ", "Common drift: "
# The bytes for tenants that were not compared; more are counted. GitLab and Azure DevOps take far more.
ROOM = 100_000
NONE = "No tenant has drifted in this way any more"
FEWER = "Fewer than three tenants have drifted in this way now, and each has an issue of its own"
ELSEWHERE = "Each setting that has drifted in this tenant is in an issue about tenants with the same drift"


@dataclass
class Step:
    """One thing to do: `write` opens or updates the issue of a title, `close` closes it, `leave` only says why it stays."""

    do: str
    title: str
    # Below the folder of `ssprctl drift --issues`, for `write`.
    file: str = ""
    # What follows the text of the file, for `write`; why, for the others.
    text: str = ""
    # The titles of the issues to which a closed one leads.
    see: list = field(default_factory=list)


def listed(text):
    """The tenants that the text of an issue names."""
    return re.findall(r"^- `([A-Za-z0-9.-]+)`", text, re.MULTILINE)


def missing_text(names):
    """What follows the text of an issue that named these tenants before, and the run did not compare them."""
    if not names:
        return ""
    lines = [f"- `{name}`" for name in names]
    if sum(map(len, lines)) > ROOM:
        lines = [f"- and {len(names)} more"]
    return "\n".join(["\nListed before, and not compared as a whole by the last run:\n", *lines, ""])


def title_of(key):
    return COMMON + key.replace("-", " ")


def common_steps(result, tenants, opened):
    """What is done first, what is done last, and the tenants that each open issue about common drift covers then."""
    sharing = {one["key"]: one["tenants"] for one in result.get("common", [])}
    known = {title[len(COMMON):].replace(" ", "-") for title in opened if re.fullmatch(COMMON + "[a-z0-9 ]+", title)}
    first, last, covers = [], [], {}
    for key in sorted({*sharing, *known}):
        title, text = title_of(key), opened.get(title_of(key), "")
        before = listed(text)
        # No policy names the others any more.
        missing = sorted({name for name in before if name in tenants and not tenants[name]["complete"]})
        is_whole = bool(before) and not re.search(r"^- and \d+ more", text, re.MULTILINE)
        if key in sharing:
            missing = [name for name in missing if name not in sharing[key]]
            covers[key] = set(sharing[key])
            first.append(Step("write", title, f"common/{key}.md", missing_text(missing)))
        elif missing or not (is_whole or all(tenant["complete"] for tenant in tenants.values())):
            covers[key] = set(before)
            first.append(Step("leave", title, text="not every tenant that it lists was compared"))
        else:
            left = any(key in keys_of(tenant) for tenant in tenants.values())
            last.append(Step("close", title, text=FEWER if left else NONE))
    return first, last, covers


def keys_of(tenant):
    """The keys of what drifted in a tenant; results of earlier versions have none."""
    return sorted({setting.get("key", "") for setting in tenant["settings"]})


def steps(result, opened):
    """What to do after a comparison, in order. `opened` are the texts of the open issues by their titles."""
    tenants = {tenant["tenant"]: tenant for tenant in result["tenants"]}
    first, last, covers = common_steps(result, tenants, opened)
    own = []
    for name, tenant in tenants.items():
        title, keys = OWN + name, keys_of(tenant)
        if keys and tenant["complete"] and all(name in covers.get(key, ()) for key in keys):
            if title in opened:
                own.append(Step("close", title, text=ELSEWHERE, see=[title_of(key) for key in keys]))
        elif keys:
            own.append(Step("write", title, f"{name}.md"))
        elif not tenant["complete"]:
            own.append(Step("leave", title, text="not everything could be compared"))
        elif tenant.get("pending"):
            own.append(Step("leave", title, text="nothing drifted, and what is merged is not applied yet"))
        elif title in opened:
            own.append(Step("close", title, text="There is no drift any more"))
    for title in opened:
        if title.startswith(OWN) and title[len(OWN):] not in tenants:
            last.append(Step("close", title, text="No policy is for this tenant any more"))
    return first + own + last
