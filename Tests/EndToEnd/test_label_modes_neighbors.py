"""Label modes of a VRF where they meet the rest of the box, byte for byte, with IPv4 and IPv6: Option B neighbors that are told its
labels, transit between them, services of the unit and of the circuit, and `stiled` killed under traffic.

      far end ── ten1/0 ┐                    ┌ ten1/1 ── a router at 10.1.0.2, 2001:db8:1::2
      AS 65001          │ box, VRF net       │
      other   ── ten1/9 │ (`label mode`,     ├ ten1/2 ── another at 10.2.0.2, 2001:db8:2::2
      AS 65002          ┘  `optB`, transit)  │
                                             └ ten1/3 ── core, a PE at 10.98.0.1

The two operators' border routers and the PE are BGP speakers in raw octets.
"""

import time

import pytest
from frames_bench import check_six_against_a_burst_of_three
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.bgp_peer import VPNV4, VPNV6, BGPPeer, as_path, attribute, nlri, origin, reachable, route_target, update
from stilelab.box import Box
from stilelab.namespaces import address_of, join
from stilelab.numbered_frames import PAYLOAD, NumberedFrames
from stilelab.provider_edge import ProviderEdge
from stilelab.spoofer import Spoofer, label_attacks, never_given
from test_label_modes import receive

MTU = 1600
FAMILIES = ("ipv4", "ipv6")
PORTS = {"far": "p0", "one": "p1", "two": "p2", "core": "p3", "other": "p9"}
RD = "42:5"
SOURCE = {"ipv4": "10.50.0.5", "ipv6": "2001:db8:50::5"}
# By whom a prefix is reached: a circuit's router, the PE (label 3001) or the far end (label 5001).
PREFIX = {"one": {"ipv4": "198.18.1.0/24", "ipv6": "2001:db8:101::/48"}, "two": {"ipv4": "198.18.2.0/24", "ipv6": "2001:db8:102::/48"},
          "core": {"ipv4": "10.50.0.0/24", "ipv6": "2001:db8:50::/48"}, "far": {"ipv4": "10.77.0.0/24", "ipv6": "2001:db8:77::/48"}}
HOST = {name: {family: prefix.split("/")[0].removesuffix("0") + "9" for family, prefix in prefixes.items()}
        for name, prefixes in PREFIX.items()}
LABEL_OF = {"core": 3001, "far": 5001}
# Who has a label for whose prefixes: nobody is told his own routes, and the core none of its own.
PAIRS = [(sender, to) for sender in ("core", "far", "other") for to in PREFIX if sender != to]


def configuration(mode="per-next-hop", transit=True, definitions="", unit=(), circuit=()):
    ports = "".join(f"port ten1/{port[1:]}\n device net_af_packet_{port},iface={port}\n mtu {MTU}\n" for port in PORTS.values())
    family = "".join(
        f"  neighbor {peer} optB\n  neighbor {peer} route-target import 42:5\n  neighbor {peer} route-target export 42:5\n"
        for peer in ("192.0.2.2", "198.51.100.2"))
    return f"""\
hostname border42
!
{ports}!
mpls label quarantine 5
!
ip vrf net
 rd {RD}
 route-target both 42:5
 label mode {mode}
 optB
{" optE transit" if transit else ""}
!
{definitions}interface ten1/0
 encap mpls optB
 ip address 192.0.2.1/30
interface ten1/9
 encap mpls optB
 ip address 198.51.100.1/30
interface ten1/0.5
 vrf definition net
{"".join(f" {line}" + chr(10) for line in unit)}interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
interface ten1/1
 vrf definition net
 ip address 10.1.0.1/24
 ipv6 address 2001:db8:1::1/64
{"".join(f" {line}" + chr(10) for line in circuit)}interface ten1/2
 vrf definition net
 ip address 10.2.0.1/24
 ipv6 address 2001:db8:2::1/64
!
ip route vrf net {PREFIX["one"]["ipv4"]} 10.1.0.2
ip route vrf net {PREFIX["two"]["ipv4"]} 10.2.0.2
ipv6 route vrf net {PREFIX["one"]["ipv6"]} 2001:db8:1::2
ipv6 route vrf net {PREFIX["two"]["ipv6"]} 2001:db8:2::2
!
router bgp 42
 neighbor 10.98.0.1 remote-as 42
 neighbor 192.0.2.2 remote-as 65001
 neighbor 198.51.100.2 remote-as 65002
 address-family vpnv4
  neighbor 10.98.0.1 activate
{family} address-family vpnv6
  neighbor 10.98.0.1 activate
{family} address-family ipv4 vrf net
  redistribute static
 address-family ipv6 vrf net
  redistribute static
"""


def mode_of(subject):
    """What `show labels` says that a label is about in the mode; nothing but the VRF: None."""
    return "per-vrf" if subject is None else "per-next-hop" if " by " in subject else "per-prefix"


def packet(family, destination, marker, ttl, port=2222):
    head = (IP(src=SOURCE[family], dst=destination, ttl=ttl, id=9, tos=0xB8) if family == "ipv4"
            else IPv6(src=SOURCE[family], dst=destination, hlim=ttl, tc=0xB8))
    return head / UDP(sport=1111, dport=port) / Raw(marker.encode().ljust(24, b"."))


class Neighbors:
    def __init__(self, lab):
        self.box = Box(lab, "box", configuration())
        self.places = {name: lab.namespace(name) for name in PORTS if name != "core"}
        self.peers = {"core": ProviderEdge.behind(lab, self.box, PORTS["core"], "core", "10.98.0.1", "10.98.0.2", 42, MTU)}
        self.places["core"] = self.peers["core"].namespace
        for name, subnet in (("one", 1), ("two", 2)):
            place = self.places[name]
            join(place, "eth0", self.box.ports, PORTS[name], MTU)
            place.ip("address", "add", f"10.{subnet}.0.2/24", "dev", "eth0")
            place.ip("address", "add", f"2001:db8:{subnet}::2/64", "dev", "eth0", "nodad")
        for name, address, gateway, system in (("far", "192.0.2.2", "192.0.2.1", 65001), ("other", "198.51.100.2", "198.51.100.1", 65002)):
            join(self.places[name], "eth0", self.box.ports, PORTS[name], MTU)
            self.places[name].ip("address", "add", f"{address}/30", "dev", "eth0")
            self.peers[name] = BGPPeer(self.places[name], address, gateway, system, graceful_restart=120)
        self.box.start()
        self.connect()
        self.sockets = {name: place.packet_socket("eth0") for name, place in self.places.items()}
        self.mac = {name: address_of(place, "eth0") for name, place in self.places.items()}
        self.own = {name: address_of(self.box.ports, port) for name, port in PORTS.items()}
        self.wait_until_told()
        # Each neighbor's Ethernet address is known when the first packet by its label gets through.
        for family in FAMILIES:
            for sender, to in PAIRS:
                self.box.wait(lambda: self.crosses(sender, to, family, "first"), f"{family} from {sender} to {to}")

    def connect(self):
        """The sessions of all, with all that they have to tell."""
        for name, peer in self.peers.items():
            peer.connect(60)
            if name in LABEL_OF:
                # LOCAL_PREF is for the own network alone.
                path = [as_path(), attribute(0x40, 5, (100).to_bytes(4, "big"))] if name == "core" else [as_path(65001)]
                for family, identifier in (("ipv4", VPNV4), ("ipv6", VPNV6)):
                    route = nlri(PREFIX[name][family], "42:101" if name == "core" else "65001:1", (LABEL_OF[name],))
                    peer.send(update(origin(), *path, route_target("42:5"), reachable(peer.local, route, identifier)))
            peer.end_of_rib()

    def label(self, sender, to, family):
        """The label that a neighbor has been told with whose prefix; None without one."""
        return self.peers[sender].label_of(RD, PREFIX[to][family])

    def labels(self):
        return {(sender, to, family): self.label(sender, to, family) for sender, to in PAIRS for family in FAMILIES}

    def wait_until_told(self, mode="per-next-hop"):
        """Waits until all have labels of the mode."""
        def have_all():
            subjects = {entry["label"]: entry.get("subject") for entry in self.box.json("show", "labels")["labels"]}
            return all(label in subjects and mode_of(subjects[label]) == mode for label in self.labels().values())
        self.box.wait(have_all, f"labels {mode}", 60)

    def replace(self, **options):
        self.box.replace(configuration(**options))

    def frame(self, sender, label, family, destination, marker, port=2222):
        return bytes(Ether(src=self.mac[sender], dst=self.own[sender], type=0x8847) / MPLS(label=label, cos=5, s=1, ttl=64)
                     / packet(family, destination, marker, 17, port))

    def expected(self, to, family, destination, marker, port=2222):
        """What comes out at a circuit's router, the PE or the far end."""
        ethernet = Ether(src=self.own[to], dst=self.mac[to])
        if to in LABEL_OF:
            ethernet = Ether(src=self.own[to], dst=self.mac[to], type=0x8847) / MPLS(label=LABEL_OF[to], cos=5, s=1, ttl=16)
        return bytes(ethernet / packet(family, destination, marker, 16, port))

    def crosses(self, sender, to, family, marker, destination=None, label=None):
        """Whether a packet by a label leaves as it is to, and nowhere else."""
        marker, destination = f"{marker}-{sender}-{to}-{family}", destination or HOST[to][family]
        for socket in self.sockets.values():
            socket.drain()
        self.sockets[sender].send(self.frame(sender, label or self.label(sender, to, family), family, destination, marker))
        got = receive(self.sockets[to], marker, 1)
        elsewhere = [name for name, socket in self.sockets.items() if name != to and receive(socket, marker, 0.02) is not None]
        return got == self.expected(to, family, destination, marker) and not elsewhere

    def dropped(self, sender, label, family, destination, marker, port=2222):
        """The reasons why a packet was dropped; nothing arrives anywhere. What the box's own kernel sends meanwhile does not count."""
        for socket in self.sockets.values():
            socket.drain()
        before = self.box.drops()

        def reasons():
            return {key[1] for key, count in self.box.drops().items() if count > before.get(key, 0)} - {"kernel_packet_ignored"}

        self.sockets[sender].send(self.frame(sender, label, family, destination, marker, port))
        self.box.wait(reasons, "it is dropped")
        assert all(receive(socket, marker, 0.05) is None for socket in self.sockets.values())
        return reasons()


@pytest.fixture(scope="module")
def net(lab):
    return Neighbors(lab)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("mode", ["per-prefix", "per-vrf", "per-next-hop"])
def test_whoever_is_told_a_label_gets_through_by_it(net, mode, family):
    """From the core and from both operators' border routers, to circuits, to the PE and, with transit, to the far end."""
    net.replace(mode=mode)
    net.wait_until_told(mode)
    for sender, to in PAIRS:
        assert net.crosses(sender, to, family, mode), (sender, to)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("sender", ["core", "far", "other"])
def test_a_next_hop_s_label_leads_there_whatever_the_destination(net, sender, family):
    for to in ("one", "two"):
        for destination in (HOST["one"][family], HOST["two"][family], {"ipv4": "203.0.113.9", "ipv6": "2001:db8:ffff::9"}[family]):
            assert net.crosses(sender, to, family, destination[-6:], destination)
    if sender == "other":
        assert net.crosses(sender, "far", family, "engineered", HOST["one"][family])
        assert net.crosses(sender, "core", family, "engineered", HOST["one"][family])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_label_is_its_neighbor_s_and_its_family_s_alone(net, family):
    """On each NNI: no label of the core, of the other NNI, of a circuit's or PE's own, none too deep, no reserved one."""
    for sender, elsewhere in (("far", "other"), ("other", "far"), ("core", "far")):
        own = net.label(sender, "two", family)
        others = {name: net.label(name, "two", family) for name in ("core", "far", "other") if name != sender}
        spoofer = Spoofer(net.box, net.sockets[sender], net.mac[sender], net.own[sender], net.sockets.values(),
                          lambda marker: packet(family, HOST["two"][family], marker, 17))
        own_again = spoofer.labels("its own label", [own], arrives=True)
        rows, failures = spoofer.run([own_again, *(
            spoofer.labels(name, stack) for name, stack in label_attacks([own], others | {"a PE": 3001}, never_given(net.box, own))
            if sender != "core" or stack)])
        assert not failures and len(rows) > 10
        wrong = FAMILIES[1 - FAMILIES.index(family)]
        assert net.dropped(sender, own, wrong, HOST["two"][wrong], f"wrong-{sender}") == {"family_not_carried"}


@pytest.mark.parametrize("mode", ["per-next-hop", "per-prefix"])
def test_without_transit_no_label_leads_from_nni_to_nni(net, mode):
    net.replace(mode=mode)
    net.wait_until_told(mode)
    labels = {family: net.label("other", "far", family) for family in FAMILIES}
    net.replace(mode=mode, transit=False)
    net.box.wait(lambda: net.label("other", "far", "ipv4") is None and net.label("other", "far", "ipv6") is None, "they are withdrawn")
    for family in FAMILIES:
        # Who has not read that yet gets nothing through.
        assert net.dropped("other", labels[family], family, HOST["far"][family], f"late-{family}") <= {
            "label_withdrawn", "label_not_valid_here", "transit_not_allowed"}
        for sender, to in PAIRS:
            if (sender, to) != ("other", "far"):
                assert net.crosses(sender, to, family, f"{mode}-still"), (sender, to)
    net.replace()
    net.wait_until_told()


@pytest.mark.parametrize("family", FAMILIES)
def test_access_lists_hold_for_packets_by_a_next_hop(net, family):
    """The unit's for what comes in, the circuit's for what goes out."""
    kind, line = (("ip access-list extended", "ip access-group") if family == "ipv4" else ("ipv6 access-list", "ipv6 traffic-filter"))
    label = net.label("far", "one", family)
    for place, direction in (("unit", "in"), ("circuit", "out")):
        name = f"probe-{direction}"
        net.replace(definitions=f"{kind} {name}\n 10 permit udp any any eq 2222\n!\n", **{place: [f"{line} {name} {direction}"]})
        assert net.label("far", "one", family) == label
        assert net.crosses("far", "one", family, f"listed-{direction}")
        assert net.dropped("far", label, family, HOST["one"][family], f"refused-{direction}", 2223) == {"access_list_denied"}
        # Another NNI has a unit of its own, and so has the core.
        assert net.crosses("core", "two", family, f"beside-{direction}")
    net.replace()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("place, direction", [("unit", "input"), ("circuit", "output")])
def test_policers_hold_for_packets_by_a_next_hop(net, place, direction, family):
    """80 kbit/s is ten packets of 1,000 octets a second: of six at once the burst's three pass, and what comes in while they do."""
    definition = ("policy-map slow\n class class-default\n  police cir 80000 bc 3000 conform-action transmit exceed-action drop\n!\n")
    net.replace(definitions=definition, **{place: [f"service-policy {direction} slow"]})
    marker = f"police {direction} {family}".ljust(1000 - (28 if family == "ipv4" else 48), ".")
    sent = net.frame("far", net.label("far", "one", family), family, HOST["one"][family], marker)
    expected = net.expected("one", family, HOST["one"][family], marker)
    interface = "ten1/0.5" if place == "unit" else "ten1/1"

    def classes():
        policies = net.box.json("show", "policy-map", "interface", interface)["policies"]
        found = next(entry for policy in policies for entry in policy["classes"] if entry["name"] == "class-default")
        return {colour: (found[colour]["packets"], found[colour]["bytes"]) for colour in ("green", "yellow", "red")}
    for socket in net.sockets.values():
        socket.drain()
    before = classes()
    time.sleep(0.35)
    check_six_against_a_burst_of_three(net.sockets["far"], sent, net.sockets["one"], expected, before, classes)
    net.replace()


@pytest.mark.parametrize("mode", ["per-next-hop", "per-prefix"])
def test_the_control_process_is_killed_and_nothing_is_lost(net, mode):
    """`kill -9` under traffic by every label that anybody has, and a start again: the same labels, and no packet lost."""
    net.replace(mode=mode)
    net.wait_until_told(mode)
    time.sleep(1)
    labels, generation = net.labels(), net.box.json("show", "status")["generation_in_use"]
    streams = {}
    for (sender, to, family), label in labels.items():
        frame = net.frame(sender, label, family, HOST[to][family], "x" * len(PAYLOAD))
        streams[sender, to, family] = NumberedFrames(net.places[sender].packet_socket("eth0"), frame[:-len(PAYLOAD)] + PAYLOAD,
                                                     net.places[to].packet_socket("eth0"), 0.02)
    try:
        time.sleep(1)
        net.box.kill_control()
        time.sleep(1)
        net.box.start_control()
        net.connect()
        net.box.wait(lambda: net.box.json("show", "status")["generation_in_use"] > generation, "a new generation is in use", 60)
        net.box.wait(lambda: net.labels() == labels, "all have the labels that they had", 60)
        time.sleep(1)
    finally:
        outcomes = {key: stream.finish() for key, stream in streams.items()}
    lost = {key: sum(not has_arrived for _, has_arrived in outcome) for key, outcome in outcomes.items()}
    assert all(len(outcome) > 100 for outcome in outcomes.values()) and not any(lost.values()), lost
    net.box.wait(lambda: net.box.json("show", "isolation")["violations"] == [], "nothing crosses")
    for (sender, to, family) in labels:
        assert net.crosses(sender, to, family, "afterwards"), (sender, to, family)
