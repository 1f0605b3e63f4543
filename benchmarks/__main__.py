"""Runs the benchmarks feed, endurance and history in turn: `python -m benchmarks`."""

import subprocess
import sys

NAMES = ("feed", "endurance", "history")

sys.exit(
    sum(
        subprocess.run(
            (sys.executable, "-m", f"benchmarks.{name}"), check=False
        ).returncode
        for name in NAMES
    )
)
