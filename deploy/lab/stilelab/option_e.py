"""Two operators by Option E at one border: FRR and BIRD, plain Option B routers both, with a VPN session each.

      PE ── ten1/3 border (AS 42) ten1/0 ── NNI ── FRR  (AS 65001): red and green
                             │ ten1/9 ──── NNI ── BIRD (AS 65002): green alone

Both VRFs have the same addresses. The PE is a BGP speaker in raw octets. Forged packets come from BIRD's place.
"""

from .attack import customer_packet
from .box import Box
from .namespaces import address_of, join
from .peers import FRR
from .provider_edge import ProviderEdge
from .routers import BIRDRouter
from .spoofer import Spoofer, label_attacks, never_given

MTU = 1600
PE, CORE = "10.98.0.1", "10.98.0.2"
NNI = {"frr": ("192.0.2.1", "192.0.2.2"), "bird": ("198.51.100.1", "198.51.100.2")}
# (route distinguisher, prefix, label, target); red alone has 10.8.0.0/24.
PE_ROUTES = [
    ("42:101", "10.1.0.0/24", 3001, "42:1"), ("42:101", "10.8.0.0/24", 3001, "42:1"),
    ("42:102", "10.1.0.0/24", 3002, "42:2"),
]
# (prefix, route distinguisher, label, target)
FRR_ROUTES = [("10.2.0.0/24", "65001:1", 1001, "42:1"), ("10.2.0.0/24", "65001:2", 1002, "42:2")]
FRR_ROUTES6 = [("2001:db8:2::/48", "65001:1", 1001, "42:1")]

BORDER = """\
hostname border42
!
mpls label withdrawal-delay 1
port ten1/0
 device net_af_packet_p0,iface=p0
 mtu 1600
port ten1/3
 device net_af_packet_p3,iface=p3
 mtu 1600
port ten1/9
 device net_af_packet_p9,iface=p9
 mtu 1600
!
ip vrf red
 rd 42:1
 route-target both 42:1
 optE 192.0.2.2
ip vrf green
 rd 42:2
 route-target both 42:2
 optE 192.0.2.2 198.51.100.2
!
interface ten1/0
 encap mpls optE
 ip address 192.0.2.1/30
interface ten1/9
 encap mpls optE
 ip address 198.51.100.1/30
interface ten1/9.2
 vrf definition green
 ip verify unicast source reachable-via rx
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
!
router bgp 42
 neighbor 10.98.0.1 remote-as 42
 neighbor 192.0.2.2 remote-as 65001
 neighbor 192.0.2.2 timers 3 9
 neighbor 198.51.100.2 remote-as 65002
 neighbor 198.51.100.2 timers 3 9
 address-family vpnv4
  neighbor 10.98.0.1 activate
  neighbor 192.0.2.2 optE
  neighbor 198.51.100.2 optE
 address-family vpnv6
  neighbor 10.98.0.1 activate
  neighbor 192.0.2.2 optE
"""
BIRD = """\
vpn4 table customers4;
protocol static customers {
  vpn4 { table customers4; };
  route 65002:2 10.3.0.0/24 via 198.51.100.2%eth0 mpls 2001 onlink { bgp_ext_community.add((rt, 42, 2)); };
}
protocol bgp border {
  local 198.51.100.2 as 65002; neighbor 198.51.100.1 as 42;
  hold time 9; connect retry time 1; connect delay time 1; error wait time 1, 2; graceful restart on;
  vpn4 mpls { table customers4; import all; export where source = RTS_STATIC; };
}
"""


class OptionE:
    """The running lab: `boxes`, the PE as `edge`, `frr` and `bird`, and a packet socket of each place."""

    def __init__(self, lab):
        self.boxes = {"border": Box(lab, "border", BORDER)}
        box = self.boxes["border"]
        self.edge = ProviderEdge.behind(lab, box, "p3", "pe", PE, CORE, 42, MTU)
        self.places = {"pe": self.edge.namespace}
        for name, port in (("frr", "p0"), ("bird", "p9")):
            place = self.places[name] = lab.namespace(name)
            join(place, "eth0", box.ports, port, MTU)
            place.ip("address", "add", f"{NNI[name][1]}/30", "dev", "eth0")
        self.frr = FRR(lab, self.places["frr"], 65001, NNI["frr"][1], NNI["frr"][0], 42, FRR_ROUTES, FRR_ROUTES6)
        self.bird = BIRDRouter(lab, self.places["bird"], NNI["bird"][1], BIRD)

    def start(self):
        box = self.boxes["border"]
        box.start()
        self.frr.start()
        self.bird.start()
        self.edge.tell_all(PE_ROUTES)
        self.sockets = {name: place.packet_socket("eth0") for name, place in self.places.items()}
        self.mac = {name: address_of(place, "eth0") for name, place in self.places.items()}
        self.mac |= {port: address_of(box.ports, port) for port in ("p0", "p3", "p9")}

    def wait_for_routes(self, seconds=60):
        box = self.boxes["border"]
        for rd, prefix in (("42:1", "10.2.0.0/24"), ("42:2", "10.2.0.0/24"), ("42:2", "10.3.0.0/24")):
            box.wait(lambda: self.edge.label_of(rd, prefix), f"the PE has {prefix} of {rd}", seconds)
        box.wait(lambda: "10.8.0.0/24" in self.frr.routes("ipv4").get("42:1", {}), "FRR has red's route", seconds)
        box.wait(lambda: "10.1.0.0/24" in self.bird_routes(), "BIRD has green's route", seconds)

    def bird_routes(self):
        """What BIRD has been told, in its words."""
        return self.bird.command("show", "route", "table", "customers4", "protocol", "border").stdout

    def label(self, vrf, nni):
        """The label of a VRF on an NNI or on the `core`."""
        return next(entry["label"] for entry in self.boxes["border"].json("show", "labels")["labels"]
                    if (entry["vrf"], entry["nni"]) == (vrf, nni))

    def spoofer(self):
        """BIRD's place, from which forged frames go to the border."""
        return Spoofer(self.boxes["border"], self.sockets["bird"], self.mac["bird"], self.mac["p9"],
                       [self.sockets["pe"], self.sockets["frr"]], between)


def between(marker, source="10.3.0.5", destination="10.1.0.5"):
    """A packet from behind BIRD to one behind the PE."""
    return customer_packet(marker, source, destination)


def attack_table(option, spoofer):
    """What is forged on BIRD's NNI, and between what BIRD may send."""
    own = option.label("green", "ten1/9")
    others = {"its VRF on another NNI": option.label("green", "ten1/0"), "another VRF": option.label("red", "ten1/0"),
              "its VRF on the core": option.label("green", "core"), "a PE": 3002}
    yield spoofer.labels("its own label", [own], arrives=True)
    for name, stack in label_attacks([own], others, never_given(spoofer.box, own)):
        yield spoofer.labels(name, stack)
    for name, source in (("a source behind the PE", "10.1.0.77"), ("a source of another NNI", "10.2.0.5"),
                         ("a source of nobody's", "198.18.0.1")):
        yield spoofer.packets(name, lambda marker, source=source: between(marker, source), stack=[own])
    for name, destination in (("to another NNI", "10.2.0.5"), ("back out of the NNI", "10.3.0.9"),
                              ("to what red alone has", "10.8.0.5"), ("to the PE itself", PE)):
        yield spoofer.packets(name, lambda marker, destination=destination: between(marker, destination=destination), stack=[own])
    yield spoofer.labels("its own label again", [own], arrives=True)
