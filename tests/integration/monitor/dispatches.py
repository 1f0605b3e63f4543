"""The log of dispatches of a simulated house, and a clock that a test moves ahead."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, HomeAssistant

from custom_components.alphaess_live.monitor.dispatch_log import (
    DispatchLog,
)
from custom_components.alphaess_live.monitor.dispatch_record import DispatchRecord

from ..conftest import House, LoopClock, poll

RUNS_ON = {"stop_on_unload": False, "message_spacing": 0}
CHARGE = {"action": "charge", "power": 3000, "target_soc": 80, "duration": 3600}


class SteppedClock:
    """The host's clock and the loop's, which a test moves ahead."""

    def __init__(self, frozen: FrozenDateTimeFactory, loop_clock: LoopClock) -> None:
        self._frozen, self._loop_clock = frozen, loop_clock

    def tick(self, seconds: int) -> None:
        """Move both clocks ahead."""
        self._frozen.tick(seconds)
        self._loop_clock.skipped += seconds

    def set(self, seconds: int) -> None:
        """Set the host's clock so much ahead, while the loop's goes on."""
        self._frozen.tick(seconds)


def dispatch_log(house: House) -> DispatchLog:
    """Return the log of a loaded entry."""
    log: DispatchLog = house.entry.runtime_data.dispatch_log
    return log


def newest(house: House) -> DispatchRecord:
    """Return the newest record."""
    return dispatch_log(house).records[-1]


def types(events: list[Event]) -> list[tuple[str, str | None]]:
    """Return type and reason of each event."""
    return [(event.data["type"], event.data["reason"]) for event in events]


async def run_for(house: House, seconds: int, clock: SteppedClock) -> None:
    """Let the house and the clock run on, with a poll each 5 s."""
    for _ in range(seconds // 5):
        house.inverter.advance(5)
        clock.tick(5)
        await poll(house, full=True)


async def reload(hass: HomeAssistant, house: House) -> None:
    """Unload the entry, and load it again."""
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()
