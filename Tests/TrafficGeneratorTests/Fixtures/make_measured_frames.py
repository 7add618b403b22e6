#!/usr/bin/python3
"""Writes measured-frames.json: measured frames as scapy builds them (Debian: python3-scapy).

    /usr/bin/python3 Tests/TrafficGeneratorTests/Fixtures/make_measured_frames.py

Nothing of the generator's code is used: scapy computes lengths and checksums; the payload is packed from the bit
diagram of MeasurementPayload.
"""
import json
import os
import struct

from scapy.config import conf

conf.verb = 0
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Raw

SOURCE_MAC = "02:00:00:00:00:02"
DESTINATION_MAC = "02:00:00:00:00:01"
TRIAL = 7
TIME_STAMP = 0x123456789A


def payload(stream, sequence):
    first = 0x571E << 48 | TRIAL << 40 | TIME_STAMP
    return struct.pack("!QHI", first, stream, sequence)


def case(name, frame_bytes, vlans=(), labels=(), source="192.0.2.1", destination="198.18.0.1", number=0, count=2):
    is_ipv6 = ":" in source
    frames = []
    for sequence in range(count):
        frame = Ether(src=SOURCE_MAC, dst=DESTINATION_MAC)
        for vlan in vlans:
            frame /= Dot1Q(vlan=vlan)
        for index, label in enumerate(labels):
            frame /= MPLS(label=label, s=int(index == len(labels) - 1), ttl=64, cos=0)
        head = len(bytes(frame))
        room = frame_bytes - 4 - head - (48 if is_ipv6 else 28)
        data = payload(number, sequence)
        data += bytes(max(room - len(data), 0))
        if is_ipv6:
            packet = IPv6(src=source, dst=destination, hlim=64) / UDP(sport=49184, dport=9) / Raw(data)
        else:
            packet = IP(src=source, dst=destination, ttl=64, id=0, flags="DF") / UDP(sport=49184, dport=9, chksum=0) / Raw(data)
        frames.append(bytes(frame / packet).hex())
    return {
        "name": name, "frame_bytes": frame_bytes, "vlans": list(vlans), "labels": list(labels), "source": source,
        "destination": destination, "number": number, "frames": frames,
    }


V6 = {"source": "2001:db8::1", "destination": "2001:db8:ffff::abcd"}
CASES = [
    case("labelled, 64 octets", 64, labels=[1001]),
    case("unlabelled", 64),
    case("unlabelled, one tag", 128, vlans=[30], number=513),
    case("two tags and a label", 256, vlans=[200, 7], labels=[1048575], number=65535),
    case("two labels", 128, labels=[16, 1001]),
    case("largest frame", 1518, labels=[1001]),
    case("IPv6, raised to what its headers need", 64, labels=[1001], **V6),
    case("IPv6, padded", 594, number=3, **V6),
    case("IPv6, largest frame", 1518, vlans=[30], **V6),
]

place = os.path.join(os.path.dirname(os.path.abspath(__file__)), "measured-frames.json")
with open(place, "w") as file:
    json.dump(CASES, file, indent=1)
    file.write("\n")
