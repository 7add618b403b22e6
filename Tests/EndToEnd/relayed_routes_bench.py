"""What a million relayed VPN routes cost: `sudo STILE_BIN=… /usr/bin/python3 Tests/EndToEnd/relayed_routes_bench.py --routes 1000000
--labels 1000`."""

import argparse
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "deploy", "lab"))

from relayed_routes import RECEIVERS, RelayedRoutes, flood, withdrawal
from stilelab.commands import wait_until
from stilelab.lab import Lab


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--routes", type=int, default=1_000_000)
    parser.add_argument("--labels", type=int, default=1000)
    parser.add_argument("--rounds", type=int, choices=(1, 2), default=1)
    options = parser.parse_args()
    Lab.remove_leftovers("relay")
    with Lab("relay") as lab:
        relay = RelayedRoutes(lab)
        relay.connect()
        idle = relay.resident_megabytes()
        # Made before the clock starts.
        announcements, withdrawals = (list(make(options.routes, options.labels)) for make in (flood, withdrawal))
        # What the second round takes beside the first is lost, not kept.
        for _ in range(options.rounds):
            begin = time.monotonic()
            assert all(relay.far.send(octets) for octets in announcements)
            sent = time.monotonic() - begin
            wait_until(lambda: relay.have(options.routes), "all receivers have all routes", 600)
            told = time.monotonic() - begin
            swaps = relay.swaps()
            assert swaps == {place: options.labels for _, place in RECEIVERS.values()}, swaps
            print(f"{options.routes} routes with {options.labels} labels to {len(RECEIVERS)} receivers: read in {sent:.1f} s, told after "
                  f"{told:.1f} s; {sum(swaps.values())} swaps; {relay.resident_megabytes()} MB, {idle} MB before", flush=True)
            begin = time.monotonic()
            assert all(relay.far.send(octets) for octets in withdrawals)
            wait_until(lambda: relay.have(0), "all receivers have none", 600)
            relay.box.wait(lambda: not relay.swaps(), "no swap is left", 120)
            print(f"withdrawn and no swap left after {time.monotonic() - begin:.1f} s, {relay.resident_megabytes()} MB", flush=True)
        time.sleep(60)
        print(f"a minute later: {relay.resident_megabytes()} MB", flush=True)


if __name__ == "__main__":
    main()
