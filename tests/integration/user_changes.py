"""What may happen to a user while a request of this user waits."""

from collections.abc import Awaitable, Callable

from homeassistant.auth.models import Group, User
from homeassistant.core import HomeAssistant

type Change = Callable[[HomeAssistant, User], Awaitable[None]]


async def take_permission(_: HomeAssistant, user: User) -> None:
    """Take away all permissions."""
    user.groups = [Group(name="none", policy={})]
    user.invalidate_cache()


async def revoke_tokens(hass: HomeAssistant, user: User) -> None:
    """Revoke all tokens."""
    for token in tuple(user.refresh_tokens.values()):
        hass.auth.async_remove_refresh_token(token)


async def delete_user(hass: HomeAssistant, user: User) -> None:
    """Delete the user."""
    await hass.auth.async_remove_user(user)


async def deactivate_user(hass: HomeAssistant, user: User) -> None:
    """Let the user not log in any more."""
    await hass.auth.async_update_user(user, is_active=False)
