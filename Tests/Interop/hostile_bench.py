"""A box between a hostile operator with many BGP neighbors and a good one whose customer must notice nothing.

      red ───┐                   ten1/0 ── hostile operator: 10.99.0.1 … .12 are neighbors (AS 65001), .13 is a stranger
             ├─ box (AS 42) ─────┤
      green ─┘                   ten1/8 ── good operator (AS 65002), for green alone
"""

import threading
import time

from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.bgp_peer import BGPPeer
from stilelab.box import Box
from stilelab.customer import Customer
from stilelab.namespaces import address_of, join

HOSTILE_AS, GOOD_AS = 65001, 65002
NEIGHBORS = range(1, 13)
STRANGER = "10.99.0.13"
BOX, BOX_TOWARDS_GOOD, GOOD = "10.99.0.14", "10.99.1.2", "10.99.1.1"
GOOD_PREFIX, GOOD_HOST, GOOD_LABEL = "203.0.113.0/24", "203.0.113.5", 2002
SILENT, LIMITED, PREFIX_LIMIT = 11, 12, 100


def neighbor(number):
    return f"10.99.0.{number}"


def configuration():
    hostile = [neighbor(number) for number in NEIGHBORS]
    lines = ["hostname asbr42", "!"]
    for port, device in (("ten1/0", "nni0"), ("ten1/8", "nni8"), ("ten1/1", "cust1"), ("ten1/2", "cust2")):
        lines += [f"port {port}", f" device net_af_packet_{device},iface={device}",
                  f" mtu {1600 if device.startswith('nni') else 1500}"]
    lines += ["ip vrf red", " rd 42:1", " route-target both 42:1", f" optE {' '.join(hostile)}",
              "ip vrf green", " rd 42:2", " route-target both 42:2", f" optE {GOOD}",
              "interface ten1/0", " encap mpls optE", f" ip address {BOX}/28",
              "interface ten1/8", " encap mpls optE", f" ip address {BOX_TOWARDS_GOOD}/30",
              "interface ten1/1", " vrf definition red", " ip address 10.1.0.1/24", " ipv6 address fd00:1::1/64",
              "interface ten1/2", " vrf definition green", " ip address 10.1.0.1/24", " ipv6 address fd00:1::1/64",
              "router bgp 42"]
    for address in hostile:
        lines += [f" neighbor {address} remote-as {HOSTILE_AS}", f" neighbor {address} passive"]
    lines += [f" neighbor {neighbor(SILENT)} timers 1 3", f" neighbor {neighbor(LIMITED)} maximum-prefix {PREFIX_LIMIT}",
              f" neighbor {GOOD} remote-as {GOOD_AS}"]
    for family in ("vpnv4", "vpnv6"):
        lines += [f" address-family {family}", *[f"  neighbor {address} optE" for address in (*hostile, GOOD)]]
    for vrf in ("red", "green"):
        lines += [f" address-family ipv4 vrf {vrf}", "  redistribute connected"]
    return "\n".join(lines) + "\n"


class HostileBench:
    """The running box, its neighbors by number, and the witness of what the good customer gets."""

    def __init__(self, lab):
        self.lab = lab
        self.box = Box(lab, "box", configuration())
        self.hostile, self.good = lab.namespace("hostile"), lab.namespace("good")
        join(self.hostile, "eth0", self.box.ports, "nni0", 1600)
        join(self.good, "eth0", self.box.ports, "nni8", 1600)
        for number in (*NEIGHBORS, 13):
            self.hostile.ip("address", "add", f"10.99.0.{number}/28", "dev", "eth0")
        self.good.ip("address", "add", f"{GOOD}/30", "dev", "eth0")
        self.red = Customer(lab, "red", self.box.ports, "cust1", "10.1.0.2", "fd00:1::2")
        self.green = Customer(lab, "green", self.box.ports, "cust2", "10.1.0.2", "fd00:1::2")
        self.box.start()
        self.peers = {number: BGPPeer(self.hostile, neighbor(number), BOX, HOSTILE_AS) for number in NEIGHBORS}
        self.good_peer = BGPPeer(self.good, GOOD, BOX_TOWARDS_GOOD, GOOD_AS)
        self.good_peer.connect(60)
        self.good_peer.announce(GOOD_PREFIX, "65002:2", "42:2", GOOD_LABEL)
        self.box.wait(lambda: GOOD_PREFIX in self.box.text("show", "routes", "vrf", "green", "ipv4"), "the good route")
        self.box.wait(lambda: self.good_peer.label_of("42:2", "10.1.0.0/24"), "green's route at the good operator")
        assert self.green.ping("10.1.0.1", count=2) == (2, 2)
        self.witness = Witness(self)
        self.process = self.box.control.pid

    def peer(self, number):
        """The session of a neighbor, established if it was not."""
        peer = self.peers[number]
        if peer.is_up:
            return peer
        try:
            return peer.connect(0)
        except TimeoutError:
            # After an error the box rests for a while, the longer the more there were; an operator can end that.
            self.box.text("bgp", "clear", "neighbor", neighbor(number))
            return peer.connect()

    def shown(self, number):
        """What `show bgp neighbors` says of a neighbor; `errors` and `held` are counts by reason and by family."""
        detail = self.box.json("show", "bgp", "neighbors", neighbor(number))["neighbors"][0]
        detail |= detail["summary"]
        detail["errors"] = {entry["reason"]: entry["routes"] for entry in detail["route_errors"]}
        detail["held"] = {entry["family"]: entry["received_routes"] for entry in detail["families"]}
        return detail

    def check_undisturbed(self):
        """The process is the one it was, the good session never ended, and the good customer lost no packet."""
        assert self.box.control.poll() is None, self.lab.log("box/stiled.log")[-4000:]
        assert self.box.dataplane.poll() is None
        detail = self.box.json("show", "bgp", "neighbors", GOOD)["neighbors"][0]
        summary = detail["summary"]
        assert (summary["state"], summary["sessions_established"], detail["route_errors"]) == ("established", 1, [])
        assert GOOD_PREFIX in self.box.text("show", "routes", "vrf", "green", "ipv4")
        assert not self.good_peer.is_closed.is_set()
        assert not [event for event in self.good_peer.events if event[1] == "withdraw"]
        self.witness.check()


class Witness:
    """Numbered packets each 10 ms from the good operator to its customer and back, and which of them arrived."""

    def __init__(self, bench):
        site = bench.green.namespace.packet_socket("eth0")
        far = bench.good.packet_socket("eth0")
        label = bench.good_peer.label_of("42:2", "10.1.0.0/24")
        inward = (Ether(src=address_of(bench.good, "eth0"), dst=address_of(bench.box.ports, "nni8"), type=0x8847)
                  / MPLS(label=label, s=1, ttl=64) / IP(src=GOOD_HOST, dst=bench.green.ipv4))
        outward = (Ether(src=address_of(bench.green.namespace, "eth0"), dst=address_of(bench.box.ports, "cust2"))
                   / IP(src=bench.green.ipv4, dst=GOOD_HOST))
        self.ways = {"in": (far, inward, site), "out": (site, outward, far)}
        self.sent, self.arrived = {"in": 0, "out": 0}, {"in": set(), "out": set()}
        for way in self.ways:
            threading.Thread(target=self._send, args=(way,), daemon=True).start()
            threading.Thread(target=self._receive, args=(way,), daemon=True).start()

    def _send(self, way):
        socket, frame, _ = self.ways[way]
        # To the discard port: no answer is wanted.
        text = bytes(frame / UDP(sport=9, dport=9, chksum=0) / Raw(b"witness-" + way.ljust(3).encode() + bytes(8)))
        try:
            while True:
                socket.send(text[:-8] + self.sent[way].to_bytes(8, "big"))
                self.sent[way] += 1
                time.sleep(0.01)
        except OSError:
            # The lab is being removed.
            return

    def _receive(self, way):
        marker = b"witness-" + way.ljust(3).encode()
        try:
            while True:
                frame = self.ways[way][2].receive(1)
                position = frame.find(marker) if frame else -1
                # An ICMP error quotes the packet; it is none.
                if position >= 0 and frame[12:14] in (b"\x88\x47", b"\x08\x00") and len(frame) == position + 19:
                    self.arrived[way].add(int.from_bytes(frame[position + 11:position + 19], "big"))
        except OSError:
            return

    def check(self):
        counts = dict(self.sent)
        time.sleep(0.2)
        for way, count in counts.items():
            missing = sorted(set(range(count)) - self.arrived[way])
            assert not missing, f"{way}: {len(missing)} of {count} lost, the first {missing[:5]}"
