#!/usr/bin/python3
"""A lab for an interconnect other than Option E: its sessions, its labels, and forged packets of which none may arrive."""

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from stilelab.lab import Lab
from stilelab.option_b import OptionB, attack, attack_table
from stilelab.table import table


def option_b(lab):
    """Runs the lab of docs/option-b.md; returns it and what has failed."""
    borders = OptionB(lab)
    borders.start()
    borders.wait_for_routes()
    print("Both borders and BIRD have each other's routes.\n")
    print(borders.boxes["a"].text("show", "labels"))
    own = borders.bird_label("42:501", "10.1.0.0/24")
    rows, failures = [], []
    for name, stack in [("its own label", [own]), *attack_table(borders)]:
        sent, seen = attack(borders, name, stack)
        rows.append((name, "/".join(map(str, stack)) or "-", sent, seen))
        if seen != (sent if stack == [own] else 0):
            failures.append(f"{name}: {seen} of {sent} arrived")
    print(table(("BIRD sends to border a", "labels", "sent", "arrived anywhere"), rows))
    return borders, failures


OPTIONS = {"B": option_b}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("option", choices=OPTIONS)
    parser.add_argument("--keep", action="store_true", help="leave the lab running")
    parser.add_argument("--remove", action="store_true", help="take a kept lab away and do nothing else")
    arguments = parser.parse_args()
    name = f"option{arguments.option.lower()}"
    Lab.remove_leftovers(name)
    if arguments.remove:
        return 0
    with Lab(name, keep=arguments.keep) as lab:
        running, failures = OPTIONS[arguments.option](lab)
        for failure in failures:
            print(f"FAILED: {failure}")
        if arguments.keep:
            for box in running.boxes.values():
                print(f"stile --socket {box.socket} show isolation")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
