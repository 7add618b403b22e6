"""Labels that are swapped (Option B), byte for byte: two border routers of other operators and the operator's own network.

      ten1/0    NNI     far end by GoBGP, AS 65001: 192.0.2.0/24 and 2001:db8:1::/48 with label 1001
      ten1/1    NNI     far end by GoBGP, AS 65002: 192.0.3.0/24 with label 1002
      ten1/3    core    a router at 10.98.0.1, behind it a reflector by GoBGP at 10.0.0.9 and the PE 10.0.0.7 (label 16007)
"""

import json

import pytest
from frames_bench import packet
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import checksum
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.namespaces import address_of, join
from stilelab.peers import GoBGP
from test_core import Core

FAMILIES = ("ipv4", "ipv6")
FAR = {"ipv4": "192.0.2.5", "ipv6": "2001:db8:1::5"}
SECOND = "192.0.3.5"
BEHIND = {"ipv4": "203.0.113.5", "ipv6": "2001:db8:3::5"}
NEAR = "198.51.100.5"
CONFIGURATION = """\
hostname asbr42
!
port ten1/0
 device net_af_packet_p0,iface=p0
 mtu 1600
port ten1/1
 device net_af_packet_p1,iface=p1
 mtu 1600
port ten1/3
 device net_af_packet_p3,iface=p3
 mtu 1500
!
interface loopback0
 ip address 10.0.0.1/32
interface ten1/0
 encap mpls optB
 ip address 10.99.0.2/30
interface ten1/1
 encap mpls optB
 ip address 10.99.1.2/30
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
!
ip route 10.0.0.0/24 10.98.0.1
mpls static binding ipv4 10.0.0.7/32 output 10.98.0.1 label 16007
!
router bgp 42
 neighbor 10.99.0.1 remote-as 65001
 neighbor 10.99.1.1 remote-as 65002
 neighbor 10.0.0.9 remote-as 42
 neighbor 10.0.0.9 update-source loopback0
 address-family vpnv4
  neighbor 10.99.0.1 optB
  neighbor 10.99.0.1 route-target import 42:1
  neighbor 10.99.0.1 route-target export 42:1
  neighbor 10.99.0.1 transit
  neighbor 10.99.1.1 optB
  neighbor 10.99.1.1 route-target import 42:1
  neighbor 10.99.1.1 route-target export 42:1
  neighbor 10.99.1.1 transit
  neighbor 10.0.0.9 activate
  neighbor 10.0.0.9 route-target import 42:1
  neighbor 10.0.0.9 route-target export 42:1
 address-family vpnv6
  neighbor 10.99.0.1 optB
  neighbor 10.99.0.1 route-target import 42:1
  neighbor 10.99.0.1 route-target export 42:1
  neighbor 10.0.0.9 activate
  neighbor 10.0.0.9 route-target import 42:1
  neighbor 10.0.0.9 route-target export 42:1
"""


class Border(Core):
    """The frames are those of ``Core``; `second` is the other far end, on p1."""

    def __init__(self, lab):
        self.box = Box(lab, "box", CONFIGURATION)
        self.far, self.second, self.core = (lab.namespace(name) for name in ("far", "second", "core"))
        for namespace, port, address in ((self.far, "p0", "10.99.0.1/30"), (self.second, "p1", "10.99.1.1/30"),
                                         (self.core, "p3", "10.98.0.1/24")):
            join(namespace, "eth0", self.box.ports, port, 1600)
            namespace.ip("address", "add", address, "dev", "eth0")
        self.core.ip("address", "add", "10.0.0.9/32", "dev", "lo")
        self.core.ip("route", "add", "10.0.0.1/32", "via", "10.98.0.2", "src", "10.0.0.9")
        self.box.start()
        self.gobgp = GoBGP(lab, self.far, 65001, "10.99.0.1", "10.99.0.2", 42)
        self.other = GoBGP(lab, self.second, 65002, "10.99.1.1", "10.99.1.2", 42)
        self.reflector = GoBGP(lab, self.core, 42, "10.0.0.9", "10.0.0.1", 42)
        for speaker in (self.gobgp, self.other, self.reflector):
            speaker.start()
        self.gobgp.advertise("vpnv4", "192.0.2.0/24", 1001, "65001:1", "42:1", "10.99.0.1")
        self.gobgp.advertise("vpnv6", "2001:db8:1::/48", 1001, "65001:1", "42:1", "::ffff:10.99.0.1")
        self.other.advertise("vpnv4", "192.0.3.0/24", 1002, "65002:1", "42:1", "10.99.1.1")
        self.reflector.advertise("vpnv4", "203.0.113.0/24", 3001, "42:101", "42:1", "10.0.0.7")
        self.reflector.advertise("vpnv6", "2001:db8:3::/48", 3001, "42:101", "42:1", "::ffff:10.0.0.7")
        self.reflector.advertise("vpnv4", "198.51.100.0/24", 3003, "42:101", "42:1", "10.98.0.1")
        self.sockets = {"p0": self.far.packet_socket("eth0"), "p1": self.second.packet_socket("eth0"),
                        "p3": self.core.packet_socket("eth0")}
        self.mac = {port: address_of(self.box.ports, port) for port in ("p0", "p1", "p3")}
        self.far_mac, self.second_mac, self.core_mac = (
            address_of(namespace, "eth0") for namespace in (self.far, self.second, self.core))
        wanted = {("ten1/0", 3001), ("ten1/0", 3003), ("ten1/0", 1002), ("core", 1001), ("core", 1002), ("ten1/1", 1001)}
        self.box.wait(lambda: wanted <= set(self.swaps()), "all labels are there")
        # Each way is known when its first packet gets through.
        for place, label in wanted:
            port = {"ten1/0": "ten1/0", "ten1/1": "ten1/1", "core": "ten1/3"}[place]
            self.box.wait(lambda: self.verdict(port, self.swaps()[place, label]) == "forwarded", f"{label} from {place}")

    def swaps(self):
        """The labels of the box: by where they are valid, and by the one that takes their place."""
        return {(entry["nni"], entry.get("egress_label")): entry["label"]
                for entry in self.box.json("show", "isolation")["swaps"]}

    def verdict(self, interface, label):
        return self.explanation(interface, label)["verdict"]

    def explanation(self, interface, label):
        return self.box.json("explain", "packet", "in", interface, "label", str(label), "src", "10.1.0.2", "dst", "10.2.0.2")

    def to_second(self, label, inner, ttl):
        return bytes(Ether(dst=self.second_mac, src=self.mac["p1"], type=0x8847) / MPLS(label=label, cos=5, s=1, ttl=ttl)
                     / inner)


@pytest.fixture(scope="module")
def border(lab):
    return Border(lab)


@pytest.mark.parametrize("family", FAMILIES)
def test_nni_to_a_pe(border, family):
    """The packet under the label is as it was; the labels go on with its TTL and class."""
    inner = packet(family, FAR[family], BEHIND[family], 64, f"n-pe {family}")
    border.expect("p0", border.from_far(border.swaps()["ten1/0", 3001], inner, 40), "p3",
                  border.to_core([16007, 3001], inner, 39))


def test_nni_to_a_pe_on_the_link(border):
    inner = packet("ipv4", FAR["ipv4"], NEAR, 64, "n-near")
    border.expect("p0", border.from_far(border.swaps()["ten1/0", 3003], inner, 2), "p3", border.to_core([3003], inner, 1))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_pe_to_nni(border, family):
    inner = packet(family, BEHIND[family], FAR[family], 1, f"pe-n {family}")
    border.expect("p3", border.from_core([border.swaps()["core", 1001]], inner, 30), "p0",
                  border.to_far(1001, inner, 29))


def test_nni_to_nni_where_both_have_transit(border):
    inner = packet("ipv4", FAR["ipv4"], SECOND, 64, "n-n")
    border.expect("p0", border.from_far(border.swaps()["ten1/0", 1002], inner, 64), "p1", border.to_second(1002, inner, 63))


def test_neighbors_hear_the_box_as_next_hop_with_its_labels(border):
    key = "42:101:203.0.113.0/24"
    paths = json.dumps(wait_until(lambda: border.gobgp.routes("vpnv4").get(key), f"{key} at the far end"))
    assert '"10.99.0.2"' in paths and str(border.swaps()["ten1/0", 3001]) in paths
    key = "65001:1:192.0.2.0/24"
    paths = json.dumps(wait_until(lambda: border.reflector.routes("vpnv4").get(key), f"{key} in the core"))
    assert '"10.0.0.1"' in paths and str(border.swaps()["core", 1001]) in paths


def test_what_expires_is_answered_along_the_labels(border):
    label = border.swaps()["ten1/0", 3001]
    inner = packet("ipv4", FAR["ipv4"], BEHIND["ipv4"], 64, "expires")
    entry = bytes(MPLS(label=label, cos=5, s=1, ttl=1))
    extension = b"\x00\x08\x01\x01" + entry
    extension = b"\x20\x00" + checksum(b"\x20\x00\x00\x00" + extension).to_bytes(2, "big") + extension
    error = IP(src="10.99.0.2", dst=FAR["ipv4"], ttl=64, id=0, flags="DF", tos=0xC0) / ICMP(
        type=11, code=0, length=32) / Raw(bytes(inner)[:128].ljust(128, b"\0") + extension)
    frame = Ether(dst=border.core_mac, src=border.mac["p3"], type=0x8847) / MPLS(
        label=16007, cos=6, s=0, ttl=255) / MPLS(label=3001, cos=6, s=1, ttl=255) / error
    border.expect("p0", border.from_far(label, inner, 1), "p3", bytes(frame))


def test_what_does_not_fit_is_answered_along_the_labels(border):
    """1500 octets on the core's link less two labels: 1492 fit, 1493 do not."""
    label = border.swaps()["ten1/0", 3001]
    for size in (1492, 1493):
        inner = IP(src=FAR["ipv4"], dst=BEHIND["ipv4"], flags="DF") / ICMP() / (b"." * (size - 28))
        border.sockets["p3"].drain()
        border.sockets["p0"].send(border.from_far(label, inner))
        arrived = border.sockets["p3"].receive(3)
        while arrived is not None and b"." * 90 not in arrived:
            arrived = border.sockets["p3"].receive(3)
        assert arrived is not None
        if size == 1492:
            assert len(arrived) == 14 + 8 + 1492
        else:
            answer = IP(arrived[14 + 8:])
            assert (answer.dst, answer[ICMP].type, answer[ICMP].code) == (FAR["ipv4"], 3, 4)
            assert answer[ICMP].nexthopmtu == 1492


def test_attacks_reach_nobody(border):
    inner = packet("ipv4", FAR["ipv4"], BEHIND["ipv4"], 64, "attack")
    swaps = border.swaps()
    label = swaps["ten1/0", 3001]
    for _, frame, reason in (
            ("a label of the core", border.from_far(swaps["core", 1002], inner), "label_not_valid_here"),
            ("a label of the other NNI", border.from_far(swaps["ten1/1", 1001], inner), "label_not_valid_here"),
            ("the far end's own label", border.from_far(3001, inner), "label_not_valid_here"),
            ("a reserved label", border.from_far(3, inner), "label_reserved"),
            ("unlabelled", bytes(Ether(dst=border.mac["p0"], src=border.far_mac) / inner), "unlabelled_on_nni"),
            ("no IP packet", border.from_far(label, Raw(b"\0" * 40 + b"not an IP packet of them")), "ip_version_invalid"),
    ):
        border.expect_drop("p0", frame, "ten1/0", reason)
    for depth in (2, 3):
        frame = Ether(dst=border.mac["p0"], src=border.far_mac, type=0x8847)
        for place in range(depth):
            frame /= MPLS(label=label, s=int(place == depth - 1), ttl=64)
        border.expect_drop("p0", bytes(frame / inner), "ten1/0", "label_stack_depth")
    border.expect_drop("p3", border.from_core([label], inner), "ten1/3", "label_not_valid_here")


def test_explain_and_isolation_tell_of_it(border):
    label = border.swaps()["ten1/0", 3001]
    told = border.explanation("ten1/0", label)
    assert (told["egress_port"], told["egress_label"], told["egress_interface"]) == ("ten1/3", 3001, "core")
    assert [step["stage"] for step in told["steps"]] == ["ingress", "label_check", "imposition"]
    text = border.box.text("show", "isolation")
    assert f"label {label} from 10.99.0.1 on ten1/0, alone in its stack, goes on as label 3001 to 10.0.0.7 on core" in text
    assert "nothing crosses" in text


def test_a_withdrawn_label_is_invalid_at_once(border):
    border.reflector.advertise("vpnv4", "203.0.114.0/24", 3004, "42:101", "42:1", "10.0.0.7")
    border.box.wait(lambda: ("ten1/0", 3004) in border.swaps(), "the label is there")
    label = border.swaps()["ten1/0", 3004]
    inner = packet("ipv4", FAR["ipv4"], "203.0.114.5", 64, "withdrawn")
    border.expect("p0", border.from_far(label, inner, 9), "p3", border.to_core([16007, 3004], inner, 8))
    done = border.reflector.command("global", "rib", "del", "-a", "vpnv4", "203.0.114.0/24", "label", "3004", "rd", "42:101")
    assert done.returncode == 0, done.stdout + done.stderr
    border.box.wait(lambda: ("ten1/0", 3004) not in border.swaps(), "the label is gone")
    border.expect_drop("p0", border.from_far(label, inner), "ten1/0", "label_withdrawn")
