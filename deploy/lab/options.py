#!/usr/bin/python3
"""A lab for an interconnect: its sessions, its labels, and forged packets of which none may arrive."""

import argparse
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from stilelab import carriers_carrier, option_a, option_ab, option_b, option_c, option_e
from stilelab.box import binaries
from stilelab.lab import Lab
from stilelab.spoofer import HEAD
from stilelab.table import table

# Of each: the lab, what is forged in it, and what the lab is. A lab has `boxes`, `start`, `wait_for_routes` and `spoofer`, or
# `spoofers` where frames are forged in several places.
OPTIONS = {
    "A": (option_a.OptionA, option_a.attack_table, "FRR and BIRD have the routes of their VRF, and the box has theirs."),
    "AB": (option_ab.OptionAB, option_ab.attack_table, "Red has its routes by labels, blue by its circuit."),
    "B": (option_b.OptionB, option_b.attack_table, "Both borders and BIRD have each other's routes."),
    "C": (option_c.OptionC, option_c.attack_table, "The borders, FRR and BIRD know the ways to each other's PEs."),
    "E": (option_e.OptionE, option_e.attack_table, "FRR and BIRD have the routes of the VRFs, and the box has theirs."),
    "csc": (carriers_carrier.CarriersCarrier, carriers_carrier.attack_table,
            "The sites of both customer carriers know the ways to each other."),
}


def run(option, lab):
    """Runs an option's lab; whether it did what it should."""
    make, attack_table, outcome = OPTIONS[option]
    running = make(lab)
    running.start()
    running.wait_for_routes()
    print(f"{outcome}\n")
    spoofers = running.spoofers() if hasattr(running, "spoofers") else [running.spoofer()]
    print(spoofers[0].box.text("show", "labels"))
    failures = []
    for spoofer in spoofers:
        rows, failed = spoofer.run(attack_table(running, spoofer))
        print(table(HEAD, rows))
        failures += failed
    for failure in failures:
        print(f"FAILED: {failure}")
    if lab.keep:
        print("\nThe lab is still running. Look around:")
        for box in running.boxes.values():
            print(f"  {os.path.join(binaries(), 'stile')} --socket {box.socket} show isolation")
    sys.stdout.flush()
    return not failures


def run_and_keep(option, name):
    """Runs it in a process of its own, which has the sessions of the PEs and stays until the lab is removed."""
    reader, writer = os.pipe()
    if os.fork() != 0:
        os.close(writer)
        return os.read(reader, 1) == b"1"
    os.setsid()
    lab = Lab(name, keep=True)
    os.write(writer, b"1" if run(option, lab) else b"0")
    os.close(writer)
    for descriptor in range(3):
        os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
    while os.path.exists(lab.directory):
        time.sleep(1)
    os._exit(0)


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
    if arguments.keep:
        return 0 if run_and_keep(arguments.option, name) else 1
    with Lab(name) as lab:
        return 0 if run(arguments.option, lab) else 1


if __name__ == "__main__":
    sys.exit(main())
