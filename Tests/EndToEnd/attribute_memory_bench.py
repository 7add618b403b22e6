"""What the control process takes for attributes that it does not know but has to pass on: `sudo STILE_BIN=…
python3 Tests/EndToEnd/attribute_memory_bench.py --routes 5000 --octets 65000`.

The neighbor has extended messages, the VRF transit, and towards the other neighbor the attribute passes: else nothing of
it is kept at all. Exits with 1 if the process has grown by more than the limit on attributes allows.
"""

import argparse
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "deploy", "lab"))

from stilelab.bgp_peer import as_path, attribute, nlri, origin, reachable, route_target, unreachable, update
from stilelab.lab import Lab
from test_labels import A, B, Bench

MEBIBYTE = 1 << 20
# `maximum-attribute-memory` where nothing is configured.
LIMIT_MEBIBYTES = 64
# What comes besides: buffers of the connection, the routes themselves, what the allocator keeps, and the routes and their
# attributes once more on their way to the other neighbor.
ALLOWANCE_MEBIBYTES = 64


def prefix(number):
    return f"100.{64 + (number >> 16)}.{number >> 8 & 255}.{number & 255}/32"


def resident(bench):
    """The control process's resident memory in MiB."""
    with open(f"/proc/{bench.box.control.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def attributes_of_a(bench):
    neighbor = bench.box.json("show", "bgp", "neighbors", A)["neighbors"][0]
    return neighbor["attribute_memory"]["octets"] / MEBIBYTE, {
        entry["reason"]: entry["routes"] for entry in neighbor["route_errors"]}


def measure(bench, routes, octets, show=print):
    """Sends the routes, each with an attribute of its own, and withdraws them. Returns the highest growth in MiB."""
    bench.apply(vrfs={"red": f"optE {A} {B}", "green": "optE 10.99.0.1"}, transit=["red"])
    peer, chance = bench.peers["a"], random.Random(1)
    before = resident(bench)
    begin = time.monotonic()
    for number in range(routes):
        peer.send(update(origin(), as_path(65001), route_target("42:1"), attribute(0xC0, 200, chance.randbytes(octets)),
                         reachable(A, nlri(prefix(number), "65001:1", (4001,)))))
    peer.barrier(seconds=300)
    grown = resident(bench) - before
    held, errors = attributes_of_a(bench)
    show(f"{routes} routes with an attribute of {octets} octets each: {routes * octets / MEBIBYTE:.0f} MiB sent in "
         f"{time.monotonic() - begin:.1f} s")
    show(f"resident: {before:.0f} MiB before, {grown:+.0f} MiB; attributes held {held:.0f} MiB of {LIMIT_MEBIBYTES}; "
         f"routes refused for it {errors.get('attribute_memory', 0)}")
    for number in range(routes):
        peer.send(update(unreachable(nlri(prefix(number), "65001:1", (4001,)))))
    peer.barrier(seconds=300)
    held, _ = attributes_of_a(bench)
    show(f"withdrawn: {resident(bench) - before:+.0f} MiB; attributes held {held:.0f} MiB")
    assert bench.box.control.poll() is None and peer.is_up
    return grown


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--routes", type=int, default=5000)
    parser.add_argument("--octets", type=int, default=65_000)
    options = parser.parse_args()
    Lab.remove_leftovers("attributes")
    with Lab("attributes") as lab:
        grown = measure(Bench(lab), options.routes, options.octets)
    bound = LIMIT_MEBIBYTES + ALLOWANCE_MEBIBYTES
    print(f"grown by {grown:.0f} MiB, bound {bound} MiB")
    sys.exit(grown > bound)


if __name__ == "__main__":
    main()
