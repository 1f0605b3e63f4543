"""Everything at once: how long does the loop of Home Assistant stand still, and what is left of it?"""

from collections.abc import Callable
from contextlib import closing
import time

from .contest import MARKS
from .crowd import Crowd, text
from .stage import Stage, greeting
from .table import Table

LONGEST = 20
"""ms."""
TIMES = 5
TO_LEAVE = 3
"""s."""


def strain(stage: Stage, table: Table, *, clients: int) -> None:
    """Tell the longest step of the loop in each kind of trouble, and what is left over."""
    house = stage.house
    _wait_until_empty(stage)
    before = house.ask("left")
    house.ask("watch")
    table.title(f"The longest step of Home Assistant's loop, {clients} clients")
    with closing(Crowd(house.place["port"], greeting(house), count=0)) as crowd:
        acts: dict[str, Callable[[], object]] = {
            "all come in": lambda: crowd.grow(clients),
            "power_update": lambda: _publish(stage, crowd, "power"),
            "3 kB": lambda: _publish(stage, crowd, "many"),
            "link lost and back": lambda: _publish(stage, crowd, "loss", "return"),
            "the whole inverter is read": lambda: house.ask("refresh"),
            "all are pinged": lambda: _ping(stage, crowd),
            "all ask for everything": lambda: _ask(crowd),
            "half of them leave at once": lambda: crowd.shrink(clients // 2),
        }
        for what, act in acts.items():
            for _ in range(1 if "come" in what or "leave" in what else TIMES):
                act()
                crowd.settle()
            _tell(stage, table, what)
    _wait_until_empty(stage)
    _tell(stage, table, "the rest leaves at once")
    after = house.ask("left")
    table.title("Left over when all are gone")
    for what in ("tasks", "sockets", "files"):
        table.row(what, after[what] - before[what], "", most=0)


def _tell(stage: Stage, table: Table, what: str) -> None:
    time.sleep(0.1)
    longest = stage.house.ask("longest")
    took, worked = longest["took"] * 1000, longest["worked"] * 1000
    table.row(f"{what} (processor: {worked:.1f} ms)", took, "ms", most=LONGEST)
    if took > LONGEST / 2:
        print(f"    {longest['what'][:200]}", flush=True)


def _publish(stage: Stage, crowd: Crowd, *kinds: str) -> None:
    for kind in kinds:
        mark = next(MARKS)
        stage.house.ask("publish", kind, mark)
        crowd.hear(str(mark).encode())


def _ping(stage: Stage, crowd: Crowd) -> None:
    stage.house.ask("ping")
    crowd.settle()
    crowd.assure()
    while stage.house.ask("clients")["pinged"]:
        time.sleep(0.05)


def _ask(crowd: Crowd) -> None:
    for kind in ("ping", "request_status", "request_power_data", "refresh"):
        crowd.say(text(type=kind))


def _wait_until_empty(stage: Stage) -> None:
    """Wait until nobody is connected, and what ends by itself has ended."""
    while stage.house.ask("clients")["connected"]:
        time.sleep(0.1)
    time.sleep(TO_LEAVE)
