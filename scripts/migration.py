"""Writes docs/migration.md: how to migrate from another integration, and which sensors continue."""

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

# Migration from another integration

Statistics, dashboards, automations and the energy dashboard refer to entity IDs. The action `alphaess_live.migrate` gives the entities
of AlphaESS Live the entity IDs of the old entities. The statistics of years continue as one series, and nothing that refers to
the entity IDs has to be changed.

## Steps

1. **Create a backup** (Settings → System → Backups). It is the only way to undo everything at once.
2. **Stop the other integration.** An AlphaESS inverter serves one Modbus client. An integration: Settings → Devices & services → the
   integration → ⋮ → *Disable*. A YAML package: remove it from the configuration and restart Home Assistant.
   Do not delete its entities or its statistics. Wait five minutes, because the recorder compiles statistics every five minutes.
3. **Add the inverter to AlphaESS Live**, and wait until its entities have values. Sensors that are disabled by default (see
   [registers](registers.md)) are migrated only if you enable them first.
4. **Preview the changes.** Developer tools → Actions:

   ```yaml
   action: alphaess_live.migrate
   ```

   The response lists each old entity with the matching entity of AlphaESS Live and a verdict. Nothing is changed. The action requires an administrator.
5. **Apply the changes:**

   ```yaml
   action: alphaess_live.migrate
   data:
     apply: true
   ```

   A second call changes nothing more.
6. Dashboards, automations and energy dashboard entries that use the previous entity IDs of AlphaESS Live must be changed to
   the old entity IDs by hand: Home Assistant does not do this.
7. Check the energy dashboard and your own dashboards. Then remove the other integration.

The entities of an integration are found for up to 30 days after its removal. After that, specify them yourself, see [below](#other-entities).

## Response

"""

MIDDLE = """\

`hours_added` is the number of hours of AlphaESS Live that are appended to the old series. `energy_between` is the energy that a counter
gained while nothing was recorded, in the unit of the old series. It appears in the hour of the migration, as after any outage. `taken_over`
lists the settings that are copied from the old entity: `name`, `icon`, `area`, `hidden`, `labels`, `categories`, `aliases`.

## Recorded data

| Data | Result |
|---|---|
| Long-term statistics | One series under the old entity ID. Hours that AlphaESS Live recorded after the old series ended are appended |
| Counters | Continue from the old *sum*. Differences between the two counters cause no jump. Only the gain of the same counter of the inverter is added, and only if it is plausible (30 kWh an hour) |
| Units | The old series keeps its unit. W and kW, Wh and kWh are converted |
| States | The history continues under the old entity ID. States that AlphaESS Live recorded before stay under its previous entity ID until the recorder purges them |
| House load | No register counts it: AlphaESS Live integrates the power since its installation, other integrations calculate it from the totals (some without the battery or AC-coupled PV). The series continues from the old *sum*; the energy in between is missing |
| Old entity | Removed from the registry |
| Entity of AlphaESS Live | Gets the old entity ID and the settings of the old entity: name, icon, area, labels, categories, aliases, hidden. Settings that you made for it are kept. *Disabled* and the area of the old *device* are not copied |

**Signs.** AlphaESS Live uses the signs of Home Assistant and of the inverter: positive while the battery discharges, positive while the grid
imports. A series with the opposite sign would change direction, so the tables below contain only sensors with the same sign.

**Scales.** A SMILE-B3 sends voltages and powers in tenths. An integration that was not configured for it recorded values that are ten times too high.
These records are not corrected. Check such sensors before you migrate them.

"""

TAIL = """\
## Other entities

For sensors of Alpha2MQTT, your own YAML or templates, specify each with the [key](registers.md) of AlphaESS Live.

```yaml
action: alphaess_live.migrate
data:
  apply: true
  entities:
    sensor.my_battery_level: battery_soc
    sensor.my_grid_import: grid_import_energy_total
```

Then only these are migrated, either all or none. Kind and unit are checked. The *sign* cannot be checked: compare both sensors first,
while the battery charges and while the house exports. A counter that you specify continues without a jump, and its gain in between
is not added.

Switches, numbers and times of other integrations have no history to keep. See [control](control.md) for their replacements.

## Undo

- **Everything:** restore the backup.
- **One entity:** change the entity ID of the AlphaESS Live entity in its settings. Its history follows, and the old entity ID is free.
- If the other integration is enabled again, it creates new entities without history. The joined series cannot be separated again.
"""


def page() -> str:
    """Create the whole page."""
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
        else "\nIts energies come from other counters: they continue without a jump, and the energy in between is missing.\n"
    )
    goes_on = table(("Old entity", "AlphaESS Live"), _pairs(one))
    stays = table(
        ("Not migrated", "Reason"),
        ((f"`{key}`", why) for key, why in one.left_out.items()),
    )
    return (
        f"## {one.name}\n\nEntities of {platforms}.\n{counters}\n{goes_on}\n{stays}\n"
    )


def _pairs(one: Predecessor) -> Iterator[tuple[str, str]]:
    for theirs, ours in one.successors.items():
        yield f"`{theirs}`", f"`{ours}`"
