"""What the runs of the pipelines for GitLab and Azure DevOps share."""
