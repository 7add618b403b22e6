"""The hardest addresses that three links can have: a customer's subnet inside the NNI's with the far end's own address in it, and
another customer's the same the other way round.

      ten1/0   NNI           box 10.0.0.2/24     far end 10.0.0.9   (FRR, AS 65001)
      ten1/1   VRF red       box 10.0.0.10/30    router  10.0.0.9   (FRR, AS 65100)
      ten1/2   VRF green     box 10.0.0.9/30     router  10.0.0.10  (FRR, AS 65101)
"""

import pytest
from stilelab.box import Box
from stilelab.namespaces import join
from stilelab.peers import FRR
from stilelab.routers import FRRRouter

CONFIGURATION = """\
hostname asbr42
!
port ten1/0
 device net_af_packet_nni0,iface=nni0
 mtu 1600
port ten1/1
 device net_af_packet_cust1,iface=cust1
port ten1/2
 device net_af_packet_cust2,iface=cust2
!
ip vrf red
 rd 42:1
 route-target both 42:1
 optE
ip vrf green
 rd 42:2
 route-target both 42:2
 optE
!
interface ten1/0
 encap mpls optE
 ip address 10.0.0.2/24
interface ten1/1
 vrf definition red
 ip address 10.0.0.10/30
interface ten1/2
 vrf definition green
 ip address 10.0.0.9/30
!
ip prefix-list all permit 0.0.0.0/0 le 32
!
router bgp 42
 neighbor 10.0.0.9 remote-as 65001
 neighbor 10.0.0.9 timers 3 9
 address-family vpnv4
  neighbor 10.0.0.9 optE
 address-family ipv4 vrf red
  neighbor 10.0.0.9 remote-as 65100
  neighbor 10.0.0.9 timers 3 9
  neighbor 10.0.0.9 prefix-list all in
  neighbor 10.0.0.9 prefix-list all out
 address-family ipv4 vrf green
  neighbor 10.0.0.10 remote-as 65101
  neighbor 10.0.0.10 timers 3 9
  neighbor 10.0.0.10 prefix-list all in
  neighbor 10.0.0.10 prefix-list all out
"""


@pytest.fixture(scope="module")
def box(lab):
    box = Box(lab, "box", CONFIGURATION)
    far = lab.namespace("far")
    join(far, "eth0", box.ports, "nni0", 1600)
    far.ip("address", "add", "10.0.0.9/24", "dev", "eth0")
    sites = {}
    for name, interface, address in (("red", "cust1", "10.0.0.9/30"), ("green", "cust2", "10.0.0.10/30")):
        sites[name] = lab.namespace(name)
        join(sites[name], "eth0", box.ports, interface)
        sites[name].ip("address", "add", address, "dev", "eth0")
    box.start()
    FRR(lab, far, 65001, "10.0.0.9", "10.0.0.2", 42, [("192.0.2.0/24", "65001:1", 1001, "42:1")], []).start()
    for name, system, router_id, neighbor, network in (
            ("red", 65100, "10.0.0.9", "10.0.0.10", "192.168.1.0/24"),
            ("green", 65101, "10.0.0.10", "10.0.0.9", "192.168.2.0/24")):
        FRRRouter(lab, sites[name], system, router_id, [
            "no bgp network import-check", "no bgp ebgp-requires-policy", f"neighbor {neighbor} remote-as 42",
            f"neighbor {neighbor} timers 3 9", f"neighbor {neighbor} timers connect 1", "address-family ipv4 unicast",
            f"neighbor {neighbor} activate", f"network {network}", "exit-address-family"]).start()
    return box


def neighbors(box):
    return {(row.get("vrf"), row["address"]): row for row in box.json("show", "bgp", "summary")["neighbors"]}


def test_each_session_is_with_whom_it_should_be(box):
    box.wait(lambda: {row["state"] for row in neighbors(box).values()} == {"established"}, "all three sessions", 60)
    for vrf, prefix in (("red", "192.168.1.0/24"), ("green", "192.168.2.0/24"), ("red", "192.0.2.0/24")):
        box.wait(lambda: prefix in box.text("show", "routes", "vrf", vrf, "ipv4"), f"{prefix} in {vrf}")
    red, green = (box.text("show", "routes", "vrf", vrf, "ipv4") for vrf in ("red", "green"))
    assert "192.168.2.0/24" not in red
    assert "192.168.1.0/24" not in green and "192.0.2.0/24" not in green


def test_they_come_back_after_a_restart_of_stiled(box):
    box.kill_control()
    box.start_control()
    box.wait(lambda: {row["state"] for row in neighbors(box).values()} == {"established"}, "all three sessions", 60)
    box.wait(lambda: "192.168.2.0/24" in box.text("show", "routes", "vrf", "green", "ipv4"), "green's route")
