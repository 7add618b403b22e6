"""What a million routes cost: `STILE_BIN=… python3 Tests/EndToEnd/many_routes_bench.py --routes 1000000 --vrfs 1000`."""

import argparse
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "deploy", "lab"))

from many_routes import Crossing, ManyRoutes, flood
from stilelab.lab import Lab


def slowest_answer(many, condition, seconds):
    """Asks until the condition on (received, imported) holds; the longest that an answer took."""
    slowest, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.monotonic()
        counts = many.counts()
        slowest = max(slowest, time.monotonic() - begin)
        if condition(counts):
            return slowest
        time.sleep(0.2)
    raise TimeoutError(f"received, imported: {counts}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--routes", type=int, default=1_000_000)
    parser.add_argument("--vrfs", type=int, default=1)
    parser.add_argument("--table-megabytes", type=int)
    options = parser.parse_args()
    messages = list(flood(options.vrfs, options.routes))
    Lab.remove_leftovers("scale")
    with Lab("scale") as lab:
        begin = time.monotonic()
        many = ManyRoutes(lab, options.vrfs, options.table_megabytes)
        many.connect()
        print(f"start and session: {time.monotonic() - begin:.1f} s, {many.resident_megabytes()} MB", flush=True)
        total = options.routes + 1
        with Crossing(many) as crossing:
            begin = time.monotonic()
            sent = all(many.peer.send(octets) for octets in messages)
            print(f"sent: {time.monotonic() - begin:.1f} s {'' if sent else '(connection lost)'}", flush=True)
            slowest = slowest_answer(many, lambda counts: counts == (total, total), 300)
            print(f"in the tables: {time.monotonic() - begin:.1f} s, slowest answer {slowest:.2f} s, "
                  f"{many.resident_megabytes()} MB, session {'lost' if many.peer.is_closed.is_set() else 'up'}", flush=True)
            time.sleep(12)
            print(f"after the hold time: session {'lost' if many.peer.is_closed.is_set() else 'up'}", flush=True)
        print(f"crossing: {crossing.sent} sent, {crossing.arrived} arrived", flush=True)
        begin = time.monotonic()
        many.peer.close(abruptly=True)
        slowest = slowest_answer(many, lambda counts: counts == (0, 0), 300)
        print(f"session lost: gone after {time.monotonic() - begin:.1f} s, slowest answer {slowest:.2f} s, "
              f"{many.resident_megabytes()} MB", flush=True)
        print(lab.log("box/stiled.log")[-1500:])


if __name__ == "__main__":
    main()
