"""Far ends that know one label alone: a VRF with a label of a label space is told to them with a drawn one (RFC 8277 §2.1)."""

import json
import re

import pytest
from far_end import BOX, CONFIGURATION, CUSTOMERS, FAR, FAR_LABELS, FAR_PREFIX, SITE_PREFIX, FarEnd
from stilelab.commands import wait_until
from stilelab.lab import Lab
from stilelab.peers import FRR, ExaBGP, GoBGP

COMMON, SPACE, OF_THE_SPACE = 1501, 1999, 50001
PROVISIONED = (
    CONFIGURATION
    .replace("!\nport ten1/0\n",
             f"mpls label-block dcb 1500 1999\nmpls label-space tenants\n dcb-label {SPACE}\n!\nport ten1/0\n", 1)
    .replace(" rd 42:1\n", f" rd 42:1\n label common {COMMON}\n")
    .replace(" rd 42:2\n", f" rd 42:2\n label common {OF_THE_SPACE} space tenants\n"))


class FRREnd:
    def __init__(self, lab, link):
        routes = {family: [(prefix, f"65001:{number}", FAR_LABELS[name], f"42:{number}") for name, number in CUSTOMERS.items()]
                  for family, prefix in FAR_PREFIX.items()}
        self.frr = FRR(lab, link.namespace, 65001, FAR, BOX, 42, routes["ipv4"], routes["ipv6"])
        self.frr.start()

    def told(self, number):
        """What it has of a VRF's route: all numbers of the answer."""
        return json.dumps(self.frr.show(f"show bgp ipv4 vpn rd 42:{number} {SITE_PREFIX['ipv4']} json"))


class GoBGPEnd:
    def __init__(self, lab, link):
        self.gobgp = GoBGP(lab, link.namespace, 65001, FAR, BOX, 42)
        self.gobgp.start()
        for name, number in CUSTOMERS.items():
            for family, hop in (("4", FAR), ("6", f"::ffff:{FAR}")):
                self.gobgp.advertise(f"vpnv{family}", FAR_PREFIX[f"ipv{family}"], FAR_LABELS[name], f"65001:{number}",
                                     f"42:{number}", hop)

    def told(self, number):
        return json.dumps(self.gobgp.routes("vpnv4").get(f"42:{number}:{SITE_PREFIX['ipv4']}", ""))


@pytest.fixture(scope="module", params=[FRREnd, GoBGPEnd], ids=["frr", "gobgp"])
def ends(request, lab):
    with Lab(f"{lab.name}_{request.param.__name__}") as own:
        link = FarEnd(own, PROVISIONED)
        end = request.param(own, link)
        link.wait_for_imports()
        yield link, end


def test_the_vrf_of_the_space_has_one_drawn_label_there(ends):
    link, end = ends
    labels = link.our_labels()
    assert labels["red"] == COMMON
    assert labels["green"] not in (COMMON, SPACE, OF_THE_SPACE) and not 1500 <= labels["green"] <= 1999
    for name, number in CUSTOMERS.items():
        wait_until(lambda: re.search(rf"\b{labels[name]}\b", end.told(number)), f"{name}'s route with its label")
        assert not re.search(rf"\b({SPACE}|{OF_THE_SPACE})\b", end.told(number))
    assert "takes no route with two labels" in link.box.lab.log("box/stiled.log")


def test_packets_cross_by_it(ends):
    ends[0].check_both_ways()


def test_exabgp_reads_one_label(lab):
    """ExaBGP 4.2 says no Multiple Labels; what it has read of a route stands in its log."""
    link = FarEnd(lab, PROVISIONED)
    exabgp = ExaBGP(lab, link.namespace, 65001, FAR, BOX, 42)
    exabgp.start()
    link.box.wait(lambda: len(link.our_labels()) == len(CUSTOMERS), "both VRFs have a label", 60)
    labels = link.our_labels()
    assert labels["green"] not in (SPACE, OF_THE_SPACE)
    for name, number in CUSTOMERS.items():
        wait_until(lambda: re.search(rf"{SITE_PREFIX['ipv4']}.*label \[? ?{labels[name]}\b.*rd 42:{number}\b|"
                                     rf"{SITE_PREFIX['ipv4']}.*rd 42:{number}\b.*label \[? ?{labels[name]}\b", exabgp.told()),
                   f"{name}'s route with one label in ExaBGP's log", 30)
