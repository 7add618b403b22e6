"""FRR as a PE of the operator's own network, by iBGP from loopback to loopback."""

import json

import pytest
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.namespaces import join
from stilelab.peers import FRR, frr_available

pytestmark = pytest.mark.skipif(not frr_available(), reason="FRR is not installed")

CONFIGURATION = """\
port ten1/0
 device net_null0
port ten1/3
 device net_af_packet_p3,iface=p3
ip vrf red
 rd 42:1
 route-target both 42:1
interface loopback0
 ip address 10.0.0.1/32
interface ten1/0
 vrf definition red
 ip address 10.1.0.1/24
 ipv6 address fd00:1::1/64
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
ip route 10.0.0.0/24 10.98.0.1
mpls static binding ipv4 10.0.0.9/32 output 10.98.0.1 label implicit-null
router bgp 42
 neighbor 10.0.0.9 remote-as 42
 neighbor 10.0.0.9 update-source loopback0
 address-family vpnv4
  neighbor 10.0.0.9 activate
 address-family vpnv6
  neighbor 10.0.0.9 activate
 address-family ipv4 vrf red
  redistribute connected
 address-family ipv6 vrf red
  redistribute connected
"""


class Core:
    def __init__(self, lab):
        self.box = Box(lab, "box", CONFIGURATION)
        provider = lab.namespace("pe")
        join(provider, "eth0", self.box.ports, "p3")
        provider.ip("address", "add", "10.98.0.1/24", "dev", "eth0")
        provider.ip("address", "add", "10.0.0.9/32", "dev", "lo")
        provider.ip("route", "add", "10.0.0.1/32", "via", "10.98.0.2", "src", "10.0.0.9")
        self.box.start()
        self.frr = FRR(lab, provider, 42, "10.0.0.9", "10.0.0.1", 42,
                       [("203.0.113.0/24", "42:101", 3001, "42:1")], [("2001:db8:3::/48", "42:101", 3001, "42:1")],
                       extra=["neighbor 10.0.0.1 update-source 10.0.0.9"])
        self.frr.start()


@pytest.fixture(scope="module")
def core(lab):
    return Core(lab)


def test_frrs_routes_are_used_with_its_label(core):
    for family, prefix in (("ipv4", "203.0.113.0/24"), ("ipv6", "2001:db8:3::/48")):
        text = core.box.wait(lambda: (found := core.box.text("show", "routes", "vrf", "red", family)) and prefix in found
                             and found, f"{prefix} of FRR")
        assert "10.0.0.9" in text and "3001" in text


def test_frr_has_our_routes_with_a_label_and_next_hop_self(core):
    for family, prefix in (("ipv4", "10.1.0.0/24"), ("ipv6", "fd00:1::/64")):
        paths = json.dumps(wait_until(lambda: core.frr.routes(family).get("42:1", {}).get(prefix), f"{prefix} in FRR"))
        assert "10.0.0.1" in paths, paths


def test_the_session_is_internal(core):
    neighbor = core.box.json("show", "bgp", "neighbors", "10.0.0.9")["neighbors"][0]
    assert neighbor["summary"]["state"] == "established"
    assert neighbor["eligible_vrfs"] == ["red"]
