"""Another operator by Option A (RFC 4364 §10 a): a VLAN and an eBGP session for each VRF, with FRR and BIRD at its end.

      PE ── ten1/3 border (AS 42) ten1/0 ── one trunk ─┬─ VLAN 101: FRR  (AS 65001), red
                                                       └─ VLAN 102: BIRD (AS 65001), green

Both VRFs have the same addresses, on the trunk too. The PE is a BGP speaker in raw octets; FRR and BIRD have the VLANs of a trunk that
ends where forged frames come from, and which the kernel need know nothing of.
"""

from .attack import customer_packet, unlabelled
from .box import Box
from .namespaces import address_of, join
from .provider_edge import ProviderEdge
from .routers import BIRDRouter, FRRRouter
from .spoofer import Spoofer, label_attacks, never_given, tagged
from .tagged_link import TaggedLink

MTU = 1600
VLANS = {"red": 101, "green": 102}
BOX, FAR = "192.0.2.1", "192.0.2.2"
PE, CORE = "10.98.0.1", "10.98.0.2"
# What the PE tells: (route distinguisher, prefix, label, target). Green alone has 10.9.0.0/24.
PE_ROUTES = [
    ("42:101", "10.1.0.0/24", 3001, "42:1"), ("42:101", "10.1.1.0/24", 3001, "42:1"),
    ("42:102", "10.1.0.0/24", 3002, "42:2"), ("42:102", "10.9.0.0/24", 3002, "42:2"),
]
FAR_PREFIX = "10.2.0.0/24"

BORDER = """\
hostname border42
!
port ten1/0
 device net_af_packet_p0,iface=p0
 mtu 1600
port ten1/3
 device net_af_packet_p3,iface=p3
 mtu 1600
!
ip vrf red
 rd 42:1
 route-target both 42:1
ip vrf green
 rd 42:2
 route-target both 42:2
!
ip prefix-list theirs seq 5 permit 10.2.0.0/16 le 24
ip prefix-list ours seq 5 permit 10.1.0.0/16 le 24
ip prefix-list ours seq 10 permit 10.9.0.0/16 le 24
!
interface ten1/0.101
 encapsulation dot1q 101
 vrf definition red
 ip address 192.0.2.1/30
 ip verify unicast source reachable-via rx
interface ten1/0.102
 encapsulation dot1q 102
 vrf definition green
 ip address 192.0.2.1/30
 ip verify unicast source reachable-via rx
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
!
router bgp 42
 neighbor 10.98.0.1 remote-as 42
 address-family vpnv4
  neighbor 10.98.0.1 activate
 address-family ipv4 vrf red
  neighbor 192.0.2.2 remote-as 65001
  neighbor 192.0.2.2 timers 3 9
  neighbor 192.0.2.2 prefix-list theirs in
  neighbor 192.0.2.2 prefix-list ours out
  neighbor 192.0.2.2 maximum-prefix 1000
 address-family ipv4 vrf green
  neighbor 192.0.2.2 remote-as 65001
  neighbor 192.0.2.2 timers 3 9
  neighbor 192.0.2.2 prefix-list theirs in
  neighbor 192.0.2.2 prefix-list ours out
  neighbor 192.0.2.2 maximum-prefix 1000
"""
FRR = """\
no bgp network import-check
no bgp ebgp-requires-policy
neighbor 192.0.2.1 remote-as 42
neighbor 192.0.2.1 timers 3 9
neighbor 192.0.2.1 timers connect 1
address-family ipv4 unicast
 neighbor 192.0.2.1 activate
 network 10.2.0.0/24
exit-address-family
"""
BIRD = """\
protocol static { ipv4; route 10.2.0.0/24 unreachable; }
protocol bgp border {
  local 192.0.2.2 as 65001; neighbor 192.0.2.1 as 42;
  hold time 9; connect retry time 1; connect delay time 1; error wait time 1, 2; graceful restart on;
  ipv4 { import all; export where source = RTS_STATIC; };
}
"""


class OptionA:
    """The running lab: `boxes`, the PE as `edge`, `frr` and `bird`; packet sockets of the `trunk`, the `pe`, and of each VLAN's end."""

    def __init__(self, lab):
        self.boxes = {"border": Box(lab, "border", BORDER)}
        box = self.boxes["border"]
        self.edge = ProviderEdge.behind(lab, box, "p3", "pe", PE, CORE, 42, MTU)
        self.trunk = lab.namespace("trunk")
        join(self.trunk, "eth0", box.ports, "p0", MTU)
        self.places = {"red": lab.namespace("frr"), "green": lab.namespace("bird")}
        for vrf, place in self.places.items():
            TaggedLink(place, "eth0", self.trunk, "eth0", VLANS[vrf], 1500)
            place.ip("address", "add", f"{FAR}/30", "dev", "eth0")
        self.frr = FRRRouter(lab, self.places["red"], 65001, FAR, FRR.splitlines())
        self.bird = BIRDRouter(lab, self.places["green"], FAR, BIRD)

    def start(self):
        box = self.boxes["border"]
        box.start()
        self.frr.start()
        self.bird.start()
        self.edge.tell_all(PE_ROUTES)
        self.sockets = {"trunk": self.trunk.packet_socket("eth0"), "pe": self.edge.namespace.packet_socket("eth0"),
                        **{vrf: place.packet_socket("eth0") for vrf, place in self.places.items()}}
        self.mac = {"pe": address_of(self.edge.namespace, "eth0"), "p0": address_of(box.ports, "p0"),
                    "p3": address_of(box.ports, "p3"),
                    **{vrf: address_of(place, "eth0") for vrf, place in self.places.items()}}

    def wait_for_routes(self, seconds=60):
        box = self.boxes["border"]
        for vrf, rd in (("red", "42:1"), ("green", "42:2")):
            box.wait(lambda: self.edge.label_of(rd, FAR_PREFIX), f"the PE has {vrf}'s route", seconds)
        box.wait(lambda: self.frr.path("ipv4", "10.1.0.0/24"), "FRR has red's route", seconds)
        box.wait(lambda: self.bird.route("10.9.0.0/24"), "BIRD has green's route", seconds)

    def spoofer(self):
        """The far end of the trunk with FRR's addresses. ICMP errors go back there, so nobody listens on FRR's VLAN."""
        return Spoofer(self.boxes["border"], self.sockets["trunk"], self.mac["red"], self.mac["p0"],
                       [self.sockets["pe"], self.sockets["green"]], between, VLANS["red"])


def between(marker, source="10.2.0.5", destination="10.1.0.5"):
    """A packet from behind the far end to one behind the PE."""
    return customer_packet(marker, source, destination)


def attack_table(option, spoofer):
    """What is forged on red's circuit, and between what the far end may send there."""
    box, red = option.boxes["border"], option.edge.label_of("42:1", FAR_PREFIX)
    green = option.edge.label_of("42:2", FAR_PREFIX)

    def plain(marker, *vlans, destination=spoofer.addresses[1]):
        return tagged(unlabelled(spoofer.addresses[0], destination, None, between(marker)), *vlans)

    yield spoofer.labels("red's packets", [], arrives=True)
    yield spoofer.labels("red's label of the core", [red])
    for name, stack in label_attacks([red], {"green on the core": green, "a PE": 3001}, never_given(box, red)):
        # Without a label is how its packets have to be.
        if stack:
            yield spoofer.labels(name, stack)
    for name, source in (("a source behind the PE", "10.1.0.77"), ("a source of nobody's", "198.18.0.1"),
                         ("the box's own source", BOX), ("a source that green alone has", "10.9.0.5")):
        yield spoofer.packets(name, lambda marker, source=source: between(marker, source))
    for name, destination in (("to what green alone has", "10.9.0.5"), ("to the PE", PE), ("to the box's core", CORE)):
        yield spoofer.packets(name, lambda marker, destination=destination: between(marker, destination=destination))
    for name, vlans in (("without a tag", ()), ("the tag of no circuit", (103,)), ("its tag twice", (101, 101)),
                        ("its tag above green's", (101, 102))):
        yield spoofer.frames(name, lambda marker, vlans=vlans: plain(marker, *vlans))
    yield spoofer.frames("to another Ethernet address", lambda marker: plain(marker, 101, destination="02:00:00:00:00:99"))
    yield spoofer.labels("red's packets again", [], arrives=True)
