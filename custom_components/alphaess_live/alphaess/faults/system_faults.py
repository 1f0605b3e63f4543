"""What the bits of the system's fault word, 0x08D4, mean."""

from collections.abc import Mapping

FAULT_HOUSEHOLD: Mapping[int, str] = {
    0: "EMS network card faulty",
    1: "EMS real-time clock faulty",
    2: "EMS EEPROM faulty",
    3: "Inverter lost",
    4: "Grid meter lost",
    5: "PV meter lost",
    6: "BMS lost",
    7: "UPS battery voltage low",
    8: "Backup overload",
    9: "Slave inverter lost",
    10: "Master inverter lost",
    11: "Parallel communication lost",
    12: "Parallel modes differ",
    13: "EMS flash memory faulty",
    14: "EMS SDRAM faulty",
    15: "Extension CAN faulty",
    16: "Inverter type not set",
}
"""Systems whose serial number begins with AL; the same for EMS2.5, 3.5 and 3.6 [vendor]."""

FAULT_COMMERCIAL: Mapping[int, str] = {
    0: "Inverter lost",
    1: "Grid meter lost",
    2: "Battery lost",
    3: "System not set",
    4: "PV meter lost",
    5: "Meter not set",
    6: "PV meter direction wrong",
    7: "EMS SD card faulty",
    8: "EMS real-time clock faulty",
    9: "EMS SDRAM faulty",
    10: "EMS MMC card faulty",
    11: "EMS network card faulty",
    12: "Extension CAN faulty",
    13: "DRED faulty",
    14: "LCD lost",
    15: "STS lost",
    16: "STS faulty",
    17: "PV inverter lost",
    18: "Generator and PV in conflict",
    19: "PV inverter faulty",
    20: "Air conditioning faulty",
    21: "Fire",
    22: "Fire controller faulty",
    23: "Generator faulty",
    24: "Air conditioning lost",
    25: "System over-current",
    26: "PCS mode wrong",
    27: "Battery energy low",
}
"""Systems whose serial number begins with AE [dxoverdy]."""
