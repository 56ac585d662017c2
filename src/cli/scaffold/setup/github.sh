
# From here on: GitHub. It needs its command line, signed in by an administrator of the repository: gh auth login
REVIEWERS='@contoso/identity'
ENVIRONMENT='ssprctl'
BRANCH='main'
ISSUER='https://token.actions.githubusercontent.com'
CHECK='Plan / Planned'
# People sign in with Azure PowerShell, as with `ssprctl login`.
CLIENT='1950a258-227b-4e31-a9cf-717495945fc2'
LOGIN=${SSPRCTL_LOGIN_URL:-https://login.microsoftonline.com}
# The id of the application GitHub Actions, so that nothing else can report the check.
ACTIONS=15368

# variable NAME VALUE ARGUMENT...: a variable of the repository, or with `--env NAME` of that environment.
variable() {
  variable=$1 content=$2
  shift 2
  look gh variable list --repo "$REPOSITORY" "$@" --json name,value --jq '.[] | "\(.name)=\(.value)"'
  if has "$result" "$variable=$content"; then
    there "the variable $variable"
  else
    change gh variable set "$variable" --repo "$REPOSITORY" "$@" --body "$content"
  fi
}

# no_secret NAME ARGUMENT...: whether there is no such secret; the arguments are those of `variable`.
no_secret() {
  secret=$1
  shift
  look gh secret list --repo "$REPOSITORY" "$@" --json name --jq '.[].name'
  if has "$result" "$secret"; then
    there "the secret $secret"
    return 1
  fi
}

# key NAME ARGUMENT...: a secret of 32 random bytes, which nobody sees.
key() {
  if no_secret "$@"; then
    shift
    printf 'openssl rand -base64 32 | '
    command_line gh secret set "$secret" --repo "$REPOSITORY" "$@"
    changes=$((changes + 1))
    if $run; then
      bytes=$(openssl rand -base64 32) || exit
      printf '%s' "$bytes" | gh secret set "$secret" --repo "$REPOSITORY" "$@" || exit
    fi
  fi
}

# field NAME: the text of this name in $result, which is JSON.
field() {
  printf '%s' "$result" | tr -d '\r\n' | sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"
}

# sign_in NAME WHO ARGUMENT...: a secret with the refresh token of a person, who signs in with a code (RFC 8628). The token
# goes from the answer of the sign-in service to gh, and is not shown.
sign_in() {
  secret=$1 who=$2
  shift 2
  if no_secret "$secret" "$@"; then
    echo "# $who signs in to $LOGIN with a code; the refresh token in the answer goes to:"
    command_line gh secret set "$secret" --repo "$REPOSITORY" "$@"
    changes=$((changes + 1))
    if $run; then
      answer curl --silent --show-error --fail --max-time 60 --data "client_id=$CLIENT" \
        --data-urlencode "scope=$GRAPH_URL/.default offline_access" "$LOGIN/$TENANT/oauth2/v2.0/devicecode"
      code=$(field device_code)
      printf '%s\n' "$(field message)"
      token='' pause=5
      while [ -z "$token" ]; do
        sleep "$pause"
        result=$(printf 'grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=%s&device_code=%s' "$CLIENT" "$code" |
          curl --silent --show-error --max-time 60 --data @- "$LOGIN/$TENANT/oauth2/v2.0/token") || exit
        token=$(field refresh_token)
        case $token:$(field error) in
          :authorization_pending | [!:]*) ;;
          :slow_down) pause=$((pause + 5)) ;;
          :) stop 'the sign-in service gave no token, and no reason that can be read; run this again for a new code' ;;
          *) stop "the sign-in service gave no token ($(field error)); run this again for a new code" ;;
        esac
      done
      printf '%s' "$token" | gh secret set "$secret" --repo "$REPOSITORY" "$@" || exit
      token='' result=''
    fi
  fi
}

# reviewer NAME: adds a user or a team to $reviewers, a list in JSON, and to $identities, a list of lines.
reviewer() {
  account=${1#@}
  count=$((count + 1))
  case $account in
    */*)
      kind=Team
      value "REVIEWER_$count" gh api "orgs/${account%%/*}/teams/${account#*/}" --jq .id
      ;;
    *)
      kind=User
      value "REVIEWER_$count" gh api "users/$account" --jq .id
      ;;
  esac
  reviewers="$reviewers${reviewers:+,}{\"type\":\"$kind\",\"id\":$result}"
  identities="$identities$kind $result$newline"
}

if [ -z "$REPOSITORY" ]; then
  begin 'the repository of this folder at GitHub'
  value REPOSITORY gh repo view --json nameWithOwner --jq .nameWithOwner
  REPOSITORY=$result
fi
if $run && [ -z "$REVIEWERS" ]; then
  step='the reviewers'
  stop 'nobody would agree to an apply: write users or teams into REVIEWERS, such as @contoso/identity'
fi

tenant

begin 'the subject of the tokens that GitHub gives to workflows'
# For repositories made since July 2026 it has ids as well, as in repo:contoso@1/policies@2.
value SUBJECT gh api "repos/$REPOSITORY/actions/oidc/customization/sub" --jq \
  "if .use_default then .sub_claim_prefix // \"repo:$REPOSITORY\" else error(\"the subject is customised\") end"
SUBJECT=$result

application PLAN_CLIENT_ID plan "$PLAN"
PLAN_CLIENT_ID=$application
trust pull-request "$ISSUER" "$SUBJECT:pull_request"
trust "$BRANCH" "$ISSUER" "$SUBJECT:ref:refs/heads/$BRANCH"

application APPLY_CLIENT_ID apply "$APPLY"
APPLY_CLIENT_ID=$application
trust environment "$ISSUER" "$SUBJECT:environment:$ENVIRONMENT"

begin "the environment $ENVIRONMENT: who agrees to an apply, and from which branch"
reviewers='' identities='' count=0
for name in $REVIEWERS; do
  reviewer "$name"
done
environment="repos/$REPOSITORY/environments/$ENVIRONMENT"
look gh api "repos/$REPOSITORY/environments?per_page=100" --jq ".environments[] | select(.name == \"$ENVIRONMENT\") |
  if .deployment_branch_policy == null and all(.protection_rules[]?; .type == \"branch_policy\") then \"no rules\" else
  (.protection_rules[]? | select(.type == \"required_reviewers\") | .reviewers[] | \"\(.type) \(.reviewer.id)\"),
  \"custom \(.deployment_branch_policy.custom_branch_policies)\" end"
if [ -z "$result" ] || [ "$result" = 'no rules' ]; then
  send "{\"reviewers\":[$reviewers],\"prevent_self_review\":true,
\"deployment_branch_policy\":{\"protected_branches\":false,\"custom_branch_policies\":true}}" \
    gh api --silent --method PUT "$environment" --input -
elif [ "$(printf '%s\n' "$result" | sort)" = "$(printf '%scustom true\n' "$identities" | sort)" ]; then
  there "the environment $ENVIRONMENT with its reviewers"
else
  stop "the environment $ENVIRONMENT is there with other rules, which are not overwritten: in the settings of the repository \
give it the reviewers $REVIEWERS and \"selected branches\", or change REVIEWERS in this script"
fi
look gh api "$environment/deployment-branch-policies" --jq '.branch_policies[].name'
if has "$result" "$BRANCH"; then
  there "the environment is for $BRANCH"
else
  change gh api --silent --method POST "$environment/deployment-branch-policies" --field "name=$BRANCH"
fi

begin 'the variables'
variable SSPRCTL_TENANT_ID "$TENANT_ID"
variable SSPRCTL_PLAN_CLIENT_ID "$PLAN_CLIENT_ID"
variable SSPRCTL_APPLY_CLIENT_ID "$APPLY_CLIENT_ID" --env "$ENVIRONMENT"

begin 'the key under which the journals of an apply are encrypted'
key SSPRCTL_CACHE_KEY --env "$ENVIRONMENT"

begin "the rules of $BRANCH: a review, the check, and no push without a pull request"
look gh api "repos/$REPOSITORY/rulesets?per_page=100" --jq '.[].name'
if has "$result" ssprctl; then
  there 'the ruleset ssprctl'
else
  send "{\"name\":\"ssprctl\",\"target\":\"branch\",\"enforcement\":\"active\",
\"conditions\":{\"ref_name\":{\"include\":[\"refs/heads/$BRANCH\"],\"exclude\":[]}},
\"rules\":[{\"type\":\"deletion\"},{\"type\":\"non_fast_forward\"},
{\"type\":\"pull_request\",\"parameters\":{\"required_approving_review_count\":1,\"require_code_owner_review\":true,
\"dismiss_stale_reviews_on_push\":true,\"require_last_push_approval\":true,\"required_review_thread_resolution\":false}},
{\"type\":\"required_status_checks\",\"parameters\":{\"strict_required_status_checks_policy\":false,
\"required_status_checks\":[{\"context\":\"$CHECK\",\"integration_id\":$ACTIONS}]}}]}" \
    gh api --silent --method POST "repos/$REPOSITORY/rulesets" --input -
fi

if [ "$SURFACES" = all ]; then
  begin 'the sign-ins for the settings of the portal, which take a person'
  sign_in SSPRCTL_PLAN_REFRESH_TOKEN 'somebody who may read them (Global Reader)'
  sign_in SSPRCTL_APPLY_REFRESH_TOKEN 'somebody who may write them (Authentication Policy Administrator)' --env "$ENVIRONMENT"
fi

check
