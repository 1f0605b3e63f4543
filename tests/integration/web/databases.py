"""Databases for the recorder: a file, and a PostgreSQL server that runs for one test session."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import shutil
import subprocess
import tempfile

PROGRAMS = "/usr/lib/postgresql/*/bin"
UNPRIVILEGED_USER = "nobody"
"""PostgreSQL refuses to run as root."""


def find_postgres() -> Path | None:
    """Find PostgreSQL's programs, where Debian puts them or on the PATH."""
    for folder in sorted(Path("/").glob(PROGRAMS.lstrip("/")), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def postgres(programs: Path) -> Iterator[str]:
    """Run a server in a folder of its own; yield the address of an empty database."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o777)
        data = folder / "data"
        _run(programs / "initdb", "-D", data, "-U", "ha", "-A", "trust", "--no-sync")
        options = f"-F -k {folder} -c listen_addresses="
        server = (programs / "pg_ctl", "-D", data, "-s")
        _run(*server, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            # A socket in its folder needs no free port.
            yield f"postgresql://ha@/postgres?host={folder}"
        finally:
            _run(*server, "-m", "immediate", "stop")


def _run(*command: str | Path) -> None:
    words = [str(word) for word in command]
    if os.getuid() == 0:
        words = ["setpriv", f"--reuid={UNPRIVILEGED_USER}", "--clear-groups", *words]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/")  # noqa: S603
