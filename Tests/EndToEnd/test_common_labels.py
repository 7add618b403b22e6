"""Labels that are provisioned alike on two ASBRs (RFC 9573): one number on every link and towards the core, lost boxes that change
none, quarantine where a label was said, and forged ones of which none arrives."""

import time

import pytest
from stilelab.common_labels import FAR_AS, LABELS, CommonLabels, configuration


@pytest.fixture(scope="module")
def net(lab):
    net = CommonLabels(lab)
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


def test_one_box_is_lost_and_no_label_changes(net):
    stream = net.stream("west", LABELS["red"])
    before = len(net.peers["west"].events)
    time.sleep(0.3)
    net.boxes["east"].kill_control()
    net.boxes["east"].kill_dataplane()
    time.sleep(1)
    assert net.routes(net.peers, "red", "west") == LABELS["red"]
    assert len(net.peers["west"].events) == before
    assert losses(stream) == []
    # What comes by the lost box's link goes by the other's, under the same label.
    again = net.stream("west", LABELS["red"])
    time.sleep(0.3)
    assert losses(again) == []
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
