"""The action that takes over the recorded past of another integration; it only tells what it would do, until told to do it."""

from collections.abc import Mapping

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.json import JsonObjectType
import probatio

from ..const import DOMAIN
from ..runtime import AlphaEssConfigEntry
from .migrate import EntityMove, MoveVerdict, carry_out, plan

ATTR_ENTITIES = "entities"
ATTR_APPLY = "apply"

SCHEMA = probatio.Schema(
    {
        probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        probatio.Optional(ATTR_ENTITIES): {cv.entity_id: cv.string},
        probatio.Optional(ATTR_APPLY, default=False): cv.boolean,
    }
)

_FINE = frozenset({MoveVerdict.READY, MoveVerdict.DONE})


async def migrate(call: ServiceCall) -> ServiceResponse:
    """Plan what is moved, and move it if the call says so."""
    entry: AlphaEssConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    if "recorder" not in call.hass.config.components:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="no_recorder"
        )
    named = call.data.get(ATTR_ENTITIES)
    moves = await plan(entry.runtime_data.coordinator, named)
    if call.data[ATTR_APPLY]:
        _refuse_what_is_used(moves)
        if named:
            _refuse_what_does_not_fit(moves)
        moves = await carry_out(call.hass, moves)
    texts = await async_get_translations(
        call.hass, call.hass.config.language, "exceptions", {DOMAIN}
    )
    return {
        "applied": call.data[ATTR_APPLY],
        "inverter": entry.title,
        "entities": [_response(move, texts) for move in moves],
    }


def _refuse_what_is_used(moves: list[EntityMove]) -> None:
    """Move nothing while the other integration runs: half a house would be in each of them."""
    used = [move for move in moves if move.verdict is MoveVerdict.IN_USE]
    if used:
        names = ", ".join(move.old for move in used)
        raise _invalid(used[0], names)


def _refuse_what_does_not_fit(moves: list[EntityMove]) -> None:
    """Move all that a user named, or nothing."""
    for move in moves:
        if move.verdict not in _FINE:
            raise _invalid(move, move.old)


def _invalid(move: EntityMove, names: str) -> ServiceValidationError:
    verdict = move.verdict
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=f"history_{verdict}",
        translation_placeholders={"entity": names, "key": move.key},
    )


def _response(move: EntityMove, texts: Mapping[str, str]) -> JsonObjectType:
    """Lay one move out, with its sentence in the house's language; hours and kWh are what ours adds."""
    key = f"component.{DOMAIN}.exceptions.history_{move.verdict}.message"
    sentence = texts.get(key, move.verdict.value)
    told: JsonObjectType = {
        "entity_id": move.old,
        "key": move.key,
        "source": move.source,
        "our_entity_id": move.ours,
        "verdict": move.verdict.value,
        "explanation": sentence.format(entity=move.old, key=move.key),
    }
    if move.splice:
        told["hours_added"] = move.splice.hours
        told["energy_between"] = move.splice.growth and round(move.splice.growth, 2)
        told["taken_over"] = [
            what.removesuffix("_id").removesuffix("_by") for what in move.settings
        ]
    return told


MIGRATE = ("migrate", migrate, SCHEMA, SupportsResponse.ONLY)
