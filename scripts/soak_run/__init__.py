"""A year of trouble in ten minutes: what `./scripts/soak` runs."""
