"""A state machine that gives orders at will, while link, host, process and inverter fail."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from custom_components.alphaess_live.alphaess.write_policy import DISPATCH_ADDRESSES
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.simulator.behaviour import Behaviour
from custom_components.alphaess_live.simulator.models import MODELS

from .calls import Call
from .choices import EVENTS, HABITS, OBSTRUCTIVE, REQUESTS, STEPS, Event, Habit, Tried
from .installation import FOREIGN_ORDER, OrderInstallation
from .interfaces import SETPOINTS, Answer, AnswerKind, Request
from .log_checks import LogChecks
from .order_checks import OrderChecks
from .recording_inverter import LinkFault

SLEEP_SECONDS = 90
CLOCK_OFFSET = timedelta(minutes=50)
MAX_ANSWER_SECONDS = 90
"""Within which every order has its answer, also after others."""


class OrderMachine(RuleBasedStateMachine):
    """One run: an inverter, its entry, and a sequence of orders and events."""

    tried: ClassVar[Tried]
    installation: OrderInstallation
    checks: OrderChecks

    def __init__(self) -> None:
        """Start without an inverter."""
        super().__init__()
        self._tasks: list[asyncio.Task[Any]] = []
        self.tried.examples += 1

    def _run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self.installation.time.loop.run_until_complete(work)

    @initialize(
        model=st.sampled_from(("three_phase", "single_phase")),
        charge=st.sampled_from((50.0, 79.9)),
        end_at_target=st.booleans(),
        stop_on_unload=st.booleans(),
    )
    def entry_is_added(
        self, *, model: str, charge: float, end_at_target: bool, stop_on_unload: bool
    ) -> None:
        options = {"end_at_target": end_at_target, "stop_on_unload": stop_on_unload}
        self.installation = OrderInstallation(
            MODELS[model], soc=charge, options=options
        )
        self._inverter = self.installation.inverter
        self.checks = OrderChecks(self._inverter)
        self.checks.may_stop_early = end_at_target
        self._log = LogChecks(self.checks.add, self.checks.record)
        self._run(self.installation.add_entry())
        self._attach(was_killed=False)

    # The process

    def _attach(self, *, was_killed: bool) -> None:
        runtime = self.installation.runtime
        self._log.attach(runtime.dispatch_log, was_killed=was_killed)
        runtime.manual.setpoints |= SETPOINTS
        controller = runtime.controller
        self.checks.context_in_progress = lambda: (
            controller.ordered_by.context_id if controller.ordered_by else None
        )
        self.checks.is_loaded = True
        self.checks.resume()

    def _detach(self) -> None:
        self._log.detach()
        self.checks.end_process()

    async def _unload(self, *, disable: bool = False) -> None:
        if self.installation.entry.state is not ConfigEntryState.LOADED:
            return
        self.checks.is_closing = True
        self.checks.impede()
        await self.installation.unload(disable=disable)
        self.checks.is_closing = False
        self._detach()

    async def _load(self) -> None:
        if self.installation.entry.state is ConfigEntryState.LOADED:
            return
        was_killed = not self.installation.process.is_alive
        await self.installation.set_up()
        self._attach(was_killed=was_killed)

    def _kill(self) -> None:
        self.installation.kill()
        self._log.detach()
        self.checks.end_process()

    # Events

    def _happen(self, event: Event | LinkFault) -> None:
        """Let something happen now; what takes time runs as a task."""
        self.tried.events[event] += 1
        self.checks.record(f"--- {event}")
        if isinstance(event, LinkFault):
            self._inverter.fault = event
            self.checks.impede(unread=True)
            return
        events: dict[Event, Callable[[], None]] = {
            Event.KILL: self._kill,
            Event.RELOAD: lambda: self._begin(self._reload()),
            Event.UNLOAD: lambda: self._begin(self._unload()),
            Event.DISABLE: lambda: self._begin(self._unload(disable=True)),
            Event.SLEEP: self._sleep,
            Event.CLOCK_FORWARD: lambda: self._set_clock(CLOCK_OFFSET),
            Event.CLOCK_BACK: lambda: self._set_clock(-CLOCK_OFFSET),
            Event.INVERTER_RESTARTS: self._restart_inverter,
            Event.CONTROLS_OFF: lambda: self._begin(self._set_controls(on=False)),
            Event.FOREIGN: lambda: self._write_as_app(event),
            Event.FOREIGN_REPEATS: lambda: self._write_as_app(event),
            Event.FOREIGN_STOP: lambda: self._write_as_app(event),
            Event.POLL: lambda: self._begin(self._refresh()),
        }
        events[event]()

    def _sleep(self) -> None:
        self.checks.impede(unread=True)
        self.installation.time.sleep_host(SLEEP_SECONDS)
        self.checks.resume()

    def _restart_inverter(self) -> None:
        self._inverter.switch_on()
        self.checks.impede()

    def _happen_at_step(self, event: Event | LinkFault, step: int) -> None:
        """Let something happen at one of the next steps of the process."""
        process = self.installation.process

        def happen() -> None:
            if event is Event.SLEEP and process.is_sending:
                # A host that falls asleep does not keep a request on its way.
                self._happen_at_step(event, 1)
            else:
                self._happen(event)

        process.at_step(step, happen)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(self.installation.time.loop.create_task(work))

    def _set_clock(self, offset: timedelta) -> None:
        now = datetime.now(UTC) + offset
        self.installation.time.set_wall_clock(now)
        self.checks.set_clock(has_restarted=self.installation.has_restarted)

    def _write_as_app(self, event: Event) -> None:
        words = FOREIGN_ORDER.encode()
        values = tuple(words[at] for at in DISPATCH_ADDRESSES)
        if event is Event.FOREIGN_STOP:
            values = (0,)
        elif event is Event.FOREIGN_REPEATS:
            ours = [one for one in self._inverter.writes if one.address in words]
            whole = [one.values for one in ours if len(one.values) >= len(values)]
            if not whole:
                return
            values = whole[-1][: len(values)]
        self._inverter.write_as_app(DISPATCH_ADDRESSES.start, *values)

    async def _reload(self) -> None:
        await self._unload()
        await self._load()

    async def _set_controls(self, *, on: bool) -> None:
        if self.installation.entry.state is not ConfigEntryState.LOADED:
            return
        self.installation.set_option("controls", value=on)
        self.checks.controls_off_at = None if on else self.installation.time.loop.time()
        await self._reload()

    async def _refresh(self) -> None:
        if self.installation.entry.state is not ConfigEntryState.LOADED:
            return
        with suppress(HomeAssistantError):
            await self.installation.hass.services.async_call(
                DOMAIN, "refresh", blocking=True
            )

    # Orders

    @rule(
        requests=st.lists(REQUESTS, min_size=1, max_size=3),
        event=EVENTS,
        step=STEPS,
        seconds=st.sampled_from((0, 5, 30)),
    )
    def orders_are_given(
        self,
        *,
        requests: list[Request],
        event: Event | LinkFault | None,
        step: int,
        seconds: int,
    ) -> None:
        if event:
            self._happen_at_step(event, step)
        self._run(self._give(requests, seconds))

    async def _give(self, requests: list[Request], seconds: int) -> None:
        giving = [asyncio.ensure_future(self._give_one(one)) for one in requests]
        _, late = await asyncio.wait(giving, timeout=MAX_ANSWER_SECONDS)
        for task in late:
            self.checks.add("an order has no answer")
            task.cancel()
        for task in giving:
            if task.done():
                task.result()
        self.installation.process.forget_events()
        await self._wait(seconds)
        await self._settle()

    async def _give_one(self, request: Request) -> None:
        await asyncio.sleep(request.delay)
        installation, context = self.installation, Context()
        call = Call(request=request, context=context, began=self._inverter.age)
        call.impeded = self._is_impeded()
        self.checks.calls.append(call)
        self.checks.record(f"begins: {request}")
        giving = asyncio.ensure_future(installation.caller.give(request, context))
        done, _ = await asyncio.wait([giving], timeout=request.cancelled_after)
        if not done:
            giving.cancel()
            await asyncio.wait([giving])
        answer = Answer(AnswerKind.CANCELLED) if giving.cancelled() else giving.result()
        self.tried.orders[f"{request.kind}: {answer.kind}"] += 1
        call.impeded |= self._is_impeded()
        self.checks.finish(call, answer)

    def _is_impeded(self) -> bool:
        return bool(
            self._inverter.fault
            or self._habit in OBSTRUCTIVE
            or not self.installation.process.is_alive
        )

    _habit = Habit.NORMAL

    # Everything else

    @rule(event=st.sampled_from(Event), seconds=st.sampled_from((0, 5, 60)))
    def something_happens(self, event: Event, seconds: int) -> None:
        self._happen(event)
        self._run(self._wait_and_settle(seconds))

    @rule(fault=st.sampled_from(LinkFault), seconds=st.sampled_from((3, 40, 150)))
    def link_fails(self, fault: LinkFault, seconds: int) -> None:
        self._happen(fault)
        self._run(self._wait(seconds))

    @rule()
    def link_is_repaired(self) -> None:
        self._run(self._wait_and_settle(0))

    @rule(habit=st.sampled_from(Habit), delay=st.sampled_from((0, 0, 1, 2, 4, 6)))
    def inverter_has_a_habit(self, habit: Habit, delay: int) -> None:
        self._set_habit(habit, delay)

    def _set_habit(self, habit: Habit, delay: int) -> None:
        if self._habit in OBSTRUCTIVE or habit in OBSTRUCTIVE:
            self.checks.impede()
        self._habit, self._inverter.effect_delay = habit, delay
        self.checks.record(f"--- the inverter {habit}, with effect after {delay} s")
        before: Behaviour = self._inverter.model.behaviour
        self._inverter.behaviour = replace(before, **HABITS[habit])

    @rule(seconds=st.sampled_from((10, 60, 130)))
    def time_passes(self, seconds: int) -> None:
        self._run(self._wait_and_settle(seconds))

    @rule(seconds=st.sampled_from((20, 100, 400)))
    def time_passes_without_a_process(self, seconds: int) -> None:
        self._run(self._stay_off(seconds))

    async def _stay_off(self, seconds: int) -> None:
        self._kill()
        self.tried.events[Event.KILL] += 1
        await self.installation.end_killed()
        self.installation.time.advance(seconds)
        await self._settle()

    async def _wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self._is_impeded():
            self.checks.impede()

    async def _wait_and_settle(self, seconds: float) -> None:
        await self._wait(seconds)
        await self._settle()

    async def _settle(self) -> None:
        """Let the link and the process work again; after one poll everything must be shown right."""
        if self._tasks:
            await asyncio.wait(self._tasks)
            for task in self._tasks:
                task.result()
            self._tasks.clear()
        if self._inverter.fault:
            self._inverter.fault = None
            self.checks.resume()
        if not self.installation.process.is_alive:
            await self.installation.end_killed()
        await self._load()
        if self.checks.controls_off_at is not None:
            await self._set_controls(on=True)
        while (
            not self._inverter.is_settled or self.installation.controller.lock.locked()
        ):
            await asyncio.sleep(0.5)
        await self._refresh()
        if not self._inverter.is_settled or self.installation.controller.lock.locked():
            return
        await self._check_shown()

    async def _check_shown(self) -> None:
        shown: Any = await self.installation.hass.services.async_call(
            DOMAIN, "get_status", blocking=True, return_response=True
        )
        if not shown["connected"]:
            self.checks.add("the link works, but is shown as lost")
            return
        dispatch, end = shown["dispatch"], None
        self.checks.record(
            f"shown: {dispatch['status']} of {dispatch['controlled_by']}"
        )
        if dispatch["expires_at"]:
            left = datetime.fromisoformat(dispatch["expires_at"]) - datetime.now(UTC)
            end = self._inverter.age + left.total_seconds()
        self.checks.check_shown(dispatch, end)
        self._log.check_running(dispatch["controlled_by"])

    @invariant()
    def nothing_is_wrong(self) -> None:
        if hasattr(self, "checks"):
            found = self.checks.findings
            assert not found, "\n".join((*found[:5], *self.checks.trace))

    def teardown(self) -> None:
        """Repair everything; check that each order ends, and is logged once."""
        if not hasattr(self, "checks"):
            return
        try:
            if not self.checks.findings:
                self._run(self._end_all())
                self.nothing_is_wrong()
        finally:
            self._run(self._remove())

    async def _end_all(self) -> None:
        self._set_habit(Habit.NORMAL, 0)
        await self._settle()
        running = self._inverter.running
        if running:
            left = running.since + running.order.duration - self._inverter.age
            await asyncio.sleep(max(0, left) + 70)
            await self._settle()
        for call in self.checks.calls:
            self._log.check_call(call)

    async def _remove(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.installation.remove()
