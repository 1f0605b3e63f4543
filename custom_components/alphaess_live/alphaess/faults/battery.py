"""What the bits of the battery's fault and warning words mean."""

from .table import Table

FAULT_EMS_2_5: Table = {
    2: "Cell temperatures differ too much",
    3: "Balancer faulty",
    4: "Charge over-current",
    5: "Balancer MOS faulty",
    6: "Discharge over-current",
    7: "Pole over-temperature",
    8: "Cell over-voltage",
    9: "Cell voltages differ too much",
    10: "Too cold to discharge",
    11: "Low-voltage shutdown",
    12: "Cell low voltage",
    13: "ISO communication lost",
    14: "LMU serial number repeated",
    15: "BMU serial number repeated",
    16: "Insulation resistance low",
    17: "LMU communication lost",
    18: "Cell over-temperature",
    19: "BMU communication lost",
    20: "Inverter communication lost",
    21: "Too cold to charge",
    22: "TOPBMU communication lost",
    23: "Voltage detection faulty",
    24: "Wire harness faulty",
    25: "Cluster cut out",
    26: "Relay faulty",
    27: "LMU ID repeated",
    28: "LMU ID discontinuous",
    29: "Current sensor faulty",
    31: "Temperature sensor faulty",
}
"""Register 0x011E; bits 11, 15, 20, 22 and 25 are named by dxoverdy only."""

FAULT_EMS_3_5: Table = {
    0: "Temperature sensor faulty",
    1: "MOS faulty",
    2: "Circuit breaker open",
    3: "Dial switch mode mismatch",
    4: "Slave battery lost",
    5: "Serial number missing",
    6: "Master battery lost",
    7: "Firmware mismatch",
    8: "Several masters",
    9: "MOS over-temperature",
    10: "Insulation faulty",
    11: "Total voltage abnormal",
    12: "MOS feedback faulty",
    13: "Pre-charge failed",
    14: "Chip 17823 communication lost",
    15: "Chip 17841 communication lost",
    16: "MOS temperature sensor faulty",
}
"""Register 0x011E."""

WARNING_EMS_3_5: Table = {
    0: "Temperature imbalance",
    1: "Over-temperature",
    2: "Too cold to discharge",
    3: "Too cold to charge",
    4: "Discharge over-current",
    5: "Charge over-current",
    6: "Cell over-voltage",
    7: "Cell low voltage",
    8: "Software mismatch, or SOC not calibrated",
    9: "MOS temperature sensor faulty",
    10: "SOC mismatch",
    11: "BMS serial link lost",
    12: "BMS fan faulty",
}
"""Register 0x011C; the lists differ about bit 8."""
