"""A table of the Internet in one VRF of a border router, beside two small VRFs, and a PE that keeps what it is told.

      peer (AS 65001, a customer of VRF internet) ── ten1/1 box (AS 42) ten1/3 ── PE (iBGP: VPNv4 and VPNv6)

Peer and PE are BGP speakers in raw octets. The prefix lengths are spread as in the tables of the Internet.
"""

import contextlib
import ipaddress
import json
import os
import random
import struct
import threading
import time
from collections import Counter

from relayed_routes import KEEPALIVE_SECONDS, _with_checksum
from stilelab.bgp_peer import (
    KEEPALIVE, VPNV4, VPNV6, BGPPeer, as_path, attribute, attributes_of, distinguisher, message, origin, update)
from stilelab.box import Box, binaries
from stilelab.commands import CommandFailed, run
from stilelab.namespaces import address_of, join

PEER, PE = "10.4.0.2", "10.98.0.1"
UNICAST4, UNICAST6 = (1, 1), (2, 1)
RD = {name: distinguisher(f"42:{number}") for name, number in (("internet", 1), ("before", 2), ("behind", 3))}
# Of 1,000 prefixes, how many have each length: the shares that the weekly CIDR reports show, as `Bench/Sources/bench/RandomRoutes.swift`.
LENGTHS = {4: {8: 1, 10: 1, 11: 1, 12: 1, 13: 1, 14: 2, 15: 2, 16: 14, 17: 9, 18: 14, 19: 26, 20: 46, 21: 52, 22: 118, 23: 104, 24: 608},
           6: {20: 2, 24: 3, 28: 8, 29: 25, 30: 5, 32: 130, 33: 20, 34: 15, 36: 40, 38: 10, 40: 90, 42: 20, 44: 90, 46: 30, 47: 12,
               48: 480, 56: 10, 64: 10}}
# So many routes have the same attributes, and stand in one message.
ROUTES_IN_A_MESSAGE = 200


def configuration(mode, maximum_labels=None, has_third=False, label_range=None):
    """VRF `internet` in this mode; `before` and, if it is there, `behind` have a label for the whole VRF."""
    limit = f" maximum labels {maximum_labels}\n" if maximum_labels else ""
    small = ["before", *(["behind"] if has_third else [])]
    vrfs = "".join(f"ip vrf {name}\n rd 42:{number}\n route-target both 42:{number}\n"
                   for number, name in enumerate(small, 2))
    routes = "".join(f"ip route vrf {name} 192.0.2.0/24 null0\n" for name in small)
    families = "".join(f" address-family ipv4 vrf {name}\n  redistribute static\n" for name in small)
    return f"""\
hostname pe42
!
port ten1/1
 device net_af_packet_p1,iface=p1
 mtu 1600
port ten1/3
 device net_af_packet_p3,iface=p3
 mtu 1600
!
mpls label quarantine 5
{f"mpls label range {label_range}" + chr(10) if label_range else ""}!
ip vrf internet
 rd 42:1
 route-target both 42:1
 label mode {mode}
{limit}{vrfs}!
interface ten1/1
 vrf definition internet
 ip address 10.4.0.1/24
 ipv6 address 2001:db8:4::1/64
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
!
{routes}ip prefix-list all permit 0.0.0.0/0 le 24
ipv6 prefix-list all6 permit ::/0 le 64
!
router bgp 42
 neighbor {PE} remote-as 42
 neighbor {PE} timers 10 30
 address-family vpnv4
  neighbor {PE} activate
 address-family vpnv6
  neighbor {PE} activate
{families} address-family ipv4 vrf internet
  neighbor {PEER} remote-as 65001
  neighbor {PEER} timers 10 30
  neighbor {PEER} prefix-list all in
 address-family ipv6 vrf internet
  neighbor {PEER} activate
  neighbor {PEER} prefix-list all6 in
"""


def prefixes(version, count, seed=1):
    """So many different prefixes of unicast addresses that may be forwarded, as octets of NLRI."""
    chance, found = random.Random(seed), set()
    lengths = [length for length, share in LENGTHS[version].items() for _ in range(share)]
    while len(found) < count:
        length = chance.choice(lengths)
        if version == 4:
            address = chance.randrange(11 << 24, 100 << 24) if chance.random() < 0.6 else chance.randrange(128 << 24, 169 << 24)
            octets = (address >> 32 - length << 32 - length).to_bytes(4, "big")
        else:
            # Of 2400::/12, 2600::/12 and 2a00::/12, which the registries give from.
            address = chance.choice((0x240, 0x260, 0x2A0)) << 116 | chance.getrandbits(116)
            octets = (address >> 128 - length << 128 - length).to_bytes(16, "big")
        found.add(bytes([length]) + octets[:(length + 7) // 8])
    return sorted(found)


def flood(ipv4, ipv6):
    """UPDATEs of the peer's that announce the prefixes, a path for each message."""
    hop = ipaddress.ip_address(PEER).packed
    for first in range(0, len(ipv4), ROUTES_IN_A_MESSAGE):
        path = as_path(65001, 64512 + first % 1000, 64512 + first // 1000 % 1000)
        yield update(origin(), path, attribute(0x40, 3, hop), announced=b"".join(ipv4[first:first + ROUTES_IN_A_MESSAGE]))
    for first in range(0, len(ipv6), ROUTES_IN_A_MESSAGE):
        path = as_path(65001, 64512 + first % 1000)
        routes = b"".join(ipv6[first:first + ROUTES_IN_A_MESSAGE])
        value = struct.pack("!HBB", *UNICAST6, 16) + ipaddress.ip_address("2001:db8:4::2").packed + b"\0" + routes
        yield update(origin(), path, attribute(0x80, 14, value))


class KeepingReceiver(BGPPeer):
    """Keeps the label of each route of VRF internet that it has, by its NLRI, and what it has of the others."""

    def _forget(self):
        super()._forget()
        self.labels, self.others, self.kept_alive = {VPNV4: {}, VPNV6: {}}, {}, time.monotonic()

    @property
    def told(self):
        return len(self.labels[VPNV4]) + len(self.labels[VPNV6])

    def _take(self, body):
        # The box sends no KEEPALIVE that could be answered as long as it has UPDATEs to send (RFC 4271 §4.4).
        if time.monotonic() - self.kept_alive > KEEPALIVE_SECONDS:
            self.kept_alive = time.monotonic()
            self.send(message(KEEPALIVE))
        for _, code, value in attributes_of(body):
            if code == 14:
                self._note(value[:3], value[5 + value[3]:], True)
            elif code == 15:
                self._note(value[:3], value[3:], False)

    def _note(self, family, routes, is_told):
        labels, position = self.labels[family[1], family[2]], 0
        while position < len(routes):
            end = position + 1 + (routes[position] + 7) // 8
            rd, key = routes[position + 4:position + 12], bytes([routes[position] - 88]) + routes[position + 12:end]
            table, key = (labels, key) if rd == RD["internet"] else (self.others, (rd, key))
            if is_told:
                table[key] = int.from_bytes(routes[position + 1:position + 4], "big") >> 4
            else:
                table.pop(key, None)
            position = end


class InternetVRF:
    def __init__(self, lab, ipv4, ipv6, label_range=None):
        self.label_range = label_range
        self.prefixes = {VPNV4: ipv4, VPNV6: ipv6}
        self.box = Box(lab, "box", configuration("per-vrf", label_range=label_range))
        self.peer_place, self.pe_place = lab.namespace("peer"), lab.namespace("pe")
        for place, port, address in ((self.peer_place, "p1", f"{PEER}/24"), (self.pe_place, "p3", f"{PE}/24")):
            join(place, "eth0", self.box.ports, port, 1600)
            place.ip("address", "add", address, "dev", "eth0")
        self.peer_place.ip("address", "add", "2001:db8:4::2/64", "dev", "eth0", "nodad")
        self.box.start()
        self.peer = BGPPeer(self.peer_place, PEER, "10.4.0.1", 65001, families=(UNICAST4, UNICAST6))
        self.pe = KeepingReceiver(self.pe_place, PE, "10.98.0.2", 42)

    def connect(self):
        for peer in (self.pe, self.peer):
            peer.connect(60)
            peer.end_of_rib()
        self.box.wait(lambda: (RD["before"], b"\x18\xc0\0\2") in self.pe.others, "the small VRF's route")
        self.sockets = {name: place.packet_socket("eth0") for name, place in (("peer", self.peer_place), ("pe", self.pe_place))}

    def replace(self, mode, **options):
        self.box.write_configuration(configuration(mode, label_range=self.label_range, **options))
        self._command("config", "replace", self.box.configuration_file)

    def _command(self, *words):
        """As the box's, with as much time as a million routes take."""
        done = run(os.path.join(binaries(), "stile"), "--json", "--timeout", 1800, "--socket", self.box.socket, *words, check=False,
                   timeout=1800)
        if done.returncode != 0:
            raise CommandFailed(f"stile {' '.join(words)}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    @property
    def count(self):
        return sum(map(len, self.prefixes.values()))

    def uses(self):
        """How many routes of VRF internet have each label."""
        # Copies at once: the session's thread goes on writing.
        return Counter(label for labels in list(self.pe.labels.values()) for label in list(labels.values()))

    def whole(self, name):
        """The label of a small VRF as the PE was told it; None without one."""
        return self.pe.others.get((RD[name], b"\x18\xc0\0\2"))

    def settles(self, seconds, quiet=5):
        """Waits until the PE is told nothing else for some seconds; when that began."""
        end, last, since = time.monotonic() + seconds, None, time.monotonic()
        while time.monotonic() < end:
            now = (self.pe.told, len(self.uses()))
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > quiet:
                return since
            time.sleep(1)
        raise TimeoutError(f"not settled within {seconds} s: {last}")

    def crosses(self, prefix, label):
        """Whether a packet for an IPv4 prefix, as octets of NLRI, leaves by the peer's circuit with a label from the core."""
        entry = struct.pack("!I", label << 12 | 1 << 8 | 64)
        addresses = address_of(self.box.ports, "p3") + address_of(self.pe_place, "eth0")
        marker = b"crossing" + entry
        head = bytes.fromhex("4500002800000000401100000a010005") + (prefix[1:] + bytes(4))[:3] + b"\x09"
        self.sockets["peer"].drain()
        self.sockets["pe"].send(bytes.fromhex(addresses.replace(":", "")) + b"\x88\x47" + entry
                                + _with_checksum(head + struct.pack("!HHHH", 1000, 2000, 20, 0) + marker))
        for _ in range(10):
            frame = self.sockets["peer"].receive(0.2)
            if frame is not None and frame.endswith(marker):
                return True
        return False

    def alarm(self):
        """The subjects of the alarm that labels are lacking."""
        alarms = self._command("show", "status")["alarms"]
        return next((alarm["subjects"] for alarm in alarms if alarm["kind"] == "labels_without_room"), [])

    @property
    def are_sessions_up(self):
        """Neither was lost, whatever the box had to do."""
        return self.peer.is_up and self.pe.is_up

    @contextlib.contextmanager
    def longest_answer(self):
        """How long at most the box took to say its status meanwhile: how long its event loop was held."""
        answers, is_over = [0.0], threading.Event()

        def ask():
            while not is_over.wait(0.05):
                began = time.monotonic()
                self._command("show", "status")
                answers.append(time.monotonic() - began)
        thread = threading.Thread(target=ask)
        thread.start()
        yield answers
        is_over.set()
        thread.join()

    def resident_megabytes(self):
        with open(f"/proc/{self.box.control.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) // 1024
