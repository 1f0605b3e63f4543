"""The soak works, and finds nothing, for as long as a test may take; ten minutes of it run beside the tests."""

from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.timeout(300)
def test_a_short_soak_finds_nothing() -> None:
    command = (sys.executable, "-m", "scripts.soak_run", "--minutes=0.2", "--drill=1")
    result = subprocess.run(  # noqa: S603 - our own script
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
