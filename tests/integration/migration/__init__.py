"""Coming from another integration."""
