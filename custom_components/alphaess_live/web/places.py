"""The places of feed clients: authenticated ones have theirs by user and address, the others few and for a short time."""

import asyncio
from http import HTTPStatus

from homeassistant.auth.models import User

from .api_error import RETRY_HEADERS, ApiError
from .feed_client import CloseCode, FeedClient

MAX_CLIENTS = 2000
"""Authenticated connections at the same time, beside those that are guaranteed."""

MAX_CLIENTS_PER_USER = 1000
"""Of one user, whatever addresses it connects from."""

GUARANTEED_CLIENTS = 20
"""Connections that a user has whatever others use, up to twice `MAX_CLIENTS`.

At each address, they replace further ones of the same user elsewhere.
"""

MAX_UNAUTHENTICATED = 500
"""Unauthenticated connections at the same time; a further one replaces one where most of them come from."""

MAX_UNAUTHENTICATED_PER_ADDRESS = 100
"""Unauthenticated connections from one address; a further one replaces the oldest."""

FAIR_SECONDS = 2.0
"""Time to authenticate in which no connection is replaced by one of an address that has as many."""

TOO_MANY_CLIENTS = "Too many clients are connected."


type Group = dict[FeedClient, float]
"""Connections from one address, the oldest first, with the time of the loop at which each got its place."""


class Places:
    """The connections that count for a limit. No user and no address can keep others out."""

    def __init__(self) -> None:
        """Start without connections."""
        self.unauthenticated: dict[str, Group] = {}
        """Connections that have not authenticated yet, by address."""
        self._by_user: dict[str, dict[str, Group]] = {}
        """Connections of each user, by address."""
        self._users: dict[FeedClient, str] = {}

    def require_place(self, user: User | None, address: str) -> None:
        """Raise ApiError if a further connection would exceed a limit, and can replace no other one."""
        self._find_place(user, address)

    def add_unauthenticated(self, client: FeedClient) -> None:
        """Give a connection a place until it authenticates. Raises ApiError if there is none."""
        if replaced := self._find_place(None, client.address):
            self.remove(replaced)
            replaced.abort()
        _add(self.unauthenticated, client)

    def assign(self, client: FeedClient, user: User) -> None:
        """Give a connection the place of a user. Raises ApiError if there is none."""
        if self._users.get(client) == user.id:
            return
        replaced = self._find_place(user, client.address)
        self.remove(client)
        if replaced:
            self.remove(replaced)
            replaced.close(CloseCode.GOING_AWAY, TOO_MANY_CLIENTS)
        self._users[client] = user.id
        _add(self._by_user.setdefault(user.id, {}), client)

    def remove(self, client: FeedClient) -> None:
        """Free the place of a connection."""
        _remove(self.unauthenticated, client)
        if user_id := self._users.pop(client, None):
            _remove(self._by_user[user_id], client)
            if not self._by_user[user_id]:
                del self._by_user[user_id]

    def _find_place(self, user: User | None, address: str) -> FeedClient | None:
        """Return the connection that a further one replaces; None if a place is free. Raises ApiError."""
        if user is None:
            is_full, replaced = self._unauthenticated_place(address)
        else:
            is_full, replaced = self._place_of_user(user, address)
        if is_full and replaced is None:
            raise ApiError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "too_many_clients",
                TOO_MANY_CLIENTS,
                headers=RETRY_HEADERS,
            )
        return replaced if is_full else None

    def _unauthenticated_place(self, address: str) -> tuple[bool, FeedClient | None]:
        """Return whether all places are taken, and which connection may be replaced."""
        groups = self.unauthenticated
        here = groups.get(address, {})
        if len(here) >= MAX_UNAUTHENTICATED_PER_ADDRESS:
            return True, next(iter(here), None)
        is_full = sum(map(len, groups.values())) >= MAX_UNAUTHENTICATED
        largest = max(map(len, groups.values()), default=0)
        oldest = [next(iter(one)) for one in groups.values() if len(one) == largest]
        since = {one: groups[one.address][one] for one in oldest}
        replaced = min(oldest, key=since.__getitem__, default=None)
        if replaced and largest <= len(here) + 1:
            # It may be about to authenticate.
            elapsed = asyncio.get_running_loop().time() - since[replaced]
            replaced = replaced if elapsed >= FAIR_SECONDS else None
        return is_full, replaced

    def _place_of_user(
        self, user: User, address: str
    ) -> tuple[bool, FeedClient | None]:
        """Return whether a user has no place left, and which of its connections may be replaced."""
        groups = self._by_user.get(user.id, {})
        total, held = len(self._users), sum(map(len, groups.values()))
        if user.is_admin and not held:
            return False, None
        is_full = (
            held >= MAX_CLIENTS_PER_USER
            or total >= 2 * MAX_CLIENTS
            or (total >= MAX_CLIENTS and held >= GUARANTEED_CLIENTS)
        )
        here = len(groups.get(address, {}))
        largest = max(groups.values(), key=len, default={})
        if here >= GUARANTEED_CLIENTS or len(largest) <= here + 1:
            return is_full, None
        return is_full, next(iter(largest))


def _add(groups: dict[str, Group], client: FeedClient) -> None:
    now = asyncio.get_running_loop().time()
    groups.setdefault(client.address, {})[client] = now


def _remove(groups: dict[str, Group], client: FeedClient) -> None:
    here = groups.get(client.address, {})
    here.pop(client, None)
    if not here:
        groups.pop(client.address, None)
