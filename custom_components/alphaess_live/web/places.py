"""The places of feed clients: authenticated ones have theirs by user and address, the others few and for a short time."""

from collections import Counter
from http import HTTPStatus

from homeassistant.auth.models import User

from .api_error import RETRY_HEADERS, ApiError
from .feed_client import FeedClient

MAX_CLIENTS = 2000
"""Authenticated connections at the same time."""

MAX_CLIENTS_PER_USER = 1000
"""Of one user, and of one user at one address."""

GUARANTEED_CLIENTS = 20
"""Connections that a user has at an address whatever others use, up to twice `MAX_CLIENTS`."""

MAX_UNAUTHENTICATED = 500
"""Unauthenticated connections at the same time; a further one replaces the oldest."""

MAX_UNAUTHENTICATED_PER_ADDRESS = 100
"""Unauthenticated connections from one address."""


class Places:
    """The connections that count for a limit. No user and no address can keep others out."""

    def __init__(self) -> None:
        """Start without connections."""
        self.unauthenticated: dict[str, dict[FeedClient, None]] = {}
        """Connections that have not authenticated yet, by address, the oldest first."""
        self._users: dict[FeedClient, str] = {}
        self._by_user: Counter[str] = Counter()
        self._by_user_and_address: Counter[tuple[str, str]] = Counter()

    def require_place(self, user: User | None, address: str) -> None:
        """Raise ApiError if a further connection would exceed a limit."""
        if user is None:
            here = self.unauthenticated.get(address, {})
            is_full = len(here) >= MAX_UNAUTHENTICATED_PER_ADDRESS
        else:
            is_full = self._is_full(user.id, address)
        if is_full:
            raise ApiError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "too_many_clients",
                "Too many clients are connected.",
                headers=RETRY_HEADERS,
            )

    def add_unauthenticated(self, client: FeedClient) -> None:
        """Give a connection a place until it authenticates; the oldest one may lose its own."""
        self.unauthenticated.setdefault(client.address, {})[client] = None
        if sum(map(len, self.unauthenticated.values())) > MAX_UNAUTHENTICATED:
            busiest = max(self.unauthenticated.values(), key=len)
            oldest = next(iter(busiest))
            self.remove(oldest)
            oldest.abort()

    def assign(self, client: FeedClient, user: User) -> None:
        """Give a connection the place of a user. Raises ApiError if there is none."""
        if self._users.get(client) == user.id:
            return
        self.require_place(user, client.address)
        self.remove(client)
        self._users[client] = user.id
        self._by_user[user.id] += 1
        self._by_user_and_address[user.id, client.address] += 1

    def remove(self, client: FeedClient) -> None:
        """Free the place of a connection."""
        here = self.unauthenticated.get(client.address, {})
        here.pop(client, None)
        if not here:
            self.unauthenticated.pop(client.address, None)
        if user_id := self._users.pop(client, None):
            self._by_user -= Counter([user_id])
            self._by_user_and_address -= Counter([(user_id, client.address)])

    def _is_full(self, user_id: str, address: str) -> bool:
        total, of_user = len(self._users), self._by_user[user_id]
        if self._by_user_and_address[user_id, address] < GUARANTEED_CLIENTS:
            return total >= 2 * MAX_CLIENTS
        return total >= MAX_CLIENTS or of_user >= MAX_CLIENTS_PER_USER
