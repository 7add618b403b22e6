"""Another transport to a PE, and a PE that is lost, under traffic: what is lost is counted.

      red ── ten1/1 box ──┬── ten1/3 core ── P 10.98.0.1 ── PE 10.0.0.7, by label 16007
                          └── ten1/4 core ── Q 10.97.0.1 ── PE 10.0.0.8, by label 17008

A reflector (scripted) at 10.98.0.9 says many networks behind both PEs; those of 10.0.0.7 are preferred.
"""

import select
import struct
import time

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.bgp_peer import BGPPeer, as_path, attribute, next_hop, nlri, origin, reachable, route_target, unreachable, update
from stilelab.box import Box
from stilelab.customer import Customer
from stilelab.namespaces import address_of, join
from stilelab.numbered_frames import PAYLOAD, NumberedFrames

NETWORKS = 2000
PREFERENCE = {"10.0.0.7": 200, "10.0.0.8": 100}
RD = {"10.0.0.7": "42:107", "10.0.0.8": "42:108"}
LABEL = {"10.0.0.7": 3007, "10.0.0.8": 3008}
BINDING = "mpls static binding ipv4 10.0.0.7/32 output 10.98.0.1 label 16007\n"
CONFIGURATION = f"""\
port ten1/1
 device net_af_packet_cust1,iface=cust1
port ten1/3
 device net_af_packet_p3,iface=p3
port ten1/4
 device net_af_packet_p4,iface=p4
ip vrf red
 rd 42:1
 route-target both 42:1
interface ten1/1
 vrf definition red
 ip address 10.1.0.1/24
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
interface ten1/4
 encap mpls core
 ip address 10.97.0.2/24
{BINDING}mpls static binding ipv4 10.0.0.8/32 output 10.97.0.1 label 17008
router bgp 42
 neighbor 10.98.0.9 remote-as 42
 address-family vpnv4
  neighbor 10.98.0.9 activate
"""
MOVED = CONFIGURATION.replace(BINDING, BINDING.replace("10.98.0.1", "10.97.0.1").replace("16007", "17007"))


class Unlabelled:
    """What arrives on one of several sockets, without its two labels."""

    def __init__(self, sockets):
        self.sockets = sockets

    def receive(self, seconds):
        ready, _, _ = select.select(self.sockets, [], [], seconds)
        try:
            frame = ready[0].receive(0.001) if ready else None
        except OSError:
            # Its link is down.
            self.sockets.remove(ready[0])
            return None
        return frame and frame[:14] + frame[22:]


class Bench:
    def __init__(self, lab):
        self.box = Box(lab, "box", CONFIGURATION)
        self.routers = {}
        for name, port, address in (("p", "p3", "10.98.0.1"), ("q", "p4", "10.97.0.1")):
            self.routers[name] = lab.namespace(name)
            join(self.routers[name], "eth0", self.box.ports, port, 1600)
            self.routers[name].ip("address", "add", f"{address}/24", "dev", "eth0")
        self.routers["p"].ip("address", "add", "10.98.0.9/24", "dev", "eth0")
        self.customer = Customer(lab, "red", self.box.ports, "cust1", "10.1.0.2", "fd00:1::2")
        self.box.start()
        assert self.customer.ping("10.1.0.1", count=1) == (1, 1)
        self.reflector = BGPPeer(self.routers["p"], "10.98.0.9", "10.98.0.2", 42, graceful_restart=120)
        self.reflector.bring_up()
        for provider in PREFERENCE:
            self.announce(provider)
        self.wait_for("10.0.0.7")

    @staticmethod
    def networks():
        return [f"20.{number // 256}.{number % 256}.0/24" for number in range(NETWORKS)]

    def announce(self, provider):
        networks = self.networks()
        for first in range(0, NETWORKS, 100):
            routes = b"".join(nlri(network, RD[provider], (LABEL[provider],)) for network in networks[first:first + 100])
            self.reflector.send(update(
                origin(), as_path(), attribute(0x40, 5, struct.pack("!I", PREFERENCE[provider])), route_target("42:1"),
                reachable(None, routes, hop=next_hop(provider))))

    def withdraw(self, provider):
        networks = self.networks()
        for first in range(0, NETWORKS, 100):
            self.reflector.send(update(unreachable(b"".join(
                nlri(network, RD[provider], (LABEL[provider],)) for network in networks[first:first + 100]))))

    def wait_for(self, provider):
        """All networks lead to the PE."""
        def lead():
            routes = self.box.json("show", "routes", "vrf", "red", "ipv4")["routes"]
            return sum(route["prefix"].startswith("20.") and route["next_hops"][0]["address"] == provider
                       for route in routes) == NETWORKS
        self.box.wait(lead, f"{NETWORKS} networks lead to {provider}", 30)

    def lost_during(self, change):
        """How many of a customer's packets to one of the networks neither router got while something changed. All is well
        before and afterwards."""
        frame = (Ether(src=address_of(self.customer.namespace, "eth0"), dst=address_of(self.box.ports, "cust1"))
                 / IP(src="10.1.0.2", dst="20.3.7.9", ttl=64) / UDP(sport=1, dport=2) / Raw(PAYLOAD))
        sockets = [router.packet_socket("eth0") for router in self.routers.values()]
        traffic = NumberedFrames(self.customer.namespace.packet_socket("eth0"), frame, Unlabelled(sockets), 0.0005)
        time.sleep(0.2)
        begin = time.monotonic()
        change()
        end = time.monotonic()
        time.sleep(0.2)
        sent = traffic.finish()
        lost = [when for when, arrived in sent if not arrived]
        print(f"{len(lost)} of {len(sent)} lost")
        assert all(begin <= when <= end for when in lost)
        return len(lost)


@pytest.fixture(scope="module")
def bench(lab):
    return Bench(lab)


def test_another_transport_loses_nothing(bench):
    def move():
        bench.box.replace(MOVED)
        bench.box.wait(lambda: "17007" in explained(bench), "the other transport")
        bench.box.replace(CONFIGURATION)
        bench.box.wait(lambda: "16007" in explained(bench), "the first transport")
    assert bench.lost_during(move) == 0


def explained(bench):
    return bench.box.text("explain", "packet", "in", "ten1/1", "src", "10.1.0.2", "dst", "20.3.7.9")


def test_a_pe_that_is_taken_back_loses_nothing(bench):
    def change():
        bench.withdraw("10.0.0.7")
        bench.wait_for("10.0.0.8")
        bench.announce("10.0.0.7")
        bench.wait_for("10.0.0.7")
    assert bench.lost_during(change) == 0


def test_a_pe_that_loses_its_transport_is_left_and_taken_back_without_loss(bench):
    def leave():
        bench.box.replace(CONFIGURATION.replace(BINDING, ""))
        bench.wait_for("10.0.0.8")

    def take_back():
        bench.box.replace(CONFIGURATION)
        bench.wait_for("10.0.0.7")

    # Its networks are looked at one by one.
    bench.lost_during(leave)
    assert bench.lost_during(take_back) == 0


def test_a_router_that_dies_is_left(bench):
    def change():
        bench.routers["p"].ip("link", "set", "eth0", "down")
        bench.wait_for("10.0.0.8")
    assert bench.lost_during(change) > 0
    bench.routers["p"].ip("link", "set", "eth0", "up")
    bench.wait_for("10.0.0.7")
