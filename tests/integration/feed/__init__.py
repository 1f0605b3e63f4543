"""The feed without Home Assistant."""
