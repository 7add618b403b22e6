"""One box with every kind of interface between a wire of customers and a far end, and frames made by scapy.

      ten1/1       untagged circuit        VRF red      10.1.0.0/24   fd00:1::/64
      ten1/2.30    802.1Q 30               VRF red      10.2.0.0/24   fd00:2::/64
      ten1/2.40    QinQ 40/7               VRF red      10.3.0.0/24   fd00:3::/64
      ten1/2.50    802.1Q 50               VRF green    10.2.0.0/24   fd00:2::/64
      ten1/0       NNI on a port           far end by GoBGP, AS 65001; red has a unit there, green has none
      ten1/3.100   NNI on a VLAN           far end by GoBGP, AS 65002
      ten1/3.200   NNI on a VLAN           nobody answers BGP there
"""

import select
import time
from socket import AF_INET6, inet_ntop, inet_pton

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Raw
from scapy.utils6 import in6_getnsma, in6_getnsmac
from stilelab.box import Box
from stilelab.namespaces import address_of, join
from stilelab.peers import GoBGP
from stilelab.tagged_link import TaggedLink

FAMILIES = ("ipv4", "ipv6")
QUIET_SECONDS = 0.15
CONFIGURATION = """\
hostname asbr42
!
port ten1/0
 device net_af_packet_p0,iface=p0
 mtu 1600
port ten1/1
 device net_af_packet_p1,iface=p1
port ten1/2
 device net_af_packet_p2,iface=p2
port ten1/3
 device net_af_packet_p3,iface=p3
 mtu 1600
!
ip vrf red
 rd 42:1
 route-target both 42:1
 optE
 optE transit
ip vrf green
 rd 42:2
 route-target both 42:2
 optE 10.99.0.1
!
interface ten1/0
 encap mpls optE
 ip address 10.99.0.2/30
interface ten1/0.1
 vrf definition red
interface ten1/1
 vrf definition red
 ip address 10.1.0.1/24
 ipv6 address fd00:1::1/64
interface ten1/2.30
 encapsulation dot1q 30
 vrf definition red
 ip address 10.2.0.1/24
 ipv6 address fd00:2::1/64
interface ten1/2.40
 encapsulation dot1q 40 second-dot1q 7
 vrf definition red
 ip address 10.3.0.1/24
 ipv6 address fd00:3::1/64
interface ten1/2.50
 encapsulation dot1q 50
 vrf definition green
 ip address 10.2.0.1/24
 ipv6 address fd00:2::1/64
interface ten1/3.100
 encapsulation dot1q 100
 encap mpls optE
 ip address 10.99.1.2/30
interface ten1/3.200
 encapsulation dot1q 200
 encap mpls optE
 ip address 10.99.2.2/30
!
router bgp 42
 neighbor 10.99.0.1 remote-as 65001
 neighbor 10.99.1.1 remote-as 65002
 neighbor 10.99.2.1 remote-as 65003
 address-family vpnv4
  neighbor 10.99.0.1 optE
  neighbor 10.99.1.1 optE
  neighbor 10.99.2.1 optE
 address-family vpnv6
  neighbor 10.99.0.1 optE
  neighbor 10.99.1.1 optE
  neighbor 10.99.2.1 optE
 address-family ipv4 vrf red
  redistribute connected
 address-family ipv6 vrf red
  redistribute connected
 address-family ipv4 vrf green
  redistribute connected
 address-family ipv6 vrf green
  redistribute connected
"""

# Where a host or a neighbor is: the port's veth, the tags on the wire, its addresses, its Ethernet address.
PLACES = {
    "untagged": ("p1", [], "10.1.0.2", "fd00:1::2", "02:00:00:00:01:02"),
    "dot1q": ("p2", [30], "10.2.0.2", "fd00:2::2", "02:00:00:00:02:02"),
    "qinq": ("p2", [40, 7], "10.3.0.2", "fd00:3::2", "02:00:00:00:03:02"),
    "green": ("p2", [50], "10.2.0.2", "fd00:2::2", "02:00:00:00:05:02"),
}
FAR = {"ipv4": "192.0.2.5", "ipv6": "2001:db8:1::5"}
FAR_LABEL = {"red": 1001, "green": 1002}


class Bench:
    """A subclass may have fewer ports, fewer or more hosts and VRFs without routes of the far end."""

    ports = ("p1", "p2", "p3")
    places = PLACES
    far_vrfs = ("red", "green")
    # Of the places, those whose host is not there when the box starts.
    late = ()

    def __init__(self, lab, configuration=CONFIGURATION):
        self.lab = lab
        self.box = Box(lab, "box", configuration)
        self.wire = lab.namespace("wire")
        # What the kernel solicits of its own is no part of a test.
        for scope in ("all", "default"):
            self.wire.run("sysctl", "-qw", f"net.ipv6.conf.{scope}.disable_ipv6=1")
        for port in self.ports:
            join(self.wire, port, self.box.ports, port, 1600)
        self.far = lab.namespace("far")
        join(self.far, "eth0", self.box.ports, "p0", 1600)
        self.far.ip("address", "add", "10.99.0.1/30", "dev", "eth0")
        if "p3" in self.ports:
            on_vlan = lab.namespace("vlan")
            TaggedLink(on_vlan, "eth0", self.wire, "p3", 100, 1600)
            on_vlan.ip("address", "add", "10.99.1.1/30", "dev", "eth0")
        self.before_start()
        self.box.start()
        gobgp = GoBGP(lab, self.far, 65001, "10.99.0.1", "10.99.0.2", 42)
        gobgp.start()
        for vrf, number in (("red", 1), ("green", 2)):
            gobgp.advertise("vpnv4", "192.0.2.0/24", FAR_LABEL[vrf], f"65001:{number}", f"42:{number}", "10.99.0.1")
            gobgp.advertise("vpnv6", "2001:db8:1::/48", FAR_LABEL[vrf], f"65001:{number}", f"42:{number}",
                            "::ffff:10.99.0.1")
        if "p3" in self.ports:
            # It has no routes: its session is there for what it may send.
            GoBGP(lab, on_vlan, 65002, "10.99.1.1", "10.99.1.2", 42).start()
            self.box.wait(lambda: self.labels("ten1/3.100"), "a label on the VLAN")
        self.sockets = {port: self.wire.packet_socket(port) for port in self.ports}
        self.sockets["p0"] = self.far.packet_socket("eth0")
        self.mac = {port: address_of(self.box.ports, port) for port in ("p0", *self.ports)}
        self.far_mac = address_of(self.far, "eth0")
        for vrf in self.far_vrfs:
            for family, prefix in (("ipv4", "192.0.2.0/24"), ("ipv6", "2001:db8:1::/48")):
                self.box.wait(lambda: prefix in self.box.text("show", "routes", "vrf", vrf, family), f"{prefix} in {vrf}")
        for place in self.places:
            if place not in self.late:
                self.introduce(place)

    def before_start(self):
        """What else has to be there when the box starts."""

    def labels(self, nni):
        return {entry["vrf"]: entry["label"] for entry in self.box.json("show", "labels")["labels"]
                if entry["nni"] == nni}

    def introduce(self, place):
        """The host says who it is, so that what is sent to it needs no resolution."""
        port, tags, ipv4, ipv6, mac = self.places[place]
        gateway4, gateway6 = ipv4[:-1] + "1", ipv6[:-1] + "1"
        self.sockets[port].send(bytes(tagged("ff:ff:ff:ff:ff:ff", mac, tags)
                                      / ARP(op=1, hwsrc=mac, psrc=ipv4, pdst=gateway4)))
        group = in6_getnsma(inet_pton(AF_INET6, gateway6))
        self.sockets[port].send(bytes(tagged(in6_getnsmac(group), mac, tags)
                                      / IPv6(src=ipv6, dst=inet_ntop(AF_INET6, group), hlim=255)
                                      / ICMPv6ND_NS(tgt=gateway6) / ICMPv6NDOptSrcLLAddr(lladdr=mac)))

    def resolve(self, place, family):
        """Waits until the box knows the host's Ethernet address."""
        _, _, ipv4, ipv6, mac = self.places[place]
        address = ipv4 if family == "ipv4" else ipv6
        self.box.wait(lambda: any(entry["address"] == address and entry.get("mac_address") == mac
                                  for entry in self.box.json("show", "neighbors")["neighbors"]),
                      f"{address} at {place} is resolved", 10)

    def expect(self, port_in, frame, port_out, expected):
        """`frame` in at one port must give exactly `expected` at another and nothing with its payload elsewhere."""
        marker = bytes(frame)[-24:]
        for socket in self.sockets.values():
            socket.drain()
        self.sockets[port_in].send(frame)
        found = {port: [] for port in self.sockets}
        # What is expected may take its time; then, or if nothing is, all ports have to be quiet for a while.
        end = time.monotonic() + (3.0 if port_out else QUIET_SECONDS)
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select(self.sockets.values(), [], [], left)
            for port, socket in self.sockets.items():
                if socket in ready and (arrived := socket.receive(0.001)) is not None and marker in arrived:
                    found[port].append(arrived)
                    end = time.monotonic() + QUIET_SECONDS
        wanted = {port: [bytes(expected)] if port == port_out else [] for port in self.sockets}
        assert found == wanted, "\n".join(
            f"{port}: {[item.hex() for item in found[port]]} instead of {[item.hex() for item in wanted[port]]}"
            for port in self.sockets if found[port] != wanted[port])


def tagged(destination, source, tags):
    frame = Ether(dst=destination, src=source)
    for tag in tags:
        frame /= Dot1Q(vlan=tag)
    return frame


def packet(family, source, destination, ttl, marker):
    header = (IP(src=source, dst=destination, ttl=ttl, id=9, tos=0xB8) if family == "ipv4"
              else IPv6(src=source, dst=destination, hlim=ttl, tc=0xB8))
    return header / UDP(sport=1111, dport=2222) / Raw(marker.encode().ljust(24, b"."))


def check_six_against_a_burst_of_three(source, sent, sink, expected, before, counted):
    """Of six packets of 1,000 octets at once a policer of 80 kbit/s lets its burst's three pass, and what comes in while they do;
    `counted()` are the class's sums by colour, which were `before`."""
    began = ended = time.monotonic()
    for _ in range(6):
        source.send(sent)
    arrived = []
    while (frame := sink.receive(0.5)) is not None:
        if frame[-24:] == sent[-24:]:
            arrived.append(frame)
            ended = time.monotonic()
    assert all(frame == expected for frame in arrived)
    assert 3 <= len(arrived) <= 4 + int(10 * (ended - began))
    counts = {colour: tuple(now - then for now, then in zip(sums, before[colour])) for colour, sums in counted().items()}
    assert counts == {"green": (len(arrived), 1000 * len(arrived)), "yellow": (0, 0),
                      "red": (6 - len(arrived), 1000 * (6 - len(arrived)))}
