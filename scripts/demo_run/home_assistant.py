"""Starts Home Assistant as the `hass` command does, but without its voice assistant.

Home Assistant loads all its entity platforms at each start. One of them, `assist_satellite`, depends on
`assist_pipeline`, whose requirements pymicro-vad and pyspeex-noise have no wheels for Python 3.14: installing them
needs a C++ compiler. Nothing here uses them.
"""

import sys

from homeassistant import __main__ as command, bootstrap

VOICE_PLATFORM = "assist_satellite"


def exclude_voice_assistant() -> None:
    """Keep Home Assistant, in this process, from loading the voice assistant at its start."""
    bootstrap.DEFAULT_INTEGRATIONS.discard(VOICE_PLATFORM)


if __name__ == "__main__":
    exclude_voice_assistant()
    sys.exit(command.main())
