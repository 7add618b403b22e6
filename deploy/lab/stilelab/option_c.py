"""Two operators that tell each other the ways to their PEs and reflectors (Option C, RFC 4364 §10 c), and two more by FRR and BIRD:

      PE a ─────── ten1/3 border a (AS 42) ten1/0 ── one link ── ten1/0 border b (AS 65001) ten1/3 ─────── PE b
      reflector a ─ ten1/4       │ ten1/8   │ ten1/9                                       ten1/4 ─ reflector b
                                BIRD       FRR
                             (AS 65003)  (AS 65002)

The border routers have neither VRFs nor VPN routes. The PEs are BGP speakers in raw octets, which tell their loopbacks by labelled unicast;
one more loopback of each is known by a static binding. The reflectors have a VPN session with each other across the border: a is
a speaker in raw octets, b is BIRD. FRR and BIRD are also where forged packets come from.
"""

import struct

from .attack import customer_packet
from .bgp_peer import (
    LABELLED4, LABELLED6, VPNV4, BGPPeer, as_path, attribute, origin, reachable, unreachable, update, way)
from .box import Box
from .label_host import LabelHost
from .namespaces import address_of, join
from .routers import BIRDRouter, FRRRouter
from .spoofer import Spoofer, label_attacks, labels_on, never_given

MTU = 1600
SYSTEM = {"a": 42, "b": 65001}
CORE = {"a": "10.98", "b": "10.97"}
# What a PE tells of itself: (prefix, label).
PE_WAYS = {"a": [("10.98.1.1/32", 16001), ("10.98.1.4/32", 16004)], "b": [("10.97.1.1/32", 17001)]}
# IPv6 behind a PE, as 6PE (RFC 4798).
PE_WAYS6 = {"a": [("2001:db8:98::/48", 16006)], "b": [("2001:db8:97::/48", 17006)]}
# Known by a static binding.
STATIC_LABEL = {"a": 16002, "b": 17002}
NNI = {"a": "192.0.2.1", "b": "192.0.2.2"}
FRR_NNI = {"box": "198.51.100.1", "far": "198.51.100.2"}
BIRD_NNI = {"box": "203.0.113.1", "far": "203.0.113.2"}
FRR_LOOPBACK, BIRD_LOOPBACK, BIRD_LABEL = "10.96.1.1/32", "10.95.1.1/32", 2001


def _border(side, far, more_ports="", more_interfaces="", more_lists="", more_neighbors="", more_family=""):
    ours, theirs, core, neighbor = CORE[side], CORE[far], f"{CORE[side]}.0.1", NNI[far]
    own6, far6 = ("98", "97") if side == "a" else ("97", "98")
    return f"""\
hostname border{SYSTEM[side]}
!
port ten1/0
 device net_af_packet_p0,iface=p0
 mtu 1600
port ten1/3
 device net_af_packet_p3,iface=p3
 mtu 1600
port ten1/4
 device net_af_packet_p4,iface=p4
 mtu 1600
{more_ports}!
interface ten1/0
 encap mpls optC
 ip address {NNI[side]}/30
interface ten1/3
 encap mpls core
 ip address {ours}.0.2/24
interface ten1/4
 encap mpls core
 ip address {ours}.2.2/24
{more_interfaces}!
ip prefix-list our-pes seq 5 permit {ours}.1.0/24 ge 32
ip prefix-list our-reflectors seq 5 permit {ours}.9.9/32
ip prefix-list their-pes seq 5 permit {theirs}.1.0/24 ge 32
ip prefix-list their-reflectors seq 5 permit {theirs}.9.9/32
{more_lists}ipv6 prefix-list our-sites seq 5 permit 2001:db8:{own6}::/48
ipv6 prefix-list their-sites seq 5 permit 2001:db8:{far6}::/48
!
mpls static binding ipv4 {ours}.1.2/32 output {core} label {STATIC_LABEL[side]}
mpls static binding ipv4 {ours}.9.9/32 output {ours}.2.9 label implicit-null
!
router bgp {SYSTEM[side]}
 neighbor {core} remote-as {SYSTEM[side]}
 neighbor {neighbor} remote-as {SYSTEM[far]}
 neighbor {neighbor} timers 3 9
 neighbor {neighbor} maximum-labels 1000
{more_neighbors} address-family ipv4 labeled-unicast
  neighbor {core} activate
  neighbor {neighbor} optC
  neighbor {neighbor} prefix-list their-pes in
  neighbor {neighbor} prefix-list our-pes out
  neighbor {neighbor} prefix-list their-reflectors in depth 1
  neighbor {neighbor} prefix-list our-reflectors out depth 1
{more_family} address-family ipv6 labeled-unicast
  neighbor {core} activate
  neighbor {neighbor} optC
  neighbor {neighbor} prefix-list their-sites in
  neighbor {neighbor} prefix-list our-sites out
"""


BORDER_A = _border(
    "a", "b",
    more_ports="""\
port ten1/8
 device net_af_packet_p8,iface=p8
 mtu 1600
port ten1/9
 device net_af_packet_p9,iface=p9
 mtu 1600
""",
    more_interfaces="""\
interface ten1/8
 encap mpls optC
 ip address 203.0.113.1/30
interface ten1/9
 encap mpls optC
 ip address 198.51.100.1/30
""",
    more_lists="""\
ip prefix-list our-pes seq 1 deny 10.98.1.4/32
ip prefix-list entropy seq 5 permit 10.98.1.4/32
ip prefix-list frr seq 5 permit 10.96.1.0/24 ge 32
ip prefix-list bird seq 5 permit 10.95.1.0/24 ge 32
ip prefix-list first-pe seq 5 permit 10.98.1.1/32
""",
    more_neighbors="""\
 neighbor 198.51.100.2 remote-as 65002
 neighbor 198.51.100.2 timers 3 9
 neighbor 203.0.113.2 remote-as 65003
 neighbor 203.0.113.2 timers 3 9
""",
    more_family="""\
  neighbor 192.0.2.2 prefix-list entropy out depth 4
  neighbor 198.51.100.2 optC
  neighbor 198.51.100.2 prefix-list frr in
  neighbor 198.51.100.2 prefix-list first-pe out
  neighbor 203.0.113.2 optC
  neighbor 203.0.113.2 prefix-list bird in
  neighbor 203.0.113.2 prefix-list first-pe out
""")
BORDER_B = _border("b", "a")

# FRR keeps routes of both families in one table.
FRR_BGP = [
    "no bgp ebgp-requires-policy", "no bgp network import-check", "neighbor 198.51.100.1 remote-as 42",
    "neighbor 198.51.100.1 timers 3 9", "neighbor 198.51.100.1 timers connect 2",
    "address-family ipv4 unicast", f" network {FRR_LOOPBACK}", "exit-address-family",
    "address-family ipv4 labeled-unicast", " neighbor 198.51.100.1 activate", "exit-address-family"]
BIRD = f"""\
ipv4 table ways4;
protocol static loopbacks {{
  ipv4 {{ table ways4; }};
  route {BIRD_LOOPBACK} via 203.0.113.2%eth0 mpls {BIRD_LABEL} onlink;
}}
protocol bgp border {{
  local 203.0.113.2 as 65003; neighbor 203.0.113.1 as 42;
  hold time 9; connect retry time 1; connect delay time 1; error wait time 1, 2; graceful restart on;
  ipv4 mpls {{ table ways4; import all; export where source = RTS_STATIC; }};
}}
"""
REFLECTOR_B = """\
vpn4 table customers4;
protocol bgp far {
  local 10.97.9.9 as 65001; neighbor 10.98.9.9 as 42; multihop 10; passive on;
  vpn4 mpls { table customers4; import all; export none; };
}
"""


class LabelledPE(BGPPeer):
    """A PE of a border router's own network, which tells the ways to it: iBGP, labelled unicast alone."""

    def tell(self, prefix, label):
        family = LABELLED6 if ":" in prefix else LABELLED4
        preference = attribute(0x40, 5, struct.pack("!I", 100))
        self.send(update(origin(), as_path(), preference, reachable(self.local, way(prefix, (label,)), family)))

    def take_back(self, prefix):
        # RFC 8277 §2.4: the label of a withdrawal says nothing.
        self.send(update(unreachable(way(prefix, (0x80000,)), LABELLED6 if ":" in prefix else LABELLED4)))


class OptionC:
    """The running lab: `boxes`, `edges` (PEs) by side, `frr`, `bird`, and a packet socket of each place."""

    def __init__(self, lab):
        self.lab = lab
        self.boxes = {"a": Box(lab, "a", BORDER_A), "b": Box(lab, "b", BORDER_B)}
        join(self.boxes["a"].ports, "p0", self.boxes["b"].ports, "p0", MTU)
        self.places, self.edges, self.hosts = {}, {}, {}
        for side, box in self.boxes.items():
            place = self._place(f"pe-{side}", box, "p3", f"{CORE[side]}.0.1/24")
            self.edges[side] = LabelledPE(place, f"{CORE[side]}.0.1", f"{CORE[side]}.0.2", SYSTEM[side],
                                            graceful_restart=120, families=(LABELLED4, LABELLED6))
            place = self._place(f"rr-{side}", box, "p4", f"{CORE[side]}.2.9/24")
            place.ip("address", "add", f"{CORE[side]}.9.9/32", "dev", "lo")
            far = "b" if side == "a" else "a"
            self.hosts[side] = LabelHost(lab, place, f"{CORE[far]}.9.9")
        place = self._place("frr", self.boxes["a"], "p9", f"{FRR_NNI['far']}/30")
        self.frr = FRRRouter(lab, place, 65002, FRR_NNI["far"], FRR_BGP)
        place = self._place("bird", self.boxes["a"], "p8", f"{BIRD_NNI['far']}/30")
        self.bird = BIRDRouter(lab, place, BIRD_NNI["far"], BIRD)
        self.reflector = BIRDRouter(lab, self.places["rr-b"], "10.97.9.9", REFLECTOR_B)

    def _place(self, name, box, port, address):
        place = self.places[name] = self.lab.namespace(name)
        join(place, "eth0", box.ports, port, MTU)
        place.ip("address", "add", address, "dev", "eth0")
        return place

    def start(self):
        for box in self.boxes.values():
            box.start()
        for daemon in (self.frr, self.bird):
            daemon.start()
        for side in self.edges:
            self.connect(side)
        self.sockets = {name: place.packet_socket("eth0") for name, place in self.places.items()}
        self.mac = {name: address_of(place, "eth0") for name, place in self.places.items()}
        self.mac |= {(side, port): address_of(box.ports, port) for side, box in self.boxes.items()
                     for port in (("p0", "p3", "p4", "p8", "p9") if side == "a" else ("p0", "p3", "p4"))}

    def connect(self, side):
        """A PE's session, with all that it has to tell."""
        edge = self.edges[side]
        edge.connect(40)
        for prefix, label in PE_WAYS[side] + PE_WAYS6[side]:
            edge.tell(prefix, label)
        edge.end_of_rib()

    def wait_for_routes(self, seconds=60):
        """Waits until each side has the ways to the other's loopbacks."""
        a, b = self.boxes["a"], self.boxes["b"]
        for prefix in ("10.98.1.1/32", "10.98.1.2/32", "10.98.1.4/32", "10.98.9.9/32", "2001:db8:98::/48"):
            b.wait(lambda: self.edges["b"].label_towards(prefix), f"the PE of b has {prefix}", seconds)
        for prefix in ("10.97.1.1/32", "10.97.1.2/32", "10.97.9.9/32", FRR_LOOPBACK, BIRD_LOOPBACK, "2001:db8:97::/48"):
            a.wait(lambda: self.edges["a"].label_towards(prefix), f"the PE of a has {prefix}", seconds)
        a.wait(lambda: self.frr_label("10.98.1.1/32"), "FRR has 10.98.1.1", seconds)
        a.wait(lambda: self.bird_label("10.98.1.1/32"), "BIRD has 10.98.1.1", seconds)

    def frr_label(self, prefix):
        """The label that FRR has been told for a prefix; None if there is no such route."""
        paths = self.frr.show(f"show bgp ipv4 labeled-unicast {prefix} json").get("paths", [])
        return paths[0].get("remoteLabel") if paths else None

    def bird_label(self, prefix):
        """The same of BIRD."""
        text = self.bird.command("show", "route", "table", "ways4", "all").stdout
        found = None
        for line in text.splitlines():
            if not line[:1].isspace():
                found = line.startswith(prefix)
            elif found and "BGP.mpls_label_stack" in line:
                return int(line.split(":")[1].split()[0])
        return None

    def spoofer(self):
        """FRR's place, from which forged frames go to border a."""
        return Spoofer(self.boxes["a"], self.sockets["frr"], self.mac["frr"], self.mac["a", "p9"],
                       [self.sockets[name] for name in ("pe-a", "pe-b", "rr-a", "rr-b", "bird")],
                       lambda marker: customer_packet(marker, "10.3.0.5", "10.1.0.5"))

    def join_reflectors(self):
        """The reflectors' VPN session across the border; returns a's end of it."""
        for side, far in (("a", "b"), ("b", "a")):
            label = self.edges[side].label_towards(f"{CORE[far]}.9.9/32")
            self.hosts[side].start(label, self.mac[side, "p4"], f"{CORE[side]}.9.9")
        self.reflector.start()
        peer = BGPPeer(self.places["rr-a"], "10.98.9.9", "10.97.9.9", SYSTEM["a"], families=(VPNV4,))
        peer.connect(40)
        return peer


def attack_table(borders, spoofer):
    """What is forged, and between what FRR may send: a PE's label above the one that the PE gave."""
    box, own = borders.boxes["a"], [borders.frr_label("10.98.1.1/32"), 3001]
    others = {"another NNI": labels_on(box, "ten1/0")[0], "another neighbor": labels_on(box, "ten1/8")[0],
              "the core": labels_on(box, "core")[0], "the core's transport": 16001, "a PE": 3001}
    return [spoofer.labels("its own label", own, arrives=True),
            *(spoofer.labels(name, stack) for name, stack in label_attacks(own, others, never_given(box, own[0]))),
            spoofer.labels("an entropy label where none may be", [*own, 7, 99]),
            spoofer.labels("its own label again", own, arrives=True)]
