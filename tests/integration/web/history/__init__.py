"""The past over REST."""
