"""Writes the configuration folder of a Home Assistant without onboarding, login or internet access."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import secrets
import shutil
from typing import Any

import jwt

from custom_components.alphaess_live.const import DOMAIN

REPOSITORY = Path(__file__).parent.parent.parent
OWNER = "Demo"
TIME_ZONE = "Europe/Berlin"
LOOPBACK = "127.0.0.1"
CLIENT_NAME = "The demo's own scripts"
TOKEN_LIFETIME = timedelta(days=3650)

CONFIGURATION = f"""\
# Written by ./scripts/demo at each start.
homeassistant:
  name: AlphaESS Live
  latitude: 48.14
  longitude: 11.58
  elevation: 519
  unit_system: metric
  time_zone: {TIME_ZONE}
  country: DE
  currency: EUR
  auth_providers:
    # Connections from this computer need no login; the server listens on the loopback address only.
    - type: trusted_networks
      trusted_networks: [{LOOPBACK}/32]
      allow_bypass_login: true
    - type: homeassistant

# Not `default_config`: most of it needs the internet, a radio, or packages that have to be compiled.
config:
automation: !include automations.yaml
script: !include scripts.yaml
energy:
frontend:
history:
logbook:
recorder:
system_health:

logger:
  default: warning
  logs:
    custom_components.{DOMAIN}: info
    # Warnings at each start that do not matter here: no fast zlib, no camera support.
    aiohttp_fast_zlib: error
    haffmpeg: critical
    homeassistant.components.camera.img_util: critical
"""


def write_config_folder(folder: Path, port: int, origins: Iterable[str] = ()) -> str:
    """Write the folder for a start on this port and return an access token of the owner.

    Pages of these origins may use the HTTP API.
    """
    storage = folder / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    (folder / "configuration.yaml").write_text(CONFIGURATION, "utf-8")
    for name in ("automations.yaml", "scripts.yaml"):
        (folder / name).touch()
    shutil.copytree(
        REPOSITORY / "blueprints", folder / "blueprints", dirs_exist_ok=True
    )
    link = folder / "custom_components"
    link.unlink(missing_ok=True)
    link.symlink_to(REPOSITORY / "custom_components")
    if not (storage / "auth").exists():
        _write_store(storage, "auth", _auth_store())
        _write_store(storage, "onboarding", _onboarding_store(), version=4)
    _write_store(storage, "http", _http_store(port, origins), version=2, minor=2)
    return _owner_token(storage / "auth")


def _write_store(
    storage: Path,
    key: str,
    content: Mapping[str, Any],
    *,
    version: int = 1,
    minor: int = 1,
) -> None:
    """Write a file of `.storage` in Home Assistant's own format."""
    document = {"version": version, "minor_version": minor, "key": key, "data": content}
    path = storage / key
    path.touch(mode=0o600)
    path.write_text(json.dumps(document, indent=2), "utf-8")


def _auth_store() -> dict[str, Any]:
    """Create one owner with a token for scripts, signed with a random key."""
    user = secrets.token_hex(16)
    return {
        "users": [
            {
                "id": user,
                "name": OWNER,
                "group_ids": ["system-admin"],
                "is_owner": True,
                "is_active": True,
                "system_generated": False,
                "local_only": True,
            }
        ],
        "groups": [
            {"id": "system-admin", "name": "Administrators"},
            {"id": "system-users", "name": "Users"},
            {"id": "system-read-only", "name": "Read Only"},
        ],
        "credentials": [],
        "refresh_tokens": [_refresh_token(user)],
    }


def _refresh_token(user: str) -> dict[str, Any]:
    return {
        "id": secrets.token_hex(16),
        "user_id": user,
        "client_id": None,
        "client_name": CLIENT_NAME,
        "client_icon": None,
        "token_type": "long_lived_access_token",
        "created_at": datetime.now(UTC).isoformat(),
        "access_token_expiration": TOKEN_LIFETIME.total_seconds(),
        "token": secrets.token_hex(64),
        "jwt_key": secrets.token_hex(64),
        "last_used_at": None,
        "last_used_ip": None,
        "expire_at": None,
        "credential_id": None,
        "version": None,
    }


def _onboarding_store() -> dict[str, Any]:
    return {"done": ["user", "core_config", "analytics", "integration"]}


def _http_store(port: int, origins: Iterable[str]) -> dict[str, Any]:
    """Listen on the loopback address only. The same setting in YAML would be reverted by a restart."""
    return {
        "stable": {
            "server_host": [LOOPBACK],
            "server_port": port,
            "cors_allowed_origins": list(origins),
            "ip_ban_enabled": False,
            "login_attempts_threshold": -1,
            "ssl_profile": "modern",
            "use_x_frame_options": True,
            "created_at": datetime.now(UTC).isoformat(),
            "error": None,
            "error_message": None,
        },
        "pending": None,
        "yaml_migration_done": True,
    }


def _owner_token(auth: Path) -> str:
    """Sign the access token with the stored key; it is the same at each start."""
    tokens = json.loads(auth.read_text("utf-8"))["data"]["refresh_tokens"]
    entry = next(token for token in tokens if token["client_name"] == CLIENT_NAME)
    created = datetime.fromisoformat(entry["created_at"])
    claims = {"iss": entry["id"], "iat": created, "exp": created + TOKEN_LIFETIME}
    return jwt.encode(claims, entry["jwt_key"], algorithm="HS256")
