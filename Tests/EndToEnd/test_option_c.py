"""Option C between two Stile boxes, FRR and BIRD: which ways are told, packets byte for byte, and forged ones of which none arrives."""

import struct
import time

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.bgp_peer import (
    attribute, attributes_of, as_path, next_hop, nlri, origin, reachable, route_target, update)
from stilelab.commands import wait_until
from stilelab.option_c import BIRD_LABEL, BIRD_LOOPBACK, FRR_LOOPBACK, OptionC, attack_table
from stilelab.spoofer import receive

PE_A, STATIC_A, ENTROPY_A, REFLECTOR_A, SITE_A = (
    "10.98.1.1/32", "10.98.1.2/32", "10.98.1.4/32", "10.98.9.9/32", "2001:db8:98::/48")
PE_B, REFLECTOR_B = "10.97.1.1/32", "10.97.9.9/32"


@pytest.fixture(scope="module")
def borders(lab):
    borders = OptionC(lab)
    borders.start()
    borders.wait_for_routes()
    return borders


def packet(marker, destination="10.1.0.5", source="10.2.0.5"):
    return IP(src=source, dst=destination, ttl=17, id=9, tos=0xB8) / UDP(sport=1111, dport=2222) / Raw(marker.encode())


def frame(source, destination, entries, inner):
    """`entries` are (label, class, TTL), the outermost first."""
    made = Ether(src=source, dst=destination, type=0x8847)
    for place, (label, cos, ttl) in enumerate(entries):
        made /= MPLS(label=label, cos=cos, s=int(place == len(entries) - 1), ttl=ttl)
    return bytes(made / inner)


def cross(borders, way, entries, target, egress, expected, marker, inner, left=None):
    """Sends a labelled packet along `way` (place, gateway) and returns what arrives at `target`, and what should: under the
    expected labels or, with `left`, as that packet without any."""
    source, gateway = way
    borders.sockets[target].drain()
    borders.sockets[source].send(frame(borders.mac[source], borders.mac[gateway], entries, inner))
    got = receive(borders.sockets[target], marker)
    if left is not None:
        return got, bytes(Ether(src=borders.mac[egress], dst=borders.mac[target]) / left)
    return got, frame(borders.mac[egress], borders.mac[target], expected, inner)


FROM_B, FROM_A, FROM_FRR, FROM_BIRD = ("pe-b", ("b", "p3")), ("pe-a", ("a", "p3")), ("frr", ("a", "p9")), ("bird", ("a", "p8"))


def test_packets_to_pes_cross_two_borders_byte_for_byte(borders):
    label = borders.edges["b"].label_towards(PE_A)
    got, wanted = cross(borders, FROM_B, [(label, 5, 64), (3001, 2, 33)], "pe-a", ("a", "p3"),
                        [(16001, 5, 62), (3001, 2, 33)], "to-a", packet("to-a"))
    assert got == wanted
    label = borders.edges["b"].label_towards(STATIC_A)
    got, wanted = cross(borders, FROM_B, [(label, 1, 9), (3001, 0, 33)], "pe-a", ("a", "p3"),
                        [(16002, 1, 7), (3001, 0, 33)], "to-static", packet("to-static"))
    assert got == wanted
    label = borders.edges["a"].label_towards(PE_B)
    got, wanted = cross(borders, FROM_A, [(label, 0, 64), (4001, 0, 64)], "pe-b", ("b", "p3"),
                        [(17001, 0, 62), (4001, 0, 64)], "to-b", packet("to-b", "10.2.0.5", "10.1.0.5"))
    assert got == wanted


def test_an_entropy_label_crosses_where_it_may(borders):
    # Border b takes what was listed there at depth 2, so the far end is played by the link itself.
    told = {entry["label"]: entry for entry in borders.boxes["a"].json("show", "isolation")["swaps"]}
    deep = [label for label, entry in told.items() if entry["allows_entropy_label"]]
    assert len(deep) == 1 and told[deep[0]]["nni"] == "ten1/0"
    socket = borders.boxes["b"].ports.packet_socket("p0")
    inner, stack = packet("entropy"), [(3001, 0, 33), (7, 0, 0), (77777, 0, 0)]
    borders.sockets["pe-a"].drain()
    socket.send(frame(borders.mac["b", "p0"], borders.mac["a", "p0"], [(deep[0], 0, 64), *stack], inner))
    assert receive(borders.sockets["pe-a"], "entropy") == frame(
        borders.mac["a", "p3"], borders.mac["pe-a"], [(16004, 0, 63), *stack], inner)
    stack[1] = (8, 0, 0)
    socket.send(frame(borders.mac["b", "p0"], borders.mac["a", "p0"], [(deep[0], 0, 64), *stack], packet("no-entropy")))
    assert receive(borders.sockets["pe-a"], "no-entropy", 1) is None


def test_labelled_ipv6_prefixes_cross(borders):
    label = borders.edges["b"].label_towards(SITE_A)
    inner = IPv6(src="2001:db8:97::5", dst="2001:db8:98::5", hlim=17) / UDP(sport=1, dport=2) / Raw(b"six")
    got, wanted = cross(borders, FROM_B, [(label, 0, 64)], "pe-a", ("a", "p3"), [(16006, 0, 62)], "six", inner)
    assert got == wanted
    # Nothing else by that label: no label below, and no IPv4.
    assert cross(borders, FROM_B, [(label, 0, 64), (3001, 0, 64)], "pe-a", ("a", "p3"), [], "six-deep", packet("six-deep"))[0] is None
    assert cross(borders, FROM_B, [(label, 0, 64)], "pe-a", ("a", "p3"), [], "six-four", packet("six-four"))[0] is None


def test_frr_and_bird_play_the_far_end(borders):
    # FRR has its own loopback with implicit null, so what is under the label reaches it.
    label = borders.edges["a"].label_towards(FRR_LOOPBACK)
    got, wanted = cross(borders, FROM_A, [(label, 3, 64), (5001, 0, 40)], "frr", ("a", "p9"), [(5001, 3, 40)], "to-frr",
                        packet("to-frr"))
    assert got == wanted
    got, wanted = cross(borders, FROM_FRR, [(borders.frr_label(PE_A), 0, 64), (3001, 0, 64)], "pe-a", ("a", "p3"),
                        [(16001, 0, 63), (3001, 0, 64)], "from-frr", packet("from-frr"))
    assert got == wanted
    label = borders.edges["a"].label_towards(BIRD_LOOPBACK)
    got, wanted = cross(borders, FROM_A, [(label, 0, 64), (5001, 0, 40)], "bird", ("a", "p8"),
                        [(BIRD_LABEL, 0, 63), (5001, 0, 40)], "to-bird", packet("to-bird"))
    assert got == wanted
    got, wanted = cross(borders, FROM_BIRD, [(borders.bird_label(PE_A), 0, 64), (3001, 0, 64)], "pe-a", ("a", "p3"),
                        [(16001, 0, 63), (3001, 0, 64)], "from-bird", packet("from-bird"))
    assert got == wanted


def test_lists_and_transit_hold(borders):
    # FRR and BIRD are given one loopback, and not each other's, nor what the other border tells.
    assert borders.frr_label(STATIC_A) is None and borders.frr_label(REFLECTOR_A) is None
    assert borders.frr_label(BIRD_LOOPBACK) is None and borders.bird_label(FRR_LOOPBACK) is None
    assert borders.bird_label(PE_B) is None and borders.edges["b"].label_towards(FRR_LOOPBACK) is None
    # Each neighbor has a label of its own, none of which is a null.
    labels = [borders.frr_label(PE_A), borders.bird_label(PE_A)]
    assert len(set(labels)) == 2 and all(label > 15 for label in labels)


def test_reflectors_have_a_session_across_the_border(borders):
    peer = borders.join_reflectors()
    route = nlri("10.1.0.0/24", "42:500", (3001,))
    peer.send(update(origin(), as_path(42), route_target("42:7"), reachable("10.98.9.9", route, hop=next_hop("10.98.1.1"))))
    wait_until(lambda: "10.98.1.1" in borders.reflector.command(
        "show", "route", "table", "customers4", "all").stdout, "the far reflector has the VPN route with its PE", 30)
    # Nothing else gets to a reflector.
    label = borders.edges["a"].label_towards(REFLECTOR_B)
    way, sent = ("pe-a", ("a", "p3")), [(label, 0, 64)]

    def reaches(marker, inner):
        return cross(borders, way, sent, "rr-b", ("b", "p4"), [], marker, inner)[0] is not None

    source, target = "10.98.9.9", "10.97.9.9"
    assert reaches("ping", IP(src=source, dst=target) / ICMP() / Raw(b"ping"))
    assert reaches("bgp", IP(src=source, dst=target) / TCP(sport=7777, dport=179, flags="A") / Raw(b"bgp"))
    assert not reaches("ssh", IP(src=source, dst=target) / TCP(sport=7777, dport=22) / Raw(b"ssh"))
    assert not reaches("udp", IP(src=source, dst=target) / UDP(sport=179, dport=179) / Raw(b"udp"))
    assert not reaches("other-source", IP(src="10.98.1.1", dst=target) / TCP(dport=179) / Raw(b"other-source"))
    assert not reaches("other-target", IP(src=source, dst="10.97.2.9") / TCP(dport=179) / Raw(b"other-target"))
    assert any(reason == "label_payload" for _, reason in borders.boxes["a"].drops())
    peer.close()


def test_errors_about_reflectors_sessions_cross_both_borders(borders):
    """A border on the way says that a packet was too long, from an address of its own that no list has: to where that packet was
    going, and from there to who has sent it."""
    here, there, border = "10.98.9.9", "10.97.9.9", "10.90.0.1"
    session = IP(src=here, dst=there, flags="DF") / TCP(sport=179, dport=7777, flags="A")
    onward, back = borders.edges["a"].label_towards(REFLECTOR_B), borders.edges["b"].label_towards(REFLECTOR_A)

    def crosses(marker, inner, way, label, target, egress):
        return cross(borders, way, [(label, 0, 64)], target, egress, [], marker, inner)[0]

    def error(marker, to, quoted, kind=3):
        return IP(src=border, dst=to) / ICMP(type=kind, code=4 if kind == 3 else 0, nexthopmtu=1400) / quoted / Raw(marker)

    def onwards(marker, inner):
        return crosses(marker, inner, FROM_A, onward, "rr-b", ("b", "p4"))

    def backwards(marker, inner):
        return crosses(marker, inner, ("rr-b", ("b", "p4")), back, "rr-a", ("a", "p4"))

    assert onwards("too-long", error("too-long", here, session)) and backwards("so-back", error("so-back", here, session))
    # One that the first border itself has said, with a packet whose time was over there.
    borders.sockets["rr-b"].drain()
    borders.sockets["pe-a"].send(frame(borders.mac["pe-a"], borders.mac["a", "p3"], [(onward, 0, 1)], session / Raw(b"late")))
    said = Ether(receive(borders.sockets["rr-b"], "late"))
    assert (said[IP].dst, said[ICMP].type, said[IP].src) == (here, 11, "10.98.0.2")
    # Others say nothing to a reflector: about packets that were none of a session, or of which it was not the sender.
    other = IP(src="10.98.1.1", dst=there) / TCP(sport=7777, dport=179)
    assert not onwards("others", error("others", "10.98.1.1", other)) and not onwards("to-him", error("to-him", there, session))
    assert not onwards("redirect", error("redirect", here, session, kind=5))
    assert not backwards("alien", error("alien", here, IP(src=here, dst="10.97.1.1") / TCP(sport=7777, dport=179)))


def test_no_forged_packet_arrives(borders):
    spoofer = borders.spoofer()
    assert spoofer.run(attack_table(borders, spoofer))[1] == []


def test_ttl_expiry_is_said_along_the_path_with_the_whole_stack(borders):
    label = borders.frr_label(PE_A)
    borders.sockets["pe-a"].drain()
    borders.sockets["frr"].send(frame(borders.mac["frr"], borders.mac["a", "p9"], [(label, 0, 1), (3001, 0, 64)], packet("late")))
    got = receive(borders.sockets["pe-a"], "late")
    # Under the outgoing labels, with the class and TTL of the box's own, and both labels quoted (RFC 4950).
    assert got[14:22] == struct.pack("!II", 16001 << 12 | 6 << 9 | 255, 3001 << 12 | 6 << 9 | 0x1FF)
    assert got[22 + 20:22 + 22] == b"\x0b\x00"
    assert got.endswith(struct.pack("!HBBII", 12, 1, 1, label << 12 | 1, 3001 << 12 | 0x100 | 64))


def test_another_label_of_the_pe_loses_no_packet(borders):
    label, sent = borders.edges["b"].label_towards(PE_A), 0
    borders.sockets["pe-a"].drain()
    for number in range(600):
        borders.sockets["pe-b"].send(frame(borders.mac["pe-b"], borders.mac["b", "p3"], [(label, 0, 64), (3001, 0, 64)],
                                           packet(f"moving-{number:04}")))
        sent += 1
        if number % 100 == 50:
            borders.edges["a"].tell(PE_A, 16010 + number // 100)
        time.sleep(0.004)
    seen = {}
    end = time.monotonic() + 3
    while len(seen) < sent and (got := borders.sockets["pe-a"].receive(max(end - time.monotonic(), 0.01))) is not None:
        if (place := got.find(b"moving-")) >= 0:
            seen[got[place:place + 11]] = int.from_bytes(got[14:17], "big") >> 4
    assert len(seen) == sent and len(set(seen.values())) > 1
    # And nobody has heard of it: the label is ours.
    assert borders.edges["b"].label_towards(PE_A) == label
    borders.edges["a"].tell(PE_A, 16001)


def test_a_lost_transport_takes_the_label_with_it(borders):
    own, spoofer = borders.frr_label(PE_A), borders.spoofer()
    borders.edges["a"].take_back(PE_A)
    borders.edges["a"].barrier((1, 4))
    assert spoofer.run([spoofer.labels("withdrawn a moment ago", [own, 3001])])[1] == []
    wait_until(lambda: borders.frr_label(PE_A) is None, "FRR has heard of it", 20)
    wait_until(lambda: borders.edges["b"].label_towards(PE_A) is None, "the far PE has heard of it", 20)
    borders.edges["a"].tell(PE_A, 16001)
    wait_until(lambda: borders.frr_label(PE_A) not in (None, own), "FRR has the way again, by another label", 20)
    new = borders.frr_label(PE_A)
    wait_until(lambda: spoofer.run([spoofer.labels("its new label", [new, 3001], arrives=True)])[1] == [], "it is valid", 20)
    assert spoofer.run([spoofer.labels("the old one", [own, 3001])])[1] == []
    wait_until(lambda: borders.edges["b"].label_towards(PE_A), "the far PE has it again", 20)


def test_attributes_stay_in_the_own_network(borders):
    """To another operator neither local preference nor the mark, and the own AS in front."""
    preference = attribute(0x40, 5, struct.pack("!I", 100))
    tunnel = attribute(0xC0, 23, b"\0\1\0\0")
    borders.edges["a"].send(update(origin(), as_path(), preference, tunnel, reachable(
        borders.edges["a"].local, bytes([24 + 32]) + struct.pack("!I", 16005 << 4 | 1)[1:] + b"\x0a\x62\x01\x05", (1, 4))))
    wait_until(lambda: borders.edges["b"].label_towards("10.98.1.5/32"), "the far PE has it", 20)
    found = {}
    for kind, body in borders.edges["b"].received:
        if kind == 2 and b"\x0a\x62\x01\x05" in body:
            found = {code: value for _, code, value in attributes_of(body)}
    assert found[2] == b"\x02\x01\0\0\0\x2a" and found[5] == struct.pack("!I", 100) and 23 not in found
    # The mark of the other border's own network.
    assert found[32] == struct.pack("!III", 65001, 0, 1)
    borders.edges["a"].take_back("10.98.1.5/32")
    wait_until(lambda: borders.edges["b"].label_towards("10.98.1.5/32") is None, "it is gone", 20)


def test_show_isolation_and_labels_say_what_is_under_them(borders):
    told = borders.frr_label(PE_A)
    labels = {entry["label"]: entry for entry in borders.boxes["a"].json("show", "labels")["labels"]}
    assert labels[told]["nni"] == "ten1/9" and "one label below" in labels[told]["swap"]
    swaps = {entry["label"]: entry for entry in borders.boxes["a"].json("show", "isolation")["swaps"]}
    assert (swaps[told]["labels_below"], swaps[told]["payload"]) == (1, "ip")
    reflector = borders.edges["a"].label_towards(REFLECTOR_B)
    assert (swaps[reflector]["labels_below"], swaps[reflector]["payload"]) == (0, "sessions")
    links = {link["interface"]: link for link in borders.boxes["a"].json("show", "isolation")["links"]}
    assert links["ten1/9"]["kind"] == "optC" and links["ten1/9"]["deepest_stack"] == 2
    assert links["ten1/0"]["deepest_stack"] == 4
    assert "label_below" in [entry["property"] for entry in links["ten1/9"]["unchecked"]]
    text = borders.boxes["a"].text("show", "isolation")
    assert "the label below is not looked into" in text and "BGP and ICMP between listed addresses alone" in text


def test_labels_stay_when_stiled_is_killed(borders):
    box = borders.boxes["a"]
    own, far = borders.frr_label(PE_A), borders.edges["b"].label_towards(PE_A)
    near = borders.edges["a"].label_towards(PE_B)
    box.kill_control()
    inner = packet("headless")
    got, wanted = cross(borders, FROM_FRR, [(own, 0, 64), (3001, 0, 64)], "pe-a", ("a", "p3"),
                        [(16001, 0, 63), (3001, 0, 64)], "headless", inner)
    assert got == wanted
    box.start_control()
    borders.edges["a"].close()
    borders.connect("a")
    box.wait(lambda: borders.edges["a"].label_towards(PE_B) == near, "the PE has its label", 60)
    wait_until(lambda: borders.frr_label(PE_A) == own, "FRR has its label", 60)
    wait_until(lambda: borders.edges["b"].label_towards(PE_A) == far, "the far PE has its label", 60)
    inner = packet("restarted")
    got, wanted = cross(borders, FROM_FRR, [(own, 0, 64), (3001, 0, 64)], "pe-a", ("a", "p3"),
                        [(16001, 0, 63), (3001, 0, 64)], "restarted", inner)
    assert got == wanted
