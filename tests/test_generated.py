"""What is written from the code must be as fresh as the code."""

from pathlib import Path

import pytest

from custom_components.alphaess_live.alphaess.snapshot import READINGS
from scripts import registers


def test_the_page_of_registers_is_fresh() -> None:
    assert registers.main(["--check"]) == 0


def test_a_stale_page_is_noticed_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "docs" / "registers.md"
    monkeypatch.setattr(registers, "PAGE", page)
    assert registers.main(["--check"]) == 1
    assert not page.exists()
    assert registers.main([]) == 0
    assert registers.main(["--check"]) == 0
    page.write_text("# Registers", "utf-8")
    assert registers.main(["--check"]) == 1


def test_the_page_names_every_value_and_its_note() -> None:
    page = registers.page()
    keys = {one.key for one in READINGS if one.part != "balance"}
    assert all(f"| `{key}` |" in page for key in keys)
    assert (
        "| 0x0021 | 2 | `grid_power` | W | 1 | Signed. Positive while importing" in page
    )
    assert "| 0x0014 | 1 | `grid_voltage_l1` | V | 1 or 0.1 |" in page
    assert "Sent plus 32000." in page
    assert "| grid_voltage | 1 | 0.1 |" in page
