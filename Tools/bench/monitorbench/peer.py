"""The rival: a Python loop with pymodbus that reads the inverter and writes a row now and then.

It is the least that a monitor in Python does: the same registers, decoded, a row of the daily CSV
each interval. It asks no generator server, decides nothing, keeps no state and syncs nothing.
"""

import argparse
import time
from pathlib import Path

from pymodbus import ModbusException
from pymodbus.client import ModbusSerialClient

BLOCKS = ((0, 40), (81, 39), (170, 1), (60, 4))
HEADER = (
    "timestamp,timestamp_unix,soc_pct,soh_pct,vbat_v,vpv1_v,vpv2_v,pv1_power_w,pv2_power_w,"
    "load_power_w,charge_power_w,discharge_power_w,generator_state,generator_running\n")


def read_round(client: ModbusSerialClient) -> dict[int, int]:
    """The words that were answered, by their registers."""
    words: dict[int, int] = {}
    try:
        for start, count in BLOCKS:
            answer = client.read_input_registers(start, count=count, device_id=1)
            if not answer.isError():
                words.update(enumerate(answer.registers, start))
    except ModbusException:
        # The next round opens the line anew.
        client.close()
    return words


def row(words: dict[int, int]) -> str:
    """A line of the CSV."""
    now = time.time()
    charge = words[5]
    fields = [
        time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(now)), f"{now:.0f}", charge & 0xFF,
        charge >> 8, words[4] / 10, words[1] / 10, words[2] / 10, words[7], words[8], words[170],
        words[10], words[11], "IDLE", 0,
    ]
    return ",".join(str(field) for field in fields) + "\n"


def append(folder: Path, line: str) -> None:
    """To the file of the day."""
    file = folder / time.strftime("data_%Y%m%d.csv")
    is_new = not file.exists()
    with file.open("a", encoding="ascii") as output:
        output.write(HEADER + line if is_new else line)


def main() -> None:
    """Goes round for ever."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--inverter-port", required=True)
    parser.add_argument("--poll", type=float, required=True)
    parser.add_argument("--log-dir", type=Path, required=True)
    parser.add_argument("--log-interval", type=float, required=True)
    wanted = parser.parse_args()
    client = ModbusSerialClient(wanted.inverter_port, baudrate=19200, timeout=1)
    client.connect()
    next_round = next_row = time.monotonic()
    while True:
        next_round = time.monotonic() + wanted.poll
        words = read_round(client)
        now = time.monotonic()
        if len(words) == sum(count for _, count in BLOCKS) and now >= next_row:
            next_row = now + wanted.log_interval
            append(wanted.log_dir, row(words))
        time.sleep(max(0, next_round - time.monotonic()))


if __name__ == "__main__":
    main()
