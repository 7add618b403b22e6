"""Route maps of Option E neighbors: FRR as one far end and GoBGP as the other, each on an NNI of its own."""

import json

import pytest
from far_end import BOX, CONFIGURATION, FAR, FAR_LABELS, FAR_PREFIX, SITE_PREFIX, FarEnd
from stilelab.commands import wait_until
from stilelab.peers import FRR, GoBGP

BACKUP_BOX, BACKUP_FAR = "10.99.1.2", "10.99.1.1"
BACKUP_LABEL = 2001
DENIED = "198.51.100.0/24"

TWO_NNIS = CONFIGURATION.replace("port ten1/1\n", """\
port ten1/3
 device net_af_packet_nni1,iface=nni1
 mtu 1600
port ten1/1
""", 1).replace("interface ten1/1\n", f"""\
interface ten1/3
 encap mpls optE
 ip address {BACKUP_BOX}/30
interface ten1/1
""", 1).replace(" address-family vpnv4\n", f"""\
 neighbor {BACKUP_FAR} remote-as 65002
 neighbor {BACKUP_FAR} timers 3 9
 address-family vpnv4
  neighbor {BACKUP_FAR} optE
""", 1)

MAPS = f"""\
ip prefix-list denied permit {DENIED}
ip as-path access-list own permit ^$
route-map from-far deny 10
 match ip address prefix-list denied
route-map from-far permit 20
route-map to-far permit 10
 match as-path own
 set community 42:100 additive
 set metric 77
 set as-path prepend 42 42
route-map prefer permit 10
 set local-preference 200
router bgp 42
 address-family vpnv4
  neighbor {FAR} route-map from-far in
  neighbor {FAR} route-map to-far out
"""
PREFER = f"  neighbor {BACKUP_FAR} route-map prefer in\n"


@pytest.fixture(scope="module")
def link(lab):
    link = FarEnd(lab, TWO_NNIS + MAPS, others=[("backup", "nni1", f"{BACKUP_FAR}/30")])
    link.frr = FRR(lab, link.namespace, 65001, FAR, BOX, 42,
                   [(FAR_PREFIX["ipv4"], "65001:1", FAR_LABELS["red"], "42:1"),
                    (DENIED, "65001:1", FAR_LABELS["red"], "42:1")], [])
    link.frr.start()
    link.gobgp = GoBGP(lab, link.others["backup"], 65002, BACKUP_FAR, BACKUP_BOX, 42)
    link.gobgp.start()
    link.gobgp.advertise("vpnv4", FAR_PREFIX["ipv4"], BACKUP_LABEL, "65002:1", "42:1", BACKUP_FAR)
    link.box.wait(lambda: FAR_PREFIX["ipv4"] in routes(link), "the far prefix in VRF red", 60)
    return link


def routes(link):
    return link.box.text("show", "routes", "vrf", "red", "ipv4")


def sessions(link, neighbor):
    """How many there have been."""
    return link.box.json("show", "bgp", "neighbors", neighbor)["neighbors"][0]["summary"]["sessions_established"]


def label_in_use(link):
    """Of the far prefix in VRF red."""
    rows = link.box.json("show", "routes", "vrf", "red", "ipv4")["routes"]
    return next(row["next_hops"][0]["label"] for row in rows if row["prefix"] == FAR_PREFIX["ipv4"])


def test_a_community_a_metric_and_a_prepended_path_arrive_at_the_far_end(link):
    prefix = SITE_PREFIX["ipv4"]
    wait_until(lambda: link.frr.routes("ipv4").get("42:1", {}).get(prefix), f"{prefix} in FRR")
    text = json.dumps(link.frr.show(f"show bgp ipv4 vpn rd 42:1 {prefix} json"))
    assert "42:100" in text
    assert "42 42 42" in text
    assert '"metric": 77' in text
    # The map is that of one neighbor.
    key = f"42:1:{prefix}"
    other = json.dumps(wait_until(lambda: link.gobgp.routes("vpnv4").get(key), f"{key} in GoBGP"))
    assert "[42, 42" not in other


def test_what_the_map_denies_is_not_in_the_fib_and_says_why(link):
    def neighbor():
        return link.box.json("show", "bgp", "neighbors", FAR)["neighbors"][0]

    link.box.wait(lambda: "neighbor_route_map" in [error["reason"] for error in neighbor()["route_errors"]],
                  "the denied route is counted")
    assert neighbor()["summary"]["state"] == "established"
    assert DENIED not in routes(link)
    assert FAR_PREFIX["ipv4"] in routes(link)


def test_local_preference_chooses_between_the_nnis_without_a_reset(link):
    before = sessions(link, FAR), sessions(link, BACKUP_FAR)
    for neighbor, label in ((FAR, FAR_LABELS["red"]), (BACKUP_FAR, BACKUP_LABEL), (FAR, FAR_LABELS["red"])):
        maps = MAPS.replace("from-far permit 20\n", "from-far permit 20\n set local-preference 300\n", 1)
        link.apply(TWO_NNIS + (maps if neighbor == FAR else MAPS) + PREFER)
        link.box.wait(lambda: label_in_use(link) == label, f"the NNI of {neighbor} is preferred")
    assert before == (sessions(link, FAR), sessions(link, BACKUP_FAR))


def test_maps_of_a_vrf_hold_for_all_its_neighbors_without_a_reset(link):
    prefix, marked = SITE_PREFIX["ipv4"], "42:1077"
    maps = f"""\
ip extcommunity-list standard reds permit rt 42:1
route-map of-red deny 10
 match ip address prefix-list far
route-map of-red permit 20
route-map by-red permit 10
 match ip address prefix-list site
 set extcommunity rt {marked} additive
route-map by-red permit 20
 match extcommunity reds
ip prefix-list far permit {FAR_PREFIX['ipv4']}
ip prefix-list site permit {prefix}
ip vrf red
 export route-map by-red
"""
    before = sessions(link, FAR), sessions(link, BACKUP_FAR)

    def targets():
        return (json.dumps(link.frr.show(f"show bgp ipv4 vpn rd 42:1 {prefix} json")),
                json.dumps(link.gobgp.routes("vpnv4").get(f"42:1:{prefix}", {})))

    link.apply(TWO_NNIS + MAPS + maps)
    wait_until(lambda: all(marked in text and "42:1" in text.replace(marked, "") for text in targets()),
               "both far ends see the target beside the VRF's")
    link.apply(TWO_NNIS + MAPS + maps + " import route-map ipv4 of-red\n")
    link.box.wait(lambda: FAR_PREFIX["ipv4"] not in routes(link), "VRF red refuses the far prefix")
    neighbor = link.box.json("show", "bgp", "neighbors", FAR)["neighbors"][0]
    assert "vrf_route_map" in [error["reason"] for error in neighbor["route_errors"]]
    link.apply(TWO_NNIS + MAPS)
    link.box.wait(lambda: FAR_PREFIX["ipv4"] in routes(link), "it is asked for again")
    wait_until(lambda: not any(marked in text for text in targets()), "the target is gone")
    assert before == (sessions(link, FAR), sessions(link, BACKUP_FAR))
