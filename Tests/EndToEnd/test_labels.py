"""Labels and routes as a neighbor sees them while eligibility, targets and the process itself come and go.

      red ───┐                   ten1/0 ── a: 10.99.0.1, AS 65001
             ├─ box (AS 42) ─────┤
      green ─┘                   ten1/8 ── b: 10.99.1.1, AS 65002
"""

import contextlib
import os
import signal
import struct
import time

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.bgp_peer import (
    ROUTE_REFRESH, UPDATE, VPNV4, VPNV6, BGPPeer, as_path, attribute, attributes_of, mutated, nlri, origin, reachable,
    route_target, update)
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.customer import Customer
from stilelab.lab import stop
from stilelab.namespaces import address_of, join
from stilelab.numbered_frames import PAYLOAD, NumberedFrames

SITE = "10.1.0.0/24"
A, B = "10.99.0.1", "10.99.1.1"
VRFS = {"red": "optE 10.99.0.1", "green": "optE 10.99.0.1"}


def configuration(vrfs=None, quarantine=300, targets=None, transit=(), policy_of_b="optE", red=1, shutdown=False):
    """`vrfs` has the line that makes each eligible, or None; `targets` what each imports besides its own; `red` is the
    number of red's route distinguisher and target; `shutdown` is a's."""
    vrfs, targets = VRFS if vrfs is None else vrfs, targets or {}
    lines = ["hostname asbr42", "!", f"mpls label quarantine {quarantine}", "mpls label withdrawal-delay 1"]
    for port, device in (("ten1/0", "nni0"), ("ten1/8", "nni8"), ("ten1/1", "cust1"), ("ten1/2", "cust2")):
        lines += [f"port {port}", f" device net_af_packet_{device},iface={device}",
                  f" mtu {1600 if device.startswith('nni') else 1500}"]
    for number, (name, eligible) in enumerate(vrfs.items(), 1):
        number = red if name == "red" else number
        lines += [f"ip vrf {name}", f" rd 42:{number}", f" route-target both 42:{number}"]
        lines += [f" route-target import {target}" for target in targets.get(name, [])]
        lines += [f" {eligible}"] if eligible else []
        lines += [" optE transit"] if name in transit else []
    lines += ["interface ten1/0", " encap mpls optE", " ip address 10.99.0.2/30",
              "interface ten1/8", " encap mpls optE", " ip address 10.99.1.2/30",
              "interface ten1/1", " vrf definition red", " ip address 10.1.0.1/24",
              "interface ten1/2", " vrf definition green", " ip address 10.1.0.1/24",
              "router bgp 42", f" neighbor {A} remote-as 65001", f" neighbor {A} extended-messages",
              *([f" neighbor {A} shutdown"] if shutdown else []),
              f" neighbor {B} remote-as 65002", f" neighbor {B} attribute-pass 200",
              " address-family vpnv4", f"  neighbor {A} optE", f"  neighbor {B} {policy_of_b}",
              " address-family vpnv6", f"  neighbor {A} optE", f"  neighbor {B} {policy_of_b}"]
    for name in vrfs:
        lines += [f" address-family ipv4 vrf {name}", "  redistribute connected"]
    return "\n".join(lines) + "\n"


class Bench:
    def __init__(self, lab):
        self.lab = lab
        self.box = Box(lab, "box", configuration())
        self.far, self.peers = {}, {}
        for name, port, address, remote, number in (("a", "nni0", A, "10.99.0.2", 65001), ("b", "nni8", B, "10.99.1.2", 65002)):
            self.far[name] = lab.namespace(f"far-{name}")
            join(self.far[name], "eth0", self.box.ports, port, 1600)
            self.far[name].ip("address", "add", f"{address}/30", "dev", "eth0")
            self.peers[name] = BGPPeer(self.far[name], address, remote, number, graceful_restart=60, extended=name == "a")
        self.customers = {name: Customer(lab, name, self.box.ports, f"cust{number}", "10.1.0.2", "fd00:1::2")
                          for number, name in ((1, "red"), (2, "green"))}
        self.box.start()
        self.connect()
        for customer in self.customers.values():
            assert customer.ping("10.1.0.1", count=2) == (2, 2)

    def connect(self):
        for peer in self.peers.values():
            peer.bring_up()

    def apply(self, **options):
        self.box.replace(configuration(**options))

    def label(self, number, peer="a", prefix=SITE):
        """The label that a peer has for a route of a VRF, once it has it."""
        return wait_until(lambda: self.peers[peer].label_of(f"42:{number}", prefix), f"{prefix} of VRF {number} at {peer}")

    def valid(self):
        return {(entry["nni"], entry["vrf"]): entry["label"] for entry in self.box.json("show", "labels")["labels"]}

    def quarantined(self):
        return {entry["label"]: entry for entry in self.box.json("show", "labels")["quarantined"]}

    def restart(self, number):
        stop(self.box.control, number)
        for peer in self.peers.values():
            peer.close()
        self.box.start_control()
        self.box.wait(lambda: self.box.command("show", "status").returncode == 0, "stiled answers")
        self.connect()

    def sessions(self, peer):
        return self.box.json("show", "bgp", "neighbors", {"a": A, "b": B}[peer])["neighbors"][0]["summary"]["sessions_established"]

    def routes(self, vrf):
        return self.box.text("show", "routes", "vrf", vrf, "ipv4")


def stream(bench, label):
    """Labelled frames from a to red's site."""
    frame = (Ether(src=address_of(bench.far["a"], "eth0"), dst=address_of(bench.box.ports, "nni0"), type=0x8847)
             / MPLS(label=label, s=1, ttl=64) / IP(src="192.0.2.5", dst="10.1.0.2")
             / UDP(sport=9, dport=9, chksum=0) / Raw(PAYLOAD))
    return NumberedFrames(bench.far["a"].packet_socket("eth0"), frame,
                          bench.customers["red"].namespace.packet_socket("eth0"))


@pytest.fixture(scope="module")
def bench(lab):
    return Bench(lab)


def last_event(peer, what, number):
    rd = struct.pack("!HHI", 0, 42, number)
    return next((event[0] for event in reversed(peer.events) if event[1] == what and event[2] == rd), None)


def test_a_label_is_valid_from_before_its_announcement_to_after_its_withdrawal(bench):
    peer = bench.peers["a"]
    label = bench.label(1)
    frames = stream(bench, label)
    time.sleep(0.3)
    bench.apply(vrfs={"red": None, "green": "optE 10.99.0.1"})
    wait_until(lambda: peer.label_of("42:1", SITE) is None, "red's withdrawal")
    bench.box.wait(lambda: ("ten1/0", "red") not in bench.valid(), "the label is not valid any more")
    gone = time.monotonic()
    time.sleep(0.3)
    bench.apply()
    assert bench.label(1) == label
    time.sleep(0.3)
    fates = frames.finish()
    withdrawn, announced = last_event(peer, "withdraw", 1), last_event(peer, "announce", 1)
    assert withdrawn < gone < announced
    lost = [when for when, has_arrived in fates if not has_arrived]
    assert lost and withdrawn < min(lost) and max(lost) < announced
    assert not any(has_arrived for when, has_arrived in fates if gone + 0.02 < when < announced - 0.3)
    assert bench.label(2) == bench.valid()["ten1/0", "green"]


def test_a_label_given_up_goes_to_nobody_else_during_its_quarantine(bench):
    label = bench.label(1)
    bench.apply(vrfs={"red": None, "green": "optE 10.99.0.1"})
    entry = bench.box.wait(lambda: bench.quarantined().get(label), "red's label is in quarantine")
    assert entry["vrf"] == "red"
    bench.apply(vrfs={"red": None, "green": "optE 10.99.0.1", "blue": "optE 10.99.0.1"})
    assert bench.box.wait(lambda: bench.valid().get(("ten1/0", "blue")), "blue's label") != label
    others = {key: value for key, value in bench.valid().items()}
    bench.restart(signal.SIGKILL)
    bench.box.wait(lambda: bench.valid() == others, "the labels are what they were")
    assert bench.quarantined()[label] == entry
    four = {"red": None, "green": "optE 10.99.0.1", "blue": "optE 10.99.0.1", "grey": "optE 10.99.0.1"}
    bench.apply(vrfs=four)
    assert bench.box.wait(lambda: bench.valid().get(("ten1/0", "grey")), "grey's label") != label
    # Whose it was may have it back at any time.
    bench.apply(vrfs=dict(four, red="optE 10.99.0.1"))
    assert bench.label(1) == label


def test_a_label_killed_in_the_middle_of_its_withdrawal_is_in_quarantine_after(bench):
    bench.apply(vrfs={"red": "optE 10.99.0.1", "green": "optE 10.99.0.1"})
    label = bench.label(1)
    bench.apply(vrfs={"red": None, "green": "optE 10.99.0.1"})
    bench.restart(signal.SIGKILL)
    bench.box.wait(lambda: label in bench.quarantined(), "red's label is in quarantine")
    bench.apply(vrfs={"red": None, "green": "optE 10.99.0.1", "violet": "optE 10.99.0.1"})
    assert bench.box.wait(lambda: bench.valid().get(("ten1/0", "violet")), "violet's label") != label


def test_a_label_is_free_when_its_quarantine_is_over(bench):
    bench.apply(quarantine=3)
    label = bench.label(1)
    bench.apply(vrfs={"red": None, "green": "optE 10.99.0.1"}, quarantine=3)
    bench.box.wait(lambda: label in bench.quarantined(), "red's label is in quarantine")
    bench.box.wait(lambda: label not in bench.quarantined(), "red's label is free", 10)
    bench.apply()
    bench.label(1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_labels_stay_what_they_were_over_a_restart(bench, number):
    bench.apply()
    bench.label(1)
    before = bench.box.wait(lambda: len(bench.valid()) == 2 and bench.valid(), "two labels")
    bench.restart(number)
    bench.box.wait(lambda: bench.valid() == before, "the labels are what they were")
    assert {bench.label(1), bench.label(2)} == set(before.values())


@pytest.mark.parametrize("damage", ["empty", "cut in half", "one octet changed", "another file"])
def test_damaged_allocations_are_refused_and_left_alone(bench, damage):
    before = bench.valid()
    stop(bench.box.control, signal.SIGKILL)
    path = os.path.join(bench.box.state_directory, "allocations")
    with open(path, "rb") as file:
        good = file.read()
    bad = {"empty": b"", "cut in half": good[:len(good) // 2], "another file": b"hostname asbr42\n" * 20,
           "one octet changed": good[:-6] + bytes([good[-6] ^ 1]) + good[-5:]}[damage]
    try:
        with open(path, "wb") as file:
            file.write(bad)
        log = bench.lab.path("box", "stiled.log")
        length = os.path.getsize(log)
        bench.box.start_control()
        assert bench.box.control.wait(20) == 1
        with open(log) as file:
            file.seek(length)
            said = file.read()
        assert path in said and "Fatal error" not in said, said
        with open(path, "rb") as file:
            assert file.read() == bad
    finally:
        with open(path, "wb") as file:
            file.write(good)
        bench.restart(signal.SIGKILL)
    bench.box.wait(lambda: bench.valid() == before, "the labels are what they were")


def arrivals(bench, label):
    """Whether packets that a sends by a label for some moments reach red's site."""
    frames = stream(bench, label)
    time.sleep(0.3)
    return any(has_arrived for _, has_arrived in frames.finish())


def test_a_state_directory_that_is_lost_moves_no_label_to_another_customer(bench):
    bench.apply()
    red, green = bench.label(1), bench.label(2)
    stop(bench.box.control, signal.SIGKILL)
    for directory in (bench.box.state_directory, bench.box.runtime_directory):
        os.remove(os.path.join(directory, "allocations"))
    for peer in bench.peers.values():
        peer.close()
    bench.box.write_configuration(configuration(vrfs={"red": "optE 10.99.0.1", "green": None}))
    bench.box.start_control()
    bench.box.wait(lambda: bench.box.command("show", "status").returncode == 0, "stiled answers")
    bench.connect()
    assert bench.label(1) not in (red, green)
    assert {red, green} <= set(bench.quarantined())
    assert "go to nobody" in bench.lab.log("box/stiled.log")
    assert not arrivals(bench, green) and not arrivals(bench, red)
    assert arrivals(bench, bench.label(1))


def test_a_vrf_that_another_replaces_under_its_name_leaves_nothing(bench):
    """Another route distinguisher and other targets on the same circuit: the former customer's label is no way in."""
    bench.apply()
    label = bench.label(1)
    assert arrivals(bench, label)
    bench.apply(red=9)
    assert not arrivals(bench, label)
    assert bench.label(9) != label
    bench.box.wait(lambda: label in bench.quarantined(), "the former label is in quarantine")
    assert arrivals(bench, bench.label(9))
    bench.apply()
    assert bench.label(1) == label
    assert arrivals(bench, label)


def test_the_labels_of_a_neighbor_that_is_shut_down_end_at_once(bench):
    bench.apply()
    label, of_b = bench.label(1), bench.valid().get(("ten1/8", "red"))
    bench.apply(shutdown=True)
    assert {nni for nni, _ in bench.valid()} <= {"ten1/8"}
    assert not arrivals(bench, label)
    bench.apply()
    wait_until(lambda: not bench.peers["a"].is_up, "a's session is over")
    assert not arrivals(bench, label), "nothing is valid before the session"
    bench.connect()
    assert bench.label(1) == label
    assert bench.valid().get(("ten1/8", "red")) == of_b
    assert arrivals(bench, label)


def refreshes(peer):
    """How often the box has asked for all VPNv4 routes again."""
    return sum(kind == ROUTE_REFRESH and body == struct.pack("!HBB", VPNV4[0], 0, VPNV4[1])
               for kind, body in list(peer.received))


def test_routes_that_were_not_kept_come_when_a_vrf_becomes_eligible(bench):
    bench.apply()
    peer = bench.peers["b"]
    peer.announce("198.51.100.0/24", "65002:2", "42:2", 3002)
    peer.barrier()
    assert "198.51.100.0/24" not in bench.routes("green")
    asked, sessions = refreshes(peer), bench.sessions("b")
    bench.apply(vrfs={"red": "optE 10.99.0.1", "green": f"optE {A} {B}"})
    wait_until(lambda: refreshes(peer) > asked, "the box asks for the routes")
    peer.announce("198.51.100.0/24", "65002:2", "42:2", 3002)
    bench.box.wait(lambda: "198.51.100.0/24" in bench.routes("green"), "green has the route")
    assert "198.51.100.0/24" not in bench.routes("red")
    assert bench.sessions("b") == sessions
    assert bench.label(2, "b") != bench.label(2, "a")
    bench.apply()
    wait_until(lambda: peer.label_of("42:2", SITE) is None, "green's withdrawal at b")
    bench.box.wait(lambda: "198.51.100.0/24" not in bench.routes("green"), "green's route is gone")
    assert bench.peers["a"].label_of("42:2", SITE) == bench.label(2)


def test_routes_come_and_go_with_the_import_targets(bench):
    bench.apply()
    peer = bench.peers["a"]
    peer.announce("198.51.100.0/24", "65001:7", "42:77", 3007)
    peer.barrier()
    assert "198.51.100.0/24" not in bench.routes("red")
    asked, sessions = refreshes(peer), bench.sessions("a")
    bench.apply(targets={"red": ["42:77"]})
    wait_until(lambda: refreshes(peer) > asked, "the box asks for the routes")
    peer.announce("198.51.100.0/24", "65001:7", "42:77", 3007)
    bench.box.wait(lambda: "198.51.100.0/24" in bench.routes("red"), "red has the route")
    assert "198.51.100.0/24" not in bench.routes("green")
    bench.apply()
    bench.box.wait(lambda: "198.51.100.0/24" not in bench.routes("red"), "red's route is gone")
    assert bench.sessions("a") == sessions


def test_a_route_crosses_from_neighbor_to_neighbor_with_transit_only(bench):
    both = {"red": f"optE {A} {B}", "green": "optE 10.99.0.1"}
    a, b = bench.peers["a"], bench.peers["b"]
    bench.apply(vrfs=both)
    a.announce("203.0.113.0/24", "65001:1", "42:1", 4001)
    bench.box.wait(lambda: "203.0.113.0/24" in bench.routes("red"), "red has the route")
    own = bench.label(1, "b")
    b.barrier()
    assert b.label_of("42:1", "203.0.113.0/24") is None
    assert transit_frames(bench, own) == []
    bench.apply(vrfs=both, transit=["red"])
    assert bench.label(1, "b", "203.0.113.0/24") == own
    a.barrier()
    assert a.label_of("42:1", "203.0.113.0/24") is None, "a route goes back to where it came from"
    assert transit_frames(bench, own) == [4001]
    bench.apply(vrfs=both)
    wait_until(lambda: b.label_of("42:1", "203.0.113.0/24") is None, "the withdrawal at b")
    assert transit_frames(bench, own) == []
    assert bench.label(1, "b") == own
    bench.apply()


def test_a_route_that_fits_into_no_message_to_the_other_neighbor_is_withdrawn_there(bench):
    """a may send messages of 65535 octets, b takes 4096 (RFC 8654 §4)."""
    bench.apply(vrfs={"red": f"optE {A} {B}", "green": "optE 10.99.0.1"}, transit=["red"])
    a, b = bench.peers["a"], bench.peers["b"]

    def announce(*more, path=(65001,)):
        a.send(update(origin(), as_path(*path), route_target("42:1"), *more,
                      reachable(A, nlri("203.0.113.0/24", "65001:1", (4001,)))))

    announce()
    bench.label(1, "b", "203.0.113.0/24")
    announce(attribute(0xC0, 200, bytes(8000)))
    wait_until(lambda: b.label_of("42:1", "203.0.113.0/24") is None, "the withdrawal at b")
    assert "203.0.113.0/24" in bench.routes("red")
    announce(attribute(0xC0, 200, bytes(3800)))
    bench.label(1, "b", "203.0.113.0/24")
    announce(path=[65001] * 255)
    announce(path=[65001] * 254)
    a.barrier()
    b.barrier()
    assert b.label_of("42:1", "203.0.113.0/24") == bench.label(1, "b")
    assert max(len(body) for _, body in b.received) <= 4096 - 19
    bench.apply()


def test_what_a_hostile_neighbor_says_is_passed_on_well_formed_or_not_at_all(bench):
    """Seeded mutations of updates from a to a VRF with transit: b's session lives, and b can read all of it."""
    bench.apply(vrfs={"red": f"optE {A} {B}", "green": "optE 10.99.0.1"}, transit=["red"])
    b = bench.peers["b"]
    sessions, first = bench.sessions("b"), len(b.received)
    attributes = b"".join([
        origin(), as_path(65001, 65003), attribute(0x80, 4, bytes(4)), attribute(0xC0, 7, struct.pack("!II", 65003, 1)),
        attribute(0xC0, 8, bytes(8)), route_target("42:1"), attribute(0xC0, 32, bytes(12)), attribute(0xC0, 200, b"unknown"),
        reachable(A, nlri("203.0.113.0/24", "65001:1", (4001,)) + nlri("203.0.114.0/24", "65001:1", (4001,)))])
    for seed in range(120):
        a = bench.peers["a"]
        if not a.is_up:
            with contextlib.suppress(TimeoutError):
                a.connect(0)
        if not a.is_up:
            bench.box.text("bgp", "clear", "neighbor", A)
            a.connect()
        a.send(update(mutated(attributes, seed)))
        a.send(update(attributes))
        a.barrier(VPNV6)
        if seed % 5 == 4:
            # Unreadable routes disable their family for the rest of the session.
            a.close()
    bench.peers["a"].close()
    bench.connect()
    bench.peers["a"].barrier()
    b.barrier()
    assert bench.sessions("b") == sessions and b.notification is None
    announced = 0
    for kind, body in b.received[first:]:
        attributes = attributes_of(body) if kind == UPDATE else []
        codes = [code for _, code, _ in attributes]
        assert len(codes) == len(set(codes))
        if 14 in codes:
            announced += 1
            values = {code: value for _, code, value in attributes}
            assert values[1] in (b"\0", b"\1", b"\2")
            assert not set(codes) - {1, 2, 5, 6, 7, 8, 14, 16, 32, 128, 200}
            assert values[2][0] == 2 and values[2][2:6] == struct.pack("!I", 42)
            assert values[14][4 + 8:4 + 12] == bytes([10, 99, 1, 2])
    assert announced > 20
    bench.apply()


def transit_frames(bench, label):
    """Labels of the frames that a gets when b sends one to a's prefix by the box's label."""
    out, source = bench.far["a"].packet_socket("eth0"), bench.far["b"].packet_socket("eth0")
    frame = (Ether(src=address_of(bench.far["b"], "eth0"), dst=address_of(bench.box.ports, "nni8"), type=0x8847)
             / MPLS(label=label, s=1, ttl=64) / IP(src="198.51.100.9", dst="203.0.113.5")
             / UDP(sport=9, dport=9) / Raw(b"in transit".ljust(40)))
    source.send(bytes(frame))
    found, end = [], time.monotonic() + 0.5
    while time.monotonic() < end:
        arrived = out.receive(0.1)
        if arrived and b"in transit" in arrived and arrived[12:14] == b"\x88\x47":
            found.append(int.from_bytes(arrived[14:17], "big") >> 4)
    return found


def test_a_neighbor_without_a_policy_gets_and_gives_nothing(bench):
    """RFC 8212: the session is up, and that is all."""
    everybody = {"red": "optE", "green": "optE"}
    bench.apply(vrfs=everybody, policy_of_b="activate")
    peer = bench.peers["b"]
    bench.connect()
    peer.announce("198.51.100.0/24", "65002:2", "42:2", 3002)
    peer.barrier()
    assert peer.routes == {}
    assert "198.51.100.0/24" not in bench.routes("green")
    detail = bench.box.json("show", "bgp", "neighbors", B)["neighbors"][0]
    assert {"reason": "no_policy", "routes": 1} in detail["route_errors"]
    bench.box.wait(lambda: not [key for key in bench.valid() if key[0] == "ten1/8"], "no label is valid on b's link")
    # The policy comes, and with it the routes, without a new session.
    sessions, asked = bench.sessions("b"), refreshes(peer)
    bench.apply(vrfs=everybody)
    wait_until(lambda: refreshes(peer) > asked, "the box asks for the routes")
    assert bench.label(2, "b") != bench.label(2, "a")
    assert bench.sessions("b") == sessions
