"""Two border routers of one operator, both connected to a customer, each of which uses the other's path beside its own.

      router, FRR (AS 65100) ── ten1/1  east  ten1/3 ──┬── ten1/3  west  ten1/1 ── router, FRR (AS 65100)
                 where packets come from ── ten1/2       └── reflector 10.98.0.9 (GoBGP)

With a label per VRF each looks up again what the other sends: nothing may go back into the core.
"""

import contextlib
import select
import time

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw
from stilelab.box import Box
from stilelab.namespaces import address_of, join
from stilelab.peers import GoBGP
from stilelab.routers import FRRRouter

PREFIX, HOST = "203.0.113.0/24", "203.0.113.5"
SITE, SITE_MAC = "10.4.0.2", "02:00:00:00:04:02"
FLOWS = 64


def border(name, number, site=""):
    return f"hostname {name}\n" + "".join(
        f"port ten1/{port}\n device net_af_packet_p{port},iface=p{port}\n mtu 1600\n" for port in (1, 2, 3)) + f"""\
ip vrf red
 rd 42:{number}
 route-target both 42:1
interface ten1/1
 vrf definition red
 ip address 10.{number}.0.1/24
{site}interface ten1/3
 encap mpls core
 ip address 10.98.0.{number}/24
ip prefix-list sites permit {PREFIX}
router bgp 42
 neighbor 10.98.0.9 remote-as 42
 address-family vpnv4
  neighbor 10.98.0.9 activate
 address-family ipv4 vrf red
  redistribute connected
  maximum-paths eibgp 2
  neighbor 10.{number}.0.2 remote-as 65100
  neighbor 10.{number}.0.2 timers 3 9
  neighbor 10.{number}.0.2 prefix-list sites in
"""


class Borders:
    def __init__(self, lab):
        site = "interface ten1/2\n vrf definition red\n ip address 10.4.0.1/24\n"
        self.boxes = {"east": Box(lab, "east", border("east", 1, site)), "west": Box(lab, "west", border("west", 2))}
        self.core = lab.namespace("core")
        self.core.ip("link", "add", "core", "type", "bridge")
        self.core.ip("address", "add", "10.98.0.9/24", "dev", "core")
        self.core.ip("link", "set", "core", "up")
        self.space, self.sockets, self.mac = {}, {}, {}
        for number, (name, box) in enumerate(self.boxes.items(), 1):
            router = self.space[name] = lab.namespace(f"router-{name}")
            for scope in ("all", "default"):
                router.run("sysctl", "-qw", f"net.ipv6.conf.{scope}.disable_ipv6=1")
            join(router, "eth0", box.ports, "p1", 1600)
            router.ip("address", "add", f"10.{number}.0.2/24", "dev", "eth0")
            join(self.space.setdefault("site", lab.namespace("site")), name, box.ports, "p2", 1600)
            join(self.core, name, box.ports, "p3", 1600)
            self.core.ip("link", "set", name, "master", "core")
            self.sockets[name] = router.packet_socket("eth0")
            self.mac[name] = {"router": address_of(router, "eth0"), "circuit": address_of(box.ports, "p1"),
                              "core": address_of(box.ports, "p3"), "site": address_of(box.ports, "p2")}
            box.start()
            FRRRouter(lab, router, 65100, f"10.{number}.0.2", [
                "no bgp network import-check", "no bgp ebgp-requires-policy", f"neighbor 10.{number}.0.1 remote-as 42",
                f"neighbor 10.{number}.0.1 timers 3 9", f"neighbor 10.{number}.0.1 timers connect 1",
                "address-family ipv4 unicast", f"neighbor 10.{number}.0.1 activate", f"network {PREFIX}",
                "exit-address-family"]).start()
        self.site = self.space["site"].packet_socket("east")
        self.core_mac = address_of(self.core, "core")
        self.into_core = self.core.packet_socket("core")
        GoBGP(lab, self.core, 42, "10.98.0.9", None, 42, clients=("10.98.0.1", "10.98.0.2")).start()
        self.wait_for("east", {"10.1.0.2", "10.98.0.2"})
        self.wait_for("west", {"10.2.0.2", "10.98.0.1"})
        self.site.send(bytes(Ether(dst="ff:ff:ff:ff:ff:ff", src=SITE_MAC)
                             / ARP(op=1, hwsrc=SITE_MAC, psrc=SITE, pdst="10.4.0.1")))
        east = self.boxes["east"]
        east.wait(lambda: any(entry.get("mac_address") == SITE_MAC
                              for entry in east.json("show", "neighbors")["neighbors"]), "the site is known")

    def wait_for(self, name, addresses):
        def members():
            routes = self.boxes[name].json("show", "routes", "vrf", "red", "ipv4")["routes"]
            hops = next((route["next_hops"] for route in routes if route["prefix"] == PREFIX), [])
            return {hop["address"] for hop in hops if hop["is_resolved"]} == addresses
        self.boxes[name].wait(members, f"{PREFIX} by {sorted(addresses)}", 60)

    def inner(self, flow, ttl):
        return (IP(src=SITE, dst=HOST, ttl=ttl, id=9) / UDP(sport=1000 + flow, dport=53)
                / Raw(f"flow {flow:04}".encode().ljust(24, b".")))

    def arrivals(self, socket, frames):
        """{flow: (the router that its packet came to, its TTL)} of what one sends; each as it has to be, octet by octet."""
        for listener in self.sockets.values():
            with contextlib.suppress(OSError):
                listener.drain()
        for frame in frames:
            socket.send(bytes(frame))
            time.sleep(0.002)
        found = {}
        end = time.monotonic() + 2
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select(self.sockets.values(), [], [], left)
            for name, listener in self.sockets.items():
                if listener not in ready or (arrived := listener.receive(0.001)) is None or b"flow " not in arrived:
                    continue
                flow = int(arrived[arrived.index(b"flow ") + 5:][:4])
                assert flow not in found, f"flow {flow} arrived twice"
                expected = Ether(dst=self.mac[name]["router"], src=self.mac[name]["circuit"]) / self.inner(flow, arrived[22])
                assert arrived == bytes(expected), arrived.hex()
                found[flow] = name, arrived[22]
        return found

    def from_site(self):
        return self.arrivals(self.site, [Ether(dst=self.mac["east"]["site"], src=SITE_MAC) / self.inner(flow, 64)
                                         for flow in range(FLOWS)])

    def from_core(self, name):
        label = next(entry["label"] for entry in self.boxes[name].json("show", "labels")["labels"] if entry["nni"] == "core")
        return self.arrivals(self.into_core, [
            Ether(dst=self.mac[name]["core"], src=self.core_mac, type=0x8847) / MPLS(label=label, s=1, ttl=64)
            / self.inner(flow, 64) for flow in range(FLOWS)])


@pytest.fixture(scope="module")
def borders(lab):
    return Borders(lab)


def test_a_flow_goes_by_either_border_and_once_through_the_core(borders):
    found = borders.from_site()
    # By the own circuit in one hop, by the other border in two.
    assert set(found.values()) == {("east", 63), ("west", 62)} and len(found) == FLOWS, borders.boxes["west"].drops()
    assert 12 < sum(name == "east" for name, _ in found.values()) < 52
    assert borders.from_site() == found


@pytest.mark.parametrize("name", ("east", "west"))
def test_what_comes_from_the_core_leaves_by_the_own_circuit(borders, name):
    """As from a third PE: half of it would go round between the two otherwise."""
    found = borders.from_core(name)
    assert set(found.values()) == {(name, 63)} and len(found) == FLOWS, borders.boxes[name].drops()


def test_without_the_own_circuit_all_go_by_the_other_border(borders):
    before = borders.from_site()
    borders.space["east"].ip("link", "set", "eth0", "down")
    borders.wait_for("east", {"10.98.0.2"})
    without = borders.from_site()
    assert set(without.values()) == {("west", 62)} and len(without) == FLOWS, borders.boxes["west"].drops()
    borders.space["east"].ip("link", "set", "eth0", "up")
    borders.wait_for("east", {"10.1.0.2", "10.98.0.2"})
    borders.wait_for("west", {"10.2.0.2", "10.98.0.1"})
    assert set(borders.from_site().values()) == set(before.values())
