"""Short runs of the benchmarks keep all limits on counts."""

from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["feed", "endurance", "history"])
def test_short_benchmark_keeps_the_limits_on_counts(name: str) -> None:
    command = (sys.executable, "-m", f"benchmarks.{name}", "--short")
    result = subprocess.run(  # noqa: S603 - a fixed command
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "holds" in result.stdout
