"""The fuzz of REST, feed and actions: see ./scripts/fuzz."""
