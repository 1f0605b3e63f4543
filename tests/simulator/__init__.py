"""The imagined house: physics, registers, dispatch, and its Modbus port. No Home Assistant."""
