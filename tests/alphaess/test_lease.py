"""Leases: which order is ours, until when, and what ends a lease."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
import time
from typing import Self

import pytest

from custom_components.alphaess_live.alphaess.dispatch import (
    STOP,
    charge,
    hold,
    rounded_to_registers,
)
from custom_components.alphaess_live.alphaess.lease import (
    LATE_EFFECT,
    MAX_LEASES,
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

    monkeypatch.setattr(
        "custom_components.alphaess_live.alphaess.lease.datetime", Later
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
    for power in range(1000, 1000 + 2 * MAX_LEASES):
        tracker.add(Lease.start_now(order(power)))
    assert tracker.find(running.order) is running
    assert len(tracker.leases) == MAX_LEASES


async def test_number_of_leases_is_bounded() -> None:
    tracker = LeaseTracker()
    for power in range(1, 2 * MAX_LEASES):
        tracker.add(Lease.start_now(order(power)))
    assert len(tracker.leases) == MAX_LEASES


@pytest.mark.parametrize("is_verified", [True, False])
async def test_lease_is_restored_as_it_was(*, is_verified: bool) -> None:
    lease = replace(Lease.start_now(order()), is_verified=is_verified)
    stored = lease.to_dict()
    assert Lease.from_dict(stored) == lease
    assert ("verified" in stored) is not is_verified
