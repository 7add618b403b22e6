"""No peer can crash the box, disturb another neighbor, or get a wrong route in."""

import json
import random
import socket
import struct
import time

import pytest
from hostile_bench import BOX, HOSTILE_AS, LIMITED, PREFIX_LIMIT, SILENT, STRANGER, HostileBench, neighbor
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_Router_Alert
from scapy.layers.inet6 import (
    ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6NDOptDstLLAddr, ICMPv6NDOptSrcLLAddr, IPv6)
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw
from scapy.utils6 import in6_mactoifaceid
from stilelab.bgp_peer import (
    KEEPALIVE, NOTIFICATION, OPEN, ROUTE_REFRESH, UPDATE, VPNV4, VPNV6, BGPPeer, as_path, attribute, capability,
    distinguisher, label_entry, message, mutated, next_hop, nlri, open_body, origin, reachable, read_message,
    route_target, unreachable, update)
from stilelab.commands import wait_until
from stilelab.namespaces import address_of

PREFIX, RD = "192.0.2.0/24", "65001:1"
TARGET = route_target("42:1")
PATH = as_path(HOSTILE_AS)


@pytest.fixture(scope="module")
def bench(lab):
    return HostileBench(lab)


@pytest.fixture(autouse=True)
def undisturbed(bench):
    yield
    bench.check_undisturbed()


def routes(number, prefix=PREFIX, family=VPNV4, **options):
    """MP_REACH_NLRI of one route with the neighbor's own next hop."""
    return reachable(neighbor(number), nlri(prefix, RD, **options), family)


# Name, the UPDATE by the neighbor's number, the counter of `show bgp neighbors` that it must show in. The UPDATE
# announces the route that is there already, and the route must be gone.
WITHDRAWING = [
    ("ORIGIN of value 9", lambda n: update(origin(9), PATH, TARGET, routes(n)), "update_treated_as_withdraw"),
    ("ORIGIN of two octets", lambda n: update(attribute(0x40, 1, b"\0\0"), PATH, TARGET, routes(n)),
     "update_treated_as_withdraw"),
    ("ORIGIN said to be optional", lambda n: update(attribute(0xC0, 1, b"\0"), PATH, TARGET, routes(n)),
     "update_treated_as_withdraw"),
    ("no ORIGIN", lambda n: update(PATH, TARGET, routes(n)), "update_treated_as_withdraw"),
    ("no AS_PATH", lambda n: update(origin(), TARGET, routes(n)), "update_treated_as_withdraw"),
    ("AS_PATH segment of type 9", lambda n: update(origin(), as_path(HOSTILE_AS, segment=9), TARGET, routes(n)),
     "update_treated_as_withdraw"),
    ("AS_PATH segment longer than the attribute",
     lambda n: update(origin(), attribute(0x40, 2, b"\x02\xff" + bytes(4)), TARGET, routes(n)),
     "update_treated_as_withdraw"),
    ("AS_PATH segment of no numbers", lambda n: update(origin(), attribute(0x40, 2, b"\x02\x00"), TARGET, routes(n)),
     "update_treated_as_withdraw"),
    ("AS_PATH with one octet left over",
     lambda n: update(origin(), attribute(0x40, 2, PATH[3:] + b"\x02"), TARGET, routes(n)),
     "update_treated_as_withdraw"),
    ("NEXT_HOP of three octets", lambda n: update(origin(), PATH, attribute(0x40, 3, bytes(3)), TARGET, routes(n)),
     "update_treated_as_withdraw"),
    ("MULTI_EXIT_DISC of three octets",
     lambda n: update(origin(), PATH, attribute(0x80, 4, bytes(3)), TARGET, routes(n)), "update_treated_as_withdraw"),
    ("COMMUNITIES of five octets", lambda n: update(origin(), PATH, attribute(0xC0, 8, bytes(5)), TARGET, routes(n)),
     "update_treated_as_withdraw"),
    ("COMMUNITIES of none", lambda n: update(origin(), PATH, attribute(0xC0, 8, b""), TARGET, routes(n)),
     "update_treated_as_withdraw"),
    ("EXTENDED COMMUNITIES of seven octets",
     lambda n: update(origin(), PATH, attribute(0xC0, 16, bytes(7)), routes(n)), "update_treated_as_withdraw"),
    ("EXTENDED COMMUNITIES of none", lambda n: update(origin(), PATH, attribute(0xC0, 16, b""), routes(n)),
     "update_treated_as_withdraw"),
    ("LARGE_COMMUNITY of eleven octets",
     lambda n: update(origin(), PATH, TARGET, attribute(0xC0, 32, bytes(11)), routes(n)),
     "update_treated_as_withdraw"),
    ("MP_REACH_NLRI said to be transitive",
     lambda n: update(origin(), PATH, TARGET, reachable(neighbor(n), nlri(PREFIX, RD), flags=0xC0)),
     "update_treated_as_withdraw"),
    ("last attribute longer than the message",
     lambda n: update(routes(n), origin(), PATH, attribute(0xC0, 16, TARGET[3:], length=200)),
     "update_treated_as_withdraw"),
    ("half an attribute header at the end", lambda n: update(routes(n), origin(), PATH, TARGET, b"\x40"),
     "update_treated_as_withdraw"),
    ("two labels", lambda n: update(origin(), PATH, TARGET, routes(n, labels=(1001, 1002))), "more_than_one_label"),
    ("three labels", lambda n: update(origin(), PATH, TARGET, routes(n, labels=(16, 1002, 17))), "more_than_one_label"),
    ("label 0", lambda n: update(origin(), PATH, TARGET, routes(n, labels=(0,))), "reserved_label"),
    ("label 3", lambda n: update(origin(), PATH, TARGET, routes(n, labels=(3,))), "reserved_label"),
    ("label 15", lambda n: update(origin(), PATH, TARGET, routes(n, labels=(15,))), "reserved_label"),
    ("another neighbor's next hop",
     lambda n: update(origin(), PATH, TARGET, reachable(neighbor(n % 12 + 1), nlri(PREFIX, RD))), "next_hop_not_neighbor"),
    ("our own next hop", lambda n: update(origin(), PATH, TARGET, reachable(BOX, nlri(PREFIX, RD))),
     "next_hop_not_neighbor"),
    ("a path of another AS", lambda n: update(origin(), as_path(65099, HOSTILE_AS), TARGET, routes(n)),
     "as_path_not_from_neighbor"),
    ("an empty path", lambda n: update(origin(), as_path(), TARGET, routes(n)), "as_path_not_from_neighbor"),
    ("a set in front of the path", lambda n: update(origin(), as_path(HOSTILE_AS, segment=1), TARGET, routes(n)),
     "as_path_not_from_neighbor"),
    ("our AS in the path", lambda n: update(origin(), as_path(HOSTILE_AS, 42), TARGET, routes(n)), "as_path_loop"),
]


@pytest.mark.parametrize("case", range(len(WITHDRAWING)), ids=[name for name, _, _ in WITHDRAWING])
def test_a_wrong_update_withdraws_its_routes_and_counts(bench, case):
    _, wrong, counter = WITHDRAWING[case]
    number = 1 + case % 8
    peer = bench.peer(number)
    peer.announce(PREFIX, RD, "42:1")
    peer.barrier()
    before = bench.shown(number)
    assert before["held"]["vpnv4"] == 1
    peer.send(wrong(number))
    peer.barrier()
    after = bench.shown(number)
    assert after["held"]["vpnv4"] == 0
    assert after["errors"].get(counter, 0) == before["errors"].get(counter, 0) + 1
    assert after["state"] == "established" and after["sessions_established"] == before["sessions_established"]


# Errors in attributes that routes can do without: the attribute is dropped, the route stands.
DISCARDED = [
    ("ATOMIC_AGGREGATE with a value", attribute(0x40, 6, b"\0")),
    ("AGGREGATOR of five octets", attribute(0xC0, 7, bytes(5))),
    ("LOCAL_PREF from outside", attribute(0x40, 5, bytes(4))),
    ("ORIGINATOR_ID from outside", attribute(0x80, 9, bytes(4))),
    ("CLUSTER_LIST from outside", attribute(0x80, 10, bytes(4))),
    ("AS4_PATH between speakers of four octets", attribute(0xC0, 17, PATH[3:])),
    ("a second ORIGIN", origin(2)),
    ("a second AS_PATH", as_path(65099)),
]


@pytest.mark.parametrize("case", range(len(DISCARDED)), ids=[name for name, _ in DISCARDED])
def test_a_wrong_attribute_is_discarded_and_the_route_stands(bench, case):
    number = 1 + case % 8
    peer = bench.peer(number)
    peer.send(update(unreachable(nlri(PREFIX, RD))))
    before = bench.shown(number)["errors"].get("attribute_discarded", 0)
    peer.send(update(origin(), PATH, TARGET, DISCARDED[case][1], routes(number)))
    peer.barrier()
    after = bench.shown(number)
    assert after["held"]["vpnv4"] == 1
    assert after["errors"].get("attribute_discarded", 0) == before + 1


@pytest.mark.parametrize("unknown", [
    attribute(0xC0, 200, bytes(range(100))), attribute(0x80, 201, bytes(300)), attribute(0xE0, 255, b""),
    attribute(0xC0, 0, b"zero"),
], ids=["transitive", "not transitive and long", "partial and empty", "type zero"])
def test_an_unknown_optional_attribute_does_no_harm(bench, unknown):
    peer = bench.peer(1)
    peer.send(update(unreachable(nlri(PREFIX, RD))))
    peer.send(update(origin(), PATH, TARGET, unknown, routes(1)))
    peer.barrier()
    assert bench.shown(1)["held"]["vpnv4"] == 1


# Routes of a family that cannot be read: nothing of that family counts until the session is made anew, and the other
# family goes on (RFC 7606 §2, "AFI/SAFI disable").
UNREADABLE = [
    ("a prefix of 33 bits", lambda n: routes(n, bits=24 + 64 + 33)),
    ("a prefix longer than the attribute", lambda n: routes(n, bits=24 + 64 + 32)),
    ("a length without room for a label", lambda n: routes(n, bits=23)),
    ("a length without room for a distinguisher", lambda n: routes(n, bits=24 + 63)),
    ("labels without end", lambda n: reachable(neighbor(n), bytes([255]) + label_entry(77, False) * 10)),
    ("a next hop of five octets", lambda n: reachable(neighbor(n), nlri(PREFIX, RD), hop=bytes(5))),
    ("no next hop at all", lambda n: reachable(neighbor(n), nlri(PREFIX, RD), hop=b"")),
]


@pytest.mark.parametrize("case", range(len(UNREADABLE)), ids=[name for name, _ in UNREADABLE])
def test_unreadable_routes_disable_their_family_alone(bench, case):
    number = 1 + case % 8
    peer = bench.peer(number)
    peer.announce(PREFIX, RD, "42:1")
    peer.announce("2001:db8:1::/48", RD, "42:1", family=VPNV6)
    peer.barrier(VPNV6)
    before = bench.shown(number)
    assert before["held"] == {"vpnv4": 1, "vpnv6": 1}
    peer.send(update(origin(), PATH, TARGET, UNREADABLE[case][1](number)))
    peer.announce("198.51.100.0/24", RD, "42:1")
    peer.barrier(VPNV6)
    after = bench.shown(number)
    assert after["state"] == "established"
    assert after["held"] == {"vpnv4": 0, "vpnv6": 1}
    assert after["errors"].get("family_disabled", 0) == before["errors"].get("family_disabled", 0) + 1
    states = {entry["family"]: entry["state"] for entry in after["families"]}
    assert states == {"vpnv4": "disabled", "vpnv6": "carried"}
    assert "UPDATE message error" in after["families"][0]["disabled"]["reason"]
    if case == 0:
        check_clearing_of_a_disabled_family(bench, number)
    peer.close()
    wait_until(lambda: bench.shown(number)["state"] != "established", "the session is down")


def check_clearing_of_a_disabled_family(bench, number):
    """A soft clear says what it cannot do, and a clear without it does it."""
    soft = bench.box.command("bgp", "clear", "neighbor", neighbor(number), "soft", "--json")
    assert soft.returncode == 1
    assert json.loads(soft.stdout)["not_refreshed"] == [
        {"neighbor": neighbor(number), "family": "vpnv4", "reason": "disabled"}]
    bench.peers[number].close()
    peer = bench.peer(number)
    peer.announce(PREFIX, RD, "42:1")
    peer.barrier()
    assert bench.shown(number)["held"]["vpnv4"] == 1


# Octets on an established session, and the NOTIFICATION (code, subcode) that must answer them.
RESETTING = [
    ("attributes longer than the message", lambda n: message(UPDATE, b"\0\0\0\x50" + PATH), (3, 1)),
    ("withdrawn routes longer than the message", lambda n: message(UPDATE, b"\x40\0\0\0"), (3, 1)),
    ("two MP_REACH_NLRI", lambda n: update(origin(), PATH, TARGET, routes(n), routes(n)), (3, 1)),
    ("MP_REACH_NLRI cut in its next hop",
     lambda n: update(origin(), PATH, TARGET, attribute(0x80, 14, struct.pack("!HBB", *VPNV4, 12) + bytes(3))), (3, 9)),
    ("MP_UNREACH_NLRI of two octets", lambda n: update(attribute(0x80, 15, b"\0\1")), (3, 9)),
    ("an unknown well-known attribute", lambda n: update(origin(), PATH, TARGET, attribute(0x40, 99, b"x"), routes(n)),
     (3, 2)),
    ("a prefix of 33 bits of unicast IPv4", lambda n: update(origin(), PATH, announced=b"\x21" + bytes(5)), (3, 10)),
    ("a wrong marker", lambda n: message(KEEPALIVE, marker=b"\xff" * 15 + b"\xfe"), (1, 1)),
    ("a length of 18", lambda n: message(KEEPALIVE, length=18), (1, 2)),
    ("a length of zero", lambda n: message(UPDATE, length=0), (1, 2)),
    ("a KEEPALIVE with a body", lambda n: message(KEEPALIVE, b"x"), (1, 2)),
    ("an UPDATE of 22 octets", lambda n: message(UPDATE, b"\0\0\0"), (1, 2)),
    ("a NOTIFICATION of 20 octets", lambda n: message(NOTIFICATION, b"\6"), (1, 2)),
    ("4097 octets where 4096 were agreed", lambda n: message(UPDATE, bytes(4097 - 19)), (1, 2)),
    ("a message of type 77", lambda n: message(77, b"xxxx"), (1, 3)),
    ("a second OPEN", lambda n: message(OPEN, open_body(HOSTILE_AS, neighbor(n))), (5, 3)),
    ("a beginning of a refresh of five octets", lambda n: message(ROUTE_REFRESH, b"\0\1\1\x80\0"), (7, 1)),
]


@pytest.mark.parametrize("case", range(len(RESETTING)), ids=[name for name, _, _ in RESETTING])
def test_what_cannot_be_followed_ends_the_session_with_the_right_word(bench, case):
    _, wrong, answer = RESETTING[case]
    number = 1 + case % 10
    peer = bench.peer(number)
    peer.announce(PREFIX, RD, "42:1")
    peer.send(wrong(number))
    assert peer.wait_notification() == answer
    after = bench.shown(number)
    assert after["held"]["vpnv4"] == 0
    assert "notification sent" in after["last_down_reason"]
    peer.close()


# The first message on a connection, and what must answer it.
OPENINGS = [
    ("version 3", lambda n: message(OPEN, open_body(HOSTILE_AS, neighbor(n), version=3)), (2, 1)),
    ("another AS", lambda n: message(OPEN, open_body(65099, neighbor(n), capabilities=families())), (2, 2)),
    ("identifier 0.0.0.0", lambda n: message(OPEN, open_body(HOSTILE_AS, "0.0.0.0", capabilities=families())), (2, 3)),
    ("hold time of one second",
     lambda n: message(OPEN, open_body(HOSTILE_AS, neighbor(n), hold=1, capabilities=families())), (2, 6)),
    ("no family in common", lambda n: message(OPEN, open_body(HOSTILE_AS, neighbor(n))), (2, 7)),
    ("an unknown parameter",
     lambda n: message(OPEN, open_body(HOSTILE_AS, neighbor(n))[:-1] + b"\x03\x09\x01x"), (2, 4)),
    ("a capability cut off",
     lambda n: message(OPEN, open_body(HOSTILE_AS, neighbor(n), capabilities=b"\x01\x04\0\1")), (2, 0)),
    ("parameters longer than the message", lambda n: message(OPEN, open_body(HOSTILE_AS, neighbor(n))[:-1] + b"\xf0"),
     (2, 0)),
    ("an UPDATE first", lambda n: update(), (5, 1)),
    ("a KEEPALIVE first", lambda n: message(KEEPALIVE), (5, 1)),
    ("HTTP", lambda n: b"GET / HTTP/1.1\r\nHost: box\r\n\r\n", (1, 1)),
    ("an OPEN of 28 octets", lambda n: message(OPEN, bytes(9)), (1, 2)),
]


def families():
    return b"".join(capability(1, struct.pack("!HBB", afi, 0, safi)) for afi, safi in (VPNV4, VPNV6))


@pytest.mark.parametrize("case", range(len(OPENINGS)), ids=[name for name, _, _ in OPENINGS])
def test_a_wrong_opening_is_answered_and_ends_the_connection(bench, case):
    _, wrong, answer = OPENINGS[case]
    number = 1 + case % 10
    peer = bench.peers[number]
    peer.close()

    def answered():
        connection = peer.dial()
        with connection:
            try:
                connection.sendall(wrong(number))
                kind, body = read_message(connection)
                if kind == OPEN:
                    kind, body = read_message(connection)
            except Exception as error:
                return str(error)
        if body[:2] == b"\x06\x05":
            # After an error the box rests for a moment and takes no connection.
            bench.box.text("bgp", "clear", "neighbor", neighbor(number))
            return None
        return kind, body[0], body[1]

    assert wait_until(answered, "an answer", 20, 0.2) == (NOTIFICATION, *answer)


def test_half_a_message_and_silence_run_into_the_hold_timer(bench):
    peer = bench.peer(SILENT)
    peer.announce(PREFIX, RD, "42:1")
    whole = update(origin(), PATH, TARGET, routes(SILENT))
    peer.send(whole[:len(whole) // 2])
    peer.is_silent = True
    assert peer.wait_notification(15) == (4, 0)
    assert bench.shown(SILENT)["held"]["vpnv4"] == 0


def test_random_mutations_of_updates(bench):
    """Seeded. Whatever the box makes of each: it answers, it goes on, and it gives other sessions no reason to end."""
    chance = random.Random(7606)
    sessions = refused = 0
    for number in list(range(1, 11)) * 2:
        seed = chance.getrandbits(32)
        peer = bench.peer(number)
        sessions += 1
        valid = [
            update(origin(), PATH, TARGET, attribute(0xC0, 8, bytes(8)), attribute(0x80, 4, bytes(4)), routes(number)),
            update(origin(), PATH, TARGET, routes(number, "2001:db8:1::/48", VPNV6)),
            update(unreachable(nlri(PREFIX, RD))),
            update(origin(), PATH, TARGET, reachable(
                neighbor(number), b"".join(nlri(f"10.{index}.0.0/16", RD) for index in range(20)))),
        ]
        for index in range(300):
            if not peer.send(message(UPDATE, mutated(valid[index % len(valid)][19:], seed + index))):
                break
        try:
            peer.barrier(seconds=10)
        except TimeoutError:
            # A length that was changed swallows what comes after it.
            peer.close()
        refused += peer.notification is not None
        assert bench.box.control.poll() is None, f"seed {seed}"
    print(f"\n{sessions} sessions of mutated UPDATEs, {refused} ended by a NOTIFICATION")
    for number in range(1, 11):
        bench.peers[number].close()


def test_random_octets_and_openings(bench):
    """Seeded garbage in place of a session, and mutated OPENs."""
    chance = random.Random(4271)
    for index in range(200):
        number = 1 + index % 10
        peer = bench.peers[number]
        octets = chance.randbytes(chance.randint(1, 300)) if index % 2 else message(OPEN, mutated(peer.opening()[19:], index))
        try:
            with peer.dial() as connection:
                connection.sendall(octets)
                if index % 5 == 0:
                    connection.settimeout(0.2)
                    connection.recv(4096)
        except OSError:
            continue
    assert bench.peer(1).notification is None


def test_connections_of_strangers_and_floods_of_connections(bench):
    peer = bench.peer(2)
    peer.announce(PREFIX, RD, "42:1")
    peer.barrier()
    stranger = BGPPeer(bench.hostile, STRANGER, BOX, HOSTILE_AS)
    for _ in range(20):
        with pytest.raises(TimeoutError):
            stranger.dial(0.05)
    held = []
    for index in range(200):
        connection = peer.dial()
        if index % 2:
            connection.sendall(peer.opening())
        held.append(connection)
    peer.barrier()
    for connection in held:
        connection.close()
    shown = bench.shown(2)
    assert shown["state"] == "established" and shown["held"]["vpnv4"] == 1


def test_a_storm_of_session_flaps(bench):
    number = 3
    many = b"".join(nlri(f"10.200.{index}.0/24", RD) for index in range(100))
    for index in range(30):
        peer = bench.peer(number)
        peer.send(update(origin(), PATH, TARGET, reachable(neighbor(number), many)))
        peer.close(abruptly=index % 2 == 0)
        peer.is_closed.wait(5)
    wait_until(lambda: bench.shown(number)["held"]["vpnv4"] == 0, "the routes of the dead session are gone")
    peer = bench.peer(number)
    peer.announce(PREFIX, RD, "42:1")
    peer.barrier()
    assert bench.shown(number)["held"]["vpnv4"] == 1


def test_a_storm_of_refresh_requests(bench):
    peer = bench.peer(4)
    peer.barrier()
    for _ in range(500):
        peer.send(message(ROUTE_REFRESH, struct.pack("!HBB", VPNV4[0], 0, VPNV4[1])))
    peer.barrier(VPNV6)
    assert bench.shown(4)["state"] == "established"


def test_more_prefixes_than_the_maximum_end_the_session(bench):
    peer = bench.peer(LIMITED)
    for index in range(PREFIX_LIMIT):
        peer.announce(f"10.201.{index}.0/24", RD, "42:1")
    peer.barrier()
    assert bench.shown(LIMITED)["held"]["vpnv4"] == PREFIX_LIMIT
    peer.announce("10.202.0.0/24", RD, "42:1")
    assert peer.wait_notification() == (6, 1)
    assert peer.notification[2] == struct.pack("!HBI", *VPNV4, PREFIX_LIMIT)
    shown = bench.shown(LIMITED)
    assert shown["held"]["vpnv4"] == 0
    # It stays down, however often the neighbor tries, until an operator clears it.
    assert (shown["state"], "until" in shown["held_down"]) == ("held_down", False)
    assert "maximum number of prefixes reached" in shown["held_down"]["reason"]
    with pytest.raises(TimeoutError):
        peer.connect(0)
    assert bench.shown(LIMITED)["state"] == "held_down"
    bench.box.text("bgp", "clear", "neighbor", neighbor(LIMITED))
    peer.connect()
    peer.announce("10.202.0.0/24", RD, "42:1")
    peer.barrier()
    assert bench.shown(LIMITED)["held"]["vpnv4"] == 1


def test_many_prefixes_come_and_go(bench):
    """Ten thousand routes, most of which no VRF takes, in full messages; then the peer is gone."""
    number = 5
    peer = bench.peer(number)
    for start in range(0, 10000, 200):
        batch = b"".join(nlri(f"{20 + index // 65536}.{index // 256 % 256}.{index % 256}.0/24", RD)
                         for index in range(start, start + 200))
        target = TARGET if start < 2000 else route_target("42:99")
        peer.send(update(origin(), PATH, target, reachable(neighbor(number), batch, flags=0x90)))
    peer.barrier(seconds=60)
    assert bench.shown(number)["held"]["vpnv4"] == 2000
    peer.close()
    wait_until(lambda: bench.shown(number)["held"]["vpnv4"] == 0, "the routes are gone")


def test_mutated_frames_on_the_link(bench):
    """Seeded: ARP, neighbor discovery, ICMP and TCP for BGP, each a little wrong, from hosts that there are not."""
    chance = random.Random(826)
    wire = bench.hostile.packet_socket("eth0")
    box = address_of(bench.box.ports, "nni0")
    mac = "02:00:00:00:99:99"
    link_local = "fe80::" + in6_mactoifaceid(box)
    valid = [
        Ether(src=mac, dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=mac, psrc=STRANGER, pdst=BOX),
        Ether(src=mac, dst=box) / ARP(op=2, hwsrc=mac, psrc=STRANGER, hwdst=box, pdst=BOX),
        Ether(src=mac, dst=box) / IP(src=STRANGER, dst=BOX) / ICMP() / Raw(bytes(40)),
        Ether(src=mac, dst=box) / IP(src=STRANGER, dst=BOX, options=IPOption_Router_Alert()) / ICMP(),
        Ether(src=mac, dst=box) / IP(src=neighbor(10), dst=BOX) / TCP(sport=1024, dport=179, flags="S",
                                                                      options=[("MSS", 1460), ("NOP", None)]),
        Ether(src=mac, dst=box) / IP(src=neighbor(10), dst=BOX) / TCP(sport=179, dport=4000, flags="PA") / Raw(b"x" * 60),
        Ether(src=mac, dst="33:33:ff:00:00:01") / IPv6(src="fe80::9999", dst=link_local, hlim=255)
        / ICMPv6ND_NS(tgt=link_local) / ICMPv6NDOptSrcLLAddr(lladdr=mac),
        Ether(src=mac, dst=box) / IPv6(src="fe80::9999", dst=link_local, hlim=255)
        / ICMPv6ND_NA(tgt="fe80::9999", S=1, O=1) / ICMPv6NDOptDstLLAddr(lladdr=mac),
        Ether(src=mac, dst=box, type=0x8847) / MPLS(label=16, s=1, ttl=64) / IP(src="192.0.2.1", dst="10.1.0.2") / UDP(),
    ]
    frames = [bytes(frame) for frame in valid]
    for index in range(4500):
        frame = mutated(frames[index % len(frames)], chance.getrandbits(32))
        # Not so mangled that the link's own MAC addresses change owner.
        wire.send(frame[:6] + bytes.fromhex("020000009999") + frame[12:] if len(frame) >= 14 else frame.ljust(14, b"\0"))
        if index % 50 == 49:
            time.sleep(0.01)
    peer = bench.peer(6)
    peer.announce(PREFIX, RD, "42:1")
    peer.barrier()
    assert bench.shown(6)["held"]["vpnv4"] == 1
    assert bench.red.ping("10.1.0.1", count=2) == (2, 2)
