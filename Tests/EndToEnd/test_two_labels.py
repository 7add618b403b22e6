"""Labels of all ways of RFC 9573 on one session of two Stile boxes: what is told, what is on the wire octet by octet, what fits, what
changes without a gap, what is relayed, and forged ones of which none arrives."""

import threading
import time

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.packet import Raw
from stilelab.spoofer import Spoofer, label_attacks, labels_on, never_given, receive
from stilelab.two_labels import CUSTOMERS, GREEN, RED, RELAY, SIDES, TwoLabels, configuration

OTHER = {"a": "b", "b": "a"}


@pytest.fixture(scope="module")
def net(lab):
    net = TwoLabels(lab)
    net.start()
    return net


def test_each_is_told_all_of_the_others_ways_on_one_session(net):
    for side, far in OTHER.items():
        assert net.way(side, "red") == RED[far]
        assert net.way(side, "green") == GREEN[far]
        drawn = net.way(side, "blue")
        assert len(drawn) == 1 and not SIDES[far]["block"] <= drawn[0] < SIDES[far]["block"] + 1000
        routes = net.boxes[side].json("show", "bgp", "vpnv4", "received", "neighbor", SIDES[side]["far"])["routes"]
        assert {(route.get("outer_label"), route["label"]) for route in routes} == {
            (None, RED[far][0]), GREEN[far], (None, drawn[0])}
        assert "/".join(map(str, GREEN[far])) in net.boxes[side].text("show", "bgp", "vpnv4", "received")
        neighbor = net.boxes[side].json("show", "bgp", "neighbors", SIDES[side]["far"])["neighbors"][0]
        assert "multiple_labels" in str(neighbor) and "more_than_one_label" not in str(neighbor)


@pytest.mark.parametrize("side", OTHER)
@pytest.mark.parametrize("vrf", CUSTOMERS)
def test_the_wire_has_the_stack_that_was_told(net, side, vrf):
    far, marker = OTHER[side], f"{vrf} of {side}"
    customer, site = net.customers[vrf, side], SIDES[OTHER[side]]["site"]
    source = customer.ipv4
    net.wire[side].drain()
    customer.namespace.run("/usr/bin/python3", "-c", f"""
import socket
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0xB8)
sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 33)
sender.bind(({source!r}, 1111))
sender.sendto({marker!r}.encode(), ("10.{site}.0.2", 2222))
""")
    found = receive(net.wire[side], marker)
    inner = IP(found[14 + 4 * len(net.way(side, vrf)):])
    # The customer's packet one hop on, under labels with its class and TTL (RFC 3443 §3.1: both of what one router pushes).
    wanted = IP(src=source, dst=f"10.{site}.0.2", ttl=32, tos=0xB8, id=inner.id, flags=inner.flags) / UDP(
        sport=1111, dport=2222) / Raw(marker.encode())
    assert found == net.frame(side, far, net.way(side, vrf), 32, wanted, cos=5)


def test_customers_reach_each_other_in_both_families(net):
    for vrf in CUSTOMERS:
        for side, far in OTHER.items():
            for address in (net.customers[vrf, far].ipv4, net.customers[vrf, far].ipv6):
                assert net.customers[vrf, side].ping(address) == (5, 5), (vrf, side, address)
            assert net.customers[vrf, side].identity_of(net.customers[vrf, far].ipv4) == f"{vrf}-{far}"


def test_under_two_labels_less_fits_and_the_sender_is_told_how_much(net):
    def answer(vrf, size, *words):
        return net.customers[vrf, "a"].namespace.run(
            "ping", "-n", "-c1", "-W2", "-s", size - 28, *words, "10.2.0.2", check=False).stdout
    assert "1 received" in answer("red", 1500, "-M", "do")
    assert "1 received" in answer("green", 1498, "-M", "do")
    refused = answer("green", 1500, "-M", "do")
    assert "1 received" not in refused and ("mtu = 1498" in refused or "mtu=1498" in refused), refused
    net.customers["green", "a"].namespace.ip("route", "flush", "cache")
    # What may be cut up is, under both labels each.
    net.wire["a"].drain()
    assert "1 received" in answer("green", 1500, "-M", "dont")
    pieces, end = [], time.monotonic() + 1
    while time.monotonic() < end and len(pieces) < 2:
        frame = net.wire["a"].receive(0.2)
        if frame is not None and frame[12:14] == b"\x88\x47":
            pieces.append(frame)
    head = net.frame("a", "b", GREEN["b"], 63, b"")[:-1][:17]
    assert [piece[:17] for piece in pieces] == [head, head]
    assert [len(piece) - 22 for piece in pieces] == [1492, 28]


def test_a_ttl_that_ends_behind_two_labels_is_answered_by_the_far_box(net):
    done = net.customers["green", "a"].namespace.run("ping", "-n", "-c1", "-W2", "-t", 2, "10.2.0.2", check=False)
    assert "Time to live exceeded" in done.stdout and "From 10.2.0.1" in done.stdout, done.stdout


def test_what_is_pushed_is_explained_and_counted(net):
    box = net.boxes["a"]
    words = ["explain", "packet", "in", "ten1/2", "src", "10.1.0.2", "dst", "10.2.0.2"]
    answer = box.json(*words)
    assert (answer["outer_egress_label"], answer["egress_label"]) == GREEN["b"]
    assert f"with label {GREEN['b'][1]} under {GREEN['b'][0]}" in box.text(*words)
    assert box.json("show", "isolation")["violations"] == []

    def sent(name):
        return next(entry["tx_packets"] for entry in box.json("show", "interfaces")["interfaces"] if entry["name"] == name)
    units, nni = sent("ten1/0 vrf green"), sent("ten1/0")
    hits = [entry for entry in net.boxes["b"].json("show", "labels")["labels"] if entry["vrf"] == "green"][0]["hit_packets"]
    assert net.customers["green", "a"].ping("10.2.0.2", 10) == (10, 10)
    box.wait(lambda: sent("ten1/0 vrf green") >= units + 10 and sent("ten1/0") >= nni + 10, "both count what they send")
    net.boxes["b"].wait(lambda: [entry for entry in net.boxes["b"].json("show", "labels")["labels"]
                                 if entry["vrf"] == "green"][0]["hit_packets"] >= hits + 10, "hits")


@pytest.mark.parametrize("side", OTHER)
def test_of_forged_labels_none_arrives(net, side):
    box, far = net.boxes[side], OTHER[side]
    (context, own), (red,) = GREEN[side], RED[side]
    blue = net.way(far, "blue")[0]
    listeners = [net.customers[vrf, side].namespace.packet_socket("eth0") for vrf in CUSTOMERS]
    listeners += [net.sockets["relay"], net.sockets["edge"]]

    def inner(marker):
        return IP(src=f"10.{SIDES[far]['site']}.0.2", dst=f"10.{SIDES[side]['site']}.0.2") / UDP(
            sport=9, dport=9, chksum=0) / Raw(marker.encode() + bytes(32))
    # A forged frame has to have the neighbor's address, or it would be dropped for that alone.
    spoofer = Spoofer(box, net.wire[side], net.mac[far], net.mac[side], listeners, inner)
    never = never_given(box, red)
    others = {f"{far}'s green": GREEN[far][1], "the relay": next(iter(labels_on(box, "ten1/8")), never),
              "a block of the space": 150}
    stacks = [("the context label alone", [context]), ("green's without its context", [own]),
              ("the other order", [own, context]), ("red's above it", [red, own]), ("red's below the context", [context, red]),
              ("blue's below the context", [context, blue]), ("blue's above it", [blue, own]),
              ("a block's label below the context", [context, 150]), ("the context twice", [context, context, own]),
              ("the far end's own two", list(GREEN[far])), ("the far end's context", [GREEN[far][0], own]),
              ("a third label", [context, own, own]), ("explicit null above", [0, context, own]),
              ("explicit null below", [context, 0]), ("the router alert below", [context, 1])]
    rows, failures = spoofer.run([
        spoofer.labels("red's own", [red], arrives=True), spoofer.labels("green's own", [context, own], arrives=True),
        spoofer.labels("blue's own", [blue], arrives=True),
        *(spoofer.labels(name, stack) for name, stack in stacks),
        *(spoofer.labels(f"{name}, below the context", [context, *stack])
          for name, stack in label_attacks([own], others, never) if stack != [own]),
        *(spoofer.labels(name, stack) for name, stack in label_attacks([red], others, never))])
    assert failures == [], rows


def test_a_relayed_label_is_swapped_for_both(net):
    net.relay.bring_up()
    net.edge.bring_up()
    prefix, box = "203.0.113.0/24", net.boxes["a"]
    net.tell(prefix, "65002:1", (1899, 70_001))
    net.tell("203.0.114.0/24", "65002:1", (1899, 70_001))
    net.tell("203.0.115.0/24", "65002:1", (70_001,))
    box.wait(lambda: net.edge.label_of("65002:1", "203.0.115.0/24"), "it goes on")
    label = box.wait(lambda: net.edge.label_of("65002:1", prefix), "it goes on")
    # One for both prefixes of a stack, another one for what is below alone.
    assert net.edge.label_of("65002:1", "203.0.114.0/24") == label != net.edge.label_of("65002:1", "203.0.115.0/24")
    inner = IP(src="10.9.0.5", dst="203.0.113.5", ttl=17, id=9) / UDP(sport=1, dport=2) / Raw(b"for the relay's customer")
    sent = net.frame("edge", "a-core", (label,), 40, inner, cos=3)
    # The neighbor's Ethernet address is asked for first.
    net.sockets["relay"].drain()
    found = None
    end = time.monotonic() + 5
    while found is None and time.monotonic() < end:
        net.sockets["edge"].send(sent)
        found = receive(net.sockets["relay"], "for the relay's customer", 0.5)
    assert found == net.frame("a-relay", "relay", (1899, 70_001), 39, inner, cos=3)
    swap = next(swap for swap in box.json("show", "isolation")["swaps"] if swap["label"] == label)
    assert (swap["outer_egress_label"], swap["egress_label"]) == (1899, 70_001)
    # Three labels are too many, a reserved one is refused, and their former routes with them.
    net.tell("203.0.114.0/24", "65002:1", (1899, 70_001, 70_002))
    net.tell("203.0.115.0/24", "65002:1", (1899, 3))
    box.wait(lambda: net.edge.label_of("65002:1", "203.0.115.0/24") is None, "withdrawn")
    rejected = box.json("show", "bgp", "vpnv4", "rejected", "neighbor", RELAY["far"])["routes"]
    assert {route["prefix"]: route["rejection"]["reason"] for route in rejected} == {
        "203.0.114.0/24": "too_many_labels", "203.0.115.0/24": "reserved_label"}
    assert net.edge.label_of("65002:1", prefix) == label
    # Withdrawn: the label leads nowhere, at once.
    before = box.drops().get(("ten1/9", "label_withdrawn"), 0)
    net.relay.close()
    box.wait(lambda: net.edge.label_of("65002:1", prefix) is None, "withdrawn")
    net.sockets["edge"].send(sent)
    box.wait(lambda: box.drops().get(("ten1/9", "label_withdrawn"), 0) > before, "it is dropped")


def lost_while(net, change, vrf="green"):
    """How many echo requests were lost while something happened."""
    result = []
    thread = threading.Thread(target=lambda: result.append(net.customers[vrf, "a"].ping("10.2.0.2", 800, 0.01)))
    thread.start()
    time.sleep(0.5)
    change()
    thread.join()
    return result[0][0] - result[0][1]


def test_from_two_labels_to_one_and_back_no_packet_is_lost(net):
    def change(green, labels):
        net.boxes["b"].replace(configuration("b", green))
        net.boxes["a"].wait(lambda: net.way("a", "green") == labels, f"{labels} are used")
    block = SIDES["b"]["block"]
    assert lost_while(net, lambda: change(f"label common {block + 5}", (block + 5,))) == 0
    assert lost_while(net, lambda: change(None, GREEN["b"])) == 0


def test_either_process_comes_back_without_a_loss(net):
    def restart():
        net.boxes["a"].kill_control()
        time.sleep(0.5)
        net.boxes["a"].start_control()
        net.boxes["a"].wait(lambda: net.way("a", "green") == GREEN["b"], "the route is back", 40)
    assert lost_while(net, restart) == 0
