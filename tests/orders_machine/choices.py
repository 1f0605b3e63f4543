"""What is ordered and what happens: the choices of the order machine, and how often each was made."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

from custom_components.alphaess_live.simulator.behaviour import Reply

from .interfaces import Interface, Kind, Request
from .recording_inverter import LinkFault


class Habit(StrEnum):
    """How an inverter treats writes."""

    NORMAL = "normal"
    IGNORES_WRITES = "ignores writes"
    WEAK = "clamps to 1200 W"
    POWERLESS = "clamps to 0 W"
    SHORT = "clamps to 100 s"
    REFUSES_BLOCKS = "refuses blocks"
    FAILS_BLOCKS = "exception 4 to blocks"
    SILENT_TO_BLOCKS = "does not answer blocks"
    REFUSES_ALL = "refuses all writes"
    RUNS_ON = "does not end orders"
    READS_LATE = "reads back late"


HABITS: dict[Habit, dict[str, Any]] = {
    Habit.NORMAL: {},
    Habit.IGNORES_WRITES: {"ignores_writes": True},
    Habit.WEAK: {"power_limit": 1200},
    Habit.POWERLESS: {"power_limit": 0},
    Habit.SHORT: {"duration_limit": 100},
    Habit.REFUSES_BLOCKS: {"block_write": Reply.REFUSED},
    Habit.FAILS_BLOCKS: {"block_write": Reply.FAILED},
    Habit.SILENT_TO_BLOCKS: {"block_write": Reply.SILENT},
    Habit.REFUSES_ALL: {
        "block_write": Reply.REFUSED,
        "block_write_of_one": Reply.REFUSED,
        "single_write": Reply.REFUSED,
    },
    Habit.RUNS_ON: {"ignores_duration": True},
    Habit.READS_LATE: {"readback_lag": 4.0},
}
BY_REGISTER = (Habit.REFUSES_BLOCKS, Habit.FAILS_BLOCKS, Habit.SILENT_TO_BLOCKS)
"""Those with which an order takes ten writes."""
LIMITING = (Habit.WEAK, Habit.POWERLESS, Habit.SHORT)
OBSTRUCTIVE = (Habit.IGNORES_WRITES, Habit.REFUSES_ALL, Habit.SILENT_TO_BLOCKS)
"""Those with which a stop may have no effect, or an answer is missing."""


class Event(StrEnum):
    """What happens at any moment, also in the middle of an order."""

    KILL = "kill −9"
    RELOAD = "reload"
    UNLOAD = "unload"
    DISABLE = "disable"
    SLEEP = "host asleep"
    CLOCK_FORWARD = "clock set forward"
    CLOCK_BACK = "clock set back"
    INVERTER_RESTARTS = "inverter restarts"
    CONTROLS_OFF = "controls off"
    FOREIGN = "order of another program"
    FOREIGN_REPEATS = "our last order, by another program"
    FOREIGN_STOP = "stop by another program"
    POLL = "poll"


FOREIGN = (Event.FOREIGN, Event.FOREIGN_REPEATS, Event.FOREIGN_STOP)
KINDS = st.sampled_from((*Kind, Kind.CHARGE, Kind.DISCHARGE, Kind.STOP))
REQUESTS = st.builds(
    Request.normalised,
    kind=KINDS,
    interface=st.sampled_from(Interface),
    power=st.sampled_from((1000, 2000, 3000)),
    target=st.sampled_from((30, 52, 80)),
    minutes=st.sampled_from((1, 2, 3)),
    take_over=st.sampled_from((False, False, True)),
    delay=st.sampled_from((0.0, 0.0, 0.1, 1.0, 3.0)),
    cancelled_after=st.sampled_from((None, None, None, 0.0, 0.3, 1.0, 3.0)),
)
EVENTS = st.none() | st.sampled_from(Event) | st.sampled_from(LinkFault)
STEPS = st.integers(1, 12)


@dataclass
class Tried:
    """What was tried."""

    examples: int = 0
    orders: Counter[str] = field(default_factory=Counter)
    """By kind and answer."""
    events: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Tried) -> Tried:
        """Add what another run has tried."""
        return Tried(
            self.examples + other.examples,
            self.orders + other.orders,
            self.events + other.events,
        )

    @property
    def table(self) -> str:
        """The counts as lines."""
        rows = [*self.orders.most_common(), *self.events.most_common()]
        return "\n".join(f"{count:7} {name}" for name, count in rows)
