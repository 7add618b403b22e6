"""BIRD and FRR say by labelled unicast how PEs are reached, and packets go that way, byte for byte.

      ten1/1    circuit of red        10.1.0.0/24   fd00:1::/64
      ten1/3    core                  BIRD as a PE at 10.98.0.1 and 2001:db8:c::1, which knows the ways to the PEs 10.0.0.7
                                      (16007), 10.0.0.6 (16006) and 2001:db8:ff::7 (16077)
      ten1/4    core                  FRR at 10.97.0.1, a PE itself (10.0.0.5), which reflects what BIRD tells it alone
"""

import select
import time

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.namespaces import address_of, join
from stilelab.peers import FRR, frr_available
from stilelab.routers import BIRDRouter

pytestmark = pytest.mark.skipif(not frr_available(), reason="FRR is not installed")

SITE = {"ipv4": "10.1.0.2", "ipv6": "fd00:1::2"}
SITE_MAC = "02:00:00:00:01:02"
CONFIGURATION = """\
port ten1/1
 device net_af_packet_p1,iface=p1
port ten1/3
 device net_af_packet_p3,iface=p3
port ten1/4
 device net_af_packet_p4,iface=p4
ip vrf red
 rd 42:1
 route-target both 42:1
interface loopback0
 ip address 10.0.0.1/32
 ipv6 address 2001:db8:ff::1/128
interface ten1/1
 vrf definition red
 ip address 10.1.0.1/24
 ipv6 address fd00:1::1/64
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
 ipv6 address 2001:db8:c::2/64
interface ten1/4
 encap mpls core
 ip address 10.97.0.2/24
router bgp 42
 neighbor 10.97.0.1 remote-as 42
 neighbor 10.98.0.1 remote-as 42
 neighbor 2001:db8:c::1 remote-as 42
 address-family vpnv4
  neighbor 10.97.0.1 activate
  neighbor 10.98.0.1 activate
 address-family vpnv6
  neighbor 2001:db8:c::1 activate
 address-family ipv4 labeled-unicast
  neighbor 10.97.0.1 activate
  neighbor 10.98.0.1 activate
 address-family ipv6 labeled-unicast
  neighbor 2001:db8:c::1 activate
 address-family ipv4 vrf red
  redistribute connected
 address-family ipv6 vrf red
  redistribute connected
"""
TIMES = "hold time 9; connect retry time 1; connect delay time 1; error wait time 1, 2; graceful restart on;"
BIRD = f"""\
ipv4 table labels4;
ipv6 table labels6;
vpn4 table customers4;
vpn6 table customers6;
protocol static seven {{ ipv4 {{ table labels4; }}; route 10.0.0.7/32 via 10.98.0.1%eth0 mpls 16007 onlink; }}
protocol static six {{ ipv4 {{ table labels4; }}; route 10.0.0.6/32 via 10.98.0.1%eth0 mpls 16006 onlink; }}
protocol static four {{ ipv4 {{ table labels4; }}; route 10.0.0.4/32 via 10.95.0.1%eth0 mpls 16004 onlink; }}
protocol static seven6 {{
  ipv6 {{ table labels6; }}; route 2001:db8:ff::7/128 via 2001:db8:c::1%eth0 mpls 16077 onlink;
}}
protocol static red4 {{
  vpn4 {{ table customers4; }};
  route 42:101 203.0.113.0/24 via 10.0.0.7%eth0 mpls 3001 onlink {{ bgp_ext_community.add((rt, 42, 1)); }};
  route 42:101 203.0.114.0/24 via 10.0.0.6%eth0 mpls 3002 onlink {{ bgp_ext_community.add((rt, 42, 1)); }};
  route 42:101 203.0.115.0/24 via 10.0.0.4%eth0 mpls 3004 onlink {{ bgp_ext_community.add((rt, 42, 1)); }};
}}
protocol static red6 {{
  vpn6 {{ table customers6; }};
  route 42:101 2001:db8:3::/48 via 2001:db8:ff::7%eth0 mpls 3006 onlink {{ bgp_ext_community.add((rt, 42, 1)); }};
}}
protocol bgp box {{
  local 10.98.0.1 as 42; neighbor 10.98.0.2 as 42; {TIMES}
  ipv4 mpls {{ table labels4; import all; export where proto = "seven" || proto = "four"; }};
  vpn4 mpls {{ table customers4; import all; export where source = RTS_STATIC; }};
}}
protocol bgp box6 {{
  local 2001:db8:c::1 as 42; neighbor 2001:db8:c::2 as 42; {TIMES}
  ipv6 mpls {{ table labels6; import all; export where source = RTS_STATIC; }};
  vpn6 mpls {{ table customers6; import all; export where source = RTS_STATIC; }};
}}
protocol bgp reflector {{
  local 10.96.0.2 as 42; neighbor 10.96.0.1 as 42; {TIMES}
  ipv4 mpls {{ table labels4; import all; export where proto = "six"; }};
}}
"""
LABELED = ["neighbor 10.96.0.2 remote-as 42", "neighbor 10.96.0.2 timers 3 9", "neighbor 10.96.0.2 timers connect 1",
           "no bgp network import-check", "address-family ipv4 unicast", "network 10.0.0.5/32", "exit-address-family",
           "address-family ipv4 labeled-unicast", "neighbor 10.97.0.2 activate", "neighbor 10.97.0.2 route-reflector-client", "neighbor 10.96.0.2 activate",
           "neighbor 10.96.0.2 route-reflector-client", "exit-address-family"]
# From where packets to a prefix leave, under which labels: of the transport and of the PE.
WAYS = {("ipv4", "203.0.113.5"): ("p3", [16007, 3001]), ("ipv4", "203.0.114.5"): ("p3", [16006, 3002]),
        ("ipv6", "2001:db8:3::5"): ("p3", [16077, 3006]), ("ipv4", "198.51.100.5"): ("p4", [3005])}


def packet(family, source, destination, ttl, marker):
    header = (IP(src=source, dst=destination, ttl=ttl, id=9, tos=0xB8) if family == "ipv4"
              else IPv6(src=source, dst=destination, hlim=ttl, tc=0xB8))
    return header / UDP(sport=1111, dport=2222) / Raw(marker.encode())


class Core:
    def __init__(self, lab):
        self.box = Box(lab, "box", CONFIGURATION)
        self.wire = lab.namespace("wire")
        for scope in ("all", "default"):
            self.wire.run("sysctl", "-qw", f"net.ipv6.conf.{scope}.disable_ipv6=1")
        join(self.wire, "p1", self.box.ports, "p1")
        self.pe, self.reflector = lab.namespace("pe"), lab.namespace("rr")
        join(self.pe, "eth0", self.box.ports, "p3")
        join(self.reflector, "eth0", self.box.ports, "p4")
        join(self.pe, "eth1", self.reflector, "eth1")
        for namespace, device, address in ((self.pe, "eth0", "10.98.0.1/24"), (self.pe, "eth1", "10.96.0.2/24"),
                                           (self.reflector, "eth0", "10.97.0.1/24"),
                                           (self.reflector, "eth1", "10.96.0.1/24")):
            namespace.ip("address", "add", address, "dev", device)
        self.pe.ip("address", "add", "2001:db8:c::1/64", "dev", "eth0", "nodad")
        self.box.start()
        self.bird = BIRDRouter(lab, self.pe, "10.0.0.9", BIRD).start()
        self.frr = FRR(lab, self.reflector, 42, "10.0.0.5", "10.97.0.2", 42,
                       [("198.51.100.0/24", "42:105", 3005, "42:1")], [], extra=LABELED)
        self.frr.start()
        wait_until(lambda: self.frr.show("show bgp summary json"), "FRR answers")
        self.frr.configure("configure terminal", "route-map pe permit 10", "set ipv4 vpn next-hop 10.0.0.5", "exit",
                           "router bgp 42", "address-family ipv4 vpn", "neighbor 10.97.0.2 route-map pe out")
        self.sockets = {"p1": self.wire.packet_socket("p1"), "p3": self.pe.packet_socket("eth0"),
                        "p4": self.reflector.packet_socket("eth0")}
        self.mac = {port: address_of(self.box.ports, port) for port in self.sockets}
        self.far_mac = {"p3": address_of(self.pe, "eth0"), "p4": address_of(self.reflector, "eth0")}
        for family, prefixes in (("ipv4", ("203.0.113.0/24", "203.0.114.0/24", "198.51.100.0/24")),
                                 ("ipv6", ("2001:db8:3::/48",))):
            for prefix in prefixes:
                self.box.wait(lambda: prefix in self.routes(family), f"{prefix} in red")

    def routes(self, family):
        return self.box.text("show", "routes", "vrf", "red", family)

    def transport(self, provider):
        providers = self.box.json("show", "transports")["providers"]
        return next((row for row in providers if row["provider"] == provider), None)

    def expect(self, family, destination, labels=None):
        """A packet of the site leaves as it should, and nothing with its payload elsewhere."""
        port_out, labels = ("p3", labels) if labels else WAYS[family, destination]
        marker = f"to {destination} {time.monotonic_ns()}"
        inner = packet(family, SITE[family], destination, 64, marker)
        expected = Ether(dst=self.far_mac[port_out], src=self.mac[port_out], type=0x8847)
        for position, label in enumerate(labels):
            expected /= MPLS(label=label, cos=5, s=int(position == len(labels) - 1), ttl=63)
        expected = bytes(expected / packet(family, SITE[family], destination, 63, marker))
        for socket in self.sockets.values():
            socket.drain()
        self.sockets["p1"].send(bytes(Ether(dst=self.mac["p1"], src=SITE_MAC) / inner))
        found = []
        end = time.monotonic() + 3
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([self.sockets["p3"], self.sockets["p4"]], [], [], left)
            for port in ("p3", "p4"):
                if self.sockets[port] in ready and (frame := self.sockets[port].receive(0.001)) is not None \
                        and marker.encode() in frame:
                    found.append((port, frame))
                    end = time.monotonic() + 0.15
        assert found == [(port_out, expected)], [(port, frame.hex()) for port, frame in found] + [expected.hex()]


@pytest.fixture(scope="module")
def core(lab):
    return Core(lab)


@pytest.mark.parametrize("family, destination", WAYS)
def test_packets_go_by_the_way_that_was_told(core, family, destination):
    """BIRD's own way, one that FRR reflects, IPv6, and FRR itself with implicit null."""
    core.expect(family, destination)


def test_show_transports_says_what_leads_where(core):
    link = {"interface": "ten1/3", "router": "10.98.0.1", "labels": [16006], "is_resolved": True}
    assert core.transport("10.0.0.6") == {"provider": "10.0.0.6", "origin": "labelled_unicast", "link": link}
    assert core.transport("10.0.0.5")["link"] == {"interface": "ten1/4", "router": "10.97.0.1", "labels": [],
                                                  "is_resolved": True}
    ways = {way["prefix"]: way for way in core.box.json("show", "transports")["ways"]}
    assert {"10.0.0.5/32", "10.0.0.6/32", "10.0.0.7/32", "2001:db8:ff::7/128"} <= set(ways)
    assert ways["10.0.0.7/32"]["next_hop"] == "10.98.0.1" and ways["10.0.0.7/32"]["labels"] == [16007]
    text = core.box.text("show", "transports")
    assert "labelled unicast" in text and "implicit-null" in text, text


def test_show_bgp_lists_what_came_and_what_was_told(core):
    received = core.box.json("show", "bgp", "ipv4", "labeled-unicast")["routes"]
    assert {(row["neighbor"], row["prefix"], row["label"]) for row in received} >= {
        ("10.98.0.1", "10.0.0.7/32", 16007), ("10.97.0.1", "10.0.0.6/32", 16006), ("10.97.0.1", "10.0.0.5/32", 3)}
    for family, neighbor, prefix in (("ipv4", "10.97.0.1", "10.0.0.1/32"), ("ipv4", "10.98.0.1", "10.0.0.1/32"),
                                     ("ipv6", "2001:db8:c::1", "2001:db8:ff::1/128")):
        told = core.box.json("show", "bgp", family, "labeled-unicast", "advertised", "neighbor", neighbor)["routes"]
        assert [(row["prefix"], row["label"]) for row in told] == [(prefix, 3)]
    families = core.box.json("show", "bgp", "neighbors", "10.98.0.1")["neighbors"][0]["summary"]["families"]
    labeled = next(family for family in families if family["family"] == "ipv4_labeled_unicast")
    assert (labeled["state"], labeled["received_routes"], labeled["advertised_routes"]) == ("carried", 2, 1)


def test_both_see_our_loopback_with_implicit_null(core):
    def in_frr():
        return core.frr.show("show bgp ipv4 labeled-unicast 10.0.0.1/32 json").get("paths")

    path = wait_until(in_frr, "the loopback in FRR")[0]
    assert path["remoteLabel"] == 3 and path["nexthops"][0]["ip"] == "10.97.0.2", path
    assert path["aspath"]["string"] == "Local" and path["locPrf"] == 100 and path["origin"] == "IGP", path
    for table, prefix in (("labels4", "10.0.0.1/32"), ("labels6", "2001:db8:ff::1/128")):
        text = wait_until(lambda: "mpls_label_stack" in (
            found := core.bird.command("show", "route", prefix, "table", table, "all").stdout) and found, prefix)
        assert "BGP.mpls_label_stack: 3" in text, text


def test_a_way_that_is_withdrawn_makes_the_routes_unusable_and_says_why(core):
    core.bird.command("disable", "seven")
    core.box.wait(lambda: "203.0.113.0/24" not in core.routes("ipv4"), "the route is unusable")
    row = core.transport("10.0.0.7")
    assert "link" not in row and row["obstacle"] == "no transport leads there", row
    # Others go on.
    core.expect("ipv4", "203.0.114.5")
    core.bird.command("enable", "seven")
    core.box.wait(lambda: "203.0.113.0/24" in core.routes("ipv4"), "the route is back")
    core.expect("ipv4", "203.0.113.5")


def test_a_prefix_list_keeps_a_way_out_and_says_so(core):
    last = "  neighbor 10.98.0.1 activate\n address-family ipv6 labeled"
    core.box.replace(CONFIGURATION.replace("ip vrf red", "ip prefix-list none seq 5 deny 0.0.0.0/0 le 32\nip vrf red")
                     .replace(last, "  neighbor 10.97.0.1 prefix-list none in\n" + last))
    core.box.wait(lambda: "203.0.114.0/24" not in core.routes("ipv4"), "the route is unusable")
    rejected = core.box.json("show", "bgp", "ipv4", "labeled-unicast", "rejected")["routes"]
    assert {row["prefix"]: row["rejection"]["reason"] for row in rejected}["10.0.0.6/32"] == "neighbor_prefix_list"
    core.box.replace(CONFIGURATION)
    core.box.wait(lambda: "203.0.114.0/24" in core.routes("ipv4"), "the route is back")
    core.expect("ipv4", "203.0.114.5")


def test_a_next_hop_behind_the_core_is_named_until_something_leads_to_it(core):
    """Then its labels stand outside: three in all."""
    assert "203.0.115.0/24" not in core.routes("ipv4")
    obstacle = "no transport leads there: nothing leads to 10.95.0.1, the next hop by labelled unicast"
    assert core.transport("10.0.0.4")["obstacle"] == obstacle
    core.box.replace(CONFIGURATION + "mpls static binding ipv4 10.95.0.1/32 output 10.98.0.1 label 17\n")
    core.box.wait(lambda: "203.0.115.0/24" in core.routes("ipv4"), "the route is usable")
    core.expect("ipv4", "203.0.115.5", [17, 16004, 3004])
    core.box.replace(CONFIGURATION)
    core.box.wait(lambda: "203.0.115.0/24" not in core.routes("ipv4"), "the route is unusable again")


def test_explicit_null_is_taken_where_it_was_told_and_nowhere_else(core):
    """Label 0 goes above a VRF's label, and its class and TTL hold (RFC 4182)."""
    core.sockets["p1"].send(bytes(Ether(dst="ff:ff:ff:ff:ff:ff", src=SITE_MAC)
                                  / ARP(op=1, hwsrc=SITE_MAC, psrc=SITE["ipv4"], pdst="10.1.0.1")))
    core.box.wait(lambda: any(entry.get("mac_address") == SITE_MAC
                              for entry in core.box.json("show", "neighbors")["neighbors"]), "the site is known")
    label = next(entry["label"] for entry in core.box.json("show", "labels")["labels"]
                 if entry["nni"] == "core" and entry["neighbor"] == "10.98.0.1")

    def send(null):
        """A packet of the PE's under an explicit null, and what comes out at the site."""
        marker = f"null {time.monotonic_ns()}"
        core.sockets["p1"].drain()
        core.sockets["p3"].send(bytes(
            Ether(dst=core.mac["p3"], src=core.far_mac["p3"], type=0x8847) / MPLS(label=null, cos=3, s=0, ttl=30)
            / MPLS(label=label, cos=5, s=1, ttl=60) / packet("ipv4", "203.0.113.5", SITE["ipv4"], 64, marker)))
        end = time.monotonic() + 2
        while (left := end - time.monotonic()) > 0:
            if (frame := core.sockets["p1"].receive(left)) is not None and marker.encode() in frame:
                return frame, bytes(Ether(dst=SITE_MAC, src=core.mac["p1"])
                                    / packet("ipv4", "203.0.113.5", SITE["ipv4"], 29, marker))
        return None

    def stack(prefix):
        text = core.bird.command("show", "route", prefix, "table", "labels4", "protocol", "box", "all").stdout
        return text.rpartition("mpls_label_stack: ")[2].split()[:1]

    before = core.box.drops().get(("ten1/3", "label_stack_depth"), 0)
    assert send(0) is None
    core.box.wait(lambda: core.box.drops()["ten1/3", "label_stack_depth"] == before + 1, "the drop counts")
    family = " address-family ipv4 labeled-unicast\n"
    core.box.replace(CONFIGURATION.replace(family, family + "  neighbor 10.98.0.1 explicit-null\n"))
    wait_until(lambda: stack("10.0.0.1/32") == ["0"], "explicit null in BIRD")
    frame, expected = send(0)
    assert frame == expected, (frame.hex(), expected.hex())
    # What was told for IPv4 alone does not hold for label 2, nor does any other reserved label.
    assert send(2) is None and send(3) is None
    text = core.box.text("explain", "packet", "in", "ten1/3", "label", "0", "label", str(label), "src", "203.0.113.5",
                         "dst", SITE["ipv4"])
    assert "VRF red" in text or "vrf red" in text, text
    core.box.replace(CONFIGURATION)
    wait_until(lambda: stack("10.0.0.1/32") == ["3"], "implicit null in BIRD")
    assert send(0) is None


def test_packets_go_on_while_stiled_restarts(core):
    core.box.kill_control()
    core.box.start_control()
    core.box.wait(lambda: "203.0.113.0/24" in core.routes("ipv4"), "the route after the restart")
    for family, destination in WAYS:
        core.expect(family, destination)
