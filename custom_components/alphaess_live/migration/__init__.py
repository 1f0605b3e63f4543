"""Taking over the recorded past of other AlphaESS integrations."""
