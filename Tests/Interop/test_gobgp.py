"""GoBGP as the far end."""

import json

import pytest
from far_end import BOX, CUSTOMERS, FAR, FAR_LABELS, FAR_PREFIX, SITE_PREFIX, FarEnd
from stilelab.commands import wait_until
from stilelab.peers import GoBGP


@pytest.fixture(scope="module")
def link(lab):
    link = FarEnd(lab)
    link.gobgp = GoBGP(lab, link.namespace, 65001, FAR, BOX, 42)
    link.gobgp.start()
    for name, number in CUSTOMERS.items():
        link.gobgp.advertise("vpnv4", FAR_PREFIX["ipv4"], FAR_LABELS[name], f"65001:{number}", f"42:{number}", FAR)
        link.gobgp.advertise("vpnv6", FAR_PREFIX["ipv6"], FAR_LABELS[name], f"65001:{number}", f"42:{number}",
                             f"::ffff:{FAR}")
    link.wait_for_imports()
    return link


@pytest.mark.parametrize("family, table", [("ipv4", "vpnv4"), ("ipv6", "vpnv6")])
def test_gobgp_has_our_routes_with_our_labels(link, family, table):
    labels = link.our_labels()
    for name, number in CUSTOMERS.items():
        key = f"42:{number}:{SITE_PREFIX[family]}"
        paths = wait_until(lambda: link.gobgp.routes(table).get(key), f"{key} in GoBGP")
        text = json.dumps(paths)
        assert f'"42:{number}"' in text
        assert str(labels[name]) in text
        assert BOX in text


def test_packets_reach_the_right_customer_and_come_back_with_gobgps_label(link):
    link.check_both_ways()


def test_label_zero_is_treated_as_withdrawn_and_counted(link):
    """GoBGP's own VRF routes carry label 0: a black hole unless one notices."""
    done = link.gobgp.command("vrf", "add", "one", "rd", "65001:9", "rt", "both", "42:1")
    assert done.returncode == 0, done.stderr
    done = link.gobgp.command("vrf", "one", "rib", "add", "203.0.113.0/24", "nexthop", FAR)
    assert done.returncode == 0, done.stderr
    neighbor = link.box.wait(
        lambda: next(entry for entry in link.box.json("show", "bgp", "neighbors", FAR)["neighbors"]
                     if "reserved" in json.dumps(entry)), "the refused route is counted")
    assert neighbor["summary"]["state"] == "established"
    assert "203.0.113.0/24" not in link.box.text("show", "routes", "vrf", "red", "ipv4")
    assert FAR_PREFIX["ipv4"] in link.box.text("show", "routes", "vrf", "red", "ipv4")
