"""What tests of cleanhold, and of workspaces, share."""
