"""What is set in the inverter and kept in its flash: the feed-in limit, the charging periods, how it was installed."""

from ..scales import CUT_OFF_CHARGE
from .block import Block, BlockGroup
from .enums import (
    ACTIVE_PERIODS,
    METER_CHOICES,
    SYSTEM_MODES,
    ActivePeriods,
    MeterChoice,
    SystemMode,
)
from .register import Quantity as Q, choice, number


class FeedIn(Block, name="feed_in", group=BlockGroup.SETTINGS, slow=True):
    """Maximum export, 0x0800. An inverter ignores a write to it during a dispatch [rudyh]."""

    limit: float = number(0x0800, Q.SHARE)
    """Of the panels' power: 0 exports nothing, 100 is no limit."""


class Installation(Block, name="installation", group=BlockGroup.SETTINGS, slow=True):
    """How the installer set the system up, 0x0801-0x0807."""

    pv_capacity: float = number(0x0801, Q.POWER, words=2)
    """Panels at the inverter's own inputs."""
    pv_meter_capacity: float = number(0x0803, Q.POWER, words=2)
    """Panels with an inverter of their own."""
    system_mode: SystemMode | None = choice(0x0805, SYSTEM_MODES)
    """Counted from 1 [vendor]; [solax] counts from 0."""
    meters: MeterChoice | None = choice(0x0806, METER_CHOICES)
    battery_ready: float = number(0x0807)
    """1 once the battery is switched on."""


class PhaseBalance(
    Block,
    name="phase_balance",
    prefix="installation_",
    group=BlockGroup.SETTINGS,
    slow=True,
):
    """Whether the phases may be fed unequally, 0x0811; three-phase models."""

    unbalanced_phases: float = number(0x0811)
    """1 if they may."""


class Periods(Block, name="periods", group=BlockGroup.SETTINGS, slow=True):
    """When the battery is charged and discharged, 0x084F-0x0859; hours are all that older firmware knows.

    A SMILE-G3 was seen to accept these without applying them [dallonby].
    """

    active: ActivePeriods | None = choice(0x084F, ACTIVE_PERIODS)
    discharge_floor: float = number(0x0850, Q.SHARE, scale=CUT_OFF_CHARGE)
    """Also the reserve for a power cut."""
    discharge_1_start_hour: float = number(0x0851)
    discharge_1_end_hour: float = number(0x0852)
    discharge_2_start_hour: float = number(0x0853)
    discharge_2_end_hour: float = number(0x0854)
    charge_target: float = number(0x0855, Q.SHARE, scale=CUT_OFF_CHARGE)
    """Where charging from the grid in a charge period ends."""
    charge_1_start_hour: float = number(0x0856)
    charge_1_end_hour: float = number(0x0857)
    charge_2_start_hour: float = number(0x0858)
    charge_2_end_hour: float = number(0x0859)


class PeriodMinutes(
    Block,
    name="period_minutes",
    prefix="periods_",
    group=BlockGroup.SETTINGS,
    slow=True,
):
    """The minutes of those periods, 0x085A-0x0861; newer firmware [dxoverdy #8, #22]."""

    discharge_1_start_minute: float = number(0x085A)
    discharge_1_end_minute: float = number(0x085B)
    discharge_2_start_minute: float = number(0x085C)
    discharge_2_end_minute: float = number(0x085D)
    charge_1_start_minute: float = number(0x085E)
    charge_1_end_minute: float = number(0x085F)
    charge_2_start_minute: float = number(0x0860)
    charge_2_end_minute: float = number(0x0861)


SETTINGS: tuple[type[Block], ...] = (
    FeedIn,
    Installation,
    PhaseBalance,
    Periods,
    PeriodMinutes,
)
"""What somebody sets, and hardly ever."""
