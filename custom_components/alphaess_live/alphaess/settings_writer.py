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
    WriteOutcomeUnknownError,
)
from .verify import READBACK_DELAYS_SECONDS, unverified_on_timeout
from .write_policy import (
    FEED_IN_ADDRESSES,
    INSTALLATION_ADDRESSES,
    PERIOD_ADDRESSES,
)
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


MAX_READINGS = 4
"""Readings of settings until two in a row are the same."""

BLANK_DELAYS_SECONDS = (2.0, 3.0, 5.0)
"""Pauses before settings that prove nothing are read again: 10 s in total. An inverter that starts sends zeros."""

_BLANK_WORDS = frozenset({0, 0xFFFF})
_OTHERS = (*INSTALLATION_ADDRESSES, PERIOD_ADDRESSES, FEED_IN_ADDRESSES)
"""Settings that show, if they are not blank, that an inverter sends its settings."""


@dataclass(frozen=True, kw_only=True)
class SettingsReading:
    """Settings that were read before a change."""

    words: Words
    spans: tuple[range, ...]
    """The requests that read them."""
    is_certain: bool = True
    """Whether the inverter sends its settings: not only zeros, or all ones, in these and in the others."""


async def read_settings(writer: Writer, *spans: range) -> SettingsReading:
    """Read settings until two readings are the same: an odd word would decide what is written.

    Settings that are all blank are read again after some seconds, unless others show
    that the inverter sends its settings. Raises IllegalRequestError, and
    CommunicationError also where two readings are never the same.
    """
    words = await _read_twice(writer, spans)
    others = [one for one in _OTHERS if one.start not in words]
    delays = iter(BLANK_DELAYS_SECONDS)
    while not (
        is_certain := not _are_blank(words) or await _any_is_set(writer, others)
    ):
        if (delay := next(delays, None)) is None:
            break
        await asyncio.sleep(delay)
        words = await _read_twice(writer, spans)
    return SettingsReading(words=words, spans=spans, is_certain=is_certain)


def _are_blank(words: Words) -> bool:
    return _BLANK_WORDS.issuperset(words.values())


async def _any_is_set(writer: Writer, others: list[range]) -> bool:
    """Whether any of these settings is not blank; those that are not answered are removed from the list."""
    for addresses in tuple(others):
        try:
            words = await writer.read(addresses)
        except IllegalRequestError:
            others.remove(addresses)
        except CommunicationError as err:
            if err.kind is not ErrorKind.TIMEOUT:
                raise
            others.remove(addresses)  # Each timeout takes seconds.
        else:
            if not _are_blank(words):
                return True
    return False


async def _read_twice(writer: Writer, spans: tuple[range, ...]) -> dict[int, int]:
    last: dict[int, int] = {}
    for _ in range(MAX_READINGS):
        words = await _read(writer, spans)
        if words == last:
            return words
        last = words
    message = f"{MAX_READINGS} readings of the settings differ"
    raise CommunicationError(ErrorKind.PROTOCOL, message)


async def _read(writer: Writer, spans: Iterable[range]) -> dict[int, int]:
    words: dict[int, int] = {}
    for addresses in spans:
        words |= await writer.read(addresses)
    return words


async def write_settings(
    writer: Writer, requested: Words, *, before: SettingsReading
) -> SettingsWrite:
    """Change settings from what was just read to what is requested, and verify that.

    What counts is what reads back now: a word that was read as it is requested, and is
    not, is written then. All are written where what was read proves nothing. Raises
    TooManyWritesError or CommunicationError if nothing was written, and
    WriteOutcomeUnknownError if that is unknown.
    """
    spans = before.spans
    changed = {
        at: word
        for at, word in requested.items()
        if before.words[at] != word or not before.is_certain
    }
    total_before = writer.flash_writes.total
    error, read_back = await _write_and_read_back(
        writer, changed, requested=requested, spans=spans
    )
    missed = {
        at: word
        for at, word in requested.items()
        if at not in changed and read_back[at] != word
    }
    if missed and error is None:
        error, read_back = await _write_and_read_back(
            writer, missed, requested=requested, spans=spans
        )
    result = SettingsWrite(
        requested=requested,
        read_back=read_back,
        refused=isinstance(error, IllegalRequestError),
        flash_writes=writer.flash_writes.total - total_before,
    )
    if isinstance(error, ResponseTimeoutError) and not result.is_applied:
        raise WriteOutcomeUnknownError(error.kind, str(error)) from error
    return result


async def _write_and_read_back(
    writer: Writer, changed: Words, *, requested: Words, spans: tuple[range, ...]
) -> tuple[Exception | None, Words]:
    """Write words; return the error that reading back can clarify, and what reads back."""
    if not changed:
        return None, await _read_back(writer, spans)
    writes = tuple(_spans(changed))
    writer.flash_writes.require_writes_left(len(writes))
    with unverified_on_timeout(writer):
        error = await _write(writer, writes)
        read_back = await _poll_until_applied(
            writer,
            {at: requested[at] for at in changed},
            spans=spans,
            retry=error is None,
        )
    return error, read_back


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
    writer: Writer, changed: Words, *, spans: tuple[range, ...], retry: bool
) -> Words:
    """Read back until all changed words are applied, or until the delays are used up.

    Reads once without `retry`.
    """
    for delay in (0.0, *(READBACK_DELAYS_SECONDS if retry else ())):
        await asyncio.sleep(delay)
        words = await _read_back(writer, spans)
        if words.items() >= changed.items():
            break
    return words


async def _read_back(writer: Writer, spans: tuple[range, ...]) -> Words:
    try:
        return await _read(writer, spans)
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
