"""Thousands of relayed routes cost one swap for each label of the far end and receiver. `relayed_routes_bench.py` has a million."""

import pytest
from relayed_routes import FIRST_LABEL, RECEIVERS, RelayedRoutes, flood, withdrawal
from stilelab.commands import wait_until

ROUTES, LABELS = 20_000, 50


@pytest.fixture(scope="module")
def relay(lab):
    relay = RelayedRoutes(lab)
    relay.connect()
    return relay


def test_one_swap_for_each_label_and_receiver(relay):
    assert all(relay.far.send(octets) for octets in flood(ROUTES, LABELS))
    wait_until(lambda: relay.have(ROUTES), "both receivers have all routes", 60)
    assert relay.swaps() == {place: LABELS for _, place in RECEIVERS.values()}
    for name, receiver in relay.receivers.items():
        # As many routes by each.
        assert sorted(receiver.labels.values()) == [ROUTES // LABELS] * LABELS
        assert {relay.crosses(name, label) for label in receiver.labels} == set(range(FIRST_LABEL, FIRST_LABEL + LABELS))
    told = {name: set(receiver.labels) for name, receiver in relay.receivers.items()}
    assert not told["pe"] & told["other"]


def test_what_is_withdrawn_leaves_no_swap(relay):
    assert all(relay.far.send(octets) for octets in withdrawal(ROUTES, LABELS))
    wait_until(lambda: relay.have(0), "both receivers have none", 60)
    # Their labels are valid until they have read that.
    relay.box.wait(lambda: not relay.swaps(), "no label is swapped", 60)
    assert all(relay.crosses("pe", label) is None for label in list(relay.receivers["pe"].labels)[:2])


def test_a_far_end_that_comes_back_gets_other_labels(relay):
    before = {name: set(receiver.labels) for name, receiver in relay.receivers.items()}
    for receiver in relay.receivers.values():
        receiver.labels.clear()
    assert all(relay.far.send(octets) for octets in flood(ROUTES, LABELS))
    wait_until(lambda: relay.have(ROUTES), "both receivers have all routes again", 60)
    for name, receiver in relay.receivers.items():
        assert len(receiver.labels) == LABELS and not before[name] & set(receiver.labels)
    relay.far.close()
    wait_until(lambda: relay.have(0), "the far end's routes are gone", 60)
