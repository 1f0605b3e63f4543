"""Each figure of the README's performance table, measured anew by one command."""
