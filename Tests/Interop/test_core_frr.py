"""FRR as a PE of the operator's own network, by iBGP from loopback to loopback; its packets are scapy's, as the kernel has no MPLS.

      red, green (both 10.1.0.2) ── box 10.0.0.1 ── ten1/3 ── P 10.98.0.1 ── PE 10.0.0.9 (FRR), label 16009

P pops what the box pushes for the PE, and so are all frames seen on the one link.
"""

import json

import pytest
from far_end import frames_with
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.customer import Customer
from stilelab.namespaces import address_of, join
from stilelab.peers import FRR, frr_available

pytestmark = pytest.mark.skipif(not frr_available(), reason="FRR is not installed")

CUSTOMERS = {"red": 1, "green": 2}
TRANSPORT = 16009
LABELS = {"red": 3001, "green": 3002}
# Both customers have the same networks behind the PE, and the same addresses at their sites.
BEHIND = {"ipv4": ("203.0.113.0/24", "203.0.113.5"), "ipv6": ("2001:db8:3::/48", "2001:db8:3::5")}
SITE = {"ipv4": "10.1.0.2", "ipv6": "fd00:1::2"}


def vrf_text(name, number):
    return f"""ip vrf {name}
 rd 42:{number}
 route-target both 42:{number}
interface ten1/{number}
 vrf definition {name}
 ip address 10.1.0.1/24
 ipv6 address fd00:1::1/64
"""


def redistribution(name):
    return "".join(f" address-family {family} vrf {name}\n  redistribute connected\n" for family in BEHIND)


CONFIGURATION = ("".join(f"port ten1/{number}\n device net_af_packet_cust{number},iface=cust{number}\n"
                         for number in CUSTOMERS.values())
                 + "".join(vrf_text(name, number) for name, number in CUSTOMERS.items()) + f"""\
port ten1/3
 device net_af_packet_p3,iface=p3
interface loopback0
 ip address 10.0.0.1/32
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
ip route 10.0.0.0/24 10.98.0.1
mpls static binding ipv4 10.0.0.9/32 output 10.98.0.1 label {TRANSPORT}
router bgp 42
 neighbor 10.0.0.9 remote-as 42
 neighbor 10.0.0.9 update-source loopback0
 address-family vpnv4
  neighbor 10.0.0.9 activate
 address-family vpnv6
  neighbor 10.0.0.9 activate
""" + "".join(redistribution(name) for name in CUSTOMERS))


class Core:
    def __init__(self, lab):
        self.box = Box(lab, "box", CONFIGURATION)
        self.provider = lab.namespace("pe")
        join(self.provider, "eth0", self.box.ports, "p3", 1600)
        self.provider.ip("address", "add", "10.98.0.1/24", "dev", "eth0")
        self.provider.ip("address", "add", "10.0.0.9/32", "dev", "lo")
        self.provider.ip("route", "add", "10.0.0.1/32", "via", "10.98.0.2", "src", "10.0.0.9")
        self.customers = {name: Customer(lab, name, self.box.ports, f"cust{number}", SITE["ipv4"], SITE["ipv6"])
                          for name, number in CUSTOMERS.items()}
        self.box.start()
        routes = {family: [(prefix, f"42:10{number}", LABELS[name], f"42:{number}") for name, number in CUSTOMERS.items()]
                  for family, (prefix, _) in BEHIND.items()}
        self.frr = FRR(lab, self.provider, 42, "10.0.0.9", "10.0.0.1", 42, routes["ipv4"], routes["ipv6"],
                       extra=["neighbor 10.0.0.1 update-source 10.0.0.9"])
        self.frr.start()

    def label(self, name):
        return next(entry["label"] for entry in self.box.json("show", "labels")["labels"] if entry["vrf"] == name)


@pytest.fixture(scope="module")
def core(lab):
    return Core(lab)


def ip(family, source, destination, ttl):
    return (IP(src=source, dst=destination, ttl=ttl, id=7) if family == "ipv4"
            else IPv6(src=source, dst=destination, hlim=ttl))


@pytest.mark.parametrize("name", CUSTOMERS)
@pytest.mark.parametrize("family", BEHIND)
def test_frrs_routes_are_used_with_its_label(core, name, family):
    prefix = BEHIND[family][0]
    text = core.box.wait(lambda: (found := core.box.text("show", "routes", "vrf", name, family)) and prefix in found
                         and found, f"{prefix} of FRR")
    assert "10.0.0.9" in text and str(LABELS[name]) in text


def test_frr_has_our_routes_with_a_label_and_next_hop_self(core):
    for number in CUSTOMERS.values():
        for family, prefix in (("ipv4", "10.1.0.0/24"), ("ipv6", "fd00:1::/64")):
            paths = json.dumps(wait_until(lambda: core.frr.routes(family).get(f"42:{number}", {}).get(prefix),
                                          f"{prefix} in FRR"))
            assert "10.0.0.1" in paths, paths


@pytest.mark.parametrize("name", CUSTOMERS)
@pytest.mark.parametrize("family", BEHIND)
def test_packets_go_by_both_labels_and_come_back_by_ours(core, name, family):
    prefix, host = BEHIND[family]
    core.box.wait(lambda: prefix in core.box.text("show", "routes", "vrf", name, family), prefix)
    customer, site = core.customers[name], SITE[family]
    # The site's address has to be resolved before frames can be counted one by one.
    assert customer.ping("10.1.0.1" if family == "ipv4" else "fd00:1::1", count=1) == (1, 1)
    link, circuit = core.provider.packet_socket("eth0"), customer.namespace.packet_socket("eth0")
    box_on_circuit, box_on_link = (address_of(core.box.ports, port) for port in (f"cust{CUSTOMERS[name]}", "p3"))
    on_circuit, on_link = address_of(customer.namespace, "eth0"), address_of(core.provider, "eth0")
    payload = UDP(sport=1000, dport=2000) / Raw(f"of {name}".encode().ljust(40))
    circuit.send(bytes(Ether(src=on_circuit, dst=box_on_circuit) / ip(family, site, host, 64) / payload))
    assert frames_with(link, f"of {name}") == [bytes(
        Ether(src=box_on_link, dst=on_link, type=0x8847) / MPLS(label=TRANSPORT, s=0, ttl=63)
        / MPLS(label=LABELS[name], s=1, ttl=63) / ip(family, site, host, 63) / payload)]
    link.drain()
    circuit.drain()
    # P has popped the box's transport label.
    link.send(bytes(Ether(src=on_link, dst=box_on_link, type=0x8847) / MPLS(label=core.label(name), s=1, ttl=60)
                    / ip(family, host, site, 64) / payload))
    assert frames_with(circuit, f"of {name}") == [bytes(
        Ether(src=box_on_circuit, dst=on_circuit) / ip(family, host, site, 59) / payload)]


def test_the_session_is_internal(core):
    neighbor = core.box.json("show", "bgp", "neighbors", "10.0.0.9")["neighbors"][0]
    assert neighbor["summary"]["state"] == "established"
    assert neighbor["eligible_vrfs"] == ["green", "red"]
