"""The integration's domain, and the keys of its configuration."""

DOMAIN = "alphaess_live"

# Where the inverter is: in the entry's data, with Home Assistant's own host and port.
CONF_TRANSPORT = "transport"
CONF_UNIT_ID = "unit_id"
CONF_SHARED = "shared"  # A field of the form; stored as the transport.
CONF_BAUD_RATE = "baud_rate"

# The identity of the inverter, as last read: in the entry's data, so that an entry
# loads while its inverter is off.
CONF_IDENTITY = "identity"
CONF_SERIALS = (
    "serials"  # All serial numbers of its parts, also those before an exchange.
)
CONF_LIMITS = (
    "limits"  # What it does not answer: large requests, registers inside blocks.
)
CONF_SERVED = "served"
CONF_REFUSED = "refused"
CONF_REGISTER_MAP = "register_map"
CONF_VARIANTS = "variants"  # The scales that are the alternative ones.
CONF_CONFIRMED_SCALES = (
    "confirmed_scales"  # The scales that are certain; 0.1.0 has no such key.
)
CONF_CLOCK_SET = "clock_set"  # When we last set the clock, and whether it was set back.
CONF_MISSING = "missing"
CONF_PV_METER = "pv_meter"

# What we added to the energy dashboard: in the entry's data.
CONF_ENERGY_SOURCES = "energy_sources"

# How to read it: in the entry's options.
CONF_MODEL_FAMILY = "model_family"
CONF_SNAPSHOT_INTERVAL = "snapshot_interval"
CONF_LIVE_INTERVAL = "live_interval"
CONF_CHECK_INTERVAL = "check_interval"  # The idle interval; the stored key stays.
CONF_SLOW_INTERVAL = "slow_interval"
CONF_POWER_UPDATE_INTERVAL = "power_update_interval"
CONF_GROUPS = "groups"
DEFAULT_GROUPS = ("backup", "settings")
"""The block groups that are polled besides the measurements, unless the user chooses others."""

CONF_MESSAGE_SPACING = "message_spacing"

# What may be done with it: in the entry's options.
CONF_CONTROLS = "controls"
CONF_STOP_ON_UNLOAD = "stop_on_unload"
CONF_END_AT_TARGET = "end_at_target"


def entity_unique_id(serial: str, key: str) -> str:
    """Return the unique id of the entity with this key of the inverter with this serial number."""
    return f"{serial}_{key}"
