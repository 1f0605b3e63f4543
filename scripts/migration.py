"""Writes docs/migration.md: how to come from another integration, and what goes on as what."""

from collections.abc import Iterator
import json
from pathlib import Path

from custom_components.alphaess_live.migration.predecessors import (
    PREDECESSORS,
    Predecessor,
)

from .markdown import table

TEXTS = (
    Path(__file__).parent.parent
    / "custom_components/alphaess_live/translations/en.json"
)

HEAD = """\
<!-- Written by ./scripts/generate from custom_components/alphaess_live/migration/predecessors.py. Do not edit. -->

# Coming from another integration

Statistics, dashboards, automations and the energy dashboard hang on the *names* of entities. The action
`alphaess_live.migrate` lets our entities take the names of the old ones: years of statistics go on as one series, and
nothing that names them has to be changed.

## Step by step

1. **Make a backup** (Settings → System → Backups). It is the only way to undo everything at once.
2. **Stop the other integration.** An AlphaESS serves one Modbus client. An integration: Settings → Devices & services → the
   integration → ⋮ → *Disable*. A YAML package: take it out of the configuration and restart Home Assistant.
   Do not delete its entities or its statistics. Wait five minutes: the recorder sums up five at a time.
3. **Add the inverter here**, and let it run until its entities have values. Sensors that are disabled at first (see
   [registers](registers.md)) are only taken along if you enable them before.
4. **Look at what would happen.** Developer tools → Actions:

   ```yaml
   action: alphaess_live.migrate
   ```

   The answer lists each old entity with ours and a verdict. Nothing is changed. Only administrators may call this action.
5. **Do it:**

   ```yaml
   action: alphaess_live.migrate
   data:
     apply: true
   ```

   A second call changes nothing more.
6. What named *our* entities by the names that they had until now – a dashboard, an automation, an entry that you added to the
   energy dashboard these days – has to be given the old names, or taken out: Home Assistant does not do that by itself.
7. Look at the energy dashboard and at your own ones. When all is well, remove the other integration.

Within 30 days of its removal, an integration's entities are still found; after that name them yourself, as below.

## What the answer says

"""

MIDDLE = """\

`hours_added` counts the hours of ours that are put behind the old series; `energy_between` is what a counter grew while
nobody recorded it (in the unit of the old series): it appears in the hour of the change, as after any outage. `taken_over`
lists what ours gets of what you made of the old entity: `name`, `icon`, `area`, `hidden`, `labels`, `categories`, `aliases`.

## What happens to what was recorded

| | |
|---|---|
| long-term statistics | one series under the old name. Hours that were recorded of ours since the old one ended are put behind it |
| counters | go on from the old *sum*. Whatever the two counters show, nothing jumps: only what the same counter of the inverter grew in between is added, and only if it can have grown that much (30 kWh in an hour) |
| units | the old series keeps its unit; W and kW, Wh and kWh are converted |
| states | the history goes on under the old name. Our own states of the days before stay under our old name until the recorder purges them |
| house load | no register counts it: ours sums up the power since you installed it, the others computed theirs from the totals (some of them without the battery, or without AC-coupled PV). Ours goes on from the old *sum*, and what was used in between is missing |
| old entity | leaves the registry |
| our entity | gets the old entity ID, and what you had given to the old entity: its name, icon and area, labels, categories, aliases, and that it was hidden. What you have given to ours stays. That an old entity was disabled is not taken over; the area of its *device* is neither |

**Signs.** Ours are those of Home Assistant and of the inverter: battery above 0 discharges, grid above 0 imports. A series that
counts the other way round would flip at the change: the tables below hold only what has our sign.

**Scales.** A SMILE-B3 sends voltages and powers in tenths. An integration that was not told so recorded ten times too much:
that past stays as it is. Look before you move such a sensor.

"""

TAIL = """\
## Anything else

Sensors of Alpha2MQTT, of your own YAML or of templates: name each, with [our key](registers.md).

```yaml
action: alphaess_live.migrate
data:
  apply: true
  entities:
    sensor.my_battery_level: battery_soc
    sensor.my_grid_import: grid_import_energy_total
```

Only these are moved then, all of them or none. Kind and unit are compared; the *sign* is not known to anybody but you: look at
both sensors before, while the battery charges and while the house exports. A counter that you name joins without a jump,
and what it grew in between is not added.

Switches, numbers and times of the other integrations have no past worth keeping: see [control](control.md) for what replaces them.

## Undo

- **All of it:** restore the backup.
- **One entity:** rename ours (its settings → entity ID). What was recorded goes with it, and the old name is free.
- The other integration, enabled again, makes its entities anew, without a past. The two pasts cannot be taken apart again.
"""


def page() -> str:
    """Write the whole page."""
    sections = (_section(one) for one in PREDECESSORS)
    return "".join((HEAD, _verdicts(), MIDDLE, *sections, TAIL))


def _verdicts() -> str:
    texts = json.loads(TEXTS.read_text("utf-8"))["exceptions"]
    rows = (
        (f"`{key.removeprefix('history_')}`", text["message"].format(**_EXAMPLE))
        for key, text in texts.items()
        if key.startswith("history_")
    )
    return table(("`verdict`", "`explanation`"), rows)


_EXAMPLE = {"entity": "`sensor.old`", "key": "`battery_soc`"}


def _section(one: Predecessor) -> str:
    platforms = ", ".join(f"`{platform}`" for platform in sorted(one.platforms))
    counters = (
        ""
        if one.has_our_counters
        else "\nIts energies are counted elsewhere: they go on without a jump, and what is counted in between is missing.\n"
    )
    goes_on = table(("Theirs", "Ours"), _pairs(one))
    stays = table(
        ("Does not go on", "Why"),
        ((f"`{key}`", why) for key, why in one.left_out.items()),
    )
    return (
        f"## {one.name}\n\nEntities of {platforms}.\n{counters}\n{goes_on}\n{stays}\n"
    )


def _pairs(one: Predecessor) -> Iterator[tuple[str, str]]:
    for theirs, ours in one.successors.items():
        yield f"`{theirs}`", f"`{ours}`"
