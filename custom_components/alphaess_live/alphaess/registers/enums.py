"""The states of the registers that are no numbers, and the code of each [vendor]."""

from enum import StrEnum


class ChargeState(StrEnum):
    """Whether the battery can be charged and discharged (register 0x0103)."""

    IDLE = "idle"
    FULL = "full"
    """Only discharging is allowed: the battery is full."""
    CHARGE_ONLY = "charge_only"
    READY = "ready"
    FORCED = "forced"
    """Charge state 2; undocumented."""
    FORCED_READY = "forced_ready"


CHARGE_STATES = {
    0: ChargeState.IDLE,
    1: ChargeState.FULL,
    256: ChargeState.CHARGE_ONLY,
    257: ChargeState.READY,
    512: ChargeState.FORCED,
    513: ChargeState.FORCED_READY,
}


class Relay(StrEnum):
    """Which of the battery's contactors are closed (register 0x0104)."""

    OPEN = "open"
    DISCHARGE_CLOSED = "discharge_closed"
    CHARGE_CLOSED = "charge_closed"
    CLOSED = "closed"


RELAYS = {
    0: Relay.OPEN,
    1: Relay.DISCHARGE_CLOSED,
    2: Relay.CHARGE_CLOSED,
    3: Relay.CLOSED,
}


class BatteryType(StrEnum):
    """The battery's model (register 0x011A)."""

    M4860 = "m4860"
    M48100 = "m48100"
    B48112_P = "48112_p"
    SMILE5_BAT = "smile5_bat"
    M4856_P = "m4856_p"
    SMILE_BAT_10_3P = "smile_bat_10_3p"
    SMILE_BAT_10_1P = "smile_bat_10_1p"
    SMILE_BAT_5_8P = "smile_bat_5_8p"
    SMILE_BAT5_JP = "smile_bat5_jp"
    SMILE_BAT_13_7P = "smile_bat_13_7p"
    SMILE_BAT_8_2P = "smile_bat_8_2p"
    """Code 75 has one source [erdebee]."""
    SMILE_BAT_8_2PHA = "smile_bat_8_2pha"


BATTERY_TYPES = {
    2: BatteryType.M4860,
    3: BatteryType.M48100,
    13: BatteryType.B48112_P,
    16: BatteryType.SMILE5_BAT,
    24: BatteryType.M4856_P,
    27: BatteryType.SMILE_BAT_10_3P,
    30: BatteryType.SMILE_BAT_10_1P,
    33: BatteryType.SMILE_BAT_5_8P,
    34: BatteryType.SMILE_BAT5_JP,
    35: BatteryType.SMILE_BAT_13_7P,
    75: BatteryType.SMILE_BAT_8_2P,
    77: BatteryType.SMILE_BAT_8_2PHA,
}


class WorkMode(StrEnum):
    """What the inverter is doing (register 0x0440)."""

    WAIT = "wait"
    ONLINE = "online"
    UPS = "ups"
    """There is no grid, and the battery supplies the backup output."""
    BYPASS = "bypass"
    FAULT = "fault"
    DC = "dc"
    SELF_TEST = "self_test"
    CHECK = "check"
    UPDATE_MASTER = "update_master"
    UPDATE_SLAVE = "update_slave"
    UPDATE_ARM = "update_arm"


WORK_MODES = dict(enumerate(WorkMode))


class DispatchMode(StrEnum):
    """The mode of a dispatch (register 0x0885).

    The codes 11-18, 24, 26 and 27 are documented only as a group: frequency services
    (FCAS, FFR and their tests) [vendor-2024].
    """

    NONE = "none"
    PV_CHARGE_ONLY = "pv_charge_only"
    SOC_CONTROL = "soc_control"
    LOAD_FOLLOWING = "load_following"
    MAXIMISE_OUTPUT = "maximise_output"
    NORMAL = "normal"
    OPTIMISE_CONSUMPTION = "optimise_consumption"
    MAXIMISE_CONSUMPTION = "maximise_consumption"
    ECO = "eco"
    FCAS = "fcas"
    PV_POWER = "pv_power"
    FREQUENCY_11 = "frequency_11"
    FREQUENCY_12 = "frequency_12"
    FREQUENCY_13 = "frequency_13"
    FREQUENCY_14 = "frequency_14"
    FREQUENCY_15 = "frequency_15"
    FREQUENCY_16 = "frequency_16"
    FREQUENCY_17 = "frequency_17"
    FREQUENCY_18 = "frequency_18"
    NO_CHARGE = "no_charge"
    BURN_IN = "burn_in"
    OSW_PV_CHARGE_ONLY = "osw_pv_charge_only"
    OSW_SOC_CONTROL = "osw_soc_control"
    OSW_LOAD_FOLLOWING = "osw_load_following"
    FREQUENCY_24 = "frequency_24"
    OSW_NO_CHARGE = "osw_no_charge"
    FREQUENCY_26 = "frequency_26"
    FREQUENCY_27 = "frequency_27"


DISPATCH_MODES = dict(enumerate(DispatchMode))


class EnergyRouting(StrEnum):
    """Where a dispatch sends energy (register 0x0889); its effect is unknown."""

    AGING_END = "aging_end"
    PV_TO_GRID = "pv_to_grid"
    PV_TO_BATTERY = "pv_to_battery"
    BATTERY_TO_GRID = "battery_to_grid"
    GRID_TO_BATTERY = "grid_to_battery"
    BATTERY_TO_GRID_2 = "battery_to_grid_2"


ENERGY_ROUTINGS = dict(enumerate(EnergyRouting))


class PvSwitch(StrEnum):
    """Whether a dispatch leaves PV on (register 0x088A) [senalse v1.13.0; rudyh]."""

    UNCHANGED = "unchanged"
    ON = "on"
    OFF = "off"


PV_SWITCHES = dict(enumerate(PvSwitch))


class ActivePeriods(StrEnum):
    """Which periods are active (register 0x084F)."""

    OFF = "off"
    CHARGE = "charge"
    DISCHARGE = "discharge"
    BOTH = "both"


ACTIVE_PERIODS = dict(enumerate(ActivePeriods))


class SystemMode(StrEnum):
    """Where the panels are connected (register 0x0805)."""

    AC = "ac"
    DC = "dc"
    HYBRID = "hybrid"


SYSTEM_MODES = dict(enumerate(SystemMode, 1))


class MeterChoice(StrEnum):
    """What measures grid and PV: a current transformer or a meter (register 0x0806)."""

    GRID_CT_PV_CT = "grid_ct_pv_ct"
    GRID_CT_PV_METER = "grid_ct_pv_meter"
    GRID_METER_PV_CT = "grid_meter_pv_ct"
    GRID_METER_PV_METER = "grid_meter_pv_meter"


METER_CHOICES = dict(enumerate(MeterChoice))


class Switch(StrEnum):
    """Off or on (registers 0x088F, 0x08C0, 0x1001 and others)."""

    OFF = "off"
    ON = "on"


SWITCHES = dict(enumerate(Switch))


class GridCode(StrEnum):
    """The grid code of the country (register 0x1000) [vendor-2024]."""

    VDE_0126_50HZ = "vde_0126_50hz"
    VDE_4105 = "vde_4105"
    AS_4777_2 = "as_4777_2"
    G83_2 = "g83_2"
    C10_C11 = "c10_c11"
    TOR_ERZEUGER = "tor_erzeuger"
    EN_50549_NL = "en_50549_nl"
    EN_50549_DK = "en_50549_dk"
    CEB = "ceb"
    CEI_0_21 = "cei_0_21"
    NRS_097_2_1 = "nrs_097_2_1"
    EN_50549_GR = "en_50549_gr"
    UTE_C15_712 = "ute_c15_712"
    IEC_61727 = "iec_61727"
    G59_3 = "g59_3"
    RD_1699 = "rd_1699"
    G99 = "g99"
    PHILIPPINES = "philippines"
    VDE_0126_60HZ = "vde_0126_60hz"
    AS_4777_2_SA = "as_4777_2_sa"
    G98 = "g98"
    EN_50549_CZ = "en_50549_cz"
    PEA = "pea"
    MEA = "mea"
    BISI = "bisi"
    JET_GR = "jet_gr"
    TAIWAN = "taiwan"
    DEFAULT_50HZ = "default_50hz"
    DEFAULT_60HZ = "default_60hz"
    WAREHOUSE = "warehouse"
    AS_4777_2_NZ = "as_4777_2_nz"
    KOREA = "korea"
    G98_G99_IE = "g98_g99_ie"
    NC_RFG = "nc_rfg"
    UL_1741 = "ul_1741"
    RULE_21 = "rule_21"
    HAWAII = "hawaii"
    EN_50549 = "en_50549"


GRID_CODES = dict(
    zip((*range(26), *range(27, 39)), GridCode, strict=True)  # 26 is not used.
)


class ReactiveDirection(StrEnum):
    """The sign of a fixed power factor (register 0x1005)."""

    LEADING = "leading"
    LAGGING = "lagging"


REACTIVE_DIRECTIONS = dict(enumerate(ReactiveDirection))


class EchonetUserMode(StrEnum):
    """The operating mode of a Japanese household (register 0x072C)."""

    GREEN = "green"
    ECONOMIC = "economic"
    SECURE = "secure"


ECHONET_USER_MODES = dict(enumerate(EchonetUserMode))


class EchonetBatteryMode(StrEnum):
    """The battery mode of a Japanese home controller (register 0x072D)."""

    AUTOMATIC = "automatic"
    CHARGE = "charge"
    DISCHARGE = "discharge"
    STANDBY = "standby"


ECHONET_BATTERY_MODES = dict(enumerate(EchonetBatteryMode))
