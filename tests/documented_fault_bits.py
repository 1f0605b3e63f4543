"""The fault and warning bits of the published lists, as an independent copy."""

from custom_components.alphaess_live.alphaess.faults import Family

ALL = range(32)
DOCUMENTED: dict[tuple[str, Family], set[int]] = {
    ("battery_fault", Family.EMS_2_5): {*ALL} - {0, 1, 30},
    ("battery_fault", Family.EMS_3_5): {*range(17)},
    ("battery_warning", Family.EMS_3_5): {*range(13)},
    ("system_fault", Family.EMS_2_5): {*range(17)},
    ("system_fault", Family.EMS_3_5): {*range(17)},
    ("system_fault", Family.COMMERCIAL): {*range(28)},
    ("inverter_fault_1", Family.EMS_3_5): {*ALL},
    ("inverter_fault_2", Family.EMS_3_5): {*ALL},
    ("inverter_warning_1", Family.EMS_3_5): {*ALL},
    ("inverter_warning_2", Family.EMS_3_5): {*ALL},
    ("inverter_fault_extended_1", Family.EMS_3_5): {*ALL},
    ("inverter_fault_extended_2", Family.EMS_3_5): {*range(26)},
}
"""The bits that the published lists name, by word and family."""
