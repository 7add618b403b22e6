"""A P router: swaps and pops labels between two links as RFC 3031 and RFC 3443 say, and lets its kernel route plain IP.

As a program: label_router.py SWAPS, where SWAPS is JSON: {incoming label: [outgoing label or null, interface, MAC address]}.
"""

import json
import os
import struct
import sys

ETH_P_MPLS = 0x8847
IMPLICIT_NULL = None


class LabelRouter:
    """A P router in a namespace with links `left` and `right` that are up; `swaps` as the program takes them."""

    def __init__(self, lab, namespace, swaps):
        self.lab, self.namespace, self.swaps = lab, namespace, swaps
        for word in ("net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0"):
            namespace.run("sysctl", "-qw", word)

    def start(self):
        return self.lab.start(
            self.namespace, ["/usr/bin/python3", os.path.abspath(__file__), json.dumps(self.swaps)],
            f"{self.namespace.name}.log")


def forward(frame, swaps):
    """The frame that leaves and the interface that it leaves by; `None` for one that is dropped."""
    entry = struct.unpack("!I", frame[14:18])[0]
    swap = swaps.get(entry >> 12)
    ttl = entry & 0xFF
    if swap is None or ttl <= 1:
        return None
    label, interface, (source, destination) = swap
    header = destination + source + struct.pack("!H", ETH_P_MPLS)
    if label is not IMPLICIT_NULL:
        return header + struct.pack("!I", label << 12 | entry & 0xF00 | ttl - 1) + frame[18:], interface
    if entry >> 8 & 1:
        return None
    # The penultimate router pops; the label below goes on with the TTL of the one above.
    below = struct.unpack("!I", frame[18:22])[0]
    return header + struct.pack("!I", below & ~0xFF | ttl - 1) + frame[22:], interface


def main():
    import select
    import socket

    sockets, addresses = {}, {}
    for interface in ("left", "right"):
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_MPLS))
        link.setsockopt(263, 23, 1)  # SOL_PACKET, PACKET_IGNORE_OUTGOING
        link.bind((interface, ETH_P_MPLS))
        sockets[interface], addresses[interface] = link, link.getsockname()[4]
    swaps = {
        int(incoming): (label, interface, (addresses[interface], bytes.fromhex(mac.replace(":", ""))))
        for incoming, (label, interface, mac) in json.loads(sys.argv[1]).items()}
    while True:
        for link in select.select(list(sockets.values()), [], [])[0]:
            done = forward(link.recv(65536), swaps)
            if done is not None:
                sockets[done[1]].send(done[0])


if __name__ == "__main__":
    main()
