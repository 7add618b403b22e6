"""A thousand commits under traffic, and fifty power cuts: `sudo STILE_BIN=… python3 Tests/EndToEnd/commits_bench.py
[--commits 1000] [--cuts 50] [--seed 1]`.

Exits with 1 if a packet of customers that stay is lost, and fails where a box comes up with another commit than the one before or after.
"""

import argparse
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "deploy", "lab"))

from stilelab.committed_box import PowerCuts, commit, renamed, stream
from stilelab.lab import Lab
from stilelab.two_operators import TwoOperators, configuration

TEXT = configuration("a")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=1000)
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    Lab.remove_leftovers("commits")
    with Lab("commits") as lab:
        operators = TwoOperators(lab)
        box = operators.boxes["a"]
        box.file_option = "--first-configuration"
        operators.start()
        operators.wait_for_routes()
        assert operators.customers["red", "a"].ping("10.2.0.2") == (5, 5)
        traffic = stream(operators)
        begun, slowest = time.monotonic(), 0
        for number in range(1, options.commits + 1):
            start = time.monotonic()
            assert commit(box, renamed(TEXT, number)).returncode == 0
            slowest = max(slowest, time.monotonic() - start)
        seconds = time.monotonic() - begun
        results = traffic.finish()
        lost = sum(not has_arrived for _, has_arrived in results)
        print(f"{options.commits} commits in {seconds:.1f} s, slowest {slowest:.2f} s: {len(results)} packets, {lost} lost",
              flush=True)
        cuts = PowerCuts(box, TEXT, options.seed)
        for _ in range(options.cuts):
            cuts.cut(longest_seconds=0.4)
        print(f"{options.cuts} power cuts: {cuts.outcomes}", flush=True)
        return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
