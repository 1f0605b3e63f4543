"""What may be written for a setting or an order, word by word."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from custom_components.alphaess_live.alphaess.registers import (
    DispatchMode,
    DispatchOrder,
    FeedIn,
    Periods,
)
from custom_components.alphaess_live.alphaess.registers.register import Register
from custom_components.alphaess_live.alphaess.scales import ScaleProfile
from custom_components.alphaess_live.simulator.journal import Journal

START = DispatchOrder.registers["start"].address
NO_LIMIT = 100
"""%; the target of an order that keeps the battery idle."""


class WrittenSetting(Enum):
    """A setting in percent: the action and the field that set it, and its register."""

    FLOOR = ("set_schedule", "discharge_floor", Periods.registers["discharge_floor"])
    TARGET = ("set_schedule", "charge_target", Periods.registers["charge_target"])
    FEED_IN = ("limit_feed_in", "share", FeedIn.registers["limit"])

    @property
    def action(self) -> str:
        """The action that sets it."""
        return self.value[0]

    @property
    def field(self) -> str:
        """The action's field."""
        return self.value[1]

    def words(self, percent: int, profile: ScaleProfile) -> dict[int, int]:
        """Return the words of a value on a device with these scales."""
        register: Register[float] = self.value[2]
        return register.encode(percent, profile)


@dataclass(frozen=True)
class WrittenOrder:
    """An order: W, %, minutes."""

    action: str
    power: int
    target: int
    minutes: int

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the action."""
        fields: dict[str, Any] = {"duration": {"minutes": self.minutes}}
        if self.action != "hold":
            fields |= {"power": self.power, "target_soc": self.target}
        return fields | {"take_over": True}

    def is_encoded_by(self, words: Mapping[int, int]) -> bool:
        """Whether the words are this order. A repeated one may differ by a second, so that it can be distinguished."""
        block = dict.fromkeys(DispatchOrder.addresses(), 0) | dict(words)
        order = DispatchOrder.decode(block)
        signs = {"charge": -1, "discharge": 1, "hold": 0}
        target = NO_LIMIT if self.action == "hold" else self.target
        return (
            order.mode is DispatchMode.SOC_CONTROL
            and order.power == signs[self.action] * self.power
            and abs(order.target_soc - target) <= 0.4
            and abs(order.duration - 60 * self.minutes) <= 2
            and not order.reactive_power
        )


def check_written(
    journal: Journal,
    *,
    setting: Mapping[int, int] | None = None,
    order: WrittenOrder | None = None,
) -> Iterator[str]:
    """Yield the writes that encode something else. An order may be stopped before, too."""
    for request in journal.written:
        words = dict(enumerate(request.values, request.address))
        if words.get(START) == 0:
            continue
        if setting is not None and words.items() <= setting.items():
            continue
        if order is not None and START in words and order.is_encoded_by(words):
            continue
        yield f"writes {words} for {order or setting}"
