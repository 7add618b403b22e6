"""A far end that gives each prefix a label of its own, and what becomes of them when its Ethernet address changes.

The routes are red's, in the lab of `many_routes.py`; the customer's packets show which label and address they leave with.
"""

import os
import socket
import struct
import time

from many_routes import BOX, FAR, ROUTES_IN_A_MESSAGE, ManyRoutes, datagram
from scapy.layers.l2 import ARP, Ether
from stilelab.bgp_peer import ROUTE_REFRESH, as_path, distinguisher, label_entry, origin, reachable, route_target, unreachable, update
from stilelab.namespaces import address_of

FIRST_LABEL = 16
FIRST_PREFIX = 0x14000000
TICKS = os.sysconf("SC_CLK_TCK")


def label_of(index):
    return FIRST_LABEL + index


def _messages(routes):
    """The NLRI of `routes` /24s of red's, each with its own label, for a message each time."""
    front, rd = bytes([24 + 64 + 24]), distinguisher("65001:65000")
    for first in range(0, routes, ROUTES_IN_A_MESSAGE):
        yield b"".join(
            front + label_entry(label_of(index)) + rd + struct.pack("!I", FIRST_PREFIX + (index << 8))[:3]
            for index in range(first, min(first + ROUTES_IN_A_MESSAGE, routes)))


def flood(routes):
    """UPDATEs that announce `routes` /24s of red's, each with its own label."""
    target = route_target("42:65000")
    for prefixes in _messages(routes):
        yield update(origin(), as_path(65001), target, reachable(FAR, prefixes))


def withdrawal(routes):
    """UPDATEs that take them back."""
    for prefixes in _messages(routes):
        yield update(unreachable(prefixes))


class FarEndLabels(ManyRoutes):
    def __init__(self, lab):
        super().__init__(lab, 0)
        self._source = self._sink = self._header = None

    def listen(self):
        self._header = self.customer_header()
        self._source = self.customer.namespace.packet_socket("eth0")
        self._sink = self.far.packet_socket("eth0")

    def neighbor(self):
        return self.box.json("show", "bgp", "neighbors", FAR)["neighbors"][0]

    def refreshes(self):
        """How often the box has asked for the routes again (RFC 2918)."""
        return sum(kind == ROUTE_REFRESH and body[2] == 0 for kind, body in list(self.peer.received))

    def processor_seconds(self):
        """What the control process has used of the processor."""
        with open(f"/proc/{self.box.control.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def address(self):
        """The far end's Ethernet address."""
        return address_of(self.far, "eth0")

    def leaves(self, index):
        """(destination address, label) of the frame in which a packet to the prefix leaves; `None`: it does not."""
        destination = struct.pack("!I", FIRST_PREFIX + (index << 8) + 7)
        self._sink.drain()
        self._source.send(self._header + datagram(socket.inet_ntoa(destination)))
        end = time.monotonic() + 3
        while time.monotonic() < end:
            frame = self._sink.receive(0.2)
            if frame is not None and frame[12:14] == b"\x88\x47" and frame[18 + 16:18 + 20] == destination:
                return frame[:6].hex(":"), struct.unpack("!I", frame[14:18])[0] >> 12
        return None

    def change_address(self, address):
        """Gives the far end another Ethernet address, which its next request tells the box. Returns (seconds until it is
        known, seconds of the processor that the control process used until a second later)."""
        self.far.ip("link", "set", "eth0", "address", address)
        used, begin = self.processor_seconds(), time.monotonic()
        self._sink.send(Ether(src=address, dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=address, psrc=FAR, pdst=BOX))
        self.box.wait(lambda: address in self.box.text("show", "neighbors"), "the new address")
        known = time.monotonic() - begin
        time.sleep(1)
        return known, self.processor_seconds() - used
