"""Command line of the demo: runs it until interrupted, prints one sentence if it cannot run."""

import asyncio
import sys

from . import DemoError
from .options import parse_options
from .runner import run_demo


def main() -> int:
    """Run the demo and return its exit code."""
    options = parse_options()
    try:
        asyncio.run(run_demo(options))
    except asyncio.CancelledError:
        print("Stopped.")
    except DemoError as err:
        print(f"\n{err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
