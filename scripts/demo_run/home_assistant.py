"""Starts Home Assistant as the `hass` command does, without the packages of its voice assistant.

Home Assistant imports its voice assistant at each start, with all entity platforms. Two of its requirements,
pymicro-vad and pyspeex-noise, have no wheels for Python 3.14: installing them needs a C++ compiler. They process
recorded speech, which nothing here does.
"""

import sys
from types import ModuleType

VOICE_CLASSES = {"pymicro_vad": "MicroVad", "pyspeex_noise": "AudioProcessor"}
"""The modules of these packages, and the class that Home Assistant imports from each."""


class VoicePackageError(Exception):
    """A voice package is used, but not installed."""


class _MissingVoiceClass:
    def __init__(self, *_: object) -> None:
        raise VoicePackageError("the demo has no voice assistant")


def replace_voice_packages() -> None:
    """Make the voice packages importable in this process. Using their classes raises VoicePackageError."""
    for name, class_name in VOICE_CLASSES.items():
        module = ModuleType(name)
        setattr(module, class_name, _MissingVoiceClass)
        sys.modules[name] = module


if __name__ == "__main__":
    from homeassistant.__main__ import main

    replace_voice_packages()
    sys.exit(main())
