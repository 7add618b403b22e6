"""The box as the route reflector of its own PEs: GoBGP, FRR and BIRD as clients, and scripted peers that look at the octets.

      box 10.98.0.1 ── ten1/3 core ──┬── gobgp 10.98.0.11, frr .12, bird .13, raw .14   clients
                                     └── inside .15, beyond .16                          other internal neighbors
"""

import json
import socket
import struct

import pytest
from stilelab.bgp_peer import (UPDATE, BGPPeer, as_path, attribute, attributes_of, nlri, origin, reachable, route_target,
                               unreachable, update)
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.namespaces import switched
from stilelab.peers import FRR, GoBGP, frr_available
from stilelab.routers import BIRDRouter

pytestmark = pytest.mark.skipif(not frr_available(), reason="FRR is not installed")

BOX, CLUSTER = "10.98.0.1", "10.98.0.100"
CLIENTS = {"gobgp": "10.98.0.11", "frr": "10.98.0.12", "bird": "10.98.0.13", "raw": "10.98.0.14"}
OTHERS = {"inside": "10.98.0.15", "beyond": "10.98.0.16"}
# BIRD gives a label with the next hop of a route that another router is the gateway of.
GATEWAY = {"bird": "10.98.0.33"}
DAEMONS = ("gobgp", "frr", "bird")


def number(name):
    return int({**CLIENTS, **OTHERS}[name].rsplit(".", 1)[1])


def rd(name):
    return f"42:{500 + number(name)}"


def prefix(name, family):
    return f"203.0.{number(name)}.0/24" if family == "vpnv4" else f"2001:db8:{number(name)}::/48"


def label(name):
    return 3000 + number(name)


def next_hop(name):
    return GATEWAY.get(name, CLIENTS.get(name) or OTHERS.get(name))


def configuration(clients=tuple(CLIENTS)):
    lines = "".join(f" neighbor {address} remote-as 42\n" for address in (*CLIENTS.values(), *OTHERS.values()))
    families = ""
    for family in ("vpnv4", "vpnv6"):
        families += f" address-family {family}\n"
        for name, address in {**CLIENTS, **OTHERS}.items():
            families += f"  neighbor {address} activate\n"
            if name in clients:
                families += f"  neighbor {address} route-reflector-client\n"
    return f"""\
port ten1/3
 device net_af_packet_p3,iface=p3
interface ten1/3
 encap mpls core
 ip address {BOX}/24
router bgp 42
 bgp cluster-id {CLUSTER}
{lines}{families}"""


BIRD = f"""\
vpn4 table v4;
vpn6 table v6;
protocol static {{ vpn4 {{ table v4; }};
  route {rd("bird")} {prefix("bird", "vpnv4")} via {GATEWAY["bird"]} mpls {label("bird")}; }}
protocol static {{ vpn6 {{ table v6; }};
  route {rd("bird")} {prefix("bird", "vpnv6")} via fd98::33 mpls {label("bird")}; }}
protocol bgp reflector {{
  local {CLIENTS["bird"]} as 42; neighbor {BOX} as 42;
  hold time 9; connect retry time 1; connect delay time 1; error wait time 1, 2;
  vpn4 mpls {{ table v4; import all; export where source = RTS_STATIC; }};
  vpn6 mpls {{ table v6; import all; export where source = RTS_STATIC; extended next hop on; }};
}}
"""


class Cluster:
    def __init__(self, lab):
        self.box = Box(lab, "box", configuration())
        self.namespaces = switched(lab, self.box.ports, "p3", {**CLIENTS, **OTHERS})
        for name, namespace in self.namespaces.items():
            namespace.ip("address", "add", f"fd98::{number(name)}/64", "dev", "eth0", "nodad")
        self.box.start()
        self.gobgp = GoBGP(lab, self.namespaces["gobgp"], 42, CLIENTS["gobgp"], BOX, 42)
        self.gobgp.start()
        self.gobgp.advertise("vpnv4", prefix("gobgp", "vpnv4"), label("gobgp"), rd("gobgp"), "42:7", CLIENTS["gobgp"])
        self.gobgp.advertise("vpnv6", prefix("gobgp", "vpnv6"), label("gobgp"), rd("gobgp"), "42:7",
                             f"::ffff:{CLIENTS['gobgp']}")
        routes = {family: [(prefix("frr", family), rd("frr"), label("frr"), "42:7")] for family in ("vpnv4", "vpnv6")}
        self.frr = FRR(lab, self.namespaces["frr"], 42, CLIENTS["frr"], BOX, 42, routes["vpnv4"], routes["vpnv6"])
        self.frr.start()
        self.bird = BIRDRouter(lab, self.namespaces["bird"], CLIENTS["bird"], BIRD).start()
        self.raw = {name: BGPPeer(self.namespaces[name], {**CLIENTS, **OTHERS}[name], BOX, 42)
                    for name in ("raw", "inside", "beyond")}
        for peer in self.raw.values():
            peer.bring_up()

    def told(self, to, of, family):
        """What a daemon has been told of another one's route, in its own words."""
        route = prefix(of, family)
        if to == "gobgp":
            return json.dumps(self.gobgp.routes(family).get(f"{rd(of)}:{route}", ""))
        if to == "frr":
            return json.dumps(self.frr.show(f"show bgp {'ipv4' if family == 'vpnv4' else 'ipv6'} vpn {route} json"))
        return self.bird.command("show", "route", "table", "v4" if family == "vpnv4" else "v6", rd(of), route, "all").stdout


@pytest.fixture(scope="module")
def cluster(lab):
    return Cluster(lab)


def say(cluster, name, family="vpnv4", extra=b"", to=None):
    """A scripted peer announces its route."""
    afi = (1, 128) if family == "vpnv4" else (2, 128)
    cluster.raw[name].send(update(origin(), as_path(), attribute(0x40, 5, struct.pack("!I", 100)), route_target("42:7"),
                                  extra, reachable(next_hop(name), nlri(to or prefix(name, family), rd(name),
                                                                        (label(name),)), afi)))


def take_back(cluster, name, family="vpnv4", to=None):
    afi = (1, 128) if family == "vpnv4" else (2, 128)
    cluster.raw[name].send(update(unreachable(nlri(to or prefix(name, family), rd(name), (label(name),)), afi)))


@pytest.mark.parametrize("family", ("vpnv4", "vpnv6"))
@pytest.mark.parametrize("to, of", [(to, of) for to in DAEMONS for of in DAEMONS if to != of])
def test_a_client_has_what_another_one_said(cluster, to, of, family):
    wait_until(lambda: prefix(of, family) in cluster.told(to, of, family), f"{of}'s route at {to}", 30)
    text = cluster.told(to, of, family)
    assert str(label(of)) in text and next_hop(of) in text or family == "vpnv6" and of == "bird" and "fd98::33" in text, text


def test_the_octets_of_a_reflected_route(cluster):
    """RFC 4456 §8 and §10: ORIGINATOR_ID and CLUSTER_LIST are added; an attribute that nobody reads goes on, with Partial."""
    cluster.raw["inside"].received.clear()
    say(cluster, "raw", extra=attribute(0xC0, 77, b"\1\2\3"))
    cluster.raw["inside"].barrier()
    route = nlri(prefix("raw", "vpnv4"), rd("raw"), (label("raw"),))
    bodies = [body for kind, body in cluster.raw["inside"].received if kind == UPDATE and route in body]
    found = {code: (flags & 0xE0, value) for flags, code, value in attributes_of(bodies[0])}
    hop = struct.pack("!HBB", 1, 128, 12) + bytes(8) + socket.inet_aton(CLIENTS["raw"]) + b"\0"
    assert found == {
        1: (0x40, b"\0"), 2: (0x40, b""), 5: (0x40, struct.pack("!I", 100)),
        9: (0x80, socket.inet_aton(CLIENTS["raw"])), 10: (0x80, socket.inet_aton(CLUSTER)),
        14: (0x80, hop + route), 16: (0xC0, struct.pack("!HHI", 2, 42, 7)), 77: (0xE0, b"\1\2\3")}


def test_what_another_neighbor_said_goes_to_clients_alone(cluster):
    say(cluster, "inside")
    wait_until(lambda: cluster.raw["raw"].label_of(rd("inside"), prefix("inside", "vpnv4")) == label("inside"),
               "the client has it")
    for name in DAEMONS:
        wait_until(lambda: str(label("inside")) in cluster.told(name, "inside", "vpnv4"), f"{name} has it")
    cluster.raw["beyond"].barrier()
    assert cluster.raw["beyond"].label_of(rd("inside"), prefix("inside", "vpnv4")) is None
    # A client's goes there as well.
    assert cluster.raw["beyond"].label_of(rd("gobgp"), prefix("gobgp", "vpnv4")) == label("gobgp")


@pytest.mark.parametrize("loop, extra", [
    ("cluster_loop", attribute(0x80, 9, socket.inet_aton("10.98.0.77")) + attribute(0x80, 10, socket.inet_aton(CLUSTER))),
    ("originator_loop", attribute(0x80, 9, socket.inet_aton(BOX))),
], ids=("cluster", "originator"))
def test_loops_are_refused_by_name(cluster, loop, extra):
    looping = "198.51.100.0/24"
    say(cluster, "inside", extra=extra, to=looping)
    cluster.raw["inside"].barrier()
    rejected = cluster.box.json("show", "bgp", "vpnv4", "rejected", "neighbor", OTHERS["inside"])
    assert any(looping in json.dumps(route) and loop in json.dumps(route) for route in rejected["routes"]), rejected
    cluster.raw["raw"].barrier()
    assert cluster.raw["raw"].label_of(rd("inside"), looping) is None
    take_back(cluster, "inside", to=looping)


def test_a_client_that_is_none_any_more_gets_clients_routes_alone(cluster):
    wait_until(lambda: cluster.raw["raw"].label_of(rd("inside"), prefix("inside", "vpnv4")) is not None, "reflected")
    cluster.box.replace(configuration(("gobgp", "frr", "bird")))
    wait_until(lambda: cluster.raw["raw"].label_of(rd("inside"), prefix("inside", "vpnv4")) is None, "taken back")
    assert cluster.raw["raw"].label_of(rd("gobgp"), prefix("gobgp", "vpnv4")) == label("gobgp")
    cluster.box.replace(configuration())
    wait_until(lambda: cluster.raw["raw"].label_of(rd("inside"), prefix("inside", "vpnv4")) is not None, "reflected again")


def test_what_a_client_takes_back_is_gone_for_all(cluster):
    cluster.frr.configure("configure terminal", "router bgp 42", "address-family ipv4 vpn",
                          f"no network {prefix('frr', 'vpnv4')} rd {rd('frr')} label {label('frr')}")
    wait_until(lambda: cluster.raw["beyond"].label_of(rd("frr"), prefix("frr", "vpnv4")) is None, "gone")
    for name in ("gobgp", "bird"):
        wait_until(lambda: prefix("frr", "vpnv4") not in cluster.told(name, "frr", "vpnv4"), f"gone at {name}")
