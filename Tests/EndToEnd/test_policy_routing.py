"""Policy-based routing on real processes: frames in and the frames that must come out, made by scapy, in both families,
on a unit, on an NNI (for the VRF that has no unit there) and on a circuit."""

import json

import pytest
from frames_bench import CONFIGURATION, FAMILIES, FAR, FAR_LABEL, PLACES, tagged
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from test_services import CUSTOMERS, INTERFACES, ServiceBench, inner, udp

# Where packets of the place go by policy: another host of the VRF than by destination. Of green, a second one of its
# circuit.
BESIDE = {"unit": "qinq", "nni": "green beside", "circuit": "untagged"}
HOSTS = {
    **PLACES,
    "green beside": ("p2", [50], "10.2.0.9", "fd00:2::9", "02:00:00:00:05:09"),
    # Comes later than the others.
    "late": ("p2", [40, 7], "10.3.0.7", "fd00:3::7", "02:00:00:00:03:07"),
}
KEYWORD = {"ipv4": "ip", "ipv6": "ipv6"}


class PolicyBench(ServiceBench):
    places = HOSTS
    late = ("late",)

    def attach(self, place, entries, family, definitions="", direction=""):
        """Puts a route map with the entries on the place."""
        text = definitions + "".join(f"route-map probe {head}\n" + "".join(f" {line}\n" for line in lines)
                                     for head, lines in entries)
        self.configure(text, **{place: [f"{KEYWORD[family]} policy route-map probe {direction}".rstrip()]})

    def by_policy(self, place, family, upper, host=None, ttl=64, tos=0, out_tos=None):
        """A frame that comes in at the place, and the one that must leave to the host."""
        port, sent, _, _ = self.path(place, "in", family, upper, ttl=ttl, tos=tos)
        host = host or BESIDE[place]
        out, tags, _, _, mac = HOSTS[host]
        self.introduce(host)
        self.resolve(host, family)
        _, customer = CUSTOMERS[place]
        own = HOSTS[customer][2 if family == "ipv4" else 3]
        ends = (own, FAR[family]) if place == "circuit" else (FAR[family], own)
        after = inner(family, *ends, ttl - 1, tos if out_tos is None else out_tos) / upper
        return port, sent, out, bytes(tagged(mac, self.mac[out], tags) / after)

    def goes_by_policy(self, *arguments, **options):
        self.expect(*self.by_policy(*arguments, **options))

    def entries(self):
        """{sequence: (packets, of them without a next hop)} of the route map, over all places."""
        maps = self.box.json("show", "route-map", "probe")["route_maps"]
        return {entry["sequence"]: tuple(sum(place[key]["packets"] for place in entry["attachments"])
                                         for key in ("matched", "without_next_hop")) for entry in maps[0]["entries"]}


def neighbor(host, family):
    return HOSTS[host][2 if family == "ipv4" else 3]


@pytest.fixture(scope="module")
def bench(lab):
    return PolicyBench(lab)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("place", INTERFACES)
def test_the_next_hop_of_the_entry_that_a_packet_meets_takes_it(bench, place, family):
    definitions = ("ip access-list extended chosen\n 10 permit udp any any eq 2222\n" if family == "ipv4"
                   else "ipv6 access-list chosen\n 10 permit udp any any eq 2222\n")
    keyword = KEYWORD[family]
    bench.attach(place, [
        ("permit 10", [f"match {keyword} address chosen", f"set {keyword} next-hop {neighbor(BESIDE[place], family)}",
                       "set ip dscp af11"]),
        ("deny 20", ["match length 100 200"]),
        ("permit 30", ["match length 0 300", f"set {keyword} next-hop {neighbor(BESIDE[place], family)}"]),
    ], family, definitions)
    name = f"{place} {family}"
    before = bench.entries()
    bench.goes_by_policy(place, family, udp(2222, f"policy {name}"), tos=0xB8, out_tos=10 << 2)
    bench.passes(place, "in", family, udp(2223, f"denied {name}", 100))
    bench.goes_by_policy(place, family, udp(2223, f"length {name}"))
    bench.passes(place, "in", family, udp(2223, f"long {name}", 400))
    after = bench.entries()
    assert {key: after[key][0] - before[key][0] for key in after} == {10: 1, 20: 1, 30: 1}
    # What leaves has no route map.
    bench.passes(place, "out", family, udp(2222, f"out {name}"))


@pytest.mark.parametrize("family", FAMILIES)
def test_what_would_leave_by_the_unit_goes_to_a_host_of_the_vrf_instead(bench, family):
    """A scrubbing host, say: from the customer's circuit it sees what is for the far end, and nothing else."""
    keyword, host = KEYWORD[family], "qinq"
    bench.attach("unit", [("permit 10", ["match length 0 100", f"set {keyword} next-hop {neighbor(host, family)}"]),
                          ("permit 20", ["match length 300 400", "set interface null0"])], family, direction="out")
    out, tags, _, _, mac = HOSTS[host]
    before, dropped = bench.entries(), bench.drops("route_map_discarded")
    upper = udp(2222, f"out {family}")
    # Not for what comes in by the unit.
    bench.passes("unit", "in", family, upper)
    bench.introduce(host)
    bench.resolve(host, family)
    port, sent, _, _ = bench.path("unit", "out", family, upper)
    own = PLACES[CUSTOMERS["unit"][1]][2 if family == "ipv4" else 3]
    bench.expect(port, sent, out,
                 bytes(tagged(mac, bench.mac[out], tags) / inner(family, own, FAR[family], 63) / upper))
    bench.passes("unit", "out", family, udp(2222, f"between {family}", 200))
    bench.stops("unit", "out", family, udp(2222, f"to null0 {family}", 300))
    after = bench.entries()
    assert {key: after[key][0] - before[key][0] for key in after} == {10: 1, 20: 1}
    assert bench.drops("route_map_discarded") == dropped + 1
    shown = bench.box.json("show", "route-map", "probe")["route_maps"][0]["entries"][0]["attachments"]
    assert [(place["interface"], place["direction"]) for place in shown] == [(INTERFACES["unit"], "output")]
    status = bench.box.json("show", "interfaces", INTERFACES["unit"])["interfaces"][0]["services"]
    assert status[f"route_map_out_{family}"] == "probe"


@pytest.mark.parametrize("family", FAMILIES)
def test_what_would_leave_by_a_circuit_goes_by_the_unit_with_its_label(bench, family):
    keyword, far = KEYWORD[family], FAR[family]
    bench.attach("circuit", [("permit 10", [f"set {keyword} next-hop recursive {far}"])], family, direction="out")
    port, tags, ipv4, ipv6, mac = HOSTS["qinq"]
    source = ipv4 if family == "ipv4" else ipv6
    destination = PLACES[CUSTOMERS["circuit"][1]][2 if family == "ipv4" else 3]
    upper = udp(2222, f"back to the far end {family}")
    bench.introduce(CUSTOMERS["circuit"][1])
    bench.resolve(CUSTOMERS["circuit"][1], family)
    sent = tagged(bench.mac[port], mac, tags) / inner(family, source, destination, 64) / upper

    def expected(source):
        link = Ether(src=bench.mac["p0"], dst=bench.far_mac, type=0x8847) / MPLS(label=FAR_LABEL["red"], s=1, ttl=63)
        return bytes(link / inner(family, source, destination, 63) / upper)

    bench.expect(port, bytes(sent), "p0", expected(source))
    # What came from the far end goes back there, since red has transit; the unit tests have a VRF without.
    port, sent, _, _ = bench.path("circuit", "out", family, upper)
    bench.expect(port, sent, "p0", expected(far))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_next_hop_that_is_down_leaves_packets_to_the_next_one_or_to_the_lookup(bench, family):
    keyword = KEYWORD[family]
    up = neighbor("qinq", family)
    absent = neighbor("late", family)
    bench.attach("unit", [("permit 10", [f"set {keyword} next-hop {absent}"])], family)
    before = bench.entries()[10]
    bench.passes("unit", "in", family, udp(2222, f"absent {family}"))
    assert tuple(now - then for now, then in zip(bench.entries()[10], before)) == (1, 1)
    bench.attach("unit", [("permit 10", [f"set {keyword} next-hop {absent} {up}"])], family)
    bench.goes_by_policy("unit", family, udp(2222, f"second {family}"))
    assert tuple(now - then for now, then in zip(bench.entries()[10], before)) == (2, 1)
    shown = bench.box.json("show", "route-map", "probe")["route_maps"][0]["entries"][0]["attachments"][0]["next_hops"]
    assert [(hop["address"], hop["interface"], hop["is_up"]) for hop in shown] == [
        (absent, "ten1/2.40", False), (up, "ten1/2.40", True)]
    # The host appears.
    bench.goes_by_policy("unit", family, udp(2222, f"arrived {family}"), host="late")
    # Its circuit goes down.
    text = open(bench.box.configuration_file).read()
    bench.box.replace(text.replace("interface ten1/2.40\n", "interface ten1/2.40\n shutdown\n"))
    bench.passes("unit", "in", family, udp(2222, f"shut down {family}"))


@pytest.mark.parametrize("family", FAMILIES)
def test_where_an_address_is_routed_by_the_nni_packets_leave_with_its_label(bench, family):
    """What is for a neighbor of the VRF's own goes by the far end: a scrubbing center there, say."""
    keyword, far = KEYWORD[family], FAR[family]
    bench.attach("circuit", [("permit 10", ["match length 0 100", f"set {keyword} next-hop recursive {far}"])], family)
    shown = bench.box.json("show", "route-map", "probe")["route_maps"][0]["entries"][0]["attachments"][0]["next_hops"]
    assert [(hop["address"], hop["interface"], hop["is_recursive"], hop["is_up"]) for hop in shown] == [
        (far, "ten1/0.1", True, True)]
    port, tags, ipv4, ipv6, mac = PLACES["dot1q"]
    own = ipv4 if family == "ipv4" else ipv6
    upper = udp(2222, f"by the far end {family}")
    sent = tagged(bench.mac[port], mac, tags) / inner(family, own, neighbor("qinq", family), 64) / upper
    expected = (Ether(src=bench.mac["p0"], dst=bench.far_mac, type=0x8847) / MPLS(label=FAR_LABEL["red"], s=1, ttl=63)
                / inner(family, own, neighbor("qinq", family), 63) / upper)
    bench.expect(port, bytes(sent), "p0", bytes(expected))
    # An address without a route takes nothing.
    nowhere = "203.0.113.1" if family == "ipv4" else "2001:db8:ffff::1"
    bench.attach("circuit", [("permit 10", [f"set {keyword} next-hop recursive {nowhere}"])], family)
    before = bench.entries()[10]
    bench.passes("circuit", "in", family, udp(2222, f"by nobody {family}"))
    assert tuple(now - then for now, then in zip(bench.entries()[10], before)) == (1, 1)


def test_a_link_that_is_lost_leaves_packets_to_the_lookup(bench):
    """Long before its neighbors have been asked in vain."""
    bench.attach("unit", [("permit 10", ["set ip next-hop 10.3.0.2"])], "ipv4")
    bench.goes_by_policy("unit", "ipv4", udp(2222, "before the loss"))
    # A socket of an interface that goes down is of no use any more.
    bench.sockets.pop("p2").close()
    bench.wire.ip("link", "set", "p2", "down")
    bench.box.wait(lambda: not bench.box.json("show", "route-map")["route_maps"][0]["entries"][0]["attachments"][0]
                   ["next_hops"][0]["is_up"], "the loss of the link")
    bench.passes("unit", "in", "ipv4", udp(2222, "after the loss"))
    bench.wire.ip("link", "set", "p2", "up")
    bench.box.wait(lambda: {port["name"]: port["state"] for port in bench.box.json("show", "ports")["ports"]}
                   ["ten1/2"] == "up", "the link")
    bench.sockets["p2"] = bench.wire.packet_socket("p2")

    def is_back():
        # The host is heard again only when the port receives again.
        bench.introduce(BESIDE["unit"])
        return (bench.box.json("show", "route-map")["route_maps"][0]["entries"][0]["attachments"][0]
                ["next_hops"][0]["is_up"])

    bench.box.wait(is_back, "the next hop is used again")
    bench.goes_by_policy("unit", "ipv4", udp(2222, "after it is back"))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("place", INTERFACES)
def test_null0_takes_what_the_entry_names(bench, place, family):
    bench.attach(place, [("permit 10", ["match length 0 100", "set interface null0"])], family)
    before = bench.drops("route_map_discarded")
    bench.stops(place, "in", family, udp(2222, f"null {place} {family}"))
    bench.passes(place, "in", family, udp(2222, f"long {place} {family}", 200))
    assert bench.drops("route_map_discarded") == before + 1


@pytest.mark.parametrize("family", FAMILIES)
def test_the_box_answers_its_neighbors_whatever_the_map_says(bench, family):
    bench.attach("circuit", [("permit 10", ["set interface null0"])], family)
    port, tags, ipv4, ipv6, mac = PLACES["dot1q"]
    bench.introduce("dot1q")
    bench.resolve("dot1q", family)
    own, gateway = (ipv4, ipv4[:-1] + "1") if family == "ipv4" else (ipv6, ipv6[:-1] + "1")
    body = Raw(f"to the box {family}".encode().ljust(24, b"."))
    if family == "ipv4":
        echo = IP(src=own, dst=gateway) / ICMP(type=8, id=1, seq=1) / body
    else:
        echo = IPv6(src=own, dst=gateway) / ICMPv6EchoRequest(id=1, seq=1) / body
    for socket in bench.sockets.values():
        socket.drain()
    bench.sockets[port].send(bytes(tagged(bench.mac[port], mac, tags) / echo))
    answers = []
    while (frame := bench.sockets[port].receive(1.0)) is not None:
        if bytes(body) in frame and frame[:6] == bytes.fromhex(mac.replace(":", "")):
            answers.append(frame)
            break
    assert answers


def with_permission(source, target):
    """The common configuration in which the target takes packets of the source, and green has a route of its own."""
    head = f"ip vrf {target}\n"
    assert CONFIGURATION.count(head) == 1
    return CONFIGURATION.replace(head, f"{head} policy-route from {source}\n")


@pytest.mark.parametrize("family", FAMILIES)
def test_another_vrf_takes_packets_by_its_own_routes_and_label(bench, family):
    text = with_permission("red", "green")
    text = text.replace(f"interface {INTERFACES['circuit']}\n",
                        f"interface {INTERFACES['circuit']}\n {KEYWORD[family]} policy route-map probe\n")
    text = text.replace("!\nrouter bgp", "!\nroute-map probe permit 10\n set vrf green\n!\nrouter bgp")
    bench.box.replace(text)
    upper = udp(2222, f"into green {family}")
    port, sent, _, expected = bench.path("circuit", "in", family, upper)
    frame = Ether(expected)
    frame[MPLS].label = FAR_LABEL["green"]
    bench.expect(port, sent, "p0", bytes(frame))
    reach = {vrf["vrf"]: vrf for vrf in bench.box.json("show", "isolation")["vrfs"]}
    assert reach["red"]["policy_route_targets"] == ["green"]
    assert reach["green"]["policy_route_targets"] == []
    assert bench.box.json("show", "isolation")["violations"] == []


def test_a_packet_from_an_nni_does_not_get_to_an_nni_through_another_vrf(bench):
    """Green has no transit: what it is given of red's from the far end may reach its circuits, and no NNI."""
    text = with_permission("red", "green").replace(
        f"interface {INTERFACES['unit']}\n", f"interface {INTERFACES['unit']}\n ip policy route-map probe\n")
    text = text.replace("!\nrouter bgp", "!\nroute-map probe permit 10\n set vrf green\n!\nrouter bgp")
    bench.box.replace(text)
    before = bench.drops("transit_not_allowed")
    label = MPLS(label=bench.labels("ten1/0")["red"], s=1, ttl=64)
    link = Ether(src=bench.far_mac, dst=bench.mac["p0"], type=0x8847) / label
    back = inner("ipv4", "192.0.2.9", FAR["ipv4"], 64) / udp(2222, "back to the far end")
    bench.expect("p0", bytes(link / back), None, None)
    assert bench.drops("transit_not_allowed") == before + 1
    bench.introduce("green")
    bench.resolve("green", "ipv4")
    port, tags, ipv4, _, mac = PLACES["green"]
    there = udp(2222, "to a circuit of green")
    bench.expect("p0", bytes(link / inner("ipv4", FAR["ipv4"], ipv4, 64) / there), port,
                 bytes(tagged(mac, bench.mac[port], tags) / inner("ipv4", FAR["ipv4"], ipv4, 63) / there))


def test_a_map_of_one_customer_is_not_felt_by_another(bench):
    bench.attach("unit", [("permit 10", ["set interface null0"])], "ipv4")
    bench.stops("unit", "in", "ipv4", udp(2222, "red in"))
    bench.passes("unit", "out", "ipv4", udp(2222, "red out"))
    bench.passes("nni", "in", "ipv4", udp(2222, "green in"))
    bench.passes("circuit", "in", "ipv4", udp(2222, "red's circuit in"))
    bench.passes("unit", "in", "ipv6", udp(2222, "red in v6"))


def test_counters_are_shown_cleared_and_kept_over_a_restart(bench):
    bench.attach("circuit", [("permit 10", ["match length 0 100"])], "ipv4")
    bench.box.text("clear", "route-map", "counters", "probe")
    bench.passes("circuit", "in", "ipv4", udp(2222, "counted"))
    assert bench.entries() == {10: (1, 0)}
    text = bench.box.text("show", "route-map", "probe")
    assert "route map probe" in text and "ten1/2.30" in text and "match length 0 100" in text
    bench.box.kill_control()
    bench.box.start_control()
    bench.box.wait(lambda: bench.entries() == {10: (1, 0)}, "the control process")
    bench.box.text("clear", "route-map", "counters")
    assert bench.entries() == {10: (0, 0)}
    assert bench.box.command("show", "route-map", "missing").returncode == 7


def test_explain_names_the_entry_and_its_line(bench):
    bench.introduce("qinq")
    bench.attach("circuit", [("permit 10", ["match length 0 100", "set ip next-hop 10.3.0.2"]),
                             ("permit 20", ["set ip next-hop 10.3.0.7"])], "ipv4")
    bench.box.wait(lambda: bench.box.json("show", "route-map")["route_maps"][0]["entries"][0]["attachments"][0]
                   ["next_hops"][0]["is_up"], "the next hop")
    words = ("explain", "packet", "in", "ten1/2.30", "src", "10.2.0.2", "dst", "192.0.2.5")
    lines = open(bench.box.configuration_file).read().split("\n")

    def services(*more):
        # Whether there is a route behind it makes no difference here.
        steps = json.loads(bench.box.command("--json", *words, *more).stdout)["steps"]
        return next(step for step in steps if step["stage"] == "services")

    taken = services()
    assert "route map probe: permit 10" in taken["entry"] and "10.3.0.2 on ten1/2.40" in taken["entry"]
    fallen = services("length", "200")
    assert "route map probe: permit 20" in fallen["entry"] and "no next hop is up" in fallen["entry"]
    assert fallen["configuration_line"].endswith(f":{lines.index('route-map probe permit 20') + 1}")


BAD = [
    ("interface ten1/1\n ip policy route-map missing\n", "", "missing"),
    ("", "route-map m permit 10\n match ip address missing\n", "missing"),
    ("", "route-map m permit 10\n set vrf missing\n", "missing"),
    ("", "route-map m permit 10\n set ip next-hop fd00::1\n", "fd00::1"),
    ("", "route-map m permit 10\nroute-map m deny 10\n", "sequence number 10"),
    ("", "route-map m permit 10\n match length 9 8\n", "9 to 65535"),
    ("", "route-map m deny 10\n set interface null0\n", "deny"),
    ("interface ten1/1\n ip policy route-map m out\n", "route-map m permit 10\n set vrf red\n", "without 'out'"),
    # Green's configuration does not say that it takes red's packets.
    ("interface ten1/1\n ip policy route-map m\n", "route-map m permit 10\n set vrf green\n", "policy-route from red"),
    ("interface ten1/0\n ip policy route-map m\n", "route-map m permit 10\n set vrf red\n", "policy-route from green"),
]


@pytest.mark.parametrize("interface, definition, named", BAD)
def test_what_is_wrong_is_refused_with_its_line_and_nothing_is_applied(bench, interface, definition, named):
    bench.configure()
    running = bench.box.text("show", "running-config")
    text = CONFIGURATION.replace("!\nrouter bgp", f"!\n{definition}!\nrouter bgp")
    if interface:
        head = interface.split("\n")[0] + "\n"
        text = text.replace(head, interface, 1)
    bench.box.write_configuration(text)
    refused = bench.box.command("config", "replace", bench.box.configuration_file)
    assert refused.returncode == 3
    assert named in refused.stdout + refused.stderr and "stile.conf:" in refused.stdout + refused.stderr
    assert bench.box.text("show", "running-config") == running
