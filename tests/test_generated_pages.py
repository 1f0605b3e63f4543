"""Generated pages: they are up to date and complete."""

from pathlib import Path
import re

import pytest

from custom_components.alphaess_live.alphaess.snapshot import READINGS
from custom_components.alphaess_live.migration.predecessors import PREDECESSORS
from scripts import faults, migration, pages, registers

from .documented_fault_bits import DOCUMENTED


def test_pages_are_current() -> None:
    assert pages.main(["--check"]) == 0


@pytest.mark.parametrize("name", pages.PAGES)
def test_stale_page_is_reported_and_rewritten(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(pages, "DOCS", tmp_path / "docs")
    page = tmp_path / "docs" / name
    assert pages.main(["--check"]) == 1
    assert not page.exists()
    assert pages.main([]) == 0
    assert pages.main(["--check"]) == 0
    capsys.readouterr()
    page.write_text("# Old", "utf-8")
    assert pages.main(["--check"]) == 1
    assert capsys.readouterr().err == f"{name} is stale: run ./scripts/generate\n"


def test_registers_page_lists_every_reading() -> None:
    page = registers.page()
    keys = {one.key for one in READINGS if one.part != "derived"}
    assert all(f"| `{key}` |" in page for key in keys)
    assert (
        "| 0x0021 | 2 | `grid_power` | W | 1 | Signed. Positive while importing" in page
    )
    assert "| 0x0014 | 1 | `grid_voltage_l1` | V | 1 or 0.1 |" in page
    assert "Offset 32000: raw = value + 32000." in page
    assert "| grid_voltage | 1 | 0.1 |" in page


def test_faults_page_lists_every_bit_in_each_language() -> None:
    page = faults.page()
    listed = re.findall(r"^\| \d+ \| `", page, re.MULTILINE)
    families = DOCUMENTED.keys() - {("system_fault", "ems_2_5")}
    assert len(listed) == sum(len(DOCUMENTED[one]) for one in families)
    assert (
        "| 0 | `grid_over_voltage` | Grid over-voltage | Überspannung im Netz |" in page
    )
    assert "## `system_fault`" in page


def test_migration_page_lists_all_sensors_and_reasons() -> None:
    page = migration.page()
    for one in PREDECESSORS:
        assert f"## {one.name}" in page
        assert all(f"| `{a}` | `{b}` |" in page for a, b in one.successors.items())
        assert all(f"| `{key}` | {why} |" in page for key, why in one.left_out.items())
    assert "| `in_use` | Still provided by another integration" in page
