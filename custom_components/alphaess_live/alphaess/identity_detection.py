"""Detects the identity of an inverter: properties that readings in a row confirm, and replace if they changed."""

from collections.abc import Set as AbstractSet
import logging
from typing import Any, override

from .identity import PROPERTIES, Identity, Observation, observe
from .registers import System, SystemSuffix
from .registers.block import Block
from .scale_evidence import Streak, Weight
from .snapshot import Snapshot

_LOGGER = logging.getLogger(__name__)

_FIRMWARE, _RATED_POWER = "firmware", "rated_power"
VERSION_BLOCKS = frozenset({System.name, SystemSuffix.name})

MAX_FIRMWARE_READINGS = 40
"""Readings without a certain version, after which it is read as rarely as before."""

SAME_POWER_SHARE = 0.9
"""A power limit that is not lower than this share of the rated power supports it."""


class Property:
    """One property of an inverter, and how certain it is.

    Three readings in a row over at least a minute replace a value that is not confirmed.
    One that was read for half an hour is confirmed, and needs half an hour to be replaced.
    """

    needed_for_change = Weight.HINT
    """What replaces a confirmed value."""
    needed_for_confirmation = Weight.HINT

    def __init__(self, value: Any, *, confirmed: bool, proven: bool) -> None:
        """Start with what was stored."""
        self.value = value
        self.confirmed = confirmed
        self.proven = confirmed or proven
        """Whether three readings have shown the value."""
        self._candidate: Any = None
        self._streak: Streak[Any] = Streak()

    @property
    def in_question(self) -> bool:
        """Whether the value is not proven, or the last reading showed another one."""
        latest = self._streak.latest
        return not self.proven or latest not in (None, self._supported(self.value))

    def add(self, seen: Observation | None, at: float) -> bool:
        """Add what a reading shows, at a time in seconds; return whether the value changed."""
        if seen is None or (self.confirmed and not self._is_visible(seen)):
            self._streak.end()
            return False
        supported = self._supported(seen.value)
        continues = supported == self._streak.latest
        self._candidate = self._joined(seen.value) if continues else seen.value
        self._streak.add(supported, at)
        is_same = supported == self._supported(self.value)
        needed = self.needed_for_change if self.confirmed else Weight.PROOF
        changed = not is_same and self._streak.lasts(needed)
        if changed:
            self.value, self.confirmed = self._candidate, False
            self._streak.latest = self._supported(self.value)
        if is_same or changed:
            self.proven = self.proven or self._streak.lasts(Weight.PROOF)
            # What is hidden now confirms nothing.
            is_lasting = self._streak.lasts(self.needed_for_confirmation)
            self.confirmed = self.confirmed or (seen.is_visible and is_lasting)
        return changed

    def doubt(self) -> None:
        """Let three readings replace the value again."""
        self.confirmed = self.proven = False

    def _is_visible(self, seen: Observation) -> bool:
        """Whether a reading shows all that there is."""
        return seen.is_visible

    def _supported(self, value: Any) -> Any:
        """Return what a value supports; readings that support the same are consistent."""
        return value

    def _joined(self, value: Any) -> Any:
        """Return the value that consistent readings have in common."""
        return value


class Firmware(Property):
    """The version of the EMS: an update changes it."""

    needed_for_change = Weight.CHANGE
    needed_for_confirmation = Weight.PROOF


class RatedPower(Property):
    """The highest power limit of the battery, in W: a cold or a full one has lower limits for a while."""

    needed_for_change = Weight.PROOF

    def __init__(self, value: Any, *, confirmed: bool, proven: bool) -> None:
        """Start with what was stored."""
        super().__init__(value, confirmed=confirmed, proven=proven)
        self._exact: Streak[int] = Streak()

    @override
    def add(self, seen: Observation | None, at: float) -> bool:
        """Add what a reading shows; before it is confirmed, an exact value that lasts is better than a close one."""
        changed = super().add(seen, at)
        if seen is None:
            self._exact.end()
            return changed
        self._exact.add(seen.value, at)
        is_close = not changed and not self._supported(seen.value)
        if self.confirmed or not is_close or not self._exact.lasts(Weight.CHANGE):
            return changed
        is_other, self.value = bool(seen.value != self.value), seen.value
        return is_other

    @override
    def _is_visible(self, seen: Observation) -> bool:
        return self._supported(seen.value) >= 0

    @override
    def _supported(self, value: Any) -> int:
        lowest = SAME_POWER_SHARE * self.value
        return int(value > self.value) - int(value < lowest)

    @override
    def _joined(self, value: Any) -> Any:
        return min(value, self._candidate)


_KINDS: dict[str, type[Property]] = {_FIRMWARE: Firmware, _RATED_POWER: RatedPower}
_BATTERY = ("battery_model", "battery_modules", "battery_capacity")


class IdentityDetector:
    """Collects what the readings of one inverter show of its identity."""

    def __init__(self, known: Identity) -> None:
        """Start with what was stored."""
        self.identity = known
        self._properties = {
            name: _KINDS.get(name, Property)(
                getattr(known, name),
                confirmed=name not in known.unconfirmed,
                proven=name in known.proven,
            )
            for name in PROPERTIES
        }
        self._firmware = self._discovered_firmware = known.firmware
        self._is_back = False
        """Whether no version was read since an outage."""
        self._firmware_readings = 0
        """Readings in a row that left the version in question."""

    @property
    def rated_power(self) -> int:
        """The rated power in W, as three readings have shown it; 0 before."""
        power = self._properties[_RATED_POWER]
        return int(power.value) if power.proven else 0

    def needs(self, block: type[Block]) -> bool:
        """Whether a block that is rarely read is needed soon, because its version is in question."""
        has_version = block.name in VERSION_BLOCKS
        return has_version and 0 < self._firmware_readings < MAX_FIRMWARE_READINGS

    @property
    def has_new_firmware(self) -> bool:
        """Whether other firmware answers than that for which it was found out what is served.

        One reading shows that after an outage; at any other time it must be proven.
        """
        return self._firmware != self._discovered_firmware

    def on_outage(self) -> None:
        """Use the version that is read next."""
        self._is_back = True

    def on_discovery(self) -> None:
        """Record that it is found out for the present firmware what is served."""
        self._discovered_firmware = self._firmware

    def update(self, reading: Snapshot, *, at: float) -> None:
        """Add a reading, at a time in seconds of a clock that is never set.

        It has only what was read now: all else that the inverter serves is unavailable in it.
        """
        changed: set[str] = set()
        for name, seen in observe(reading).items():
            one = self._properties[name]
            if seen and name in self.identity.unknown:
                one.value = seen.value
                changed.add(name)
            if one.add(seen, at):
                _LOGGER.info("Identity: %s is %s now", name, one.value)
                changed.add(name)
            if name == _FIRMWARE:
                self._note_firmware(seen, has_changed=name in changed)
        if not changed.isdisjoint(_BATTERY):
            self._properties[_RATED_POWER].doubt()
        self._keep(changed)

    def _keep(self, changed: AbstractSet[str]) -> None:
        """Keep what has changed, and how certain it all is."""
        ones = self._properties
        unconfirmed = frozenset(name for name in ones if not ones[name].confirmed)
        proven = frozenset(name for name in unconfirmed if ones[name].proven)
        known = self.identity
        if changed or (known.unconfirmed, known.proven) != (unconfirmed, proven):
            self.identity = known.with_properties(
                {name: ones[name].value for name in changed},
                unconfirmed=unconfirmed,
                proven=proven,
            )

    def _note_firmware(self, seen: Observation | None, *, has_changed: bool) -> None:
        """Keep which firmware answers, and how long that has been in question."""
        one = self._properties[_FIRMWARE]
        self._firmware_readings = self._firmware_readings + 1 if one.in_question else 0
        if self._is_back and seen and seen.value:
            self._firmware, self._is_back = seen.value, False
        elif has_changed:
            self._firmware = one.value
