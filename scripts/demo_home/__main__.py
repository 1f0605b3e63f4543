"""Runs the demo until it is told to stop, and says in one sentence why it cannot run."""

import asyncio
import sys

from .errors import DemoError
from .options import read_options
from .show import show


def main() -> int:
    """Tell the shell how it went."""
    options = read_options()
    try:
        asyncio.run(show(options))
    except asyncio.CancelledError:
        print("Stopped.")
    except DemoError as err:
        print(f"\n{err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
