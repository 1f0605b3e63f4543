"""What the bits of the battery's fault and warning words mean."""

from collections.abc import Mapping

FAULT_EMS_2_5: Mapping[int, str] = {
    2: "Battery cell temperatures differ too much",
    3: "Battery balancer faulty",
    4: "Battery charge over-current",
    5: "Battery balancer MOS faulty",
    6: "Battery discharge over-current",
    7: "Battery pole over-temperature",
    8: "Battery cell over-voltage",
    9: "Battery cell voltages differ too much",
    10: "Battery too cold to discharge",
    11: "Battery low-voltage shutdown",
    12: "Battery cell under-voltage",
    13: "Battery ISO communication lost",
    14: "Battery LMU serial number used twice",
    15: "Battery BMU serial number used twice",
    16: "Battery insulation resistance low",
    17: "Battery LMU communication lost",
    18: "Battery cell over-temperature",
    19: "Battery BMU communication lost",
    20: "Battery lost the inverter",
    21: "Battery too cold to charge",
    22: "Battery TOPBMU communication lost",
    23: "Battery voltage detection faulty",
    24: "Battery wire harness faulty",
    25: "Battery cluster cut out",
    26: "Battery relay faulty",
    27: "Battery LMU ID used twice",
    28: "Battery LMU IDs not consecutive",
    29: "Battery current sensor faulty",
    31: "Battery temperature sensor faulty",
}
"""Register 0x011E; bits 11, 15, 20, 22 and 25 from [dxoverdy] only."""

FAULT_EMS_3_5: Mapping[int, str] = {
    0: "Battery temperature sensor faulty",
    1: "Battery MOS faulty",
    2: "Battery circuit breaker open",
    3: "Battery dial switch mode mismatch",
    4: "Slave battery lost",
    5: "Battery serial number missing",
    6: "Master battery lost",
    7: "Battery firmware mismatch",
    8: "Several master batteries",
    9: "Battery MOS over-temperature",
    10: "Battery insulation faulty",
    11: "Battery total voltage abnormal",
    12: "Battery MOS feedback faulty",
    13: "Battery pre-charge failed",
    14: "Battery chip 17823 communication lost",
    15: "Battery chip 17841 communication lost",
    16: "Battery MOS temperature sensor faulty",
}
"""Register 0x011E."""

WARNING_EMS_3_5: Mapping[int, str] = {
    0: "Battery temperatures out of balance",
    1: "Battery over-temperature",
    2: "Battery too cold to discharge",
    3: "Battery too cold to charge",
    4: "Battery discharge over-current",
    5: "Battery charge over-current",
    6: "Battery cell over-voltage",
    7: "Battery cell under-voltage",
    8: "Battery software mismatch, or SOC not calibrated",
    9: "Battery MOS temperature sensor faulty",
    10: "Battery SOCs differ",
    11: "BMS serial link lost",
    12: "BMS fan faulty",
}
"""Register 0x011C; the lists differ about bit 8."""
