"""Writes docs/registers.md: all registers that the integration reads, block by block."""

import ast
from collections.abc import Iterable, Iterator
import inspect
from itertools import pairwise
import re
from types import ModuleType
from typing import Any

from custom_components.alphaess_live.alphaess import scales
from custom_components.alphaess_live.alphaess.registers import BLOCKS
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.registers.register import (
    Quantity,
    Register,
)
from custom_components.alphaess_live.alphaess.scales import STANDARD

from .markdown import table

CITATION = re.compile(
    r"(?<![\w\])])\[([a-z][a-z0-9.-]*(?: [#v][^\];]*)?(?:;\s[^\]]+)?)\]"
)
"""One or more keys of docs/sources.md in brackets, each with the issues that it means."""

HEAD = """\
<!-- Written by ./scripts/generate from custom_components/alphaess_live/alphaess/registers. Do not edit. -->

# Registers

All holding registers that the integration reads, with the key of each value. The unique ID of an entity ends with this key, and the
diagnostics file uses it. Addresses are those of the Modbus request (function 3). Values of several words have the high word first.
If two scales are given, the second one applies to the models in the [last table](#scales-that-differ). Citations in brackets link to
the [sources](sources.md).

Each table is one block. The registers of a block are read together. If a device refuses one of them, the whole block is not available;
it is tried again after half a minute, then ever more rarely, at last once a day, and its entities are added with the first answer. Blocks belong to groups. The options select
which groups are read; measurements are always read.
"""


TAIL = """\
## Registers that are not read

* Registers that can only be written: the digital outputs at 0x08B0, commands for restart and reset.
* Factory settings: calibration of the current transformers (0x11B7-0x11FF), production tests and identity
  (0x1100-0x111C), the vendor's debug area (0x1200). A wrong value there can make an inverter unusable.
* Registers that only one document lists and nobody has confirmed: ByteWatt's copies of the inverter's values
  (0x0500-0x057B), energy per phase (0x0037-0x0042), serial numbers of single packs (0x0150-0x016D), the curves of the
  grid code (0x1025-0x105B), orders of network operators (0x0892-0x08A6), SOC calibration (0x1900), display settings (0x2000),
  auxiliary automation, generator and PV changeover (0x2200-0x234F).
  Open an issue if you need one of them and have an inverter that supports it.
* The register maps of HHE and commercial systems. Protocols before V1.20 are read by a map of their own (`V117` in `alphaess/maps.py`): grid, battery, strings, output, temperature, clock and serial number.

## Scales that differ

The scales of a device are detected from its raw values: three samples in a minute or more confirm a scale, and contrary ones withdraw it.
A value that contradicts the scale in use, or that is impossible in it, is unknown. A setting is written only in a confirmed scale.
The option *Model family* sets all scales explicitly.
"""


def page() -> str:
    """Create the whole page."""
    blocks = sorted(BLOCKS, key=lambda block: min(block.addresses()))
    return "\n".join((HEAD, *(_section(block) for block in blocks), TAIL, _scales()))


def _section(block: type[Block]) -> str:
    columns = ("Address", "Words", "Key", "Unit", "Scale", "Notes")
    registers = table(columns, _rows(block))
    polled = ", read every few minutes" if block.slow else ""
    head = f"## {block.__name__}\n\n{_link_citations(inspect.getdoc(block) or '')}"
    first, last = min(block.addresses()), max(block.addresses())
    facts = f"0x{first:04X} to 0x{last:04X}. Group: {block.group}{polled}."
    return f"{head}\n\n{facts}\n\n{registers}"


def _scales() -> str:
    notes = _attribute_docs(scales)
    rows = (
        (
            one.name,
            f"{one.default:g}",
            f"{one.alternative:g}",
            _link_citations(notes[one.name.upper()]),
        )
        for one in scales.VARIANTS
    )
    return table(("Scale", "Default", "Exception", "Models"), rows)


def _rows(block: type[Block]) -> Iterator[tuple[str, ...]]:
    notes = _attribute_docs(block)
    for name, register in block.registers.items():
        remarks = (*_facts(register), _link_citations(notes.get(name, "")))
        yield (
            f"0x{register.address:04X}",
            str(register.words),
            f"`{block.prefix}{name}`",
            _unit(register),
            _scale(register),
            " ".join(filter(None, remarks)),
        )


def _link_citations(text: str) -> str:
    """Link each citation such as [senalse #21] to its row in sources.md."""
    return CITATION.sub(_as_links, text)


def _as_links(citation: re.Match[str]) -> str:
    sources = (
        f"[{one}](sources.md#{one.split()[0]})"
        for one in re.split(r";\s+", citation[1])
    )
    return f"({'; '.join(sources)})"


def _attribute_docs(owner: type[Block] | ModuleType) -> dict[str, str]:
    """Return the docstrings below the attributes of a class or module, which Python does not keep."""
    body = ast.parse(inspect.getsource(owner)).body
    if isinstance(body[0], ast.ClassDef):
        body = body[0].body
    docs = {}
    for field, after in pairwise(body):
        match field, after:
            case (
                ast.AnnAssign(target=ast.Name(name)) | ast.Assign([ast.Name(name)]),
                ast.Expr(ast.Constant(str(text))),
            ):
                docs[name] = inspect.cleandoc(text).replace("\n", " ")
    return docs


def _unit(register: Register[Any]) -> str:
    if register.quantity is Quantity.FLAGS:
        return "bits"
    return (register.quantity and register.quantity.unit) or ""


def _scale(register: Register[Any]) -> str:
    """Return the value of one step of the raw number, for each scale."""
    if register.quantity in (None, Quantity.FLAGS):
        return ""
    if register.variant:
        return f"{register.variant.default:g} or {register.variant.alternative:g}"
    return f"{register.parse(1, STANDARD) - register.parse(0, STANDARD):g}"


def _facts(register: Register[Any]) -> Iterable[str]:
    """Yield what the other columns do not contain: sign, offset, codes, encoding."""
    zero = register.parse(0, STANDARD)
    if register.options:
        codes = (f"{_code(register, state)} {state}" for state in register.options)
        yield f"{', '.join(codes)}."
    elif register.quantity is None:
        yield (
            "ASCII text."
            if isinstance(zero, str)
            else "Year - 2000, month, day, hour, minute and second, one byte each."
        )
    elif (register.parse(_all_ones(register), STANDARD) or 0) < zero:
        yield "Signed."
    if isinstance(zero, int) and zero < 0:
        yield f"Offset {-zero}: raw = value + {-zero}."


def _all_ones(register: Register[Any]) -> int:
    return (1 << 16 * register.words) - 1


def _code(register: Register[Any], state: str) -> int:
    return register.raw(register.encode(state))
