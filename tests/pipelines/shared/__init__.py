"""What the pipelines' tests for GitHub, GitLab and Azure DevOps share."""
