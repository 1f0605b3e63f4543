"""Corruptions: how a simulated device answers with other words than it should, or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from modbus_connection import IllegalDataAddressError, ModbusTimeoutError

type Words = Mapping[int, int]


class CorruptionKind(StrEnum):
    """What happens to the words."""

    ZEROS = "zeros"
    """A device that starts or sleeps, or a register that it does not have."""
    ONES = "all ones"
    """Also −1 in a signed register."""
    NEIGHBOUR = "a neighbour's value"
    """The answer is shifted by `detail` registers."""
    TORN = "torn halves"
    """A register of two words is read while the device writes it; `detail` chooses a `Tear`."""
    FLIPPED_BIT = "a flipped bit"
    """Bit `detail` of each word."""
    TENFOLD = "ten times as much"
    """A value in the scale of another model, as is the next one."""
    TENTH = "a tenth of it"
    STALE = "last sample again"
    """The words as they were when it began."""
    REFUSED = "refused"
    """Exception 2 to each request that touches the registers."""
    LATE = "late"
    """No answer within the time-out to each request that touches the registers."""


class Tear(StrEnum):
    """How the two halves of a register do not belong together."""

    OLD_HIGH = "old high word"
    OLD_LOW = "old low word"
    NO_HIGH = "high word 0"
    """A small negative value becomes 65526."""
    ONES_HIGH = "high word all ones"
    """A small value becomes −65509."""
    NEXT_HIGH = "next high word, low word 0"
    """0 becomes 65536."""


TEARS = tuple(Tear)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corruption:
    """One corruption of some addresses; it lasts as long as it is in the device's behaviour."""

    kind: CorruptionKind
    addresses: range
    detail: int = 0
    before: Mapping[int, int] = field(default_factory=dict, repr=False)
    """The words when it began, for those kinds that send old ones."""

    def touches(self, wanted: Iterable[int]) -> bool:
        """Whether a request for these addresses is concerned."""
        return any(address in self.addresses for address in wanted)

    def require_answer(self, wanted: range) -> None:
        """Raise the error that a request for these addresses gets instead of an answer."""
        if not self.touches(wanted):
            return
        if self.kind is CorruptionKind.REFUSED:
            raise IllegalDataAddressError
        if self.kind is CorruptionKind.LATE:
            raise ModbusTimeoutError("the simulated inverter answers too late")

    def apply(self, sent: dict[int, int], words: Words) -> None:
        """Replace the concerned ones of the words that are sent; `words` are all true ones."""
        concerned = [address for address in sent if address in self.addresses]
        match self.kind:
            case CorruptionKind.ZEROS | CorruptionKind.ONES:
                word = 0 if self.kind is CorruptionKind.ZEROS else 0xFFFF
                sent |= dict.fromkeys(concerned, word)
            case CorruptionKind.NEIGHBOUR:
                sent |= {at: words.get(at + self.detail, 0) for at in concerned}
            case CorruptionKind.FLIPPED_BIT:
                sent |= {at: sent[at] ^ 1 << self.detail % 16 for at in concerned}
            case CorruptionKind.TENFOLD:
                sent |= {at: 10 * sent[at] & 0xFFFF for at in concerned}
            case CorruptionKind.TENTH:
                sent |= {at: sent[at] // 10 for at in concerned}
            case CorruptionKind.STALE:
                sent |= {at: self.before.get(at, sent[at]) for at in concerned}
            case CorruptionKind.TORN:
                sent |= {at: self._torn(at, sent[at]) & 0xFFFF for at in concerned}

    def _torn(self, address: int, word: int) -> int:
        """Tear the register whose high word has the first of the addresses, and so on in pairs."""
        is_high = (address - self.addresses.start) % 2 == 0
        old = self.before.get(address, word)
        match TEARS[self.detail % len(TEARS)]:
            case Tear.OLD_HIGH:
                return old if is_high else word
            case Tear.OLD_LOW:
                return word if is_high else old
            case Tear.NO_HIGH:
                return 0 if is_high else word
            case Tear.ONES_HIGH:
                return 0xFFFF if is_high else word
            case Tear.NEXT_HIGH:
                return word + 1 if is_high else 0


def sent_words(
    words: Words, wanted: Iterable[int], corruptions: Iterable[Corruption]
) -> dict[int, int]:
    """Return the words that are sent for these addresses; undefined ones are 0."""
    sent = {address: words.get(address, 0) for address in wanted}
    for corruption in corruptions:
        corruption.apply(sent, words)
    return sent
