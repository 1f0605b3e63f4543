"""The integration and its simulator use other packages by their public names only.

A name that begins with an underscore may vanish in any release of its package.
"""

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
import inspect
from pathlib import Path
import textwrap
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
OWN = "custom_components.alphaess_live"
PACKAGE = ROOT.joinpath(*OWN.split("."))

DOCUMENTED = {
    # https://developers.home-assistant.io/docs/integration_fetching_data
    "_async_update_data",
    "_handle_coordinator_update",
    # https://developers.home-assistant.io/docs/core/integration/config_flow
    "_abort_if_unique_id_configured",
    "_abort_if_unique_id_mismatch",
    "_async_current_entries",
    "_get_reconfigure_entry",
    # https://developers.home-assistant.io/docs/core/entity
    "_unrecorded_attributes",
    # https://developers.home-assistant.io/docs/core/entity/event
    "_trigger_event",
    # https://docs.python.org/3/library/collections.html#collections.somenamedtuple._asdict
    "_asdict",
    "_replace",
}
"""Names that their packages document for others, beside the `_attr_…` of Home Assistant's entities."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def _is_forbidden(name: str) -> bool:
    return (
        _is_private(name) and name not in DOCUMENTED and not name.startswith("_attr_")
    )


def _own_receiver(node: ast.expr) -> bool:
    """Whether an attribute is one of the object that the code belongs to."""
    match node:
        case ast.Name(id="self" | "cls"):
            return True
        case ast.Call(func=ast.Name(id="super")):
            return True
    return False


def _names_in_class(node: ast.AST) -> set[str]:
    """Collect what a class defines or uses of itself."""
    names = {one.name for one in ast.walk(node) if isinstance(one, FUNCTIONS)}
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and _own_receiver(one.value):
            names.add(one.attr)
        elif isinstance(one, ast.Assign | ast.AnnAssign):
            targets = one.targets if isinstance(one, ast.Assign) else [one.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


@cache
def _names_of(foreign: type) -> frozenset[str]:
    """Collect the attributes of a class of another package, those of its instances too."""
    names = set(vars(foreign)) | set(getattr(foreign, "__slots__", ()))
    try:
        source = textwrap.dedent(inspect.getsource(foreign))
    except OSError, TypeError:
        return frozenset(names)
    return frozenset(names | _names_in_class(ast.parse(source)))


def _module_of(path: Path) -> ModuleType:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return import_module(".".join(part for part in parts if part != "__init__"))


def _foreign_bases(own: type) -> list[type]:
    """List the classes of other packages from which a class inherits."""
    return [
        base
        for base in own.__mro__
        if base is not object and not base.__module__.startswith(OWN)
    ]


def private_imports(tree: ast.AST) -> Iterator[str]:
    """Name what a file imports of another package by a private name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for module in modules:
            if any(_is_private(part) for part in module.split(".")):
                yield module


def private_attributes(tree: ast.AST) -> Iterator[str]:
    """Name the private attributes of objects that are not of the file's own classes."""
    own = _attributes_of_own_arguments(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=value, attr=name) if not _own_receiver(value):
                if _is_forbidden(name) and node not in own:
                    yield f"{ast.unparse(value)}.{name}"
            case ast.Call(
                func=ast.Name(id="getattr" | "setattr" | "hasattr" | "delattr"),
                args=[_, ast.Constant(value=str(name)), *_],
            ) if _is_forbidden(name):
                yield ast.unparse(node)


def _attributes_of_own_arguments(tree: ast.AST) -> set[ast.Attribute]:
    """Collect `other._name` where a function declares `other` as one of the file's own classes."""
    classes = {one.name for one in ast.walk(tree) if isinstance(one, ast.ClassDef)}
    found: set[ast.Attribute] = set()
    for function in ast.walk(tree):
        if not isinstance(function, FUNCTIONS):
            continue
        declared = {
            argument.arg
            for argument in (*function.args.args, *function.args.kwonlyargs)
            if isinstance(argument.annotation, ast.Name)
            and argument.annotation.id in classes
        }
        found |= {
            node
            for node in ast.walk(function)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in declared
        }
    return found


def overridden(tree: ast.AST, module: ModuleType) -> Iterator[str]:
    """Name the private attributes of other packages' classes that subclasses use or override."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef) or not node.bases:
            continue
        names = {name for name in _names_in_class(node) if _is_forbidden(name)}
        for base in _foreign_bases(getattr(module, node.name)):
            for name in names & _names_of(base):
                yield f"{node.name}.{name} of {base.__module__}.{base.__qualname__}"


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda one: str(one.relative_to(PACKAGE))
)
def test_private_names_of_other_packages_are_not_used(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    found = [
        *private_imports(tree),
        *private_attributes(tree),
        *overridden(tree, _module_of(path)),
    ]
    assert not found, f"{path.name} uses private names of other packages: {found}"


VIOLATIONS = """
from modbus_connection import _pacing
from modbus_connection._client import BaseModbusConnection
from modbus_connection.pymodbus import ModbusConnection

class Wire(ModbusConnection):
    _target = "inverter"

    async def _connect_client(self):
        self._own = self._timeout

    def restart(self):
        super()._on_trace_connect(False)
        return self._own, self.unit._conn, getattr(self.unit, "_unit_id")

    def merge(self, other: Wire, client: Client):
        client._timeout = other._own
"""


def test_private_name_check_finds_every_kind_of_use() -> None:
    tree, module = ast.parse(VIOLATIONS), ModuleType(f"{OWN}.violations")
    exec(VIOLATIONS, vars(module))  # noqa: S102 - the text above
    assert list(private_imports(tree)) == [
        "modbus_connection._pacing",
        "modbus_connection._client.BaseModbusConnection",
    ]
    assert sorted(private_attributes(tree)) == [
        "client._timeout",
        "getattr(self.unit, '_unit_id')",
        "self.unit._conn",
    ]
    found = {one.partition(" ")[0] for one in overridden(tree, module)}
    members = ("_target", "_connect_client", "_timeout", "_on_trace_connect")
    assert found == {f"Wire.{name}" for name in members}
