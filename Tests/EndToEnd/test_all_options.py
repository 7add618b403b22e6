"""One box with a neighbor of every option at once: what is valid on each link, what of it `show isolation` says, and that nothing else
is.

      Option E    AS 65001 ── ten1/0 ┐
       and AB, packets ────── ten1/4 ┤
      Option B    AS 65002 ── ten1/1 ├ border (AS 42) ten1/3 ── PE
      Option A    AS 65003 ── ten1/2 ┤
      Option C    AS 65004 ── ten1/5 ┘

VRF red has the Option E and the Option A neighbor. Blue's routes are exchanged on the session with the Option E neighbor and its packets on
a circuit. What the Option B neighbor has is relayed, and the Option C neighbor knows the way to the PE alone. All have the PE's 10.1.0.0/24, each
in a VPN of its own, and all neighbors are BGP speakers in raw octets.
"""

import socket

import pytest
from stilelab.attack import customer_packet
from stilelab.bgp_peer import LABELLED4, VPNV4, BGPPeer, as_path, attribute, origin, reachable, update, way
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.namespaces import address_of, join
from stilelab.provider_edge import ProviderEdge
from stilelab.spoofer import RESERVED, Spoofer, label_attacks, never_given

UNICAST = (1, 1)
CORE, PE = "10.98.0.2", "10.98.0.1"
PREFIX, HOST = "10.1.0.0/24", "10.1.0.5"
# The PE's loopback and its label for it, and one of the Option C neighbor's.
LOOPBACK, LOOPBACK_LABEL, FAR_LOOPBACK = "10.98.1.1/32", 16001, "10.95.1.1/32"
# (route distinguisher, prefix, label, target): red's, what is relayed, and blue's.
PE_ROUTES = [("42:101", PREFIX, 3001, "42:1"), ("42:500", PREFIX, 3002, "42:7"), ("42:103", PREFIX, 3003, "42:3")]
CONFIGURATION = """\
hostname border42
!
mpls label withdrawal-delay 1
port ten1/0
 device net_af_packet_p0,iface=p0
 mtu 1600
port ten1/1
 device net_af_packet_p1,iface=p1
 mtu 1600
port ten1/2
 device net_af_packet_p2,iface=p2
port ten1/3
 device net_af_packet_p3,iface=p3
 mtu 1600
port ten1/4
 device net_af_packet_p4,iface=p4
port ten1/5
 device net_af_packet_p5,iface=p5
 mtu 1600
!
ip vrf red
 rd 42:1
 route-target both 42:1
 optE 192.0.2.2
ip vrf blue
 rd 42:3
 route-target both 42:3
 address-family ipv4
 optAB 192.0.2.2 next-hop 203.0.113.6
!
ip prefix-list all seq 5 permit 0.0.0.0/0 le 32
ip prefix-list our-pes seq 5 permit 10.98.1.0/24 ge 32
ip prefix-list their-pes seq 5 permit 10.95.1.0/24 ge 32
!
interface ten1/0
 encap mpls optE
 ip address 192.0.2.1/30
interface ten1/0.1
 vrf definition red
 ip verify unicast source reachable-via rx
 ipv6 verify unicast source reachable-via rx
interface ten1/1
 encap mpls optB
 ip address 198.51.100.1/30
interface ten1/2
 vrf definition red
 ip address 203.0.113.1/30
 ip verify unicast source reachable-via rx
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
interface ten1/4
 vrf definition blue
 ip address 203.0.113.5/30
 ip verify unicast source reachable-via rx
interface ten1/5
 encap mpls optC
 ip address 192.0.2.9/30
!
router bgp 42
 neighbor 10.98.0.1 remote-as 42
 neighbor 192.0.2.2 remote-as 65001
 neighbor 198.51.100.2 remote-as 65002
 neighbor 198.51.100.2 maximum-labels 100
 neighbor 192.0.2.10 remote-as 65004
 address-family vpnv4
  neighbor 10.98.0.1 activate
  neighbor 10.98.0.1 route-target import 42:7
  neighbor 10.98.0.1 route-target export 42:7
  neighbor 192.0.2.2 optE
  neighbor 198.51.100.2 optB
  neighbor 198.51.100.2 route-target import 65002:7 as 42:7
  neighbor 198.51.100.2 route-target export 42:7 as 65002:7
 address-family ipv4 labeled-unicast
  neighbor 10.98.0.1 activate
  neighbor 192.0.2.10 optC
  neighbor 192.0.2.10 prefix-list their-pes in
  neighbor 192.0.2.10 prefix-list our-pes out
 address-family ipv4 vrf red
  neighbor 203.0.113.2 remote-as 65003
  neighbor 203.0.113.2 prefix-list all in
  neighbor 203.0.113.2 prefix-list all out
"""


class Neighbor:
    """A neighbor by one of the options: its place on the link, its session if it has one there, and what it may send."""

    def __init__(self, lab, box, name, port, address, prefix, session=None):
        """`session` is the box's address, the AS and the families."""
        self.box, self.port, self.prefix = box, port, prefix
        self.place = lab.namespace(name)
        join(self.place, "eth0", box.ports, port, 1600)
        self.place.ip("address", "add", f"{address}/30", "dev", "eth0")
        self.peer = BGPPeer(self.place, address, *session[:2], families=session[2]) if session else None
        # What it may send by: filled in when it has been told.
        self.stack = None

    def spoofer(self, listeners):
        source = self.prefix.replace("0/24", "5")
        return Spoofer(self.box, self.place.packet_socket("eth0"), address_of(self.place, "eth0"), address_of(self.box.ports, self.port),
                       listeners, lambda marker: customer_packet(marker, source, HOST))


class AllOptions:
    def __init__(self, lab):
        self.box = Box(lab, "box", CONFIGURATION)
        self.pe = ProviderEdge.behind(lab, self.box, "p3", "pe", PE, CORE, 42, 1600, families=(VPNV4, LABELLED4))
        self.neighbors = {
            "E": Neighbor(lab, self.box, "far-e", "p0", "192.0.2.2", "10.2.0.0/24", ("192.0.2.1", 65001, (VPNV4,))),
            "B": Neighbor(lab, self.box, "far-b", "p1", "198.51.100.2", "10.4.0.0/24", ("198.51.100.1", 65002, (VPNV4,))),
            "A": Neighbor(lab, self.box, "far-a", "p2", "203.0.113.2", "10.3.0.0/24", ("203.0.113.1", 65003, (UNICAST,))),
            "AB": Neighbor(lab, self.box, "far-ab", "p4", "203.0.113.6", "10.5.0.0/24"),
            "C": Neighbor(lab, self.box, "far-c", "p5", "192.0.2.10", "10.6.0.0/24", ("192.0.2.9", 65004, (LABELLED4,))),
        }
        self.box.start()
        self.pe.tell_all(PE_ROUTES)
        self.pe.send(update(origin(), as_path(), attribute(0x40, 5, bytes((0, 0, 0, 100))),
                            reachable(PE, way(LOOPBACK, (LOOPBACK_LABEL,)), LABELLED4)))
        e, b, a, ab, c = self.neighbors.values()
        for neighbor in (e, b, a, c):
            neighbor.peer.connect(40)
        e.peer.announce(e.prefix, "65001:1", "42:1", 1001)
        e.peer.announce(ab.prefix, "65001:3", "42:3", 1003)
        b.peer.announce(b.prefix, "65002:500", "65002:7", 2001)
        a.peer.send(update(origin(), as_path(65003), attribute(0x40, 3, socket.inet_aton("203.0.113.2")), announced=b"\x18\x0a\x03\x00"))
        c.peer.send(update(origin(), as_path(65004), reachable("192.0.2.10", way(FAR_LOOPBACK, (2005,)), LABELLED4)))
        for neighbor in (e, b, a, c):
            neighbor.peer.end_of_rib()
        for rd, told in (("42:1", e.prefix), ("42:1", a.prefix), ("42:3", ab.prefix), ("65002:500", b.prefix)):
            self.box.wait(lambda: self.pe.label_of(rd, told), f"the PE has {told}", 40)
        self.box.wait(lambda: e.peer.label_of("42:1", PREFIX), "the Option E neighbor has red's route", 40)
        self.box.wait(lambda: e.peer.label_of("42:3", PREFIX), "it has blue's route", 40)
        self.box.wait(lambda: b.peer.label_of("42:500", PREFIX), "the Option B neighbor has the relayed route", 40)
        e.stack, b.stack, a.stack = [e.peer.label_of("42:1", PREFIX)], [b.peer.label_of("42:500", PREFIX)], []
        self.box.wait(lambda: c.peer.label_towards(LOOPBACK), "the Option C neighbor knows the way to the PE", 40)
        self.box.wait(lambda: self.pe.label_towards(FAR_LOOPBACK), "the PE knows the way to its PE", 40)
        # Below the way's label is the PE's own, of which the box knows nothing.
        ab.stack, c.stack = [], [c.peer.label_towards(LOOPBACK), 3001]
        # Told, because a VPN route has to have one, and valid nowhere.
        self.told = e.peer.label_of("42:3", PREFIX)
        self.core = {"red": self.pe.label_of("42:1", e.prefix), "blue": self.pe.label_of("42:3", ab.prefix),
                     "relayed": self.pe.label_of("65002:500", b.prefix), "way": self.pe.label_towards(FAR_LOOPBACK)}
        self.listener = self.pe.namespace.packet_socket("eth0")

    def links(self):
        answer = self.box.json("show", "isolation")
        assert answer["violations"] == []
        return {link["interface"]: link for link in answer["links"]}


@pytest.fixture(scope="module")
def options(lab):
    return AllOptions(lab)


def unchecked(link):
    return {entry["property"]: entry["vrfs"] for entry in link["unchecked"]}


def labels(link):
    return {(entry.get("vrf"), entry["labels_below"]): entry["labels"] for entry in link["labels"]}


def test_show_isolation_says_of_each_link_what_is_valid_for_what_how_deep_and_what_is_not_checked(options):
    links, neighbors = options.links(), options.neighbors
    assert {name: (link["kind"], link["deepest_stack"]) for name, link in links.items()} == {
        "ten1/0": ("optE", 1), "ten1/1": ("optB", 1), "ten1/2": ("circuit", 0), "ten1/4": ("circuit", 0),
        "ten1/5": ("optC", 2), "core": ("core", 2)}
    assert labels(links["ten1/0"]) == {("red", 0): neighbors["E"].stack}
    assert labels(links["ten1/1"]) == {(None, 0): neighbors["B"].stack}
    assert labels(links["ten1/2"]) == {}
    assert labels(links["ten1/4"]) == {} and links["ten1/4"]["vrf"] == "blue"
    assert labels(links["core"]) == {
        ("blue", 0): [options.core["blue"]], ("red", 0): [options.core["red"]], (None, 0): [options.core["relayed"]],
        (None, 1): [options.core["way"]]}
    assert labels(links["ten1/5"]) == {(None, 1): neighbors["C"].stack[:1]}
    assert unchecked(links["ten1/0"]) == {"far_end_separation": ["red"], "senders_address": []}
    assert unchecked(links["ten1/1"]) == {"customer": [], "senders_address": []}
    # The circuit checks the sources of IPv4 alone.
    assert unchecked(links["ten1/2"]) == {"far_end_separation": [], "ipv6_sources": ["red"]}
    assert unchecked(links["ten1/4"]) == {"far_end_separation": []}
    assert unchecked(links["ten1/5"]) == {"label_below": [], "senders_address": []}
    assert unchecked(links["core"]) == {
        "senders_router": [], "customer": [], "label_below": [], "ipv4_sources": ["blue", "red"], "ipv6_sources": ["red"]}
    nowhere = options.box.json("show", "isolation")["valid_nowhere"]
    assert [(entry["vrf"], entry["label"]) for entry in nowhere] == [("blue", options.told)]
    text = options.box.text("show", "isolation")
    own = neighbors["E"].stack[0]
    assert f"ten1/0, optE to 192.0.2.2: one label, nothing below it\n  label {own} into VRF red\n" in text
    assert "ten1/2, circuit of VRF red to 203.0.113.2: packets with a label are dropped\n" in text
    assert f"ten1/5, optC to 192.0.2.10: at most 2 labels\n  label {neighbors['C'].stack[0]} above 1 more swapped\n" in text
    assert "  not checked: the label below: only who gave it knows what it means\n" in text
    assert "  not checked: which customer a packet is of: a label stands for one of the router behind, and no VRF is here\n" in text


@pytest.mark.parametrize("option", ["E", "B", "A", "AB", "C"])
def test_on_each_link_its_own_labels_are_valid_and_no_others(options, option):
    neighbor = options.neighbors[option]
    spoofer = neighbor.spoofer([options.listener, *(other.place.packet_socket("eth0") for name, other in options.neighbors.items()
                                                    if name != option)])
    others = {f"Option {name}": other.stack[0] for name, other in options.neighbors.items() if name != option and other.stack}
    others |= {f"the core's {name}": label for name, label in options.core.items()}
    others |= {"blue, valid nowhere": options.told, "the PE's red": 3001, "the PE's relay": 3002}
    own, never = neighbor.stack, never_given(options.box, 600_000)
    forged = label_attacks(own, others, never) if own else [
        *((f"a label of {words}", [label]) for words, label in others.items()), ("a label never given", [never]),
        *((f"reserved label {label}", [label]) for label in RESERVED)]
    rows, failures = spoofer.run([spoofer.labels("its own", own, arrives=True), *(spoofer.labels(*row) for row in forged),
                                  spoofer.labels("its own again", own, arrives=True)])
    assert failures == [], rows


def test_a_session_that_ends_takes_its_own_labels_alone(options):
    """Without graceful restart a lost neighbor's label is valid no more; the others' still are."""
    lost = options.neighbors["B"]
    lost.peer.close()
    options.box.wait(lambda: labels(options.links()["ten1/1"]) == {}, "its label is gone", 40)
    spoofer = lost.spoofer([options.listener])
    assert spoofer.run([spoofer.labels("withdrawn a moment ago", lost.stack)])[1] == []
    assert options.links()["ten1/1"]["deepest_stack"] == 0
    for option in ("E", "A", "AB", "C"):
        neighbor = options.neighbors[option]
        spoofer = neighbor.spoofer([options.listener])
        assert spoofer.run([spoofer.labels("its own", neighbor.stack, arrives=True)])[1] == []
    wait_until(lambda: options.pe.label_of("65002:500", lost.prefix) is None, "the PE has heard of it")
