"""A whole network: customers behind a PE of an operator's, across its core and an Option E link, to circuits of another's.

      red    FRR  ─┐                                                                                ┌─ red
      green  BIRD ─┼─ PE (Stile) ── P2 ── P1 ── ASBR (Stile, AS 42) ── Option E ── ASBR (Stile, AS 65001) ─┼─ green
      blue   ──────┘                                                                                ┌─ blue

All customers have the same addresses. P1 and P2 swap and pop labels (the kernel here has no MPLS). The ASBR and the PE are each
other's internal neighbors, over the loopbacks 10.0.0.1 and 10.0.0.7, and reach each other by label 16001 and 16007.
"""

import time

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.customer import Customer
from stilelab.label_router import LabelRouter
from stilelab.namespaces import address_of, join
from stilelab.routers import BIRDRouter, FRRRouter

CUSTOMERS = ("red", "green", "blue")
SYSTEM = 65100
NETWORK, HOST = "192.168.1.0/24", "192.168.1.1"
MTU = 1600


def box(name, own_as, uplinks, site, bgp, extra=()):
    """A configuration with the three customers on circuits; `uplinks` are (port, interface, lines)."""
    lines = [f"hostname {name}", "!"]
    for port, interface, _ in uplinks:
        lines += [f"port {port}", f" device net_af_packet_{interface},iface={interface}", f" mtu {MTU}", "!"]
    if site:
        for number, _ in enumerate(CUSTOMERS, 1):
            lines += [f"port ten1/{number}", f" device net_af_packet_cust{number},iface=cust{number}", "!"]
    for number, customer in enumerate(CUSTOMERS, 1):
        # The PE's route distinguishers are its own: a reflector would keep both routes of a VRF.
        lines += [f"ip vrf {customer}", f" rd {own_as}:{number}{name[-1:] if name == 'pe7' else ''}",
                  f" route-target both 42:{number}", *([" optE"] if name != "pe7" else []), "!"]
    for port, _, words in uplinks:
        lines += [f"interface {port}", *words, "!"]
    if site:
        for number, customer in enumerate(CUSTOMERS, 1):
            lines += [f"interface ten1/{number}", f" vrf definition {customer}", f" ip address 10.{site}.0.1/24",
                      f" ipv6 address fd00:{site}::1/64", "!"]
    lines += [*extra, f"router bgp {own_as}", *bgp]
    vrfs = []
    for customer in CUSTOMERS:
        for family in ("ipv4", "ipv6"):
            vrfs += [f" address-family {family} vrf {customer}", "  redistribute connected"]
            if name == "pe7" and family == "ipv4" and customer != "blue":
                vrfs += [f"  neighbor 10.1.0.2 remote-as {SYSTEM}", "  neighbor 10.1.0.2 timers 3 9",
                         "  neighbor 10.1.0.2 prefix-list sites in", "  neighbor 10.1.0.2 route-map everything out"]
    return "\n".join(lines + vrfs) + "\n"


def internal(neighbor):
    return [f" neighbor {neighbor} remote-as 42", f" neighbor {neighbor} update-source loopback0",
            f" neighbor {neighbor} timers 3 9"]


PE = box("pe7", 42, [("ten1/0", "core0", [" encap mpls core", " ip address 10.98.2.2/24"])], 1,
         [" bgp graceful-restart restart-time 10", *internal("10.0.0.1"), " address-family vpnv4", "  neighbor 10.0.0.1 activate",
                                 " address-family vpnv6", "  neighbor 10.0.0.1 activate"],
         ["interface loopback0", " ip address 10.0.0.7/32", "!", "ip route 10.0.0.1/32 10.98.2.1",
          "mpls static binding ipv4 10.0.0.1/32 output 10.98.2.1 label 16001",
          "ip prefix-list sites permit 192.168.0.0/16 le 24", "route-map everything permit 10", "!"])
NEAR = box("asbr1", 42, [("ten1/0", "nni0", [" encap mpls optE", " ip address 192.0.2.1/30"]),
                         ("ten1/9", "core0", [" encap mpls core", " ip address 10.98.1.2/24"])], None,
           [" neighbor 192.0.2.2 remote-as 65001", " neighbor 192.0.2.2 timers 3 9", *internal("10.0.0.7"),
            " address-family vpnv4", "  neighbor 192.0.2.2 optE", "  neighbor 10.0.0.7 activate",
            " address-family vpnv6", "  neighbor 192.0.2.2 optE", "  neighbor 10.0.0.7 activate"],
           ["interface loopback0", " ip address 10.0.0.1/32", "!", "ip route 10.0.0.7/32 10.98.1.1",
            "mpls static binding ipv4 10.0.0.7/32 output 10.98.1.1 label 16007"])
FAR = box("asbr2", 65001, [("ten1/0", "nni0", [" encap mpls optE", " ip address 192.0.2.2/30"])], 2,
          [" neighbor 192.0.2.1 remote-as 42", " neighbor 192.0.2.1 timers 3 9", " address-family vpnv4",
           "  neighbor 192.0.2.1 optE", " address-family vpnv6", "  neighbor 192.0.2.1 optE"])


class Network:
    def __init__(self, lab):
        self.lab = lab
        self.pe, self.near, self.far = Box(lab, "pe7", PE), Box(lab, "asbr1", NEAR), Box(lab, "asbr2", FAR)
        self.p1, self.p2 = lab.namespace("p1"), lab.namespace("p2")
        join(self.near.ports, "nni0", self.far.ports, "nni0", MTU)
        join(self.near.ports, "core0", self.p1, "left", MTU)
        join(self.p1, "right", self.p2, "left", MTU)
        join(self.p2, "right", self.pe.ports, "core0", MTU)
        for router, left, right, others in (
                (self.p1, "10.98.1.1/24", "10.98.3.1/24", [("10.0.0.1", "10.98.1.2"), ("10.0.0.7", "10.98.3.2")]),
                (self.p2, "10.98.3.2/24", "10.98.2.1/24", [("10.0.0.1", "10.98.3.1"), ("10.0.0.7", "10.98.2.2")])):
            router.ip("address", "add", left, "dev", "left")
            router.ip("address", "add", right, "dev", "right")
            for destination, gateway in others:
                router.ip("route", "add", destination, "via", gateway)
        self.mac = {"near": address_of(self.near.ports, "core0"), "pe": address_of(self.pe.ports, "core0"),
                    **{(name, side): address_of(router, side)
                       for name, router in (("p1", self.p1), ("p2", self.p2)) for side in ("left", "right")}}
        LabelRouter(lab, self.p1, {16007: [17007, "right", self.mac["p2", "left"]],
                                   17001: [None, "left", self.mac["near"]]}).start()
        LabelRouter(lab, self.p2, {17007: [None, "right", self.mac["pe"]],
                                   16001: [17001, "left", self.mac["p1", "right"]]}).start()
        self.sites = {}
        for side, number, ports in (("a", 1, self.pe.ports), ("b", 2, self.far.ports)):
            for index, name in enumerate(CUSTOMERS, 1):
                self.sites[name, side] = Customer(lab, f"{name}-{side}", ports, f"cust{index}", f"10.{number}.0.2",
                                                  f"fd00:{number}::2")
        for name in ("red", "green"):
            namespace = self.sites[name, "a"].namespace
            namespace.run("sysctl", "-qw", "net.ipv4.conf.all.arp_announce=2")
            namespace.ip("address", "add", f"{HOST}/24", "dev", "lo")
            # What it learns by BGP leads to the other site, and nothing else does.
            namespace.ip("route", "del", "default")
        for one in (self.pe, self.near, self.far):
            one.start()
        self.red = FRRRouter(lab, self.sites["red", "a"].namespace, SYSTEM, "10.1.0.2", [
            "no bgp network import-check", "no bgp ebgp-requires-policy", "neighbor 10.1.0.1 remote-as 42",
            "neighbor 10.1.0.1 timers 3 9", "neighbor 10.1.0.1 timers connect 1", "address-family ipv4 unicast",
            "neighbor 10.1.0.1 activate", f"network {NETWORK}", "exit-address-family"]).start()
        self.green = BIRDRouter(lab, self.sites["green", "a"].namespace, "10.1.0.2", f"""\
protocol static {{ ipv4; route {NETWORK} unreachable; }}
protocol bgp provider {{
  local 10.1.0.2 as {SYSTEM}; neighbor 10.1.0.1 as 42;
  hold time 9; connect retry time 1; connect delay time 1; error wait time 1, 2;
  ipv4 {{ import all; export where source = RTS_STATIC; }};
}}
""").start()
        for (_, side), site in self.sites.items():
            if side == "b":
                site.serve()


@pytest.fixture(scope="module")
def net(lab):
    net = Network(lab)
    for name in CUSTOMERS:
        prefixes = [(net.pe, "ipv4", "10.2.0.0/24"), (net.pe, "ipv6", "fd00:2::/64"),
                    (net.far, "ipv4", "10.1.0.0/24"), (net.far, "ipv6", "fd00:1::/64")]
        if name != "blue":
            prefixes.append((net.far, "ipv4", NETWORK))
        for one, family, prefix in prefixes:
            wait_until(lambda: prefix in one.text("show", "routes", "vrf", name, family),
                       f"{prefix} in VRF {name} of {one.name}", 60)
    return net


@pytest.mark.parametrize("name", CUSTOMERS)
def test_every_ping_lands_right(net, name):
    near, far = net.sites[name, "a"], net.sites[name, "b"]

    def reaches(*words):
        return "5 received" in near.namespace.run("ping", "-n", "-q", "-c", "5", "-i", "0.05", "-W", "2", *words, check=False).stdout

    wait_until(lambda: reaches(far.ipv4), f"{name} reaches the other site", 20)
    assert near.identity_of(far.ipv4) == far.name
    assert reaches(far.ipv6)
    assert near.identity_of(far.ipv6) == far.name
    if name != "blue":
        wait_until(lambda: reaches("-I", HOST, far.ipv4), f"{name}'s network behind its router", 20)


def test_traceroute_names_the_operators_boxes(net):
    near, far = net.sites["blue", "a"], net.sites["blue", "b"]
    hops = near.namespace.run("traceroute", "-n", "-q", "1", "-w", "2", "-N", "1", far.ipv4).stdout.splitlines()[1:]
    assert hops[0].split()[1] == "10.1.0.1"
    assert hops[-1].split()[1] == far.ipv4


def labels(one, nni):
    return {entry["vrf"]: entry["label"] for entry in one.json("show", "labels")["labels"] if entry["nni"] == nni}


def next_arrival(socket, marker):
    """The frame with the marker, if it comes."""
    end = time.monotonic() + 3
    while time.monotonic() < end:
        frame = socket.receive(0.1)
        if frame is not None and marker in frame:
            return frame
    return None


@pytest.mark.parametrize("name", CUSTOMERS)
def test_each_link_carries_what_it_should_octet_by_octet(net, name):
    near, far = net.sites[name, "a"], net.sites[name, "b"]
    assert near.ping(far.ipv4)[1] == 5
    number = CUSTOMERS.index(name) + 1
    marker = f"octets of {name}".ljust(24).encode()
    at_near, at_far = labels(net.near, "core")[name], labels(net.far, "ten1/0")[name]

    def ip(ttl):
        return IP(src=near.ipv4, dst=far.ipv4, ttl=ttl, id=7) / UDP(sport=1000, dport=2000) / Raw(marker)

    def stack(source, destination, ttl, *numbers):
        frame = Ether(src=source, dst=destination, type=0x8847)
        for place, label in enumerate(numbers):
            frame /= MPLS(label=label, cos=0, s=int(place == len(numbers) - 1), ttl=ttl[place])
        return frame

    links = [
        # The PE gives all labels the packet's TTL; P2 swaps, P1 pops and hands its TTL down.
        (net.p2.packet_socket("right"), stack(net.mac["pe"], net.mac["p2", "right"], (63, 63), 16001, at_near) / ip(63)),
        (net.p1.packet_socket("right"), stack(net.mac["p2", "left"], net.mac["p1", "right"], (62, 63), 17001, at_near) / ip(63)),
        (net.near.ports.packet_socket("core0"), stack(net.mac["p1", "left"], net.mac["near"], (61,), at_near) / ip(63)),
        (net.far.ports.packet_socket("nni0"), stack(address_of(net.near.ports, "nni0"), address_of(net.far.ports, "nni0"), (60,), at_far) / ip(60)),
        (far.namespace.packet_socket("eth0"), Ether(src=address_of(net.far.ports, f"cust{number}"), dst=address_of(far.namespace, "eth0")) / ip(59)),
    ]
    gateway = address_of(net.pe.ports, f"cust{number}")
    near.namespace.packet_socket("eth0").send(
        Ether(src=address_of(near.namespace, "eth0"), dst=gateway) / ip(64))
    for place, (socket, expected) in enumerate(links):
        frame = next_arrival(socket, marker)
        assert frame is not None and frame.hex() == bytes(expected).hex(), f"link {place}"


def test_a_customers_route_goes_all_the_way_and_back_no_further(net):
    row = next(row for row in net.far.json("show", "bgp", "vpnv4", "received")["routes"]
               if row["prefix"] == NETWORK and "red" in row["vrfs"])
    assert row["autonomous_system_path"] == f"42 {SYSTEM}"
    path = net.red.path("ipv4", "10.2.0.0/24")
    assert path["aspath"]["string"] == "42 65001"
    # The mark of what came by an NNI stays in the operator's network.
    assert "largeCommunity" not in path
    assert "42:0:1" in str(net.pe.json("show", "bgp", "vpnv4", "received")["routes"])


def test_a_lost_pe_is_noticed_and_comes_back(net):
    net.pe.kill_control()
    net.pe.kill_dataplane()
    wait_until(lambda: NETWORK not in net.far.text("show", "routes", "vrf", "red", "ipv4"), "its routes are gone", 200)
    net.pe.start()
    wait_until(lambda: NETWORK in net.far.text("show", "routes", "vrf", "red", "ipv4"), "its routes are back", 60)
    near, far = net.sites["blue", "a"], net.sites["blue", "b"]
    wait_until(lambda: near.ping(far.ipv4) == (5, 5), "pings again", 20)
