"""One box with a neighbor of every option at once: what is valid on each link, what of it `show isolation` says, and that nothing else
is.

      Option E  AS 65001 ── ten1/0 ┐
      Option B  AS 65002 ── ten1/1 ├ border (AS 42) ten1/3 ── PE
      Option A  AS 65003 ── ten1/2 ┘

VRF red has the Option E and the Option A neighbor; what the Option B neighbor has is relayed. All have the PE's 10.1.0.0/24, each in
a VPN of its own, and all neighbors are BGP speakers in raw octets.
"""

import socket

import pytest
from stilelab.attack import customer_packet
from stilelab.bgp_peer import BGPPeer, as_path, attribute, origin, update
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.namespaces import address_of, join
from stilelab.provider_edge import ProviderEdge
from stilelab.spoofer import RESERVED, Spoofer, never_given

UNICAST = (1, 1)
CORE, PE = "10.98.0.2", "10.98.0.1"
PREFIX, HOST = "10.1.0.0/24", "10.1.0.5"
# (route distinguisher, prefix, label, target): red's, and what is relayed.
PE_ROUTES = [("42:101", PREFIX, 3001, "42:1"), ("42:500", PREFIX, 3002, "42:7")]
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
!
ip vrf red
 rd 42:1
 route-target both 42:1
 optE 192.0.2.2
!
ip prefix-list all seq 5 permit 0.0.0.0/0 le 32
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
!
router bgp 42
 neighbor 10.98.0.1 remote-as 42
 neighbor 192.0.2.2 remote-as 65001
 neighbor 198.51.100.2 remote-as 65002
 neighbor 198.51.100.2 maximum-labels 100
 address-family vpnv4
  neighbor 10.98.0.1 activate
  neighbor 10.98.0.1 route-target import 42:7
  neighbor 10.98.0.1 route-target export 42:7
  neighbor 192.0.2.2 optE
  neighbor 198.51.100.2 optB
  neighbor 198.51.100.2 route-target import 65002:7 as 42:7
  neighbor 198.51.100.2 route-target export 42:7 as 65002:7
 address-family ipv4 vrf red
  neighbor 203.0.113.2 remote-as 65003
  neighbor 203.0.113.2 prefix-list all in
  neighbor 203.0.113.2 prefix-list all out
"""


class Neighbor:
    """A neighbor by one of the options: its session, and its place on the link."""

    def __init__(self, lab, box, name, port, address, gateway, local_as, prefix, families):
        self.box, self.name, self.port, self.prefix = box, name, port, prefix
        self.place = lab.namespace(name)
        join(self.place, "eth0", box.ports, port, 1600)
        self.place.ip("address", "add", f"{address}/30", "dev", "eth0")
        self.peer = BGPPeer(self.place, address, gateway, local_as, families=families)
        # What it may send by: filled in when it has been told.
        self.stack = None

    def spoofer(self, listeners):
        source = self.prefix.replace("0/24", "5")
        return Spoofer(self.box, self.place.packet_socket("eth0"), address_of(self.place, "eth0"), address_of(self.box.ports, self.port),
                       listeners, lambda marker: customer_packet(marker, source, HOST))


class AllOptions:
    def __init__(self, lab):
        self.box = Box(lab, "box", CONFIGURATION)
        self.pe = ProviderEdge.behind(lab, self.box, "p3", "pe", PE, CORE, 42, 1600)
        self.neighbors = {
            "E": Neighbor(lab, self.box, "far-e", "p0", "192.0.2.2", "192.0.2.1", 65001, "10.2.0.0/24", ((1, 128),)),
            "B": Neighbor(lab, self.box, "far-b", "p1", "198.51.100.2", "198.51.100.1", 65002, "10.4.0.0/24", ((1, 128),)),
            "A": Neighbor(lab, self.box, "far-a", "p2", "203.0.113.2", "203.0.113.1", 65003, "10.3.0.0/24", (UNICAST,)),
        }
        self.box.start()
        self.pe.tell_all(PE_ROUTES)
        for neighbor in self.neighbors.values():
            neighbor.peer.connect(40)
        e, b, a = (self.neighbors[option] for option in "EBA")
        e.peer.announce(e.prefix, "65001:1", "42:1", 1001)
        b.peer.announce(b.prefix, "65002:500", "65002:7", 2001)
        a.peer.send(update(origin(), as_path(65003), attribute(0x40, 3, socket.inet_aton("203.0.113.2")), announced=b"\x18\x0a\x03\x00"))
        for neighbor in self.neighbors.values():
            neighbor.peer.end_of_rib()
        for rd, told in (("42:1", e.prefix), ("42:1", a.prefix), ("65002:500", b.prefix)):
            self.box.wait(lambda: self.pe.label_of(rd, told), f"the PE has {told}", 40)
        self.box.wait(lambda: e.peer.label_of("42:1", PREFIX), "the Option E neighbor has red's route", 40)
        self.box.wait(lambda: b.peer.label_of("42:500", PREFIX), "the Option B neighbor has the relayed route", 40)
        e.stack, b.stack, a.stack = [e.peer.label_of("42:1", PREFIX)], [b.peer.label_of("42:500", PREFIX)], []
        self.core = {"red": self.pe.label_of("42:1", e.prefix), "relayed": self.pe.label_of("65002:500", b.prefix)}
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
        "ten1/0": ("optE", 1), "ten1/1": ("optB", 1), "ten1/2": ("circuit", 0), "core": ("core", 1)}
    assert labels(links["ten1/0"]) == {("red", 0): neighbors["E"].stack}
    assert labels(links["ten1/1"]) == {(None, 0): neighbors["B"].stack}
    assert labels(links["ten1/2"]) == {}
    assert labels(links["core"]) == {("red", 0): [options.core["red"]], (None, 0): [options.core["relayed"]]}
    assert unchecked(links["ten1/0"]) == {"far_end_separation": ["red"], "senders_address": []}
    assert unchecked(links["ten1/1"]) == {"customer": [], "senders_address": []}
    # The circuit checks the sources of IPv4 alone.
    assert unchecked(links["ten1/2"]) == {"far_end_separation": [], "ipv6_sources": ["red"]}
    assert unchecked(links["core"]) == {"senders_router": [], "ipv4_sources": ["red"], "ipv6_sources": ["red"]}
    text = options.box.text("show", "isolation")
    own = neighbors["E"].stack[0]
    assert f"ten1/0, optE to 192.0.2.2: one label, nothing below it\n  label {own} into VRF red\n" in text
    assert "ten1/2, circuit of VRF red to 203.0.113.2: packets with a label are dropped\n" in text
    assert "  not checked: which customer a packet is of: a label stands for one of the router behind, and no VRF is here\n" in text


@pytest.mark.parametrize("option", ["E", "B", "A"])
def test_on_each_link_its_own_labels_are_valid_and_no_others(options, option):
    neighbor = options.neighbors[option]
    spoofer = neighbor.spoofer([options.listener, *(other.place.packet_socket("eth0") for name, other in options.neighbors.items()
                                                    if name != option)])
    others = {f"a label of Option {name}": other.stack for name, other in options.neighbors.items() if name != option and other.stack}
    others |= {f"a label of the core: {name}": [label] for name, label in options.core.items()}
    others |= {"a label of the PE": [3001], "another label of the PE": [3002], "no label of anybody's": [never_given(options.box, 600_000)]}
    own = neighbor.stack
    forged = [*others.items(), *((f"reserved {label}", [label]) for label in RESERVED)]
    if own:
        forged += [("one too deep", [*own, *own]), ("above another's", [*own, 3001]), ("no label", []),
                   *((f"{name} above its own", [*stack, *own]) for name, stack in others.items())]
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
    for option in "EA":
        neighbor = options.neighbors[option]
        spoofer = neighbor.spoofer([options.listener])
        assert spoofer.run([spoofer.labels("its own", neighbor.stack, arrives=True)])[1] == []
    wait_until(lambda: options.pe.label_of("65002:500", lost.prefix) is None, "the PE has heard of it")
