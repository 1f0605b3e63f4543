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

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.simulator.behaviour import Behaviour
from custom_components.alphaess_live.simulator.models import MODELS

from .calls import Call, call_id
from .choices import (
    BY_REGISTER,
    EVENTS,
    FOREIGN,
    HABITS,
    LIMITING,
    OBSTRUCTIVE,
    REQUESTS,
    STEPS,
    Event,
    Habit,
    Tried,
)
from .installation import OrderInstallation
from .interfaces import SETPOINTS, Answer, AnswerKind, Request
from .log_checks import LogChecks
from .order_checks import END_SECONDS, STOP_SECONDS, OrderChecks
from .recording_inverter import LinkFault, Source

SLEEP_SECONDS = 90
SHARED_SECONDS = 1.5
"""For so long, requests for a poll share one."""
CLOCK_OFFSET = timedelta(minutes=50)
MAX_ANSWER_SECONDS = 90
"""Within which every order has its answer, also after others."""


class OrderMachine(RuleBasedStateMachine):
    """One run: an inverter, its entry, and a sequence of orders and events."""

    tried: ClassVar[Tried]
    installation: OrderInstallation
    checks: OrderChecks
    _habit = Habit.NORMAL

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
        habit=st.sampled_from(Habit),
        phase=st.sampled_from((0.98, 0.73, 0.48, 0.23)),
    )
    def entry_is_added(
        self,
        *,
        model: str,
        charge: float,
        end_at_target: bool,
        stop_on_unload: bool,
        habit: Habit = Habit.NORMAL,
        phase: float = 0.98,
    ) -> None:
        options = {"end_at_target": end_at_target, "stop_on_unload": stop_on_unload}
        self.installation = OrderInstallation(
            MODELS[model], soc=charge, options=options, phase=phase
        )
        self._inverter = self.installation.inverter
        self.checks = OrderChecks(self._inverter)
        self.checks.may_stop_early = end_at_target
        self._log = LogChecks(self.checks.add, self.checks.record)
        self._run(self.installation.add_entry())
        self._attach()
        self._set_habit(habit, 0)

    # The process

    def _attach(self) -> None:
        runtime = self.installation.runtime
        self._log.attach(runtime.dispatch_log, runtime.controller)
        runtime.manual.setpoints |= SETPOINTS
        controller = runtime.controller
        self.checks.call_in_progress = lambda: call_id(controller.ordered_by)
        controller.on_order.append(self.checks.finish_cancelled)
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
        await self.installation.set_up()
        self._attach()

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
            Event.FOREIGN: lambda: self.installation.write_as_app(event),
            Event.FOREIGN_REPEATS: lambda: self.installation.write_as_app(event),
            Event.FOREIGN_STOP: lambda: self.installation.write_as_app(event),
            Event.POLL: lambda: self._begin(self._refresh()),
        }
        events[event]()

    def _sleep(self) -> None:
        self.checks.impede(unread=True)
        self.installation.time.sleep_host(SLEEP_SECONDS)
        self.checks.resume()

    def _restart_inverter(self) -> None:
        if self.installation.process.is_sending:
            return  # In the middle of an order register by register.
        self._inverter.switch_on()
        self.checks.impede()

    def _happen_at_step(self, event: Event | LinkFault, step: int) -> None:
        """Let something happen at one of the next steps of the process."""
        process = self.installation.process

        def happen() -> None:
            if event is Event.SLEEP and process.is_sending:
                # A host that falls asleep does not keep a request on its way.
                self._happen_at_step(event, 1)
            # In the middle of an order register by register, both would be mixed.
            elif event not in FOREIGN or self._habit not in BY_REGISTER:
                self._happen(event)

        process.at_step(step, happen)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(self.installation.time.loop.create_task(work))

    def _set_clock(self, offset: timedelta) -> None:
        now = datetime.now(UTC) + offset
        self.installation.time.set_wall_clock(now)
        self.checks.set_clock(has_restarted=self.installation.has_restarted)

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

    @rule(request=REQUESTS, event=EVENTS, step=STEPS)
    def order_is_given(
        self, request: Request, event: Event | LinkFault | None, step: int
    ) -> None:
        self.orders_are_given(requests=[request], event=event, step=step, seconds=0)

    @rule(requests=st.lists(REQUESTS, min_size=2, max_size=4))
    def orders_are_given_undisturbed(self, requests: list[Request]) -> None:
        self.orders_are_given(requests=requests, event=None, step=1, seconds=5)

    async def _give(self, requests: list[Request], seconds: int) -> None:
        giving = [asyncio.ensure_future(self._give_one(one)) for one in requests]
        done, late = await asyncio.wait(giving, timeout=MAX_ANSWER_SECONDS)
        for task in late:
            self.checks.add("an order has no answer")
            task.cancel()
        for task in done:
            task.result()
        self.installation.process.forget_events()
        await self._wait_and_settle(seconds)

    async def _give_one(self, request: Request) -> None:
        await asyncio.sleep(request.delay)
        installation, context = self.installation, Context()
        call = Call(request=request, context=context, began=self._inverter.age)
        call.read_back_at_start = self._inverter.read_back
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
            or not self.installation.is_connected
        )

    # Everything else

    @rule(event=EVENTS, seconds=st.sampled_from((0, 5, 60, 150)))
    def something_happens(self, event: Event | LinkFault | None, seconds: int) -> None:
        if event:
            self._happen(event)
        self._run(self._wait_and_settle(seconds))

    @rule(habit=st.sampled_from(Habit), delay=st.sampled_from((0, 0, 1, 2, 4, 6)))
    def inverter_has_a_habit(self, habit: Habit, delay: int) -> None:
        self._set_habit(habit, delay)

    def _set_habit(self, habit: Habit, delay: int) -> None:
        if habit in LIMITING and self._inverter.running:
            return  # No inverter limits what it has accepted before.
        if self._habit in OBSTRUCTIVE or habit in OBSTRUCTIVE:
            self.checks.impede()
        self._habit, self._inverter.effect_delay = habit, delay
        self.checks.record(f"--- the inverter {habit}, with effect after {delay} s")
        before: Behaviour = self._inverter.model.behaviour
        self._inverter.behaviour = replace(before, **HABITS[habit])

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
        await self._repair()
        while (
            not self._inverter.is_settled or self.installation.controller.lock.locked()
        ):
            await asyncio.sleep(0.5)
        await asyncio.sleep(SHARED_SECONDS)
        await self._refresh()
        if not self._inverter.is_settled or self.installation.controller.lock.locked():
            return
        await self._check_shown()

    async def _repair(self) -> None:
        if self._inverter.fault:
            self._inverter.fault = None
            self.checks.resume()
        if not self.installation.process.is_alive:
            await self.installation.end_killed()
        await self._load()
        if self.checks.controls_off_at is not None:
            await self._set_controls(on=True)

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
        if hasattr(self, "checks"):
            try:
                if not self.checks.findings:
                    self._run(self._end_all())
                    self.nothing_is_wrong()
            finally:
                self._run(self._remove())

    async def _end_all(self) -> None:
        running = self._inverter.running
        if (
            self._habit is not Habit.RUNS_ON
            or not running
            or running.source is not Source.OURS
        ):
            self._set_habit(Habit.NORMAL, 0)
        await self._settle()
        if running := self._inverter.running:
            left = running.since + running.order.duration - self._inverter.age
            # Half a minute more than our program needs to stop what the inverter does not end.
            await asyncio.sleep(max(0, left) + END_SECONDS + STOP_SECONDS + 5)
            await self._settle()
        for call in self.checks.calls:
            self._log.check_call(call)

    async def _remove(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.installation.remove()
