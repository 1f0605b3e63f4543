"""The action that moves recorded series of another integration; without `apply` it only reports the plan."""

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
from .migrate import EntityMove, MoveVerdict, apply_moves, plan_moves

ATTR_ENTITIES = "entities"
ATTR_APPLY = "apply"

SCHEMA = probatio.Schema(
    {
        probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        probatio.Optional(ATTR_ENTITIES): {cv.entity_id: cv.string},
        probatio.Optional(ATTR_APPLY, default=False): cv.boolean,
    }
)

_MOVABLE = frozenset({MoveVerdict.READY, MoveVerdict.DONE})


async def migrate(call: ServiceCall) -> ServiceResponse:
    """Plan the moves, and apply them if the call asks for it."""
    entry: AlphaEssConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    if "recorder" not in call.hass.config.components:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="no_recorder"
        )
    chosen_keys = call.data.get(ATTR_ENTITIES)
    moves = await plan_moves(entry.runtime_data.coordinator, chosen_keys)
    if call.data[ATTR_APPLY]:
        _require_unused(moves)
        if chosen_keys:
            _require_movable(moves)
        moves = await apply_moves(call.hass, moves)
    texts = await async_get_translations(
        call.hass, call.hass.config.language, "exceptions", {DOMAIN}
    )
    return {
        "applied": call.data[ATTR_APPLY],
        "inverter": entry.title,
        "entities": [_response(move, texts) for move in moves],
    }


def _require_unused(moves: list[EntityMove]) -> None:
    """Raise ServiceValidationError if an old entity is in use: no entity is moved then."""
    used = [move for move in moves if move.verdict is MoveVerdict.IN_USE]
    if used:
        entity_ids = ", ".join(move.old for move in used)
        raise _validation_error(used[0], entity_ids)


def _require_movable(moves: list[EntityMove]) -> None:
    """Raise ServiceValidationError if one of the entities that the user chose cannot be moved."""
    for move in moves:
        if move.verdict not in _MOVABLE:
            raise _validation_error(move, move.old)


def _validation_error(move: EntityMove, entity_ids: str) -> ServiceValidationError:
    verdict = move.verdict
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=f"history_{verdict}",
        translation_placeholders={"entity": entity_ids, "key": move.key},
    )


def _response(move: EntityMove, texts: Mapping[str, str]) -> JsonObjectType:
    """Describe a move, with its verdict in Home Assistant's language; hours and kWh are those of our entity."""
    key = f"component.{DOMAIN}.exceptions.history_{move.verdict}.message"
    sentence = texts.get(key, move.verdict.value)
    response: JsonObjectType = {
        "entity_id": move.old,
        "key": move.key,
        "source": move.source,
        "our_entity_id": move.ours,
        "verdict": move.verdict.value,
        "explanation": sentence.format(entity=move.old, key=move.key),
    }
    if move.splice:
        response["hours_added"] = move.splice.hours
        response["energy_between"] = move.splice.growth and round(move.splice.growth, 2)
        response["taken_over"] = [
            field.removesuffix("_id").removesuffix("_by") for field in move.settings
        ]
    return response


MIGRATE = ("migrate", migrate, SCHEMA, SupportsResponse.ONLY)
