"""Option B between two Stile boxes and BIRD: what is relayed, packets byte for byte, and forged packets of which none arrives."""

import time

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.bgp_peer import attributes_of, distinguisher, route_target
from stilelab.commands import wait_until
from stilelab.option_b import OptionB, attack_table
from stilelab.spoofer import receive

PREFIX = "10.1.0.0/24"


@pytest.fixture(scope="module")
def borders(lab):
    borders = OptionB(lab)
    borders.start()
    borders.wait_for_routes()
    return borders


def packet(marker, destination="10.1.0.5", source="10.2.0.5"):
    return IP(src=source, dst=destination, ttl=17, id=9, tos=0xB8) / UDP(sport=1111, dport=2222) / Raw(marker.encode())


def frame(source, destination, label, ttl, inner, cos=5):
    return bytes(Ether(src=source, dst=destination, type=0x8847) / MPLS(label=label, cos=cos, s=1, ttl=ttl) / inner)


def cross(borders, source, gateway, label, target, expected_label, ttl, marker, inner):
    """Sends a packet from one end and returns what arrives at the other, and what should."""
    borders.sockets[target].drain()
    borders.sockets[source].send(frame(borders.mac[source], borders.mac[gateway], label, 64, inner))
    egress = ("a", "p9") if target == "bird" else (target, "p3")
    return (receive(borders.sockets[target], marker),
            frame(borders.mac[egress], borders.mac[target], expected_label, ttl, inner))


def test_packets_cross_two_borders_byte_for_byte(borders):
    label = borders.edges["b"].label_of("42:500", PREFIX)
    got, wanted = cross(borders, "b", ("b", "p3"), label, "a", 3001, 62, "to-a", packet("to-a"))
    assert got == wanted
    label = borders.edges["a"].label_of("65001:500", "10.2.0.0/24")
    inner = packet("to-b", "10.2.0.5", "10.1.0.5")
    got, wanted = cross(borders, "a", ("a", "p3"), label, "b", 4001, 62, "to-b", inner)
    assert got == wanted


def test_bird_is_an_origin_and_a_receiver(borders):
    label = borders.edges["a"].label_of("65002:1", "10.3.0.0/24")
    inner = packet("to-bird", "10.3.0.5", "10.1.0.5")
    got, wanted = cross(borders, "a", ("a", "p3"), label, "bird", 2001, 63, "to-bird", inner)
    assert got == wanted
    label = borders.bird_label("42:501", PREFIX)
    inner = packet("from-bird", "10.1.0.5", "10.3.0.5")
    got, wanted = cross(borders, "bird", ("a", "p9"), label, "a", 3002, 63, "from-bird", inner)
    assert got == wanted


def targets_told(edge, rd):
    """The route targets of the last UPDATE that told a route of a distinguisher."""
    found = None
    for kind, body in edge.received:
        if kind != 2 or distinguisher(rd) not in body:
            continue
        for _, code, value in attributes_of(body):
            if code == 16:
                found = [value[position:position + 8] for position in range(0, len(value), 8)]
    return found


def octets(target):
    return route_target(target)[3:]


def test_distinguishers_stay_and_targets_are_rewritten(borders):
    assert targets_told(borders.edges["b"], "42:500") == [octets("65001:7")]
    assert targets_told(borders.edges["a"], "65001:500") == [octets("42:7")]
    assert targets_told(borders.edges["a"], "65002:1") == [octets("42:8")]
    # One label for all routes of a next hop and label.
    assert borders.edges["b"].label_of("42:500", PREFIX) == borders.edges["b"].label_of("42:500", "10.1.1.0/24")


def test_foreign_distinguishers_targets_and_transit_do_not_cross(borders):
    # Of AS 42, and for nobody.
    assert borders.edges["a"].label_of("42:900", "10.3.1.0/24") is None
    assert borders.edges["a"].label_of("65002:1", "10.3.2.0/24") is None
    # From NNI to NNI without a word of it, and past the lists.
    assert borders.edges["b"].label_of("65002:1", "10.3.0.0/24") is None
    assert borders.edges["b"].label_of("42:501", PREFIX) is None
    assert borders.bird_label("42:500", PREFIX) is None
    assert borders.bird_label("65001:500", "10.2.0.0/24") is None
    text = borders.boxes["a"].text("show", "bgp", "neighbors", "198.51.100.2")
    assert "own_route_distinguisher" in text and "target_not_listed" in text


def test_no_forged_packet_arrives(borders):
    spoofer = borders.spoofer()
    assert spoofer.run(attack_table(borders, spoofer))[1] == []


def test_a_new_label_of_the_pe_loses_no_packet(borders):
    label = borders.edges["b"].label_of("42:500", PREFIX)
    borders.sockets["a"].drain()
    sent, changes = 0, 0
    for number in range(600):
        borders.sockets["b"].send(frame(borders.mac["b"], borders.mac["b", "p3"], borders.edges["b"].label_of("42:500", PREFIX), 64,
                                    packet(f"moving-{number:04}")))
        sent += 1
        if number % 100 == 50:
            changes += 1
            for prefix in (PREFIX, "10.1.1.0/24"):
                borders.edges["a"].tell(prefix, "42:500", "42:7", 3010 + changes)
        time.sleep(0.004)
    seen = {}
    end = time.monotonic() + 3
    while len(seen) < sent and (got := borders.sockets["a"].receive(max(end - time.monotonic(), 0.01))) is not None:
        if (place := got.find(b"moving-")) >= 0:
            seen[got[place:place + 11]] = int.from_bytes(got[14:17], "big") >> 4
    assert len(seen) == sent
    assert len(set(seen.values())) > 1
    # Back to where the other tests begin.
    before = borders.edges["b"].label_of("42:500", PREFIX)
    for prefix in (PREFIX, "10.1.1.0/24"):
        borders.edges["a"].tell(prefix, "42:500", "42:7", 3001)
    # A label that has been withdrawn is not had again: what the PE calls the same may be another VPN.
    wait_until(lambda: borders.edges["b"].label_of("42:500", PREFIX) not in (None, label, before), "there is a label", 30)


def test_a_withdrawn_label_is_dead_at_once(borders):
    own = borders.bird_label("42:501", PREFIX)
    borders.edges["a"].take_back(PREFIX, "42:501")
    # The box has handled what was sent before.
    borders.edges["a"].barrier()
    spoofer = borders.spoofer()
    assert spoofer.run([spoofer.labels("withdrawn a moment ago", [own])])[1] == []
    wait_until(lambda: borders.bird_label("42:501", PREFIX) is None, "BIRD has heard of it", 20)
    borders.edges["a"].tell(PREFIX, "42:501", "42:8", 3002)
    # By another label: the PE may use the old one for another VPN.
    wait_until(lambda: borders.bird_label("42:501", PREFIX) not in (None, own), "BIRD has the route again", 20)
    new = borders.bird_label("42:501", PREFIX)
    wait_until(lambda: spoofer.run([spoofer.labels("its own label at last", [new], arrives=True)])[1] == [], "it is valid", 20)
    assert spoofer.run([spoofer.labels("the old one", [own])])[1] == []


def test_show_isolation_and_labels_name_the_swaps(borders):
    told = borders.bird_label("42:501", PREFIX)
    labels = {entry["label"]: entry for entry in borders.boxes["a"].json("show", "labels")["labels"]}
    assert labels[told]["nni"] == "ten1/9"
    swaps = {entry["label"]: entry for entry in borders.boxes["a"].json("show", "isolation")["swaps"]}
    assert swaps[told]["nni"] == "ten1/9"


def test_labels_stay_when_stiled_is_killed(borders):
    box = borders.boxes["a"]
    own, far = borders.bird_label("42:501", PREFIX), borders.edges["b"].label_of("42:500", PREFIX)
    near = borders.edges["a"].label_of("65001:500", "10.2.0.0/24")
    box.kill_control()
    got, wanted = cross(borders, "bird", ("a", "p9"), own, "a", 3002, 63, "headless", packet("headless"))
    assert got == wanted
    box.start_control()
    borders.edges["a"].close()
    borders.connect("a")
    box.wait(lambda: borders.edges["a"].label_of("65001:500", "10.2.0.0/24") == near, "the PE has its label", 60)
    wait_until(lambda: borders.bird_label("42:501", PREFIX) == own, "BIRD has its label", 60)
    wait_until(lambda: borders.edges["b"].label_of("42:500", PREFIX) == far, "the far PE has its label", 60)
    # Those that were told and no others.
    box.wait(lambda: len({(entry["nni"], entry["neighbor"]) for entry in box.json("show", "labels")["labels"]}) == 3
             and {own, near} < {entry["label"] for entry in box.json("show", "labels")["labels"]}, "the same labels")
    got, wanted = cross(borders, "bird", ("a", "p9"), own, "a", 3002, 63, "restarted", packet("restarted"))
    assert got == wanted
