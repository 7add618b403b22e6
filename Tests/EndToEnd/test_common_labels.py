"""Labels that are provisioned alike on two ASBRs (RFC 9573): one number on every link and towards the core, lost boxes that change
none, quarantine where a label was said, and forged ones of which none arrives."""

import time

import pytest
from scapy.layers.l2 import Ether
from stilelab.bgp_peer import UPDATE
from stilelab.common_labels import FAR, FAR_AS, LABELS, SPACE, CommonLabels, configuration
from stilelab.namespaces import address_of
from stilelab.spoofer import Spoofer, label_attacks, labels_on, never_given


@pytest.fixture(scope="module")
def net(lab):
    net = CommonLabels(lab, multiple_labels=("east",))
    net.start()
    for name, box in net.boxes.items():
        box.wait(lambda: net.routes(net.peers, "red", name) and net.routes(net.routers, "red", name), "red's routes")
    return net


def losses(stream):
    return [when for when, has_arrived in stream.finish() if not has_arrived]


def test_one_number_on_every_link_and_in_the_core(net):
    for name, box in net.boxes.items():
        assert net.routes(net.peers, "red", name) == LABELS["red"]
        assert net.routes(net.routers, "red", name) == LABELS["red"]
        rows = [entry for entry in box.json("show", "labels")["labels"] if entry["vrf"] == "red"]
        assert [(entry["nni"], entry["label"], entry["subject"]) for entry in rows] == [
            ("core", 1001, "common"), ("ten1/0", 1001, "common")]


def test_a_label_of_a_space_is_told_under_the_one_that_names_it_where_both_take_two(net, lab):
    east, west = net.boxes["east"], net.boxes["west"]
    east.wait(lambda: net.routes(net.peers, "green", "east") == LABELS["green"], "a stack of two")
    # Length 136, the two labels of which the second has the bottom-of-stack bit, the distinguisher and the prefix (RFC 8277 §2.3).
    octets = bytes.fromhex("88" "007cf0" "0c3511" "0000002a00000002" "0a0200")
    assert any(kind == UPDATE and octets in body for kind, body in net.peers["east"].received)
    # Who does not say that it takes two, and routers of the own network, have one that was drawn.
    for peer in (net.peers["west"], net.routers["east"], net.routers["west"]):
        labels = west.wait(lambda: peer.stack_of("42:2", "10.2.0.0/24"), "green's route")
        assert len(labels) == 1 and not 1000 <= labels[0] <= 1999
    assert "takes no route with two labels" in lab.log("west/stiled.log")
    assert "takes no route with two labels" not in lab.log("east/stiled.log")
    neighbor = east.json("show", "bgp", "neighbors", FAR["east"])["neighbors"][0]
    assert "multiple_labels" in str(neighbor)


def test_packets_with_two_labels_arrive_byte_for_byte(net):
    sink = net.site.packet_socket("green")
    net.sockets["east"].send(net.frame("east", LABELS["green"], "green", payload=b"two labels"))
    inner = net.packet("green", b"two labels")
    inner.ttl = 63
    expected = bytes(Ether(src=address_of(net.boxes["east"].ports, "p2"), dst=address_of(net.site, "green"))
                     / inner)
    end = time.monotonic() + 5
    found = None
    while time.monotonic() < end and (found is None or b"two labels" not in found):
        found = sink.receive(0.5)
    assert found == expected


def test_what_is_valid_is_shown(net):
    box = net.boxes["east"]
    spaces = box.json("show", "mpls", "label-spaces")["spaces"]
    assert [(space["kind"], space.get("name"), space.get("context_label")) for space in spaces] == [
        ("default", None, None), ("context", "tenants", SPACE)]
    assert [(label["label"], label.get("vrf"), label["valid_on"]) for space in spaces for label in space["labels"]] == [
        (1001, "red", ["core", "ten1/0"]), (SPACE, None, ["ten1/0"]), (50001, "green", ["ten1/0"])]
    answer = box.json("show", "isolation")
    assert answer["violations"] == []
    link = next(link for link in answer["links"] if link["interface"] == "ten1/0")
    assert link["deepest_stack"] == 2
    assert {"property": "common_label", "vrfs": ["green", "red"]} in link["unchecked"]
    text = box.text("explain", "packet", "in", "ten1/0", "label", str(SPACE), "label", "50001", "src", "192.0.2.5",
                    "dst", "10.2.0.2")
    assert f"label {SPACE} on ten1/0: names a label space" in text and "label 50001 on ten1/0: vrf green" in text


def test_of_forged_labels_none_arrives(net):
    box, (context, own) = net.boxes["east"], LABELS["green"]
    listeners = [net.site.packet_socket(vrf) for vrf in ("red", "green")] + [net.core.packet_socket("core")]
    spoofer = Spoofer(box, net.sockets["east"], address_of(net.far, "east"), address_of(box.ports, "p0"), listeners,
                      lambda marker: net.packet("green", marker.encode() + bytes(32)))
    core = next(label for label in labels_on(box, "core") if label not in (1001, own))
    never = never_given(box, own)
    stacks = [("the context label alone", [context]), ("the label without its context", [own]),
              ("the other order", [own, context]), ("under a VRF's label", [1001, own]),
              ("a VRF's label under the context label", [context, 1001]),
              ("a label of the core under it", [context, core]), ("a label never given under it", [context, never]),
              ("the context label twice", [context, context]), ("twice, and the label", [context, context, own]),
              ("a third label", [context, own, own]), ("another context label", [context - 1, own]),
              ("explicit null above it", [0, context, own]), ("a reserved label under it", [context, 3]),
              ("a label of the core", [core])]
    rows, failures = spoofer.run([
        spoofer.labels("its own stack", [context, own], arrives=True),
        *(spoofer.labels(name, stack) for name, stack in stacks),
        *(spoofer.labels(name, stack) for name, stack in label_attacks([1001], {"the core": core}, never))])
    assert failures == [], rows


def test_one_box_is_lost_and_no_label_changes(net):
    streams = {name: net.stream(name, LABELS["red"]) for name in net.boxes}
    before = len(net.peers["west"].events)
    time.sleep(0.5)
    killed = time.monotonic()
    net.boxes["east"].kill_control()
    net.boxes["east"].kill_dataplane()
    time.sleep(0.5)
    # What went by the lost box's link goes by the other's, with nothing changed but the link.
    moved = net.stream("west", LABELS["red"])
    time.sleep(0.5)
    assert net.routes(net.peers, "red", "west") == LABELS["red"]
    assert len(net.peers["west"].events) == before
    gone = losses(streams["east"])
    assert gone and min(gone) > killed - 0.1
    assert losses(streams["west"]) == [] and losses(moved) == []
    net.boxes["east"].start()
    net.reconnect("east")
    net.boxes["east"].wait(lambda: net.routes(net.peers, "red", "east") == LABELS["red"], "east is back with its label")


def test_a_killed_control_process_comes_back_with_the_label(net):
    box = net.boxes["west"]
    stream = net.stream("west", LABELS["red"])
    time.sleep(0.3)
    box.kill_control()
    time.sleep(0.5)
    box.start_control()
    net.reconnect("west")
    box.wait(lambda: net.routes(net.peers, "red", "west") == LABELS["red"], "the label is told again")
    time.sleep(0.5)
    assert losses(stream) == []
    assert [entry["label"] for entry in box.json("show", "labels")["labels"] if entry["nni"] == "ten1/0"
            and entry["vrf"] == "red"] == [1001]


def test_a_block_in_use_is_refused_with_both_lines(net):
    box = net.boxes["west"]
    label = next(entry["label"] for entry in box.json("show", "labels")["labels"] if entry["vrf"] == "green")
    text = configuration("west").replace("mpls label-block dcb 1000 1999", f"mpls label-block dcb {label} {label + 2000}")
    text = text.replace("dcb-label 1999", f"dcb-label {label + 1999}").replace("label common 1001",
                                                                          f"label common {label + 1}")
    with open(box.configuration_file, "w") as file:
        file.write(text)
    done = box.command("config", "replace", box.configuration_file)
    box.write_configuration(configuration("west"))
    assert done.returncode != 0
    said = done.stdout + done.stderr
    line = text.splitlines().index("ip vrf green") + 1
    assert f"label {label} is that of VRF 'green' (line {line})" in said
    assert ":2:" in said and "block-in-use" in said


def test_after_another_far_end_it_is_in_quarantine_there_and_a_log_says_until_when(net, lab):
    box = net.boxes["west"]
    begin = time.monotonic()
    box.replace(configuration("west", far_as=FAR_AS + 1, quarantine=10))
    box.wait(lambda: "may not be said to the neighbor yet" in lab.log("west/stiled.log"), "a log says so")
    assert all(entry["label"] != 1001 for entry in box.json("show", "labels")["labels"] if entry["nni"] == "ten1/0")
    # Neither valid there nor elsewhere another: in the core nothing has changed.
    assert net.routes(net.routers, "red", "west") == LABELS["red"]
    before = box.drops()
    net.sockets["west"].send(net.frame("west", LABELS["red"]))
    box.wait(lambda: box.drops().get(("ten1/0", "label_not_valid_here"), 0)
             > before.get(("ten1/0", "label_not_valid_here"), 0), "it is dropped")
    net.peers["west"].local_as = FAR_AS + 1
    net.peers["west"].capabilities = net.peers["west"].capabilities.replace(
        (FAR_AS).to_bytes(4, "big"), (FAR_AS + 1).to_bytes(4, "big"))
    net.connect()
    box.wait(lambda: net.routes(net.peers, "red", "west") == LABELS["red"], "the quarantine is over", 60)
    assert min(event[0] for event in net.peers["west"].events if event[4] == 1001) > begin + 9


def test_with_a_fallback_there_is_a_label_meanwhile_and_no_gap_after_it(net):
    box = net.boxes["east"]
    box.replace(configuration("east", fallback=True, quarantine=8, distinguisher={"red": "42:101"}))
    box.wait(lambda: net.routes(net.peers, "red", "east", "42:101"), "red has a label of its own")
    meanwhile = net.routes(net.peers, "red", "east", "42:101")
    assert not 1000 <= meanwhile[0] <= 1999
    stream = net.stream("east", meanwhile)
    net.peers["east"].events.clear()
    box.wait(lambda: net.routes(net.peers, "red", "east", "42:101") == LABELS["red"], "the common label", 60)
    other = net.stream("east", LABELS["red"])
    time.sleep(0.3)
    assert losses(other) == []
    assert "withdraw" not in [event[1] for event in net.peers["east"].events]
    # The former one is valid for as long as the far end may not have read of the other.
    gone = losses(stream)
    told = min(event[0] for event in net.peers["east"].events if event[4] == 1001)
    assert all(when > told for when in gone)
    box.replace(configuration("east"))
