#!/usr/bin/python3
"""Writes frames.json: frames in and the frames that must come out, built by scapy (Debian: python3-scapy).

    /usr/bin/python3 Tests/PipelineTests/Fixtures/make_frames.py

The addresses, labels and VLANs are those of LabPlan.swift. Nothing of the pipeline's code is used here: scapy
computes every header, length and checksum anew.
"""
import json
import os

from scapy.config import conf

conf.verb = 0
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_NOP, IPOption_RR
from scapy.layers.inet6 import (
    ICMPv6DestUnreach, ICMPv6EchoRequest, ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, ICMPv6PacketTooBig, ICMPv6TimeExceeded,
    IPv6, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop)
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether
from scapy.packet import Raw
from scapy.utils import checksum


def own(port):
    return f"02:00:00:00:00:{port:02x}"


def neighbor(counter):
    return f"02:00:00:00:01:{counter:02x}"


# counter of the circuit or unit: (port, tags)
WAYS = {
    41: (2, []), 42: (3, [Dot1Q(vlan=31)]), 43: (3, [Dot1Q(vlan=30)]),
    44: (3, [Dot1AD(vlan=40), Dot1Q(vlan=50)]), 45: (4, []), 46: (3, [Dot1Q(vlan=40)]),
    11: (0, []), 12: (0, []), 13: (0, []),
    21: (1, [Dot1Q(vlan=100)]), 22: (1, [Dot1Q(vlan=100)]), 33: (1, [Dot1Q(vlan=200)]),
}
IN_LABEL = {11: 1001, 12: 1002, 13: 1003, 21: 1005, 22: 1002, 33: 2003}
OUT_LABEL = {11: 5001, 12: 5002, 13: 5003, 21: 6001, 22: 6002, 33: 7003}
# What stands above it, where the neighbor gave two labels.
OUTER_LABEL = {13: 1999, 22: 1999, 33: 16}
PIPE_OUT = {22, 33}
PIPE_IN = {13, 22}




def received(counter, packet, label_ttl=64, tc=0, pad=0):
    """The frame that carries `packet` in on the circuit or unit."""
    port, tags = WAYS[counter]
    frame = Ether(src=neighbor(counter), dst=own(port))
    for tag in tags:
        frame /= tag.copy()
    if counter in IN_LABEL:
        frame /= MPLS(label=IN_LABEL[counter], s=1, ttl=label_ttl, cos=tc)
    return port, bytes(frame / packet) + bytes(pad)


def sent(counter, packet, label_ttl=None, tc=0):
    """The frame that carries `packet` out."""
    port, tags = WAYS[counter]
    frame = Ether(src=own(port), dst=neighbor(counter))
    for tag in tags:
        frame /= tag.copy()
    if counter in OUT_LABEL:
        if label_ttl is None:
            label_ttl = 255 if counter in PIPE_OUT else (packet.hlim if packet.version == 6 else packet.ttl)
        if counter in OUTER_LABEL:
            frame /= MPLS(label=OUTER_LABEL[counter], s=0, ttl=label_ttl, cos=tc)
        frame /= MPLS(label=OUT_LABEL[counter], s=1, ttl=label_ttl, cos=tc)
    return port, bytes(frame / packet)


def own4(counter):
    return f"10.0.{counter}.1"


def own6(counter):
    return f"2001:db8:0:{counter:x}::1"


def v4(dst="10.3.0.9", src="192.0.2.7", ttl=64, payload=b"stile" * 8, **fields):
    return IP(src=src, dst=dst, ttl=ttl, id=0x1234, **fields) / UDP(sport=4000, dport=5000) / Raw(payload)


def v6(dst="2001:db8:3::9", src="2001:db8:1:2::7", hlim=64, payload=b"stile" * 8, **fields):
    return IPv6(src=src, dst=dst, hlim=hlim, **fields) / UDP(sport=4000, dport=5000) / Raw(payload)


def with_ttl(packet, ttl):
    """The same packet with another TTL, checksums computed anew."""
    copy = packet.__class__(bytes(packet))
    if copy.version == 4:
        copy.ttl = ttl
        del copy.chksum
    else:
        copy.hlim = ttl
    return copy


CASES = []


def case(name, arrival, out=(), verdict="transmit"):
    port, frame = arrival
    CASES.append({
        "name": name, "port": port, "in": frame.hex(), "verdict": verdict,
        "out": [{"port": p, "frame": f.hex()} for p, f in out],
    })


def forwarded(name, way_in, way_out, packet, label_ttl=64, tos=0):
    """A packet that is forwarded with one hop less."""
    ttl = (packet.hlim if packet.version == 6 else packet.ttl) - 1
    if way_in in IN_LABEL and way_in not in PIPE_IN:
        ttl = min(ttl, label_ttl - 1)
    case(name, received(way_in, packet, label_ttl), [sent(way_out, with_ttl(packet, ttl), tc=tos >> 5)])


def icmp4(counter, dst, message, offender, limit=576):
    quoted = bytes(offender)[: limit - 28]
    return IP(src=own4(counter), dst=dst, ttl=64, id=0, flags="DF", tos=0xC0) / message / Raw(quoted)


def icmp6(counter, dst, message, offender):
    quoted = bytes(offender)[: 1280 - 48]
    return IPv6(src=own6(counter), dst=dst, hlim=64, tc=0xC0) / message / Raw(quoted)


# Every path, both families. VRF one: circuits 41, 42, units 11, 21. VRF two (transit): 43, 45, 12, 22. VRF three: 44, 13, 33.
for tos in (0, 0xB8):
    forwarded(f"customer to NNI, v4, tos {tos}", 41, 11, v4(tos=tos), tos=tos)
    forwarded(f"customer to NNI, v6, tc {tos}", 41, 11, v6(tc=tos), tos=tos)
forwarded("customer dot1q to NNI on a VLAN, v4", 42, 21, v4(dst="10.3.7.1"))
forwarded("customer dot1q to NNI on a VLAN, v6", 42, 21, v6(dst="2001:db8:3:7::1"))
forwarded("customer QinQ to NNI, pipe, v4", 44, 33, v4(dst="10.3.0.1"))
forwarded("customer QinQ to NNI, uniform, v4", 44, 13, v4(dst="10.3.3.1"))
forwarded("customer on the outer tag alone to NNI", 46, 11, v4())
forwarded("NNI to customer untagged, v4", 11, 41, v4(dst="10.1.0.9"), 33)
forwarded("NNI to customer untagged, v6", 11, 41, v6(dst="2001:db8:1::9"), 33)
forwarded("NNI to customer dot1q, v4", 11, 42, v4(dst="10.2.0.9"), 200)
forwarded("NNI to customer dot1q, v6", 11, 42, v6(dst="2001:db8:2::9"), 2)
forwarded("NNI on a VLAN to customer, v4", 21, 41, v4(dst="10.1.0.9"), 17)
forwarded("NNI pipe to customer QinQ, v4", 13, 44, v4(dst="10.1.0.9", ttl=9), 200)
forwarded("second NNI of the port to customer QinQ, v4", 33, 44, v4(dst="10.1.0.9", ttl=9), 100)
forwarded("NNI pipe on a VLAN to customer, v6", 22, 43, v6(dst="2001:db8:1::9", hlim=5), 77)
forwarded("customer to customer, v4", 41, 42, v4(dst="10.2.0.9"))
forwarded("customer to customer, v6", 41, 42, v6(dst="2001:db8:2::9"))
forwarded("customer to customer, tagged to tagged", 43, 45, v4(dst="10.2.0.9"))
forwarded("NNI to NNI transit, uniform to pipe, v4", 12, 22, v4(dst="10.4.0.9"), 40)
forwarded("NNI to NNI transit, pipe to uniform, v4", 22, 12, v4(dst="10.3.0.9", ttl=31), 90)
forwarded("NNI to NNI transit, uniform to uniform, v6", 12, 12, v6(), 40)
forwarded("NNI to NNI transit, pipe to uniform, v6", 22, 12, v6(hlim=31), 90)
forwarded("traffic class of the label in does not leak", 12, 12, v4(tos=0x20), 40, tos=0x20)

# What is forwarded as it is.
forwarded("record route option", 41, 42, v4(dst="10.2.0.9", options=[IPOption_RR(length=7, pointer=4, routers=["0.0.0.0"]), IPOption_NOP()]))
forwarded("a later fragment", 41, 42, v4(dst="10.2.0.9", frag=100))
forwarded("hop-by-hop options", 41, 42, IPv6(src="2001:db8:1:2::7", dst="2001:db8:2::9", hlim=9) / IPv6ExtHdrHopByHop() / UDP() / Raw(b"x"))
forwarded("an IPv6 fragment", 41, 42, IPv6(src="2001:db8:1:2::7", dst="2001:db8:2::9", hlim=9) / IPv6ExtHdrFragment(offset=5, nh=17) / Raw(b"x" * 16))
short = v4(dst="10.2.0.9", payload=b"")
case("padding behind the packet is cut off", received(41, short, pad=18), [sent(42, with_ttl(short, 63))])
case("padding behind a labelled packet is cut off", received(11, short, pad=14), [sent(42, with_ttl(short, 63))])

# Two neighbors on an NNI, each with a label of its own.
packet = v4(dst="10.1.0.9", ttl=9)
second = Ether(src=neighbor(3), dst=own(1)) / Dot1Q(vlan=200)
case("NNI of two neighbors to customer, the second one's label",
     (1, bytes(second / MPLS(label=2004, s=1, ttl=100) / packet)), [sent(44, with_ttl(packet, 8))])

# A priority tag is no tag.
packet = v4(dst="10.2.0.9")
case("priority tag", (2, bytes(Ether(src=neighbor(41), dst=own(2)) / Dot1Q(vlan=0, prio=5) / packet)), [sent(42, with_ttl(packet, 63))])

# TTL.
packet = v4(dst="10.3.0.9", src="10.1.0.77", ttl=1)
case("IPv4 TTL expires", received(41, packet), [sent(41, icmp4(41, "10.1.0.77", ICMP(type=11, code=0), packet))])
packet = v6(src="2001:db8:1::77", hlim=1)
case("IPv6 hop limit expires", received(41, packet), [sent(41, icmp6(41, "2001:db8:1::77", ICMPv6TimeExceeded(code=0), packet))])
packet = v4(dst="10.1.0.9", src="10.3.0.77", ttl=44)
error = icmp4(11, "10.3.0.77", ICMP(type=11, code=0), packet)
case("label TTL expires, v4", received(11, packet, label_ttl=1), [sent(11, error, tc=6)])
packet = v6(dst="2001:db8:1::9", src="2001:db8:3::77")
error = icmp6(11, "2001:db8:3::77", ICMPv6TimeExceeded(code=0), packet)
case("label TTL expires, v6", received(11, packet, label_ttl=0), [sent(11, error, tc=6)])
packet = v4(dst="10.1.0.9", src="10.3.3.77", ttl=1)
error = icmp4(13, "10.3.3.77", ICMP(type=11, code=0), packet)
case("IP TTL expires behind a pipe", received(13, packet, label_ttl=99), [sent(13, error, tc=6)])
packet = v4(dst="10.1.0.9", src="10.3.0.77", ttl=1)
case("the source of an expired packet is behind another NNI", received(13, packet, label_ttl=99),
     verdict="drop:transit_not_allowed")

# No route, and a next hop that does not answer.
packet = v4(dst="172.16.0.1", src="10.1.0.77")
case("no route, v4", received(41, packet), [sent(41, icmp4(41, "10.1.0.77", ICMP(type=3, code=0), packet))])
packet = v6(dst="2001:db8:77::1", src="2001:db8:1::77")
case("no route, v6", received(41, packet), [sent(41, icmp6(41, "2001:db8:1::77", ICMPv6DestUnreach(code=0), packet))])
packet = v4(dst="10.8.0.1", src="10.1.0.77")
case("silent next hop, v4", received(41, packet), [sent(41, icmp4(41, "10.1.0.77", ICMP(type=3, code=1), packet))])
packet = v6(dst="2001:db8:8::1", src="2001:db8:1::77")
case("silent next hop, v6", received(41, packet), [sent(41, icmp6(41, "2001:db8:1::77", ICMPv6DestUnreach(code=3), packet))])

# MTU. The way to 10.2/16 in VRF two has 600 octets, the NNI 1,496 behind the label.
packet = v4(dst="10.3.0.9", src="10.1.0.77", payload=b"a" * 1472, flags="DF")
error = icmp4(41, "10.1.0.77", ICMP(type=3, code=4, nexthopmtu=1496), packet)
case("fragmentation needed", received(41, packet), [sent(41, error)])
packet = v6(src="2001:db8:1::77", payload=b"a" * 1452)
error = icmp6(41, "2001:db8:1::77", ICMPv6PacketTooBig(mtu=1496), packet)
case("packet too big", received(41, packet), [sent(41, error)])
packet = v4(dst="10.3.0.9", src="10.1.0.77", payload=b"a" * 1468, flags="DF")
forwarded("the largest packet that fits", 41, 11, packet)


def fragments(packet, mtu, ttl):
    """RFC 791 fragments of the packet as it leaves, computed here: scapy's fragment() knows no copied options."""
    whole = bytes(packet)
    header = 4 * (whole[0] & 15)
    payload = whole[header:]
    room = (mtu - header) // 8 * 8
    pieces = []
    for offset in range(0, len(payload), room):
        piece = payload[offset:offset + room]
        last = offset + room >= len(payload)
        copy = IP(whole[:header])
        copy.remove_payload()
        copy.ttl = ttl
        copy.frag = packet.frag + offset // 8
        copy.flags = (int(packet.flags) & 1) if last else 1
        copy.len = header + len(piece)
        del copy.chksum
        pieces.append(copy / Raw(piece))
    return pieces


packet = v4(dst="10.2.0.9", payload=bytes(range(256)) * 5)
case("fragmentation", received(43, packet), [sent(45, p) for p in fragments(packet, 600, 63)], "fragmented")
packet = v4(dst="10.3.0.9", src="10.1.0.77", payload=bytes(range(256)) * 5 + b"b" * 200)
case("fragmentation towards the NNI", received(41, packet), [sent(11, p) for p in fragments(packet, 1496, 63)], "fragmented")
packet = v4(dst="10.2.0.9", payload=bytes(range(256)) * 5, frag=10, flags="MF")
case("a fragment is fragmented again", received(43, packet), [sent(45, p) for p in fragments(packet, 600, 63)], "fragmented")

# Punted packets come back as they were, or decremented where they wait for a next hop.
arp = Ether(src=neighbor(41), dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=neighbor(41), psrc="10.1.0.2", pdst="10.1.0.1")
case("ARP request", (2, bytes(arp)), verdict="punt:arp")
ns = Ether(src=neighbor(41), dst="33:33:ff:00:00:01") / IPv6(src="fe80::2", dst="ff02::1:ff00:1", hlim=255) / ICMPv6ND_NS(tgt="2001:db8:1::1") / ICMPv6NDOptSrcLLAddr(lladdr=neighbor(41))
case("neighbor solicitation", (2, bytes(ns)), verdict="punt:neighbor_discovery")
ns = Ether(src=neighbor(41), dst=own(2)) / IPv6(src="2001:db8:1::2", dst="2001:db8:1::1", hlim=255) / ICMPv6ND_NS(tgt="2001:db8:1::1")
case("neighbor solicitation to our global address", (2, bytes(ns)), verdict="punt:neighbor_discovery")
echo = IP(src="10.1.0.77", dst="10.1.0.1") / ICMP(type=8) / Raw(b"ping")
case("echo request to our address", received(41, echo), verdict="punt:receive")
case("echo request to our address from the NNI", received(11, echo), verdict="punt:receive")
echo6 = IPv6(src="2001:db8:1::77", dst="2001:db8:1::1") / ICMPv6EchoRequest(data=b"ping")
case("echo request to our address, v6", received(41, echo6), verdict="punt:receive")
case("a packet for an unresolved next hop", received(42, v4(dst="10.1.9.9")), verdict="punt:glean")
nni = Ether(src="02:00:00:00:01:01", dst=own(0))
case("BGP to us", (0, bytes(nni / IP(src="192.168.0.0", dst="192.168.0.1", ttl=1) / TCP(sport=40000, dport=179))), verdict="punt:bgp")
case("BGP from us answered", (0, bytes(nni / IP(src="192.168.0.0", dst="192.168.0.1", ttl=1) / TCP(sport=179, dport=40000))), verdict="punt:bgp")
case("BFD", (0, bytes(nni / IP(src="192.168.0.0", dst="192.168.0.1", ttl=255) / UDP(sport=49152, dport=3784))), verdict="punt:bfd")
case("ping of the NNI", (0, bytes(nni / IP(src="192.168.0.0", dst="192.168.0.1") / ICMP(type=8))), verdict="punt:icmp")
case("ping of the NNI, v6", (0, bytes(nni / IPv6(src="2001:db8:ff::2", dst="2001:db8:ff::1") / ICMPv6EchoRequest())), verdict="punt:icmp")

# Drops; nothing comes out.
def drop(name, arrival, reason):
    case(name, arrival, verdict="drop:" + reason)


drop("a label of another NNI", (1, bytes(Ether(src=neighbor(2), dst=own(1)) / Dot1Q(vlan=100) / MPLS(label=1001, s=1, ttl=9) / v4())), "label_not_valid_here")
stranger = Ether(src="02:00:00:00:09:09", dst=own(1)) / Dot1Q(vlan=200)
drop("a label of the other neighbor on the NNI", (1, bytes(second / MPLS(label=2003, s=1, ttl=9) / v4(dst="10.1.0.9"))), "foreign_source_mac")
drop("a label from a stranger on an NNI of two neighbors", (1, bytes(stranger / MPLS(label=2004, s=1, ttl=9) / v4(dst="10.1.0.9"))), "foreign_source_mac")
drop("a label of a neighbor that is not resolved", (1, bytes(second / MPLS(label=2005, s=1, ttl=9) / v4(dst="10.1.0.9"))), "foreign_source_mac")
drop("an expired label of the other neighbor", (1, bytes(second / MPLS(label=2003, s=1, ttl=1) / v4(dst="10.1.0.9"))), "foreign_source_mac")
drop("a reserved label", (0, bytes(nni / MPLS(label=3, s=1, ttl=9) / v4())), "label_reserved")
drop("two labels", (0, bytes(nni / MPLS(label=1001, s=0, ttl=9) / MPLS(label=1001, s=1, ttl=9) / v4())), "label_stack_depth")
drop("unlabelled IP on the NNI", (0, bytes(nni / v4(dst="10.1.0.9"))), "unlabelled_on_nni")
drop("a label on a circuit", (2, bytes(Ether(src=neighbor(41), dst=own(2)) / MPLS(label=1001, s=1, ttl=9) / v4())), "ether_type_not_accepted")
drop("NNI to NNI without transit", received(11, v4(dst="10.3.0.9")), "transit_not_allowed")
drop("IPv6 in a VRF without it", received(13, v6(dst="2001:db8:1::9")), "family_not_carried")
drop("multicast", received(41, v4(dst="239.1.1.1")), "multicast_destination")
drop("source route", received(41, v4(dst="10.2.0.9", options=b"\x83\x07\x04\x0a\x02\x00\x01\x00")), "ipv4_options_refused")

# Labels that are swapped: from the NNI on port 0 and from the core, the port 5 with two VLANs.
NNI_IN = [Ether(src=neighbor(1), dst=own(0)), Ether(src=neighbor(2), dst=own(1)) / Dot1Q(vlan=100)]
CORE_IN = Ether(src=neighbor(4), dst=own(5)) / Dot1Q(vlan=500)
CORE_OUT = {vlan: Ether(src=own(5), dst=neighbor(6)) / Dot1Q(vlan=vlan) for vlan in (500, 501)}
NNI_OUT = {
    1: (0, Ether(src=own(0), dst=neighbor(1))), 2: (1, Ether(src=own(1), dst=neighbor(2)) / Dot1Q(vlan=100)),
    3: (1, Ether(src=own(1), dst=neighbor(3)) / Dot1Q(vlan=200)),
}


def stack(*entries):
    """MPLS headers of (label, class, TTL), the last one at the bottom."""
    made = None
    for place, (label, tc, ttl) in enumerate(entries):
        entry = MPLS(label=label, cos=tc, s=1 if place == len(entries) - 1 else 0, ttl=ttl)
        made = entry if made is None else made / entry
    return made


def swap(name, arriving, leaving, packet, pad=0):
    """`arriving` and `leaving`: port, header, stack."""
    (port, header, before), (port_out, header_out, after) = arriving, leaving
    case(name, (port, bytes(header / before / packet) + bytes(pad)), [(port_out, bytes(header_out / after / packet))])


def from_nni(place, *entries):
    return (place, NNI_IN[place], stack(*entries))


def from_core(*entries):
    return (5, CORE_IN, stack(*entries))


def to_nni(place, *entries):
    port, header = NNI_OUT[place]
    return (port, header, stack(*entries))


def to_core(vlan, *entries):
    return (5, CORE_OUT[vlan], stack(*entries))


for family, packet in (("v4", v4(tos=0xB8)), ("v6", v6(tc=0x20, hlim=3))):
    swap(f"swap from the core to an NNI, {family}", from_core((3004, 5, 64)), to_nni(1, (9001, 5, 63)), packet)
    swap(f"swap from an NNI into the core, {family}", from_nni(0, (1010, 3, 200)),
         to_core(500, (16001, 3, 199), (9010, 3, 199)), packet)
    swap(f"swap under two transport labels, {family}", from_nni(0, (1011, 0, 2)),
         to_core(501, (16002, 0, 1), (16003, 0, 1), (9012, 0, 1)), packet)
    swap(f"swap under no transport label, {family}", from_nni(1, (1010, 7, 9)), to_core(501, (9011, 7, 8)), packet)
    swap(f"swap from NNI to NNI where the label was given so, {family}", from_nni(0, (1013, 1, 64)),
         to_nni(2, (9002, 1, 63)), packet)
    swap(f"swap by two labels, {family}", from_core((3009, 5, 64)), to_nni(3, (1998, 5, 63), (9004, 5, 63)), packet)
    swap(f"swap with a label below, {family}", from_nni(0, (1015, 1, 64), (77, 2, 3)),
         to_core(500, (16001, 1, 63), (9010, 1, 63), (77, 2, 3)), packet)
    swap(f"swap by none: the one below goes on, {family}", from_core((3008, 4, 100), (500000, 1, 250), (17, 2, 1)),
         to_nni(1, (500000, 4, 99), (17, 2, 1)), packet)
    swap(f"the transport's label takes the place of a swap by none, {family}", from_nni(0, (1016, 4, 100), (17, 2, 30)),
         to_core(500, (16001, 4, 99), (17, 2, 30)), packet)
    swap(f"swap under explicit null, {family}", from_core((0, 6, 20), (3004, 1, 64)), to_nni(1, (9001, 6, 19)), packet)
# Option C: an entropy label under that of the PE, reflectors' labels, labelled IPv6 prefixes, and what leaves without a label.
swap("swap with an entropy label", from_nni(0, (1024, 1, 64), (77, 2, 3), (7, 0, 0), (99999, 0, 0)),
     to_core(500, (16001, 1, 63), (9010, 1, 63), (77, 2, 3), (7, 0, 0), (99999, 0, 0)), v4())
swap("swap without the entropy label that there may be", from_nni(0, (1024, 1, 64), (77, 2, 3)),
     to_core(500, (16001, 1, 63), (9010, 1, 63), (77, 2, 3)), v4())


def session(ttl=64, sport=40000, dport=179, src="10.2.0.1", dst="10.1.0.1", flags="S"):
    return IP(src=src, dst=dst, ttl=ttl) / TCP(sport=sport, dport=dport, flags=flags)


def session6(hlim=64, src="2001:db8:3::9", dst="2001:db8:1::9"):
    return IPv6(src=src, dst=dst, hlim=hlim) / ICMPv6EchoRequest(data=b"reflector")


swap("a reflector's label: the transport's is left", from_nni(0, (1025, 3, 20)), to_core(500, (16001, 3, 19)), session(19))
case("a reflector's label: none is left, and the label's TTL is lower",
     (0, bytes(NNI_IN[0] / stack((1026, 0, 20)) / session())), [(5, bytes(CORE_OUT[501] / session(19)))])
case("a reflector's label: none is left, and the packet's TTL is lower",
     (0, bytes(NNI_IN[0] / stack((1026, 0, 200)) / session(9, sport=179, dport=40001, flags="SA"))),
     [(5, bytes(CORE_OUT[501] / session(9, sport=179, dport=40001, flags="SA")))])
case("a reflector's label: ICMPv6, none is left",
     (0, bytes(NNI_IN[0] / stack((1026, 0, 20)) / session6())), [(5, bytes(CORE_OUT[501] / session6(19)))])
case("the label of an IPv6 prefix: none is left",
     (0, bytes(NNI_IN[0] / stack((1027, 0, 64)) / v6(hlim=99))), [(5, bytes(CORE_OUT[501] / v6(hlim=63)))])
case("a label that leads out without one: plain IP between NNIs",
     (0, bytes(NNI_IN[0] / stack((1029, 0, 9)) / v4(ttl=64))), [(0, bytes(NNI_OUT[1][1] / v4(ttl=8)))])
short = v4(payload=b"")
swap("padding behind a swapped packet is cut off", from_core((3004, 0, 64)), to_nni(1, (9001, 0, 63)), short, pad=14)


def quoted(packet, *entries):
    """What is quoted in front of an extension (RFC 4884), and that (RFC 4950); the checksum is scapy's."""
    labels = b"".join(bytes(entry)[:4] for entry in stack(*entries).iterpayloads() if isinstance(entry, MPLS))
    own = b"\x00" + bytes([4 + len(labels)]) + b"\x01\x01" + labels
    sum_ = checksum(b"\x20\x00\x00\x00" + own)
    return bytes(packet)[:128].ljust(128, b"\0") + b"\x20\x00" + sum_.to_bytes(2, "big") + own


def swap_error(name, arriving, leaving, packet, error, reason):
    (port, header, before), (port_out, header_out, after) = arriving, leaving
    case(name, (port, bytes(header / before / packet)), [(port_out, bytes(header_out / after / error))], "drop:" + reason)


packet = v4(dst="10.9.9.9", src="10.8.8.8")
error = IP(src=own4(1), dst="10.8.8.8", ttl=64, id=0, flags="DF", tos=0xC0) / ICMP(type=11, code=0, length=32) / Raw(
    quoted(packet, (1010, 3, 1)))
swap_error("label TTL of a swap expires, v4", from_nni(0, (1010, 3, 1)), to_core(500, (16001, 6, 255), (9010, 6, 255)), packet,
           error, "label_ttl_expired")
error = IP(src=own4(1), dst="10.8.8.8", ttl=64, id=0, flags="DF", tos=0xC0) / ICMP(type=11, code=0, length=32) / Raw(
    quoted(packet, (1015, 3, 0), (77, 2, 3)))
swap_error("label TTL of a swap with one below expires", from_nni(0, (1015, 3, 0), (77, 2, 3)),
           to_core(500, (16001, 6, 255), (9010, 6, 255), (77, 6, 255)), packet, error, "label_ttl_expired")
packet = v6(dst="2001:db8:9::9", src="2001:db8:8::8", payload=b"s" * 200)
error = IPv6(src=own6(4), dst="2001:db8:8::8", hlim=64, tc=0xC0) / ICMPv6TimeExceeded(code=0, length=16) / Raw(
    quoted(packet, (3004, 1, 1)))
swap_error("label TTL of a swap expires, v6", from_core((3004, 1, 1)), to_nni(1, (9001, 6, 255)), packet, error,
           "label_ttl_expired")
packet = v4(dst="10.9.9.9", src="10.8.8.8", payload=b"b" * 1400, flags="DF")
error = IP(src=own4(4), dst="10.8.8.8", ttl=64, id=0, flags="DF", tos=0xC0) / ICMP(
    type=3, code=4, length=32, nexthopmtu=1400) / Raw(quoted(packet, (3005, 2, 9)))
swap_error("a swapped packet is too big, v4", from_core((3005, 2, 9)), to_nni(2, (9002, 6, 255)), packet, error,
           "fragmentation_needed")
packet = v6(dst="2001:db8:9::9", src="2001:db8:8::8", payload=b"b" * 1400)
error = IPv6(src=own6(4), dst="2001:db8:8::8", hlim=64, tc=0xC0) / ICMPv6PacketTooBig(mtu=596) / Raw(
    bytes(packet)[: 596 - 48])
swap_error("a swapped packet with a label below is too big, v6", from_core((3006, 2, 9), (88, 1, 7)),
           to_nni(3, (9003, 6, 255), (88, 6, 255)), packet, error, "packet_too_big")
packet = v4(payload=bytes(range(256)) * 5)
header = NNI_OUT[3][1]
case("a swapped packet is cut up, its labels on each piece", (5, bytes(CORE_IN / stack((3006, 2, 9), (88, 1, 7)) / packet)),
     [(1, bytes(header / stack((9003, 2, 8), (88, 1, 7)) / piece)) for piece in fragments(packet, 596, 64)], "fragmented")
packet = v4(src="10.8.8.8", payload=b"b" * 1372, flags="DF")
swap("the largest swapped packet that fits", from_core((3005, 2, 9)), to_nni(2, (9002, 2, 8)), packet)


def drop_swap(name, arriving, reason, packet=v4()):
    drop(name, (arriving[0], bytes(arriving[1] / arriving[2] / packet)), reason)


drop_swap("a swap's label with one too many below", from_nni(0, (1010, 0, 9), (1010, 0, 9)), "label_stack_depth")
drop_swap("a swap's label without the one below", from_nni(0, (1015, 0, 9)), "label_stack_depth")
drop_swap("a swap's label with two below instead of one", from_nni(0, (1015, 0, 9), (77, 0, 9), (78, 0, 9)), "label_stack_depth")
drop_swap("a swap of another NNI", from_nni(1, (1013, 0, 9)), "label_not_valid_here")
drop_swap("a swap of the core on an NNI", from_nni(0, (3004, 0, 9)), "label_not_valid_here")
drop_swap("a swap from NNI to NNI where the label was not given so", from_nni(0, (1014, 0, 9)), "transit_not_allowed")
drop_swap("a swap from the core to the core", from_core((3007, 0, 9)), "core_to_core")
drop_swap("a swap whose route is gone", from_nni(0, (1018, 0, 9)), "label_withdrawn")
drop_swap("a swap to a silent router", from_nni(0, (1019, 0, 9)), "host_unreachable")
drop_swap("an entropy label without its indicator", from_nni(0, (1024, 0, 9), (77, 0, 9), (8, 0, 9), (99, 0, 9)),
          "label_stack_depth")
drop_swap("an indicator without an entropy label", from_nni(0, (1024, 0, 9), (77, 0, 9), (7, 0, 9)), "label_stack_depth")
drop_swap("an entropy label where none may be", from_nni(0, (1015, 0, 9), (77, 0, 9), (7, 0, 9), (99, 0, 9)),
          "label_stack_depth")
for reserved in (0, 1, 2, 3, 7, 14, 15):
    drop_swap(f"reserved label {reserved} under a PE's", from_nni(0, (1015, 0, 9), (reserved, 0, 9)), "label_reserved")
drop_swap("a reserved label for entropy", from_nni(0, (1024, 0, 9), (77, 0, 9), (7, 0, 0), (15, 0, 0)), "label_reserved")
drop_swap("a reflector's label over TCP from port 179 that opens a connection", from_nni(0, (1025, 0, 9)), "label_payload",
          session(sport=179, dport=22))
drop_swap("a reflector's label over IPv4 options", from_nni(0, (1025, 0, 9)), "label_payload",
          IP(src="10.2.0.1", dst="10.1.0.1", options=[IPOption_NOP()] * 4) / TCP(sport=40000, dport=179))
drop_swap("a reflector's label with one below", from_nni(0, (1025, 0, 9), (77, 0, 9)), "label_stack_depth", session())
drop_swap("a reflector's label over another protocol", from_nni(0, (1025, 0, 9)), "label_payload")
drop_swap("a reflector's label over TCP of another port", from_nni(0, (1025, 0, 9)), "label_payload", session(dport=22))
drop_swap("a reflector's label to an address that is not listed", from_nni(0, (1025, 0, 9)), "label_payload",
          session(dst="10.1.0.2"))
drop_swap("a reflector's label from an address that is not listed", from_nni(0, (1025, 0, 9)), "label_payload",
          session(src="10.2.0.2"))
drop_swap("a reflector's label over a later fragment", from_nni(0, (1025, 0, 9)), "label_payload",
          IP(src="10.2.0.1", dst="10.1.0.1", frag=9, proto=6) / Raw(b"\x9c\x40\0\xb3" * 5))
drop_swap("an IPv6 prefix's label over IPv4", from_nni(0, (1027, 0, 9)), "family_not_carried")
drop_swap("a swap whose entry names a VRF's next hop", from_nni(0, (1021, 0, 9)), "label_withdrawn")
drop_swap("a swapped label over no IP packet", from_nni(0, (1010, 0, 9)), "ip_version_invalid", Raw(b"\0" * 40))
drop("a swap of another neighbor on the NNI", (1, bytes(stranger / MPLS(label=2006, s=1, ttl=9) / v4())), "foreign_source_mac")

# Labels whose packets go to several: what came by VLAN 500 goes to two NNIs and by VLAN 501, and not back.


def replicated(name, arriving, leaving, packet, pad=0):
    (port, header, before) = arriving
    out = [(port_out, bytes(header_out / after / packet)) for port_out, header_out, after in leaving]
    case(name, (port, bytes(header / before / packet) + bytes(pad)), out, "replicated")


for family, packet in (("v4", v4(dst="232.1.1.7", tos=0xB8, ttl=1)), ("v6", v6(dst="ff3e::8000:7", tc=0x20, hlim=3))):
    replicated(f"replicated from the core, {family}", from_core((3024, 5, 64)),
               [to_nni(1, (9001, 5, 63)), to_nni(2, (9002, 5, 63)),
                to_core(501, (16002, 5, 63), (16003, 5, 63), (9012, 5, 63))], packet)
replicated("replicated to one that is too narrow for it", from_core((3024, 0, 2)),
           [to_nni(1, (9001, 0, 1)), to_core(501, (16002, 0, 1), (16003, 0, 1), (9012, 0, 1))],
           v6(dst="ff3e::8000:7", payload=b"a" * 1380))
packet = v4(dst="232.1.1.7", payload=b"a" * 1400)
replicated("replicated and cut up for one", from_core((3024, 1, 9)),
           [to_nni(1, (9001, 1, 8))], packet)
CASES[-1]["out"] += [{"port": 1, "frame": bytes(NNI_OUT[2][1] / stack((9002, 1, 8)) / piece).hex()}
                     for piece in fragments(packet, 1400, 64)]
CASES[-1]["out"].append({"port": 5, "frame": bytes(
    CORE_OUT[501] / stack((16002, 1, 8), (16003, 1, 8), (9012, 1, 8)) / packet).hex()})
replicated("padding behind a replicated packet is cut off", from_core((3024, 0, 64)),
           [to_nni(1, (9001, 0, 63)), to_nni(2, (9002, 0, 63)),
            to_core(501, (16002, 0, 63), (16003, 0, 63), (9012, 0, 63))], short, pad=14)
drop_swap("a replicated label's TTL expires", from_core((3024, 0, 1)), "label_ttl_expired", v4(dst="232.1.1.7"))
drop_swap("a replicated label with one too many below", from_core((3024, 0, 9), (77, 0, 9)), "label_stack_depth")
drop_swap("a replicated label without the one below", from_nni(0, (1056, 0, 9)), "label_stack_depth")
drop_swap("a replicated label to nobody that is there", from_nni(0, (1055, 0, 9)), "no_replication_member")
drop_swap("a replicated label whose list is gone", from_nni(0, (1057, 0, 9)), "no_replication_member")
drop_swap("a replicated label over no IP packet", from_core((3024, 0, 9)), "ip_version_invalid", Raw(b"\0" * 40))
drop("a replicated label of another neighbor on the NNI", (1, bytes(stranger / MPLS(label=2011, s=1, ttl=9) / v4())),
     "foreign_source_mac")

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "frames.json"), "w") as file:
    json.dump(CASES, file, indent=1)
    file.write("\n")
print(len(CASES), "cases")
