"""Series from the recorder: its statistics and its states."""
