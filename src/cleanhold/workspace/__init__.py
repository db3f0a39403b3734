"""A team's folder: settings, discovery, the wiring of the parts."""
