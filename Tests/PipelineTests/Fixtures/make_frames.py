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

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "frames.json"), "w") as file:
    json.dump(CASES, file, indent=1)
    file.write("\n")
print(len(CASES), "cases")
