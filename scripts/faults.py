"""Writes docs/faults.md: every fault and warning bit, and where it appears."""

from collections.abc import Iterator
import json
from pathlib import Path

from custom_components.alphaess_live.alphaess.faults import (
    FAULT_WORDS,
    ROUTINE_WARNINGS,
    Family,
    FaultWord,
    Severity,
    Table,
    fault_code,
)
from custom_components.alphaess_live.simulator.behaviour import (
    FAULT_REGISTERS as REGISTERS,
)

from .markdown import table

TRANSLATIONS = (
    Path(__file__).parent.parent / "custom_components/alphaess_live/translations"
)

LANGUAGES = {"en": "English", "de": "Deutsch", "nl": "Nederlands"}

FAMILIES = {
    Family.EMS_2_5: "EMS2.5 (SMILE-B3 and other models of that time)",
    Family.EMS_3_5: "EMS3.5 and 3.6",
    Family.COMMERCIAL: "Commercial systems (serial numbers beginning AE)",
}

HEAD = f"""\
<!-- Written by ./scripts/generate from custom_components/alphaess_live/alphaess/faults. Do not edit. -->

# Faults and warnings

An inverter reports faults and warnings as bits in 32-bit registers. This page describes where they appear, and the meaning of each bit.

| Where | What |
|---|---|
| `sensor.<device>_faults` | The most serious active fault or warning in your language; *None* if there is none. `active` lists up to 20, the most serious first, each with `code`, `source`, `severity`, `text`, `since`, `bit` and `probable`. `fault_count` and `warning_count` count all; `everyday_count` counts the warnings that are part of normal operation |
| `binary_sensor.<device>_problem` | On while there is a fault. Warnings do not turn it on |
| `event.<device>_fault` | Event types `fault_raised`, `fault_cleared`, `warning_raised`, `warning_cleared`, with `code`, `source`, `severity`, `text`, `since`, `bit` and `probable` |
| Bus event `alphaess_live_event` | The same with `type`, `device_id` and `serial`: one event for each fault |
| [REST](api.md) `/api/alphaess/complete-status` | `faults` and `warnings`: `code`, `source`, `text` (English), `since`, `bit` and `probable` |
| [Live feed](api.md#the-live-feed) `/ws/power-data` | Messages of the same four types, with `code`, `source`, `text` (English), `since`, `bit` and `probable` |

- **`code`** never changes, and is the same for the same fault in different registers. **`source`** is the register. **`text`** is in the language of
  Home Assistant (Settings → System → General); in REST and on the feed it is English.
- **`since`** is when the fault was first seen. Active faults and their times are kept across restarts of Home Assistant. A fault
  that is still active after a restart is not reported again.
- One snapshot is enough to raise or clear a fault. While a register cannot be read (the inverter is disconnected, or refuses the block),
  its faults are neither raised nor cleared.
- **`probable`** is true where `bit` of the register `source` has another text, or none, on the other family of household models (EMS2.5, EMS3.5):
  no register contains the family, so it is derived from the scale of the cell voltages. Select the model family in the options to settle it.
- Bits without a documented meaning are named *Unknown bit 7* (`unknown_bit_7`). They have the severity of their register.
- {", ".join(f"`{one}`" for one in sorted(ROUTINE_WARNINGS))} are part of normal operation: they are listed
  in `active` and `warnings`, but do not become the state of the sensor and cause no event.
- The raw registers are sensors, disabled by default. The bits of single battery packs, and of the inverter's extended registers
  3 and 4, have no published meaning.

**Notification of faults:** import the blueprint
[`inverter_fault.yaml`](../blueprints/automation/alphaess_live/inverter_fault.yaml)
[![Import](https://my.home-assistant.io/badges/blueprint_import.svg)](https://my.home-assistant.io/redirect/blueprint_import/?blueprint_url=https%3A%2F%2Fgithub.com%2Falphaess-live%2Falphaess-live%2Fblob%2Fmain%2Fblueprints%2Fautomation%2Falphaess_live%2Finverter_fault.yaml), or use the bus event:

```yaml
triggers:
  - trigger: event
    event_type: alphaess_live_event
    event_data:
      type: fault_raised
actions:
  - action: notify.mobile_app_phone
    data:
      title: "The inverter reports a fault"
      message: "{{{{ trigger.event.data.text }}}}, since {{{{ as_local(as_datetime(trigger.event.data.since)).strftime('%H:%M') }}}}"
```

**Test without a fault:** `python -m custom_components.alphaess_live.simulator --fault battery_fault:4` simulates an inverter with a fault.
"""


def page() -> str:
    """Create the whole page."""
    return "\n".join((HEAD, *(_section(word) for word in FAULT_WORDS)))


def _section(word: FaultWord) -> str:
    """Create the section of one register: its address, and a table for each family."""
    key = word.reading.key
    register = REGISTERS[key]
    head = f"## `{key}`\n\n0x{register.address:04X}, {_kinds(word)}."
    tables = "\n".join(_family(names, bits) for names, bits in _meanings(word))
    return f"{head}\n\n{tables}"


def _kinds(word: FaultWord) -> str:
    return "warnings" if word.severity is Severity.WARNING else "faults"


def _meanings(word: FaultWord) -> Iterator[tuple[str, Table]]:
    """Yield each table of a register with the families that share it."""
    done: list[Table] = []
    for bits in word.tables.values():
        if bits not in done:
            done.append(bits)
            same = (one for one in FAMILIES if word.tables.get(one) == bits)
            yield "; ".join(FAMILIES[one] for one in same), bits


def _family(names: str, bits: Table) -> str:
    states = {language: _states(language) for language in LANGUAGES}
    rows = (
        (
            str(bit),
            f"`{fault_code(text)}`",
            *(texts[fault_code(text)] for texts in states.values()),
        )
        for bit, text in bits.items()
    )
    return f"{names}:\n\n{table(('Bit', 'Code', *LANGUAGES.values()), rows)}"


def _states(language: str) -> dict[str, str]:
    """Return the text of each fault in one language, by code."""
    texts = json.loads((TRANSLATIONS / f"{language}.json").read_text("utf-8"))
    states: dict[str, str] = texts["entity"]["sensor"]["faults"]["state"]
    return states
