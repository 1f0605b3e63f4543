"""Each benchmark of the feed and of history works, and what it counts is right, for as long as a test may take."""

from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["feed", "endurance", "history"])
def test_a_short_benchmark_counts_what_it_should(name: str) -> None:
    command = (sys.executable, "-m", f"benchmarks.{name}", "--short")
    result = subprocess.run(  # noqa: S603 - our own benchmark
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "holds" in result.stdout
