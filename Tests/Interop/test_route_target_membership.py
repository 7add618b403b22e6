"""Route target membership (RFC 4684): GoBGP and scripted PEs as clients, ExaBGP that wants nothing, another reflector.

      box 10.98.0.1, VRFs one and two ── ten1/3 core ──┬── gobgp 10.98.0.11, raw .12, exabgp .13   clients
                                                       └── inside .14                              another internal neighbor
"""

import json
import socket
import struct

import pytest
from stilelab.bgp_peer import (ROUTE_TARGETS, UPDATE, VPNV4, VPNV6, BGPPeer, as_path, attribute, attributes_of, membership, nlri,
                               origin, reachable, route_target, unreachable, update)
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.lab import stop
from stilelab.namespaces import switched
from stilelab.peers import ExaBGP, GoBGP

BOX, CLUSTER = "10.98.0.1", "10.98.0.100"
CLIENTS = {"gobgp": "10.98.0.11", "raw": "10.98.0.12", "exabgp": "10.98.0.13"}
PEERS = {**CLIENTS, "inside": "10.98.0.14"}
FAMILIES = (VPNV4, VPNV6, ROUTE_TARGETS)
OWN = {"10.50.1.0/24": "42:1", "10.50.2.0/24": "42:2"}
DEFAULT = membership(None)


def configuration(first_target="42:1"):
    """`first_target` is what VRF one imports."""
    vrfs = ""
    for number, prefix in enumerate(OWN, 1):
        name = ("one", "two")[number - 1]
        imported = first_target if name == "one" else f"42:{number}"
        vrfs += f"ip vrf {name}\n rd 42:{number}\n route-target export 42:{number}\n route-target import {imported}\n"
        vrfs += f"ip route vrf {name} {prefix} Null0\n"
    redistribution = "".join(f" address-family ipv4 vrf {name}\n  redistribute static\n" for name in ("one", "two"))
    lines = "".join(f" neighbor {address} remote-as 42\n" for address in PEERS.values())
    for family in ("vpnv4", "vpnv6"):
        lines += f" address-family {family}\n"
        for name, address in PEERS.items():
            lines += f"  neighbor {address} activate\n"
            if name in CLIENTS:
                lines += f"  neighbor {address} route-reflector-client\n"
    lines += " address-family rtfilter unicast\n" + "".join(f"  neighbor {address} activate\n" for address in PEERS.values())
    return f"""\
{vrfs}port ten1/3
 device net_af_packet_p3,iface=p3
interface ten1/3
 encap mpls core
 ip address {BOX}/24
router bgp 42
 bgp cluster-id {CLUSTER}
{lines}{redistribution}"""


class Network:
    def __init__(self, lab):
        self.box = Box(lab, "box", configuration())
        spaces = switched(lab, self.box.ports, "p3", PEERS)
        self.box.start()
        self.raw, self.inside = (BGPPeer(spaces[name], PEERS[name], BOX, 42, families=FAMILIES) for name in ("raw", "inside"))
        self.gobgp = GoBGP(lab, spaces["gobgp"], 42, CLIENTS["gobgp"], BOX, 42, membership=True)
        self.gobgp_process = self.gobgp.start()
        self.exabgp = ExaBGP(lab, spaces["exabgp"], 42, CLIENTS["exabgp"], BOX, 42)
        self.exabgp.start()

    def status(self, name):
        """What `show bgp rtfilter` has of a neighbor."""
        found = self.box.json("show", "bgp", "rtfilter", "neighbor", PEERS[name])["neighbors"]
        return found[0] if found else {}


@pytest.fixture(scope="module")
def network(lab):
    return Network(lab)


def want(peer, *wishes):
    hop = socket.inet_aton(peer.local)
    peer.send(update(origin(), as_path(), attribute(0x40, 5, struct.pack("!I", 100)),
                     reachable(None, b"".join(wishes), ROUTE_TARGETS, hop=hop)))


def want_no_more(peer, *wishes):
    peer.send(update(unreachable(b"".join(wishes), ROUTE_TARGETS)))


def say(peer, prefix, target, label=3001):
    peer.send(update(origin(), as_path(), attribute(0x40, 5, struct.pack("!I", 100)), route_target(target),
                     reachable(peer.local, nlri(prefix, "42:501", (label,)))))


def has(peer):
    return {prefix for _, prefix in peer.routes}


def test_nothing_is_sent_before_the_neighbor_has_said_all(network):
    raw = network.raw
    raw.connect(40)
    wait_until(lambda: ROUTE_TARGETS in raw.ends_of_rib, "the box has said what it wants")
    assert raw.wishes == {DEFAULT}
    want(raw, membership(42, "42:2"))
    raw.send(update(unreachable(b"", VPNV4)))
    raw.send(update(unreachable(b"", VPNV6)))
    raw.barrier(ROUTE_TARGETS)
    assert not raw.routes and raw.ends_of_rib == {ROUTE_TARGETS}
    status = network.status("raw")
    assert status["state"] == "awaited" and "awaited_until" in status
    raw.send(update(unreachable(b"", ROUTE_TARGETS)))
    wait_until(lambda: raw.ends_of_rib == set(FAMILIES), "everything has been said")
    assert has(raw) == {"10.50.2.0/24"}
    assert network.status("raw")["state"] == "in_force"


def test_the_octets_of_what_a_client_is_told(network):
    """RFC 4684 §3.2 i: the reflector names itself as the originator; next hop is the session's address."""
    bodies = [body for kind, body in network.raw.received if kind == UPDATE and b"\x00\x01\x84" in body]
    found = {code: (flags & 0xE0, value) for flags, code, value in attributes_of(bodies[0])}
    assert found == {
        1: (0x40, b"\0"), 2: (0x40, b""), 5: (0x40, struct.pack("!I", 100)), 9: (0x80, socket.inet_aton(BOX)),
        14: (0x80, struct.pack("!HBB", *ROUTE_TARGETS, 4) + socket.inet_aton(BOX) + b"\0" + b"\0")}


def test_others_are_told_of_the_own_import_targets_and_of_the_clients_wishes(network):
    inside = network.inside
    inside.bring_up()
    expected = {membership(42, target) for target in ("42:1", "42:2")}
    wait_until(lambda: expected <= inside.wishes, "the own targets")
    want(network.raw, membership(42, "42:77"))
    wait_until(lambda: membership(42, "42:77") in inside.wishes, "the client's wish")
    bodies = [body for kind, body in inside.received if kind == UPDATE and membership(42, "42:77") in body]
    found = {code: value for _, code, value in attributes_of(bodies[0])}
    assert found[9] == socket.inet_aton(CLIENTS["raw"]) and found[10] == socket.inet_aton(CLUSTER)
    assert found[14][4:8] == socket.inet_aton(CLIENTS["raw"])
    want_no_more(network.raw, membership(42, "42:77"))
    wait_until(lambda: membership(42, "42:77") not in inside.wishes, "the wish is gone")
    # It wants nothing, and gets nothing.
    assert not inside.routes


def test_wishes_bring_and_take_routes_one_target_at_a_time(network):
    raw, inside = network.raw, network.inside
    say(inside, "10.60.7.0/24", "42:7")
    say(inside, "10.60.8.0/24", "42:8")
    inside.barrier()
    raw.barrier()
    before = len(raw.events)
    want(raw, membership(65009, "42:7"))
    wait_until(lambda: "10.60.7.0/24" in has(raw), "42:7")
    raw.barrier(ROUTE_TARGETS)
    assert [event[1:4:2] for event in raw.events[before:]] == [("announce", "10.60.7.0/24")]
    # All targets of AS 42 by a prefix of 64 bits, then the default.
    want(raw, membership(42, "42:0", bits=64))
    wait_until(lambda: has(raw) == {"10.50.1.0/24", "10.50.2.0/24", "10.60.7.0/24", "10.60.8.0/24"}, "all of AS 42")
    want_no_more(raw, membership(42, "42:0", bits=64), membership(65009, "42:7"))
    wait_until(lambda: has(raw) == {"10.50.2.0/24"}, "what is wanted still")
    want(raw, DEFAULT)
    wait_until(lambda: len(has(raw)) == 4, "everything")
    want_no_more(raw, DEFAULT)
    wait_until(lambda: has(raw) == {"10.50.2.0/24"}, "what is wanted still")


def test_another_import_target_is_asked_for_before_the_former_one_is_given_up(network):
    inside = network.inside
    before = len(inside.wish_events)
    network.box.replace(configuration(first_target="42:9"))
    wait_until(lambda: len(inside.wish_events) >= before + 2, "another target")
    assert inside.wish_events[before:] == [("announce", membership(42, "42:9")), ("withdraw", membership(42, "42:1"))]
    network.box.replace(configuration())
    wait_until(lambda: membership(42, "42:1") in inside.wishes, "as before")


def gobgp_has(network):
    return {name.split(":", 2)[2] for name in network.gobgp.routes("vpnv4")}


def test_gobgp_gets_what_its_vrfs_import(network):
    gobgp = network.gobgp
    wait_until(lambda: network.status("gobgp").get("state") == "in_force", "GoBGP has said all", 60)
    assert not gobgp_has(network)
    gobgp.add_vrf("seven", "42:507", "42:7", "42:70")
    wait_until(lambda: gobgp_has(network) == {"10.60.7.0/24"}, "42:7 at GoBGP", 30)
    received = network.status("gobgp")["received"]
    assert [(entry["origin_autonomous_system"], entry["route_target"], entry["length_bits"]) for entry in received] == [
        (42, "42:7", 96)]
    gobgp.add_vrf("two", "42:502", "42:2", "42:70")
    wait_until(lambda: gobgp_has(network) == {"10.60.7.0/24", "10.50.2.0/24"}, "42:2 at GoBGP", 30)
    # Another reflector hears of it, too.
    assert membership(42, "42:7") in network.inside.wishes
    # That it takes a target back is left to the scripted peers: GoBGP 3.10 does not outlive the removal of a VRF while there is a
    # default route target in its table.


def test_gobgp_sends_what_the_default_asks_for(network):
    network.gobgp.advertise("vpnv4", "10.70.0.0/16", 3070, "42:570", "42:2", CLIENTS["gobgp"])
    found = lambda: json.dumps(network.box.json("show", "bgp", "vpnv4", "received", "neighbor", CLIENTS["gobgp"]))
    wait_until(lambda: "10.70.0.0/16" in found(), "GoBGP's route", 30)
    wait_until(lambda: "10.70.0.0/16" in has(network.raw), "reflected to who wants 42:2", 30)
    assert "10.70.0.0/16" not in has(network.inside)


def test_exabgp_reads_the_default_and_gets_no_route(network):
    """It wants nothing, and says so with an End-of-RIB."""
    wait_until(lambda: network.status("exabgp").get("state") == "in_force", "ExaBGP has said all", 30)
    wait_until(lambda: "eor 2/128" in network.exabgp.told(), "ExaBGP has been told all", 30)
    told = [line.split(")", 1)[1].strip() for line in network.exabgp.told().splitlines() if " nlri  (" in line]
    assert told == ["rtc wildcard", "eor 1/132 (ipv4 rtc)", "eor 1/128 (ipv4 mpls-vpn)", "eor 2/128 (ipv6 mpls-vpn)"]


def test_a_damaged_wish_disables_the_family_and_all_routes_are_sent(network):
    """RFC 4684 §4, RFC 7606 §5.3: an AS that is cut short."""
    inside = network.inside
    inside.barrier()
    assert not inside.routes
    want(inside, bytes([16, 0, 0]))
    wait_until(lambda: network.status("inside")["state"] == "disabled", "disabled")
    wait_until(lambda: set(OWN) <= has(inside), "all routes")


def test_stiled_comes_back_and_asks_before_it_has_heard(network):
    """The wishes go out before the first convergence: the neighbor may wait for them before it sends its VPN routes."""
    raw = network.raw
    # GoBGP 3.10 does not outlive the end of a session by which it was asked for everything, if it keeps routes over restarts.
    stop(network.gobgp_process)
    wait_until(lambda: network.status("gobgp")["state"] == "not_carried", "GoBGP is gone")
    raw.close(abruptly=True)
    restarting = BGPPeer(raw.namespace, raw.local, BOX, 42, graceful_restart=60, families=FAMILIES)
    restarting.bring_up()
    want(restarting, membership(42, "42:1"))
    wait_until(lambda: has(restarting) == {"10.50.1.0/24"}, "before the restart")
    network.box.kill_control()
    # What the box's kernel would say does not leave it without stiled.
    restarting.close(abruptly=True)
    network.inside.close(abruptly=True)
    network.box.start_control()
    restarting.connect(40)
    wait_until(lambda: ROUTE_TARGETS in restarting.ends_of_rib, "the box says what it wants", 30)
    assert restarting.wishes == {DEFAULT}
    assert not restarting.routes and restarting.ends_of_rib == {ROUTE_TARGETS}
    want(restarting, membership(42, "42:1"))
    restarting.end_of_rib()
    network.inside.bring_up()
    wait_until(lambda: has(restarting) == {"10.50.1.0/24"}, "after the restart", 60)
