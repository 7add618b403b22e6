"""A spoofer on the NNI, and proof of where its packets went: they carry a marker that listeners look for."""

import time

from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw


class Attack:
    """One kind of forged frame and where it is sent."""

    def __init__(self, name, marker, socket, frames):
        self.name, self.marker, self.socket, self.frames = name, marker.encode(), socket, frames

    def run(self, listeners, per_second=2000):
        """Sends every frame and returns (sent, seen by any of the listeners)."""
        for listener in listeners:
            listener.drain()
        for index, frame in enumerate(self.frames):
            self.socket.send(frame)
            if index % 100 == 99:
                time.sleep(100 / per_second)
        end = time.monotonic() + 1
        seen = 0
        for listener in listeners:
            while (frame := listener.receive(max(end - time.monotonic(), 0.01))) is not None:
                seen += self.marker in frame
        return len(self.frames), seen


# Reasons of drops that come from the sharing of something.
_SHARED = {"punt_rate_exceeded", "punt_ring_full", "worker_ring_full", "no_frame_for_fragments"}


def felt(before, after, flooded):
    """What a box dropped of others than the flooded interface, for want of what all share; two `Box.drops`. What the box
    itself says because of a packet counts where that packet came in."""
    return {key: count - before.get(key, 0) for key, count in after.items()
            if key[1] in _SHARED and count != before.get(key, 0) and not key[0].startswith(flooded)}


def dropped(before, after):
    """What was dropped between two `Box.drops`, by reason, in words."""
    totals = {}
    for key, count in after.items():
        if count != before.get(key, 0):
            totals[key[1]] = totals.get(key[1], 0) + count - before.get(key, 0)
    return ", ".join(f"{reason} {count}" for reason, count in sorted(totals.items()))


def arp_requests(target, count):
    """Requests of hosts that nobody knows for the Ethernet address of `target`."""
    network = target.rsplit(".", 1)[0]
    for index in range(count):
        mac = f"02:00:00:66:{index >> 8 & 255:02x}:{index & 255:02x}"
        yield bytes(Ether(src=mac, dst="ff:ff:ff:ff:ff:ff")
                    / ARP(op=1, hwsrc=mac, psrc=f"{network}.{2 + index % 250}", pdst=target))


def labelled(source, destination, labels, marker, inner=None):
    """An Ethernet frame with a label stack; the last label has the bottom-of-stack bit."""
    frame = Ether(src=source, dst=destination, type=0x8847)
    for position, label in enumerate(labels):
        frame /= MPLS(label=label, s=int(position == len(labels) - 1), ttl=64)
    return bytes(frame / (inner or customer_packet(marker)))


def unlabelled(source, destination, marker, inner=None):
    return bytes(Ether(src=source, dst=destination) / (inner or customer_packet(marker)))


def customer_packet(marker, source="10.2.0.2", destination="10.1.0.2"):
    return IP(src=source, dst=destination) / UDP(sport=4000, dport=4000) / Raw(marker.encode() + bytes(32))
