"""The same drift in three tenants: one issue for it, until each of them was compared and it is gone."""
from shared.tenants import OTHERS, commit

POLICY = """version: 1
tenant: {}
scope:
  administrators: true
"""


def play(project, schedule, show):
    """Lets three tenants drift, and puts it back while one of them cannot be read. `schedule` runs the comparison of a commit,
    `show` what there is to see then."""
    def turn(value, *names):
        for name in names:
            project.tenants.change("scope.administrators", value, name)

    for name in OTHERS:
        (project.repository / f"policies/{name.partition('.')[0]}.yaml").write_text(POLICY.format(name))
    sha = commit(project.repository, "Take over three tenants")
    turn("false", *OTHERS[:2])
    turn("true", OTHERS[2])
    schedule("two of three have drifted in the same way", sha)
    show()
    turn("false", OTHERS[2])
    schedule("the third one, too", sha)
    show()
    turn("true", *OTHERS[:2])
    apps = project.tenants.withdraw(OTHERS[2])
    schedule("two are put back, and the third cannot be read", sha)
    show()
    project.tenants.consent(OTHERS[2], apps)
    turn("true", OTHERS[2])
    schedule("the third is put back, too", sha)
    show()
