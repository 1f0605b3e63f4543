"""An inverter's errors in Home Assistant's words: translated, and at this one border."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .alphaess.errors import (
    ControlsOffError,
    ForeignDispatchError,
    InvalidOrderError,
    InverterError,
    NotAppliedError,
    UnverifiedError,
)
from .const import DOMAIN


@contextmanager
def told_to_user() -> Iterator[None]:
    """Raise ServiceValidationError where the user can do better, HomeAssistantError where the device must."""
    try:
        yield
    except InvalidOrderError as err:
        raise _invalid("invalid_order", field=err.field, reason=str(err)) from err
    except ControlsOffError as err:
        raise _invalid("controls_off") from err
    except ForeignDispatchError as err:
        raise _invalid("foreign_dispatch") from err
    except NotAppliedError as err:
        texts = {
            "reason": str(err),
            "requested": spelled(err.requested),
            "applied": spelled(err.applied),
        }
        raise _failed("not_applied", **texts) from err
    except UnverifiedError as err:
        raise _failed("order_unknown", reason=str(err)) from err
    except InverterError as err:
        raise _failed("order_unanswered", reason=str(err)) from err


def spelled(order: dict[str, object]) -> str:
    """Spell an order in one line: charge, power 3000, target_soc 80, duration 3600."""
    action, *details = order.items()
    return ", ".join((str(action[1]), *(f"{key} {value}" for key, value in details)))


def _invalid(key: str, **texts: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=texts
    )


def _failed(key: str, **texts: str) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=texts
    )
