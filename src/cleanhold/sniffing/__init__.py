"""What a file seems to be: proposals for a person to judge. Nothing here is used while running."""
