"""Sends inputs at random to a running Home Assistant: no error 500, no traceback, nothing left over."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
import logging
import tempfile
from traceback import format_exc
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError
from homeassistant.exceptions import HomeAssistantError
from hypothesis import HealthCheck, Phase, given, seed as with_seed, settings
import probatio
from yarl import URL

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.web.clients import CLIENTS
from scripts.soak_run.ha_instance import (
    HomeAssistantInstance,
    run_home_assistant,
    run_simulator,
)
from tests.consistency_checker import resource_counts
from tests.fault_proxy import Fault

from .inputs import (
    FEED_INPUTS,
    NAMES,
    ActionInput,
    FeedInput,
    RestInput,
    action_inputs,
    rest_inputs,
)

ANSWER_SECONDS = 20
"""In which each input is answered, also on a busy computer."""

SERVER_ERRORS = {
    *("modbus_disconnected", "no_answer", "outcome_unknown", "not_applied"),
    *("history_unavailable", "not_loaded", "too_many_clients"),
}
"""What a status of 502, 503 and 504 may say."""

HOME_ASSISTANT_REFUSES = "400: Bad Request"
"""What Home Assistant itself answers to a path or a query that looks like an attack."""

CLOSE_CODES = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1013, 4401, 4404}

CLEANUP_SECONDS = 30
"""In which what an input opened is closed, also on a busy computer."""

ALLOWED_GROWTH = {"clients": 0, "sockets": 2, "files": 3, "tasks": 3}


@dataclass
class FuzzResult:
    """What the inputs of one seed have shown."""

    seed: int
    answers: Counter[str] = field(default_factory=Counter)
    """How often each kind of answer was seen."""
    failure: str = ""


class ErrorLog(logging.Handler):
    """Collects tracebacks, and errors of the servers and of the integration."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what no input may cause."""
        ours = ("alphaess_live", "aiohttp", "asyncio", "homeassistant.core")
        is_error = record.levelno >= logging.ERROR and any(
            name in record.name for name in ours
        )
        if record.exc_info or is_error:
            self.lines.append(logging.Formatter().format(record))


class Target:
    """The interfaces of one Home Assistant."""

    def __init__(
        self, instance: HomeAssistantInstance, session: ClientSession, log: ErrorLog
    ) -> None:
        """Send to this instance."""
        self.answers: Counter[str] = Counter()
        self.hass = instance.hass
        self._url = URL(instance.feed_url)
        self._headers = {"Authorization": f"Bearer {instance.token}"}
        self._session = session
        self._log = log

    @property
    def actions(self) -> dict[str, tuple[str, ...]]:
        """The names of all actions, and of their fields."""
        found = self.hass.services.async_services_for_domain(DOMAIN)
        return {
            name: tuple(map(str, getattr(action.schema, "schema", ()))) or NAMES
            for name, action in found.items()
        }

    async def check(self, one: RestInput | FeedInput | ActionInput) -> None:
        """Send an input. Raises AssertionError if its answer is none that it may have."""
        async with asyncio.timeout(ANSWER_SECONDS):
            match one:
                case RestInput():
                    await self._request(one)
                case FeedInput():
                    await self._connect(one)
                case ActionInput():
                    await self._call(one)
        lines, self._log.lines = self._log.lines, []
        assert not lines, "\n".join(lines)

    async def _request(self, one: RestInput) -> None:
        path = quote(one.path, safe="/", errors="surrogatepass")
        url = self._url.with_path(path, encoded=True)
        answer = await self._session.request(
            one.method,
            url.with_query(_sendable(one.query)),
            data=one.body,
            headers=self._headers,
        )
        text = await answer.text()
        self.answers[f"REST {answer.status}"] += 1
        assert answer.status not in (500, 501, 504), text
        if one.method == "HEAD" or (not one.path.isascii() and answer.status == 404):
            return
        if text == HOME_ASSISTANT_REFUSES:
            return
        body = json.loads(text, parse_constant=_refuse)
        if answer.status >= 400:
            assert body["message"], text
            known = answer.status < 500 or body["error"] in SERVER_ERRORS
            assert known, text

    async def _connect(self, one: FeedInput) -> None:
        headers = self._headers if one.has_token else {}
        url = self._url.with_query(_sendable(one.query))
        try:
            ws = await self._session.ws_connect(url, headers=headers, max_msg_size=0)
        except WSServerHandshakeError as err:
            self.answers[f"feed {err.status}"] += 1
            if err.status in (500, 501, 502, 504):
                raise
            return
        for kind, data in one.frames:
            if not ws.closed:
                try:
                    await ws.send_frame(data, kind)
                except ConnectionError:
                    break
        await ws.close()
        while (message := await ws.receive()).type in (WSMsgType.TEXT, WSMsgType.PING):
            json.loads(message.data, parse_constant=_refuse)
        self.answers[f"feed closed {ws.close_code}"] += 1
        assert ws.close_code in CLOSE_CODES, ws.close_code

    async def _call(self, one: ActionInput) -> None:
        returns = self.hass.services.supports_response(DOMAIN, one.name)
        try:
            await self.hass.services.async_call(
                DOMAIN,
                one.name,
                one.data,
                blocking=True,
                return_response=returns.value != "none",
            )
        except (probatio.Invalid, HomeAssistantError) as err:
            self.answers[f"action {type(err).__name__}"] += 1
        else:
            self.answers["action done"] += 1


def _sendable(query: dict[str, str]) -> dict[str, str]:
    """Return a query that can be encoded."""
    return {
        key.encode(errors="replace").decode(): value.encode(errors="replace").decode()
        for key, value in query.items()
    }


def _refuse(constant: str) -> Any:
    raise AssertionError(f"{constant} is no JSON")


@asynccontextmanager
async def _run_target(log: ErrorLog, fault: Fault | None) -> AsyncIterator[Target]:
    """Run a Home Assistant with a recorder, and check what is left over after all inputs."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            run_simulator(seed=0, delay=0) as simulator,
            run_home_assistant(simulator, folder, has_recorder=True) as instance,
            ClientSession() as session,
        ):
            if fault:
                await simulator.proxy.inject(fault)
                await instance.coordinator.async_refresh()
            target = Target(instance, session, log)
            await target.check(RestInput("GET", "/api/health", {}, b""))
            before = resource_counts()
            yield target
            await _check_growth(target, before)


async def _check_growth(target: Target, before: dict[str, int]) -> None:
    for _ in range(10 * CLEANUP_SECONDS):
        after = resource_counts()
        growth = {name: after[name] - count for name, count in before.items()}
        held = len(target.hass.data[CLIENTS].clients)
        if not held and all(growth[key] <= ALLOWED_GROWTH[key] for key in growth):
            return
        await asyncio.sleep(0.1)
    tasks = Counter(str(one.get_coro()) for one in asyncio.all_tasks())
    raise AssertionError(f"left over: {growth}, {held} feed clients, of {tasks}")


def run_inputs(seed: int, inputs: int) -> FuzzResult:
    """Send some inputs; every third seed has an inverter that is away."""
    result, log = FuzzResult(seed), ErrorLog()
    logging.disable(logging.NOTSET)
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    root.handlers = [log]
    fault = None if seed % 3 else Fault.REFUSE
    try:
        with asyncio.Runner() as runner:
            running = _run_target(log, fault)
            target = runner.run(running.__aenter__())
            try:
                _given_inputs(runner, target, seed=seed, inputs=inputs)
            finally:
                result.answers = target.answers
                runner.run(running.__aexit__(None, None, None))
    except Exception:  # noqa: BLE001 - whatever an input causes is the result
        result.failure = format_exc()
    return result


def _given_inputs(
    runner: asyncio.Runner, target: Target, *, seed: int, inputs: int
) -> None:
    strategy = rest_inputs() | FEED_INPUTS | action_inputs(target.actions)

    @settings(
        max_examples=inputs,
        database=None,
        deadline=None,
        phases=(Phase.generate,),  # To make an input shorter takes minutes.
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @with_seed(seed)
    @given(strategy)
    def check(one: RestInput | FeedInput | ActionInput) -> None:
        try:
            runner.run(target.check(one))
        except Exception as err:
            err.add_note(f"Input: {one!r}")
            raise

    check()
