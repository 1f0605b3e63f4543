"""What the integration promises, one sentence each."""
