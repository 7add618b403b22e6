"""MPLS over UDP (RFC 7510) to PEs of a core that carries IP alone, byte for byte, and what of it is not taken.

      ten1/0    NNI                   far end by GoBGP, AS 65001
      ten1/1    circuit of red        10.1.0.0/24   fd00:1::/64
      ten1/2    circuit of green      10.1.0.0/24   fd00:1::/64
      ten1/3    core                  a router at 10.98.0.1 and 2001:db8:98::1, behind it a reflector by GoBGP at 10.0.0.9 and the
                                      PEs 10.0.1.7, 2001:db8:ff::7 and, without UDP checksums, 2001:db8:fe::7
"""

import select
import time

import pytest
from frames_bench import packet, tagged
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import ICMP, IP, UDP, IPOption_NOP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw
from stilelab.box import Box
from stilelab.namespaces import address_of, join
from stilelab.peers import GoBGP

PORT = 6635
FAMILIES = ("ipv4", "ipv6")
VRFS = {"red": 1, "green": 2}
FAR = {"ipv4": "192.0.2.5", "ipv6": "2001:db8:1::5"}
FAR_LABEL = {"red": 1001, "green": 1002}
OWN = {"ipv4": "10.0.0.1", "ipv6": "2001:db8::1"}
# PE: its address, and by family what is behind it and the label that it gave, to which a VRF's number is added.
PES = {
    "ipv4": ("10.0.1.7", {"ipv4": ("203.0.113.0/24", "203.0.113.5", 3000), "ipv6": ("2001:db8:3::/48", "2001:db8:3::5", 3010)}),
    "ipv6": ("2001:db8:ff::7", {"ipv6": ("2001:db8:4::/48", "2001:db8:4::5", 3020)}),
    "zero": ("2001:db8:fe::7", {"ipv6": ("2001:db8:5::/48", "2001:db8:5::5", 3030)}),
}
WAYS = [(pe, family) for pe, (_, behind) in PES.items() for family in behind]
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
 ipv6 address 2001:db8::1/128
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
 ipv6 address 2001:db8:98::2/64
!
ip route 10.0.0.0/16 10.98.0.1
ipv6 route 2001:db8:fe::/47 2001:db8:98::1
transport udp 10.0.1.0/24
transport udp 2001:db8:ff::/48
transport udp 2001:db8:fe::/48 zero-checksum
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


def outer(source, destination, **fields):
    """The outer IP header; DF and identification 0 as RFC 7510 and RFC 6864 have them."""
    if ":" in source:
        return IPv6(**{"src": source, "dst": destination, "hlim": 64, **fields})
    return IP(**{"src": source, "dst": destination, "id": 0, "flags": "DF", "ttl": 64, **fields})


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
        self.core.ip("address", "add", "2001:db8:98::1/64", "dev", "eth0", "nodad")
        self.core.ip("address", "add", "10.0.0.9/32", "dev", "lo")
        self.core.ip("route", "add", "10.0.0.1/32", "via", "10.98.0.2", "src", "10.0.0.9")
        self.box.start()
        gobgp = GoBGP(lab, self.far, 65001, "10.99.0.1", "10.99.0.2", 42)
        gobgp.start()
        reflector = GoBGP(lab, self.core, 42, "10.0.0.9", "10.0.0.1", 42)
        reflector.start()
        routes = {"ipv4": ["192.0.2.0/24"], "ipv6": ["2001:db8:1::/48"]}
        for vrf, number in VRFS.items():
            rd, target = f"65001:{number}", f"42:{number}"
            gobgp.advertise("vpnv4", "192.0.2.0/24", FAR_LABEL[vrf], rd, target, "10.99.0.1")
            gobgp.advertise("vpnv6", "2001:db8:1::/48", FAR_LABEL[vrf], rd, target, "::ffff:10.99.0.1")
            for address, behind in PES.values():
                for family, (prefix, _, label) in behind.items():
                    next_hop = f"::ffff:{address}" if family == "ipv6" and ":" not in address else address
                    reflector.advertise(f"vpnv{family[-1]}", prefix, label + number, f"42:10{number}", target, next_hop)
                    routes[family].append(prefix)
        self.sockets = {port: self.wire.packet_socket(port) for port in ("p1", "p2")}
        self.sockets["p0"] = self.far.packet_socket("eth0")
        self.sockets["p3"] = self.core.packet_socket("eth0")
        self.mac = {port: address_of(self.box.ports, port) for port in ("p0", "p1", "p2", "p3")}
        self.far_mac = address_of(self.far, "eth0")
        self.core_mac = address_of(self.core, "eth0")
        for vrf in VRFS:
            for family in FAMILIES:
                for prefix in routes[family]:
                    self.box.wait(lambda: prefix in self.box.text("show", "routes", "vrf", vrf, family), f"{prefix} in {vrf}")
            mac, port = SITE_MAC[vrf], SITE_PORT[vrf]
            self.sockets[port].send(bytes(tagged("ff:ff:ff:ff:ff:ff", mac, [])
                                          / ARP(op=1, hwsrc=mac, psrc="10.1.0.2", pdst="10.1.0.1")))
            self.box.wait(lambda: any(entry.get("mac_address") == mac
                                      for entry in self.box.json("show", "neighbors")["neighbors"]), f"{mac} is known")
        self.box.wait(lambda: set(self.labels("core")) == set(VRFS), "labels for the core")

    def labels(self, nni):
        return {entry["vrf"]: entry["label"] for entry in self.box.json("show", "labels")["labels"]
                if entry["nni"] == nni}

    def from_far(self, vrf, inner, ttl=64):
        label = self.labels("ten1/0")[vrf]
        return bytes(Ether(dst=self.mac["p0"], src=self.far_mac, type=0x8847) / MPLS(label=label, cos=5, s=1, ttl=ttl)
                     / inner)

    def to_far(self, vrf, inner, ttl):
        return bytes(Ether(dst=self.far_mac, src=self.mac["p0"], type=0x8847)
                     / MPLS(label=FAR_LABEL[vrf], cos=5, s=1, ttl=ttl) / inner)

    def tunnelled(self, inner, vrf="red", source="10.0.1.7", labels=None, ttl=64, header=None, udp=None):
        """From a PE to the box. `header` are fields of the outer IP header, `udp` of the UDP header."""
        labels = labels or [self.labels("core")[vrf]]
        own = OWN["ipv6" if ":" in source else "ipv4"]
        frame = Ether(dst=self.mac["p3"], src=self.core_mac) / outer(source, own, **(header or {}))
        frame /= UDP(**({"sport": 50000, "dport": PORT} | ({"chksum": 0} if ":" not in source else {}) | (udp or {})))
        for position, label in enumerate(labels):
            frame /= MPLS(label=label, cos=5, s=int(position == len(labels) - 1), ttl=ttl)
        return bytes(frame / inner)

    def to_pe(self, arrived, pe, label, inner, ttl, cos=5, **header):
        """What must leave, with the flow's port, and over IPv6 its flow label, taken from what does."""
        address = PES[pe][0]
        got = Ether(arrived)
        assert 49152 <= got[UDP].sport <= 65535
        fields = {"tc": 0xB8, "fl": got[IPv6].fl} if ":" in address else {"tos": 0xB8}
        own = OWN["ipv6" if ":" in address else "ipv4"]
        udp = UDP(sport=got[UDP].sport, dport=PORT, **({} if pe == "ipv6" else {"chksum": 0}))
        return bytes(Ether(dst=self.core_mac, src=self.mac["p3"]) / outer(own, address, **(fields | header)) / udp
                     / MPLS(label=label, cos=cos, s=1, ttl=ttl) / inner)

    def send(self, port_in, frame, expected=1, seconds=3.0):
        """What arrives with the frame's payload: {port: [frame, …]}."""
        marker = frame[-24:]
        for socket in self.sockets.values():
            socket.drain()
        self.sockets[port_in].send(frame)
        found = {}
        end = time.monotonic() + (seconds if expected else 0.3)
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select(self.sockets.values(), [], [], left)
            for port, socket in self.sockets.items():
                if socket in ready and (arrived := socket.receive(0.001)) is not None and marker in arrived:
                    found.setdefault(port, []).append(arrived)
                    end = time.monotonic() + 0.15
        return found

    def expect(self, port_in, frame, port_out, expected):
        found = self.send(port_in, frame)
        assert found == {port_out: [expected]}, (
            {port: [item.hex() for item in items] for port, items in found.items()}, expected.hex())

    def expect_drop(self, port_in, frame, interface, reason):
        before = self.box.drops().get((interface, reason), 0)
        assert self.send(port_in, frame, 0) == {}
        self.box.wait(lambda: self.box.drops().get((interface, reason), 0) == before + 1, f"{reason} on {interface}")


@pytest.fixture(scope="module")
def core(lab):
    return Core(lab)


@pytest.mark.parametrize("pe, family", WAYS)
@pytest.mark.parametrize("vrf", VRFS)
def test_nni_to_a_pe(core, vrf, pe, family):
    marker = f"n-{pe} {vrf} {family}"
    _, host, label = PES[pe][1][family]
    inner = packet(family, FAR[family], host, 64, marker)
    found = core.send("p0", core.from_far(vrf, inner, 40))
    assert list(found) == ["p3"] and len(found["p3"]) == 1
    expected = core.to_pe(found["p3"][0], pe, label + VRFS[vrf], packet(family, FAR[family], host, 39, marker), 39)
    assert found["p3"][0].hex() == expected.hex()


@pytest.mark.parametrize("pe, family", WAYS)
@pytest.mark.parametrize("vrf", VRFS)
def test_a_pe_to_nni(core, vrf, pe, family):
    marker = f"{pe}-n {vrf} {family}"
    address, behind = PES[pe]
    inner = packet(family, behind[family][1], FAR[family], 64, marker)
    frame = core.tunnelled(inner, vrf, address, ttl=30, udp={"chksum": 0} if pe == "zero" else None)
    core.expect("p3", frame, "p0", core.to_far(vrf, packet(family, behind[family][1], FAR[family], 29, marker), 29))


def test_the_port_is_the_flows(core):
    ports = set()
    for number in range(16):
        inner = IP(src=FAR["ipv4"], dst="203.0.113.5", tos=0xB8) / UDP(sport=1000 + number, dport=2222) / Raw(b"flow".ljust(24, b"."))
        first, second = (Ether(core.send("p0", core.from_far("red", inner))["p3"][0])[UDP].sport for _ in range(2))
        assert first == second
        ports.add(first)
    assert len(ports) > 12


@pytest.mark.parametrize("vrf", VRFS)
def test_a_circuit_both_ways(core, vrf):
    marker, port = f"circuit {vrf}", SITE_PORT[vrf]
    host, label = PES["ipv4"][1]["ipv4"][1:]
    inner = packet("ipv4", SITE["ipv4"], host, 64, marker)
    found = core.send(port, bytes(tagged(core.mac[port], SITE_MAC[vrf], []) / inner))
    inner = packet("ipv4", SITE["ipv4"], host, 63, marker)
    assert found == {"p3": [core.to_pe(found["p3"][0], "ipv4", label + VRFS[vrf], inner, 63)]}
    back = packet("ipv4", host, SITE["ipv4"], 64, marker)
    expected = bytes(tagged(SITE_MAC[vrf], core.mac[port], []) / packet("ipv4", host, SITE["ipv4"], 63, marker))
    core.expect("p3", core.tunnelled(back, vrf), port, expected)


def test_what_a_policy_marks_is_the_outer_class(core):
    policy = "policy-map exp\n class class-default\n  set mpls experimental imposition 6\n"
    circuit = "interface ten1/1\n vrf definition red\n"
    core.box.replace(policy + CONFIGURATION.replace(circuit, circuit + " service-policy input exp\n"))
    host, label = PES["ipv4"][1]["ipv4"][1:]
    inner = packet("ipv4", SITE["ipv4"], host, 64, "marked")
    found = core.send("p1", bytes(tagged(core.mac["p1"], SITE_MAC["red"], []) / inner))
    inner = packet("ipv4", SITE["ipv4"], host, 63, "marked")
    assert found == {"p3": [core.to_pe(found["p3"][0], "ipv4", label + VRFS["red"], inner, 63, cos=6, tos=6 << 5)]}
    core.box.replace(CONFIGURATION)


def test_ip_checksums_are_taken_where_they_are_right(core):
    inner = packet("ipv4", "203.0.113.5", FAR["ipv4"], 64, "checksum")
    expected = core.to_far("red", packet("ipv4", "203.0.113.5", FAR["ipv4"], 63, "checksum"), 63)
    core.expect("p3", core.tunnelled(inner, udp={"chksum": None}), "p0", expected)
    inner = packet("ipv6", "2001:db8:5::5", FAR["ipv6"], 64, "checksum")
    expected = core.to_far("red", packet("ipv6", "2001:db8:5::5", FAR["ipv6"], 63, "checksum"), 63)
    core.expect("p3", core.tunnelled(inner, source="2001:db8:fe::7"), "p0", expected)


def test_what_is_in_a_tunnel_is_checked_as_a_label_of_the_core(core):
    label, inner = core.labels("core")["red"], packet("ipv4", "203.0.113.5", FAR["ipv4"], 64, "labels")
    for labels, reason in (([core.labels("ten1/0")["red"]], "label_not_valid_here"), ([0], "label_reserved"),
                           ([label, label], "label_stack_depth"), ([16007, label], "label_stack_depth")):
        core.expect_drop("p3", core.tunnelled(inner, labels=labels), "ten1/3", reason)
    across = packet("ipv4", "203.0.113.5", "203.0.113.9", 64, "core core")
    core.expect_drop("p3", core.tunnelled(across), "core vrf red", "core_to_core")


def refused():
    """What is not taken out of UDP: the frame's arguments, and the reason. Fragments are not there: the kernel's packet sockets,
    which are the ports here, put them together (PACKET_FANOUT_FLAG_DEFRAG); DropReasonTests has them."""
    options = {"options": [IPOption_NOP()] * 4}
    return {
        "another source": ({"source": "10.0.2.7"}, "tunnel_source_unlisted"),
        "another IPv6 source": ({"source": "2001:db8:fd::7"}, "tunnel_source_unlisted"),
        "to the link": ({"header": {"dst": "10.98.0.2"}}, "tunnel_not_here"),
        "to a customer": ({"header": {"dst": "192.0.2.5"}}, "tunnel_not_here"),
        "to the link by IPv6": ({"source": "2001:db8:ff::7", "header": {"dst": "2001:db8:98::2"}}, "tunnel_not_here"),
        "options": ({"header": options}, "tunnel_malformed"),
        "a long length": ({"udp": {"len": 200}}, "tunnel_malformed"),
        "a short length": ({"udp": {"len": 60}}, "tunnel_malformed"),
        "a wrong checksum": ({"udp": {"chksum": 0x1234}}, "tunnel_checksum_invalid"),
        "a wrong IPv6 checksum": ({"source": "2001:db8:ff::7", "udp": {"chksum": 0x1234}}, "tunnel_checksum_invalid"),
        "a wrong checksum where none is needed": ({"source": "2001:db8:fe::7", "udp": {"chksum": 0x1234}}, "tunnel_checksum_invalid"),
        "no checksum where one is needed": ({"source": "2001:db8:ff::7", "udp": {"chksum": 0}}, "tunnel_checksum_invalid"),
        "another port": ({"udp": {"dport": 6636}}, "unlabelled_from_core"),
    }


@pytest.mark.parametrize("name", refused())
def test_what_is_refused_has_its_reason(core, name):
    arguments, reason = refused()[name]
    inner = packet("ipv4", "203.0.113.5", FAR["ipv4"], 64, name[:20])
    core.expect_drop("p3", core.tunnelled(inner, **arguments), "ten1/3", reason)


def test_extension_headers_and_short_datagrams_are_refused(core):
    inner = packet("ipv6", "2001:db8:4::5", FAR["ipv6"], 64, "extension")
    frame = Ether(core.tunnelled(inner, source="2001:db8:ff::7"))
    payload = bytes(frame[UDP])
    options = bytes(Ether(dst=core.mac["p3"], src=core.core_mac)
                    / IPv6(src="2001:db8:ff::7", dst=OWN["ipv6"]) / IPv6ExtHdrDestOpt(nh=17) / Raw(payload))
    core.expect_drop("p3", options, "ten1/3", "tunnel_malformed")
    short = Ether(dst=core.mac["p3"], src=core.core_mac) / outer("10.0.1.7", OWN["ipv4"]) / UDP(sport=50000, dport=PORT, chksum=0) / Raw(b"abc")
    core.expect_drop("p3", bytes(short), "ten1/3", "tunnel_malformed")


def test_nothing_is_taken_out_of_udp_elsewhere(core):
    inner = packet("ipv4", "203.0.113.5", FAR["ipv4"], 64, "elsewhere")
    frame = Ether(core.tunnelled(inner))
    nni = bytes(Ether(dst=core.mac["p0"], src=core.far_mac) / frame[IP])
    core.expect_drop("p0", nni, "ten1/0", "unlabelled_on_nni")
    # Of a customer it is a packet to an address that his VRF does not have.
    circuit = bytes(tagged(core.mac["p1"], SITE_MAC["red"], []) / frame[IP])
    before = core.box.drops().get(("ten1/1", "no_route"), 0)  # of the packet, and of the error about it
    assert set(core.send("p1", circuit, 0)) <= {"p1"}
    core.box.wait(lambda: core.box.drops().get(("ten1/1", "no_route"), 0) == before + 2, "no route")
    other = Ether(core.tunnelled(inner))
    other.dst = "02:00:00:00:99:99"
    core.expect_drop("p3", bytes(other), "ten1/3", "not_for_this_mac")


@pytest.mark.parametrize("source, family", (("10.0.1.7", "ipv4"), ("2001:db8:ff::7", "ipv6")))
def test_congestion_is_told(core, source, family):
    """RFC 6040 §4.2, row by row."""
    host = PES[family][1][family][1]
    for inner_field in range(4):
        for outer_field in range(4):
            def inner(ttl, field):
                built = packet(family, host, FAR[family], ttl, f"ecn {inner_field} {outer_field}")
                setattr(built, "tos" if family == "ipv4" else "tc", 0xB8 | field)
                return built

            frame = core.tunnelled(inner(64, inner_field), source=source,
                                   header={"tos" if family == "ipv4" else "tc": outer_field})
            if outer_field == 3 and inner_field == 0:
                core.expect_drop("p3", frame, "ten1/3", "tunnel_congestion")
                continue
            field = 3 if outer_field == 3 else 1 if (outer_field, inner_field) == (1, 2) else inner_field
            core.expect("p3", frame, "p0", core.to_far("red", inner(63, field), 63))


def test_what_does_not_fit_is_answered_or_fragmented_before(core):
    """1500 octets less 20 + 8 + 4: 1468 fit, 1469 do not."""
    port, host = SITE_PORT["red"], PES["ipv4"][1]["ipv4"][1]
    for size, fragment, fits in ((1468, "DF", True), (1469, "DF", False), (1500, 0, True)):
        inner = IP(src=SITE["ipv4"], dst=host, flags=fragment) / ICMP() / (b"." * (size - 28))
        for socket in core.sockets.values():
            socket.drain()
        core.sockets[port].send(bytes(tagged(core.mac[port], SITE_MAC["red"], []) / inner))
        place = core.sockets["p3" if fits else port]
        frames = []
        while (arrived := place.receive(1)) is not None:
            if b"." * 8 in arrived:
                frames.append(Ether(arrived))
        if not fits:
            answer = frames[0][ICMP]
            assert (answer.type, answer.code, answer.nexthopmtu) == (3, 4, 1468)
        else:
            assert len(frames) == (1 if size == 1468 else 2)
            assert max(frame[IP].len for frame in frames) <= 1500
            assert all(frame[IP].flags == "DF" and frame[UDP].dport == PORT and frame[UDP].len == frame[IP].len - 20
                       for frame in frames)
            assert len({frame[UDP].sport for frame in frames}) == 1


def test_the_boxs_own_errors_go_by_the_tunnel(core):
    host, label = PES["ipv4"][1]["ipv4"][1:]
    inner = packet("ipv4", host, FAR["ipv4"], 64, "expired")
    arrived = core.send("p3", core.tunnelled(inner, ttl=1))["p3"]
    assert len(arrived) == 1
    got = Ether(arrived[0])
    assert (got[IP].src, got[IP].dst, got[UDP].dport) == (OWN["ipv4"], "10.0.1.7", PORT)
    stack = MPLS(bytes(got[UDP].payload))
    assert (stack.label, stack.s) == (label + VRFS["red"], 1)
    error = IP(bytes(stack.payload))
    assert (error.dst, error[ICMP].type) == (host, 11)


def test_isolation_and_explanations_name_the_tunnels(core):
    text = core.box.text("show", "isolation")
    assert "MPLS over UDP from 10.0.1.0/24 to 10.0.0.1" in text and "nothing crosses" in text, text
    assert "from 2001:db8:ff::/48 to 2001:db8::1 comes in by the core's labels, with checksums alone" in text, text
    label = core.labels("ten1/0")["red"]
    text = core.box.text("explain", "packet", "in", "ten1/0", "label", str(label), "src", FAR["ipv4"], "dst", "203.0.113.5")
    assert "10.0.1.7 with label 3001 in UDP from 10.0.0.1 to 10.0.1.7 by 10.98.0.1 on ten1/3 (MPLS over UDP)" in text, text
    assert "the common path, which" in text, text
    label = core.labels("core")["red"]
    text = core.box.text("explain", "packet", "in", "ten1/3", "label", str(label), "tunnel", "10.0.1.7", "src", "203.0.113.5",
                         "dst", FAR["ipv4"])
    assert "sent by ten1/0" in text, text
    text = core.box.command("explain", "packet", "in", "ten1/3", "label", str(label), "tunnel", "10.0.2.7", "src",
                            "203.0.113.5", "dst", FAR["ipv4"]).stdout
    assert "tunnel_source_unlisted" in text, text


def test_another_transport_is_used_at_once(core):
    host, label = PES["ipv4"][1]["ipv4"][1:]
    core.box.replace(CONFIGURATION + "mpls static binding ipv4 10.0.1.7/32 output 10.98.0.1 label 16007\n")
    inner = packet("ipv4", FAR["ipv4"], host, 64, "labels")
    expected = bytes(Ether(dst=core.core_mac, src=core.mac["p3"], type=0x8847) / MPLS(label=16007, cos=5, s=0, ttl=63)
                     / MPLS(label=label + 1, cos=5, s=1, ttl=63) / packet("ipv4", FAR["ipv4"], host, 63, "labels"))
    core.expect("p0", core.from_far("red", inner), "p3", expected)
    core.box.replace(CONFIGURATION.replace("transport udp 10.0.1.0/24\n", ""))
    core.box.wait(lambda: "203.0.113.0/24" not in core.box.text("show", "routes", "vrf", "red", "ipv4"), "unusable")
    core.expect_drop("p3", core.tunnelled(packet("ipv4", host, FAR["ipv4"], 64, "no more")), "ten1/3", "tunnel_not_here")
    core.box.replace(CONFIGURATION)
    core.box.wait(lambda: "203.0.113.0/24" in core.box.text("show", "routes", "vrf", "red", "ipv4"), "usable again")
    assert list(core.send("p0", core.from_far("red", inner))) == ["p3"]
