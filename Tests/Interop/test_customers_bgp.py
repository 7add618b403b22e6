"""Customers that speak BGP inside their VRFs, all with the same addresses: FRR and BIRD at both ends of an Option E link.

      red-a   FRR  ─┐                                                       ┌─ BIRD red-b
                    ├─ box a (AS 42) ten1/0 ─── Option E ─── ten1/0 box b (AS 65001)
      green-a BIRD ─┘                                                       └─ FRR  green-b

Red's two sites are in one AS, so that each box has to override it. Every site has a network of its own behind its router,
192.168.<site>.0/24 and fd01:<site>::/64, in both customers alike.
"""

import json

import pytest
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.customer import Customer
from stilelab.namespaces import join
from stilelab.routers import BIRDRouter, FRRRouter

SITES = {"a": 1, "b": 2}
RED_AS = {"a": 65100, "b": 65100}
GREEN_AS = {"a": 65101, "b": 65102}
CUSTOMERS = {"red": RED_AS, "green": GREEN_AS}
BOXES = {"a": (42, "192.0.2.1", 65001, "192.0.2.2"), "b": (65001, "192.0.2.2", 42, "192.0.2.1")}
UNWANTED = "192.168.99.0/24"
PASSWORD = {"red": "secret-of-red", "green": "secret-of-green"}


def network(family, site):
    return f"192.168.{site}.0/24" if family == "ipv4" else f"fd01:{site}::/64"


def host(family, site):
    return f"192.168.{site}.1" if family == "ipv4" else f"fd01:{site}::1"


def configuration(side, speaking=tuple(CUSTOMERS)):
    """`speaking` are the customers with BGP."""
    own_as, own, far_as, far = BOXES[side]
    lines = [f"hostname asbr{own_as}", "!"]
    for port, interface, mtu in (("ten1/0", "nni0", 1600), ("ten1/1", "cust1", 1500), ("ten1/2", "cust2", 1500)):
        lines += [f"port {port}", f" device net_af_packet_{interface},iface={interface}", f" mtu {mtu}", "!"]
    for number, customer in enumerate(CUSTOMERS, 1):
        lines += [f"ip vrf {customer}", f" rd {own_as}:{number}", f" route-target both 42:{number}", " optE", "!"]
    lines += ["interface ten1/0", " encap mpls optE", f" ip address {own}/30", "!"]
    site = SITES[side]
    for number, customer in enumerate(CUSTOMERS, 1):
        lines += [f"interface ten1/{number}", f" vrf definition {customer}", f" ip address 10.{site}.0.1/24",
                  f" ipv6 address fd00:{site}::1/64", "!"]
    lines += [f"ip prefix-list sites deny {UNWANTED}", "ip prefix-list sites permit 192.168.0.0/16 le 24",
              "ipv6 prefix-list sites6 permit fd01::/16 le 64",
              "route-map everything permit 10",
              "route-map marked permit 10", " set community 42:77 additive", "!"]
    lines += [f"router bgp {own_as}", f" neighbor {far} remote-as {far_as}", f" neighbor {far} timers 3 9",
              " address-family vpnv4", f"  neighbor {far} optE", " address-family vpnv6", f"  neighbor {far} optE"]
    for customer, systems in CUSTOMERS.items():
        if customer not in speaking:
            continue
        for family, address in (("ipv4", f"10.{site}.0.2"), ("ipv6", f"fd00:{site}::2")):
            if (customer, side, family) == ("green", "a", "ipv4"):
                # IPv4 routes come by the session of IPv6 (RFC 8950).
                address = f"fd00:{site}::2"
                lines += [f" address-family {family} vrf {customer}", f"  neighbor {address} activate"]
            else:
                lines += [f" address-family {family} vrf {customer}",
                          f"  neighbor {address} remote-as {systems[side]}", f"  neighbor {address} timers 3 9",
                          f"  neighbor {address} password {PASSWORD[customer]}"]
            lines += [f"  neighbor {address} prefix-list {'sites' if family == 'ipv4' else 'sites6'} in",
                      f"  neighbor {address} route-map marked in", f"  neighbor {address} route-map everything out"]
            if systems["a"] == systems["b"]:
                lines += [f"  neighbor {address} as-override"]
            lines += ["  redistribute connected"]
    return "\n".join(lines) + "\n"


def frr(lab, namespace, customer, side):
    site, system = SITES[side], CUSTOMERS[customer][side]
    lines = ["no bgp network import-check", "no bgp ebgp-requires-policy"]
    for neighbor in (f"10.{site}.0.1", f"fd00:{site}::1"):
        lines += [f"neighbor {neighbor} remote-as {BOXES[side][0]}", f"neighbor {neighbor} timers 3 9",
                  f"neighbor {neighbor} timers connect 1", f"neighbor {neighbor} password {PASSWORD[customer]}"]
    lines += ["address-family ipv4 unicast", f"neighbor 10.{site}.0.1 activate", f"network {network('ipv4', site)}",
              f"network {UNWANTED}", "exit-address-family",
              "address-family ipv6 unicast", f"neighbor fd00:{site}::1 activate", f"network {network('ipv6', site)}",
              "exit-address-family"]
    return FRRRouter(lab, namespace, system, f"10.{site}.0.2", lines)


def bird(lab, namespace, customer, side):
    site, system = SITES[side], CUSTOMERS[customer][side]
    one_session = (customer, side) == ("green", "a")
    ipv4 = "ipv4 { import all; export where source = RTS_STATIC; extended next hop on; };" if one_session else ""
    text = f"""\
protocol static {{ ipv4; route {network('ipv4', site)} unreachable; route {UNWANTED} unreachable; }}
protocol static {{ ipv6; route {network('ipv6', site)} unreachable; }}
protocol bgp six {{
  local fd00:{site}::2 as {system}; neighbor fd00:{site}::1 as {BOXES[side][0]};
  password "{PASSWORD[customer]}"; hold time 9; connect retry time 1; connect delay time 1; error wait time 1, 2;
  graceful restart on;
  {ipv4}
  ipv6 {{ import all; export where source = RTS_STATIC; }};
}}
"""
    if not one_session:
        text += f"""\
protocol bgp four {{
  local 10.{site}.0.2 as {system}; neighbor 10.{site}.0.1 as {BOXES[side][0]};
  password "{PASSWORD[customer]}"; hold time 9; connect retry time 1; connect delay time 1; error wait time 1, 2;
  graceful restart on;
  ipv4 {{ import all; export where source = RTS_STATIC; }};
}}
"""
    return BIRDRouter(lab, namespace, f"10.{site}.0.2", text)


class Network:
    def __init__(self, lab):
        self.lab = lab
        self.boxes = {side: Box(lab, side, configuration(side)) for side in SITES}
        join(self.boxes["a"].ports, "nni0", self.boxes["b"].ports, "nni0", 1600)
        self.sites, self.routers = {}, {}
        for side, site in SITES.items():
            for number, customer in enumerate(CUSTOMERS, 1):
                customer_site = Customer(lab, f"{customer}-{side}", self.boxes[side].ports, f"cust{number}",
                                         f"10.{site}.0.2", f"fd00:{site}::2")
                # What the router learns leads to the other site, and nothing else does.
                customer_site.namespace.ip("route", "del", "default")
                customer_site.namespace.ip("-6", "route", "del", "default")
                # A router asks for its neighbors from its address on their link (Linux does so only when told).
                customer_site.namespace.run("sysctl", "-qw", "net.ipv4.conf.all.arp_announce=2")
                for family, length in (("ipv4", 24), ("ipv6", 64)):
                    customer_site.namespace.ip("address", "add", f"{host(family, site)}/{length}", "dev", "lo")
                kind = frr if (customer == "red") == (side == "a") else bird
                self.sites[customer, side] = customer_site
                self.routers[customer, side] = kind(lab, customer_site.namespace, customer, side)
        for box in self.boxes.values():
            box.start()
        for router in self.routers.values():
            router.start()
        for site in self.sites.values():
            site.serve()


@pytest.fixture(scope="module")
def net(lab):
    net = Network(lab)
    for side, other in (("a", 2), ("b", 1)):
        for customer in CUSTOMERS:
            for family in ("ipv4", "ipv6"):
                wait_until(lambda: network(family, other) in net.boxes[side].text("show", "routes", "vrf", customer, family),
                           f"{network(family, other)} in VRF {customer} of box {side}", 60)
    return net


def learnt(net, customer, side, family):
    """What the router of a site says of the other site's network."""
    router = net.routers[customer, side]
    prefix = network(family, 3 - SITES[side])
    if isinstance(router, FRRRouter):
        return router.path(family, prefix)
    return router.route(prefix)


@pytest.mark.parametrize("customer", CUSTOMERS)
@pytest.mark.parametrize("side", SITES)
@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_each_site_learns_the_other_of_its_customer(net, customer, side, family):
    wait_until(lambda: learnt(net, customer, side, family), f"{family} of the other site in {customer}-{side}", 30)
    own = BOXES[side][0]
    far = BOXES["b" if side == "a" else "a"][0]
    there = CUSTOMERS[customer]["b" if side == "a" else "a"]
    # One AS at both sites: the box puts its own in the place of the customer's.
    origin = own if there == CUSTOMERS[customer][side] else there
    path = learnt(net, customer, side, family)
    assert f"{own} {far} {origin}" in (path["aspath"]["string"] if isinstance(path, dict) else path)


@pytest.mark.parametrize("customer", CUSTOMERS)
@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_packets_reach_the_other_site_of_their_customer(net, customer, family):
    near, far = net.sites[customer, "a"], net.sites[customer, "b"]
    source, target = host(family, 1), host(family, 2)
    def ping():
        done = near.namespace.run("ping", "-n", "-q", "-c", "5", "-i", "0.05", "-W", "2", "-I", source, target, check=False)
        return "5 received" in done.stdout
    wait_until(ping, f"pings of {customer}", 20)
    # Here the source is the router's address on the circuit, which both customers have.
    assert near.identity_of(target) == far.name


def neighbor(net, side, customer, family):
    address = f"10.{SITES[side]}.0.2" if family == "ipv4" else f"fd00:{SITES[side]}::2"
    return net.boxes[side].json("show", "bgp", "neighbors", address, "vrf", customer)["neighbors"][0]


def test_sessions_with_one_address_are_told_apart(net):
    rows = net.boxes["b"].json("show", "bgp", "summary")["neighbors"]
    inside = {(row["vrf"], row["address"]): row for row in rows if row.get("vrf")}
    assert set(inside) == {(customer, address) for customer in CUSTOMERS for address in ("10.2.0.2", "fd00:2::2")}
    assert {row["state"] for row in inside.values()} == {"established"}
    assert inside["red", "10.2.0.2"]["remote_autonomous_system"] == 65100
    assert inside["green", "10.2.0.2"]["remote_autonomous_system"] == 65102


def test_ipv4_comes_by_a_session_of_ipv6(net):
    detail = neighbor(net, "a", "green", "ipv6")
    assert "extended_next_hop" in detail["capabilities"]
    assert {family["family"]: family["received_routes"] for family in detail["summary"]["families"]} == {"ipv4": 1, "ipv6": 1}
    row = next(row for row in net.boxes["a"].json("show", "routes", "vrf", "green", "ipv4")["routes"]
               if row["prefix"] == network("ipv4", 1))
    assert ":" in row["next_hops"][0]["address"]


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_what_the_prefix_list_denies_stays_out_and_says_why(net, customer):
    family = "ipv6" if customer == "green" else "ipv4"
    detail = neighbor(net, "a", customer, family)
    assert {"reason": "neighbor_prefix_list", "routes": 1} in detail["route_errors"]
    assert UNWANTED not in net.boxes["a"].text("show", "routes", "vrf", customer, "ipv4")
    assert UNWANTED not in net.boxes["b"].text("show", "routes", "vrf", customer, "ipv4")


def test_what_the_route_map_sets_arrives_at_the_other_site(net):
    path = net.routers["red", "a"].path("ipv4", network("ipv4", 2))
    assert "42:77" in path["community"]["string"]
    # Who is inside a VRF is told nothing of how the VRF is made.
    assert "extendedCommunity" not in path
    assert "(42,77)" in net.routers["green", "a"].route(network("ipv6", 2))


def test_show_bgp_vrf_lists_what_comes_and_goes(net):
    box = net.boxes["a"]
    received = box.json("show", "bgp", "vrf", "red")["routes"]
    assert [(row["prefix"], row["next_hop"], row["neighbor"]) for row in received] == [
        (network("ipv4", 1), "10.1.0.2", "10.1.0.2")]
    told = {row["prefix"]: row for row in box.json("show", "bgp", "vrf", "red", "advertised")["routes"]}
    assert told[network("ipv4", 2)]["next_hop"] == "10.1.0.1"
    assert told["10.1.0.0/24"]["autonomous_system_path"] == "42"
    sixth = {row["prefix"]: row for row in box.json("show", "bgp", "vrf", "red", "ipv6", "advertised")["routes"]}
    assert sixth[network("ipv6", 2)]["next_hop"] == "fd00:1::1"
    assert box.command("show", "bgp", "vrf", "purple").returncode != 0


def sessions(net, side, customer, family):
    """How many there have been."""
    return neighbor(net, side, customer, family)["summary"]["sessions_established"]


def test_clearing_resets_one_session_or_none(net):
    box = net.boxes["a"]
    before = sessions(net, "a", "red", "ipv4"), sessions(net, "a", "red", "ipv6"), sessions(net, "a", "green", "ipv6")
    box.text("bgp", "clear", "neighbor", "10.1.0.2", "vrf", "red", "soft")
    assert sessions(net, "a", "red", "ipv4") == before[0]
    box.text("bgp", "clear", "neighbor", "10.1.0.2", "vrf", "red")
    wait_until(lambda: sessions(net, "a", "red", "ipv4") == before[0] + 1, "the session is back", 30)
    assert (sessions(net, "a", "red", "ipv6"), sessions(net, "a", "green", "ipv6")) == before[1:]
    wait_until(lambda: learnt(net, "red", "a", "ipv4"), "red's routes are back", 30)
    assert box.command("bgp", "clear", "neighbor", "10.1.0.2").returncode != 0


def without(text, *lines):
    for line in lines:
        assert line in text
        text = text.replace(line, "", 1)
    return text


def test_without_a_policy_nothing_goes_in_or_out(net):
    box = net.boxes["a"]
    text = configuration("a")
    quiet = without(text, "  neighbor 10.1.0.2 route-map everything out\n", "  neighbor 10.1.0.2 route-map marked in\n",
                    "  neighbor 10.1.0.2 prefix-list sites in\n")
    count = sessions(net, "a", "red", "ipv4")
    box.replace(quiet)
    wait_until(lambda: not learnt(net, "red", "a", "ipv4"), "red is told nothing", 20)
    wait_until(lambda: network("ipv4", 1) not in box.text("show", "routes", "vrf", "red", "ipv4"), "red is not heard")
    assert learnt(net, "green", "a", "ipv4") and learnt(net, "red", "a", "ipv6")
    box.replace(text)
    wait_until(lambda: learnt(net, "red", "a", "ipv4"), "red is told again", 20)
    wait_until(lambda: network("ipv4", 1) in box.text("show", "routes", "vrf", "red", "ipv4"), "red is heard again", 20)
    assert sessions(net, "a", "red", "ipv4") == count


def test_a_wrong_password_ends_one_session_alone(net):
    box = net.boxes["a"]
    text = configuration("a")
    count = sessions(net, "a", "green", "ipv6")
    box.replace(text.replace(f"neighbor 10.1.0.2 password {PASSWORD['red']}", "neighbor 10.1.0.2 password wrong", 1))
    wait_until(lambda: neighbor(net, "a", "red", "ipv4")["summary"]["state"] != "established", "red's session ends", 20)
    box.replace(text)
    wait_until(lambda: learnt(net, "red", "a", "ipv4"), "red's session is back", 40)
    assert sessions(net, "a", "green", "ipv6") == count


def test_a_default_route_of_ours_goes_to_who_is_to_have_it(net):
    box = net.boxes["a"]
    text = configuration("a")
    box.replace(text.replace("  neighbor 10.1.0.2 route-map everything out\n",
                             "  neighbor 10.1.0.2 route-map everything out\n  neighbor 10.1.0.2 default-originate\n", 1))
    wait_until(lambda: net.routers["red", "a"].path("ipv4", "0.0.0.0/0"), "red has a default route", 20)
    assert not net.routers["green", "a"].route("0.0.0.0/0")
    box.replace(text)
    wait_until(lambda: not net.routers["red", "a"].path("ipv4", "0.0.0.0/0"), "it is gone", 20)


def test_a_vrf_that_loses_its_neighbors_takes_its_link_along(net):
    box = net.boxes["a"]

    def devices():
        lines = box.namespace.run("ip", "-o", "link", "show").stdout.splitlines()
        return {line.split(":")[1].strip() for line in lines if ": stile0" in line}

    assert len(devices()) == 3
    text = configuration("a")
    box.replace(configuration("a", speaking=["red"]))
    wait_until(lambda: len(devices()) == 2, "green's link is gone", 10)
    assert learnt(net, "red", "a", "ipv4")
    box.replace(text)
    wait_until(lambda: learnt(net, "green", "a", "ipv4"), "green is back", 40)
    wait_until(lambda: learnt(net, "red", "a", "ipv6"), "red's other session is back", 40)


def test_packets_go_on_while_stiled_restarts(net):
    box = net.boxes["a"]
    near = net.sites["red", "a"]
    target = host("ipv4", 2)
    process = net.lab.start(near.namespace, [
        "ping", "-n", "-q", "-c", "1500", "-i", "0.01", "-W", "2", "-I", host("ipv4", 1), target], "restart-ping.log")
    box.kill_control()
    box.start_control()
    process.wait(60)
    assert "1500 packets transmitted, 1500 received" in net.lab.log("restart-ping.log")
    for customer in CUSTOMERS:
        for family in ("ipv4", "ipv6"):
            wait_until(lambda: learnt(net, customer, "a", family), f"{customer}'s {family} routes after the restart", 60)


def test_a_router_that_dies_takes_its_own_routes_along(net):
    box = net.boxes["b"]
    router = net.routers["red", "b"]
    router.process.kill()
    # BIRD's neighbors keep its routes for the restart time that it asked for.
    box.text("bgp", "clear", "neighbor", "10.2.0.2", "vrf", "red")
    wait_until(lambda: network("ipv4", 2) not in box.text("show", "routes", "vrf", "red", "ipv4"), "red's route is gone", 30)
    wait_until(lambda: not learnt(net, "red", "a", "ipv4"), "the other site has been told", 30)
    assert network("ipv4", 2) in box.text("show", "routes", "vrf", "green", "ipv4")
    assert learnt(net, "green", "a", "ipv4")
