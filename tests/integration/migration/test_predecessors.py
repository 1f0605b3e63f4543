"""What other integrations call the values that we have, too."""

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
    one.key for one in READINGS if one.quantity and TRAITS[one.quantity].state_class
} | {LOAD_KEY}
"""What has statistics: anything else has no long past that could go on."""


@pytest.mark.parametrize("one", PREDECESSORS, ids=lambda one: one.name)
def test_every_successor_is_a_value_of_ours_that_is_measured(one: Predecessor) -> None:
    assert set(one.successors.values()) <= MEASURED


@pytest.mark.parametrize("one", PREDECESSORS, ids=lambda one: one.name)
def test_no_value_of_ours_succeeds_two_of_one_predecessor(one: Predecessor) -> None:
    assert max(Counter(one.successors.values()).values()) == 1


def test_no_two_of_us_sum_up_the_house_load_from_the_same_beginning() -> None:
    found = match_entity("alphaess_modbus", "01ENTRY_total_house_load")
    assert found
    assert (found.key, found.has_our_counter) == (LOAD_KEY, False)


def test_an_entity_of_somebody_else_has_no_successor() -> None:
    assert match_entity("modbus", "heat_pump_power") is None
    assert match_entity("mqtt", "AlphaESS_Power_Grid") is None
    assert match_entity("alphaess_modbus", "01ENTRY_dispatch_start") is None
