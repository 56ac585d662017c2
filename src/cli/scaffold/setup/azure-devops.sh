
# From here on: Azure DevOps. The README lists what is set there by hand. Each service connection shows its issuer and its
# subject once it is begun: write them here, and run this again.
READ_ISSUER=''
READ_SUBJECT=''
WRITE_ISSUER=''
WRITE_SUBJECT=''

# connection NAME ISSUER SUBJECT: $application trusts the tokens of a service connection.
connection() {
  if [ -n "$2" ] && [ -n "$3" ]; then
    trust "$1" "$2" "$3"
  else
    echo "# by hand: begin the service connection $1 with the application $application and the tenant $TENANT_ID"
  fi
}

if [ -z "$REPOSITORY" ]; then
  step='the repository'
  stop 'write organisation, project and repository into the line REPOSITORY= of the file setup, such as fabrikam/identity/policies'
fi

tenant

application PLAN_CLIENT_ID plan "$PLAN"
connection ssprctl-read "$READ_ISSUER" "$READ_SUBJECT"

application APPLY_CLIENT_ID apply "$APPLY"
connection ssprctl-write "$WRITE_ISSUER" "$WRITE_SUBJECT"

check
