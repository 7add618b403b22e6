"""Labels whose packets go to several, byte for byte: static point-to-multipoint labels at a border router.

      ten1/0    NNI     far end 10.99.0.1
      ten1/1    NNI     far end 10.99.1.1, IP packets of 1,300 octets at most
      ten1/2    NNI     far end 10.99.2.1, which is not there
      ten1/3    core    a router at 10.98.0.1, by which the packets come; behind it the PE 10.0.0.9 (label 16009)
      ten1/4    core    a router at 10.97.0.1, behind it the PE 10.0.0.8 (label 16008)
"""

import select
import time

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP, fragment
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.box import Box
from stilelab.commands import CommandFailed
from stilelab.namespaces import address_of, join

CONFIGURATION = """\
hostname asbr42
!
mpls label range 100000 1048575
!
port ten1/0
 device net_af_packet_p0,iface=p0
 mtu 1600
port ten1/1
 device net_af_packet_p1,iface=p1
 mtu 1600
port ten1/2
 device net_af_packet_p2,iface=p2
 mtu 1600
port ten1/3
 device net_af_packet_p3,iface=p3
 mtu 1600
port ten1/4
 device net_af_packet_p4,iface=p4
 mtu 1600
!
interface loopback0
 ip address 10.0.0.1/32
interface ten1/0
 encap mpls optB
 ip address 10.99.0.2/30
interface ten1/1
 encap mpls optB
 ip address 10.99.1.2/30
 mtu 1300
interface ten1/2
 encap mpls optB
 ip address 10.99.2.2/30
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
interface ten1/4
 encap mpls core
 ip address 10.97.0.2/24
!
router bgp 42
 neighbor 10.99.0.1 remote-as 65001
 neighbor 10.99.1.1 remote-as 65002
 neighbor 10.99.2.1 remote-as 65003
 address-family vpnv4
  neighbor 10.99.0.1 optB
  neighbor 10.99.0.1 route-target import 42:1
  neighbor 10.99.1.1 optB
  neighbor 10.99.1.1 route-target import 42:1
  neighbor 10.99.2.1 optB
  neighbor 10.99.2.1 route-target import 42:1
!
mpls static binding ipv4 10.0.0.8/32 output 10.97.0.1 label 16008
mpls static binding ipv4 10.0.0.9/32 output 10.98.0.1 label 16009
mpls static multipoint label 1700 from 10.0.0.7 to 10.0.0.8 label 18
mpls static multipoint label 1700 from 10.0.0.7 to 10.0.0.9 label 19
mpls static multipoint label 1700 from 10.0.0.7 to 10.99.0.1 label 2000
mpls static multipoint label 1700 from 10.0.0.7 to 10.99.1.1 label 2001
mpls static multipoint label 1700 from 10.0.0.7 to 10.99.2.1 label 2002
mpls static multipoint label 1701 from 10.0.0.7 inner-labels 1 to 10.99.0.1 label 2010
mpls static multipoint label 1701 from 10.0.0.7 inner-labels 1 to 10.99.1.1 label 2011
mpls static multipoint label 1702 from 10.0.0.7 to 10.99.2.1 label 2020
"""
PORTS = ("p0", "p1", "p3", "p4")
OTHER = CONFIGURATION.replace("to 10.99.0.1 label 2000", "to 10.99.0.1 label 2500").replace(
    "to 10.99.1.1 label 2001", "to 10.99.1.1 label 2501")


def payload(family, marker, size=24):
    """A packet for a group (RFC 4607: 232/8 and ff3x::/32), whose addresses are no matter of the box's."""
    body = UDP(sport=5000, dport=5001) / Raw((marker.encode() + b"." * size)[:size])
    return IP(src="10.1.0.7", dst="232.1.1.7", ttl=9, tos=0xB8) / body if family == "ipv4" else \
        IPv6(src="2001:db8:1::7", dst="ff3e::8000:7", hlim=9) / body


class Branching:
    def __init__(self, lab):
        self.box = Box(lab, "box", CONFIGURATION)
        self.spaces = {port: lab.namespace(f"at-{port}") for port in PORTS}
        addresses = {"p0": "10.99.0.1/30", "p1": "10.99.1.1/30", "p3": "10.98.0.1/24", "p4": "10.97.0.1/24"}
        for port, namespace in self.spaces.items():
            for scope in ("all", "default"):
                namespace.run("sysctl", "-qw", f"net.ipv6.conf.{scope}.disable_ipv6=1")
            join(namespace, "eth0", self.box.ports, port, 1600)
            namespace.ip("address", "add", addresses[port], "dev", "eth0")
        self.silent = lab.namespace("silent")
        join(self.silent, "eth0", self.box.ports, "p2", 1600)
        self.box.start()
        self.sockets = {port: namespace.packet_socket("eth0") for port, namespace in self.spaces.items()}
        self.sockets["p2"] = self.silent.packet_socket("eth0")
        self.mac = {port: address_of(self.box.ports, port) for port in self.sockets}
        self.other = {port: address_of(namespace, "eth0") for port, namespace in self.spaces.items()}
        self.wait_for_members()

    def wait_for_members(self):
        self.box.wait(lambda: self.states(1700) == {
            "10.0.0.8": None, "10.0.0.9": None, "10.99.0.1": None, "10.99.1.1": None,
            "10.99.2.1": "the router does not answer"}, "the members are known")

    def states(self, label):
        for entry in self.box.json("show", "mpls", "multipoint")["labels"]:
            if entry["label"] == label and entry["is_valid"]:
                return {branch["address"]: branch.get("obstacle") for branch in entry["branches"]}
        return {}

    def frame(self, port, labels, inner, ttl, arriving=False):
        """Class 5 throughout; `labels` from the outermost on."""
        frame = Ether(dst=self.mac[port] if arriving else self.other[port],
                      src=self.other[port] if arriving else self.mac[port], type=0x8847)
        for place, label in enumerate(labels):
            frame /= MPLS(label=label, cos=5, s=int(place == len(labels) - 1), ttl=ttl)
        return bytes(frame / inner)

    def arriving(self, labels, inner, ttl=64):
        return self.frame("p3", labels, inner, ttl, arriving=True)

    def exchange(self, frame, marker, port="p3"):
        """What leaves by each port because of a frame."""
        for socket in self.sockets.values():
            socket.drain()
        self.sockets[port].send(frame)
        found = {port: [] for port in self.sockets}
        end = time.monotonic() + 1.0
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select(self.sockets.values(), [], [], left)
            for port, socket in self.sockets.items():
                if socket in ready and (arrived := socket.receive(0.001)) is not None and marker.encode() in arrived:
                    found[port].append(arrived)
                    end = time.monotonic() + 0.3
        return {port: frames for port, frames in found.items() if frames}

    def drops(self, *places):
        counts = self.box.drops()
        return [counts.get(place, 0) for place in places]

    def counters(self, interface):
        for entry in self.box.json("show", "interfaces")["interfaces"]:
            if entry["name"] == interface:
                return entry
        raise AssertionError(interface)


@pytest.fixture(scope="module")
def branching(lab):
    return Branching(lab)


@pytest.mark.parametrize("family", ("ipv4", "ipv6"))
def test_each_member_gets_a_copy_under_its_own_label(branching, family):
    """Two NNIs and a PE under its transport's label; not the one by whose interface it came, nor the one that is not there."""
    inner = payload(family, f"copy {family}")
    assert branching.exchange(branching.arriving([1700], inner, 40), f"copy {family}") == {
        "p0": [branching.frame("p0", [2000], inner, 39)], "p1": [branching.frame("p1", [2001], inner, 39)],
        "p4": [branching.frame("p4", [16008, 18], inner, 39)]}


def test_labels_below_go_on_as_they_are(branching):
    inner = payload("ipv4", "below")
    assert branching.exchange(branching.arriving([1701, 777], inner, 40), "below") == {
        "p0": [below(branching, "p0", 2010, inner)], "p1": [below(branching, "p1", 2011, inner)]}


def below(branching, port, label, inner):
    """The label below keeps its TTL."""
    return bytes(Ether(dst=branching.other[port], src=branching.mac[port], type=0x8847)
                 / MPLS(label=label, cos=5, s=0, ttl=39) / MPLS(label=777, cos=5, s=1, ttl=40) / inner)


def test_the_wrong_depth_is_dropped(branching):
    before = branching.drops(("ten1/3", "label_stack_depth"))
    inner = payload("ipv4", "depth")
    assert branching.exchange(branching.arriving([1700, 777], inner), "depth") == {}
    assert branching.exchange(branching.arriving([1701], inner), "depth") == {}
    branching.box.wait(lambda: branching.drops(("ten1/3", "label_stack_depth")) == [before[0] + 2], "both count")


def test_the_member_that_is_too_narrow_misses_its_copy(branching):
    """IPv6 is not cut up, and nobody is told: the packet is for a group."""
    place = ("ten1/1", "packet_too_big")
    before = branching.drops(place)
    inner = payload("ipv6", "narrow", 1350)
    assert branching.exchange(branching.arriving([1700], inner, 40), "narrow") == {
        "p0": [branching.frame("p0", [2000], inner, 39)], "p4": [branching.frame("p4", [16008, 18], inner, 39)]}
    branching.box.wait(lambda: branching.drops(place) == [before[0] + 1], "it counts where it would have left")


def test_the_copy_for_the_narrow_member_is_cut_up(branching):
    """IPv4 without DF: each piece under the member's label (RFC 3032 §3.4), pieces of 1,300 octets by RFC 791."""
    inner = payload("ipv4", "pieces", 1350)
    inner = IP(bytes(inner))
    found = branching.exchange(branching.arriving([1700], inner, 40), "....")
    pieces = [branching.frame("p1", [2001], piece, 39) for piece in fragment(inner, fragsize=1280)]
    assert found["p0"] == [branching.frame("p0", [2000], inner, 39)]
    assert found["p4"] == [branching.frame("p4", [16008, 18], inner, 39)]
    assert found["p1"] == pieces and len(pieces) == 2


def test_counters_of_each_copy(branching):
    before = {name: branching.counters(name) for name in ("ten1/0", "ten1/3", "ten1/4")}
    silent = branching.drops(("ten1/2", "host_unreachable"))
    inner = payload("ipv4", "count")
    found = branching.exchange(branching.arriving([1700], inner), "count")
    assert set(found) == {"p0", "p1", "p4"}

    def grown(name, key):
        return branching.counters(name)[key] - before[name][key]
    branching.box.wait(lambda: (grown("ten1/0", "tx_packets"), grown("ten1/0", "tx_bytes"), grown("ten1/4", "tx_packets"),
                                grown("ten1/3", "rx_packets")) == (1, len(found["p0"][0]), 1, 1), "each counts")
    assert grown("ten1/3", "tx_packets") == 0
    branching.box.wait(lambda: branching.drops(("ten1/2", "host_unreachable")) == [silent[0] + 1], "the silent one counts")


def test_what_leaves_to_nobody_has_a_reason(branching):
    place = ("ten1/3", "no_replication_member")
    before = branching.drops(place)
    assert branching.exchange(branching.arriving([1702], payload("ipv4", "nobody")), "nobody") == {}
    branching.box.wait(lambda: branching.drops(place) == [before[0] + 1], "it counts where it came in")


@pytest.mark.parametrize("ttl", (0, 1))
def test_expired_label(branching, ttl):
    place = ("ten1/3", "label_ttl_expired")
    before = branching.drops(place)
    assert branching.exchange(branching.arriving([1700], payload("ipv4", "old"), ttl), "old") == {}
    branching.box.wait(lambda: branching.drops(place) == [before[0] + 1], "it counts")


def test_the_label_is_valid_in_the_core_alone(branching):
    place = ("ten1/0", "label_not_valid_here")
    before = branching.drops(place)
    frame = branching.frame("p0", [1700], payload("ipv4", "alien"), 64, arriving=True)
    assert branching.exchange(frame, "alien", "p0") == {}
    branching.box.wait(lambda: branching.drops(place) == [before[0] + 1], "it is not valid on an NNI")


def test_what_the_operator_is_shown(branching):
    box = branching.box
    text = box.text("show", "mpls", "multipoint")
    assert "copies leave" in text and "the router does not answer" in text and "16008" in text
    doors = {(door["egress"], door.get("egress_label")) for door in box.json("show", "isolation")["swaps"]
             if door["label"] == 1700 and door["is_copy"]}
    assert doors == {("core", 18), ("core", 19), ("ten1/0", 2000), ("ten1/1", 2001), ("ten1/2", 2002)}
    assert box.json("show", "isolation")["violations"] == []
    answer = box.json("explain", "packet", "in", "ten1/3", "label", "1700", "src", "10.1.0.7", "dst", "232.1.1.7")
    assert answer["verdict"] == "forwarded"
    last = answer["steps"][-1]
    assert last["decision"] == "copies sent by ten1/4, ten1/0, ten1/1"
    assert "label 1700 on core: to several" in last["entry"] and "label 2000" in last["entry"]


def test_a_label_that_is_drawn_is_refused(branching):
    box = branching.box
    text = CONFIGURATION.replace("mpls label range 100000 1048575\n", "")
    with pytest.raises(CommandFailed, match="from which labels are drawn"):
        box.replace(text)


def test_other_labels_under_traffic_are_no_mixture(branching):
    """Each copy has a label of the former or the latter configuration, and that of its own member."""
    box = branching.box
    inner = payload("ipv4", "change")
    frame = branching.arriving([1700], inner, 40)
    allowed = {port: {branching.frame(port, [label], inner, 39) for label in labels}
               for port, labels in (("p0", (2000, 2500)), ("p1", (2001, 2501)))}
    allowed["p4"] = {branching.frame("p4", [16008, 18], inner, 39)}
    for socket in branching.sockets.values():
        socket.drain()
    seen = {port: set() for port in branching.sockets}
    for text in (OTHER, CONFIGURATION, OTHER):
        box.replace(text)
        for _ in range(50):
            branching.sockets["p3"].send(frame)
            for port, socket in branching.sockets.items():
                while (arrived := socket.receive(0.001)) is not None:
                    if b"change" in arrived:
                        seen[port].add(arrived)
    assert {port: frames for port, frames in seen.items() if frames} == allowed
    box.replace(CONFIGURATION)
    branching.wait_for_members()


def test_copies_leave_after_each_process_was_killed(branching):
    box = branching.box
    inner = payload("ipv4", "again")
    expected = {"p0": [branching.frame("p0", [2000], inner, 39)], "p1": [branching.frame("p1", [2001], inner, 39)],
                "p4": [branching.frame("p4", [16008, 18], inner, 39)]}
    frame = branching.arriving([1700], inner, 40)
    box.kill_control()
    assert branching.exchange(frame, "again") == expected
    box.kill_dataplane()
    box.start_dataplane()
    box.wait(lambda: branching.exchange(frame, "again") == expected, "the data plane goes by the tables alone")
    box.start_control()
    branching.wait_for_members()
    assert branching.exchange(frame, "again") == expected


def test_no_frame_is_lost_for_good(branching):
    """More copies than the pools hold together: each frame comes back when the last copy has left."""
    inner = payload("ipv4", "flood")
    frame = branching.arriving([1700], inner, 40)
    before = branching.counters("ten1/0")["tx_packets"]
    for _ in range(120):
        for _ in range(50):
            branching.sockets["p3"].send(frame)
        time.sleep(0.02)
    places = [("ten1/0", "no_frame_for_copies"), ("ten1/1", "no_frame_for_copies"), ("ten1/4", "no_frame_for_copies")]
    branching.box.wait(lambda: branching.counters("ten1/0")["tx_packets"] > before + 5_000, "most have left", 30)
    assert branching.drops(*places) == [0, 0, 0]
    time.sleep(0.5)
    again = payload("ipv4", "after")
    assert set(branching.exchange(branching.arriving([1700], again, 40), "after")) == {"p0", "p1", "p4"}
