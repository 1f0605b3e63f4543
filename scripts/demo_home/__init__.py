"""The Python behind `./scripts/demo`: an imagined house, shown by a real Home Assistant."""
