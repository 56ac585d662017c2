"""Workflows that are broken on purpose, and what notices each.

A mutation changes one text of the action's repository, or of what `init` wrote into the policies, and one scenario is played
with it. It counts as noticed when the difference from what is expected, or what went wrong, has the text that is named here.
A mutation whose text is not there any more is an error, so this list follows the workflows.
"""

from dataclasses import dataclass

ACTION, POLICIES = "contoso/ssprctl", "contoso/policies"
APPLY, PLAN, DRIFT, COMMENT = (f".github/workflows/{name}.yml" for name in ("apply", "plan", "drift", "comment"))


@dataclass
class Mutation:
    """One change, the scenario that is played with it, and a text that only the noticing has."""

    name: str
    repository: str
    path: str
    old: str
    new: str
    scenario: str
    noticed: str


MUTATIONS = [
    Mutation(
        "the secret of apply in the place of that of plan", POLICIES, PLAN,
        "refresh-token: ${{ secrets.SSPRCTL_PLAN_REFRESH_TOKEN }}", "refresh-token: ${{ secrets.SSPRCTL_APPLY_REFRESH_TOKEN }}",
        "pull_request", "-   signed in as global.reader",
    ),
    Mutation(
        "a permission that the calling job lacks", POLICIES, APPLY,
        "      actions: read # to fetch the reviewed plan\n", "",
        "first_push", "requesting 'actions: read', but is only allowed 'actions: none'",
    ),
    Mutation(
        "a permission that the called job lacks", ACTION, PLAN,
        "      pull-requests: write # to write the comment\n", "      pull-requests: read\n",
        "pull_request", "Resource not accessible by integration (HTTP 403)",
    ),
    Mutation(
        "no permission for OIDC where it is applied", ACTION, APPLY,
        "      id-token: write # to sign in to Entra without a stored secret\n      pull-requests: read # to find", "      pull-requests: read # to find",
        "merge", "-   signed in as the application 0001, by OIDC for repo:contoso/policies:environment:ssprctl",
    ),
    Mutation(
        "a failed command that counts as done", ACTION, ".github/actions/run/run",
        '[[ $code == 0 || $code == 2 ]] || exit "$code"', '[[ $code == 0 || $code == 2 ]] || true',
        "pull_request", "+-- Plan / Plan: success",
    ),
    Mutation(
        "a policy test that fails and counts as done", ACTION, PLAN,
        " && $TESTED == success ]]", " ]]",
        "pull_request", "+-- Plan / Planned: success",
    ),
    Mutation(
        "an artifact without half of the files", ACTION, PLAN,
        "path: ${{ steps.plan.outputs.directory }}\n          overwrite: true\n          retention-days: 90",
        "path: ${{ steps.plan.outputs.directory }}/review.json\n          overwrite: true\n          retention-days: 90",
        "pull_request", "There is no result",
    ),
    Mutation(
        "a marker that is another one in each run", ACTION, ".github/actions/comment/comment",
        "marker=${first/ -->/${INSTANCE:+ $INSTANCE} -->}", "marker=${first/ -->/ $GITHUB_RUN_ID -->}",
        "pull_request", "AssertionError",
    ),
    Mutation(
        "a run that the next push does not cancel", POLICIES, PLAN,
        "  cancel-in-progress: true\n", "  cancel-in-progress: false\n",
        "pull_request", "-== Plan (pull_request of pull request 1): cancelled",
    ),
    Mutation(
        "an apply outside of its environment", ACTION, APPLY,
        "    environment: ${{ inputs.environment }}\n", "",
        "merge", "-== Apply: waits for approval of Apply / Apply",
    ),
    Mutation(
        "code scanning that fails the plan", ACTION, PLAN,
        "        continue-on-error: true # code scanning is not in every repository\n", "",
        "merge", "+== Plan (pull_request of pull request 1): failure",
    ),
    Mutation(
        "an apply that plans for itself", ACTION, APPLY,
        "            --plan\n            ${{ steps.choose.outputs.plan-file }}\n", "",
        "stale", "AssertionError",
    ),
    Mutation(
        "a fork that is planned with credentials", ACTION, PLAN,
        "if: github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository",
        "if: github.event_name == 'pull_request'",
        "fork", "+-- Plan / Plan: failure",
    ),
    Mutation(
        "a comment wherever a fork says", ACTION, COMMENT,
        '[[ $pull == "$HEAD $FORK" ]] ||', "true ||",
        "fork", "AssertionError",
    ),
    Mutation(
        "an issue that nobody closes", ACTION, ".github/actions/issues/plan.jq",
        '(if $whole and $tenants != [] then "gone"', '(if false then "gone"',
        "left", "-- issue: Drift: fabrikam.onmicrosoft.com [ssprctl-drift] open",
    ),
    Mutation(
        "an issue about common drift that forgets a tenant", ACTION, ".github/actions/issues/plan.jq",
        "elif ($missing == []) and ", "elif ",
        "common", "+     closed Common drift: scope administrators 95c7621a",
    ),
    Mutation(
        "one comment for two callers", ACTION, ".github/actions/comment/comment",
        "marker=${first/ -->/${INSTANCE:+ $INSTANCE} -->}", "marker=$first",
        "callers", "-   > <!-- ssprctl:plan europe -->",
    ),
    Mutation(
        "an apply that forgets what it saw", ACTION, APPLY,
        "      - name: Store what this run saw\n        if: always() && steps.apply.outputs.directory != ''", "      - name: Forget\n        if: false",
        "pending", "it is unknown whether the tenant or the policy changed",
    ),
    Mutation(
        "a sign of life without a comparison", ACTION, DRIFT,
        "if: \"!cancelled() && (steps.drift.outputs.exit-code == '0' || steps.drift.outputs.exit-code == '2')\"", "if: always()",
        "heartbeat", "+-- calls of the monitor: 2",
    ),
    Mutation(
        "an apply of one ring that goes on to the others", ACTION, APPLY,
        "            ${{ steps.choose.outputs.plan-file }}\n            ${{ inputs.ring != '' && '--ring' || '' }}\n            ${{ inputs.ring }}\n",
        "            ${{ steps.choose.outputs.plan-file }}\n",
        "ring", "+     ring rest (2 of 2)",
    ),
    Mutation(
        "a required check that cannot fail", ACTION, PLAN,
        "[[ $RESULTS == *success* && $RESULTS != *failure* && $RESULTS != *cancelled* && $TESTED == success ]]", "true",
        "merge_group", "+-- Plan / Planned: success",
    ),
]
