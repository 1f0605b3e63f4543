"""Few requests, none too long, and no block is divided."""

from collections.abc import Iterable
from dataclasses import dataclass

from hypothesis import given, strategies as st

from custom_components.alphaess_live.alphaess.read_plan import (
    MAX_COUNT,
    MAX_GAP,
    plan_requests,
    request_for,
)
from custom_components.alphaess_live.alphaess.registers import BLOCKS


@dataclass(frozen=True)
class Run:
    """Consecutive registers."""

    start: int
    size: int = 1

    def addresses(self) -> Iterable[int]:
        return range(self.start, self.start + self.size)


def spans(*parts: Run) -> list[tuple[int, int]]:
    return [(one.start, one.count) for one in plan_requests(parts)]


def test_adjacent_blocks_share_a_request() -> None:
    assert spans(Run(0, 10), Run(10, 5)) == [(0, 15)]


def test_small_gap_is_read_across() -> None:
    assert spans(Run(0), Run(1 + MAX_GAP)) == [(0, 2 + MAX_GAP)]


def test_larger_gap_causes_another_request() -> None:
    assert spans(Run(0), Run(2 + MAX_GAP)) == [(0, 1), (2 + MAX_GAP, 1)]


def test_caller_decides_which_gaps_are_read_across() -> None:
    assert len(plan_requests((Run(0), Run(2)), lambda gap: 1 not in gap)) == 2
    assert len(plan_requests((Run(0), Run(50)), lambda gap: 1 in gap)) == 1
    assert len(plan_requests((Run(0), Run(MAX_COUNT)), lambda gap: 1 in gap)) == 2


def test_request_is_not_longer_than_the_limit() -> None:
    assert spans(Run(0, 60), Run(60, 40)) == [(0, 100)]
    assert spans(Run(0, 60), Run(60, 41)) == [(0, 60), (60, 41)]


def test_block_within_another_adds_nothing() -> None:
    assert spans(Run(0, 20), Run(5, 3)) == [(0, 20)]


def test_order_of_the_blocks_does_not_matter() -> None:
    assert spans(Run(40), Run(0), Run(20)) == spans(Run(0), Run(20), Run(40))


def test_no_blocks_need_no_request() -> None:
    assert plan_requests([]) == ()


def test_all_blocks_take_16_requests() -> None:
    requests = plan_requests(BLOCKS)
    assert len(requests) == 16, "a new block may take a request: is that intended?"
    longest = max(one.count for one in requests)
    assert longest <= 85, (
        "no device is known to answer a longer request: move the block"
    )


@given(st.lists(st.builds(Run, st.integers(0, 3000), st.integers(1, MAX_COUNT))))
def test_block_is_complete_in_exactly_one_request(parts: list[Run]) -> None:
    planned = plan_requests(parts)
    assert sorted(map(id, parts)) == sorted(
        id(p) for one in planned for p in one.readables
    )
    for one in planned:
        covered = range(one.start, one.start + one.count)
        assert all(a in covered for part in one.readables for a in part.addresses())
        assert one.count <= MAX_COUNT
        assert all(request_for(part).count <= one.count for part in one.readables)
