"""The protocol, without Home Assistant."""
