"""More routes in a VRF than there are labels, in small: 3,000 of 1,000. `internet_vrf_bench.py` has the Internet's."""

import pytest
from internet_vrf import InternetVRF, flood, prefixes
from stilelab.bgp_peer import VPNV4
from stilelab.commands import wait_until

LABELS = range(2000, 3000)


@pytest.fixture(scope="module")
def internet(lab):
    internet = InternetVRF(lab, prefixes(4, 2400), prefixes(6, 600), f"{LABELS.start} {LABELS.stop - 1}")
    internet.connect()
    assert all(internet.peer.send(octets) for octets in flood(*internet.prefixes.values()))
    return internet


def check_ways(internet, count=20):
    """Packets by labels that the PE has leave, of routes all over the table."""
    told = sorted(internet.pe.labels[VPNV4].items())
    assert all(internet.crosses(prefix, label) for prefix, label in told[::max(1, len(told) // count)])


def test_one_label_is_enough_for_the_vrf(internet):
    wait_until(lambda: internet.pe.told == internet.count, "all routes are told", 60)
    assert len(internet.uses()) == 1 and not internet.alarm()
    check_ways(internet)


@pytest.mark.parametrize("maximum, most, reason", [
    (None, len(LABELS) // 4, "maximum labels reached"), (600, 600, "maximum labels reached"),
    (1 << 20, len(LABELS) - len(LABELS) // 8, "no label is free")])
def test_a_label_for_each_prefix_ends_where_labels_do(internet, maximum, most, reason):
    before = internet.whole("before")
    internet.replace("per-prefix", maximum_labels=maximum)
    internet.box.wait(lambda: internet.alarm() == ["internet"], "the alarm", 60)
    internet.settles(120, 12)
    uses = internet.uses()
    # The PE has no route by another one's label, and none that has no label.
    assert most - 8 <= len(uses) <= most and set(uses.values()) == {1} and set(uses) <= set(LABELS)
    assert internet.pe.told == len(uses)
    assert reason in internet.box.log_ends()
    # The VRF that was there has its label, and one that comes gets one.
    assert internet.whole("before") == before and before not in uses
    internet.replace("per-prefix", maximum_labels=maximum, has_third=True)
    internet.box.wait(lambda: internet.whole("behind") is not None, "another VRF's label", 30)
    assert internet.whole("behind") not in uses
    check_ways(internet)
    assert internet.are_sessions_up
    # Per VRF again all are told.
    internet.replace("per-vrf")
    wait_until(lambda: internet.pe.told == internet.count and len(internet.uses()) == 1, "all routes by one label", 60)
    internet.box.wait(lambda: not internet.alarm(), "the alarm is over")
    check_ways(internet)
