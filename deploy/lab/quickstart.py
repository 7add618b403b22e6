#!/usr/bin/python3
"""The five-minute lab: two operators, one Option E link, three customers with the same addresses, and a spoofer.

One of the customers has a third site, behind a PE of an operator's own MPLS network.
"""

import argparse
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from stilelab.attack import Attack, arp_requests, customer_packet, dropped, felt, labelled, unlabelled
from stilelab.box import binaries
from stilelab.customer import OTHER_PORT
from stilelab.lab import Lab
from stilelab.namespaces import address_of
from stilelab.table import table
from stilelab.two_operators import BLUE_PORTS, CUSTOMERS, GREEN_MEGABITS, SIDES, TwoOperators

FRAMES_PER_ATTACK = 1000
FLOOD_ROUNDS = 50
SERVICE_OF = {
    "red": "sources checked on the link",
    "green": f"policed to {GREEN_MEGABITS} Mbit/s",
    "blue": f"access list: ICMP, ports {', '.join(map(str, BLUE_PORTS))}",
}


def labels_valid_on(box, nni):
    """{VRF: label} as the box says what is valid on one of its NNIs."""
    return {entry["vrf"]: entry["label"] for entry in box.json("show", "labels")["labels"] if entry["nni"] == nni}


def customer_rows(operators):
    """What each customer of side a gets through to its other sites: to them, and nobody else's."""
    rows, failures = [], []
    for name, side in [*((name, "b") for name in CUSTOMERS), ("red", "pe")]:
        near, far = operators.customers[name, "a"], operators.customers[name, side]
        sent4, received4 = near.ping(far.ipv4)
        sent6, received6 = near.ping(far.ipv6)
        identity4, identity6 = near.identity_of(far.ipv4), near.identity_of(far.ipv6)
        # Long enough for the policed one to be measured by its rate rather than by its burst.
        megabits = near.bulk(far.ipv4, seconds=5)
        other = near.identity_of(far.ipv4, OTHER_PORT, seconds=2) or "filtered"
        rows.append((far.name, f"{received4}/{sent4}", f"{received6}/{sent6}", identity4, identity6, other, megabits,
                     SERVICE_OF[name]))
        if (received4, received6) != (sent4, sent6) or {identity4, identity6} != {far.name} or megabits <= 0:
            failures.append(f"site {far.name}: {rows[-1]}")
        if other != ("filtered" if name == "blue" else far.name):
            failures.append(f"site {far.name}: port {OTHER_PORT} says {other}")
        if name == "green" and megabits > 1.15 * GREEN_MEGABITS:
            failures.append(f"customer green: {megabits:.1f} Mbit/s where {GREEN_MEGABITS} are allowed")
    return rows, failures


def attacks(operators):
    """The spoofer's repertoire, against the labels that box a really has."""
    a = operators.boxes["a"]
    macs = operators.nni_macs()
    valid = labels_valid_on(a, "ten1/0")
    link = operators.boxes["b"].ports.packet_socket("nni0")
    rogue = operators.rogue.packet_socket("eth0")
    rogue_mac, box_mac = address_of(operators.rogue, "eth0"), address_of(a.ports, "nni9")
    to_a = macs["b"], macs["a"]
    # Around one that was given: whoever guesses, guesses there.
    near = min(max(16, valid["red"] - FRAMES_PER_ATTACK), 0x100000 - 3 * FRAMES_PER_ATTACK)
    never_given = [label for label in range(near, near + 2 * FRAMES_PER_ATTACK) if label not in valid.values()]
    some = range(FRAMES_PER_ATTACK)
    yield Attack("labels never given", "stile-never", link,
                 [labelled(*to_a, [label], "stile-never") for label in never_given[:FRAMES_PER_ATTACK]])
    yield Attack("reserved labels 0-15", "stile-reserved", link,
                 [labelled(*to_a, [index % 16], "stile-reserved") for index in some])
    yield Attack("stacks two deep", "stile-depth", link,
                 [labelled(*to_a, [valid["red"], valid["green"]], "stile-depth") for _ in some])
    yield Attack("unlabelled IP", "stile-plain", link, [unlabelled(*to_a, "stile-plain") for _ in some])
    yield Attack("red's label on another NNI", "stile-other", rogue,
                 [labelled(rogue_mac, box_mac, [valid["red"]], "stile-other") for _ in some])
    # Green's VRF is open to the rogue's operator as well, who would be told another label.
    yield Attack("label valid, never told to this neighbor", "stile-untold", rogue,
                 [labelled(rogue_mac, box_mac, [valid["green"]], "stile-untold") for _ in some])
    yield Attack("back out of the NNI", "stile-transit", link,
                 [labelled(*to_a, [valid["red"]], None, customer_packet("stile-transit", "10.2.0.2", "10.2.0.9"))
                  for _ in some])
    yield Attack("spoofed source inside red", "stile-spoofed", link,
                 [labelled(*to_a, [valid["red"]], None, customer_packet("stile-spoofed", "10.1.0.77", "10.1.0.2"))
                  for _ in some])


def flood_row(operators):
    """Green's side a asks for its gateway again and again under names that nobody knows, while red's packets cross."""
    a = operators.boxes["a"]
    circuit = operators.customers["green", "a"].namespace.packet_socket("eth0")
    red = operators.customers["red", "a"]
    before = a.drops()
    frames = list(arp_requests("10.1.0.1", FRAMES_PER_ATTACK))

    def send():
        for _ in range(FLOOD_ROUNDS):
            for frame in frames:
                circuit.send(frame)

    flood = threading.Thread(target=send)
    flood.start()
    while flood.is_alive():
        red.ping(operators.customers["red", "b"].ipv4)
    flood.join()
    after = a.drops()
    lost = sum(felt(before, after, "ten1/2").values())
    row = ("ARP flood: others' packets lost", FLOOD_ROUNDS * len(frames), lost, dropped(before, after))
    return row, [f"ARP flood: box a dropped {lost} packets of others"] if lost else []


def attack_rows(operators):
    listeners = [customer.namespace.packet_socket("eth0") for customer in operators.customers.values()]
    listeners.append(operators.boxes["b"].ports.packet_socket("nni0"))
    listeners.append(operators.rogue.packet_socket("eth0"))
    rows, failures = [], []
    a = operators.boxes["a"]
    for attack in attacks(operators):
        before = a.drops()
        sent, arrived = attack.run(listeners)
        rows.append((attack.name, sent, arrived, dropped(before, a.drops())))
        if arrived:
            failures.append(f"attack {attack.name}: {arrived} of {sent} arrived")
    row, more = flood_row(operators)
    return rows + [row], failures + more


def look_around(operators):
    """What to type while the lab runs."""
    box = operators.boxes["a"]
    stile = f"{os.path.join(binaries(), 'stile')} --socket {box.socket}"
    red = operators.customers["red", "a"].namespace.name
    label = labels_valid_on(box, "ten1/0")["red"]
    return "\n".join([
        "The lab is still running. Look around:",
        f"  {stile} show labels",
        f"  {stile} show bgp summary",
        f"  {stile} show routes vrf red",
        f"  {stile} show drops",
        f"  {stile} explain packet in ten1/0 label {label} src 10.2.0.2 dst 10.1.0.2",
        f"  {stile}                      (interactive: ? for help)",
        f"  ip netns exec {red} ping 10.2.0.2",
        f"  ip netns exec {red} ping 10.3.0.2          (behind the PE)",
        f"  ip netns exec {red} traceroute -n 10.2.0.2",
        f"Remove it:  {os.path.abspath(__file__)} --remove",
    ])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the lab running and print what to look at")
    parser.add_argument("--remove", action="store_true", help="remove a lab that was kept")
    arguments = parser.parse_args()
    if arguments.remove:
        return Lab.remove_leftovers("stile")
    Lab.remove_leftovers("stile")
    with Lab("stile", keep=arguments.keep) as lab:
        print("Starting two Stile boxes (AS 42 and AS 65001), a third one as PE of AS 65001, seven customer sites and a "
              "rogue …", flush=True)
        operators = TwoOperators(lab, has_provider_edge=True)
        operators.start()
        operators.wait_for_routes()
        far = SIDES["a"]
        print(f"BGP with {far['far_nni']} (AS {far['far_as']}) is up; every customer's routes are there.", flush=True)
        rows, failures = customer_rows(operators)
        print()
        print(table(("from side a to", "ping v4", "ping v6", "answers v4", "answers v6", f"port {OTHER_PORT}", "bulk Mbit/s",
                     "service of its own"), rows), flush=True)
        rows, more = attack_rows(operators)
        failures += more
        print()
        print(table(("attack on box a", "sent", "arrived anywhere", "dropped by box a as"), rows))
        print()
        for failure in failures:
            print(f"FAILED: {failure}")
        if not failures:
            print("Every customer reached its own sites, the one behind the PE as well, and no forged packet arrived anywhere.")
        if arguments.keep:
            print(look_around(operators))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
