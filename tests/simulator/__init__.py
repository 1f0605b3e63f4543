"""Tests of the simulated house: physics, registers, dispatch and its Modbus port; without Home Assistant."""
