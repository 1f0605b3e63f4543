"""The entry's data and the files in .storage.

Entities restore their own state in number.py and entities/energy_totals.py.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
import logging
from typing import Any, NamedTuple, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, UnsupportedStorageVersionError
from homeassistant.helpers import restore_state
from homeassistant.helpers.restore_state import StoredState
from homeassistant.helpers.storage import Store
from modbus_connection import ModbusUnit

from .alphaess.identity import Identity
from .alphaess.inverter import Inverter
from .alphaess.maps import CURRENT, MAPS, RegisterMap
from .alphaess.pv_meter_direction import DEFAULT_DIRECTION, MeterDirection
from .alphaess.registers import BLOCKS
from .alphaess.registers.block import BlockGroup
from .alphaess.scales import (
    PROFILES,
    VARIANTS,
    ModelFamily,
    ScaleProfile,
    ScaleVariant,
)
from .connection.intervals import Intervals
from .const import (
    CONF_CONFIRMED_SCALES,
    CONF_GROUPS,
    CONF_IDENTITY,
    CONF_LIMITS,
    CONF_MODEL_FAMILY,
    CONF_PV_METER,
    CONF_REFUSED,
    CONF_REGISTER_MAP,
    CONF_SERIALS,
    CONF_SERVED,
    CONF_VARIANTS,
    DEFAULT_GROUPS,
    DOMAIN,
)

_LOGGER = logging.getLogger(__name__)


class _Named(Protocol):
    """A block or a scale."""

    @property
    def name(self) -> str: ...


class StoredFile(NamedTuple):
    """A file in .storage; one that each entry has is named after the entry's id."""

    suffix: str
    version: int
    """Raised when a key changes its meaning; older content is then migrated by the file's Store."""


CONTROL_FILE = StoredFile("", version=1)
"""The leases, the flash writes of today, the write functions that the device takes."""

FAULT_FILE = StoredFile(".faults", version=1)
"""The active faults, and since when."""

LEDGER_FILE = StoredFile(".energy", version=1)
"""The energy ledger: the newest number and the offset of each lifetime counter."""

DISPATCH_FILE = StoredFile(".dispatch", version=1)
"""The newest dispatches: who ordered them, and how they ended."""

STORED_FILES = (CONTROL_FILE, FAULT_FILE, LEDGER_FILE, DISPATCH_FILE)


FEED_FILE = StoredFile(".feed", version=1)
"""The only file that all entries share: which numbers the messages of the feed may have had."""


class EntryFile:
    """One file of one entry, or of all of them."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry | None, file: StoredFile
    ) -> None:
        """Name the file; nothing is read or written yet."""
        name = f"{DOMAIN}.{entry.entry_id}" if entry else DOMAIN
        self._key = f"{name}{file.suffix}"
        self._store, self._beside = (
            Store[dict[str, Any]](hass, file.version, key, atomic_writes=True)
            for key in (self._key, f"{self._key}.v{file.version}")
        )
        """The file, and the one that is used instead while the file is of a newer release."""

    async def load(self, restore: Callable[[dict[str, Any]], None]) -> None:
        """Pass the stored content on, if there is any. Unreadable content is logged and dropped.

        `restore` must change nothing before it has understood everything. The file of a
        newer release stays as it is, for that release.
        """
        with reset_if_unreadable(self._key):
            if stored := await self._load():
                restore(stored)

    async def _load(self) -> dict[str, Any] | None:
        try:
            return await self._store.async_load()
        except UnsupportedStorageVersionError as err:
            self._store = self._beside
            _LOGGER.warning("%s, and is kept: %s is used", err, self._store.key)
            return await self._store.async_load()

    def schedule_save(
        self, content: Callable[[], dict[str, Any]], *, delay_seconds: float = 0
    ) -> None:
        """Write the content that there is after the delay, without waiting for it."""
        self._store.async_delay_save(content, delay_seconds)

    async def save(self, content: dict[str, Any]) -> None:
        """Write the content, and wait until it is written."""
        await self._store.async_save(content)

    async def remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()
        await self._beside.async_remove()


async def remove_files(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Delete all files of an entry that is removed; with the last one, what they share."""
    for file in STORED_FILES:
        await EntryFile(hass, entry, file).remove()
    if not hass.config_entries.async_entries(DOMAIN):
        await EntryFile(hass, None, FEED_FILE).remove()


def update_entry_data(hass: HomeAssistant, entry: ConfigEntry, **values: Any) -> None:
    """Set keys of an entry's data; None removes a key."""
    data = {
        key: value
        for key, value in (entry.data | values).items()
        if value is not None or key not in values
    }
    hass.config_entries.async_update_entry(entry, data=data)


def restore_identity(entry: ConfigEntry) -> Identity:
    """Build the latest known identity."""
    stored = entry.data.get(CONF_IDENTITY, {})
    return Identity.from_dict(stored, serial=entry.unique_id or "")


def restore_serials(entry: ConfigEntry) -> set[str]:
    """Return every serial number that the inverter of an entry has, or had before an exchange."""
    serials = {restore_identity(entry).serial, entry.unique_id}
    return {str(one) for one in (*serials, *entry.data.get(CONF_SERIALS, ())) if one}


def readable_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options without register groups and model families of a newer release."""
    known = dict(options)
    if CONF_GROUPS in options:
        known[CONF_GROUPS] = [one for one in options[CONF_GROUPS] if one in _GROUPS]
    if options.get(CONF_MODEL_FAMILY, ModelFamily.AUTOMATIC) not in _FAMILIES:
        del known[CONF_MODEL_FAMILY]
    return known


_GROUPS = {group.value for group in BlockGroup}
_FAMILIES = {family.value for family in ModelFamily}


def restore_inverter(entry: ConfigEntry, unit: ModbusUnit) -> Inverter:
    """Build an inverter from the options, and from what was learned about it before."""
    data, options = entry.data, readable_options(entry.options)
    family = ModelFamily(options.get(CONF_MODEL_FAMILY, ModelFamily.AUTOMATIC))
    profile = PROFILES[family]
    if not profile.is_fixed:
        profile = ScaleProfile(
            alternatives=_variants(data.get(CONF_VARIANTS, ())),
            confirmed=_variants(data.get(CONF_CONFIRMED_SCALES, ())),
        )
    register_map = MAPS.get(data.get(CONF_REGISTER_MAP, CURRENT.name), CURRENT)
    _log_unknown(entry, options, register_map)
    inverter = Inverter(
        unit,
        serials=restore_serials(entry),
        known_identity=restore_identity(entry),
        profile=profile,
        groups={BlockGroup(name) for name in options.get(CONF_GROUPS, DEFAULT_GROUPS)},
        slow_interval=Intervals.from_options(options).slow,
        register_map=register_map,
        served_blocks=set(register_map.named(data.get(CONF_SERVED, ()))),
    )
    refused = register_map.named(data.get(CONF_REFUSED, ()))
    inverter.unsupported.mark_refused(*refused, settled=True)
    if limits := data.get(CONF_LIMITS):
        with reset_if_unreadable(f"what is known of the limits of {entry.title}"):
            inverter.limits.restore(limits, register_map.block)
            awaited = register_map.named(limits.get(_AWAITED, ()))
            inverter.unsupported.await_blocks(awaited)
    if direction := data.get(CONF_PV_METER):
        with reset_if_unreadable(f"the direction of the PV meter of {entry.title}"):
            inverter.ledger.restore_direction(MeterDirection.from_dict(direction))
    return inverter


def _variants(names: Iterable[str]) -> frozenset[ScaleVariant]:
    """Return the variants with these names; log those that only a newer version has."""
    known = {one.name: one for one in VARIANTS}
    if unknown := sorted(set(names) - known.keys()):
        _LOGGER.warning("Unknown scales are ignored: %s", ", ".join(unknown))
    return frozenset(known[name] for name in names if name in known)


_AWAITED = "awaited"
"""The key of the blocks that the firmware before the last change served."""


def _log_unknown(
    entry: ConfigEntry, options: Mapping[str, Any], register_map: RegisterMap
) -> None:
    """Log once what an entry holds that this release cannot use: a newer one has stored it."""
    unknown = {
        *({*entry.options.get(CONF_GROUPS, ())} - {*options.get(CONF_GROUPS, ())}),
        *(
            {*entry.data.get(CONF_IDENTITY, ())}
            - restore_identity(entry).to_dict().keys()
        ),
        *({entry.options.get(CONF_MODEL_FAMILY)} - _FAMILIES - {None}),
        *({entry.data.get(CONF_REGISTER_MAP)} - {register_map.name, None}),
    }
    if unknown:
        names = ", ".join(sorted(map(str, unknown)))
        _LOGGER.warning("%s: ignored, from a newer release: %s", entry.title, names)


def forget_register_map(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Read the inverter by the current register map when the entry is loaded again."""
    dropped = (CONF_REGISTER_MAP, CONF_REFUSED, CONF_LIMITS)
    update_entry_data(hass, entry, **dict.fromkeys(dropped), **{CONF_SERVED: []})


def persist_learned(
    hass: HomeAssistant, entry: ConfigEntry, *, inverter: Inverter
) -> None:
    """Store what was learned, so that the entry loads the same while the inverter is off."""
    limits, identity = inverter.limits.to_dict(), inverter.identity_detector.identity
    if awaited := inverter.unsupported.awaited:
        limits[_AWAITED] = sorted(block.name for block in awaited)
    learned: dict[str, Any] = {
        CONF_IDENTITY: identity.stored_with(entry.data.get(CONF_IDENTITY, {})),
        CONF_SERIALS: sorted(inverter.serials - {identity.serial}) or None,
        CONF_SERVED: _names(entry, CONF_SERVED, inverter.served_blocks, BLOCKS),
        CONF_REFUSED: _names(entry, CONF_REFUSED, inverter.unsupported.missing, BLOCKS),
        CONF_LIMITS: limits or None,
    }
    if not inverter.profile.is_fixed:
        scales = inverter.scale_detector.learned
        alternatives = _names(entry, CONF_VARIANTS, scales.alternatives, VARIANTS)
        learned[CONF_VARIANTS] = alternatives
        confirmed = _names(entry, CONF_CONFIRMED_SCALES, scales.confirmed, VARIANTS)
        if confirmed:
            learned[CONF_CONFIRMED_SCALES] = confirmed
    direction = inverter.ledger.direction
    if direction != DEFAULT_DIRECTION or CONF_PV_METER in entry.data:
        learned[CONF_PV_METER] = direction.to_dict()
    update_entry_data(hass, entry, **learned)


def _names(
    entry: ConfigEntry, key: str, items: Iterable[_Named], known: Iterable[_Named]
) -> list[str]:
    """Return the names to store under a key, with those stored there that only a newer release has."""
    unknown = {*entry.data.get(key, ())} - {one.name for one in known}
    return sorted(unknown | {one.name for one in items})


UNREADABLE = (
    ArithmeticError,
    AttributeError,
    HomeAssistantError,
    LookupError,
    NotImplementedError,
    TypeError,
    ValueError,
)
"""Errors of restoring content of a newer release, or content that was edited by hand."""


@contextmanager
def reset_if_unreadable(name: str) -> Iterator[None]:
    """Restore something; log content that cannot be read, and go on without it."""
    try:
        yield
    except UNREADABLE as err:
        _LOGGER.warning("%s cannot be read, and starts empty: %r", name, err)


@callback
def stored_state(hass: HomeAssistant, entity_id: str) -> StoredState | None:
    """Return the state that an entity had before Home Assistant started; None without one."""
    states = restore_state.async_get(hass)
    if hasattr(states, "async_get_stored_state"):  # Since 2026.11.
        found: StoredState | None = states.async_get_stored_state(entity_id)
        return found
    return states.last_states.get(entity_id)


@callback
def forget_stored_state(hass: HomeAssistant, entity_id: str) -> None:
    """Let an entity that takes over this id not restore the state of the entity that had it."""
    states = restore_state.async_get(hass)
    # Since 2026.11 stored states belong to entries of the registry, instead of ids.
    if hasattr(states, "last_states"):
        states.last_states.pop(entity_id, None)
