"""What the Internet in a VRF costs, per VRF and per prefix: `sudo STILE_BIN=… /usr/bin/python3 Tests/EndToEnd/internet_vrf_bench.py
--ipv4 1100000 --ipv6 250000 --maximum-labels 1048576`."""

import argparse
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "deploy", "lab"))

from internet_vrf import InternetVRF, flood, prefixes
from stilelab.bgp_peer import VPNV4
from stilelab.commands import wait_until
from stilelab.lab import Lab


def check_ways(internet, count=50):
    """Packets by labels that the PE has leave, of routes all over the table."""
    told = sorted(internet.pe.labels[VPNV4].items())
    assert all(internet.crosses(prefix, label) for prefix, label in told[::len(told) // count])


def say(internet, what, began):
    print(f"{what}: {time.monotonic() - began:.0f} s, {internet.pe.told} routes told with {len(internet.uses())} labels, "
          f"stiled {internet.resident_megabytes()} MB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ipv4", type=int, default=1_100_000)
    parser.add_argument("--ipv6", type=int, default=250_000)
    parser.add_argument("--maximum-labels", type=int)
    parser.add_argument("--label-range", help="in place of all labels: 'FIRST LAST'")
    options = parser.parse_args()
    tables = prefixes(4, options.ipv4), prefixes(6, options.ipv6)
    # Made before the clock starts.
    messages = list(flood(*tables))
    Lab.remove_leftovers("internet")
    with Lab("internet") as lab:
        internet = InternetVRF(lab, *tables, options.label_range)
        internet.connect()
        print(f"idle: {internet.resident_megabytes()} MB", flush=True)
        before = internet.whole("before")
        began = time.monotonic()
        assert all(internet.peer.send(octets) for octets in messages)
        wait_until(lambda: internet.pe.told == internet.count, "all routes are told", 900)
        say(internet, "per VRF", began)
        assert len(internet.uses()) == 1 and not internet.alarm()
        check_ways(internet)

        began = time.monotonic()
        with internet.longest_answer() as answers:
            internet.replace("per-prefix", maximum_labels=options.maximum_labels)
            print(f"config replace: {time.monotonic() - began:.0f} s", flush=True)
            internet.box.wait(lambda: internet.alarm() == ["internet"], "the alarm", 1800)
            print(f"labels run out: {time.monotonic() - began:.0f} s", flush=True)
            settled = internet.settles(3000, 20)
        say(internet, "per prefix", began + time.monotonic() - settled)
        print(f"longest answer {max(answers):.2f} s", flush=True)
        assert internet.are_sessions_up
        uses = internet.uses()
        assert set(uses.values()) == {1}, "a label is used twice"
        assert min(uses) >= 16 and max(uses) < 1 << 20 and internet.pe.told == len(uses)
        print(f"refused: {internet.count - internet.pe.told} routes, each label of {min(uses)} to {max(uses)} used once", flush=True)
        print([line for line in internet.box.log_ends().splitlines() if "label" in line][-3:], flush=True)
        assert internet.whole("before") == before and before not in uses
        check_ways(internet)
        internet.replace("per-prefix", maximum_labels=options.maximum_labels, has_third=True)
        internet.box.wait(lambda: internet.whole("behind") is not None, "another VRF's label", 120)
        assert internet.whole("behind") not in uses
        print("another VRF has its label", flush=True)

        began = time.monotonic()
        with internet.longest_answer() as answers:
            internet.replace("per-vrf", has_third=True)
            wait_until(
                lambda: internet.pe.told == internet.count and len(internet.uses()) == 1, "all routes by one label", 3000)
            say(internet, "per VRF again", began)
        print(f"longest answer {max(answers):.2f} s", flush=True)
        assert internet.are_sessions_up
        internet.box.wait(lambda: not internet.alarm(), "the alarm is over", 60)
        check_ways(internet)


if __name__ == "__main__":
    main()
