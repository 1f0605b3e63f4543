"""Settings in the inverter's flash memory: feed-in limit, charging periods, installation."""

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
    """The feed-in limit. An inverter ignores a write to it during a dispatch, and for some time after it [rudyh]."""

    limit: float = number(0x0800, Q.SHARE)
    """0 exports nothing, 100 is no limit. Documented as a share of the PV capacity [vendor]; others say of the AC capacity [senalse #29; rudyh]."""


class Installation(Block, name="installation", group=BlockGroup.SETTINGS, slow=True):
    """What the installer has set."""

    pv_capacity: float = number(0x0801, Q.POWER, words=2)
    """Peak power of the panels at the inverter's own inputs."""
    pv_meter_capacity: float = number(0x0803, Q.POWER, words=2)
    """Peak power of the panels behind another inverter."""
    system_mode: SystemMode | None = choice(0x0805, SYSTEM_MODES)
    """One implementation counts the modes from 0 [solax]."""
    meters: MeterChoice | None = choice(0x0806, METER_CHOICES)
    battery_ready: float = number(0x0807)
    """1 after the battery was switched on."""


class PhaseBalance(
    Block,
    name="phase_balance",
    prefix="installation_",
    group=BlockGroup.SETTINGS,
    slow=True,
):
    """Whether the phases may have different powers; three-phase models."""

    unbalanced_phases: float = number(0x0811)
    """1 if they may."""


class Periods(Block, name="periods", group=BlockGroup.SETTINGS, slow=True):
    """The charging and discharging periods; older firmware supports whole hours only [dxoverdy #8, #22].

    A SMILE-G3 accepted them without effect [dallonby].
    """

    active: ActivePeriods | None = choice(0x084F, ACTIVE_PERIODS)
    discharge_floor: float | None = number(0x0850, Q.SHARE, scale=CUT_OFF_CHARGE)
    """Also the reserve for a power outage."""
    discharge_1_start_hour: float = number(0x0851)
    discharge_1_end_hour: float = number(0x0852)
    discharge_2_start_hour: float = number(0x0853)
    discharge_2_end_hour: float = number(0x0854)
    charge_target: float | None = number(0x0855, Q.SHARE, scale=CUT_OFF_CHARGE)
    """The state of charge at which charging from the grid ends."""
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
    """The minutes of the periods; newer firmware [dxoverdy #8, #22]."""

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
"""The blocks of settings."""
