"""MVPN and EVPN relayed over NNIs between two Stile boxes: routes, Ethernet frames and multicast byte for byte, and forged frames of
which none arrives."""

import socket
import struct

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw
from stilelab.bgp_peer import EVPN, MVPN4, attribute
from stilelab.commands import wait_until
from stilelab.service_relay import (ServiceRelay, attack_table, auto_discovery, inclusive, leaf, mac_address, prefix_route,
                                    replication, segment_route, selective, source_join, target, typed)
from stilelab.spoofer import receive

MAC = "02:00:00:00:00:0a"
RD, FAR_RD = "42:500", "65001:500"
PE = {"a": "10.98.0.1", "b": "10.97.0.1"}
A_MAC = mac_address(RD, MAC, 3001, 3002)
A_DISCOVERY = auto_discovery(RD, 3001)
A_SEGMENT = auto_discovery(RD, 0, tag=b"\xff" * 4)
A_PREFIX = prefix_route(RD, "10.1.0.0", 24, 3002)
A_FLOOD = inclusive(RD, PE["a"])
A_FAR = mac_address("42:501", MAC, 3009)
GROUP = selective(RD, "10.1.0.5", "232.0.0.1", PE["a"])


@pytest.fixture(scope="module")
def relay(lab):
    relay = ServiceRelay(lab)
    relay.start()
    relay.tell("a", EVPN, [A_MAC], ["42:7", bytes.fromhex("0600000000000001"), bytes.fromhex("0603020000000001")])
    relay.tell("a", EVPN, [A_DISCOVERY, A_SEGMENT, A_PREFIX, segment_route(RD, PE["a"])], ["42:7"])
    relay.tell("a", EVPN, [A_FLOOD], ["42:7"], replication(3003, PE["a"]))
    relay.tell("a", EVPN, [A_FAR], ["42:8"])
    relay.boxes["b"].wait(lambda: relay.labels("b", A_MAC) and relay.labels("b", A_PREFIX) and relay.tunnel("b", A_FLOOD)
                          and relay.labels("b", A_DISCOVERY), "PE b has the routes", 60)
    relay.boxes["a"].wait(lambda: relay.labels("far", A_FAR), "the far end has its route", 30)
    return relay


def labelled(source, destination, label, ttl, payload, cos=5):
    return bytes(Ether(src=source, dst=destination, type=0x8847) / MPLS(label=label, cos=cos, s=1, ttl=ttl)) + payload


def customer(marker, mac=MAC):
    """A customer's frame as an EVPN label carries it."""
    return bytes(Ether(src="02:00:00:00:00:0b", dst=mac) / IP(src="10.2.0.5", dst="10.1.0.5", ttl=17)
                 / UDP(sport=1111, dport=2222) / Raw(marker.encode()))


def cross(relay, source, label, aim, expected_label, marker, payload, ttl=62):
    """Sends what is under a label from one end, and returns what arrives at the other and what should."""
    gateway = ("a", "p9") if source == "far" else (source, "p3")
    relay.sockets[aim].drain()
    relay.sockets[source].send(labelled(relay.mac[source], relay.mac[gateway], label, 64, payload))
    return (receive(relay.sockets[aim], marker),
            labelled(relay.mac[aim, "p3"], relay.mac[aim], expected_label, ttl, payload))


def test_frames_cross_two_borders_byte_for_byte(relay):
    first, second = relay.labels("b", A_MAC)
    # A MAC address whose first four bits look like IPv4's or IPv6's version is none.
    for marker, mac in (("unicast", MAC), ("like-v4", "46:00:00:00:00:01"), ("like-v6", "62:00:00:00:00:01")):
        got, wanted = cross(relay, "b", first, "a", 3001, marker, customer(marker, mac))
        assert got == wanted
    # Behind a control word (RFC 4448 §4.6), and no IP at all.
    got, wanted = cross(relay, "b", first, "a", 3001, "control", bytes(4) + customer("control"))
    assert got == wanted
    arp = bytes(Ether(dst="ff:ff:ff:ff:ff:ff", src="02:00:00:00:00:0b") / ARP(pdst="10.1.0.5")) + b"flooded"
    got, wanted = cross(relay, "b", relay.tunnel("b", A_FLOOD)[2], "a", 3003, "flooded", arp)
    assert got == wanted
    # The second label, and that of a prefix, is an IP-VRF's.
    packet = bytes(IP(src="10.2.0.5", dst="10.1.0.5", ttl=17) / UDP(sport=1, dport=2) / Raw(b"routed"))
    got, wanted = cross(relay, "b", second, "a", 3002, "routed", packet)
    assert got == wanted


def test_labels_targets_and_communities_are_as_they_should_be(relay):
    first, second = relay.labels("b", A_MAC)
    assert first != second
    # One label for each next hop, label and kind of payload.
    assert relay.labels("b", A_DISCOVERY) == [first] and relay.labels("b", A_PREFIX) == [second]
    assert relay.labels("b", A_SEGMENT) == [0]
    assert relay.tunnel("b", A_FLOOD)[1:] == (6, relay.tunnel("b", A_FLOOD)[2], "10.97.0.2")
    # MAC mobility goes on; a router's MAC address is one network's.
    assert relay.targets("b", A_MAC) == [bytes.fromhex("0600000000000001"), target("65001:7")]
    attributes = relay.heard("b", A_MAC)[1]
    assert attributes[2][1] == bytes([2, 1]) + struct.pack("!I", 42)


def test_what_is_of_one_network_does_not_cross(relay):
    assert relay.heard("b", segment_route(RD, PE["a"])) is None
    # A tree, VNIs, a target that nobody listed, a segment, a distinguisher of AS 42, a reserved label.
    tree = attribute(0xC0, 22, bytes([0, 3]) + bytes(3) + socket.inet_aton("10.0.0.9") + socket.inet_aton("232.1.1.1"))
    refused = {
        "tunnel_of_one_network": (inclusive("65002:1", "198.51.100.2"), ["65002:7"], [tree]),
        "virtual_network_identifier": (mac_address("65002:1", MAC, 2001), ["65002:7", bytes.fromhex("030c000000000008")], []),
        "target_not_listed": (mac_address("65002:2", MAC, 2001), ["65002:9"], []),
        "ethernet_segment": (segment_route("65002:1", "198.51.100.2"), ["65002:7"], []),
        "own_route_distinguisher": (mac_address("42:900", MAC, 2001), ["65002:7"], []),
        "reserved_label": (mac_address("65002:3", MAC, 3), ["65002:7"], []),
        # A leaf of an E-Tree (RFC 8317 §5.1); labels of border a's where the route has none (RFC 7432 §8.2.1); a loopback address.
        "e_tree": (mac_address("65002:5", MAC, 2001), ["65002:7", bytes.fromhex("0605010000000000")], []),
        "label_out_of_place": (auto_discovery("65002:5", 2001, tag=b"\xff" * 4), ["65002:7"], []),
        "martian_prefix": (prefix_route("65002:5", "127.0.0.0", 8, 2001), ["65002:7"], []),
    }
    # VXLAN by the Tunnel Encapsulation attribute alone (RFC 9012 §4.1).
    attributed = mac_address("65002:6", MAC, 2001)
    relay.tell("far", EVPN, [attributed], ["65002:7"], attribute(0xC0, 23, bytes.fromhex("00080000")))
    for route, targets, others in refused.values():
        relay.tell("far", EVPN, [route], targets, *others)
    relay.edges["far"].barrier(EVPN)
    text = relay.boxes["a"].text("show", "bgp", "neighbors", "198.51.100.2")
    for reason, (route, _, _) in refused.items():
        assert reason in text
        assert relay.heard("a", route) is None
    assert relay.heard("a", attributed) is None
    # From NNI to NNI not without a word of it.
    route = mac_address("65002:4", MAC, 2001)
    relay.tell("far", EVPN, [route], ["65002:7"])
    relay.boxes["a"].wait(lambda: relay.labels("a", route), "PE a has the third one's route")
    assert relay.heard("b", route) is None
    got, wanted = cross_to_far(relay, relay.labels("a", route)[0], 2001)
    assert got == wanted


def cross_to_far(relay, label, expected):
    relay.sockets["far"].drain()
    relay.sockets["a"].send(labelled(relay.mac["a"], relay.mac["a", "p3"], label, 64, customer("to-far")))
    return (receive(relay.sockets["far"], "to-far"),
            labelled(relay.mac["a", "p9"], relay.mac["far"], expected, 63, customer("to-far")))


def test_no_forged_frame_arrives(relay):
    spoofer = relay.spoofer()
    assert spoofer.run(attack_table(relay, spoofer, relay.labels("far", A_FAR)[0]))[1] == []


def test_a_frame_that_does_not_fit_or_has_no_hops_left_is_dropped_without_a_word(relay):
    label = relay.labels("b", A_MAC)[0]
    before = relay.boxes["b"].drops()
    relay.sockets["a"].drain()
    relay.sockets["b"].drain()
    big = customer("big" + "x" * 1400)
    relay.sockets["b"].send(labelled(relay.mac["b"], relay.mac["b", "p3"], label, 64, big))
    relay.sockets["b"].send(labelled(relay.mac["b"], relay.mac["b", "p3"], label, 1, customer("old")))

    def reasons():
        after = relay.boxes["b"].drops()
        return {reason for (_, reason), count in after.items() if count != before.get((_, reason), 0)}

    wait_until(lambda: reasons() >= {"packet_too_big", "label_ttl_expired"}, "both are counted", 10)
    assert receive(relay.sockets["a"], "big", 1) is None and receive(relay.sockets["b"], "big", 0.2) is None


def test_a_selective_tunnel_is_answered_and_multicast_crosses(relay):
    relay.tell("a", MVPN4, [GROUP], ["42:7"], replication(0, PE["a"], asks=True))
    relay.boxes["b"].wait(lambda: relay.tunnel("b", GROUP), "PE b has heard of the group")
    # Leaf information required, no label, and this border as the end (RFC 6514 §5, §12.1).
    assert relay.tunnel("b", GROUP) == (1, 6, 0, "10.97.0.2")
    # RFC 6514 §9.2.3.4.1: the answer names the next hop that the route came with, with 0.
    answer = leaf(GROUP, PE["b"])
    # The third far end, which has not been told of the group, says PE b's answer first: with its own address, and with PE a's.
    relay.tell("far", MVPN4, [answer], ["198.51.100.1:0", "10.98.0.1:0"], replication(2666, "198.51.100.2"))
    relay.edges["far"].barrier(MVPN4)
    relay.tell("b", MVPN4, [answer], ["10.97.0.2:0"], replication(4005, PE["b"]))
    relay.boxes["a"].wait(lambda: relay.tunnel("a", answer), "PE a has the answer")
    assert relay.targets("a", answer) == [target("10.98.0.1:0")]
    flags, kind, label, end = relay.tunnel("a", answer)
    assert (flags, kind, end) == (0, 6, "10.98.0.2")
    packet = bytes(IP(src="10.1.0.5", dst="232.0.0.1", ttl=17) / UDP(sport=1, dport=2) / Raw(b"to-the-group"))
    got, wanted = cross(relay, "a", label, "b", 4005, "to-the-group", packet)
    assert got == wanted
    # The third far end has not been told of the group: its answer answers nothing.
    stranger = leaf(GROUP, "198.51.100.2")
    relay.tell("far", MVPN4, [stranger], ["198.51.100.1:0"], replication(2005, "198.51.100.2"))
    relay.edges["far"].barrier(MVPN4)
    assert relay.heard("a", stranger) is None
    assert "answers_nothing" in relay.boxes["a"].text("show", "bgp", "neighbors", "198.51.100.2")
    relay.take_back("a", MVPN4, GROUP)
    wait_until(lambda: relay.heard("a", answer) is None, "the answer is gone with the group", 20)


def test_a_join_goes_where_its_vpn_route_came_from(relay):
    join = source_join(RD, 42, "10.1.0.5", "232.0.0.2")
    relay.tell("b", MVPN4, [join], ["10.98.0.1:5"])
    relay.edges["b"].barrier(MVPN4)
    assert relay.heard("a", join) is None
    # The VPN route says by what it is joined: VRF Route Import (RFC 6514 §7) and Source AS (§6).
    relay.tell_vpn("a", "10.1.0.0/24", RD, 3004, ["42:7", bytes.fromhex("010b0a6200010005"), bytes.fromhex("0009002a00000000")])
    # One that has not been told of the route says the same join, with a shorter path.
    relay.tell("far", MVPN4, [join], ["10.98.0.1:6"])
    relay.edges["far"].barrier(MVPN4)
    relay.boxes["a"].wait(lambda: relay.heard("a", join), "PE a is joined", 30)
    assert relay.targets("a", join) == [target("10.98.0.1:5")]


def test_opaque_routes_go_on_as_they_are(relay):
    # RFC 9251 §9.1: SMET.
    smet = typed(6, A_FLOOD[2:10] + bytes([0, 0, 0, 7, 0, 32]) + socket.inet_aton("232.0.0.1") + bytes([32]) + socket.inet_aton(PE["a"]) + b"\4")
    relay.tell("a", EVPN, [smet], ["42:7"])
    relay.boxes["b"].wait(lambda: relay.heard("b", smet), "PE b has it")
    assert relay.heard("b", smet)[0] == smet


def test_a_withdrawn_label_is_dead_at_once(relay):
    own = relay.labels("far", A_FAR)[0]
    relay.take_back("a", EVPN, mac_address("42:501", MAC, 0))
    relay.edges["a"].barrier(EVPN)
    spoofer = relay.spoofer()
    assert spoofer.run([spoofer.labels("withdrawn a moment ago", [own])])[1] == []
    wait_until(lambda: relay.heard("far", A_FAR) is None, "the far end has heard of it", 20)
    relay.tell("a", EVPN, [A_FAR], ["42:8"])
    wait_until(lambda: relay.labels("far", A_FAR) not in (None, [own]), "it has the route again, by another label", 20)
    new = relay.labels("far", A_FAR)[0]
    wait_until(lambda: spoofer.run([spoofer.labels("its own label at last", [new], arrives=True)])[1] == [], "it is valid", 20)


def test_show_isolation_says_what_the_labels_carry(relay):
    swaps = {entry["label"]: entry for entry in relay.boxes["b"].json("show", "isolation")["swaps"]}
    first, second = relay.labels("b", A_MAC)
    assert (swaps[first]["payload"], swaps[second]["payload"]) == ("ethernet", "ip")
    assert swaps[first]["labels_below"] == 0


def test_labels_stay_when_stiled_is_killed(relay):
    box = relay.boxes["b"]
    before = relay.labels("b", A_MAC)
    box.kill_control()
    got, wanted = cross(relay, "b", before[0], "a", 3001, "headless", customer("headless"))
    assert got == wanted
    box.start_control()
    relay.edges["b"].close()
    relay.edges["b"].bring_up()
    box.wait(lambda: relay.labels("b", A_MAC) == before, "PE b has its labels", 60)
    got, wanted = cross(relay, "b", before[0], "a", 3001, "restarted", customer("restarted"))
    assert got == wanted
