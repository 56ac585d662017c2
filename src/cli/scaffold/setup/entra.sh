#!/bin/sh
# Sets up what the pipelines of this repository need. It can be run again at any time: what is there is left as it is.
#
#   sh setup         prints the commands, and runs none
#   sh setup --run   runs those whose result is not there yet, and then `ssprctl doctor`
#
# It needs the Azure CLI, signed in to the tenant by somebody who may give applications permissions:
# az login --tenant contoso.onmicrosoft.com --allow-no-subscriptions
# shellcheck disable=SC2016 # a $ that is printed
set -eu

TENANT='contoso.onmicrosoft.com'
REPOSITORY='contoso/policies'
SURFACES='all' # with the portal
SURFACES='graph' # without the portal

# Microsoft Graph, and the permissions that each application gets, by id and name. Remove the # of what your policies
# have: `ssprctl doctor` names what is missing.
GRAPH='00000003-0000-0000-c000-000000000000'
GRAPH_URL='https://graph.microsoft.com'
AUDIENCE='api://AzureADTokenExchange'
READ='
498476ce-e0fe-48b0-b801-37ba7e2685c6 Organization.Read.All
246dd0d5-5bd0-4def-940b-0421030a5b68 Policy.Read.All
8e3bc81b-d2f3-4b7b-838c-32c88218d2f0 Policy.Read.AuthenticationMethod
07d67222-3a10-4d3b-9ddc-b8aa43198a00 Group.ReadBasic.All
8222c640-cae5-4860-8d11-b32cfad95e03 GroupMember.ReadBasic.All
e2f98668-2877-4f38-a2f4-8202e0717aa1 LicenseAssignment.Read.All
#dc377aa6-52d8-4e23-b271-2a7ae04cedf3 DeviceManagementConfiguration.Read.All for windowsSignIn
#df021288-bdef-4463-88db-98f22de89214 User.Read.All for limits.losing and plan --impact
#b0afded3-3588-46d8-8b3d-9842eff778da AuditLog.Read.All for limits.losing and plan --impact
'
PLAN="$READ
b0afded3-3588-46d8-8b3d-9842eff778da AuditLog.Read.All
"
APPLY="$READ
fb221be6-99f2-473f-bd32-01c6a0e9ca3b Policy.ReadWrite.Authorization
29c18626-4985-4dcd-85c0-193eef327366 Policy.ReadWrite.AuthenticationMethod
#01c0a623-fc9b-48e9-b794-0756f8e8f067 Policy.ReadWrite.ConditionalAccess for registration.allowedFrom
#9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30 Application.Read.All for registration.allowedFrom
#9241abd9-d0e6-425a-bd4f-47ba86e767a4 DeviceManagementConfiguration.ReadWrite.All for windowsSignIn
"

run=false
case "$#:${1-}" in
  0:) ;;
  1:--run) run=true ;;
  *)
    echo 'usage: sh setup [--run]' >&2
    exit 1
    ;;
esac

step='the start'
changes=0
newline='
'

# Says where the script stopped and how to go on, unless it ends well.
ended() {
  code=$?
  if [ "$code" != 0 ]; then
    if [ "$run" = true ]; then again='sh setup --run'; else again='sh setup'; fi
    printf 'setup stopped at: %s\ncorrect that, and run "%s" again: what is done is not done twice\n' "$step" "$again" >&2
  fi
}
trap ended EXIT

# begin WHAT: begins a step.
begin() {
  step=$1
  printf '\n# %s\n' "$step"
}

# stop WHY: ends the script.
stop() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

# there WHAT: says that nothing has to be done.
there() {
  printf '# there already: %s\n' "$1"
}

# command_line WORD...: prints a command as it can be typed. A word with a variable is put in double quotes.
command_line() {
  text=
  for word; do
    case $word in
      *'$'*) word=\"$(printf '%s' "$word" | sed 's/["`\\]/\\&/g')\" ;;
      *[!A-Za-z0-9_./:=@,-]* | '') word=\'$(printf '%s' "$word" | sed "s/'/'\\\\''/g")\' ;;
    esac
    text="$text${text:+ }$word"
  done
  printf '%s\n' "$text"
}

# answer COMMAND...: sets $result to the lines that a command prints.
answer() {
  result=$("$@") || exit
  result=$(printf '%s\n' "$result" | tr -d '\r')
}

# look COMMAND...: the same for a command that only reads; no lines if nothing is run.
look() {
  result=
  if $run; then
    answer "$@"
  fi
}

# value NAME COMMAND...: the same for a value that later commands need. If nothing is run, prints how to set a variable, and
# the later commands are printed with the name of the variable.
value() {
  line=$(shift && command_line "$@")
  if $run; then
    printf '%s\n' "$line"
    shift
    answer "$@"
  else
    printf '%s=$(%s)\n' "$1" "$line"
    result="\$$1"
  fi
}

# change COMMAND...: prints a command, and runs it. Sets $result to what it prints.
change() {
  command_line "$@"
  changes=$((changes + 1))
  result=
  if $run; then
    answer "$@"
  fi
}

# send TEXT COMMAND...: the same for a command that reads a text from its standard input.
send() {
  body=$1
  shift
  printf '%s <<END\n%s\nEND\n' "$(command_line "$@")" "$body"
  changes=$((changes + 1))
  if $run; then
    printf '%s\n' "$body" | "$@" > /dev/null || exit
  fi
}

# has LINES LINE: whether one of the lines is this.
has() {
  printf '%s\n' "$1" | grep -Fqx -e "$2"
}

# application VARIABLE NAME PERMISSIONS: an application with these permissions and the consent to them. Sets
# $application to its client id. If nothing is run, the later commands are printed with the name of the variable.
application() {
  begin "the application that may $2"
  title="ssprctl $2 of $REPOSITORY"
  look az ad app list --display-name "$title" --query "[?displayName=='$title'].appId" --output tsv
  case $result in
    *"$newline"*) stop "several applications are called \"$title\": delete those that are not used" ;;
    '')
      value "$1" az ad app create --display-name "$title" --sign-in-audience AzureADMyOrg --query appId --output tsv
      changes=$((changes + 1))
      ;;
    *) there "$title, $result" ;;
  esac
  application=$result
  look az ad sp list --filter "appId eq '$application'" --query '[].id' --output tsv
  if [ -z "$result" ]; then
    change az ad sp create --id "$application" --query id --output tsv
  fi
  principal=$result

  begin "the permissions of the application that may $2"
  wanted=$(printf '%s' "$3" | sed -n 's/^\([0-9a-f][0-9a-f-]*\) .*/\1/p' | sort -u)
  printf '%s' "$3" | sed -n 's/^[0-9a-f][0-9a-f-]* \(.*\)/# \1/p' | sort -u
  look az ad app permission list --id "$application" \
    --query "[?resourceAppId=='$GRAPH'].resourceAccess[].id" --output tsv
  set --
  for id in $wanted; do
    has "$result" "$id" || set -- "$@" "$id=Role"
  done
  if [ $# = 0 ]; then
    there 'every permission is requested'
  else
    change az ad app permission add --id "$application" --api "$GRAPH" --api-permissions "$@"
  fi
  if $run && consented; then
    there 'the consent of an administrator'
    return
  fi
  change az ad app permission admin-consent --id "$application"
  if $run; then
    for pause in 0 5 10 20 40; do
      sleep "$pause"
      if consented; then
        return
      fi
    done
    stop "the consent to$missing is not seen: somebody who may consent has to run this"
  fi
}

# consented: whether the tenant has granted $principal everything $wanted. Sets $missing to what it has not.
consented() {
  look az rest --url "$GRAPH_URL/v1.0/servicePrincipals/$principal/appRoleAssignments" \
    --query 'value[].appRoleId' --output tsv
  missing=
  for id in $wanted; do
    has "$result" "$id" || missing="$missing $id"
  done
  [ -z "$missing" ]
}

# trust NAME ISSUER SUBJECT: $application trusts the tokens that a pipeline gets under this subject.
trust() {
  look az ad app federated-credential list --id "$application" --query '[].subject' --output tsv
  if has "$result" "$3"; then
    there "trust in $3"
  else
    change az ad app federated-credential create --id "$application" --parameters \
      "{\"name\":\"$1\",\"issuer\":\"$2\",\"subject\":\"$3\",\"audiences\":[\"$AUDIENCE\"]}"
  fi
}

# tenant: sets TENANT_ID, after a check that az is signed in to the tenant.
tenant() {
  begin 'the tenant that az is signed in to'
  value TENANT_ID az account show --query tenantId --output tsv
  TENANT_ID=$result
  look az rest --url "$GRAPH_URL/v1.0/organization" --query 'value[].verifiedDomains[].name' --output tsv
  if $run && [ "$TENANT_ID" != "$TENANT" ] && ! has "$result" "$TENANT"; then
    stop "az is signed in to $TENANT_ID, which is not $TENANT: az login --tenant $TENANT --allow-no-subscriptions"
  fi
}

# check: lets doctor check every tenant with the sign-in of the person who runs this.
check() {
  begin 'the check of every tenant'
  command_line ssprctl doctor --surfaces "$SURFACES"
  if $run; then
    ssprctl doctor --surfaces "$SURFACES"
    printf '\n'
    if [ "$changes" = 0 ]; then
      echo 'Nothing was changed: everything is set up.'
    else
      echo "Everything is set up: $changes commands changed something."
    fi
  else
    printf '\nNothing was run. "sh setup --run" runs what is not done yet.\n'
  fi
}
