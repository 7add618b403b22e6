"""RFC 7606 and RFC 8277 §2 with live sessions: what of a wrong UPDATE with labelled routes falls, and what stays.

      far end ── ten1/0 box (AS 42) ten1/3 ── PE
      AS 65001, Option B                      iBGP: VPN routes, and the ways to PEs by labelled unicast

Both ends are BGP speakers in raw octets. The far end's routes are relayed to the PE, which is where it shows what is left of them.
"""

import struct

import pytest
from stilelab.bgp_peer import (
    LABELLED4, LABELLED6, VPNV4, VPNV6, BGPPeer, as_path, attribute, distinguisher, label_entry, nlri, origin, reachable, route_target,
    unreachable, update, way)
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.namespaces import join

BOX, FAR = "192.0.2.1", "192.0.2.2"
CORE, PE = "10.98.0.2", "10.98.0.1"
RD, TARGET, PATH = "65001:1", route_target("65001:7"), as_path(65001)
# The routes that wrong UPDATEs are about, and the ones that are to stay.
WRONG, OTHER, SIXTH = "10.2.0.0/24", "10.2.1.0/24", "2001:db8:2::/48"
LABELS = {WRONG: 2001, OTHER: 2002, SIXTH: 2003}
WAY, OTHER_WAY, SIXTH_WAY = "10.0.0.7/32", "10.0.0.8/32", "2001:db8:ff::7/128"
WAYS = {WAY: 16007, OTHER_WAY: 16008, SIXTH_WAY: 16009}
CONFIGURATION = """\
hostname asbr42
port ten1/0
 device net_af_packet_p0,iface=p0
 mtu 1600
port ten1/3
 device net_af_packet_p3,iface=p3
 mtu 1600
interface loopback0
 ip address 10.0.0.1/32
 ipv6 address 2001:db8:ff::1/128
interface ten1/0
 encap mpls optB
 ip address 192.0.2.1/30
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
router bgp 42
 neighbor 10.98.0.1 remote-as 42
 neighbor 192.0.2.2 remote-as 65001
 address-family vpnv4
  neighbor 10.98.0.1 activate
  neighbor 10.98.0.1 route-target export 42:7
  neighbor 192.0.2.2 optB
  neighbor 192.0.2.2 route-target import 65001:7 as 42:7
 address-family vpnv6
  neighbor 10.98.0.1 activate
  neighbor 10.98.0.1 route-target export 42:7
  neighbor 192.0.2.2 optB
  neighbor 192.0.2.2 route-target import 65001:7 as 42:7
 address-family ipv4 labeled-unicast
  neighbor 10.98.0.1 activate
 address-family ipv6 labeled-unicast
  neighbor 10.98.0.1 activate
"""


def relayed(prefix, labels=None, target=TARGET, bits=None, **options):
    """An UPDATE of the far end."""
    family = VPNV6 if ":" in prefix else VPNV4
    routes = nlri(prefix, RD, labels or (LABELS[prefix],), bits)
    return update(origin(), PATH, target, reachable(FAR, routes, family, **options))


def towards(prefix, labels=None, **options):
    """An UPDATE of the PE with a way to a loopback."""
    family = LABELLED6 if ":" in prefix else LABELLED4
    return update(origin(), as_path(), attribute(0x40, 5, struct.pack("!I", 100)),
                  reachable(PE, way(prefix, labels or (WAYS[prefix],)), family, **options))


class Bench:
    def __init__(self, lab):
        self.box = Box(lab, "box", CONFIGURATION)
        places = {}
        for name, port, address in (("far", "p0", f"{FAR}/30"), ("pe", "p3", f"{PE}/24")):
            places[name] = lab.namespace(name)
            join(places[name], "eth0", self.box.ports, port, 1600)
            places[name].ip("address", "add", address, "dev", "eth0")
        self.box.start()
        self.far = BGPPeer(places["far"], FAR, BOX, 65001)
        self.pe = BGPPeer(places["pe"], PE, CORE, 42, families=(VPNV4, VPNV6, LABELLED4, LABELLED6))

    def prepare(self):
        """Both sessions, and all routes."""
        for peer, address in ((self.far, FAR), (self.pe, PE)):
            if not peer.is_up or "disabled" in str(self.shown(address)["families"]):
                peer.close()
                # After an error the box rests for a while, the longer the more there were; an operator can end that.
                self.box.wait(lambda: self.box.command("bgp", "clear", "neighbor", address).returncode == 0, "the box answers")
                peer.connect(40)
                peer.end_of_rib()
        for prefix in LABELS:
            self.far.send(relayed(prefix))
        for prefix in WAYS:
            self.pe.send(towards(prefix))
        self.far.barrier(VPNV6)
        self.pe.barrier(VPNV6)
        wait_until(lambda: self.told() == set(LABELS), "the PE has what the far end says")
        assert self.held(PE) == {"vpnv4": 0, "vpnv6": 0, "ipv4_labeled_unicast": 2, "ipv6_labeled_unicast": 1}
        self.sessions = {address: self.shown(address)["sessions_established"] for address in (FAR, PE)}

    def told(self):
        """The far end's routes that the PE has."""
        return {prefix for rd, prefix in self.pe.routes if rd}

    def shown(self, address):
        detail = self.box.json("show", "bgp", "neighbors", address)["neighbors"][0]
        return detail | detail["summary"]

    def errors(self, address):
        return {entry["reason"]: entry["routes"] for entry in self.shown(address)["route_errors"]}

    def held(self, address):
        return {entry["family"]: entry["received_routes"] for entry in self.shown(address)["families"]}

    def after(self, peer, octets):
        """What was sent is handled, and what follows of it told."""
        assert peer.send(octets)
        peer.barrier(VPNV6)
        self.pe.barrier(VPNV6)

    def check_sessions(self):
        """No session has ended, and none is new."""
        assert self.far.is_up and self.pe.is_up
        assert {address: self.shown(address)["sessions_established"] for address in (FAR, PE)} == self.sessions


@pytest.fixture(scope="module")
def bench(lab):
    return Bench(lab)


@pytest.fixture(autouse=True)
def ready(bench):
    bench.prepare()


# Name, the UPDATE, and the counter of `show bgp neighbors` in which it shows.
WITHDRAWING = [
    ("two labels", relayed(WRONG, labels=(2001, 2009)), "more_than_one_label"),
    ("explicit null", relayed(WRONG, labels=(0,)), "reserved_label"),
    ("implicit null", relayed(WRONG, labels=(3,)), "reserved_label"),
    ("another's next hop", relayed(WRONG, hop=bytes(8) + bytes((198, 51, 100, 9))), "next_hop_not_neighbor"),
    ("no route target", relayed(WRONG, target=b""), "target_not_listed"),
    ("route targets of seven octets", relayed(WRONG, target=attribute(0xC0, 16, bytes(7))), "update_treated_as_withdraw"),
    ("MP_REACH_NLRI said to be transitive", relayed(WRONG, flags=0xC0), "update_treated_as_withdraw"),
    ("MP_REACH_NLRI said to be well known", relayed(WRONG, flags=0x40), "update_treated_as_withdraw"),
    ("no ORIGIN", update(PATH, TARGET, reachable(FAR, nlri(WRONG, RD, (2001,)))), "update_treated_as_withdraw"),
    ("MP_UNREACH_NLRI said to be transitive",
     update(attribute(0xC0, 15, struct.pack("!HB", *VPNV4) + nlri(WRONG, RD, (0x80000,)))), "update_treated_as_withdraw"),
]


@pytest.mark.parametrize("case", range(len(WITHDRAWING)), ids=[name for name, _, _ in WITHDRAWING])
def test_a_wrong_relayed_route_is_withdrawn_everywhere_and_the_others_stay(bench, case):
    _, wrong, counter = WITHDRAWING[case]
    before = bench.errors(FAR).get(counter, 0)
    bench.after(bench.far, wrong)
    assert bench.told() == {OTHER, SIXTH}
    assert bench.errors(FAR).get(counter, 0) == before + 1
    bench.check_sessions()


# RFC 8277 §2.4: what stands for the label means nothing.
@pytest.mark.parametrize("field", ["800000", "000000", "07d111", "ffffff"])
def test_a_withdrawal_takes_its_route_whatever_its_label(bench, field):
    before = bench.errors(FAR)
    octets = nlri(WRONG, RD)
    bench.after(bench.far, update(unreachable(octets[:1] + bytes.fromhex(field) + octets[4:])))
    assert bench.told() == {OTHER, SIXTH} and bench.errors(FAR) == before
    bench.check_sessions()


# Name and UPDATE: all routes stay.
HARMLESS = [
    ("a label without its bottom bit",
     update(origin(), PATH, TARGET, reachable(FAR, nlri(WRONG, RD)[:1] + label_entry(2001, False) + nlri(WRONG, RD)[4:]))),
    ("host bits", update(origin(), PATH, TARGET, reachable(FAR, bytes([24 + 64 + 23]) + label_entry(2005) + distinguisher(RD)
                                                         + bytes((10, 3, 1))))),
    ("a partial bit", relayed(WRONG, flags=0xA0)),
    ("a distinguisher in front of the next hop", relayed(WRONG, hop=distinguisher("42:9") + bytes((192, 0, 2, 2)))),
    ("another family's withdrawals", update(attribute(0x80, 15, struct.pack("!HB", 1, 133) + b"\xff\xff"))),
    ("labelled unicast on a session without", update(origin(), PATH, reachable(FAR, way("10.0.0.9/32"), LABELLED4))),
    ("a route that is announced and withdrawn in one message",
     update(origin(), PATH, TARGET, unreachable(nlri(WRONG, RD)), reachable(FAR, nlri(WRONG, RD, (2001,))))),
]


@pytest.mark.parametrize("case", range(len(HARMLESS)), ids=[name for name, _ in HARMLESS])
def test_what_does_not_matter_changes_nothing(bench, case):
    name, odd = HARMLESS[case]
    before = bench.errors(FAR)
    bench.after(bench.far, odd)
    # RFC 4271 §4.3: the bits behind the length are of no significance.
    assert bench.told() == {*LABELS, *(["10.3.0.0/23"] if name == "host bits" else [])}
    counted = {reason: count - before.get(reason, 0) for reason, count in bench.errors(FAR).items() if count != before.get(reason, 0)}
    assert counted == ({"update_of_other_family": 1} if case in (4, 5) else {})
    if name == "host bits":
        bench.after(bench.far, update(unreachable(nlri("10.3.0.0/23", RD))))
    bench.check_sessions()


def test_a_distinguisher_of_an_unknown_type_distinguishes(bench):
    rd = bytes.fromhex("00070000002a0001")
    octets = nlri(WRONG, RD, (2007,))
    bench.after(bench.far, update(origin(), PATH, TARGET, reachable(FAR, octets[:4] + rd + octets[12:])))
    assert (rd, WRONG) in bench.pe.routes and bench.pe.label_of(RD, WRONG)
    bench.after(bench.far, update(unreachable(octets[:4] + rd + octets[12:])))
    assert (rd, WRONG) not in bench.pe.routes and bench.told() == set(LABELS)


# What cannot be read: name and UPDATE.
UNREADABLE = [
    ("a length of zero", update(origin(), PATH, TARGET, reachable(FAR, b"\0"))),
    ("a length without a bit of the distinguisher", relayed(WRONG, bits=24 + 63)),
    ("a prefix of 33 bits", relayed(WRONG, bits=24 + 64 + 33)),
    ("a next hop of four octets", relayed(WRONG, hop=bytes((192, 0, 2, 2)))),
    ("a withdrawal with two labels", update(unreachable(nlri("10.2.0.0/31", RD, (2001, 2002))))),
    ("a withdrawal that is cut", update(unreachable(nlri(WRONG, RD)[:-1]))),
]


@pytest.mark.parametrize("case", range(len(UNREADABLE)), ids=[name for name, _ in UNREADABLE])
def test_relayed_routes_that_cannot_be_read_cost_their_family_alone(bench, case):
    before = bench.errors(FAR).get("family_disabled", 0)
    bench.after(bench.far, UNREADABLE[case][1])
    assert bench.told() == {SIXTH}
    assert bench.errors(FAR)["family_disabled"] == before + 1
    assert {entry["family"]: entry["state"] for entry in bench.shown(FAR)["families"]} == {"vpnv4": "disabled", "vpnv6": "carried"}
    assert "vpnv4" in bench.box.lab.log("box/stiled.log")
    bench.check_sessions()


@pytest.mark.parametrize("first, second", [(VPNV4, VPNV4), (VPNV4, VPNV6)])
def test_two_attributes_with_routes_end_the_session_and_no_other(bench, first, second):
    routes = {VPNV4: nlri(WRONG, RD, (2001,)), VPNV6: nlri(SIXTH, RD, (2003,))}
    bench.far.send(update(origin(), PATH, TARGET, reachable(FAR, routes[first], first), reachable(FAR, routes[second], second)))
    assert bench.far.wait_notification() == (3, 1)
    wait_until(lambda: bench.told() == set(), "the PE is told")
    assert bench.pe.is_up and bench.held(PE)["ipv4_labeled_unicast"] == 2


def test_a_withdrawal_that_cannot_be_read_beside_attributes_of_routes_ends_the_session(bench):
    """RFC 7606 §5.2: an UPDATE with attributes and no route in sight may have lost them."""
    bench.far.send(update(origin(), PATH, TARGET, unreachable(nlri(WRONG, RD)[:-1])))
    assert bench.far.wait_notification() == (3, 9)
    wait_until(lambda: bench.told() == set(), "the PE is told")
    assert bench.pe.is_up


# The ways to PEs. Name, the UPDATE, and the counter.
WRONG_WAYS = [
    ("a reserved label", towards(WAY, (7,)), "reserved_label"),
    ("explicit null of the other family", towards(WAY, (2,)), "reserved_label"),
    ("two labels where one was agreed on", towards(WAY, (16007, 16010)), "more_than_one_label"),
    ("the box's own next hop", towards(WAY, hop=bytes((10, 98, 0, 2))), "own_next_hop"),
    ("flags", towards(WAY, flags=0x40), "update_treated_as_withdraw"),
    ("LOCAL_PREF of five octets",
     update(origin(), as_path(), attribute(0x40, 5, bytes(5)), reachable(PE, way(WAY, (16007,)), LABELLED4)),
     "update_treated_as_withdraw"),
]


@pytest.mark.parametrize("case", range(len(WRONG_WAYS)), ids=[name for name, _, _ in WRONG_WAYS])
def test_a_wrong_way_is_withdrawn_and_the_others_stay(bench, case):
    _, wrong, counter = WRONG_WAYS[case]
    before = bench.errors(PE).get(counter, 0)
    bench.after(bench.pe, wrong)
    assert bench.held(PE) == {"vpnv4": 0, "vpnv6": 0, "ipv4_labeled_unicast": 1, "ipv6_labeled_unicast": 1}
    assert bench.errors(PE).get(counter, 0) == before + 1
    assert bench.told() == set(LABELS)
    bench.check_sessions()


@pytest.mark.parametrize("field", ["800000", "000000"])
def test_a_withdrawn_way_is_gone_whatever_its_label(bench, field):
    octets = way(WAY)
    bench.after(bench.pe, update(unreachable(octets[:1] + bytes.fromhex(field) + octets[4:], LABELLED4)))
    assert bench.held(PE)["ipv4_labeled_unicast"] == 1
    bench.check_sessions()


PREFERENCE = attribute(0x40, 5, bytes(4))
UNREADABLE_WAYS = [
    ("a length of zero", update(origin(), as_path(), PREFERENCE, reachable(PE, b"\0", LABELLED4))),
    ("no room for a label", update(origin(), as_path(), PREFERENCE, reachable(PE, b"\x17\x03\xe8\x71", LABELLED4))),
    ("a prefix of 33 bits", update(origin(), as_path(), PREFERENCE, reachable(PE, b"\x39\x03\xe8\x71" + bytes(5), LABELLED4))),
    ("a VPN's next hop", towards(WAY, hop=bytes(8) + bytes((10, 98, 0, 1)))),
    ("a withdrawal without a label", update(unreachable(b"\x10\x0a\x00", LABELLED4))),
]


@pytest.mark.parametrize("case", range(len(UNREADABLE_WAYS)), ids=[name for name, _ in UNREADABLE_WAYS])
def test_ways_that_cannot_be_read_cost_their_family_alone(bench, case):
    before = bench.errors(PE).get("family_disabled", 0)
    bench.after(bench.pe, UNREADABLE_WAYS[case][1])
    assert bench.held(PE) == {"vpnv4": 0, "vpnv6": 0, "ipv4_labeled_unicast": 0, "ipv6_labeled_unicast": 1}
    assert bench.errors(PE)["family_disabled"] == before + 1
    # The VPN routes are those of other sessions and families.
    assert bench.told() == set(LABELS)
    bench.check_sessions()
