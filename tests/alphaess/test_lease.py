"""Leases: which order is ours, until when, and what ends a lease."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
import time
from typing import Self

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.alphaess_live.alphaess.dispatch import (
    MAX_PENDING_ORDERS,
    STOP,
    charge,
    hold,
    rounded_to_registers,
)
from custom_components.alphaess_live.alphaess.grid_regulator import GridTarget
from custom_components.alphaess_live.alphaess.lease import (
    LATE_EFFECT,
    LATE_RENEWAL,
    Lease,
    LeaseTracker,
)
from custom_components.alphaess_live.alphaess.registers import DispatchOrder

HOUR = 3600


def order(power: int = 3000, duration: int = HOUR) -> DispatchOrder:
    """Return an order to charge, as it reads back."""
    return rounded_to_registers(charge(power=power, target_soc=80, duration=duration))


async def test_expiry_after_the_host_has_slept_does_not_move(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lease = Lease.start_now(order())
    read_clock, slept = time.clock_gettime, 50 * 60

    def clock_gettime(clock: int) -> float:
        return read_clock(clock) + (slept if clock == time.CLOCK_BOOTTIME else 0)

    monkeypatch.setattr(time, "clock_gettime", clock_gettime)

    class Later(datetime):
        """The host's clock after its sleep."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(seconds=slept)

    for module in ("lease", "host_clock"):
        monkeypatch.setattr(
            f"custom_components.alphaess_live.alphaess.{module}.datetime", Later
        )
    moved = lease.expires - lease.started_at - timedelta(seconds=HOUR)
    assert abs(moved) < timedelta(seconds=2)


async def test_unverified_orders_all_stay_until_one_reads_back() -> None:
    tracker = LeaseTracker()
    for power in (3000, 2000, 1000):
        tracker.add(Lease.start_now(order(power)))
    running = order(2000)
    tracker.observe(running, datetime.now(UTC))
    assert [one.order.power for one in tracker.leases] == [-2000, -1000]
    assert tracker.find(running) == tracker.leases[0]
    tracker.observe(order(1000), datetime.now(UTC))
    assert [one.order.power for one in tracker.leases] == [-1000]


async def test_exact_order_is_found_before_a_newer_clamped_one() -> None:
    tracker = LeaseTracker()
    tracker.add(Lease.start_now(order(2000)))
    tracker.add(Lease.start_now(order(3000)))
    found = tracker.find(order(2000))
    assert found
    assert found.order.power == -2000


async def test_order_of_the_same_duration_is_found_before_a_newer_longer_one() -> None:
    tracker = LeaseTracker()
    tracker.add(Lease.start_now(order(2000, duration=1800)))
    tracker.add(Lease.start_now(order(3000)))
    found = tracker.find(order(1000, duration=1800))
    assert found
    assert found.order.power == -2000


async def test_unverified_order_is_dropped_after_the_time_of_a_late_effect() -> None:
    tracker = LeaseTracker()
    tracker.add(Lease.start_now(order()))
    now = datetime.now(UTC)
    tracker.observe(STOP, now)
    assert tracker.leases
    tracker.observe(STOP, now + LATE_EFFECT + timedelta(seconds=1))
    assert not tracker.leases


async def test_unverified_order_is_found_after_a_long_outage() -> None:
    tracker = LeaseTracker()
    tracker.add(Lease.start_now(order()))
    tracker.observe(order(2500), datetime.now(UTC) + timedelta(minutes=50))
    assert [one.order.power for one in tracker.leases] == [-2500]


@pytest.mark.parametrize("gap_minutes", [1, 10])
async def test_order_after_its_end_is_ours_only_if_seen_all_the_time(
    gap_minutes: int,
) -> None:
    tracker, running = LeaseTracker(), order(duration=600)
    tracker.add(Lease.start_now(running))
    now = datetime.now(UTC)
    end = now + timedelta(seconds=600)
    tracker.observe(running, end + timedelta(minutes=1.5 - gap_minutes))
    tracker.observe(running, end + timedelta(minutes=1.5))
    assert bool(tracker.find(running)) == (gap_minutes == 1)


async def test_overwritten_order_ends_its_lease_and_keeps_its_time() -> None:
    tracker = LeaseTracker()
    lease = Lease.start_now(order()).verified(order())
    tracker.replace(lease)
    foreign = rounded_to_registers(hold(duration=900))
    assert tracker.contradicts(foreign)
    tracker.observe(foreign, datetime.now(UTC))
    assert not tracker.leases
    assert tracker.overwritten_until == lease.expires


async def test_verified_order_stays_among_many_refused_ones() -> None:
    tracker = LeaseTracker()
    running = replace(Lease.start_now(order(duration=600)), is_verified=True)
    tracker.replace(running)
    for power in range(1000, 1000 + 2 * MAX_PENDING_ORDERS):
        tracker.add(Lease.start_now(order(power)))
    assert tracker.find(running.order) is running
    assert len(tracker.leases) == MAX_PENDING_ORDERS


async def test_number_of_leases_is_bounded() -> None:
    tracker = LeaseTracker()
    for power in range(1, 2 * MAX_PENDING_ORDERS):
        tracker.add(Lease.start_now(order(power)))
    assert len(tracker.leases) == MAX_PENDING_ORDERS


@pytest.mark.parametrize("is_verified", [True, False])
async def test_lease_is_restored_as_it_was(*, is_verified: bool) -> None:
    lease = replace(Lease.start_now(order()), is_verified=is_verified)
    stored = lease.to_dict()
    assert Lease.from_dict(stored) == lease
    assert ("verified" in stored) is not is_verified


async def test_order_is_the_same_after_a_new_clock_and_a_restart() -> None:
    lease = Lease.start_now(order())
    assert lease.clock_offset_seconds
    # The host's clock is set an hour ahead.
    moved = replace(lease, clock_offset_seconds=lease.clock_offset_seconds - HOUR)
    restored = Lease.from_dict(moved.to_dict())
    assert restored.started_at - lease.started_at == timedelta(seconds=HOUR)
    assert restored.is_same(lease)
    assert Lease.from_dict(restored.to_dict()).is_same(lease)
    assert not restored.restarted().is_same(lease)


async def test_grid_target_begins_with_the_write_of_its_first_order(
    freezer: FrozenDateTimeFactory,
) -> None:
    whole = Lease.of_grid_target(GRID_TARGET, None, interval=5)
    part = replace(Lease.start_now(grid_order(-1000)), part_of=whole)
    freezer.tick(90)
    first = part.restarted().verified(grid_order(-1000))
    assert first.whole.started_at == first.started_at == datetime.now(UTC)
    further = replace(Lease.start_now(grid_order(-1200)), part_of=first.whole)
    freezer.tick(30)
    assert further.restarted().verified(grid_order(-1200)).part_of is first.whole


GRID_TARGET = GridTarget(
    power=0, min_soc=20, max_soc=90, max_power=3000, duration=600, limit=False
)


def restored_grid_target(
    *, seconds_ago: int, is_verified: bool = True
) -> tuple[LeaseTracker, Lease]:
    """Return what a restart restores of a grid target that began so long ago, and its lease."""
    whole = Lease.of_grid_target(GRID_TARGET, None, interval=5)
    began = whole.started_at - timedelta(seconds=seconds_ago)
    part = replace(Lease.start_now(grid_order(-1000)), part_of=whole)
    tracker = LeaseTracker()
    tracker.replace(replace(part, is_verified=is_verified))
    [stored] = tracker.to_store(None)
    stored = Lease.from_dict(replace(stored, started_at=began).to_dict())
    tracker.replace(stored)
    return tracker, stored


def grid_order(power: int) -> DispatchOrder:
    """Return an order of the grid target, as it reads back."""
    return rounded_to_registers(GRID_TARGET.order(power, duration=60))


@pytest.mark.parametrize("before", [STOP, order()])
async def test_grid_target_that_begins_after_a_restart_is_ours(
    before: DispatchOrder,
) -> None:
    tracker, whole = restored_grid_target(seconds_ago=5, is_verified=False)
    tracker.leases = (Lease.start_now(order()).verified(order()), *tracker.leases)
    now = datetime.now(UTC)
    tracker.observe(before, now)
    tracker.observe(grid_order(-1000), now)
    lease = tracker.find(grid_order(-1000))
    assert lease
    assert lease.whole == whole
    assert 59 < (lease.expires - now).total_seconds() < 61


async def test_last_order_of_a_grid_target_may_begin_after_a_restart() -> None:
    tracker, _ = restored_grid_target(seconds_ago=200)
    now = datetime.now(UTC)
    tracker.observe(grid_order(-1000), now)
    tracker.observe(grid_order(-1200), now + timedelta(seconds=5))
    assert tracker.find(grid_order(-1200))
    assert tracker.find(grid_order(-1000))
    tracker.observe(grid_order(-1200), now + LATE_RENEWAL + timedelta(seconds=5))
    assert tracker.find(grid_order(-1200))
    assert not tracker.find(grid_order(-1000))


async def test_grid_target_that_has_ended_is_not_ours_again() -> None:
    tracker, _ = restored_grid_target(seconds_ago=5)
    now = datetime.now(UTC)
    tracker.observe(STOP, now)
    assert not tracker.find(grid_order(-1000))


async def test_last_order_of_a_grid_target_ends_with_it_at_the_latest() -> None:
    tracker, whole = restored_grid_target(seconds_ago=580)
    tracker.observe(grid_order(-1000), datetime.now(UTC))
    lease = tracker.find(grid_order(-1000))
    assert lease
    assert lease.expires == whole.expires
