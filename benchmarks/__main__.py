"""The figures of feed, endurance and history, one after the other: `python -m benchmarks`."""

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
