"""Two carriers that are customers of an operator, and the sites of one of them joined by LSPs (carrier's carrier, RFC 4364 §9):

      FRR ──────── ten1/1 ┐                                              ┌ ten1/1 ──────── CE b (AS 65010)
      (AS 65010)          │ PE a (AS 42) ten1/0 ── P ── ten1/0 PE b (AS 42)
      CE a ─────── ten1/3 │                                              │
      (AS 65010)          │                                              └ ten1/2 ──────── blue b (AS 65020)
      blue a ───── ten1/2 ┘
      (AS 65020)

Red has three sites, by FRR and by two BGP speakers in raw octets; blue, another customer carrier with the same addresses, has two. The
PEs are Stile boxes with a session between their loopbacks; P swaps their transports' labels and knows nothing else. FRR is also where
forged packets come from.
"""

from .attack import customer_packet
from .bgp_peer import LABELLED4, BGPPeer, as_path, origin, reachable, unreachable, update, way
from .box import Box
from .label_router import IMPLICIT_NULL, LabelRouter
from .namespaces import address_of, join
from .routers import FRRRouter
from .spoofer import Spoofer, label_attacks, labels_on, never_given

MTU = 1600
LOOPBACK = {"a": "10.98.255.1", "b": "10.98.255.2"}
CORE = {"a": ("10.98.1.1", "10.98.1.2"), "b": ("10.98.2.1", "10.98.2.2")}
TRANSPORT = {"a": 18001, "b": 18002}
# What a customer carrier's sites tell of: the loopbacks of its own PEs, and the labels of the speakers in raw octets.
FRR_LOOPBACK = "10.1.1.1/32"
# FRR's session of IPv6, and its loopback there.
FRR_CIRCUIT6 = {"box": "2001:db8:1::1", "far": "2001:db8:1::2"}
FRR_LOOPBACK6 = "2001:db8:ff::1/128"
CE_A, CE_A_LABEL = "10.1.3.1/32", 24003
CE_B, CE_B_LABEL = "10.1.2.1/32", 24002
# The same addresses, of another customer.
BLUE_A, BLUE_A_LABEL = "10.1.1.1/32", 25001
BLUE_B, BLUE_B_LABEL = "10.1.2.1/32", 25002
CIRCUITS = {
    "frr": ("a", 1, "192.0.2.1", "192.0.2.2"), "ce-a": ("a", 3, "192.0.2.5", "192.0.2.6"),
    "blue-a": ("a", 2, "192.0.2.1", "192.0.2.2"),
    "ce-b": ("b", 1, "192.0.2.1", "192.0.2.2"), "blue-b": ("b", 2, "192.0.2.1", "192.0.2.2")}
SYSTEMS = {"red": 65010, "blue": 65020}


def _vrf(name):
    return "blue" if name.startswith("blue") else "red"


def configuration(side):
    """A PE's: each customer carrier has a VRF, and circuits with labels."""
    far = "b" if side == "a" else "a"
    circuits = {name: facts for name, facts in CIRCUITS.items() if facts[0] == side}
    ports = "".join(f"port ten1/{number}\n device net_af_packet_p{number},iface=p{number}\n mtu {MTU}\n"
                    for number in [0, *sorted(facts[1] for facts in circuits.values())])
    interfaces = "".join(f"interface ten1/{number}\n encap mpls csc\n vrf definition {_vrf(name)}\n ip address {own}/30\n"
                         + (f" ipv6 address {FRR_CIRCUIT6['box']}/64\n" if name == "frr" else "")
                         for name, (_, number, own, _) in circuits.items())
    families = ""
    for vrf, system in SYSTEMS.items():
        families += f" address-family ipv4 vrf {vrf}\n"
        for name, (_, _, _, neighbor) in circuits.items():
            if _vrf(name) == vrf:
                families += (f"  neighbor {neighbor} remote-as {system}\n  neighbor {neighbor} timers 3 9\n"
                             f"  neighbor {neighbor} send-label\n  neighbor {neighbor} as-override\n"
                             f"  neighbor {neighbor} prefix-list loopbacks in\n"
                             f"  neighbor {neighbor} prefix-list loopbacks out\n"
                             f"  neighbor {neighbor} maximum-prefix 1000\n")
    if side == "a":
        neighbor = FRR_CIRCUIT6["far"]
        families += (f" address-family ipv6 vrf red\n  neighbor {neighbor} remote-as {SYSTEMS['red']}\n"
                     f"  neighbor {neighbor} send-label\n  neighbor {neighbor} prefix-list loopbacks in\n"
                     f"  neighbor {neighbor} prefix-list loopbacks out\n")
    return f"""\
hostname pe-{side}
!
{ports}!
ip prefix-list loopbacks seq 5 permit 10.1.0.0/16 ge 32
ipv6 prefix-list loopbacks seq 5 permit 2001:db8:ff::/48 ge 128
!
ip vrf red
 rd 42:1{side == "b":d}
 route-target both 42:1
ip vrf blue
 rd 42:2{side == "b":d}
 route-target both 42:2
!
interface loopback0
 ip address {LOOPBACK[side]}/32
interface ten1/0
 encap mpls core
 ip address {CORE[side][0]}/30
{interfaces}!
ip route {LOOPBACK[far]}/32 {CORE[side][1]}
mpls static binding ipv4 {LOOPBACK[far]}/32 output {CORE[side][1]} label {TRANSPORT[far]}
!
router bgp 42
 neighbor {LOOPBACK[far]} remote-as 42
 neighbor {LOOPBACK[far]} update-source loopback0
 neighbor {LOOPBACK[far]} timers 3 9
 address-family vpnv4
  neighbor {LOOPBACK[far]} activate
 address-family vpnv6
  neighbor {LOOPBACK[far]} activate
{families}"""


FRR_BGP = [
    "no bgp ebgp-requires-policy", "no bgp network import-check", "neighbor 192.0.2.1 remote-as 42",
    "neighbor 192.0.2.1 timers 3 9", "neighbor 192.0.2.1 timers connect 2",
    "neighbor 2001:db8:1::1 remote-as 42", "neighbor 2001:db8:1::1 timers connect 2",
    "address-family ipv4 unicast", f" network {FRR_LOOPBACK}", "exit-address-family",
    "address-family ipv4 labeled-unicast", " neighbor 192.0.2.1 activate", "exit-address-family",
    "address-family ipv6 unicast", f" network {FRR_LOOPBACK6}", "exit-address-family",
    "address-family ipv6 labeled-unicast", " neighbor 2001:db8:1::1 activate", "exit-address-family"]


class CustomerEdge(BGPPeer):
    """A customer carrier's router in raw octets: labelled unicast alone."""

    def tell(self, prefix, label):
        self.send(update(origin(), as_path(self.local_as), reachable(self.local, way(prefix, (label,)), LABELLED4)))

    def take_back(self, prefix):
        # RFC 8277 §2.4: the label of a withdrawal says nothing.
        self.send(update(unreachable(way(prefix, (0x80000,)), LABELLED4)))


class CarriersCarrier:
    """The running lab: `boxes`, `edges` (the speakers in raw octets) by name, `frr`, and a packet socket of each place."""

    def __init__(self, lab):
        self.lab = lab
        self.boxes = {side: Box(lab, side, configuration(side)) for side in "ab"}
        self.places, self.edges = {}, {}
        p = self.places["p"] = lab.namespace("p")
        for side, link in (("a", "left"), ("b", "right")):
            join(p, link, self.boxes[side].ports, "p0", MTU)
            p.ip("address", "add", f"{CORE[side][1]}/30", "dev", link)
        for name, (side, number, own, neighbor) in CIRCUITS.items():
            place = self.places[name] = lab.namespace(name)
            join(place, "eth0", self.boxes[side].ports, f"p{number}", MTU)
            place.ip("address", "add", f"{neighbor}/30", "dev", "eth0")
            if name == "frr":
                place.ip("address", "add", f"{FRR_CIRCUIT6['far']}/64", "dev", "eth0", "nodad")
            if name != "frr":
                self.edges[name] = CustomerEdge(place, neighbor, own, SYSTEMS[_vrf(name)], graceful_restart=120,
                                                families=(LABELLED4,))
        self.frr = FRRRouter(lab, self.places["frr"], SYSTEMS["red"], CIRCUITS["frr"][3], FRR_BGP)

    def start(self):
        ports = {side: address_of(self.boxes[side].ports, "p0") for side in "ab"}
        for side in "ab":
            self.places["p"].ip("route", "add", f"{LOOPBACK[side]}/32", "via", CORE[side][0])
        LabelRouter(self.lab, self.places["p"], {
            TRANSPORT["b"]: [IMPLICIT_NULL, "right", ports["b"]], TRANSPORT["a"]: [IMPLICIT_NULL, "left", ports["a"]],
        }).start()
        for box in self.boxes.values():
            box.start()
        self.frr.start()
        for name in self.edges:
            self.connect(name)
        self.sockets = {name: place.packet_socket("eth0") for name, place in self.places.items() if name != "p"}
        self.sockets |= {link: self.places["p"].packet_socket(link) for link in ("left", "right")}
        self.mac = {name: address_of(place, "eth0") for name, place in self.places.items() if name != "p"}
        self.mac |= {link: address_of(self.places["p"], link) for link in ("left", "right")}
        self.mac |= {(side, number): address_of(self.boxes[side].ports, f"p{number}")
                     for side, numbers in (("a", (0, 1, 2, 3)), ("b", (0, 1, 2))) for number in numbers}

    def connect(self, name):
        """A speaker's session, with all that it has to tell."""
        edge = self.edges[name]
        edge.connect(40)
        edge.tell(*{"ce-a": (CE_A, CE_A_LABEL), "ce-b": (CE_B, CE_B_LABEL), "blue-a": (BLUE_A, BLUE_A_LABEL),
                    "blue-b": (BLUE_B, BLUE_B_LABEL)}[name])
        edge.end_of_rib()

    def wait_for_routes(self, seconds=60):
        """Waits until each site has the ways to the others of its carrier."""
        a, b = self.boxes["a"], self.boxes["b"]
        for prefix in (FRR_LOOPBACK, CE_A):
            b.wait(lambda: self.edges["ce-b"].label_towards(prefix), f"CE b has {prefix}", seconds)
        for prefix in (FRR_LOOPBACK, CE_B):
            a.wait(lambda: self.edges["ce-a"].label_towards(prefix), f"CE a has {prefix}", seconds)
        for prefix in (CE_A, CE_B):
            a.wait(lambda: self.frr_label(prefix), f"FRR has {prefix}", seconds)
        a.wait(lambda: self.edges["blue-a"].label_towards(BLUE_B), "blue a has blue b", seconds)
        b.wait(lambda: self.edges["blue-b"].label_towards(BLUE_A), "blue b has blue a", seconds)

    def frr_label(self, prefix):
        """The label that FRR has been told for a prefix; None if there is no such route."""
        paths = self.frr.show(f"show bgp ipv4 labeled-unicast {prefix} json").get("paths", [])
        return paths[0].get("remoteLabel") if paths else None

    def core_label(self, side, prefix, vrf="red"):
        """The label of a VRF's prefix that the other PE was told; None if there is none yet."""
        labels = self.boxes[side].json("show", "labels")["labels"]
        return next((entry["label"] for entry in labels if entry["nni"] == "core" and entry["vrf"] == vrf
                     and entry["subject"] == prefix), None)

    def spoofer(self):
        """FRR's place, from which forged frames go to PE a."""
        return Spoofer(self.boxes["a"], self.sockets["frr"], self.mac["frr"], self.mac["a", 1],
                       [self.sockets[name] for name in ("ce-a", "ce-b", "blue-a", "blue-b")],
                       lambda marker: customer_packet(marker, "10.3.0.5", "10.2.0.5"))


def attack_table(lab, spoofer):
    """What is forged, and between what FRR may send: a label of its own carrier's prefix above labels that only that knows."""
    box, own = lab.boxes["a"], lab.frr_label(CE_B)
    others = {"another circuit of its VRF": lab.edges["ce-a"].label_towards(CE_B),
              "another customer": lab.edges["blue-a"].label_towards(BLUE_B),
              "the core, of its VRF": lab.core_label("a", FRR_LOOPBACK),
              "the core, of another VRF": lab.core_label("a", BLUE_A, "blue"),
              "the core's transport": TRANSPORT["b"], "the other end of its LSP": CE_B_LABEL}
    never = never_given(box, own)
    # How deep its own stack is is the customer's matter, up to the bound.
    forged = [(name, stack) for name, stack in label_attacks([own, 3001], others, never)
              if not name.startswith(("one label too", "two labels too", "no label"))]
    return [spoofer.labels("its own label", [own, 3001], arrives=True),
            spoofer.labels("its own label alone", [own], arrives=True),
            spoofer.labels("its own above three", [own, 3001, 3002, 3003], arrives=True),
            *(spoofer.labels(name, stack) for name, stack in forged),
            spoofer.labels("one label too deep", [own, 3001, 3002, 3003, 3004]),
            spoofer.labels("an entropy label's indicator at the bottom", [own, 3001, 7]),
            spoofer.labels("no label, to nobody of its VRF", []),
            spoofer.labels("its own label again", [own, 3001], arrives=True)]
