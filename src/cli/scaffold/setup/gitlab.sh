
# From here on: GitLab. The README lists what is set there by hand.
ISSUER='https://gitlab.com'
BRANCH='main'

# trust_branches: $application trusts the tokens of every branch, by a flexible credential (a preview of Microsoft): the
# subject of a merge request has its branch.
trust_branches() {
  credentials="$GRAPH_URL/beta/applications(appId='$application')/federatedIdentityCredentials"
  expression="claims['sub'] matches 'project_path:$REPOSITORY:ref_type:branch:ref:*'"
  look az rest --url "$credentials" --query 'value[].claimsMatchingExpression.value' --output tsv
  if has "$result" "$expression"; then
    there 'trust in every branch'
  else
    change az rest --method POST --url "$credentials" --body "{\"name\":\"branches\",\"issuer\":\"$ISSUER\",
\"audiences\":[\"$AUDIENCE\"],\"claimsMatchingExpression\":{\"value\":\"$expression\",\"languageVersion\":1}}"
  fi
}

if [ -z "$REPOSITORY" ]; then
  step='the project'
  stop 'write the path of the project into the line REPOSITORY= of the file setup, such as fabrikam/policies'
fi

tenant

application PLAN_CLIENT_ID plan "$PLAN"
PLAN_CLIENT_ID=$application
trust_branches

application APPLY_CLIENT_ID apply "$APPLY"
APPLY_CLIENT_ID=$application
trust branch "$ISSUER" "project_path:$REPOSITORY:ref_type:branch:ref:$BRANCH"

begin 'by hand, in the CI/CD variables of the project, and everything else that the README lists'
echo "# AZURE_CLIENT_ID for the environment tenants-read: $PLAN_CLIENT_ID"
echo "# AZURE_CLIENT_ID for the environment tenants, protected: $APPLY_CLIENT_ID"

check
