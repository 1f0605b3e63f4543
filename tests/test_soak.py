"""A short soak passes. `./scripts/test` runs ten minutes of it beside the tests."""

from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.timeout(300)
def test_short_soak_exceeds_no_limit() -> None:
    options = ("--minutes=0.2", "--drill=1", "--reloads=5")
    command = (sys.executable, "-m", "scripts.soak_run", *options)
    result = subprocess.run(  # noqa: S603 - a fixed command
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
