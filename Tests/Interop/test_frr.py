"""FRR's bgpd as the far end."""

import pytest
from far_end import BOX, FAR, FAR_LABELS, FAR_PREFIX, SITE_PREFIX, CUSTOMERS, FarEnd
from stilelab.commands import wait_until
from stilelab.peers import FRR


def far_routes(family):
    return [(FAR_PREFIX[family], f"65001:{number}", FAR_LABELS[name], f"42:{number}")
            for name, number in CUSTOMERS.items()]


@pytest.fixture(scope="module")
def link(lab):
    link = FarEnd(lab)
    link.frr = FRR(lab, link.namespace, 65001, FAR, BOX, 42, far_routes("ipv4"), far_routes("ipv6"))
    link.frr.start()
    link.wait_for_imports()
    return link


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_frr_has_our_routes_with_our_labels(link, family):
    """One label for a VRF in both families, the VRF's distinguisher and target, our address as next hop."""
    labels = link.our_labels()
    for name, number in CUSTOMERS.items():
        prefix = SITE_PREFIX[family]
        paths = wait_until(lambda: link.frr.routes(family).get(f"42:{number}", {}).get(prefix), f"{prefix} in FRR")
        detail = link.frr.show(f"show bgp {family} vpn rd 42:{number} {prefix} json")
        text = str(detail) + str(paths)
        assert f"RT:42:{number}" in text
        assert str(labels[name]) in text
        assert BOX in text


def test_packets_reach_the_right_customer_and_come_back_with_frrs_label(link):
    link.check_both_ways()


def test_a_route_that_frr_withdraws_is_gone(link):
    link.frr.configure("configure terminal", "router bgp 65001", "address-family ipv4 vpn",
                       f"no network {FAR_PREFIX['ipv4']} rd 65001:2 label 1002")
    link.box.wait(lambda: FAR_PREFIX["ipv4"] not in link.box.text("show", "routes", "vrf", "green", "ipv4"),
                  "green's route is withdrawn")
    assert FAR_PREFIX["ipv4"] in link.box.text("show", "routes", "vrf", "red", "ipv4")


def test_the_session_shows_what_was_agreed(link):
    neighbor = link.box.json("show", "bgp", "neighbors", FAR)["neighbors"][0]
    assert neighbor["summary"]["state"] == "established"
    assert neighbor["summary"]["remote_autonomous_system"] == 65001
    assert {"four_octet_as", "route_refresh", "graceful_restart"} <= set(neighbor["capabilities"])
