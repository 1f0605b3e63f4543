"""A state machine that corrupts words at will, while Home Assistant reads, restarts and writes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.exceptions import HomeAssistantError
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from custom_components.alphaess_live.alphaess.errors import NotAnInverterError
from custom_components.alphaess_live.alphaess.identity import identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.setup.probe import NotFoundError
from custom_components.alphaess_live.simulator.corruption import (
    Corruption,
    CorruptionKind,
)
from custom_components.alphaess_live.simulator.energy_flow import (
    in_joules,
)

from .checker import Checker
from .example import ALL_ADDRESSES, SNAPSHOT_SECONDS, Example
from .installation import Installation, words_of_another
from .targets import (
    ALL_MODELS,
    BURSTS,
    COUNTER_OF_KEY,
    EXCHANGES,
    RARELY,
    SNAPSHOTS,
    STARTS,
    Exchange,
    Moment,
)
from .written_words import WrittenOrder, WrittenSetting, check_written

EXCHANGE_SECONDS = 13 * 60
"""After this time a counter has its new basis: 21 snapshots and ten minutes."""


class CorruptionMachine(Example):
    """One example: an inverter, its entry, and a sequence of events."""

    @initialize(
        model=st.sampled_from(list(ALL_MODELS)),
        start=st.sampled_from(list(STARTS)),
        charge=st.sampled_from((20.0, 50.0, 100.0)),
        corruptions=st.one_of(st.just(()), BURSTS, BURSTS),
        snapshots=SNAPSHOTS,
        setting=st.none() | st.sampled_from(WrittenSetting),
        exchange=st.none() | EXCHANGES,
        exchanged=RARELY,
    )
    def entry_is_added(
        self,
        *,
        model: str,
        start: str,
        charge: float,
        corruptions: tuple[Corruption, ...] = (),
        snapshots: int = 1,
        setting: WrittenSetting | None = None,
        exchange: Exchange | None = None,
        exchanged: bool = True,
    ) -> None:
        self._log("first set-ups", f"of {model} at {start} with {charge} %")
        self.installation = Installation(
            self._bench, ALL_MODELS[model], start=STARTS[start], soc=charge
        )
        self.checker = Checker(self.installation)
        self._run(self._add_entry(corruptions, snapshots))
        if setting:
            self.setting_is_written((), setting, 30)
        self._run(self._wait(2 * SNAPSHOT_SECONDS))
        if exchange and exchanged and not corruptions:
            self._run(self._exchange_counter(exchange))

    async def _add_entry(
        self, corruptions: tuple[Corruption, ...], snapshots: int
    ) -> None:
        inverter = self.installation.inverter
        reader = Inverter(inverter)
        identity = identify(await reader.read())
        # One reading shows no total of a PV meter.
        metered = {"ac_coupled": reader.identity_detector.identity.ac_coupled}
        self.checker.identity = identity.with_properties(metered, unconfirmed=())
        self._begin(corruptions, snapshots, Moment.FIRST_SETUP)
        while not await self._is_added():
            await self._wait(SNAPSHOT_SECONDS)
        self.checker.attach()

    async def _is_added(self) -> bool:
        """Try to add the entry; return whether it is there, with the right serial number.

        Where all first readings have had another one, nothing else of this inverter is
        accepted afterwards. A repair reports that; its owner adds it again.
        """
        try:
            await self.installation.add_entry()
        except NotFoundError, NotAnInverterError:
            return False
        if not self.installation.is_of_another:
            return True
        self._log("first set-ups with another serial number")
        await self.installation.remove_entry()
        identity = self.checker.identity
        self.checker.close()
        self.checker = Checker(self.installation)
        self.checker.identity = identity
        return False

    async def _exchange_counter(self, exchange: Exchange) -> None:
        """Let a counter begin anew with another number, and wait until it is certain."""
        self._log("counters exchanged", exchange)
        await self._wait(4 * SNAPSHOT_SECONDS)
        self._disturbed_at = self._loop.time() + EXCHANGE_SECONDS
        inverter, key = self.installation.inverter, exchange.counter
        house, name = inverter.house, COUNTER_OF_KEY[key]
        before = getattr(house.counters, name)
        counters: dict[str, int] = {name: in_joules(exchange.number)}
        inverter.shifts[key] = (counters[name] - before) / in_joules(1)
        house.counters = replace(house.counters, **counters)
        self.checker.detach()
        await self._wait(EXCHANGE_SECONDS)
        self.checker.attach()
        rebasings = self.installation.coordinator.inverter.ledger.rebasings
        if key not in {one.key for one in rebasings}:
            self.checker.findings.append(f"{key} is not rebased")

    @rule(snapshots=st.integers(1, 6))
    def time_passes(self, snapshots: int) -> None:
        self._log("pauses", f"of {snapshots} snapshots")
        self._run(self._wait(snapshots * SNAPSHOT_SECONDS))

    @rule(corruptions=BURSTS, snapshots=SNAPSHOTS)
    def words_are_corrupted(
        self, corruptions: tuple[Corruption, ...], snapshots: int
    ) -> None:
        self._begin(corruptions, snapshots, Moment.RUNNING)
        self._run(self._wait_during(snapshots))

    @rule(corruptions=BURSTS, snapshots=SNAPSHOTS)
    def entry_is_reloaded(
        self, corruptions: tuple[Corruption, ...], snapshots: int
    ) -> None:
        self._log("reloads")
        self._begin(corruptions, snapshots, Moment.RELOAD)
        self._run(self._reload(snapshots))

    async def _observe_again(
        self, snapshots: int, offsets: Mapping[str, float | None]
    ) -> None:
        """Check the entities of an entry that was loaded again; `offsets` are those before."""
        self.checker.check_offsets(offsets)
        self.checker.attach()
        self._disturbed_at = self._loop.time()
        await self._wait_during(snapshots)

    async def _reload(self, snapshots: int) -> None:
        offsets = self.installation.coordinator.inverter.ledger.offsets
        await self.installation.unload()
        await self.installation.set_up()
        await self._observe_again(snapshots, offsets)

    @rule(
        corruptions=BURSTS,
        snapshots=SNAPSHOTS,
        minutes=st.sampled_from((0, 1, 60)),
    )
    def home_assistant_restarts(
        self, corruptions: tuple[Corruption, ...], snapshots: int, minutes: int
    ) -> None:
        self._log("restarts", f"after {minutes} minutes")
        self._run(self._restart(corruptions, snapshots, minutes))

    async def _restart(
        self, corruptions: tuple[Corruption, ...], snapshots: int, minutes: int
    ) -> None:
        offsets = self.installation.coordinator.inverter.ledger.offsets
        await self.installation.restart(
            timedelta(minutes=minutes),
            before_start=lambda: self._begin(corruptions, snapshots, Moment.RESTART),
        )
        await self._observe_again(snapshots, offsets)

    @rule(
        corruptions=BURSTS,
        snapshots=SNAPSHOTS,
        seconds=st.sampled_from((20, 60)),
        updated=st.booleans(),
    )
    def inverter_is_away(
        self,
        *,
        corruptions: tuple[Corruption, ...],
        snapshots: int,
        seconds: int,
        updated: bool,
    ) -> None:
        self._log("firmware changes" if updated else "outages", f"of {seconds} s")
        self._run(self._lose_inverter(seconds))
        moment = Moment.OUTAGE
        if updated:
            self._update_firmware()
            moment = Moment.FIRMWARE
        self.installation.inverter.switch_on()
        self._begin(corruptions, snapshots, moment)
        self._run(self._wait_during(snapshots))

    async def _lose_inverter(self, seconds: int) -> None:
        self._disturbed_at = self._loop.time()
        self.installation.inverter.switch_off()
        await self._wait(seconds)
        self._disturbed_at = self._loop.time()

    def _update_firmware(self) -> None:
        inverter = self.installation.inverter
        high, middle, low = inverter.model.firmware
        inverter.model = replace(inverter.model, firmware=(high, middle, low + 1))
        if self.checker.identity:
            # Firmware is identified after an outage only; a corruption of it may hide that.
            self.checker.identity = None

    @rule(
        model=st.sampled_from(list(ALL_MODELS)),
        snapshots=st.integers(1, 4),
        named=st.booleans(),
    )
    def another_inverter_answers(
        self, *, model: str, snapshots: int, named: bool
    ) -> None:
        """A router gives the address to another inverter for some time; nothing of it may be shown."""
        self._log(
            "other inverters", f"like {model} for {snapshots} snapshots, {named=}"
        )
        self._run(self._lose_inverter(20))
        other = words_of_another(ALL_MODELS[model], named=named)
        stale = Corruption(
            kind=CorruptionKind.STALE, addresses=ALL_ADDRESSES, before=other
        )
        self.installation.inverter.switch_on()
        self._begin((stale,), snapshots, Moment.ANOTHER)
        self._run(self._wait_during(snapshots))

    @rule(
        corruptions=BURSTS,
        snapshots=SNAPSHOTS,
        minutes=st.sampled_from((1, 20, 120)),
    )
    def computer_is_suspended(
        self, corruptions: tuple[Corruption, ...], snapshots: int, minutes: int
    ) -> None:
        self._log("suspensions", f"of {minutes} minutes")
        self._suspend(timedelta(minutes=minutes))
        self._begin(corruptions, snapshots, Moment.SUSPENDED)
        self._run(self._wait_during(snapshots))

    @rule(
        corruptions=st.just(()) | BURSTS,
        setting=st.sampled_from(WrittenSetting),
        percent=st.integers(10, 100),
    )
    def setting_is_written(
        self, corruptions: tuple[Corruption, ...], setting: WrittenSetting, percent: int
    ) -> None:
        self._begin(corruptions, 2, Moment.SETTING)
        inverter = self.installation.inverter
        wanted = setting.words(percent, inverter.model.profile)
        inverter.journal.clear()
        done = self._run(self._call(setting.action, {setting.field: percent}))
        result = "written" if done else "refused"
        self._log(f"settings {result}", f"{setting.name} {percent} %")
        self.checker.findings += check_written(inverter.journal, setting=wanted)
        if done and not wanted.items() <= inverter.words().items():
            self.checker.findings.append(f"{setting} {percent} % is not there")

    @rule(
        corruptions=st.just(()) | BURSTS,
        action=st.sampled_from(("charge", "discharge", "hold")),
        power=st.integers(100, 5000),
        limit=st.integers(10, 100),
        minutes=st.integers(1, 60),
    )
    def order_is_given(
        self,
        *,
        corruptions: tuple[Corruption, ...],
        action: str,
        power: int,
        limit: int,
        minutes: int,
    ) -> None:
        self._begin(corruptions, 2, Moment.ORDER)
        inverter = self.installation.inverter
        order = WrittenOrder(action, power, limit, minutes)
        inverter.journal.clear()
        done = self._run(self._call(action, order.fields))
        self._log(f"orders {'given' if done else 'refused'}", order)
        self.checker.findings += check_written(inverter.journal, order=order)

    async def _call(self, action: str, fields: dict[str, Any]) -> bool:
        """Call an action; return whether it succeeded."""
        try:
            await self.installation.hass.services.async_call(
                DOMAIN, action, fields, blocking=True
            )
        except HomeAssistantError:
            return False
        return True
