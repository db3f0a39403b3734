"""All checks for `field(checks=…)` and `@contract(checks=…)`, and their catalogue."""

from cleanhold.builtins.checks import *  # noqa: F403
from cleanhold.builtins.checks.catalogue import catalogue as catalogue
