"""Two operators that relay MVPN and EVPN routes to each other (Option B), and a third one on another NNI:

      PE a ── ten1/3 border a (AS 42) ten1/0 ── one link ── ten1/0 border b (AS 65001) ten1/3 ── PE b
                       │ ten1/9
                     far (AS 65002), which is also where forged packets come from

Targets: what AS 42 calls 42:7 is 65001:7 to AS 65001, and 42:8 is 65002:7 to AS 65002. The PEs and the third far end are BGP speakers in raw
octets, on the subnets of the border routers, so that no transport label is above theirs.
"""

import socket
import struct

from .attack import customer_packet
from .bgp_peer import (EVPN, MVPN4, VPNV4, BGPPeer, as_path, attribute, distinguisher, nlri, origin, reachable, unreachable,
                       update)
from .box import Box
from .namespaces import address_of, join
from .provider_edge import ProviderEdge
from .spoofer import Spoofer, label_attacks, labels_on, never_given

MTU = 1600
# Of IP packets and frames from border b to border a.
NNI_MTU = 1400
FAMILIES = (VPNV4, MVPN4, EVPN)
CORE = {"a": "10.98.0", "b": "10.97.0"}
SYSTEM = {"a": 42, "b": 65001, "far": 65002}
FAR_NNI = {"box": "198.51.100.1", "far": "198.51.100.2"}
NO_SEGMENT, TAG = bytes(10), struct.pack("!I", 7)

_LINKS = """\
hostname border{side}
!
port ten1/0
 device net_af_packet_p0,iface=p0
 mtu 1600
port ten1/3
 device net_af_packet_p3,iface=p3
 mtu 1600
{ports}!
interface ten1/0
 encap mpls optB
 ip address {own}/30
 mtu {mtu}
interface ten1/3
 encap mpls core
 ip address {core}.2/24
{nni}!
router bgp {system}
 neighbor {core}.1 remote-as {system}
 neighbor {other} remote-as {far}
 neighbor {other} timers 3 9
 neighbor {other} maximum-labels 1000
"""
_FAMILIES = ("vpnv4", "ipv4 mvpn", "l2vpn evpn")


def _family(name, lines):
    return f" address-family {name}\n" + "".join(f"  neighbor {line}\n" for line in lines)


def _segmentation(name, segmented, *neighbors):
    """Of the family of which a lab has it: tunnels end at the border."""
    return [f"{neighbor} segmentation" for neighbor in neighbors] if segmented and name == "ipv4 mvpn" else []


def border_a(segmented=False):
    head = _LINKS.format(
        side="a", own="192.0.2.1", other="192.0.2.2", core=CORE["a"], system=42, far=65001, mtu=MTU,
        ports="port ten1/9\n device net_af_packet_p9,iface=p9\n mtu 1600\n",
        nni=f"interface ten1/9\n encap mpls optB\n ip address {FAR_NNI['box']}/30\n")
    head += f" neighbor {FAR_NNI['far']} remote-as 65002\n neighbor {FAR_NNI['far']} timers 3 9\n"
    return head + "".join(_family(name, [
        "10.98.0.1 activate", "10.98.0.1 route-target import 42:7", "10.98.0.1 route-target import 42:8",
        "10.98.0.1 route-target export 42:7", "10.98.0.1 route-target export 42:8",
        "192.0.2.2 optB", "192.0.2.2 route-target import 65001:7 as 42:7", "192.0.2.2 route-target export 42:7 as 65001:7",
        "192.0.2.2 maximum-prefix 1000",
        "198.51.100.2 optB", "198.51.100.2 route-target import 65002:7 as 42:8",
        "198.51.100.2 route-target export 42:8 as 65002:7",
        *_segmentation(name, segmented, "192.0.2.2", "198.51.100.2")]) for name in _FAMILIES)


def border_b(segmented=False):
    head = _LINKS.format(side="b", own="192.0.2.2", other="192.0.2.1", core=CORE["b"], system=65001, far=42, ports="", nni="",
                         mtu=NNI_MTU)
    return head + "".join(_family(name, [
        "10.97.0.1 activate", "10.97.0.1 route-target import 65001:7", "10.97.0.1 route-target export 65001:7",
        "192.0.2.1 optB", "192.0.2.1 route-target import 65001:7", "192.0.2.1 route-target export 65001:7",
        *_segmentation(name, segmented, "192.0.2.1")])
        for name in _FAMILIES)


# Routes, by the diagrams of their RFCs


def typed(kind, value):
    return bytes([kind, len(value)]) + value


def ip(text):
    packed = socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
    return bytes([8 * len(packed)]) + packed


def field(label):
    return struct.pack("!I", label << 4)[1:]


def auto_discovery(rd, label, segment=bytes([9] * 10), tag=TAG):
    """RFC 7432 §7.1."""
    return typed(1, distinguisher(rd) + segment + tag + field(label))


def mac_address(rd, mac, *labels):
    """RFC 7432 §7.2."""
    return typed(2, distinguisher(rd) + NO_SEGMENT + TAG + b"\x30" + bytes.fromhex(mac.replace(":", "")) + b"\0"
                 + b"".join(map(field, labels)))


def inclusive(rd, originator):
    """RFC 7432 §7.3."""
    return typed(3, distinguisher(rd) + TAG + ip(originator))


def segment_route(rd, originator):
    """RFC 7432 §7.4."""
    return typed(4, distinguisher(rd) + bytes([9] * 10) + ip(originator))


def prefix_route(rd, address, length, label):
    """RFC 9136 §3.1."""
    return typed(5, distinguisher(rd) + NO_SEGMENT + TAG + bytes([length]) + socket.inet_aton(address) + bytes(4) + field(label))


def selective(rd, source, group, originator):
    """RFC 6514 §4.3."""
    return typed(3, distinguisher(rd) + ip(source) + ip(group) + socket.inet_aton(originator))


def leaf(asked, address):
    """RFC 6514 §4.4."""
    return typed(4, asked + socket.inet_aton(address))


def source_join(rd, system, source, group):
    """RFC 6514 §4.6."""
    return typed(7, distinguisher(rd) + struct.pack("!I", system) + ip(source) + ip(group))


def replication(label, end, asks=False):
    """PMSI_TUNNEL of type 6 (RFC 6514 §5)."""
    return attribute(0xC0, 22, bytes([asks, 6]) + field(label) + socket.inet_aton(end))


def target(text):
    """A route target as eight octets: of an AS, or of an address."""
    administrator, number = text.split(":")
    if "." in administrator:
        return b"\x01\x02" + socket.inet_aton(administrator) + struct.pack("!H", int(number))
    return struct.pack("!HHI", 0x0002, int(administrator), int(number))


class ServiceRelay:
    """The running lab: `boxes`, `edges` (PEs, and `far`) by name, and a packet socket of each."""

    def __init__(self, lab, segmented=False):
        self.boxes = {"a": Box(lab, "a", border_a(segmented)), "b": Box(lab, "b", border_b(segmented))}
        join(self.boxes["a"].ports, "p0", self.boxes["b"].ports, "p0", MTU)
        self.places, self.edges = {}, {}
        for side, box in self.boxes.items():
            edge = self.edges[side] = ProviderEdge.behind(
                lab, box, "p3", f"pe-{side}", f"{CORE[side]}.1", f"{CORE[side]}.2", SYSTEM[side], MTU, FAMILIES)
            self.places[side] = edge.namespace
        place = self.places["far"] = lab.namespace("far")
        join(place, "eth0", self.boxes["a"].ports, "p9", MTU)
        place.ip("address", "add", f"{FAR_NNI['far']}/30", "dev", "eth0")
        self.edges["far"] = BGPPeer(place, FAR_NNI["far"], FAR_NNI["box"], SYSTEM["far"], graceful_restart=120, families=FAMILIES)

    def start(self):
        for box in self.boxes.values():
            box.start()
        for edge in self.edges.values():
            edge.bring_up()
        self.sockets = {name: place.packet_socket("eth0") for name, place in self.places.items()}
        self.mac = {name: address_of(place, "eth0") for name, place in self.places.items()}
        self.mac |= {(side, port): address_of(box.ports, port) for side, box in self.boxes.items()
                     for port in (("p0", "p3", "p9") if side == "a" else ("p0", "p3"))}

    def tell(self, name, family, routes, targets, *others, via=None):
        """A PE, or the far end, announces routes with these targets (and other communities, as octets); `via` is another next hop."""
        edge = self.edges[name]
        communities = b"".join(text if isinstance(text, bytes) else target(text) for text in targets)
        own = as_path(SYSTEM["far"]) if name == "far" else as_path() + attribute(0x40, 5, struct.pack("!I", 100))
        hop = (bytes(8) if family == VPNV4 else b"") + socket.inet_aton(via or edge.local)
        edge.send(update(origin(), own, attribute(0xC0, 16, communities), *others,
                         reachable(edge.local, b"".join(routes), family, hop=hop)))

    def take_back(self, name, family, *routes):
        self.edges[name].send(update(unreachable(b"".join(routes), family)))

    def tell_vpn(self, name, prefix, rd, label, targets):
        self.tell(name, VPNV4, [nlri(prefix, rd, (label,))], targets)

    def heard(self, name, route):
        """What a PE has last been told of a route: its octets and its attributes; `None` if it has not, or not any more.

        The route is found by what identifies it: of EVPN routes of types 1, 2 and 5 all but labels, segment and gateway.
        """
        for _, octets, attributes in reversed(self.edges[name].signalled):
            if identity(octets) == identity(route):
                return None if attributes is None else (octets, attributes)
        return None

    def labels(self, name, route):
        """The labels of an EVPN route of type 1, 2 or 5 that a PE has been told; `None` without the route."""
        heard = self.heard(name, route)
        return heard and fields(heard[0])

    def tunnel(self, name, route):
        """(flags, type, label, end) of the tunnel of a route that a PE has been told; `None` without it."""
        heard = self.heard(name, route)
        if heard is None or 22 not in heard[1]:
            return None
        value = heard[1][22][1]
        return value[0], value[1], int.from_bytes(value[2:5], "big") >> 4, socket.inet_ntoa(value[5:9])

    def targets(self, name, route):
        """The extended communities of a route that a PE has been told."""
        value = self.heard(name, route)[1][16][1]
        return [value[position:position + 8] for position in range(0, len(value), 8)]

    def spoofer(self):
        """The third far end's place, from which forged frames go to border a."""
        return Spoofer(self.boxes["a"], self.sockets["far"], self.mac["far"], self.mac["a", "p9"],
                       [self.sockets[side] for side in "ab"],
                       lambda marker: customer_packet(marker, "10.3.0.5", "10.1.0.5"))


def fields(route):
    value = route[2:]
    if route[0] == 1:
        octets = value[22:]
    elif route[0] == 2:
        octets = value[30 + value[29] // 8:]
    else:
        octets = value[-3:]
    return [int.from_bytes(octets[position:position + 3], "big") >> 4 for position in range(0, len(octets), 3)]


def identity(route):
    kind, value = route[0], route[2:]
    # MCAST-VPN types 1 and 2 are not told in this lab.
    if kind == 1:
        return kind, value[:22]
    if kind == 2:
        return kind, value[:8] + value[18:30 + value[29] // 8]
    if kind == 5:
        return kind, value[:8] + value[18:27]
    return kind, value


def attack_table(relay, spoofer, own):
    """What is forged, and between what the third far end may send: `own` is the label that it was told."""
    box = relay.boxes["a"]
    others = {"another NNI": labels_on(box, "ten1/0")[0], "the core": labels_on(box, "core")[0], "a PE": 3002}
    return [spoofer.labels("its own label", [own], arrives=True),
            *(spoofer.labels(name, stack) for name, stack in label_attacks([own], others, never_given(box, own))),
            spoofer.packets("less than an Ethernet header", lambda marker: marker.encode()[:13], stack=[own]),
            spoofer.labels("its own label again", [own], arrives=True)]
