"""Lays out the folder that Home Assistant starts from: no wizard, no login, no internet."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import secrets
from typing import Any

import jwt

from custom_components.alphaess_live.const import DOMAIN

REPOSITORY = Path(__file__).parent.parent.parent
OWNER = "Demo"
TIME_ZONE = "Europe/Berlin"
LOOPBACK = "127.0.0.1"
FOR_SCRIPTS = "The demo's own scripts"

CONFIGURATION = f"""\
# Written anew by ./scripts/demo each time it starts.
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
    # Whoever sits at this computer is let in; nobody else can reach it.
    - type: trusted_networks
      trusted_networks: [{LOOPBACK}/32]
      allow_bypass_login: true
    - type: homeassistant

# Not `default_config`, most of which wants the internet or a radio.
config:
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
    # Said on every start and no matter here: no fast zlib, and nothing for cameras.
    aiohttp_fast_zlib: error
    haffmpeg: critical
    homeassistant.components.camera.img_util: critical
"""


def lay_out(folder: Path, port: int) -> str:
    """Make the folder ready for a start on this port; answers with a token of the owner."""
    storage = folder / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    (folder / "configuration.yaml").write_text(CONFIGURATION, "utf-8")
    link = folder / "custom_components"
    link.unlink(missing_ok=True)
    link.symlink_to(REPOSITORY / "custom_components")
    if not (storage / "auth").exists():
        _store(storage, "auth", _household())
        _store(storage, "onboarding", _onboarded(), version=4)
    _store(storage, "http", _listening(port), version=2, minor=2)
    return _token(storage / "auth")


def _store(
    storage: Path,
    key: str,
    content: Mapping[str, Any],
    *,
    version: int = 1,
    minor: int = 1,
) -> None:
    """Write what Home Assistant would have written itself."""
    wrapped = {"version": version, "minor_version": minor, "key": key, "data": content}
    path = storage / key
    path.touch(mode=0o600)
    path.write_text(json.dumps(wrapped, indent=2), "utf-8")


def _household() -> dict[str, Any]:
    """Invent one owner, with a token for scripts that is signed with a key of this computer's own."""
    user = secrets.token_hex(16)
    now = datetime.now(UTC)
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
        "refresh_tokens": [
            {
                "id": secrets.token_hex(16),
                "user_id": user,
                "client_id": None,
                "client_name": FOR_SCRIPTS,
                "client_icon": None,
                "token_type": "long_lived_access_token",
                "created_at": now.isoformat(),
                "access_token_expiration": timedelta(days=3650).total_seconds(),
                "token": secrets.token_hex(64),
                "jwt_key": secrets.token_hex(64),
                "last_used_at": None,
                "last_used_ip": None,
                "expire_at": None,
                "credential_id": None,
                "version": None,
            }
        ],
    }


def _onboarded() -> dict[str, Any]:
    return {"done": ["user", "core_config", "analytics", "integration"]}


def _listening(port: int) -> dict[str, Any]:
    """Serve this computer alone; a setting in the YAML would be on trial and revert by a restart."""
    return {
        "stable": {
            "server_host": [LOOPBACK],
            "server_port": port,
            "cors_allowed_origins": [],
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


def _token(auth: Path) -> str:
    """Sign the same token on each start, from the key that Home Assistant keeps."""
    tokens = json.loads(auth.read_text("utf-8"))["data"]["refresh_tokens"]
    ours = next(token for token in tokens if token["client_name"] == FOR_SCRIPTS)
    born = datetime.fromisoformat(ours["created_at"])
    claims = {"iss": ours["id"], "iat": born, "exp": born + timedelta(days=3650)}
    return jwt.encode(claims, ours["jwt_key"], algorithm="HS256")
