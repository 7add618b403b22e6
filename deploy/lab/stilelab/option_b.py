"""Two operators that relay VPN routes to each other (Option B, RFC 4364 §10 b), and a third one by BIRD:

      PE a ── ten1/3 border a (AS 42) ten1/0 ── one link ── ten1/0 border b (AS 65001) ten1/3 ── PE b
                       │ ten1/9
                     BIRD (AS 65002), which is also where forged packets come from

Neither border router has a VRF. Targets: what AS 42 calls 42:7 is 65001:7 to AS 65001, and 42:8 is 65002:7 to AS 65002. The PEs are
BGP speakers in raw octets; they and BIRD are on the subnets of the border routers, so that no transport label is above theirs.
"""

from .attack import customer_packet
from .box import Box
from .namespaces import address_of, join
from .provider_edge import ProviderEdge
from .routers import BIRDRouter
from .spoofer import Spoofer, label_attacks, labels_on, never_given

MTU = 1600
# What each PE tells: (route distinguisher, prefix, label, target).
PE_ROUTES = {
    "a": [("42:500", "10.1.0.0/24", 3001, "42:7"), ("42:500", "10.1.1.0/24", 3001, "42:7"),
          ("42:501", "10.1.0.0/24", 3002, "42:8")],
    "b": [("65001:500", "10.2.0.0/24", 4001, "65001:7")],
}
BIRD_ROUTES = [("65002:1", "10.3.0.0/24", 2001, "65002, 7")]
# A route with a distinguisher of AS 42, and one for nobody here.
FOREIGN_ROUTES = [("42:900", "10.3.1.0/24", 2002, "65002, 7"), ("65002:1", "10.3.2.0/24", 2003, "65002, 9")]
CORE = {"a": "10.98.0", "b": "10.97.0"}
SYSTEM = {"a": 42, "b": 65001}
NNI = {"a": "192.0.2.1", "b": "192.0.2.2"}
BIRD_NNI = {"box": "198.51.100.1", "far": "198.51.100.2"}

LINKS_A = """\
hostname border42
!
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
interface ten1/0
 encap mpls optB
 ip address 192.0.2.1/30
interface ten1/9
 encap mpls optB
 ip address 198.51.100.1/30
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
!
"""
BORDER_A = LINKS_A + """\
router bgp 42
 neighbor 10.98.0.1 remote-as 42
 neighbor 192.0.2.2 remote-as 65001
 neighbor 192.0.2.2 timers 3 9
 neighbor 192.0.2.2 maximum-labels 1000
 neighbor 198.51.100.2 remote-as 65002
 neighbor 198.51.100.2 timers 3 9
 address-family vpnv4
  neighbor 10.98.0.1 activate
  neighbor 10.98.0.1 route-target import 42:7
  neighbor 10.98.0.1 route-target import 42:8
  neighbor 10.98.0.1 route-target export 42:7
  neighbor 10.98.0.1 route-target export 42:8
  neighbor 192.0.2.2 optB
  neighbor 192.0.2.2 route-target import 65001:7 as 42:7
  neighbor 192.0.2.2 route-target export 42:7 as 65001:7
  neighbor 192.0.2.2 maximum-prefix 1000
  neighbor 198.51.100.2 optB
  neighbor 198.51.100.2 route-target import 65002:7 as 42:8
  neighbor 198.51.100.2 route-target export 42:8 as 65002:7
"""
BORDER_B = """\
hostname border65001
!
port ten1/0
 device net_af_packet_p0,iface=p0
 mtu 1600
port ten1/3
 device net_af_packet_p3,iface=p3
 mtu 1600
!
interface ten1/0
 encap mpls optB
 ip address 192.0.2.2/30
interface ten1/3
 encap mpls core
 ip address 10.97.0.2/24
!
router bgp 65001
 neighbor 10.97.0.1 remote-as 65001
 neighbor 192.0.2.1 remote-as 42
 neighbor 192.0.2.1 timers 3 9
 address-family vpnv4
  neighbor 10.97.0.1 activate
  neighbor 10.97.0.1 route-target import 65001:7
  neighbor 10.97.0.1 route-target export 65001:7
  neighbor 192.0.2.1 optB
  neighbor 192.0.2.1 route-target import 65001:7
  neighbor 192.0.2.1 route-target export 65001:7
"""


def _bird_routes(routes):
    return "".join(
        f"  route {rd} {prefix} via 198.51.100.2%eth0 mpls {label} onlink {{ bgp_ext_community.add((rt, {target})); }};\n"
        for rd, prefix, label, target in routes)


BIRD = f"""\
vpn4 table customers4;
protocol static customers {{
  vpn4 {{ table customers4; }};
{_bird_routes(BIRD_ROUTES + FOREIGN_ROUTES)}}}
protocol bgp border {{
  local 198.51.100.2 as 65002; neighbor 198.51.100.1 as 42;
  hold time 9; connect retry time 1; connect delay time 1; error wait time 1, 2; graceful restart on;
  vpn4 mpls {{ table customers4; import all; export where source = RTS_STATIC; }};
}}
"""


class OptionB:
    """The running lab: `boxes`, `edges` (PEs) by side, `bird`, and a packet socket of each PE and of BIRD."""

    def __init__(self, lab):
        self.lab = lab
        self.boxes = {"a": Box(lab, "a", BORDER_A), "b": Box(lab, "b", BORDER_B)}
        join(self.boxes["a"].ports, "p0", self.boxes["b"].ports, "p0", MTU)
        self.places, self.edges = {}, {}
        for side, box in self.boxes.items():
            edge = self.edges[side] = ProviderEdge.behind(
                lab, box, "p3", f"pe-{side}", f"{CORE[side]}.1", f"{CORE[side]}.2", SYSTEM[side], MTU)
            self.places[side] = edge.namespace
        place = self.places["bird"] = lab.namespace("bird")
        join(place, "eth0", self.boxes["a"].ports, "p9", MTU)
        place.ip("address", "add", f"{BIRD_NNI['far']}/30", "dev", "eth0")
        self.bird = BIRDRouter(lab, place, BIRD_NNI["far"], BIRD)

    def start(self):
        for box in self.boxes.values():
            box.start()
        self.bird.start()
        for side in self.edges:
            self.connect(side)
        self.sockets = {name: place.packet_socket("eth0") for name, place in self.places.items()}
        self.mac = {name: address_of(place, "eth0") for name, place in self.places.items()}
        self.mac |= {(side, port): address_of(box.ports, port) for side, box in self.boxes.items()
                     for port in (("p0", "p3", "p9") if side == "a" else ("p0", "p3"))}

    def connect(self, side):
        """A PE's session, with all that it has to tell."""
        self.edges[side].tell_all(PE_ROUTES[side])

    def wait_for_routes(self, seconds=60):
        """Waits until each side has what the others tell."""
        for box, what in (("b", "42:500"), ("a", "65001:500")):
            self.boxes[box].wait(lambda: self.edges[box].label_of(what, PE_ROUTES["b" if box == "a" else "a"][0][1]),
                                 f"the PE of {box} has {what}", seconds)
        self.boxes["a"].wait(lambda: self.edges["a"].label_of("65002:1", "10.3.0.0/24"), "BIRD's route", seconds)
        self.boxes["a"].wait(lambda: self.bird_label("42:501", "10.1.0.0/24"), "BIRD has 42:501", seconds)

    def bird_label(self, rd, prefix):
        """The label that BIRD has been told with a route; None if there is no such route."""
        text = self.bird.command("show", "route", "table", "customers4", "all").stdout
        found = None
        for line in text.splitlines():
            if not line[:1].isspace():
                found = line.startswith(f"{rd} {prefix}")
            elif found and "BGP.mpls_label_stack" in line:
                return int(line.split(":")[1].split()[0])
        return None

    def spoofer(self):
        """BIRD's place, from which forged frames go to border a."""
        return Spoofer(self.boxes["a"], self.sockets["bird"], self.mac["bird"], self.mac["a", "p9"],
                       [self.sockets[side] for side in self.edges],
                       lambda marker: customer_packet(marker, "10.3.0.5", "10.1.0.5"))


def attack_table(borders, spoofer):
    """What is forged, and between what BIRD may send."""
    box, own = borders.boxes["a"], borders.bird_label("42:501", "10.1.0.0/24")
    others = {"another NNI": labels_on(box, "ten1/0")[0], "the core": labels_on(box, "core")[0], "a PE": 3002}
    return [spoofer.labels("its own label", [own], arrives=True),
            *(spoofer.labels(name, stack) for name, stack in label_attacks([own], others, never_given(box, own))),
            spoofer.labels("its own label again", [own], arrives=True)]
