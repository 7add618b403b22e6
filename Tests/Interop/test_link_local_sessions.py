"""Customers whose routers speak BGP from link-local addresses, the same ones in two VRFs: FRR and BIRD.

      red    FRR  fe80::2 ── ten1/1 ┐         ┌ ten1/3 ── red's host
                                    │  box    │
      green  BIRD fe80::2 ── ten1/2 ┘         └ ten1/4 ── green's host

IPv4 and IPv6 routes go by one session. Behind each router is a network, 192.168.<n>.0/24 and fd01:<n>::/64.
"""

import pytest
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.customer import Customer
from stilelab.routers import BIRDRouter, FRRRouter

CUSTOMERS = {"red": 1, "green": 2}
FAMILIES = ("ipv4", "ipv6")
NEIGHBOR = "fe80::2"
SYSTEM, OWN_SYSTEM = 65100, 42
PASSWORD = "secret"


def network(family, number):
    return f"192.168.{number}.0/24" if family == "ipv4" else f"fd01:{number}::/64"


def host(family, number):
    return f"192.168.{number}.1" if family == "ipv4" else f"fd01:{number}::1"


def configuration(circuit_of_red=1):
    lines = ["hostname box", "route-map everything permit 10"]
    for port in range(1, 5):
        lines += [f"port ten1/{port}", f" device net_af_packet_cust{port},iface=cust{port}", " mtu 1500"]
    for customer, number in CUSTOMERS.items():
        lines += [f"ip vrf {customer}", f" rd 42:{number}", f" route-target both 42:{number}"]
    for customer, number in CUSTOMERS.items():
        for port in (number, number + 2):
            lines += [f"interface ten1/{port}", f" vrf definition {customer}", f" ip address 10.{port}.0.1/24",
                      f" ipv6 address fd00:{port}::1/64"]
    lines += [f"router bgp {OWN_SYSTEM}", " bgp router-id 10.0.0.1"]
    for customer, number in CUSTOMERS.items():
        circuit = circuit_of_red if customer == "red" else number
        for family in FAMILIES:
            lines += [f" address-family {family} vrf {customer}", "  redistribute connected"]
            if family == "ipv6":
                lines += [f"  neighbor {NEIGHBOR} remote-as {SYSTEM}", f"  neighbor {NEIGHBOR} interface ten1/{circuit}",
                          f"  neighbor {NEIGHBOR} timers 3 9", f"  neighbor {NEIGHBOR} password {PASSWORD}"]
            lines += [f"  neighbor {NEIGHBOR} activate", f"  neighbor {NEIGHBOR} route-map everything in",
                      f"  neighbor {NEIGHBOR} route-map everything out"]
    return "\n".join(lines) + "\n"


def link_local(namespace, interface):
    """By the Ethernet address (RFC 4291 Appendix A)."""
    octets = [int(octet, 16) for octet in namespace.run("cat", f"/sys/class/net/{interface}/address").stdout.split(":")]
    octets = [octets[0] ^ 2, *octets[1:3], 0xFF, 0xFE, *octets[3:]]
    groups = [f"{octets[index] << 8 | octets[index + 1]:x}" for index in range(0, 8, 2)]
    return "fe80::" + ":".join(groups)


def frr(lab, namespace, number, own):
    lines = ["no bgp network import-check", "no bgp ebgp-requires-policy", f"neighbor {own} remote-as {OWN_SYSTEM}",
             f"neighbor {own} interface eth0", f"neighbor {own} timers 3 9", f"neighbor {own} timers connect 1",
             f"neighbor {own} password {PASSWORD}", f"neighbor {own} capability extended-nexthop"]
    for family in FAMILIES:
        lines += [f"address-family {family} unicast", f"neighbor {own} activate", f"network {network(family, number)}",
                  "exit-address-family"]
    return FRRRouter(lab, namespace, SYSTEM, f"10.{number}.0.2", lines)


def bird(lab, namespace, number, own):
    return BIRDRouter(lab, namespace, f"10.{number}.0.2", f"""\
protocol static {{ ipv4; route {network('ipv4', number)} unreachable; }}
protocol static {{ ipv6; route {network('ipv6', number)} unreachable; }}
protocol bgp box {{
  local {NEIGHBOR} as {SYSTEM}; neighbor {own} as {OWN_SYSTEM}; interface "eth0";
  password "{PASSWORD}"; hold time 9; connect retry time 1; connect delay time 1; error wait time 1, 2;
  ipv4 {{ import all; export where source = RTS_STATIC; extended next hop on; }};
  ipv6 {{ import all; export where source = RTS_STATIC; }};
}}
""")


class Network:
    def __init__(self, lab):
        self.box = Box(lab, "box", configuration())
        self.sites, self.hosts, self.routers = {}, {}, {}
        for customer, number in CUSTOMERS.items():
            site = Customer(lab, f"{customer}-site", self.box.ports, f"cust{number}", f"10.{number}.0.2",
                            f"fd00:{number}::2")
            site.namespace.ip("route", "del", "default")
            site.namespace.ip("-6", "route", "del", "default")
            # A router asks for its neighbors from its address on their link (Linux does so only when told).
            site.namespace.run("sysctl", "-qw", "net.ipv4.conf.all.arp_announce=2")
            # Routers speak from the address that is configured, and have no other of its kind.
            made = link_local(site.namespace, "eth0")
            site.namespace.ip("address", "add", f"{NEIGHBOR}/64", "dev", "eth0", "nodad")
            site.namespace.ip("address", "del", f"{made}/64", "dev", "eth0")
            for family, length in (("ipv4", 24), ("ipv6", 64)):
                site.namespace.ip("address", "add", f"{host(family, number)}/{length}", "dev", "lo")
            self.sites[customer] = site
            self.hosts[customer] = Customer(lab, f"{customer}-host", self.box.ports, f"cust{number + 2}",
                                            f"10.{number + 2}.0.2", f"fd00:{number + 2}::2")
            kind = frr if customer == "red" else bird
            self.routers[customer] = kind(lab, site.namespace, number, link_local(self.box.ports, f"cust{number}"))
        self.box.start()
        for router in self.routers.values():
            router.start()
        for site in self.sites.values():
            site.serve()

    def neighbors(self):
        return {row["summary"]["vrf"]: row for row in self.box.json("show", "bgp", "neighbors")["neighbors"]}

    def reaches(self, customer):
        number = CUSTOMERS[customer]
        return [self.hosts[customer].identity_of(host(family, number)) for family in FAMILIES]


@pytest.fixture(scope="module")
def net(lab):
    net = Network(lab)
    for customer, number in CUSTOMERS.items():
        for family in FAMILIES:
            net.box.wait(lambda: network(family, number) in net.box.text("show", "routes", "vrf", customer, family),
                         f"{network(family, number)} in VRF {customer}", 60)
    return net


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_hosts_reach_the_networks_behind_the_routers(net, customer):
    site = net.sites[customer].name
    wait_until(lambda: net.reaches(customer) == [site, site], f"{customer}'s host reaches {site}", 20)


def test_one_session_carries_both_families(net):
    for customer, row in net.neighbors().items():
        assert row["summary"]["address"] == NEIGHBOR and row["summary"]["state"] == "established", customer
        assert row["interface"] == f"ten1/{CUSTOMERS[customer]}"
        assert "extended_next_hop" in row["capabilities"]


def test_the_router_is_told_the_circuits_address_with_the_link_local_one_beside(net):
    prefix = "fd00:3::/64"
    path = wait_until(lambda: net.routers["red"].path("ipv6", prefix), f"{prefix} in FRR")
    assert {(hop["ip"], hop["scope"]) for hop in path["nexthops"]} == {
        ("fd00:1::1", "global"), (link_local(net.box.ports, "cust1"), "link-local")}
    path = wait_until(lambda: net.routers["red"].path("ipv4", "10.3.0.0/24"), "10.3.0.0/24 in FRR")
    assert path["nexthops"][0]["ip"] == "10.1.0.1"


def test_another_customers_session_stays_when_one_moves_to_another_circuit_and_back(net):
    def transitions(customer):
        return net.neighbors()[customer]["summary"]["sessions_established"]

    before = transitions("green")
    net.box.replace(configuration(circuit_of_red=3))
    net.box.wait(lambda: network("ipv4", 1) not in net.box.text("show", "routes", "vrf", "red", "ipv4"), "red's routes go")
    assert net.reaches("green") == [net.sites["green"].name] * 2
    net.box.replace(configuration())
    wait_until(lambda: net.reaches("red") == [net.sites["red"].name] * 2, "red's session is back", 40)
    assert transitions("green") == before
