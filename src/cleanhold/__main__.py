"""`python -m cleanhold` is the `cleanhold` command."""

from cleanhold.cli.main import main

main()
