"""Where Home Assistant looks for integrations; a package, so that the tests find ours first."""
