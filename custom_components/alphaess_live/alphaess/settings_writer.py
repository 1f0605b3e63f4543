"""Writes settings: only the words that differ, and verifies them by reading them back."""

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
    """The result of a change of settings."""

    requested: Words
    read_back: Words
    """All settings that were read, by address."""
    refused: bool
    flash_writes: int
    """How many writes to flash memory it took."""

    @property
    def is_applied(self) -> bool:
        """Whether all requested words read back."""
        return self.read_back.items() >= self.requested.items()


async def write_settings(
    writer: Writer, requested: Words, *, before: Words
) -> SettingsWrite:
    """Change settings from what was just read to what is requested, and verify that.

    Raises TooManyWritesError or CommunicationError if nothing was written, and
    WriteOutcomeUnknownError if that is unknown.
    """
    changed = {at: word for at, word in requested.items() if before[at] != word}
    spans = tuple(_spans(changed))
    writer.flash_writes.require_writes_left(len(spans))
    total_before = writer.flash_writes.total
    with unverified_on_timeout(writer):
        error = await _write(writer, spans)
        read_back = await _poll_until_applied(
            writer, requested, before=before, retry=error is None
        )
        result = SettingsWrite(
            requested=requested,
            read_back=read_back,
            refused=isinstance(error, IllegalRequestError),
            flash_writes=writer.flash_writes.total - total_before,
        )
        if isinstance(error, ResponseTimeoutError) and not result.is_applied:
            raise error
    return result


async def _write(
    writer: Writer, spans: Iterable[Words]
) -> IllegalRequestError | ResponseTimeoutError | None:
    """Write until the first error that reading back can clarify, and return it."""
    try:
        for span in spans:
            await writer.write_settings(span)
    except IllegalRequestError as err:
        return err
    except ResponseTimeoutError as err:
        return err  # Perhaps only the response was lost.
    return None


async def _poll_until_applied(
    writer: Writer, requested: Words, *, before: Words, retry: bool
) -> Words:
    """Read back until all words are applied, or until the delays are used up.

    Reads nothing if nothing had to be written; reads once without `retry`.
    """
    words, addresses = before, range(min(before), max(before) + 1)
    delays = iter((0.0, *(READBACK_DELAYS_SECONDS if retry else ())))
    while (
        not words.items() >= requested.items()
        and (delay := next(delays, None)) is not None
    ):
        await asyncio.sleep(delay)
        words = await _read_back(writer, addresses)
    return words


async def _read_back(writer: Writer, addresses: range) -> Words:
    try:
        return await writer.read(addresses)
    except IllegalRequestError as err:
        raise CommunicationError(ErrorKind.PROTOCOL, str(err)) from err


def _spans(words: Words) -> Iterator[dict[int, int]]:
    """Divide words into spans of adjacent addresses, in a safe order of writing.

    The periods are switched off before any other change of them, and on after it. So an
    interrupted change leaves no period active that was not requested.
    """
    switch = {at: word for at, word in words.items() if at == PERIOD_ADDRESSES.start}
    others = sorted(words.keys() - switch.keys())
    if switch and not any(switch.values()):
        yield switch
    for _, span in groupby(enumerate(others), key=lambda one: one[1] - one[0]):
        yield {at: words[at] for _, at in span}
    if switch and any(switch.values()):
        yield switch
