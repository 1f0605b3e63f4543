"""Reloads an entry many times, lets set-ups fail at each step, and counts what is left over."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
import tempfile
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from custom_components.alphaess_live.connection import connector
from tests.setup_steps import STEPS, count_timers, explode, open_things

from .ha_instance import HomeAssistantInstance, run_home_assistant, run_simulator

WARM_UP = 5
"""Reloads before the first count: caches of Home Assistant grow with the first ones."""


@dataclass(frozen=True)
class ReloadResult:
    """What was done, and what was open before and after it, by kind."""

    reloads: int
    failed_setups: int
    before: dict[str, int]
    after: dict[str, int]

    @property
    def rows(self) -> Iterator[tuple[str, object]]:
        """Name and value of each row."""
        yield "reloads", self.reloads
        yield "set-ups that failed", self.failed_setups
        for name in self.before | self.after:
            before, after = self.before.get(name, 0), self.after.get(name, 0)
            yield f"{name}, before and after", f"{before} → {after}"

    @property
    def failures(self) -> Iterator[str]:
        """What has become more, in words."""
        for name, count in self.after.items():
            if count > self.before.get(name, 0):
                yield f"{count - self.before.get(name, 0)} {name} were left over"


async def run_reloads(times: int) -> ReloadResult:
    """Reload the entry so many times, with a set-up that fails at one of its steps after every fifth."""
    steps = cycle(STEPS)
    failed = 0
    delay = patch.object(connector, "MIN_RECONNECT_DELAY", timedelta(seconds=0.02))
    with delay, tempfile.TemporaryDirectory() as folder:
        async with (
            run_simulator(seed=0, delay=0) as simulator,
            run_home_assistant(simulator, folder) as instance,
        ):
            for _ in range(WARM_UP):
                await _reload(instance)
            for step in STEPS:
                await _fail(instance, *step)
            await _reload(instance)
            before = _counts(instance.hass)
            for number in range(1, times + 1):
                if number % 5 == 0:
                    await _fail(instance, *next(steps))
                    failed += 1
                await _reload(instance)
            after = _counts(instance.hass)
    return ReloadResult(times, failed, before, after)


async def _reload(instance: HomeAssistantInstance) -> None:
    await instance.reload()
    await instance.hass.async_block_till_done()
    if instance.entry.state is not ConfigEntryState.LOADED:
        raise RuntimeError(f"The entry is {instance.entry.state}")


async def _fail(instance: HomeAssistantInstance, owner: Any, name: str) -> None:
    with patch.object(owner, name, explode):
        await instance.reload()
        await instance.hass.async_block_till_done()
    if instance.entry.state is ConfigEntryState.LOADED:
        raise RuntimeError(f"The set-up did not need {name}")


def _counts(hass: HomeAssistant) -> dict[str, int]:
    """Count what is open: the kinds of timers are those of the functions that they call."""
    things = open_things(hass)
    timers: Counter[str] = Counter()
    for text, count in count_timers(hass).items():
        timers[
            f"timers of {text.removeprefix('<TimerHandle').partition('(')[0].strip()}"
        ] += count
    listeners = {"listeners": sum(things.pop("listeners").values())}
    return things | listeners | {"links": len(things["links"])} | timers
