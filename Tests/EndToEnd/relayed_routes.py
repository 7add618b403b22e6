"""A border of Option B that relays many VPN routes to two receivers, which count what they are told.

      far end ── ten1/0 border (AS 42) ten1/3 ── PE
      AS 65001                │ ten1/9
                           other operator, AS 65002 (transit between the NNIs)

All of them are BGP speakers in raw octets. The far end's routes share a few labels, as those of PEs with a label for each VRF do.
"""

import struct
import time
from collections import Counter

from many_routes import ROUTES_IN_A_MESSAGE
from stilelab.bgp_peer import (
    KEEPALIVE, BGPPeer, as_path, attributes_of, distinguisher, label_entry, message, origin, reachable, route_target, unreachable,
    update)
from stilelab.box import Box
from stilelab.namespaces import address_of, join
from stilelab.option_b import LINKS_A

FAR, OTHER, PE = "192.0.2.2", "198.51.100.2", "10.98.0.1"
FIRST_LABEL = 2000
KEEPALIVE_SECONDS = 10
# Of the receivers: their port, and the place that `show labels` has for their labels.
RECEIVERS = {"pe": ("p3", "core"), "other": ("p9", "ten1/9")}
CONFIGURATION = LINKS_A + """\
router bgp 42
 neighbor 10.98.0.1 remote-as 42
 neighbor 192.0.2.2 remote-as 65001
 neighbor 192.0.2.2 maximum-labels 1000
 neighbor 198.51.100.2 remote-as 65002
 address-family vpnv4
  neighbor 10.98.0.1 activate
  neighbor 10.98.0.1 route-target export 42:7
  neighbor 192.0.2.2 optB
  neighbor 192.0.2.2 transit
  neighbor 192.0.2.2 route-target import 65001:7 as 42:7
  neighbor 198.51.100.2 optB
  neighbor 198.51.100.2 transit
  neighbor 198.51.100.2 route-target export 42:7 as 65002:7
"""


def _blocks(routes, labels):
    """(label, NLRI) of messages with `routes` /24s, shared out evenly among the labels."""
    for number in range(labels):
        share = routes // labels + (number < routes % labels)
        front = bytes([24 + 64 + 24]) + label_entry(FIRST_LABEL + number) + distinguisher(f"65001:{number + 1}")
        for first in range(0, share, ROUTES_IN_A_MESSAGE):
            yield b"".join(front + struct.pack("!I", 0x14000000 + (index << 8))[:3]
                           for index in range(first, min(first + ROUTES_IN_A_MESSAGE, share)))


def flood(routes, labels):
    """UPDATEs that announce them."""
    target = route_target("65001:7")
    for prefixes in _blocks(routes, labels):
        yield update(origin(), as_path(65001), target, reachable(FAR, prefixes))


def withdrawal(routes, labels):
    """UPDATEs that take them back."""
    for prefixes in _blocks(routes, labels):
        yield update(unreachable(prefixes))


class Receiver(BGPPeer):
    """Counts what it is told: how many routes it has, and how many came with each label since the session began."""

    def _forget(self):
        super()._forget()
        self.told, self.labels, self.kept_alive = 0, Counter(), time.monotonic()

    def _take(self, body):
        # The box sends no KEEPALIVE that could be answered as long as it has UPDATEs to send (RFC 4271 §4.4).
        if time.monotonic() - self.kept_alive > KEEPALIVE_SECONDS:
            self.kept_alive = time.monotonic()
            self.send(message(KEEPALIVE))
        for _, code, value in attributes_of(body):
            if code == 14:
                for label in _labels(value[5 + value[3]:]):
                    self.labels[label] += 1
                    self.told += 1
            elif code == 15:
                self.told -= sum(1 for _ in _labels(value[3:]))


def _labels(routes):
    position = 0
    while position < len(routes):
        yield int.from_bytes(routes[position + 1:position + 4], "big") >> 4
        position += 1 + (routes[position] + 7) // 8


class RelayedRoutes:
    def __init__(self, lab):
        self.box = Box(lab, "box", CONFIGURATION)
        self.places = {}
        for name, port, address in (("far", "p0", f"{FAR}/30"), ("pe", "p3", f"{PE}/24"), ("other", "p9", f"{OTHER}/30")):
            place = self.places[name] = lab.namespace(name)
            join(place, "eth0", self.box.ports, port, 1600)
            place.ip("address", "add", address, "dev", "eth0")
        self.box.start()
        self.far = BGPPeer(self.places["far"], FAR, "192.0.2.1", 65001)
        self.receivers = {"pe": Receiver(self.places["pe"], PE, "10.98.0.2", 42),
                          "other": Receiver(self.places["other"], OTHER, "198.51.100.1", 65002)}

    def connect(self):
        for peer in (*self.receivers.values(), self.far):
            peer.connect(60)
            peer.end_of_rib()
        self.sockets = {name: place.packet_socket("eth0") for name, place in self.places.items()}

    def have(self, routes):
        """Whether every receiver has so many."""
        return all(receiver.told == routes for receiver in self.receivers.values())

    def swaps(self):
        """How many labels are swapped in each receiver's place."""
        return Counter(swap["nni"] for swap in self.box.json("show", "isolation")["swaps"])

    def crosses(self, receiver, label):
        """The label by which a packet of a receiver leaves for the far end; `None`: it does not."""
        port = RECEIVERS[receiver][0]
        entry = struct.pack("!I", label << 12 | 1 << 8 | 64)
        addresses = address_of(self.box.ports, port) + address_of(self.places[receiver], "eth0")
        marker = b"crossing-" + entry
        packet = bytes.fromhex("4500002900000000401100000a0100050a020005") + struct.pack("!HHHH", 1000, 2000, 21, 0) + marker
        self.sockets["far"].drain()
        self.sockets[receiver].send(bytes.fromhex(addresses.replace(":", "")) + b"\x88\x47" + entry + _with_checksum(packet))
        for _ in range(20):
            frame = self.sockets["far"].receive(0.2)
            if frame is not None and frame.endswith(marker):
                return struct.unpack("!I", frame[14:18])[0] >> 12
        return None

    def resident_megabytes(self):
        with open(f"/proc/{self.box.control.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) // 1024


def _with_checksum(packet):
    total = sum(struct.unpack("!10H", packet[:20]))
    total = (total & 0xFFFF) + (total >> 16)
    return packet[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + packet[12:]
