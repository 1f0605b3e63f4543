"""Times of the simulated house, which are local and without a time zone."""

from datetime import datetime

MIDNIGHT = datetime(2026, 6, 1)  # noqa: DTZ001 - the house's local time
NOON = MIDNIGHT.replace(hour=12)
