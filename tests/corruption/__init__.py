"""The machine that corrupts words at will, and checks what is shown, counted, stored and written."""
