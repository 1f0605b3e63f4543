"""Changing settings: read first, write only what differs, and believe only what reads back."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from .errors import (
    CommunicationError,
    ErrorKind,
    IllegalRequestError,
    ResponseTimeoutError,
)
from .verify import READBACK_DELAYS_SECONDS, unverified_on_timeout
from .write_policy import PERIOD_ADDRESSES
from .writer import Writer

type Words = Mapping[int, int]


@dataclass(frozen=True, kw_only=True)
class SettingsWrite:
    """What became of a change."""

    requested: Words
    read_back: Words
    """All settings that were looked at, as they read back."""
    refused: bool
    flash_writes: int
    """How often flash was written for it."""

    @property
    def is_applied(self) -> bool:
        """Whether the inverter says that it is as wished."""
        return self.read_back.items() >= self.requested.items()


async def write_settings(
    writer: Writer, requested: Words, *, before: Words
) -> SettingsWrite:
    """Make settings what is wished, given what was read just now, and find out what became of it.

    Raises TooManyWritesError and UnansweredError where nothing was written,
    UnverifiedError where that is unknown.
    """
    runs = tuple(_runs({at: w for at, w in requested.items() if before[at] != w}))
    writer.flash_writes.require_budget(len(runs))
    already = writer.flash_writes.total
    with unverified_on_timeout(writer):
        setback = await _write(writer, runs)
        words = await _poll_until_applied(
            writer, requested, before=before, retry=not setback
        )
        kept = SettingsWrite(
            requested=requested,
            read_back=words,
            refused=isinstance(setback, IllegalRequestError),
            flash_writes=writer.flash_writes.total - already,
        )
        if isinstance(setback, ResponseTimeoutError) and not kept.is_applied:
            raise setback
    return kept


async def _write(
    writer: Writer, runs: Iterable[Words]
) -> IllegalRequestError | ResponseTimeoutError | None:
    """Write until something goes wrong that reading back can tell more about."""
    try:
        for run in runs:
            await writer.write_settings(run)
    except IllegalRequestError as err:
        return err
    except ResponseTimeoutError as err:
        return err  # Perhaps only the answer was lost.
    return None


async def _poll_until_applied(
    writer: Writer, requested: Words, *, before: Words, retry: bool
) -> Words:
    """Read back until all is there, or long enough. Where nothing had to be written, nothing is read."""
    words, addresses = before, range(min(before), max(before) + 1)
    pauses = iter((0.0, *(READBACK_DELAYS_SECONDS if retry else ())))
    while (
        not words.items() >= requested.items()
        and (pause := next(pauses, None)) is not None
    ):
        await asyncio.sleep(pause)
        words = await _read_back(writer, addresses)
    return words


async def _read_back(writer: Writer, addresses: range) -> Words:
    try:
        return await writer.read(addresses)
    except IllegalRequestError as err:
        raise CommunicationError(ErrorKind.PROTOCOL, str(err)) from err


def _runs(words: Words) -> Iterator[dict[int, int]]:
    """Divide words into runs of neighbours, in the order in which they are safe.

    Periods are switched off before anything about them changes, and on after it: a
    change that is torn half way leaves no window at work that nobody wants.
    """
    switch = {at: word for at, word in words.items() if at == PERIOD_ADDRESSES.start}
    rest = sorted(words.keys() - switch.keys())
    if switch and not any(switch.values()):
        yield switch
    for _, run in groupby(enumerate(rest), key=lambda one: one[1] - one[0]):
        yield {at: words[at] for _, at in run}
    if switch and any(switch.values()):
        yield switch
