"""A VRF's services on its unit on the core, byte for byte: for packets from PEs to the far end, and from a circuit to PEs.

The network of test_core; red has the unit `interface ten1/3.5`, green's is implied.
"""

import time

import pytest
from frames_bench import check_six_against_a_burst_of_three, tagged
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.ipfix import Collector
from stilelab.namespaces import join
from test_core import BEHIND, CONFIGURATION, FAMILIES, FAR, FAR_LABEL, PE_LABEL, SITE, SITE_MAC, SITE_PORT, Core
from test_services import inner, udp

UNIT = "ten1/3.5"
DIRECTIONS = ("in", "out")
# Information elements (IANA).
PACKETS, INGRESS, PORT, EGRESS, INTERFACE_NAME = 2, 10, 11, 14, 82


class CoreServices(Core):
    def configure(self, definitions="", *lines):
        """Replaces the configuration by the common one with definitions and red's unit with these lines."""
        unit = f"interface {UNIT}\n vrf definition red\n" + "".join(f" {line}\n" for line in lines)
        self.box.replace(CONFIGURATION.replace("!\nrouter bgp", f"!\n{definitions}{unit}!\nrouter bgp"))
        self.box.wait(lambda: set(self.labels("core")) == {"red", "green"}, "labels for the core")

    def path(self, direction, family, upper, vrf="red", source=None, tos=0, label_class=0, out_tos=None, out_class=None):
        """A frame from or into the core, and the frame that must come out: ports and octets."""
        out_tos = tos if out_tos is None else out_tos
        out_class = out_tos >> 5 if out_class is None else out_class
        place = SITE if direction == "out" else BEHIND
        ends = (source or place[family], BEHIND[family] if direction == "out" else FAR[family])
        before = inner(family, *ends, 64, tos) / upper
        after = inner(family, *ends, 63, out_tos) / upper
        if direction == "out":
            port = SITE_PORT[vrf]
            return (port, bytes(tagged(self.mac[port], SITE_MAC[vrf], []) / before), "p3",
                    bytes(Ether(dst=self.core_mac, src=self.mac["p3"], type=0x8847)
                          / MPLS(label=16007, cos=out_class, s=0, ttl=63)
                          / MPLS(label=PE_LABEL[vrf], cos=out_class, s=1, ttl=63) / after))
        sent = (Ether(dst=self.mac["p3"], src=self.core_mac, type=0x8847)
                / MPLS(label=self.labels("core")[vrf], cos=label_class, s=1, ttl=64) / before)
        return "p3", bytes(sent), "p0", bytes(Ether(dst=self.far_mac, src=self.mac["p0"], type=0x8847)
                                              / MPLS(label=FAR_LABEL[vrf], cos=out_class, s=1, ttl=63) / after)

    def passes(self, *arguments, **options):
        self.expect(*self.path(*arguments, **options))

    def stops(self, reason, *arguments, **options):
        port, sent, _, _ = self.path(*arguments, **options)
        self.expect_drop(port, sent, UNIT, reason)

    def hits(self, name):
        entries = self.box.json("show", "access-lists", name)["entries"]
        return {entry.get("sequence"): entry["hit_packets"] for entry in entries}

    def classes(self):
        policies = self.box.json("show", "policy-map", "interface", UNIT)["policies"]
        assert [policy["vrf"] for policy in policies] == ["red"]
        return {entry["name"]: {colour: (entry[colour]["packets"], entry[colour]["bytes"])
                                for colour in ("green", "yellow", "red")} for entry in policies[0]["classes"]}

    def account(self):
        accounts = [entry for entry in self.box.json("show", "accounting", "vrf", "red")["interfaces"]
                    if entry["interface"] == UNIT]
        return [(accounts[0][way]["packets"], accounts[0][way]["bytes"]) for way in ("received", "sent")]


@pytest.fixture(scope="module")
def core(lab):
    return CoreServices(lab)


def policy(direction):
    return "service-policy " + {"in": "input", "out": "output"}[direction]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_an_access_list_lets_only_what_it_names_through(core, direction, family):
    kind, line = (("ip access-list extended", "ip access-group") if family == "ipv4"
                  else ("ipv6 access-list", "ipv6 traffic-filter"))
    name = f"probe-{direction}-{family}"
    core.configure(f"{kind} {name}\n 10 permit udp any any eq 2222\n", f"{line} {name} {direction}")
    marker = f"{direction} {family}"
    core.passes(direction, family, udp(2222, f"named {marker}"))
    core.stops("access_list_denied", direction, family, udp(2223, f"port {marker}"))
    core.stops("access_list_denied", direction, family,
               TCP(sport=1, dport=2222) / Raw(f"tcp {marker}".encode().ljust(24, b".")))
    assert core.hits(name) == {10: 1, None: 2}
    # Neither the other direction nor the other VRF feels anything of it.
    core.passes("out" if direction == "in" else "in", family, udp(2223, f"other {marker}"))
    core.passes(direction, family, udp(2223, f"green {marker}"), vrf="green")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_policer_lets_its_burst_through_and_counts(core, direction, family):
    """80 kbit/s is ten packets of 1,000 octets a second: of six at once the burst's three pass, and what comes in while they
    do."""
    core.configure("policy-map slow\n class class-default\n"
                   "  police cir 80000 bc 3000 conform-action transmit exceed-action drop\n", f"{policy(direction)} slow")
    header = 20 if family == "ipv4" else 40
    port, sent, port_out, expected = core.path(
        direction, family, udp(2222, f"police {direction} {family}", 1000 - header - 8))
    for socket in core.sockets.values():
        socket.drain()
    before = core.classes()["class-default"]
    time.sleep(0.35)
    check_six_against_a_burst_of_three(core.sockets[port], sent, core.sockets[port_out], expected,
                                       before, lambda: core.classes()["class-default"])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_policy_marks_what_its_class_matches(core, direction, family):
    core.configure("class-map match-all voice\n match dscp ef\npolicy-map mark\n class voice\n  set dscp cs5\n",
                   f"{policy(direction)} mark")
    core.passes(direction, family, udp(2222, f"voice {direction} {family}"), tos=0xB8, out_tos=0xA0)
    core.passes(direction, family, udp(2222, f"data {direction} {family}"), tos=0x28)


@pytest.mark.parametrize("family", FAMILIES)
def test_all_labels_have_the_class_that_a_policy_sets(core, family):
    core.configure("policy-map exp\n class class-default\n  set mpls experimental imposition 6\n",
                   "service-policy output exp")
    core.passes("out", family, udp(2222, f"exp {family}"), tos=0x28, out_class=6)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_class_matches_the_received_label(core, family):
    core.configure("class-map match-all gold\n match mpls experimental topmost 4\n"
                   "policy-map by-label\n class gold\n  set dscp af41\n", "service-policy input by-label")
    core.passes("in", family, udp(2222, f"gold {family}"), label_class=4, out_tos=34 << 2)
    core.passes("in", family, udp(2222, f"lead {family}"), label_class=3)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("mode, out_tos", [("uniform", 5 << 5), ("pipe", 0x28), ("short-pipe", 0x28)])
def test_tunnel_modes_of_rfc_3270(core, mode, out_tos, family):
    core.configure("", f"mpls diffserv-mode {mode}")
    core.passes("in", family, udp(2222, f"{mode} {family}"), label_class=5, tos=0x28, out_tos=out_tos)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("mode, elsewhere, here", [("rx", False, False), ("feasible", True, False), ("any", True, True)])
def test_a_spoofed_source_does_not_pass(core, mode, elsewhere, here, family):
    """Strict: routed back into the core, to whichever PE. Feasible: or to an NNI, since what is behind one may come by another
    border router. Loose: routed at all."""
    core.configure("", f"{'ip' if family == 'ipv4' else 'ipv6'} verify unicast source reachable-via {mode}")
    second = family == "ipv6"
    sources = {"true": (None, True), "unrouted": (("203.0.114.7", "2001:db8:ffff::7")[second], False),
               "far": (("192.0.2.77", "2001:db8:1::77")[second], elsewhere),
               "site": (("10.1.0.77", "fd00:1::77")[second], here)}
    for name, (source, is_taken) in sources.items():
        packet = udp(2222, f"{name} {mode} {family}")
        if is_taken:
            core.passes("in", family, packet, source=source)
        else:
            core.stops("reverse_path_failed", "in", family, packet, source=source)


def test_what_passes_is_accounted_to_the_unit(core):
    core.configure()
    before = core.account()
    frames = {"in": [], "out": []}
    for direction in DIRECTIONS:
        for family in FAMILIES:
            path = core.path(direction, family, udp(2222, f"billed {direction} {family}"))
            core.expect(*path)
            frames[direction].append(len(path[1] if direction == "in" else path[3]))
    wanted = [(len(octets), sum(octets)) for octets in (frames["in"], frames["out"])]
    found = lambda: [tuple(now - then for now, then in zip(*pair)) for pair in zip(core.account(), before)]
    core.box.wait(lambda: found() == wanted, f"{wanted}, not {found()}", 10)
    status = core.box.json("show", "interfaces", UNIT)["interfaces"][0]
    assert (status["kind"], status["nni"], status["vrf"], status["is_implied"]) == ("unit", "core", "red", False)


def test_flows_name_the_unit(core, lab):
    observer = lab.namespace("observer")
    join(observer, "eth0", core.box.namespace, "mgmt")
    observer.ip("address", "add", "10.9.9.2/24", "dev", "eth0")
    core.box.namespace.ip("address", "add", "10.9.9.1/24", "dev", "mgmt")
    collector = Collector(lab, observer)
    unit = f"interface {UNIT}\n vrf definition red\n"
    text = CONFIGURATION.replace("!\nrouter bgp", f"!\n{unit}!\nrouter bgp")
    text = text.replace("ip vrf red\n", "flow exporter collector\n destination 10.9.9.2\n transport udp\n"
                        " template-interval 2\nflow monitor customers\n exporter collector\n cache timeout inactive 1\n"
                        "ip vrf red\n flow monitor customers\n")
    core.box.replace(text)
    core.passes("in", "ipv4", udp(2301, "flow in"))
    core.passes("out", "ipv6", udp(2302, "flow out"))

    def flows(port):
        return [record for record in collector.records() if record.get(PORT) == port]

    core.box.wait(lambda: flows(2301) and flows(2302), "both flows", 15)
    names = lambda: {record[INGRESS]: record[INTERFACE_NAME] for record in collector.records() if INTERFACE_NAME in record}
    core.box.wait(lambda: b"ten1/3.5" in names().values(), "the unit's name", 15)
    (came,), (left,) = flows(2301), flows(2302)
    assert names()[came[INGRESS]] == b"ten1/3.5" and came[PACKETS] == 1
    assert names()[left[EGRESS]] == b"ten1/3.5" and left[PACKETS] == 1


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_route_map_sends_elsewhere_in_the_vrf(core, direction):
    """To the site on the circuit: what came from a PE for the far end, and what came from the far end for a PE."""
    core.configure("ip access-list extended steered\n 10 permit udp any any eq 2224\n"
                   "route-map site permit 10\n match ip address steered\n set ip next-hop 10.1.0.2\n",
                   "ip policy route-map site" + (" out" if direction == "out" else ""))
    ends = (BEHIND["ipv4"], FAR["ipv4"]) if direction == "in" else (FAR["ipv4"], BEHIND["ipv4"])
    upper = udp(2224, f"steered {direction}")
    port, label = ("p3", core.labels("core")["red"]) if direction == "in" else ("p0", core.labels("ten1/0")["red"])
    source = core.core_mac if direction == "in" else core.far_mac
    sent = (Ether(dst=core.mac[port], src=source, type=0x8847) / MPLS(label=label, s=1, ttl=64)
            / inner("ipv4", *ends, 64) / upper)
    expected = tagged(SITE_MAC["red"], core.mac["p1"], []) / inner("ipv4", *ends, 63) / upper
    core.expect(port, bytes(sent), "p1", bytes(expected))
    core.passes(direction, "ipv4", udp(2225, f"not steered {direction}"))


def test_explain_names_the_unit_and_the_entry(core):
    core.configure("ip access-list extended named\n 10 permit udp any any eq 2222\n 20 deny ip any any\n",
                   "ip access-group named in", "ip access-group named out")
    label = str(core.labels("core")["red"])
    for words in (("in", "ten1/3", "label", label, "src", BEHIND["ipv4"], "dst", FAR["ipv4"]),
                  ("in", "ten1/1", "src", SITE["ipv4"], "dst", BEHIND["ipv4"])):
        denied = core.box.command("explain", "packet", *words)
        assert denied.returncode == 9
        assert "access_list_denied" in denied.stdout and "named" in denied.stdout, denied.stdout
    assert not core.box.json("show", "isolation")["violations"]


def test_a_unit_that_is_shut_down_takes_its_vrf_out_of_the_core(core):
    unit = f"interface {UNIT}\n vrf definition red\n shutdown\n"
    core.box.replace(CONFIGURATION.replace("!\nrouter bgp", f"!\n{unit}!\nrouter bgp"))
    core.box.wait(lambda: set(core.labels("core")) == {"green"}, "red has no label for the core")
    core.box.wait(lambda: "203.0.113.0/24" not in core.routes("red", "ipv4"), "red has no route from the core")
    core.passes("out", "ipv4", udp(2222, "green goes on"), vrf="green")
    core.configure()
    core.box.wait(lambda: "203.0.113.0/24" in core.routes("red", "ipv4"), "the route is back")
    core.passes("out", "ipv4", udp(2222, "red is back"))
    core.passes("in", "ipv4", udp(2222, "red is back in"))
