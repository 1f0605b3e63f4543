"""The names of other integrations for values that we have, too."""

from collections import Counter

import pytest

from custom_components.alphaess_live.alphaess.snapshot import READINGS
from custom_components.alphaess_live.entities.energy_totals import LOAD_KEY
from custom_components.alphaess_live.migration.predecessors import (
    PREDECESSORS,
    Predecessor,
    match_entity,
)
from custom_components.alphaess_live.sensor import TRAITS

MEASURED = {
    predecessor.key
    for predecessor in READINGS
    if predecessor.quantity and TRAITS[predecessor.quantity].state_class
} | {LOAD_KEY}
"""Keys with long-term statistics: only these have a series that can be continued."""


@pytest.mark.parametrize("predecessor", PREDECESSORS, ids=lambda one: one.name)
def test_every_successor_has_statistics(predecessor: Predecessor) -> None:
    assert set(predecessor.successors.values()) <= MEASURED


@pytest.mark.parametrize("predecessor", PREDECESSORS, ids=lambda one: one.name)
def test_successors_of_one_predecessor_are_unique(predecessor: Predecessor) -> None:
    assert max(Counter(predecessor.successors.values()).values()) == 1


def test_load_energy_is_not_the_same_counter() -> None:
    found = match_entity("alphaess_modbus", "01ENTRY_total_house_load")
    assert found
    assert (found.key, found.has_our_counter) == (LOAD_KEY, False)


def test_entity_of_another_device_has_no_successor() -> None:
    assert match_entity("modbus", "heat_pump_power") is None
    assert match_entity("mqtt", "AlphaESS_Power_Grid") is None
    assert match_entity("alphaess_modbus", "01ENTRY_dispatch_start") is None
