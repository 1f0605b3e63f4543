"""Moving the recorded series of other AlphaESS integrations to the entities of this one."""
