"""Customers behind a PE reach those of an ASBR over a router that knows IP alone, by MPLS over UDP (RFC 7510).

      red, green ── PE (Stile) ── P (the kernel's IP forwarding) ── ASBR (Stile, AS 42) ── red, green

Once over IPv4, once where the routes say it (RFC 9012), once over IPv6 with UDP checksums and once without; over IPv6 the customers have IPv6 alone, as VPN-IPv4 needs a session
over IPv4. The two are each other's internal neighbors, over their
loopbacks; both customers have the same addresses.
"""

import time

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.customer import Customer
from stilelab.lab import Lab
from stilelab.namespaces import join

CUSTOMERS = ("red", "green")
FAMILIES = ("ipv4", "ipv6")
# What a session of a family exchanges.
VPNS = {"ipv4": ("vpnv4", "vpnv6"), "ipv6": ("vpnv6",)}
MTU = 1600
# For PEs whose routes have the encapsulation community (RFC 9012).
BY_COMMUNITY = " by-community"
LOOPBACK = {"ipv4": "10.0.0.{}", "ipv6": "2001:db8:ff::{}"}
LINK = {"ipv4": "10.98.{}.{}", "ipv6": "2001:db8:98:{}::{}"}


def configuration(name, number, other, family, words):
    """Box `number`, which is on link `number` and has the loopback of that number."""
    own, far = (LOOPBACK[family].format(place) for place in (number, other))
    address, gateway = (LINK[family].format(number, place) for place in (2, 1))
    lines = [f"hostname {name}", "port ten1/0", " device net_af_packet_core0,iface=core0", f" mtu {MTU}"]
    for place, customer in enumerate(CUSTOMERS, 1):
        lines += [f"port ten1/{place}", f" device net_af_packet_cust{place},iface=cust{place}",
                  f"ip vrf {customer}", f" rd 42:{number}{place}", f" route-target both 42:{place}"]
    word, length, host = ("ip", 24, 32) if family == "ipv4" else ("ipv6", 64, 128)
    lines += ["interface loopback0", f" {word} address {own}/{host}", "interface ten1/0", " encap mpls core",
              f" mtu {MTU}", f" {word} address {address}/{length}"]
    for place, customer in enumerate(CUSTOMERS, 1):
        lines += [f"interface ten1/{place}", f" vrf definition {customer}", f" ip address 10.{number}.0.1/24",
                  f" ipv6 address fd00:{number}::1/64"]
    lines += [f"{word} route {far}/{host} {gateway}", f"transport udp {far}/{host}{words}", "router bgp 42",
              f" bgp router-id 10.0.0.{number}", f" neighbor {far} remote-as 42", f" neighbor {far} update-source loopback0",
              f" neighbor {far} timers 3 9"]
    lines += [line for vpn in VPNS[family] for line in (f" address-family {vpn}", f"  neighbor {far} activate")]
    lines += [line for customer in CUSTOMERS for unicast in FAMILIES
              for line in (f" address-family {unicast} vrf {customer}", "  redistribute connected")]
    return "\n".join(lines) + "\n"


class Network:
    def __init__(self, lab, family, words):
        self.family, self.words = family, words
        self.vpns = VPNS[family]
        self.boxes = [Box(lab, "pe", configuration("pe", 1, 2, family, words)),
                      Box(lab, "asbr", configuration("asbr", 2, 1, family, words))]
        self.router = lab.namespace("p")
        for word in ("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"):
            self.router.run("sysctl", "-qw", word)
        version, length = ("-4", 24) if family == "ipv4" else ("-6", 64)
        self.sites = {}
        for number, box in enumerate(self.boxes, 1):
            join(self.router, f"link{number}", box.ports, "core0", MTU)
            extra = [] if family == "ipv4" else ["nodad"]
            self.router.ip("address", "add", f"{LINK[family].format(number, 1)}/{length}", "dev", f"link{number}", *extra)
            self.router.ip(version, "route", "add", LOOPBACK[family].format(number), "via", LINK[family].format(number, 2))
            for place, customer in enumerate(CUSTOMERS, 1):
                self.sites[customer, number] = Customer(
                    lab, f"{customer}-{number}", box.ports, f"cust{place}", f"10.{number}.0.2", f"fd00:{number}::2")
        for box in self.boxes:
            box.start()
        for customer in CUSTOMERS:
            self.sites[customer, 2].serve()
            for number, box in enumerate(self.boxes, 1):
                for vpn in VPNS[family]:
                    unicast = f"ip{vpn[-2:]}"
                    prefix = f"10.{3 - number}.0.0/24" if unicast == "ipv4" else f"fd00:{3 - number}::/64"
                    box.wait(lambda: prefix in box.text("show", "routes", "vrf", customer, unicast), f"{prefix} in {customer}", 60)


@pytest.fixture(scope="module", params=(("ipv4", ""), ("ipv6", ""), ("ipv6", " zero-checksum"), ("ipv4", BY_COMMUNITY)),
                ids=("ipv4", "ipv6", "ipv6 without checksums", "ipv4 by the community"))
def net(request):
    name = "tudpnet"
    Lab.remove_leftovers(name)
    with Lab(name) as lab:
        yield Network(lab, *request.param)


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_pings_land_right(net, customer):
    near, far = net.sites[customer, 1], net.sites[customer, 2]
    for address in [far.ipv4, far.ipv6][-len(net.vpns):]:
        wait_until(lambda: near.ping(address) == (5, 5), f"{customer} reaches {address}", 20)
        assert near.identity_of(address) == far.name
    # As large as the circuits carry: the headers fit the core's links.
    assert near.ping(far.ipv6, size=1452) == (5, 5)


def test_the_router_sees_udp_between_the_loopbacks_alone(net):
    socket = net.router.packet_socket("link2")
    near, far = net.sites["red", 1], net.sites["red", 2]
    socket.drain()
    assert near.ping(far.ipv6) == (5, 5)
    datagrams, end = [], time.monotonic() + 1
    while time.monotonic() < end:
        if (frame := socket.receive(0.1)) is not None:
            assert frame[12:14] != b"\x88\x47"
            got = Ether(frame)
            if UDP in got and got[UDP].dport == 6635:
                datagrams.append(got)
    layer, own, other = ((IP, LOOPBACK["ipv4"].format(2), LOOPBACK["ipv4"].format(1)) if net.family == "ipv4"
                         else (IPv6, LOOPBACK["ipv6"].format(2), LOOPBACK["ipv6"].format(1)))
    assert len(datagrams) == 5
    assert {(got[layer].src, got[layer].dst) for got in datagrams} == {(own, other)}


def test_traceroute_names_no_router_of_the_core(net):
    near, far = net.sites["green", 1], net.sites["green", 2]
    hops = near.namespace.run("traceroute", "-n", "-q", "1", "-w", "2", "-N", "1", far.ipv6).stdout.splitlines()[1:]
    names = [hop.split()[1] for hop in hops]
    assert names[0] == "fd00:1::1" and names[-1] == far.ipv6 and len(names) == 3, names


def test_many_flows_have_many_ports(net):
    socket = net.router.packet_socket("link1")
    near, far = net.sites["red", 1], net.sites["red", 2]
    socket.drain()
    for _ in range(12):
        assert near.identity_of(far.ipv6) == far.name
    ports, end = set(), time.monotonic() + 1
    while time.monotonic() < end:
        if (frame := socket.receive(0.1)) is not None and UDP in (got := Ether(frame)) and got[UDP].dport == 6635:
            ports.add(got[UDP].sport)
    assert len(ports) >= 8


def test_a_pe_that_does_not_say_so_is_not_reached(net):
    if net.words != BY_COMMUNITY:
        pytest.skip("both ends are configured")
    pe, asbr = net.boxes
    near, far = net.sites["red", 1], net.sites["red", 2]
    provider = LOOPBACK["ipv4"].format(1)

    def transport():
        rows = asbr.json("show", "transports")["providers"]
        return next(row for row in rows if row["provider"] == provider)

    assert transport()["origin"] == "udp"
    pe.replace(configuration("pe", 1, 2, net.family, ""))
    asbr.wait(lambda: transport().get("origin") is None, "the PE has taken it back")
    assert "none of its routes says that it takes MPLS over UDP" in transport()["obstacle"]
    assert near.ping(far.ipv4)[1] == 0
    pe.replace(configuration("pe", 1, 2, net.family, BY_COMMUNITY))
    wait_until(lambda: near.ping(far.ipv4) == (5, 5), "the PE says it again", 20)
