"""What the box itself has to answer, or to refuse, is sent to one interface as fast as it goes: nobody else feels it.

What others would feel is read where it is certain however busy the machine is: in the box's own drops, by interface and
reason, and in its sessions. Frames that the kernel loses in front of the box are not the box's doing.
"""

import random

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw
from stilelab.attack import felt
from stilelab.commands import wait_until
from stilelab.namespaces import address_of
from stilelab.two_operators import ROGUE_NNI, SIDES

SECONDS = 3
STRANGER = "02:00:00:00:66:01"
# Sends the frames of a file, one in hexadecimal digits a line, round and round; prints how many.
FLOOD = """
import socket, sys, time
frames = [bytes.fromhex(line) for line in open(sys.argv[2])]
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((sys.argv[1], 0))
sent, end = 0, time.monotonic() + float(sys.argv[3])
while time.monotonic() < end:
    for frame in frames:
        try:
            out.send(frame)
        except OSError:
            continue
    sent += len(frames)
print(sent, flush=True)
"""
# What the flooded interface must lose, by what it is flooded with. The lab's rogue has no session: an NNI takes nothing
# from it but what concerns the link.
ON_CIRCUIT = {
    "arp": "punt_rate_exceeded", "neighbor discovery": "punt_rate_exceeded", "echo": "punt_rate_exceeded",
    "bgp": "punt_rate_exceeded", "garbage": "punt_rate_exceeded", "expired": "ip_ttl_expired",
}
ON_NNI = {
    "arp": "punt_rate_exceeded", "neighbor discovery": "punt_rate_exceeded", "echo": "punt_rate_exceeded",
    "bgp": "unlabelled_on_nni", "garbage": "unlabelled_on_nni", "expired": "unlabelled_on_nni",
}


def frames(kind, box_mac, gateway, subnet, beyond):
    """64 frames of strangers on `subnet` (the first three octets) to the box, whose address there is `gateway`."""
    hosts = random.Random(kind)
    for _ in range(64):
        source = f"{subnet}.{hosts.randrange(2, 255)}"
        link = Ether(src=STRANGER, dst=box_mac)
        if kind == "arp":
            yield Ether(src=STRANGER, dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=STRANGER, psrc=source, pdst=gateway)
        elif kind == "neighbor discovery":
            yield (Ether(src=STRANGER, dst="33:33:ff:00:00:01")
                   / IPv6(src=f"fe80::{hosts.randrange(2, 9999):x}", dst="ff02::1:ff00:1", hlim=255)
                   / ICMPv6ND_NS(tgt="fd00:1::1") / ICMPv6NDOptSrcLLAddr(lladdr=STRANGER))
        elif kind == "echo":
            yield link / IP(src=source, dst=gateway) / ICMP() / Raw(b"flood")
        elif kind == "bgp":
            yield link / IP(src=source, dst=gateway) / TCP(sport=hosts.randrange(1024, 65535), dport=179)
        elif kind == "garbage":
            yield link / IP(src=source, dst=gateway) / UDP(sport=9, dport=hosts.randrange(1, 65535)) / Raw(b"flood")
        else:
            yield link / IP(src=source, dst=beyond, ttl=1) / UDP(sport=9, dport=9) / Raw(b"flood")


def session(box):
    """What would be another if the session to the far operator had been lost."""
    neighbors = box.json("show", "bgp", "summary")["neighbors"]
    entry = next(entry for entry in neighbors if entry["address"] == SIDES["a"]["far_nni"])
    return entry["state"], entry["sessions_established"], entry["state_changed_at"]


class Flood:
    """One kind of frame, sent to one interface of box a by a process of its own."""

    def __init__(self, operators, namespace, kind, made):
        self.lab, self.log = operators.lab, f"flood-{namespace.name}-{kind.replace(' ', '-')}.log"
        path = self.lab.path(f"{self.log}.frames")
        with open(path, "w") as file:
            file.writelines(bytes(frame).hex() + "\n" for frame in made)
        self.process = self.lab.start(namespace, ["/usr/bin/python3", "-c", FLOOD, "eth0", path, str(SECONDS)], self.log)

    def finish(self):
        self.process.wait(SECONDS + 60)
        return int(self.lab.log(self.log).split()[-1])


def check(operators, namespace, interface, kind, made, reason, address):
    """Floods the interface, and counts meanwhile what becomes of the others."""
    box, red, blue = operators.boxes["a"], operators.customers["red", "a"], operators.customers["blue", "a"]
    before, was = box.drops(), session(box)
    flood = Flood(operators, namespace, kind, made)
    # A host that nobody has heard of yet appears at another customer's, and is found.
    blue.namespace.ip("address", "add", f"{address}/24", "dev", "eth0")
    wait_until(lambda: blue.namespace.run("ping", "-n", "-q", "-c", "1", "-W", "1", "-I", address, "10.1.0.1",
                                          check=False).returncode == 0, f"{address} reaches its gateway", 30)
    # Another customer's packets cross as they did.
    sent, received = red.ping(operators.customers["red", "b"].ipv4, count=100, interval=0.01)
    assert flood.finish() > 0
    wait_until(lambda: box.drops().get((interface, reason), 0) > before.get((interface, reason), 0),
               f"{reason} on {interface}", 30)
    assert felt(before, box.drops(), interface) == {}
    assert session(box) == was
    assert sent == 100 and received > 0
    blue.namespace.ip("address", "del", f"{address}/24", "dev", "eth0")


@pytest.mark.parametrize("kind", ON_CIRCUIT)
def test_a_flood_on_a_circuit_is_felt_by_nobody_else(operators, kind):
    green = operators.customers["green", "a"]
    mac = address_of(operators.boxes["a"].ports, "cust2")
    number = 100 + list(ON_CIRCUIT).index(kind)
    made = frames(kind, mac, "10.1.0.1", "10.1.0", "10.2.0.2")
    check(operators, green.namespace, "ten1/2", kind, made, ON_CIRCUIT[kind], f"10.1.0.{number}")


@pytest.mark.parametrize("kind", ON_NNI)
def test_a_flood_on_an_nni_is_felt_by_nobody_else(operators, kind):
    mac = address_of(operators.boxes["a"].ports, "nni9")
    number = 120 + list(ON_NNI).index(kind)
    # Echo requests are answered to the NNI's own subnet, which has one host besides the box.
    made = list(frames(kind, mac, ROGUE_NNI["box"], ROGUE_NNI["far"].rsplit(".", 1)[0], "10.2.0.2"))
    if kind == "echo":
        for frame in made:
            frame[IP].src = ROGUE_NNI["far"]
    check(operators, operators.rogue, "ten1/9", kind, made, ON_NNI[kind], f"10.1.0.{number}")
