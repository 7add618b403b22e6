"""Option A with FRR and BIRD: two VRFs with the same addresses, packets byte for byte, and forged ones of which none arrives."""

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Raw
from stilelab.commands import wait_until
from stilelab.option_a import FAR_PREFIX, PE_ROUTES, VLANS, OptionA, attack_table
from stilelab.spoofer import receive

RD = {"red": "42:1", "green": "42:2"}
PE_LABEL = {"red": 3001, "green": 3002}


@pytest.fixture(scope="module")
def option(lab):
    option = OptionA(lab)
    option.start()
    option.wait_for_routes()
    return option


def packet(source, destination, ttl, marker):
    return IP(src=source, dst=destination, ttl=ttl, id=9, tos=0xB8) / UDP(sport=1111, dport=2222) / Raw(marker.encode())


@pytest.mark.parametrize("vrf", VLANS)
def test_packets_cross_in_their_vrf_alone_byte_for_byte(option, vrf):
    mac, sockets = option.mac, option.sockets
    tag = Dot1Q(vlan=VLANS[vrf])
    sockets["pe"].drain()
    sockets["trunk"].send(Ether(src=mac[vrf], dst=mac["p0"]) / tag / packet("10.2.0.5", "10.1.0.5", 17, f"in-{vrf}"))
    assert receive(sockets["pe"], f"in-{vrf}") == bytes(
        Ether(src=mac["p3"], dst=mac["pe"], type=0x8847) / MPLS(label=PE_LABEL[vrf], cos=5, s=1, ttl=16)
        / packet("10.2.0.5", "10.1.0.5", 16, f"in-{vrf}"))
    sockets["trunk"].drain()
    label = option.edge.label_of(RD[vrf], FAR_PREFIX)
    sockets["pe"].send(Ether(src=mac["pe"], dst=mac["p3"], type=0x8847) / MPLS(label=label, cos=5, s=1, ttl=64)
                       / packet("10.1.0.5", "10.2.0.5", 17, f"out-{vrf}"))
    assert receive(sockets["trunk"], f"out-{vrf}") == bytes(
        Ether(src=mac["p0"], dst=mac[vrf]) / tag / packet("10.1.0.5", "10.2.0.5", 16, f"out-{vrf}"))


def test_each_far_end_has_the_routes_of_its_vrf_alone(option):
    path = option.frr.path("ipv4", "10.1.0.0/24")
    assert path["aspath"]["string"] == "42" and "extendedCommunity" not in path
    assert option.frr.path("ipv4", "10.1.1.0/24") and not option.frr.path("ipv4", "10.9.0.0/24")
    assert option.bird.route("10.9.0.0/24") and not option.bird.route("10.1.1.0/24")


def test_no_forged_packet_arrives(option):
    spoofer = option.spoofer()
    assert spoofer.run(attack_table(option, spoofer))[1] == []


def test_what_was_withdrawn_a_moment_ago_is_reached_no_more(option):
    spoofer, prefix = option.spoofer(), "10.1.1.0/24"

    def to_prefix(name, arrives=False):
        return spoofer.run([spoofer.packets(name, lambda marker: packet("10.2.0.5", "10.1.1.5", 9, marker), arrives)])[1]

    assert to_prefix("before it is withdrawn", arrives=True) == []
    option.edge.take_back(prefix, "42:101")
    option.edge.barrier()
    assert to_prefix("withdrawn a moment ago") == []
    wait_until(lambda: not option.frr.path("ipv4", prefix), "FRR has heard of it", 20)
    option.edge.tell(*next((route[1], route[0], route[3], route[2]) for route in PE_ROUTES if route[1] == prefix))
    wait_until(lambda: option.frr.path("ipv4", prefix), "FRR has it again", 20)
    assert to_prefix("told again", arrives=True) == []


def test_show_isolation_says_what_a_circuit_takes(option):
    answer = option.boxes["border"].json("show", "isolation")
    assert answer["violations"] == []
    links = {link["interface"]: link for link in answer["links"]}
    for vrf, vlan in VLANS.items():
        link = links[f"ten1/0.{vlan}"]
        assert (link["kind"], link["vrf"], link["deepest_stack"], link["neighbors"]) == ("circuit", vrf, 0, ["192.0.2.2"])
        # The sources of IPv4 are checked, and these VRFs carry IPv6 as well.
        assert [entry["property"] for entry in link["unchecked"]] == ["far_end_separation", "ipv6_sources"]
