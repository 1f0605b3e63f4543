"""Moments on the wall clock of an imagined house, which knows no time zone."""

from datetime import datetime

MIDNIGHT = datetime(2026, 6, 1)  # noqa: DTZ001 - the house's own clock
NOON = MIDNIGHT.replace(hour=12)
