"""Tests of the connection to an inverter: links, endpoints, errors."""
