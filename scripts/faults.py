"""Writes docs/faults.md: every fault and warning bit, and what one sees of it."""

from collections.abc import Iterator
import json
from pathlib import Path

from custom_components.alphaess_live.alphaess.faults import (
    ROUTINE,
    WORDS,
    Family,
    Severity,
    Word,
)
from custom_components.alphaess_live.alphaess.faults.table import Table, code
from custom_components.alphaess_live.simulator.injected_faults import WORDS as REGISTERS

from .markdown import table

TRANSLATIONS = (
    Path(__file__).parent.parent / "custom_components/alphaess_live/translations"
)

LANGUAGES = {"en": "English", "de": "Deutsch", "nl": "Nederlands"}

FAMILIES = {
    Family.EMS_2_5: "EMS2.5 (SMILE-B3 and others of its time)",
    Family.EMS_3_5: "EMS3.5 and 3.6",
    Family.COMMERCIAL: "Commercial systems (serial numbers beginning AE)",
}

HEAD = f"""\
<!-- Written by ./scripts/generate from custom_components/alphaess_live/alphaess/faults. Do not edit. -->

# Faults and warnings

An inverter tells what is wrong with it in words of 32 bits. This page says what one sees of them, and what each bit means.

| | |
|---|---|
| `sensor.<device>_faults` | the most serious one that is active now, in words of your language; *None* on an ordinary day. `active` lists them all (the 20 most serious, each with `code`, `source`, `severity`, `text` and `since`), `fault_count` and `warning_count` count them, and `everyday_count` how many of the warnings belong to an ordinary day |
| `binary_sensor.<device>_problem` | on while there is a fault; warnings do not turn it on |
| `event.<device>_fault` | event types `fault_raised`, `fault_cleared`, `warning_raised`, `warning_cleared`, with `code`, `source`, `severity`, `text` and `since` |
| bus event `alphaess_live_event` | the same, with `type`, `device_id` and `serial`: one event for each fault |
| [REST](api.md) `/api/alphaess/complete-status` | `faults` and `warnings`: `code`, `source`, `text` (English) and `since` |
| [live feed](api.md) `/ws/power-data` | messages of the same four types, with `code`, `source`, `text` (English) and `since` |

- **`code`** never changes and means the same whichever word says it; **`source`** is the word; **`text`** is in the language that
  Home Assistant is set to (Settings → System → General), on the REST paths and the feed in English.
- **`since`** is when the fault was first seen. It survives restarts of Home Assistant, and so does the fault: one that is
  still there afterwards is not told again.
- One snapshot is enough to raise a fault, and one to clear it; where an inverter refuses the registers of strings 4 to 6, its own
  and the system's words may be read with every other snapshot only, at worst with every third. What is not
  read says nothing: while the inverter is away, or refuses a block, no fault comes or goes.
- Bits that no document names are told as *Unknown bit 7* (`unknown_bit_7`). They count as what their word holds, faults or warnings.
- {", ".join(f"`{one}`" for one in sorted(ROUTINE))} belong to an ordinary day: they are listed
  in `active` and `warnings`, but are not the sensor's state and raise no event.
- The raw words are sensors of their own, disabled at first. Those of single battery packs, and the inverter's extended words
  3 and 4, have no published meaning.

**Tell me when there is a fault, and when it is gone:** import the blueprint
[`inverter_fault.yaml`](../blueprints/automation/alphaess_live/inverter_fault.yaml)
[![Import](https://my.home-assistant.io/badges/blueprint_import.svg)](https://my.home-assistant.io/redirect/blueprint_import/?blueprint_url=https%3A%2F%2Fgithub.com%2Falphaess-live%2Falphaess-live%2Fblob%2Fmain%2Fblueprints%2Fautomation%2Falphaess_live%2Finverter_fault.yaml), or listen yourself:

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

**Try it without a fault:** `python -m custom_components.alphaess_live.simulator --fault battery_fault:4` is an inverter that has one.
"""


def page() -> str:
    """Write the whole page."""
    return "\n".join((HEAD, *(_section(word) for word in WORDS)))


def _section(word: Word) -> str:
    """Tell of one word: where it is, and its bits for each family that has its own."""
    key = word.reading.key
    register = REGISTERS[key]
    head = f"## `{key}`\n\n0x{register.address:04X}, {_kinds(word)}."
    tables = "\n".join(_family(names, bits) for names, bits in _meanings(word))
    return f"{head}\n\n{tables}"


def _kinds(word: Word) -> str:
    return "warnings" if word.severity is Severity.WARNING else "faults"


def _meanings(word: Word) -> Iterator[tuple[str, Table]]:
    """Join the families that agree."""
    told: list[Table] = []
    for bits in word.tables.values():
        if bits not in told:
            told.append(bits)
            agreed = (one for one in FAMILIES if word.tables.get(one) == bits)
            yield "; ".join(FAMILIES[one] for one in agreed), bits


def _family(names: str, bits: Table) -> str:
    states = {language: _states(language) for language in LANGUAGES}
    rows = (
        (str(bit), f"`{code(text)}`", *(told[code(text)] for told in states.values()))
        for bit, text in bits.items()
    )
    return f"{names}:\n\n{table(('Bit', 'Code', *LANGUAGES.values()), rows)}"


def _states(language: str) -> dict[str, str]:
    """Read what a language calls each fault."""
    texts = json.loads((TRANSLATIONS / f"{language}.json").read_text("utf-8"))
    states: dict[str, str] = texts["entity"]["sensor"]["faults"]["state"]
    return states
