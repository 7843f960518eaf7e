"""The predecessor's way of reading a 200-level frame: three struct.unpack a level, a dict for each.

Reads one frame from the standard input; prints one line of JSON: levels a CPU second of this process.
"""
import json
import struct
import sys
import time

WARM_UP_S = 0.5
MEASURE_S = 1.5
HEADER_BYTES = 12
ROW_BYTES = 16


def parse(data):
    rows = struct.unpack("<I", data[8:12])[0]
    levels = []
    for i in range(rows):
        at = HEADER_BYTES + i * ROW_BYTES
        price = struct.unpack("<d", data[at : at + 8])[0]
        quantity = struct.unpack("<I", data[at + 8 : at + 12])[0]
        orders = struct.unpack("<I", data[at + 12 : at + 16])[0]
        levels.append({"price": price, "quantity": quantity, "orders": orders})
    return levels


def run_for(seconds, data):
    done = 0
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for _ in range(16):
            done += len(parse(data))
    return done


frame = sys.stdin.buffer.read()
run_for(WARM_UP_S, frame)
started = time.process_time()
count = run_for(MEASURE_S, frame)
used = time.process_time() - started
last = parse(frame)[-1]
print(json.dumps({"levels": count, "cpuS": used, "last": last}))
