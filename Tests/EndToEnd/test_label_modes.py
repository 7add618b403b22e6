"""Label modes of VRFs, byte for byte: what a VRF's labels mean to the core (docs/label-modes.md), in the cases that need it.

      core ── ten1/3 box ten1/1 ── the hub's router 10.1.0.2                VRF hub
                         ten1/2 ── a customer's router 10.2.0.2 by BIRD      VRF edge
                         ten1/4 ── a peer's router 10.4.0.2                 VRF internet
                         ten1/5 ── another peer's router 10.5.0.2           VRF internet

The core is a PE in raw octets at 10.98.0.1, on the subnet of ten1/3, so that no transport label is above the VPN's.
"""

import time

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.namespaces import address_of, join
from stilelab.bgp_peer import as_path, attribute, nlri, origin, reachable, route_target, update
from stilelab.option_b import ProviderEdge
from stilelab.routers import BIRDRouter
from stilelab.spoofer import Spoofer, never_given

MTU = 1600
PORTS = {"hub": ("p1", "10.1.0"), "edge": ("p2", "10.2.0"), "peer": ("p4", "10.4.0"), "other": ("p5", "10.5.0")}
RD = {"hub": "42:1", "edge": "42:2", "internet": "42:3"}
SPOKES = {"a": ("10.50.0.0/24", "10.50.0.5", 3001), "b": ("10.50.1.0/24", "10.50.1.5", 3002)}
# The customer's router has it by BGP, and another PE too.
SHARED = "10.61.0.0/16"
# What a full table would be, in small: more routes than labels.
MANY = [f"100.64.{number}.0/24" for number in range(60)]


def configuration(hub="per-next-hop", edge="per-prefix", internet="per-next-hop", many=False, maximum=None):
    routes = "".join(f"ip route vrf internet {prefix} 10.4.0.2\n" for prefix in MANY) if many else ""
    label_range = "mpls label range 2000 2039\n" if many else ""
    modes = {"hub": hub, "edge": edge, "internet": internet}
    vrfs = "".join(f"ip vrf {name}\n rd {RD[name]}\n route-target both {RD[name]}\n label mode {mode}\n"
                   + (f" maximum labels {maximum}\n" if maximum and name == "internet" else "") for name, mode in modes.items())
    families = "".join(f" address-family ipv4 vrf {name}\n  redistribute static\n  redistribute connected\n" for name in modes)
    ports = "".join(f"port ten1/{number}\n device net_af_packet_p{number},iface=p{number}\n mtu {MTU}\n" for number in range(1, 6))
    return f"""\
hostname pe42
!
{ports}!
mpls label quarantine 5
{label_range}!
{vrfs}!
interface ten1/1
 vrf definition hub
 ip address 10.1.0.1/24
interface ten1/2
 vrf definition edge
 ip address 10.2.0.1/24
interface ten1/4
 vrf definition internet
 ip address 10.4.0.1/24
interface ten1/5
 vrf definition internet
 ip address 10.5.0.1/24
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
!
ip route vrf hub 0.0.0.0/0 10.1.0.2
ip route vrf edge 10.60.0.0/16 10.2.0.2 210
ip route vrf internet 198.18.4.0/24 10.4.0.2
ip route vrf internet 198.18.5.0/24 10.5.0.2
{routes}ip prefix-list sites permit {SHARED}
!
router bgp 42
 bgp bestpath as-path multipath-relax
 neighbor 10.98.0.1 remote-as 42
 address-family vpnv4
  neighbor 10.98.0.1 activate
""" + families + """\
 address-family ipv4 vrf edge
  maximum-paths eibgp 2
  neighbor 10.2.0.2 remote-as 65100
  neighbor 10.2.0.2 timers 3 9
  neighbor 10.2.0.2 prefix-list sites in
"""


class Modes:
    def __init__(self, lab):
        self.box = Box(lab, "box", configuration())
        self.places = {}
        for name, (port, subnet) in PORTS.items():
            place = self.places[name] = lab.namespace(name)
            place.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
            join(place, "eth0", self.box.ports, port, MTU)
            place.ip("address", "add", f"{subnet}.2/24", "dev", "eth0")
        core = self.places["core"] = lab.namespace("core")
        join(core, "eth0", self.box.ports, "p3", MTU)
        core.ip("address", "add", "10.98.0.1/24", "dev", "eth0")
        self.edge = ProviderEdge(core, "10.98.0.1", "10.98.0.2", 42)
        self.box.start()
        BIRDRouter(lab, self.places["edge"], "10.2.0.2", f"""\
protocol static {{ ipv4; route {SHARED} unreachable; }}
protocol bgp customer {{
  local 10.2.0.2 as 65100; neighbor 10.2.0.1 as 42;
  hold time 9; connect retry time 1; connect delay time 1; error wait time 1, 2;
  ipv4 {{ import all; export where source = RTS_STATIC; }};
}}
""").start()
        self.edge.connect(60)
        for prefix, _, label in SPOKES.values():
            self.edge.tell(prefix, "42:101", RD["hub"], label)
        self.edge.end_of_rib()
        self.sockets = {name: place.packet_socket("eth0") for name, place in self.places.items()}
        self.mac = {name: address_of(place, "eth0") for name, place in self.places.items()}
        self.own = {name: address_of(self.box.ports, port) for name, (port, _) in PORTS.items()}
        self.own["core"] = address_of(self.box.ports, "p3")
        for vrf, prefix in (("hub", "0.0.0.0/0"), ("edge", "10.60.0.0/16"), ("internet", "198.18.5.0/24")):
            self.box.wait(lambda: self.label(vrf, prefix) is not None, f"a label for {prefix}")
        for name, (_, subnet) in PORTS.items():
            self.box.wait(lambda: any(entry["address"] == f"{subnet}.2" and entry.get("mac_address")
                                      for entry in self.box.json("show", "neighbors")["neighbors"]), f"{name} is known")

    def label(self, vrf, prefix):
        return self.edge.label_of(RD[vrf], prefix)

    def replace(self, **options):
        self.box.replace(configuration(**options))

    def from_core(self, label, destination, marker, source="10.50.0.5"):
        """Sends a packet with a label from the core."""
        for socket in self.sockets.values():
            socket.drain()
        frame = Ether(src=self.mac["core"], dst=self.own["core"], type=0x8847) / MPLS(label=label, cos=5, s=1, ttl=64)
        self.sockets["core"].send(bytes(frame / packet(marker, destination, source, 17)))

    def arrives(self, name, destination, marker, source="10.50.0.5"):
        """Whether the packet leaves by the circuit, byte for byte, and by no other."""
        got = receive(self.sockets[name], marker)
        assert got == bytes(Ether(src=self.own[name], dst=self.mac[name]) / packet(marker, destination, source, 16)), name
        return all(receive(self.sockets[other], marker, 0.1) is None for other in PORTS if other != name)


def packet(marker, destination, source, ttl):
    return IP(src=source, dst=destination, ttl=ttl, id=9, tos=0xB8) / UDP(sport=1111, dport=2222) / Raw(marker.encode())


def packet6(marker):
    return IPv6(src="2001:db8:50::5", dst="2001:db8:5::9", hlim=17) / UDP(sport=1111, dport=2222) / Raw(marker.encode())


def receive(socket, marker, seconds=2):
    """The next frame with the marker that was not sent from here; None if none comes."""
    end = time.monotonic() + seconds
    while (found := socket.receive(max(end - time.monotonic(), 0.01))) is not None:
        if marker.encode() in found:
            return found
        if time.monotonic() > end:
            return None
    return None


@pytest.fixture(scope="module")
def modes(lab):
    return Modes(lab)


def test_a_one_arm_hub_gets_what_spokes_send_each_other(modes):
    """A spoke's packet to another goes out to the hub, though a lookup would turn it back; the hub's router sends it on."""
    destination = SPOKES["b"][1]
    modes.from_core(modes.label("hub", "0.0.0.0/0"), destination, "to-hub")
    assert modes.arrives("hub", destination, "to-hub")
    frame = Ether(src=modes.mac["hub"], dst=modes.own["hub"]) / packet("from-hub", destination, "10.50.0.5", 17)
    modes.sockets["hub"].send(bytes(frame))
    expected = (Ether(src=modes.own["core"], dst=modes.mac["core"], type=0x8847)
                / MPLS(label=SPOKES["b"][2], cos=5, s=1, ttl=16) / packet("from-hub", destination, "10.50.0.5", 16))
    assert receive(modes.sockets["core"], "from-hub") == bytes(expected)


def test_per_vrf_the_hub_would_be_passed_by(modes):
    modes.replace(hub="per-vrf")
    modes.box.wait(lambda: modes.label("hub", "0.0.0.0/0") == modes.label("hub", "10.1.0.0/24"), "the VRF's label")
    before = modes.box.drops()
    modes.from_core(modes.label("hub", "0.0.0.0/0"), SPOKES["b"][1], "turned-back")
    assert receive(modes.sockets["hub"], "turned-back") is None
    modes.box.wait(lambda: sum(modes.box.drops().get((name, "core_to_core"), 0) - before.get((name, "core_to_core"), 0)
                               for name, _ in modes.box.drops()) >= 1, "it was dropped")
    modes.replace()
    modes.box.wait(lambda: modes.label("hub", "0.0.0.0/0") != modes.label("hub", "10.1.0.0/24"), "the next hop's label")


def test_connected_subnets_have_the_label_of_the_vrf(modes):
    labels = {entry["label"]: entry for entry in modes.box.json("show", "labels")["labels"]}
    assert labels[modes.label("hub", "0.0.0.0/0")]["subject"] == "ipv4 by 10.1.0.2 on ten1/1"
    assert labels[modes.label("hub", "10.1.0.0/24")].get("subject") is None
    assert labels[modes.label("edge", "10.60.0.0/16")]["subject"] == "10.60.0.0/16"
    assert labels[modes.label("edge", "10.60.0.0/16")]["way"] == "10.2.0.2 on ten1/2"


def test_a_packet_that_is_diverted_to_the_backup_does_not_come_back(modes):
    """PIC edge: the other PE has lost its own way and sends packets here, where its own route has become the best meanwhile. Who has
    read of the withdrawal may have packets on their way for some seconds."""
    label = modes.label("edge", "10.60.0.0/16")
    modes.edge.tell("10.60.0.0/16", "42:102", RD["edge"], 3060)
    modes.box.wait(lambda: modes.label("edge", "10.60.0.0/16") is None, "the other PE's route is the best")
    modes.from_core(label, "10.60.0.5", "diverted")
    assert modes.arrives("edge", "10.60.0.5", "diverted")
    modes.edge.take_back("10.60.0.0/16", "42:102")
    modes.box.wait(lambda: modes.label("edge", "10.60.0.0/16") is not None, "our own again")


def test_what_another_pe_sends_here_is_not_shared_with_it(modes):
    """eiBGP load sharing: the route has two paths at the same time, and each packet from the core leaves by the circuit."""
    modes.box.wait(lambda: modes.label("edge", SHARED) is not None, "the customer's route is told", 60)
    modes.edge.send(update(origin(), as_path(65100), attribute(0x40, 5, (100).to_bytes(4, "big")), route_target(RD["edge"]),
                           reachable("10.98.0.1", nlri(SHARED, "42:102", (3061,)))))
    def next_hops():
        routes = modes.box.json("show", "routes", "vrf", "edge", "ipv4")["routes"]
        return next((len(route["next_hops"]) for route in routes if route["prefix"] == SHARED), 0)
    modes.box.wait(lambda: next_hops() == 2, "both paths are used")
    for flow in range(16):
        destination = f"10.61.0.{flow + 1}"
        modes.from_core(modes.label("edge", SHARED), destination, f"shared-{flow:02}")
        assert modes.arrives("edge", destination, f"shared-{flow:02}")
    modes.edge.take_back(SHARED, "42:102")
    modes.box.wait(lambda: next_hops() == 1, "one is left")


def test_the_label_of_a_prefix_stays_when_its_circuit_neighbor_is_another(modes):
    label = modes.label("edge", "10.60.0.0/16")
    modes.places["edge"].ip("address", "add", "10.2.0.3/24", "dev", "eth0")
    text = configuration().replace("10.60.0.0/16 10.2.0.2 210", "10.60.0.0/16 10.2.0.3 210")
    modes.box.replace(text)
    ways = lambda: {entry["label"]: entry.get("way") for entry in modes.box.json("show", "labels")["labels"]}  # noqa: E731
    modes.box.wait(lambda: ways()[label] == "10.2.0.3 on ten1/2", "it leads to the other")
    assert modes.label("edge", "10.60.0.0/16") == label
    modes.replace()
    modes.box.wait(lambda: ways()[label] == "10.2.0.2 on ten1/2", "it leads back")


def test_a_label_says_by_which_peer_a_packet_leaves(modes):
    """Egress peer engineering: whatever the destination, also one that is routed by the other peer or by none."""
    for name, prefix in (("peer", "198.18.4.0/24"), ("other", "198.18.5.0/24")):
        for destination in ("198.18.4.9", "198.18.5.9", "203.0.113.9"):
            marker = f"{name}-{destination}"
            modes.from_core(modes.label("internet", prefix), destination, marker)
            assert modes.arrives(name, destination, marker)


def test_what_the_box_tells_of_a_label(modes):
    label = modes.label("internet", "198.18.5.0/24")
    isolation = modes.box.json("show", "isolation")
    assert isolation["violations"] == []
    doors = {door["label"]: door for vrf in isolation["vrfs"] for door in vrf["entrances"] if "label" in door}
    assert doors[label]["subject"] == "ipv4 by 10.5.0.2 on ten1/5" and doors[label]["way"] == "ten1/5"
    text = modes.box.text("explain", "packet", "in", "ten1/3", "label", str(label), "src", "10.50.0.5", "dst", "203.0.113.9")
    assert "vrf internet, ipv4 by 10.5.0.2 on ten1/5" in text and "10.5.0.2 on ten1/5" in text


def test_no_forged_packet_leaves(modes):
    """Labels that were given to nobody, one too deep, reserved ones, and a packet of the other family: none arrives anywhere, and
    the box says of each why."""
    label = modes.label("internet", "198.18.5.0/24")
    never = never_given(modes.box, label)
    spoofer = Spoofer(modes.box, modes.sockets["core"], modes.mac["core"], modes.own["core"], modes.sockets.values(),
                      lambda marker: packet(marker, "198.18.5.9", "10.50.0.5", 17))
    forged = {
        spoofer.labels("a label never given", [never]): "label_not_valid_here",
        spoofer.labels("one label too deep, the same", [label, label]): "label_stack_depth",
        spoofer.labels("one label too deep, one never given", [label, never]): "label_stack_depth",
        spoofer.labels("two labels too deep", [label, label, never]): "label_stack_depth",
        **{spoofer.labels(f"reserved label {number}", [number]): "label_reserved" for number in (0, 3, 14)},
        spoofer.packets("IPv6 by a label of IPv4", packet6, stack=[label]): "family_not_carried",
    }
    own = spoofer.labels("its own label", [label], arrives=True)
    rows, failures = spoofer.run([own, *forged])
    assert not failures
    reasons = {name: reasons.split(", ") for name, _, _, _, reasons in rows}
    for forgery, reason in forged.items():
        assert f"{reason} {forgery.count}" in reasons[forgery.name], (forgery.name, reasons[forgery.name])
    modes.from_core(label, "198.18.5.9", "after-all")
    assert modes.arrives("other", "198.18.5.9", "after-all")


def test_another_mode_loses_no_packet(modes):
    """Of a live VRF, from each mode to each other, under traffic by the labels that the core has at each moment."""
    prefix, destination = "198.18.4.0/24", "198.18.4.9"
    orders = ["per-vrf", "per-prefix", "per-next-hop", "per-vrf", "per-next-hop", "per-prefix", "per-next-hop"]
    sent, labels, seen = 0, set(), set()
    for socket in modes.sockets.values():
        socket.drain()
    before = modes.box.drops()
    for order in orders:
        modes.replace(internet=order)
        end = time.monotonic() + 2
        while time.monotonic() < end:
            label = modes.label("internet", prefix)
            labels.add(label)
            frame = Ether(src=modes.mac["core"], dst=modes.own["core"], type=0x8847) / MPLS(label=label, cos=5, s=1, ttl=64)
            modes.sockets["core"].send(bytes(frame / packet(f"moving-{sent:05}", destination, "10.50.0.5", 17)))
            sent += 1
            time.sleep(0.004)
            if got := receive(modes.sockets["peer"], "moving-", 0):
                seen.add(got[got.find(b"moving-"):][:12])
    while len(seen) < sent and (got := receive(modes.sockets["peer"], "moving-", 2)) is not None:
        seen.add(got[got.find(b"moving-"):][:12])
    drops = {key: count - before.get(key, 0) for key, count in modes.box.drops().items() if count != before.get(key, 0)}
    assert len(seen) == sent, drops
    assert None not in labels and len(labels) >= 3


def test_more_routes_than_labels_need_the_mode_per_vrf(modes):
    """The Internet in a VRF, in small: per prefix the labels run out, nothing is used twice, and the box says so."""
    # Without a limit of its own the VRF has a quarter of the range, and at least 16 labels; with one as many as there are: of 40 an
    # eighth is not for routes.
    for maximum, least, most, reason in ((None, 8, 16, "maximum labels reached"), (1000, 20, 35, "no label is free")):
        modes.replace(internet="per-prefix", many=True, maximum=maximum)
        modes.box.wait(lambda: sum(modes.label("internet", prefix) is not None for prefix in MANY) >= least, "some have labels", 60)
        time.sleep(2)
        told = {prefix: modes.label("internet", prefix) for prefix in MANY}
        labels = [label for label in told.values() if label is not None]
        assert least <= len(labels) <= most and len(set(labels)) == len(labels)
        assert all(2000 <= label <= 2039 for label in labels)
        status = modes.box.json("show", "status")
        alarms = [alarm for alarm in status["alarms"] if alarm["kind"] == "labels_without_room"]
        assert alarms and "internet" in alarms[0]["subjects"]
        assert reason in modes.box.log_ends()
        modes.replace(internet="per-vrf", many=True)
        modes.box.wait(lambda: len({modes.label("internet", prefix) for prefix in MANY}) == 1
                       and modes.label("internet", MANY[0]) is not None, "one label for all", 60)
        wait_until(lambda: not [alarm for alarm in modes.box.json("show", "status")["alarms"]
                                if alarm["kind"] == "labels_without_room"], "the alarm is over", 30)
        # Labels that the core had are free again.
        time.sleep(6)
    modes.from_core(modes.label("internet", MANY[50]), "100.64.50.9", "of-many")
    assert modes.arrives("peer", "100.64.50.9", "of-many")
