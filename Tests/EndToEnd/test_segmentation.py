"""Selective tunnels that end at the border and begin anew (RFC 6514 §9.2.3): one answer and one copy for all leaves behind it, byte for byte.

The lab is that of the service relay. PE b stands for two PEs, at 10.97.0.1 and 10.97.0.3: what comes for each has its label.
"""

import time

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.bgp_peer import MVPN4
from stilelab.commands import wait_until
from stilelab.service_relay import ServiceRelay, leaf, replication, selective, target

ROOT, FIRST, SECOND, FAR = "10.98.0.1", "10.97.0.1", "10.97.0.3", "198.51.100.2"
GROUP = selective("42:500", "10.1.0.5", "232.0.0.1", ROOT)
BACK = selective("65001:600", "10.2.0.5", "232.0.0.2", FIRST)
# The box's own answers: RFC 6514 §9.2.3.4.1, its address towards who asks.
ANSWER = leaf(GROUP, "10.98.0.2")
BACK_ANSWER = leaf(BACK, "10.97.0.2")


@pytest.fixture(scope="module")
def relay(lab):
    relay = ServiceRelay(lab, segmented=True)
    relay.places["b"].ip("address", "add", f"{SECOND}/24", "dev", "eth0")
    relay.start()
    # To the other operator and to the third one.
    relay.tell("a", MVPN4, [GROUP], ["42:7", "42:8"], replication(0, ROOT, asks=True))
    relay.boxes["b"].wait(lambda: relay.tunnel("b", GROUP) and relay.tunnel("far", GROUP), "the leaves have heard of the group", 60)
    return relay


def join(relay, name, address, label, via=None):
    border = {"b": "10.97.0.2", "far": "198.51.100.1"}[name]
    relay.tell(name, MVPN4, [leaf(GROUP, address)], [f"{border}:0"], replication(label, address), via=via)


def multicast(marker, source="10.1.0.5", group="232.0.0.1"):
    return bytes(IP(src=source, dst=group, ttl=17) / UDP(sport=1, dport=2) / Raw(marker.encode()))


def labelled(source, destination, label, ttl, packet):
    return bytes(Ether(src=source, dst=destination, type=0x8847) / MPLS(label=label, cos=5, s=1, ttl=ttl)) + packet


def frames(listener, marker, seconds=1.5):
    """All frames with the marker that come within the time."""
    found, end = [], time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        frame = listener.receive(left)
        if frame is not None and marker.encode() in frame:
            found.append(frame)
    return sorted(found)


def send(relay, marker, label):
    for listener in relay.sockets.values():
        listener.drain()
    relay.sockets["a"].send(labelled(relay.mac["a"], relay.mac["a", "p3"], label, 64, multicast(marker)))


def at_b(relay, marker, *labels):
    return sorted(labelled(relay.mac["b", "p3"], relay.mac["b"], label, 62, multicast(marker)) for label in labels)


def answered(relay):
    """The label of border a's answer to PE a; `None` without one."""
    tunnel = relay.tunnel("a", ANSWER)
    return tunnel and tunnel[2]


def test_one_answer_stands_for_all_leaves(relay):
    join(relay, "b", FIRST, 4005)
    join(relay, "b", SECOND, 4006, via=SECOND)
    join(relay, "far", FAR, 2005)
    relay.boxes["a"].wait(lambda: answered(relay), "PE a is answered", 30)
    flags, kind, label, end = relay.tunnel("a", ANSWER)
    assert (flags, kind, end) == (0, 6, "10.98.0.2")
    attributes = relay.heard("a", ANSWER)[1]
    assert relay.targets("a", ANSWER) == [target(f"{ROOT}:0")]
    # NO_EXPORT.
    assert attributes[8][1] == bytes.fromhex("ffffff01")
    for other in (FIRST, SECOND, FAR, "192.0.2.2"):
        assert relay.heard("a", leaf(GROUP, other)) is None
    wait_until(lambda: [len(row["branches"]) for row in rows(relay, "a")] == [2]
               and [len(row["branches"]) for row in rows(relay, "b")] == [2], "both borders have two leaves each", 20)


def rows(relay, side):
    return relay.boxes[side].json("show", "mpls", "multipoint")["labels"]


def test_a_packet_arrives_once_per_leaf_and_one_copy_crosses_the_border(relay):
    crossing = relay.boxes["b"].ports.packet_socket("p0")
    crossing.drain()
    send(relay, "to-all", answered(relay))
    assert frames(relay.sockets["b"], "to-all") == at_b(relay, "to-all", 4005, 4006)
    assert frames(relay.sockets["far"], "to-all") == [
        labelled(relay.mac["a", "p9"], relay.mac["far"], 2005, 63, multicast("to-all"))]
    between = [row for row in rows(relay, "a")[0]["branches"] if row["interface"] == "ten1/0"][0]["label"]
    assert [frame for frame in frames(crossing, "to-all") if frame[6:12] == bytes.fromhex(relay.mac["a", "p0"].replace(":", ""))] == [
        labelled(relay.mac["a", "p0"], relay.mac["b", "p0"], between, 63, multicast("to-all"))]


def test_show_says_whom_copies_go_to(relay):
    (row,) = rows(relay, "b")
    assert (row["place"], row["source"], row["is_valid"]) == ("ten1/0", "192.0.2.1", True)
    assert row["tunnel"] == "42:500 [3]:[10.1.0.5]:[232.0.0.1]:[10.98.0.1]"
    assert [(branch["address"], branch["label"], branch.get("obstacle")) for branch in row["branches"]] == [
        (FIRST, 4005, None), (SECOND, 4006, None)]
    assert relay.boxes["b"].json("show", "isolation")["violations"] == []
    assert "copies leave" in relay.boxes["a"].text("show", "mpls", "multipoint")


def test_no_label_of_a_tunnel_is_valid_elsewhere(relay):
    own = answered(relay)
    between = rows(relay, "b")[0]["label"]
    spoofer = relay.spoofer()
    assert spoofer.run([spoofer.labels("the label that PE a was told", [own]),
                        spoofer.labels("the label that border a was told", [between])])[1] == []


def test_leaves_come_and_go_without_another_label(relay):
    before = answered(relay)
    relay.take_back("b", MVPN4, leaf(GROUP, SECOND))
    wait_until(lambda: [len(row["branches"]) for row in rows(relay, "b")] == [1], "the second PE is gone", 20)
    send(relay, "to-one", before)
    assert frames(relay.sockets["b"], "to-one") == at_b(relay, "to-one", 4005)
    join(relay, "b", SECOND, 4007, via=SECOND)
    wait_until(lambda: [len(row["branches"]) for row in rows(relay, "b")] == [2], "it is back", 20)
    send(relay, "to-both", before)
    assert frames(relay.sockets["b"], "to-both") == at_b(relay, "to-both", 4005, 4007)
    assert answered(relay) == before


def test_copies_leave_while_stiled_is_away_and_after_it(relay):
    box, before = relay.boxes["b"], answered(relay)
    between = rows(relay, "b")[0]["label"]
    box.kill_control()
    send(relay, "headless", before)
    assert frames(relay.sockets["b"], "headless") == at_b(relay, "headless", 4005, 4007)
    box.start_control()
    relay.edges["b"].close()
    relay.edges["b"].connect(40)
    join(relay, "b", FIRST, 4005)
    join(relay, "b", SECOND, 4007, via=SECOND)
    relay.edges["b"].end_of_rib()
    box.wait(lambda: [row["label"] for row in rows(relay, "b")] == [between]
             and len(rows(relay, "b")[0]["branches"]) == 2, "the leaves are back behind the same label", 60)
    wait_until(lambda: answered(relay) is not None, "PE a is answered", 60)
    send(relay, "restarted", answered(relay))
    assert frames(relay.sockets["b"], "restarted") == at_b(relay, "restarted", 4005, 4007)


def test_a_far_ends_tunnel_is_answered_the_other_way(relay):
    relay.tell("b", MVPN4, [BACK], ["65001:7"], replication(0, FIRST, asks=True))
    relay.boxes["a"].wait(lambda: relay.tunnel("a", BACK), "PE a has heard of the other group", 30)
    # The root's own network, and the third far end, which is given nothing of AS 65001.
    assert relay.heard("far", BACK) is None
    relay.tell("a", MVPN4, [leaf(BACK, ROOT)], ["10.98.0.2:0"], replication(3005, ROOT))
    relay.boxes["b"].wait(lambda: relay.tunnel("b", BACK_ANSWER), "PE b is answered", 30)
    assert relay.targets("b", BACK_ANSWER) == [target(f"{FIRST}:0")]
    label = relay.tunnel("b", BACK_ANSWER)[2]
    packet = multicast("back", "10.2.0.5", "232.0.0.2")
    relay.sockets["a"].drain()
    relay.sockets["b"].drain()
    relay.sockets["b"].send(labelled(relay.mac["b"], relay.mac["b", "p3"], label, 64, packet))
    assert frames(relay.sockets["a"], "back") == [labelled(relay.mac["a", "p3"], relay.mac["a"], 3005, 62, packet)]


def test_with_the_last_leaf_the_answer_is_gone(relay):
    label = answered(relay)
    relay.take_back("b", MVPN4, leaf(GROUP, FIRST), leaf(GROUP, SECOND))
    relay.take_back("far", MVPN4, leaf(GROUP, FAR))
    wait_until(lambda: relay.heard("a", ANSWER) is None, "PE a is not answered any more", 20)
    before = relay.boxes["a"].drops()
    send(relay, "to-nobody", label)
    assert frames(relay.sockets["b"], "to-nobody") == [] and frames(relay.sockets["far"], "to-nobody", 0.2) == []

    def reasons():
        after = relay.boxes["a"].drops()
        return {reason for (_, reason), count in after.items() if count != before.get((_, reason), 0)}

    # The second where the core has no label left.
    wait_until(lambda: reasons() & {"label_withdrawn", "label_not_valid_here"}, "it is said why", 10)
    join(relay, "far", FAR, 2005)
    relay.boxes["a"].wait(lambda: answered(relay) not in (None, label), "another label stands for what comes back", 30)
