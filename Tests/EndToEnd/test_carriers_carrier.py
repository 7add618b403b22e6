"""Carrier's carrier between two Stile boxes: sites of customers that are carriers themselves, joined by LSPs; byte for byte, and forged
packets of which none arrives."""

import struct
import time

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.carriers_carrier import (
    BLUE_A, BLUE_B, BLUE_B_LABEL, CE_A, CE_A_LABEL, CE_B, CE_B_LABEL, FRR_LOOPBACK, FRR_LOOPBACK6, TRANSPORT, CarriersCarrier,
    attack_table, configuration)
from stilelab.commands import wait_until
from stilelab.spoofer import receive


@pytest.fixture(scope="module")
def carriers(lab):
    carriers = CarriersCarrier(lab)
    carriers.start()
    carriers.wait_for_routes()
    return carriers


def packet(marker):
    return IP(src="10.3.0.5", dst="10.2.0.5", ttl=17, id=9, tos=0xB8) / UDP(sport=1111, dport=2222) / Raw(marker.encode())


def frame(source, destination, entries, inner):
    """`entries` are (label, class, TTL), the outermost first; without any it is IP."""
    made = Ether(src=source, dst=destination, type=0x8847 if entries else 0x0800)
    for place, (label, cos, ttl) in enumerate(entries):
        made /= MPLS(label=label, cos=cos, s=int(place == len(entries) - 1), ttl=ttl)
    return bytes(made / inner)


def send(carriers, source, gateway, entries, inner):
    carriers.sockets[source].send(frame(carriers.mac[source], carriers.mac[gateway], entries, inner))


def test_packets_go_through_end_to_end_byte_for_byte(carriers):
    # FRR to CE b: over the core one label more than others have, and the customer's own below.
    label, below = carriers.frr_label(CE_B), [(3001, 2, 33)]
    vpn = carriers.core_label("b", CE_B)
    for name in ("left", "ce-b"):
        carriers.sockets[name].drain()
    send(carriers, "frr", ("a", 1), [(label, 5, 64), *below], packet("through"))
    assert receive(carriers.sockets["left"], "through") == frame(
        carriers.mac["a", 0], carriers.mac["left"], [(TRANSPORT["b"], 5, 63), (vpn, 5, 63), *below], packet("through"))
    assert receive(carriers.sockets["ce-b"], "through") == frame(
        carriers.mac["b", 1], carriers.mac["ce-b"], [(CE_B_LABEL, 5, 61), *below], packet("through"))


def test_each_depth_of_the_customers_own_stack_goes_through(carriers):
    label = carriers.frr_label(CE_B)
    for marker, below in (("none", []), ("two", [(3001, 0, 9), (3002, 1, 8)]),
                          ("entropy", [(3001, 0, 9), (7, 0, 0), (77777, 0, 0)])):
        carriers.sockets["ce-b"].drain()
        send(carriers, "frr", ("a", 1), [(label, 0, 64), *below], packet(marker))
        assert receive(carriers.sockets["ce-b"], marker) == frame(
            carriers.mac["b", 1], carriers.mac["ce-b"], [(CE_B_LABEL, 0, 61), *below], packet(marker))


def test_frr_is_reached_and_its_implicit_null_is_obeyed(carriers):
    # FRR says implicit null of its own loopback: what is below its label reaches it.
    label = carriers.edges["ce-b"].label_towards(FRR_LOOPBACK)
    carriers.sockets["frr"].drain()
    send(carriers, "ce-b", ("b", 1), [(label, 3, 64), (5001, 0, 40)], packet("to-frr"))
    assert receive(carriers.sockets["frr"], "to-frr") == frame(
        carriers.mac["a", 1], carriers.mac["frr"], [(5001, 3, 40)], packet("to-frr"))
    # And without any below it leaves as IP, with the label's TTL if that is lower.
    send(carriers, "ce-b", ("b", 1), [(label, 0, 10)], packet("as-ip"))
    lowered = packet("as-ip")
    lowered.ttl = 7
    assert receive(carriers.sockets["frr"], "as-ip") == frame(carriers.mac["a", 1], carriers.mac["frr"], [], lowered)


def test_labelled_ipv6_routes_are_lsps_as_well(carriers):
    """FRR's session of IPv6 has its loopback there; the label that the core was told leads to it."""
    box = carriers.boxes["a"]
    box.wait(lambda: carriers.core_label("a", FRR_LOOPBACK6), "the core has FRR's IPv6 loopback", 30)
    label = carriers.core_label("a", FRR_LOOPBACK6)
    inner = IPv6(src="2001:db8:3::5", dst="2001:db8:4::5", hlim=17) / UDP(sport=1, dport=2) / Raw(b"six")
    carriers.sockets["frr"].drain()
    carriers.sockets["left"].send(frame(carriers.mac["left"], carriers.mac["a", 0], [(label, 0, 64), (5001, 0, 40)], inner))
    assert receive(carriers.sockets["frr"], "six") == frame(carriers.mac["a", 1], carriers.mac["frr"], [(5001, 0, 40)], inner)


def test_two_circuits_of_one_box_are_joined(carriers):
    label = carriers.frr_label(CE_A)
    carriers.sockets["ce-a"].drain()
    send(carriers, "frr", ("a", 1), [(label, 1, 64), (3001, 0, 33)], packet("near"))
    assert receive(carriers.sockets["ce-a"], "near") == frame(
        carriers.mac["a", 3], carriers.mac["ce-a"], [(CE_A_LABEL, 1, 63), (3001, 0, 33)], packet("near"))


def test_customers_with_the_same_addresses_stay_apart(carriers):
    label = carriers.edges["blue-a"].label_towards(BLUE_B)
    for name in ("blue-b", "ce-b"):
        carriers.sockets[name].drain()
    send(carriers, "blue-a", ("a", 2), [(label, 0, 64), (3001, 0, 33)], packet("blue"))
    assert receive(carriers.sockets["blue-b"], "blue") == frame(
        carriers.mac["b", 2], carriers.mac["blue-b"], [(BLUE_B_LABEL, 0, 61), (3001, 0, 33)], packet("blue"))
    assert receive(carriers.sockets["ce-b"], "blue", 0.3) is None
    told = [carriers.frr_label(CE_A), carriers.frr_label(CE_B), carriers.edges["ce-a"].label_towards(CE_B),
            carriers.edges["ce-a"].label_towards(FRR_LOOPBACK), label]
    assert len(set(told)) == len(told) and all(entry > 15 for entry in told)


def test_packets_without_a_label_are_the_vrfs(carriers):
    """The circuit is one of the VRF: a packet goes to the customer's own sites, and the far PE adds the customer's label."""
    inner = IP(src="10.1.1.1", dst="10.1.2.1", ttl=17) / UDP(sport=1, dport=2) / Raw(b"unlabelled")
    carriers.sockets["ce-b"].drain()
    send(carriers, "frr", ("a", 1), [], inner)
    left = inner.copy()
    left.ttl = 16
    assert receive(carriers.sockets["ce-b"], "unlabelled") == frame(
        carriers.mac["b", 1], carriers.mac["ce-b"], [(CE_B_LABEL, 0, 14)], left)


def test_no_forged_packet_arrives(carriers):
    spoofer = carriers.spoofer()
    assert spoofer.run(attack_table(carriers, spoofer))[1] == []


def test_another_station_on_the_circuit_has_no_labels(carriers):
    key, before = ("ten1/1", "foreign_source_mac"), carriers.boxes["a"].drops()
    carriers.sockets["frr"].send(frame("02:00:00:00:00:66", carriers.mac["a", 1], [(carriers.frr_label(CE_B), 0, 64)],
                                       packet("stranger")))
    carriers.boxes["a"].wait(lambda: carriers.boxes["a"].drops().get(key, 0) > before.get(key, 0), "it is dropped", 5)
    assert receive(carriers.sockets["ce-b"], "stranger", 0.3) is None


def test_ttl_expiry_is_said_along_the_lsp(carriers):
    label, vpn = carriers.frr_label(CE_B), carriers.core_label("b", CE_B)
    carriers.sockets["left"].drain()
    send(carriers, "frr", ("a", 1), [(label, 0, 1), (3001, 0, 64)], packet("late"))
    got = receive(carriers.sockets["left"], "late")
    # Under the outgoing labels, with the class and TTL of the box's own, and the labels quoted as they came (RFC 4950).
    own = 6 << 9 | 255
    assert got[14:26] == struct.pack("!III", TRANSPORT["b"] << 12 | own, vpn << 12 | own, 3001 << 12 | own | 0x100)
    assert got[26 + 20:26 + 22] == b"\x0b\x00"
    assert got.endswith(struct.pack("!HBBII", 12, 1, 1, label << 12 | 1, 3001 << 12 | 0x100 | 64))


def test_another_label_of_the_customer_loses_no_packet(carriers):
    label, sent = carriers.frr_label(CE_B), 0
    carriers.sockets["ce-b"].drain()
    for number in range(600):
        send(carriers, "frr", ("a", 1), [(label, 0, 64), (3001, 0, 64)], packet(f"moving-{number:04}"))
        sent += 1
        if number % 100 == 50:
            carriers.edges["ce-b"].tell(CE_B, 24010 + number // 100)
        time.sleep(0.004)
    seen = {}
    end = time.monotonic() + 3
    while len(seen) < sent and (got := carriers.sockets["ce-b"].receive(max(end - time.monotonic(), 0.01))) is not None:
        if (place := got.find(b"moving-")) >= 0:
            seen[got[place:place + 11]] = int.from_bytes(got[14:17], "big") >> 4
    assert len(seen) == sent and len(set(seen.values())) > 1
    # And nobody has heard of it: the labels on the way are ours.
    assert carriers.frr_label(CE_B) == label
    carriers.edges["ce-b"].tell(CE_B, CE_B_LABEL)


def test_a_withdrawn_prefix_takes_its_labels_with_it(carriers):
    own, near = carriers.frr_label(CE_B), carriers.frr_label(CE_A)
    spoofer = carriers.spoofer()
    before = carriers.boxes["a"].drops()
    carriers.edges["ce-a"].take_back(CE_A)
    carriers.edges["ce-a"].barrier((1, 4))
    assert spoofer.run([spoofer.labels("withdrawn a moment ago", [near, 3001])])[1] == []
    key = ("ten1/1", "label_withdrawn")
    assert carriers.boxes["a"].drops()[key] - before.get(key, 0) >= 20
    # The far PE is told, and ends its labels in turn.
    vpn = carriers.core_label("b", CE_B)
    carriers.edges["ce-b"].take_back(CE_B)
    carriers.edges["ce-b"].barrier((1, 4))
    carriers.sockets["ce-b"].drain()
    for number in range(5):
        carriers.sockets["right"].send(frame(carriers.mac["right"], carriers.mac["b", 0],
                                             [(vpn, 0, 64), (3001, 0, 64)], packet(f"core-{number}")))
    carriers.boxes["b"].wait(lambda: carriers.boxes["b"].drops().get(("ten1/0", "label_withdrawn"), 0) >= 5,
                             "the label from the core is withdrawn", 5)
    wait_until(lambda: carriers.frr_label(CE_B) is None and carriers.frr_label(CE_A) is None, "FRR has heard of it", 20)
    assert receive(carriers.sockets["ce-b"], "core-", 0.3) is None
    carriers.edges["ce-a"].tell(CE_A, CE_A_LABEL)
    carriers.edges["ce-b"].tell(CE_B, CE_B_LABEL)
    carriers.wait_for_routes()
    label = carriers.frr_label(CE_B)
    wait_until(lambda: spoofer.run([spoofer.labels("its label", [label, 3001], arrives=True)])[1] == [], "it is valid", 20)
    assert own != near


def test_show_commands_say_what_the_labels_are(carriers):
    told = carriers.frr_label(CE_B)
    labels = {entry["label"]: entry for entry in carriers.boxes["a"].json("show", "labels")["labels"]}
    assert (labels[told]["nni"], labels[told]["vrf"]) == ("ten1/1", "red")
    assert labels[told]["subject"] == f"{CE_B}, from its circuit" and "up to 3 labels below" in labels[told]["swap"]
    answer = carriers.boxes["a"].json("show", "isolation")
    assert answer["violations"] == []
    swap = next(entry for entry in answer["swaps"] if entry["label"] == told)
    assert (swap["vrf"], swap["egress"], swap["labels_below"], swap["allows_fewer_labels"]) == ("red", "core", 3, True)
    link = next(entry for entry in answer["links"] if entry["interface"] == "ten1/1")
    assert (link["kind"], link["vrf"], link["deepest_stack"]) == ("csc", "red", 4)
    assert "label_below" in {entry["property"] for entry in link["unchecked"]}
    # Two sessions are on that circuit, of IPv4 and IPv6: each one's labels are valid from its own Ethernet address.
    assert labels[told]["source_mac_addresses"] == [carriers.mac["frr"]]
    link = next(entry for entry in answer["links"] if entry["interface"] == "ten1/3")
    assert "senders_address" in {entry["property"] for entry in link["unchecked"]}
    text = carriers.boxes["a"].text("show", "isolation")
    assert "ten1/1, csc of VRF red to 192.0.2.2, 2001:db8:1::2: at most 4 labels" in text
    assert "what is below is the customer's own" in text
    routes = carriers.boxes["a"].text("show", "bgp", "vrf", "red", "labeled-unicast")
    assert CE_A in routes and str(CE_A_LABEL) in routes
    explained = carriers.boxes["a"].json("explain", "packet", "in", "ten1/1", "label", str(told), "label", "3001",
                                         "src", "10.3.0.5", "dst", "10.2.0.5")
    assert (explained["verdict"], explained["egress_interface"]) == ("forwarded", "core")
    assert f"{CE_B}, from its circuit" in explained["steps"][1]["entry"]


def test_a_circuit_that_takes_labels_no_longer_takes_none(carriers):
    box, edge = carriers.boxes["b"], carriers.edges["blue-b"]
    whole = configuration("b")
    plain = whole.replace("interface ten1/2\n encap mpls csc\n", "interface ten1/2\n")
    blue = plain.index("address-family ipv4 vrf blue")
    box.replace(plain[:blue] + plain[blue:].replace("  neighbor 192.0.2.2 send-label\n", ""))
    wait_until(lambda: not [entry for entry in box.json("show", "labels")["labels"] if entry["nni"] == "ten1/2"],
               "the circuit's labels are gone", 30)
    assert box.json("show", "isolation")["violations"] == []
    send(carriers, "blue-b", ("b", 2), [(BLUE_B_LABEL, 0, 64)], packet("plain"))
    box.wait(lambda: box.drops().get(("ten1/2", "ether_type_not_accepted"), 0) > 0, "a label is no packet there", 5)
    box.replace(whole)
    edge.close()
    carriers.connect("blue-b")
    carriers.wait_for_routes()
    assert box.json("show", "isolation")["violations"] == []
    test_customers_with_the_same_addresses_stay_apart(carriers)


def test_labels_stay_when_stiled_is_killed(carriers):
    box = carriers.boxes["a"]
    own, near = carriers.frr_label(CE_B), carriers.edges["ce-a"].label_towards(CE_B)
    far = carriers.edges["ce-b"].label_towards(FRR_LOOPBACK)
    vpn = carriers.core_label("a", FRR_LOOPBACK)
    box.kill_control()

    def through(marker):
        carriers.sockets["ce-b"].drain()
        send(carriers, "frr", ("a", 1), [(own, 0, 64), (3001, 0, 64)], packet(marker))
        return receive(carriers.sockets["ce-b"], marker) == frame(
            carriers.mac["b", 1], carriers.mac["ce-b"], [(CE_B_LABEL, 0, 61), (3001, 0, 64)], packet(marker))

    assert through("headless")
    box.start_control()
    for name in ("ce-a", "blue-a"):
        carriers.edges[name].close()
        carriers.connect(name)
    carriers.wait_for_routes()
    wait_until(lambda: carriers.frr_label(CE_B) == own, "FRR has its label", 60)
    box.wait(lambda: carriers.edges["ce-a"].label_towards(CE_B) == near, "CE a has its label", 60)
    assert carriers.edges["ce-b"].label_towards(FRR_LOOPBACK) == far and carriers.core_label("a", FRR_LOOPBACK) == vpn
    assert through("restarted")
