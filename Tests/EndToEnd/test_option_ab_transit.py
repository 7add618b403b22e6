"""Transit of packets where another operator is on a circuit (Option AB): what comes from there leaves by no NNI, and what comes from an
NNI does not leave there, without `optE transit` in the VRF; the own network and customers are free.

      operator (AS 65001, session on ten1/0) ── circuit ten1/1 box (AS 42) ten1/9 ── other operator (AS 65002, Option E)
                                      customer ── ten1/2     VRF blue      ten1/3 ── core, a PE at 10.98.0.1
"""

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.bgp_peer import BGPPeer
from stilelab.box import Box
from stilelab.namespaces import address_of, join
from stilelab.provider_edge import ProviderEdge
from stilelab.spoofer import receive

MTU = 1600
PORTS = {"session": "p0", "operator": "p1", "customer": "p2", "core": "p3", "other": "p9"}
HOST = {"operator": "10.2.0.5", "customer": "10.1.0.2", "core": "10.50.0.5", "other": "10.3.0.5"}
LABEL_OF = {"core": 3001, "other": 5001}


def configuration(transit):
    ports = "".join(f"port ten1/{port[1:]}\n device net_af_packet_{port},iface={port}\n mtu {MTU}\n" for port in PORTS.values())
    return f"""\
hostname border42
!
{ports}!
ip vrf blue
 rd 42:2
 route-target both 42:2
 optAB 192.0.2.2 next-hop 203.0.113.2
 optE 198.51.100.2
{" optE transit" if transit else ""}
!
interface ten1/0
 encap mpls optE
 ip address 192.0.2.1/30
interface ten1/9
 encap mpls optE
 ip address 198.51.100.1/30
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
interface ten1/1
 vrf definition blue
 ip address 203.0.113.1/30
interface ten1/2
 vrf definition blue
 ip address 10.1.0.1/24
!
router bgp 42
 neighbor 10.98.0.1 remote-as 42
 neighbor 192.0.2.2 remote-as 65001
 neighbor 198.51.100.2 remote-as 65002
 address-family vpnv4
  neighbor 10.98.0.1 activate
  neighbor 192.0.2.2 optE
  neighbor 198.51.100.2 optE
 address-family ipv4 vrf blue
  redistribute connected
"""


def packet(source, destination, marker, ttl):
    return IP(src=HOST[source], dst=HOST[destination], ttl=ttl, id=9, tos=0xB8) / UDP(sport=1111, dport=2222) / Raw(marker.encode())


class Transit:
    def __init__(self, lab):
        self.box = Box(lab, "box", configuration(False))
        self.places = {name: lab.namespace(name) for name in PORTS if name != "core"}
        pe = ProviderEdge.behind(lab, self.box, "p3", "core", "10.98.0.1", "10.98.0.2", 42, MTU)
        self.places["core"] = pe.namespace
        pe.namespace.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
        for name, address in (("session", "192.0.2.2/30"), ("operator", "203.0.113.2/30"), ("customer", "10.1.0.2/24"),
                              ("other", "198.51.100.2/30")):
            # Neighbor discovery of the kernel's would be among the drops.
            self.places[name].run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
            join(self.places[name], "eth0", self.box.ports, PORTS[name], MTU)
            self.places[name].ip("address", "add", address, "dev", "eth0")
        self.box.start()
        operator = BGPPeer(self.places["session"], "192.0.2.2", "192.0.2.1", 65001)
        self.other = BGPPeer(self.places["other"], "198.51.100.2", "198.51.100.1", 65002)
        self.pe = pe
        for peer in (operator, self.other, pe):
            peer.connect(60)
        operator.announce("10.2.0.0/24", "65001:2", "42:2", 1001)
        self.other.announce("10.3.0.0/24", "65002:2", "42:2", LABEL_OF["other"])
        pe.tell("10.50.0.0/24", "42:102", "42:2", LABEL_OF["core"])
        for peer in (operator, self.other, pe):
            peer.end_of_rib()
        self.operator = operator
        self.sockets = {name: place.packet_socket("eth0") for name, place in self.places.items()}
        self.mac = {name: address_of(place, "eth0") for name, place in self.places.items()}
        self.own = {name: address_of(self.box.ports, port) for name, port in PORTS.items()}
        # All ways are known when each packet that may cross has.
        for source, destination in (("customer", "operator"), ("customer", "core"), ("customer", "other"), ("core", "customer")):
            self.box.wait(lambda: self.crosses(source, destination, "first"), f"{source} to {destination}")

    def label(self, sender):
        """The label of VRF blue that a sender has been told."""
        peer = {"other": self.other, "core": self.pe}[sender]
        return peer.label_of("42:2", "10.1.0.0/24")

    def send(self, source, destination, marker, ttl=17):
        for socket in self.sockets.values():
            socket.drain()
        ethernet = Ether(src=self.mac[source], dst=self.own[source])
        if source in LABEL_OF:
            ethernet = Ether(src=self.mac[source], dst=self.own[source], type=0x8847) / MPLS(
                label=self.label(source), cos=5, s=1, ttl=64)
        self.sockets[source].send(bytes(ethernet / packet(source, destination, marker, ttl)))

    def crosses(self, source, destination, marker):
        """Whether a packet comes out where it is to, byte for byte."""
        marker = f"{marker}-{source}-{destination}"
        self.send(source, destination, marker)
        ethernet = Ether(src=self.own[destination], dst=self.mac[destination])
        if destination in LABEL_OF:
            ethernet = Ether(src=self.own[destination], dst=self.mac[destination], type=0x8847) / MPLS(
                label=LABEL_OF[destination], cos=5, s=1, ttl=16)
        return receive(self.sockets[destination], marker, 1) == bytes(ethernet / packet(source, destination, marker, 16))

    def reasons(self, source, destination, marker):
        """Why a packet is dropped; it arrives nowhere."""
        before = self._drops()
        self.send(source, destination, marker)
        self.box.wait(lambda: sum(self._drops().values()) > sum(before.values()), "it is dropped")
        assert all(receive(socket, marker, 0.1) is None for socket in self.sockets.values())
        return {reason for (place, reason), count in self._drops().items() if count > before.get((place, reason), 0)}

    def _drops(self):
        """But for what the kernel of the box's namespace sends of its own."""
        return {key: count for key, count in self.box.drops().items() if key[1] != "kernel_packet_ignored"}


@pytest.fixture(scope="module")
def transit(lab):
    return Transit(lab)


def test_without_transit_neither_operator_reaches_the_other(transit):
    assert transit.reasons("operator", "other", "from-circuit") == {"transit_not_allowed"}
    assert transit.reasons("other", "operator", "from-nni") == {"transit_not_allowed"}


@pytest.mark.parametrize("source, destination", [
    ("operator", "customer"), ("customer", "operator"), ("operator", "core"), ("core", "operator"), ("customer", "other"),
    ("other", "customer")])
def test_customers_and_the_own_network_are_free(transit, source, destination):
    assert transit.crosses(source, destination, "free")


def test_an_error_goes_back_by_the_circuit(transit):
    """Time exceeded, about a packet for a customer: to its sender's address, which the circuit leads to."""
    transit.send("operator", "customer", "expired", ttl=1)
    for _ in range(20):
        frame = transit.sockets["operator"].receive(0.5)
        if frame is not None and Ether(frame).haslayer(ICMP):
            error = Ether(frame)
            assert error[IP].dst == HOST["operator"] and error[ICMP].type == 11 and b"expired" in frame
            return
    raise AssertionError("no error came")


def test_nothing_is_said_to_be_unchecked_and_nothing_crosses(transit):
    isolation = transit.box.json("show", "isolation")
    assert isolation["violations"] == []
    assert all(entry["property"] != "transit" for link in isolation["links"] for entry in link["unchecked"])


def test_with_transit_both_ways_are_open(transit):
    transit.box.replace(configuration(True))
    transit.box.wait(lambda: transit.crosses("other", "operator", "open"), "other to operator")
    assert transit.crosses("operator", "other", "open")
    transit.box.replace(configuration(False))
    transit.box.wait(lambda: transit.reasons("other", "operator", "closed") == {"transit_not_allowed"}, "closed again")
    assert transit.reasons("operator", "other", "closed-too") == {"transit_not_allowed"}
