"""Writes the requirements of the tests for the Home Assistant that runs this file, from requirements/test.in.

Only the standard library is imported, because nothing but Home Assistant itself is installed at that time.
"""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
import importlib.metadata
import importlib.util
import json
from pathlib import Path
import re
import sys

TEST_REQUIREMENTS = Path(__file__).parent.parent / "requirements" / "test.in"
PLUGIN = "pytest-homeassistant-custom-component"
PLUGIN_MINIMUM = "0.13"
LINK = "modbus-connection"
LINK_EXTRA = "tmodbus"
"""The package of an extra of the link library, which chooses its version."""
REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)(?P<extras>\[[\w,.-]+\])?(==(?P<version>\S+))?"
)


def main() -> int:
    """Print the requirements, one per line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--plugin", action="store_true", help="with the test plugin")
    parser.add_argument(
        f"--{LINK}", metavar="VERSION", help="instead of the pinned one"
    )
    options = parser.parse_args()
    version = importlib.metadata.version("homeassistant")
    pins = read_pins(_home_assistant_folder()) | {"homeassistant": version}
    if options.modbus_connection:
        pins[LINK] = options.modbus_connection
        pins[LINK_EXTRA] = ""
    lines = TEST_REQUIREMENTS.read_text("utf-8").splitlines()
    for requirement in adapt(lines, pins, plugin=options.plugin):
        print(requirement)
    return 0


def _home_assistant_folder() -> Path:
    spec = importlib.util.find_spec("homeassistant")
    if spec is None or spec.origin is None:
        raise RuntimeError("Home Assistant is not installed")
    return Path(spec.origin).parent


def read_pins(folder: Path) -> dict[str, str]:
    """Return the versions that Home Assistant pins, in its constraints and in its integrations' manifests."""
    constraints = (folder / "package_constraints.txt").read_text("utf-8").splitlines()
    requirements = list(constraints)
    for manifest in sorted((folder / "components").glob("*/manifest.json")):
        requirements += json.loads(manifest.read_text("utf-8")).get("requirements", [])
    return {
        _normalize(match["name"]): match["version"]
        for requirement in requirements
        if (match := REQUIREMENT.fullmatch(requirement)) and match["version"]
    }


def adapt(lines: list[str], pins: Mapping[str, str], *, plugin: bool) -> Iterator[str]:
    """Replace the versions of pinned packages. An empty pin leaves the version open."""
    yield f"homeassistant=={pins['homeassistant']}"
    for line in lines:
        if not (match := REQUIREMENT.fullmatch(line.strip())):
            continue
        name = _normalize(match["name"])
        if name == PLUGIN:
            if plugin:
                # Each release requires one release of Home Assistant: the resolver finds the one that fits.
                yield f"{PLUGIN}>={PLUGIN_MINIMUM}"
            continue
        version = pins.get(name, match["version"])
        pinned = f"=={version}" if version else ""
        yield f"{match['name']}{match['extras'] or ''}{pinned}"


def _normalize(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
