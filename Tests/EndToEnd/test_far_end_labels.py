"""Labels by prefix: thousands of them at one neighbor, its new Ethernet address, and `maximum-labels`.
`far_end_labels_bench.py` has a million."""

import pytest
from far_end_labels import FarEndLabels, flood, label_of, withdrawal
from many_routes import FAR

ROUTES = 20_000
SAMPLE = range(0, ROUTES, 1_999)


@pytest.fixture(scope="module")
def far(lab):
    far = FarEndLabels(lab)
    far.connect()
    far.listen()
    return far


def test_a_new_address_holds_for_all_labels_at_once(far):
    assert all(far.peer.send(octets) for octets in flood(ROUTES))
    far.box.wait(lambda: far.counts() == (ROUTES + 1, ROUTES + 1), "all routes imported", 60)
    # Red's own route has one of them.
    assert far.neighbor()["labels"] == ROUTES
    first = far.address()
    assert [far.leaves(index) for index in SAMPLE] == [(first, label_of(index)) for index in SAMPLE]
    second = "02:00:00:00:99:02"
    far.change_address(second)
    assert [far.leaves(index) for index in SAMPLE] == [(second, label_of(index)) for index in SAMPLE]
    far.peer.barrier()
    assert far.peer.is_up


def test_no_more_labels_than_the_neighbor_may_have(lab, far):
    assert all(far.peer.send(octets) for octets in withdrawal(ROUTES))
    far.peer.barrier()
    assert far.counts() == (1, 1) and far.neighbor()["labels"] == 1
    text = open(far.box.configuration_file).read()
    line = f" neighbor {FAR} timers 3 9\n"
    assert line in text
    far.box.replace(text.replace(line, f"{line} neighbor {FAR} maximum-labels 1000\n"))
    assert all(far.peer.send(octets) for octets in flood(1_500))
    far.peer.barrier()
    neighbor = far.neighbor()
    assert (neighbor["labels"], neighbor["maximum_labels"]) == (1_000, 1_000)
    assert {entry["reason"]: entry["routes"] for entry in neighbor["route_errors"]}["maximum_labels"] == 501
    assert "received routes count as withdrawn: the neighbor's routes have as many labels as they may" in lab.log(
        "box/stiled.log")
    # One of them is red's own.
    assert far.leaves(998) is not None and far.leaves(999) is None
    # What was refused comes when it may: the box asks for it.
    asked = far.refreshes()
    far.box.replace(text)
    far.box.wait(lambda: far.refreshes() > asked, "the request for the routes")
    assert all(far.peer.send(octets) for octets in flood(1_500))
    far.box.wait(lambda: far.neighbor()["labels"] == 1_501, "all labels")
    assert far.leaves(1_499) is not None
