"""A far end with a label for each prefix, and its new Ethernet address: `sudo STILE_BIN=… /usr/bin/python3
Tests/EndToEnd/far_end_labels_bench.py --routes 1000000`."""

import argparse
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "deploy", "lab"))

from far_end_labels import FarEndLabels, flood, label_of
from stilelab.lab import Lab


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--routes", type=int, default=1_000_000)
    routes = parser.parse_args().routes
    Lab.remove_leftovers("labels")
    with Lab("labels") as lab:
        far = FarEndLabels(lab)
        far.connect()
        far.listen()
        begin = time.monotonic()
        assert all(far.peer.send(octets) for octets in flood(routes))
        far.box.wait(lambda: far.counts() == (routes + 1, routes + 1), "all routes imported", 300)
        print(f"{far.neighbor()['labels']} labels in {time.monotonic() - begin:.1f} s, {far.resident_megabytes()} MB")
        sample = range(0, routes, max(1, routes // 50))
        before = [far.leaves(index) for index in sample]
        idle = far.processor_seconds()
        time.sleep(1)
        idle = far.processor_seconds() - idle
        address = "02:00:00:00:99:02"
        known, used = far.change_address(address)
        after = [far.leaves(index) for index in sample]
        assert [label for _, label in before] == [label_of(index) for index in sample]
        assert after == [(address, label_of(index)) for index in sample]
        print(f"new Ethernet address: known after {known * 1000:.0f} ms; processor time of stiled {used * 1000:.0f} ms "
              f"until a second later, {idle * 1000:.0f} ms in a second without; all of {len(sample)} labels that were tried "
              "leave with it")


if __name__ == "__main__":
    main()
