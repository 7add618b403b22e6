"""A box with many VRFs, and a far end that announces many routes into them while a customer's packets cross.

       red ── box (AS 42) ten1/0 ───── far end (AS 65001, in raw octets)

All VRFs but red have no circuit; red has one route of the far end's beside the flood.
"""

import struct
import threading
import time

from stilelab.bgp_peer import BGPPeer, as_path, distinguisher, label_entry, origin, reachable, route_target, update
from stilelab.box import Box
from stilelab.customer import Customer
from stilelab.namespaces import address_of, join

BOX, FAR = "10.99.0.2", "10.99.0.1"
RED_HOST = "192.0.2.5"
# A message is at most 4096 octets (RFC 4271 §4.1); a labelled VPN-IPv4 /24 takes 15.
ROUTES_IN_A_MESSAGE = 260


def configuration(vrfs, table_megabytes=None):
    lines = ["hostname asbr42", "!"]
    if table_megabytes:
        lines += ["dataplane", f" memory tables {table_megabytes}", "!"]
    lines += ["port ten1/0", " device net_af_packet_nni0,iface=nni0", " mtu 1600",
              "port ten1/1", " device net_af_packet_cust1,iface=cust1", "!",
              "ip vrf red", " rd 42:65000", " route-target both 42:65000", " optE"]
    for number in range(1, vrfs + 1):
        lines += [f"ip vrf v{number}", f" rd 42:{number}", f" route-target both 42:{number}", " optE"]
    lines += ["!", "interface ten1/0", " encap mpls optE", f" ip address {BOX}/30",
              "interface ten1/1", " vrf definition red", " ip address 10.1.0.1/24", "!",
              "router bgp 42", f" neighbor {FAR} remote-as 65001", f" neighbor {FAR} timers 3 9",
              " address-family vpnv4", f"  neighbor {FAR} optE",
              " address-family ipv4 vrf red", "  redistribute connected"]
    return "\n".join(lines) + "\n"


def flood(vrfs, routes):
    """UPDATEs that announce `routes` /24s, shared out evenly among the VRFs, with one label for each VRF."""
    for number in range(1, vrfs + 1):
        share = routes // vrfs + (number <= routes % vrfs)
        front = bytes([24 + 64 + 24]) + label_entry(1000 + number) + distinguisher(f"65001:{number}")
        target = route_target(f"42:{number}")
        for first in range(0, share, ROUTES_IN_A_MESSAGE):
            prefixes = b"".join(
                front + struct.pack("!I", 0x14000000 + (index << 8))[:3]
                for index in range(first, min(first + ROUTES_IN_A_MESSAGE, share)))
            yield update(origin(), as_path(65001), target, reachable(FAR, prefixes))


class ManyRoutes:
    def __init__(self, lab, vrfs, table_megabytes=None):
        self.lab, self.vrfs = lab, vrfs
        self.box = Box(lab, "box", configuration(vrfs, table_megabytes))
        self.far = lab.namespace("far")
        join(self.far, "eth0", self.box.ports, "nni0", 1600)
        self.far.ip("address", "add", f"{FAR}/30", "dev", "eth0")
        self.customer = Customer(lab, "red", self.box.ports, "cust1", "10.1.0.2", "fd00:1::2")
        self.box.start()
        self.peer = BGPPeer(self.far, FAR, BOX, 65001, hold=9)

    def connect(self):
        self.peer.connect(60)
        self.peer.announce("192.0.2.0/24", "65001:65000", "42:65000", 5000)
        self.peer.end_of_rib()
        self.box.wait(lambda: "192.0.2.0/24" in self.box.text("show", "routes", "vrf", "red", "ipv4"), "red's route")
        # Its first packet may be lost to the neighbor resolution of hundreds of circuits.
        self.box.wait(lambda: self.customer.ping("10.1.0.1", count=1) == (1, 1), "the customer's gateway")

    def counts(self):
        """(received, imported) VPNv4 routes as the box counts them."""
        for neighbor in self.box.json("show", "bgp", "summary")["neighbors"]:
            for family in neighbor["families"]:
                if family["family"] == "vpnv4":
                    return family["received_routes"], family["imported_routes"]
        return 0, 0

    def customer_header(self):
        """The Ethernet header of an IPv4 packet from the customer to its gateway."""
        addresses = [address_of(self.box.ports, "cust1"), address_of(self.customer.namespace, "eth0")]
        return bytes.fromhex("".join(addresses).replace(":", "")) + b"\x08\0"

    def resident_megabytes(self):
        with open(f"/proc/{self.box.control.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) // 1024


class Crossing:
    """A customer's packets at a steady pace while it runs, and how many of them arrived on the link."""

    def __init__(self, many, interval=0.01):
        self._source = many.customer.namespace.packet_socket("eth0")
        self._sink = many.far.packet_socket("eth0")
        self._frame = many.customer_header() + datagram(RED_HOST, b"undisturbed")
        self._interval = interval
        self.sent = self.arrived = 0
        self._over = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._send, self._count)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._source.close()
        self._sink.close()

    def _send(self):
        while not self._over.wait(self._interval):
            self._source.send(self._frame)
            self.sent += 1

    def _count(self):
        quiet_since = None
        while quiet_since is None or time.monotonic() - quiet_since < 1:
            frame = self._sink.receive(0.2)
            if frame is not None and b"undisturbed" in frame:
                self.arrived += 1
            if self._over.is_set() and quiet_since is None:
                quiet_since = time.monotonic()


def datagram(destination, payload=b""):
    """A UDP datagram of the customer's, with its IPv4 header."""
    header = bytearray(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 7, 0, 64, 17, 0, bytes([10, 1, 0, 2]),
                                   bytes(int(part) for part in destination.split("."))))
    total = sum(struct.unpack("!10H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    header[10:12] = struct.pack("!H", ~total & 0xFFFF)
    return bytes(header) + struct.pack("!HHHH", 1000, 2000, 8 + len(payload), 0) + payload
