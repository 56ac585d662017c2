"""What happens where requests are merged faster than they are applied: the same for GitLab and Azure DevOps.

`project` can `propose` a change, which is planned, `bring` it into main, run what a merge starts with `after_merge` and what a
person starts with `by_hand`, and `show` the comments on a request."""
import json
import sys

from shared.tenants import OTHER, TENANT

CONTOSO, BASELINE, ADATUM = "policies/contoso.yaml", "policies/baseline.yaml", "policies/adatum.yaml"


def document(project, key):
    """A value of the password reset document of Contoso, as it is in the tenant."""
    return json.loads(project.tenants.file(TENANT).read_text())["passwordReset"][key]


def check_comparison(project):
    """Compares plans as the script does that `ssprctl init` writes."""
    sys.path.insert(0, str(project.repository / "ci"))
    sys.dont_write_bytecode = True
    from merge_queue import find_not_reviewed

    def plan(before, after, *messages, waived=()):
        findings = [{"code": "rule", "severity": "warning", "message": message} for message in messages]
        changes = [{"setting": "methods.required", "before": before, "after": after}]
        return {"tenants": [{"tenant": TENANT, "path": CONTOSO, "changes": changes, "findings": findings}],
                "exceptions": [{"kind": "waiver", "name": name, "path": CONTOSO} for name in waived]}

    def not_reviewed(new, *reviewed):
        compared = find_not_reviewed(new, list(reviewed))
        return compared["tenants"][TENANT]["not_reviewed"] + compared["exceptions"]

    assert not_reviewed(plan(1, 2), plan(1, 2)) == []
    # The last request that sets the value decides, and one of them began at what the tenant has.
    assert not_reviewed(plan(1, 3), plan(1, 2), plan(2, 3)) == []
    assert not_reviewed(plan(1, 2), plan(1, 2), plan(2, 1)) == ["methods.required"]
    assert not_reviewed(plan(0, 2), plan(1, 2)) == ["methods.required"]
    # A second finding of a rule is a new one, and so is an exception.
    assert not_reviewed(plan(1, 2, "one", "two"), plan(1, 2, "one")) == ["rule"]
    assert not_reviewed(plan(1, 2, waived=["one", "two"]), plan(1, 2, waived=["one"])) == ["two"]


def play(project):
    check_comparison(project)

    def change(name, path, old, new):
        text = (project.repository / path).read_text()
        assert old in text, f"{path} has no {old}"
        return project.propose(name, {path: text.replace(old, new)})

    link, days = "customHelpdeskEmailOrUrl", "registrationReconfirmIntevalInDays"
    required = "numberOfAuthenticationMethodsRequired"
    project.say("#### two requests of one base")
    first = change("days", CONTOSO, "reconfirmAfterDays: 90", "reconfirmAfterDays: 60")
    second = change("notify", BASELINE, "users: true", "users: false")
    merges = [project.bring(request) for request in (first, second)]
    project.after_merge("the first is applied exactly as it was reviewed", merges[0])
    assert document(project, days) == 60
    # A setting that no policy manages: nobody reviewed it, and nothing may put it back.
    assert document(project, required) == 1
    project.tenants.change("methods.required", "2")
    project.after_merge("the second is planned again: all of it was reviewed, and what nobody manages stays", merges[1])
    assert (document(project, "notifyUsersOnPasswordReset"), document(project, required)) == (False, 2)
    project.show(second)

    project.say("#### three requests are merged quickly, and two of their runs never begin")
    requests = [change("link", CONTOSO, "/password", "/reset"),
                change("ask", BASELINE, "requiredAtSignIn: true", "requiredAtSignIn: false"),
                change("warn", BASELINE, "administrators: true", "administrators: false")]
    merges = [project.bring(request) for request in requests]
    project.after_merge("the third run applies what all three brought", merges[2])
    assert document(project, link) == "https://help.contoso.com/reset"
    assert (document(project, "registrationRequiredOnSignIn"), document(project, "notifyOnAdminPasswordReset")) == (False, False)
    for request in requests:
        project.show(request)
    project.after_merge("the first run begins after that: nothing is put back", merges[0])

    project.say("#### one of two tenants was changed since its review")
    project.tenants.change("scope.administrators", "false", OTHER)
    stale = change("number", CONTOSO, "/reset", "/number")
    other = change("adatum", ADATUM, "administrators: true", "administrators: true # again")
    project.tenants.change("helpdesk.link", "https://portal.contoso.com")
    merges = [project.bring(request) for request in (stale, other)]
    project.after_merge("that one is held back and waits, the other is applied", merges[1])
    assert document(project, link) == "https://portal.contoso.com"
    for request in (stale, other):
        project.show(request)
    third = change("later", CONTOSO, "/number", "/number # the new one")
    project.after_merge("the next request shows the tenant as it is, so what waits is applied with it", project.bring(third))
    assert document(project, link) == "https://help.contoso.com/number"
    for request in (stale, third):
        project.show(request)

    project.say("#### a person applies everything, after which nothing waits")
    project.tenants.change("helpdesk.link", "https://portal.contoso.com")
    last = change("once more", CONTOSO, "/number", "/more")
    project.tenants.change("helpdesk.link", "https://elsewhere.contoso.com")
    merged = project.bring(last)
    project.after_merge("it is held back", merged)
    project.by_hand("somebody reads the plan of everything and starts its apply", merged)
    assert document(project, link) == "https://help.contoso.com/more"
    (project.repository / "policies" / "README.md").write_text("Who to ask\n")
    project.after_merge("a push that changes no policy waits for nothing", project.commit_to_main("Say who to ask"))
