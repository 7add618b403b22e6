"""Customers behind PEs of the operator's own network, byte for byte: NNI, circuit and core in two VRFs with equal addresses.

      ten1/0    NNI                   far end by GoBGP, AS 65001: 192.0.2.0/24 in red and green
      ten1/1    circuit of red        10.1.0.0/24   fd00:1::/64
      ten1/2    circuit of green      10.1.0.0/24   fd00:1::/64
      ten1/3    core                  a router at 10.98.0.1, behind it a reflector by GoBGP at 10.0.0.9 and the PEs
                                      10.0.0.7 (label 16007) and 10.0.0.8 (nothing leads there)
"""

import json
import select
import time

import pytest
from frames_bench import packet, tagged
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import ARP, Ether
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.namespaces import address_of, join
from stilelab.peers import GoBGP

FAMILIES = ("ipv4", "ipv6")
VRFS = {"red": 1, "green": 2}
FAR = {"ipv4": "192.0.2.5", "ipv6": "2001:db8:1::5"}
FAR_LABEL = {"red": 1001, "green": 1002}
# Behind the PE that a binding leads to, behind the router itself, and behind the PE that nothing leads to.
BEHIND = {"ipv4": "203.0.113.5", "ipv6": "2001:db8:3::5"}
NEAR = {"ipv4": "198.51.100.5", "ipv6": "2001:db8:4::5"}
LOST = "198.18.0.0/24"
PE_LABEL = {"red": 3001, "green": 3002}
NEAR_LABEL = {"red": 3003, "green": 3004}
SITE = {"ipv4": "10.1.0.2", "ipv6": "fd00:1::2"}
SITE_PORT = {"red": "p1", "green": "p2"}
SITE_MAC = {"red": "02:00:00:00:01:02", "green": "02:00:00:00:02:02"}
CONFIGURATION = """\
hostname asbr42
!
port ten1/0
 device net_af_packet_p0,iface=p0
 mtu 1600
port ten1/1
 device net_af_packet_p1,iface=p1
port ten1/2
 device net_af_packet_p2,iface=p2
port ten1/3
 device net_af_packet_p3,iface=p3
 mtu 1500
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
interface loopback0
 ip address 10.0.0.1/32
interface ten1/0
 encap mpls optE
 ip address 10.99.0.2/30
interface ten1/1
 vrf definition red
 ip address 10.1.0.1/24
 ipv6 address fd00:1::1/64
interface ten1/2
 vrf definition green
 ip address 10.1.0.1/24
 ipv6 address fd00:1::1/64
interface ten1/3
 encap mpls core
 ip address 10.98.0.2/24
!
ip route 10.0.0.0/24 10.98.0.1
mpls static binding ipv4 10.0.0.7/32 output 10.98.0.1 label 16007
!
router bgp 42
 neighbor 10.99.0.1 remote-as 65001
 neighbor 10.0.0.9 remote-as 42
 neighbor 10.0.0.9 update-source loopback0
 address-family vpnv4
  neighbor 10.99.0.1 optE
  neighbor 10.0.0.9 activate
 address-family vpnv6
  neighbor 10.99.0.1 optE
  neighbor 10.0.0.9 activate
 address-family ipv4 vrf red
  redistribute connected
 address-family ipv6 vrf red
  redistribute connected
 address-family ipv4 vrf green
  redistribute connected
 address-family ipv6 vrf green
  redistribute connected
"""


class Core:
    def __init__(self, lab):
        self.box = Box(lab, "box", CONFIGURATION)
        self.wire = lab.namespace("wire")
        for scope in ("all", "default"):
            self.wire.run("sysctl", "-qw", f"net.ipv6.conf.{scope}.disable_ipv6=1")
        for port in ("p1", "p2"):
            join(self.wire, port, self.box.ports, port, 1600)
        self.far = lab.namespace("far")
        join(self.far, "eth0", self.box.ports, "p0", 1600)
        self.far.ip("address", "add", "10.99.0.1/30", "dev", "eth0")
        self.core = lab.namespace("core")
        join(self.core, "eth0", self.box.ports, "p3", 1600)
        self.core.ip("address", "add", "10.98.0.1/24", "dev", "eth0")
        self.core.ip("address", "add", "10.0.0.9/32", "dev", "lo")
        self.core.ip("route", "add", "10.0.0.1/32", "via", "10.98.0.2", "src", "10.0.0.9")
        self.box.start()
        self.gobgp = GoBGP(lab, self.far, 65001, "10.99.0.1", "10.99.0.2", 42)
        self.gobgp.start()
        self.reflector = GoBGP(lab, self.core, 42, "10.0.0.9", "10.0.0.1", 42)
        self.reflector.start()
        for vrf, number in VRFS.items():
            rd, target = f"65001:{number}", f"42:{number}"
            self.gobgp.advertise("vpnv4", "192.0.2.0/24", FAR_LABEL[vrf], rd, target, "10.99.0.1")
            self.gobgp.advertise("vpnv6", "2001:db8:1::/48", FAR_LABEL[vrf], rd, target, "::ffff:10.99.0.1")
            rd = f"42:10{number}"
            self.reflector.advertise("vpnv4", "203.0.113.0/24", PE_LABEL[vrf], rd, target, "10.0.0.7")
            self.reflector.advertise("vpnv6", "2001:db8:3::/48", PE_LABEL[vrf], rd, target, "::ffff:10.0.0.7")
            self.reflector.advertise("vpnv4", "198.51.100.0/24", NEAR_LABEL[vrf], rd, target, "10.98.0.1")
            self.reflector.advertise("vpnv6", "2001:db8:4::/48", NEAR_LABEL[vrf], rd, target, "::ffff:10.98.0.1")
            self.reflector.advertise("vpnv4", LOST, 3099, rd, target, "10.0.0.8")
        self.sockets = {port: self.wire.packet_socket(port) for port in ("p1", "p2")}
        self.sockets["p0"] = self.far.packet_socket("eth0")
        self.sockets["p3"] = self.core.packet_socket("eth0")
        self.mac = {port: address_of(self.box.ports, port) for port in ("p0", "p1", "p2", "p3")}
        self.far_mac = address_of(self.far, "eth0")
        self.core_mac = address_of(self.core, "eth0")
        for vrf in VRFS:
            for family, prefixes in (("ipv4", ("192.0.2.0/24", "203.0.113.0/24", "198.51.100.0/24")),
                                     ("ipv6", ("2001:db8:1::/48", "2001:db8:3::/48", "2001:db8:4::/48"))):
                for prefix in prefixes:
                    self.box.wait(lambda: prefix in self.routes(vrf, family), f"{prefix} in {vrf}")
            mac, port = SITE_MAC[vrf], SITE_PORT[vrf]
            self.sockets[port].send(bytes(tagged("ff:ff:ff:ff:ff:ff", mac, [])
                                          / ARP(op=1, hwsrc=mac, psrc="10.1.0.2", pdst="10.1.0.1")))
            self.box.wait(lambda: any(entry.get("mac_address") == mac
                                      for entry in self.box.json("show", "neighbors")["neighbors"]), f"{mac} is known")
        self.box.wait(lambda: set(self.labels("core")) == set(VRFS), "labels for the core")

    def routes(self, vrf, family):
        return self.box.text("show", "routes", "vrf", vrf, family)

    def labels(self, nni):
        return {entry["vrf"]: entry["label"] for entry in self.box.json("show", "labels")["labels"]
                if entry["nni"] == nni}

    def from_core(self, labels, inner, ttl=64):
        frame = Ether(dst=self.mac["p3"], src=self.core_mac, type=0x8847)
        for position, label in enumerate(labels):
            frame /= MPLS(label=label, cos=5, s=int(position == len(labels) - 1), ttl=ttl)
        return bytes(frame / inner)

    def from_far(self, label, inner, ttl=64):
        return bytes(Ether(dst=self.mac["p0"], src=self.far_mac, type=0x8847) / MPLS(label=label, cos=5, s=1, ttl=ttl)
                     / inner)

    def to_core(self, labels, inner, ttl):
        frame = Ether(dst=self.core_mac, src=self.mac["p3"], type=0x8847)
        for position, label in enumerate(labels):
            frame /= MPLS(label=label, cos=5, s=int(position == len(labels) - 1), ttl=ttl)
        return bytes(frame / inner)

    def to_far(self, label, inner, ttl):
        return bytes(Ether(dst=self.far_mac, src=self.mac["p0"], type=0x8847) / MPLS(label=label, cos=5, s=1, ttl=ttl)
                     / inner)

    def expect(self, port_in, frame, port_out, expected=None):
        """`frame` in at one port must give exactly `expected` at another, and nothing with its payload elsewhere."""
        marker = frame[-24:]
        for socket in self.sockets.values():
            socket.drain()
        self.sockets[port_in].send(frame)
        found = {port: [] for port in self.sockets}
        end = time.monotonic() + (3.0 if port_out else 0.3)
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select(self.sockets.values(), [], [], left)
            for port, socket in self.sockets.items():
                if socket in ready and (arrived := socket.receive(0.001)) is not None and marker in arrived:
                    found[port].append(arrived)
                    end = time.monotonic() + 0.15
        wanted = {port: [expected] if port == port_out else [] for port in self.sockets}
        assert found == wanted, "\n".join(
            f"{port}: {[item.hex() for item in found[port]]} instead of {[item.hex() for item in wanted[port]]}"
            for port in self.sockets if found[port] != wanted[port])

    def expect_drop(self, port_in, frame, interface, reason):
        before = self.box.drops().get((interface, reason), 0)
        self.expect(port_in, frame, None)
        self.box.wait(lambda: self.box.drops().get((interface, reason), 0) == before + 1, f"{reason} on {interface}")


@pytest.fixture(scope="module")
def core(lab):
    return Core(lab)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("vrf", VRFS)
def test_nni_to_a_pe(core, vrf, family):
    """Without transit in the VRF: that is about other operators alone."""
    marker = f"n-pe {vrf} {family}"
    inner = packet(family, FAR[family], BEHIND[family], 64, marker)
    # RFC 3443 uniform model: all labels continue the TTL, and have the class of the packet (RFC 3270).
    expected = core.to_core([16007, PE_LABEL[vrf]], packet(family, FAR[family], BEHIND[family], 39, marker), 39)
    core.expect("p0", core.from_far(core.labels("ten1/0")[vrf], inner, 40), "p3", expected)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("vrf", VRFS)
def test_a_pe_to_nni(core, vrf, family):
    marker = f"pe-n {vrf} {family}"
    inner = packet(family, BEHIND[family], FAR[family], 64, marker)
    expected = core.to_far(FAR_LABEL[vrf], packet(family, BEHIND[family], FAR[family], 29, marker), 29)
    core.expect("p3", core.from_core([core.labels("core")[vrf]], inner, 30), "p0", expected)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("vrf", VRFS)
def test_circuit_to_a_pe_on_the_link(core, vrf, family):
    """The next hop is on the core interface's subnet: implicit null, one label."""
    marker = f"c-near {vrf} {family}"
    port = SITE_PORT[vrf]
    inner = packet(family, SITE[family], NEAR[family], 64, marker)
    expected = core.to_core([NEAR_LABEL[vrf]], packet(family, SITE[family], NEAR[family], 63, marker), 63)
    core.expect(port, bytes(tagged(core.mac[port], SITE_MAC[vrf], []) / inner), "p3", expected)


@pytest.mark.parametrize("vrf", VRFS)
def test_a_pe_to_circuit(core, vrf):
    marker = f"pe-c {vrf}"
    port = SITE_PORT[vrf]
    inner = packet("ipv4", BEHIND["ipv4"], SITE["ipv4"], 64, marker)
    expected = bytes(tagged(SITE_MAC[vrf], core.mac[port], []) / packet("ipv4", BEHIND["ipv4"], SITE["ipv4"], 63, marker))
    core.expect("p3", core.from_core([core.labels("core")[vrf]], inner), port, expected)


def test_core_to_core_is_refused(core):
    inner = packet("ipv4", NEAR["ipv4"], BEHIND["ipv4"], 64, "core core")
    core.expect_drop("p3", core.from_core([core.labels("core")["red"]], inner), "core vrf red", "core_to_core")


def test_labels_hold_on_their_side_alone(core):
    inner = packet("ipv4", BEHIND["ipv4"], FAR["ipv4"], 64, "other side")
    core.expect_drop("p3", core.from_core([core.labels("ten1/0")["red"]], inner), "ten1/3", "label_not_valid_here")
    core.expect_drop("p0", core.from_far(core.labels("core")["red"], inner), "ten1/0", "label_not_valid_here")


@pytest.mark.parametrize("depth", (2, 3, 4))
def test_deeper_stacks_are_dropped(core, depth):
    label = core.labels("core")["red"]
    inner = packet("ipv4", BEHIND["ipv4"], FAR["ipv4"], 64, f"depth {depth}")
    core.expect_drop("p3", core.from_core([label] * depth, inner), "ten1/3", "label_stack_depth")


def test_explicit_null_was_not_advertised(core):
    inner = packet("ipv4", BEHIND["ipv4"], FAR["ipv4"], 64, "explicit null")
    core.expect_drop("p3", core.from_core([0], inner), "ten1/3", "label_reserved")


def test_unlabelled_packets_reach_the_box_alone(core):
    inner = packet("ipv4", BEHIND["ipv4"], FAR["ipv4"], 64, "unlabelled")
    core.expect_drop("p3", bytes(Ether(dst=core.mac["p3"], src=core.core_mac) / inner), "ten1/3", "unlabelled_from_core")
    for address in ("10.98.0.2", "10.0.0.1"):
        done = core.core.run("ping", "-c", "2", "-W", "2", address, check=False)
        assert " 0% packet loss" in done.stdout, done.stdout


def test_a_packet_that_does_not_fit_under_its_labels_is_answered(core):
    """1500 octets less two labels: 1492 fit, 1493 do not."""
    port = SITE_PORT["red"]
    for size, fits in ((1492, True), (1493, False)):
        inner = IP(src=SITE["ipv4"], dst=BEHIND["ipv4"], flags="DF") / ICMP() / (b"." * (size - 28))
        for socket in core.sockets.values():
            socket.drain()
        core.sockets[port].send(bytes(tagged(core.mac[port], SITE_MAC["red"], []) / inner))
        arrived = core.sockets["p3" if fits else port].receive(3)
        while arrived is not None and (b"." * 100 not in arrived):
            arrived = core.sockets["p3" if fits else port].receive(3)
        assert arrived is not None
        if fits:
            assert len(arrived) == 14 + 8 + 1492
        else:
            answer = Ether(arrived)[ICMP]
            assert (answer.type, answer.code, answer.nexthopmtu) == (3, 4, 1492)


def test_a_pe_that_nothing_leads_to_is_not_used(core):
    for vrf in VRFS:
        assert LOST not in core.routes(vrf, "ipv4")


def test_the_core_hears_marked_routes_with_next_hop_self(core):
    labels = core.labels("core")
    for vrf, number in VRFS.items():
        key = f"42:{number}:192.0.2.0/24"
        paths = json.dumps(wait_until(lambda: core.reflector.routes("vpnv4").get(key), f"{key} in the core"))
        assert '"10.0.0.1"' in paths and str(labels[vrf]) in paths
        # The mark, LOCAL_PREF, and the far end's AS path as it is.
        assert '"ASN": 42, "LocalData1": 0, "LocalData2": 1' in paths
        assert '{"type": 5, "value": 100}' in paths
        assert '"asns": [65001]' in paths
        own = json.dumps(wait_until(lambda: core.reflector.routes("vpnv4").get(f"42:{number}:10.1.0.0/24"), "own route"))
        assert "LocalData1" not in own


def test_the_far_end_hears_the_cores_routes(core):
    labels = core.labels("ten1/0")
    for vrf, number in VRFS.items():
        key = f"42:{number}:203.0.113.0/24"
        paths = json.dumps(wait_until(lambda: core.gobgp.routes("vpnv4").get(key), f"{key} at the far end"))
        assert '"10.99.0.2"' in paths and str(labels[vrf]) in paths and '"asns": [42]' in paths


def test_what_was_marked_elsewhere_goes_to_no_nni(core):
    """Another border router of the operator's had it from its own NNI."""
    words = ["global", "rib", "add", "-a", "vpnv4", "198.19.0.0/24", "label", "3050", "rd", "42:101", "rt", "42:1",
             "nexthop", "10.0.0.7", "large-community", "42:0:1"]
    done = core.reflector.command(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    core.box.wait(lambda: "198.19.0.0/24" in core.routes("red", "ipv4"), "the marked route is used")
    wait_until(lambda: core.gobgp.routes("vpnv4").get("42:1:203.0.113.0/24"), "another route at the far end")
    time.sleep(1)
    assert "42:1:198.19.0.0/24" not in core.gobgp.routes("vpnv4")
    # Nor does a packet from an NNI go there untold, as one of a circuit does.
    inner = packet("ipv4", FAR["ipv4"], "198.19.0.5", 64, "untold")
    core.expect_drop("p0", core.from_far(core.labels("ten1/0")["red"], inner), "ten1/0 vrf red", "transit_not_allowed")
    inner = packet("ipv4", SITE["ipv4"], "198.19.0.5", 64, "told")
    expected = core.to_core([16007, 3050], packet("ipv4", SITE["ipv4"], "198.19.0.5", 63, "told"), 63)
    core.expect("p1", bytes(tagged(core.mac["p1"], SITE_MAC["red"], []) / inner), "p3", expected)


def test_isolation_and_explanations_name_the_core(core):
    assert not core.box.json("show", "isolation")["violations"]
    label = core.labels("ten1/0")["red"]
    text = core.box.text("explain", "packet", "in", "ten1/0", "label", str(label), "src", FAR["ipv4"], "dst",
                         BEHIND["ipv4"])
    assert "10.0.0.7 with label 3001 under 16007 by 10.98.0.1 on ten1/3" in text, text


def test_another_transport_is_used_at_once(core):
    core.box.replace(CONFIGURATION.replace("label 16007", "label implicit-null"))
    marker = "implicit null"
    inner = packet("ipv4", FAR["ipv4"], BEHIND["ipv4"], 64, marker)
    expected = core.to_core([PE_LABEL["red"]], packet("ipv4", FAR["ipv4"], BEHIND["ipv4"], 63, marker), 63)
    core.expect("p0", core.from_far(core.labels("ten1/0")["red"], inner), "p3", expected)
    without = "\n".join(line for line in CONFIGURATION.split("\n") if "static binding" not in line)
    core.box.replace(without)
    core.box.wait(lambda: "203.0.113.0/24" not in core.routes("red", "ipv4"), "the route is unusable")
    core.box.replace(CONFIGURATION)
    core.box.wait(lambda: "203.0.113.0/24" in core.routes("red", "ipv4"), "the route is back")
