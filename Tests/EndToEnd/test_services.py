"""A customer's own services on real processes: for each of them frames in and the frames that must come out, made by
scapy, in both families and directions, on a unit, on an NNI (for the VRF that has no unit there) and on a circuit."""

import re
import time

import pytest
from frames_bench import Bench, CONFIGURATION, FAMILIES, FAR, FAR_LABEL, PLACES, check_six_against_a_burst_of_three, tagged
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6, IPv6ExtHdrFragment
from scapy.layers.l2 import Ether
from scapy.packet import Raw

INTERFACES = {"unit": "ten1/0.1", "nni": "ten1/0", "circuit": "ten1/2.30"}
# Whose frames come by the unit, by the NNI itself, and by the circuit: the VRF, and the place of its customer.
CUSTOMERS = {"unit": ("red", "untagged"), "nni": ("green", "green"), "circuit": ("red", "dot1q")}
EVERYWHERE = [(place, direction) for place in INTERFACES for direction in ("in", "out")]


class ServiceBench(Bench):
    def configure(self, definitions="", **lines):
        """Replaces the configuration by the common one with definitions and with lines of the interfaces named."""
        text = CONFIGURATION
        for place, added in lines.items():
            head = f"interface {INTERFACES[place]}\n"
            assert text.count(head) == 1
            text = text.replace(head, head + "".join(f" {line}\n" for line in added))
        self.box.replace(text.replace("!\nrouter bgp", f"!\n{definitions}!\nrouter bgp"))

    def path(self, place, direction, family, upper, ttl=64, source=None, tos=0, label_class=0, out_tos=None,
             out_class=None):
        """A frame that passes `place` in this direction, and the frame that must come out: its ports and octets."""
        vrf, customer = CUSTOMERS[place]
        port, tags, ipv4, ipv6, mac = PLACES[customer]
        own = ipv4 if family == "ipv4" else ipv6
        # On the circuit, in is from the customer; on unit and NNI, in is from the far end.
        from_customer = (direction == "in") == (place == "circuit")
        ends = (own, FAR[family]) if from_customer else (FAR[family], own)
        source = source or ends[0]
        out_tos = tos if out_tos is None else out_tos
        before = inner(family, source, ends[1], ttl, tos) / upper
        after = inner(family, source, ends[1], ttl - 1, out_tos) / upper
        if from_customer:
            sent = tagged(self.mac[port], mac, tags) / before
            expected = (Ether(src=self.mac["p0"], dst=self.far_mac, type=0x8847)
                        / MPLS(label=FAR_LABEL[vrf], cos=out_tos >> 5 if out_class is None else out_class, s=1,
                               ttl=ttl - 1) / after)
            return port, bytes(sent), "p0", bytes(expected)
        # Nobody answers the box's probes here: a host that was silent for a while is forgotten.
        self.introduce(customer)
        self.resolve(customer, family)
        sent = (Ether(src=self.far_mac, dst=self.mac["p0"], type=0x8847)
                / MPLS(label=self.labels("ten1/0")[vrf], cos=label_class, s=1, ttl=ttl) / before)
        return "p0", bytes(sent), port, bytes(tagged(mac, self.mac[port], tags) / after)

    def passes(self, *arguments, **options):
        self.expect(*self.path(*arguments, **options))

    def stops(self, *arguments, **options):
        port, sent, _, _ = self.path(*arguments, **options)
        self.expect(port, sent, None, None)

    def drops(self, reason):
        return sum(entry["packets"] for entry in self.box.json("show", "drops")["drops"] if entry["reason"] == reason)

    def hits(self, name):
        """{sequence: packets} of an access list; None is the deny at its end."""
        entries = self.box.json("show", "access-lists", name)["entries"]
        return {entry.get("sequence"): entry["hit_packets"] for entry in entries}

    def classes(self, place):
        """{class: {colour: (packets, octets)}} of the one policy that the place's packets meet."""
        policies = self.box.json("show", "policy-map", "interface", INTERFACES[place])["policies"]
        policies = [policy for policy in policies if policy["vrf"] == CUSTOMERS[place][0]]
        return {entry["name"]: {colour: (entry[colour]["packets"], entry[colour]["bytes"])
                                for colour in ("green", "yellow", "red")} for entry in policies[0]["classes"]}


def inner(family, source, destination, ttl, tos=0):
    return (IP(src=source, dst=destination, ttl=ttl, id=9, tos=tos) if family == "ipv4"
            else IPv6(src=source, dst=destination, hlim=ttl, tc=tos))


def udp(port, marker, octets=24):
    return UDP(sport=1111, dport=port) / Raw(b"." * (octets - 24) + marker.encode().ljust(24, b".")[:24])


@pytest.fixture(scope="module")
def bench(lab):
    return ServiceBench(lab)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("place, direction", EVERYWHERE)
def test_an_access_list_lets_only_what_it_names_through(bench, place, direction, family):
    if family == "ipv4":
        definition = "ip access-list extended probe\n 10 permit udp any any eq 2222\n 20 permit icmp any any echo\n"
        line = f"ip access-group probe {direction}"
        echo = ICMP(type=8, id=1, seq=1)
    else:
        definition = "ipv6 access-list probe\n 10 permit udp any any eq 2222\n 20 permit icmp any any echo-request\n"
        line = f"ipv6 traffic-filter probe {direction}"
        echo = ICMPv6EchoRequest(id=1, seq=1)
    bench.configure(definition, **{place: [line]})
    name = f"{place[0]}{direction} {family}"
    before = bench.hits("probe")
    bench.passes(place, direction, family, udp(2222, f"named {name}"))
    bench.stops(place, direction, family, udp(2223, f"port {name}"))
    bench.stops(place, direction, family, TCP(sport=1, dport=2222) / Raw(f"tcp {name}".encode().ljust(24, b".")))
    bench.passes(place, direction, family, echo / Raw(f"echo {name}".encode().ljust(24, b".")))
    hits = {sequence: count - before[sequence] for sequence, count in bench.hits("probe").items()}
    assert hits == {10: 1, 20: 1, None: 2}
    # The other direction has no list.
    other = "out" if direction == "in" else "in"
    bench.passes(place, other, family, udp(2223, f"other {name}"))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("place, direction", [("circuit", "in"), ("unit", "in"), ("nni", "out")])
def test_an_entry_with_log_says_who_met_it(bench, place, direction, family):
    """The first packet of a flow is a line; those that follow are one when they are as many as the threshold."""
    kind, line = (("ip access-list extended", "ip access-group") if family == "ipv4"
                  else ("ipv6 access-list", "ipv6 traffic-filter"))
    name = f"logged-{place}-{family}"
    bench.configure(f"{kind.split()[0]} access-list log-update threshold 5\n{kind} {name}\n"
                    " 10 permit udp any any eq 2222 log\n 20 deny udp any any eq 2223 log\n 30 permit udp any any\n",
                    **{place: [f"{line} {name} {direction}"]})

    # An NNI's services are those of the units that it implies.
    interface = "ten1/0 vrf green" if place == "nni" else INTERFACES[place]

    def packets(fate, port):
        entry = 10 if fate == "permitted" else 20
        return [int(count) for count in re.findall(
            rf"direction={direction} entry={entry} interface={interface} .*"
            rf"list {name} {fate} udp \S+\(1111\) -> \S+\({port}\), (\d+) packets?\n",
            bench.lab.log("box/stiled.log"))]

    bench.passes(place, direction, family, udp(2222, f"log {place[0]} {family}"))
    bench.box.wait(lambda: packets("permitted", 2222) == [1], "the first packet's line", 5)
    bench.passes(place, direction, family, udp(2224, f"quiet {place[0]} {family}"))
    for number in range(7):
        bench.stops(place, direction, family, udp(2223, f"deny {number} {place[0]} {family}"))
    bench.box.wait(lambda: sum(packets("denied", 2223)) >= 6, "the lines of what was denied", 5)
    lines = packets("denied", 2223)
    assert lines[0] == 1 and len(lines) == 2 and 5 <= lines[1] <= 6
    assert packets("permitted", 2222) == [1]
    # Nobody asked for what the last entry takes.
    assert f"list {name} " in bench.lab.log("box/stiled.log") and "(2224)" not in bench.lab.log("box/stiled.log")


@pytest.mark.parametrize("family", FAMILIES)
def test_fragments_do_not_get_around_an_access_list(bench, family):
    """A permit with ports takes later fragments, a deny with ports does not; what overwrites a TCP header is refused.
    Under a label: the kernel behind the virtual ports puts fragments together that it can see."""
    words = ("ip access-list extended", "ip access-group") if family == "ipv4" else ("ipv6 access-list",
                                                                                   "ipv6 traffic-filter")
    bench.configure(f"{words[0]} pieces\n 10 deny udp any any eq 2222\n 20 permit udp any any eq 2223\n",
                    unit=[f"{words[1]} pieces in"])
    port, tags, ipv4, ipv6, mac = PLACES["untagged"]
    bench.introduce("untagged")
    bench.resolve("untagged", family)

    def fragment(offset, upper, number, ttl):
        if family == "ipv4":
            return IP(src=FAR[family], dst=ipv4, ttl=ttl, id=9, proto=number, frag=offset) / upper
        return (IPv6(src=FAR[family], dst=ipv6, hlim=ttl, nh=44) / IPv6ExtHdrFragment(nh=number, offset=offset, id=9)
                / upper)

    def send(offset, number, marker, passes):
        upper = Raw(f"{marker} {family}".encode().ljust(24, b"."))
        sent = (Ether(src=bench.far_mac, dst=bench.mac["p0"], type=0x8847)
                / MPLS(label=bench.labels("ten1/0")["red"], s=1, ttl=64) / fragment(offset, upper, number, 64))
        expected = tagged(mac, bench.mac[port], tags) / fragment(offset, upper, number, 63)
        bench.expect("p0", bytes(sent), port if passes else None, bytes(expected) if passes else None)

    send(8, 17, "later udp piece", True)
    send(8, 6, "later tcp piece", False)
    before = bench.drops("fragment_refused")
    send(1, 6, "overlapping tcp", False)
    assert bench.drops("fragment_refused") == before + 1


@pytest.mark.parametrize("family", FAMILIES)
def test_an_object_group_stands_for_its_members(bench, family):
    if family == "ipv4":
        definition = ("object-group network far\n host 192.0.2.5\n network 198.51.100.0/24\nobject-group port web\n port eq 2222\n"
                      "ip access-list extended grouped\n 10 permit udp object-group far any portgroup web\n")
        line, other = "ip access-group grouped in", "192.0.2.6"
    else:
        definition = ("object-group v6-network far\n host 2001:db8:1::5\n network 2001:db8:2::/48\n"
                      "ipv6 access-list grouped\n 10 permit udp object-group far any\n")
        line, other = "ipv6 traffic-filter grouped in", "2001:db8:1::6"
    bench.configure(definition, unit=[line])
    bench.passes("unit", "in", family, udp(2222, f"member {family}"))
    bench.stops("unit", "in", family, udp(2222, f"stranger {family}"), source=other)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("mode", ["rx", "any"])
@pytest.mark.parametrize("place", INTERFACES)
def test_a_spoofed_source_does_not_pass(bench, place, mode, family):
    """Strict: routed back by this interface. Loose: routed at all."""
    keyword = "ip" if family == "ipv4" else "ipv6"
    bench.configure(**{place: [f"{keyword} verify unicast source reachable-via {mode}"]})
    name = f"{place[0]} {mode} {family}"
    vrf, _ = CUSTOMERS[place]
    elsewhere = ("10.3.0.77", "fd00:3::77") if vrf == "red" else ("10.2.0.77", "fd00:2::77")
    unrouted = ("203.0.113.7", "2001:db8:ffff::7")
    before = bench.drops("reverse_path_failed")
    bench.passes(place, "in", family, udp(2222, f"true {name}"))
    bench.stops(place, "in", family, udp(2222, f"unrouted {name}"), source=unrouted[FAMILIES.index(family)])
    assert bench.drops("reverse_path_failed") == before + 1
    local = elsewhere[FAMILIES.index(family)]
    if mode == "rx":
        bench.stops(place, "in", family, udp(2222, f"elsewhere {name}"), source=local)
    else:
        bench.passes(place, "in", family, udp(2222, f"elsewhere {name}"), source=local)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_feasible_path_is_any_nni_of_the_vrf(bench, family):
    keyword = "ip" if family == "ipv4" else "ipv6"
    bench.configure(unit=[f"{keyword} verify unicast source reachable-via feasible"])
    bench.passes("unit", "in", family, udp(2222, f"far {family}"))
    local = "10.3.0.77" if family == "ipv4" else "fd00:3::77"
    bench.stops("unit", "in", family, udp(2222, f"local {family}"), source=local)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("place, direction", EVERYWHERE)
def test_a_policer_lets_its_burst_through_and_drops_the_rest(bench, place, direction, family):
    """80 kbit/s is ten packets of 1,000 octets a second: of six at once the burst's three pass, and what comes in while
    they do."""
    bench.configure("policy-map slow\n class class-default\n"
                    "  police cir 80000 bc 3000 conform-action transmit exceed-action drop\n",
                    **{place: [f"service-policy {'input' if direction == 'in' else 'output'} slow"]})
    header = 20 if family == "ipv4" else 40
    marker = f"police {place[0]}{direction} {family}"
    port, sent, port_out, expected = bench.path(place, direction, family, udp(2222, marker, 1000 - header - 8))
    for socket in bench.sockets.values():
        socket.drain()
    before = bench.classes(place)["class-default"]
    # A policer's bucket is what it was under the configuration before.
    time.sleep(0.35)
    check_six_against_a_burst_of_three(bench.sockets[port], sent, bench.sockets[port_out], expected,
                                       before, lambda: bench.classes(place)["class-default"])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("place, direction", EVERYWHERE)
def test_a_policy_marks_what_its_class_matches(bench, place, direction, family):
    bench.configure("class-map match-all voice\n match dscp ef\npolicy-map mark\n class voice\n  set dscp cs5\n",
                    **{place: [f"service-policy {'input' if direction == 'in' else 'output'} mark"]})
    name = f"{place[0]}{direction} {family}"
    bench.passes(place, direction, family, udp(2222, f"voice {name}"), tos=0xB8, out_tos=0xA0)
    bench.passes(place, direction, family, udp(2222, f"data {name}"), tos=0x28)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("place", ["unit", "nni"])
def test_a_policy_sets_the_class_of_the_imposed_label(bench, place, family):
    bench.configure("policy-map exp\n class class-default\n  set mpls experimental imposition 6\n",
                    **{place: ["service-policy output exp"]})
    bench.passes(place, "out", family, udp(2222, f"exp {place} {family}"), tos=0x28, out_class=6)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("place", ["unit", "nni"])
def test_table_maps_translate_between_dscp_and_label_class(bench, place, family):
    definitions = ("table-map to-dscp\n map from 3 to 26\n default copy\n"
                   "table-map to-class\n map from 26 to 2\n default 1\n"
                   "policy-map arriving\n class class-default\n  set dscp mpls experimental table to-dscp\n"
                   "policy-map leaving\n class class-default\n  set mpls experimental imposition dscp table to-class\n")
    bench.configure(definitions, **{place: ["service-policy input arriving", "service-policy output leaving"]})
    bench.passes(place, "in", family, udp(2222, f"in {place} {family}"), label_class=3, tos=0, out_tos=26 << 2)
    bench.passes(place, "out", family, udp(2222, f"mapped {place} {family}"), tos=26 << 2, out_class=2)
    bench.passes(place, "out", family, udp(2222, f"default {place} {family}"), tos=0, out_class=1)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("mode, out_tos", [("uniform", 5 << 5), ("pipe", 0x28), ("short-pipe", 0x28)])
def test_tunnel_modes_of_rfc_3270(bench, mode, out_tos, family):
    bench.configure(unit=[f"mpls diffserv-mode {mode}"])
    bench.passes("unit", "in", family, udp(2222, f"{mode} {family}"), label_class=5, tos=0x28, out_tos=out_tos)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_class_matches_the_received_label(bench, family):
    bench.configure("class-map match-all gold\n match mpls experimental topmost 4\n"
                    "policy-map by-label\n class gold\n  set dscp af41\n", unit=["service-policy input by-label"])
    bench.passes("unit", "in", family, udp(2222, f"gold {family}"), label_class=4, out_tos=34 << 2)
    bench.passes("unit", "in", family, udp(2222, f"lead {family}"), label_class=3)


def test_services_of_one_customer_are_not_felt_by_another(bench):
    """Red's unit denies and polices everything; green, on the same link, feels nothing of it."""
    bench.configure("ip access-list extended none\n 10 deny ip any any\n", unit=["ip access-group none in",
                                                                               "ip access-group none out"])
    bench.stops("unit", "in", "ipv4", udp(2222, "red in"))
    bench.stops("unit", "out", "ipv4", udp(2222, "red out"))
    bench.passes("nni", "in", "ipv4", udp(2222, "green in"))
    bench.passes("nni", "out", "ipv4", udp(2222, "green out"))
    bench.passes("unit", "in", "ipv6", udp(2222, "red in v6"))


def test_vrfs_without_a_unit_have_policers_of_their_own(bench):
    """Red and green both go without a unit: what red sends beyond its burst takes nothing of green's."""
    text = CONFIGURATION.replace("interface ten1/0.1\n vrf definition red\n", "")
    text = text.replace("interface ten1/0\n", "interface ten1/0\n service-policy input slow\n")
    bench.box.write_configuration(text.replace(
        "!\nrouter bgp", "!\npolicy-map slow\n class class-default\n"
        "  police cir 8000 bc 1600 conform-action transmit exceed-action drop\n!\nrouter bgp"))
    bench.box.text("config", "replace", bench.box.configuration_file)

    def exceeding():
        policies = bench.box.json("show", "policy-map", "interface", "ten1/0")["policies"]
        assert {policy["vrf"]: policy["unit"] for policy in policies} == {
            "red": "ten1/0 vrf red", "green": "ten1/0 vrf green"}
        return {policy["vrf"]: policy["classes"][0]["red"]["packets"] for policy in policies}

    # Counters stay with their names: other tests have counted here.
    before = exceeding()
    # Made before the first is sent: on a busy machine each takes a tenth of a second, in which the bucket fills.
    port, flood, _, _ = bench.path("unit", "in", "ipv4", udp(2222, "red's flood", 1000))
    _, following, _, _ = bench.path("unit", "in", "ipv4", udp(2222, "red's next", 1000))
    for _ in range(6):
        bench.sockets[port].send(flood)
    bench.expect(port, following, None, None)
    bench.passes("nni", "in", "ipv4", udp(2222, "green's first", 1000))
    after = exceeding()
    assert after["red"] - before["red"] >= 4 and after["green"] == before["green"]


def test_a_list_that_changes_keeps_the_hits_of_its_other_entries(bench):
    definition = "ip access-list extended kept\n 10 permit udp any any eq 2222\n {} deny ip any any\n"
    bench.configure(definition.format(20), circuit=["ip access-group kept in"])
    assert bench.hits("kept") == {10: 0, 20: 0, None: 0}
    bench.passes("circuit", "in", "ipv4", udp(2222, "before the change"))
    bench.configure(definition.format("15 permit udp any any eq 2223\n 20"), circuit=["ip access-group kept in"])
    bench.passes("circuit", "in", "ipv4", udp(2223, "after the change"))
    assert bench.hits("kept") == {10: 1, 15: 1, 20: 0, None: 0}


def test_counters_survive_a_restart_of_stiled(bench):
    bench.configure("ip access-list extended lasting\n 10 permit ip any any\n"
                    "policy-map counted\n class class-default\n  set dscp cs1\n",
                    circuit=["ip access-group lasting in", "service-policy input counted"])
    before = bench.classes("circuit")["class-default"]["green"][0]
    bench.passes("circuit", "in", "ipv4", udp(2222, "before restart"), out_tos=0x20)
    bench.box.kill_control()
    bench.box.start_control()
    bench.box.wait(lambda: bench.hits("lasting"), "the control process")
    bench.box.wait(lambda: "192.0.2.0/24" in bench.box.text("show", "routes", "vrf", "red", "ipv4"), "routes")
    bench.passes("circuit", "in", "ipv4", udp(2222, "after restart"), out_tos=0x20)
    assert bench.hits("lasting")[10] == 2
    assert bench.classes("circuit")["class-default"]["green"][0] == before + 2


def test_explain_names_the_entry_and_the_class(bench):
    bench.configure("ip access-list extended named\n 10 permit udp any any eq 2222\n 20 deny ip any any\n"
                    "policy-map named\n class class-default\n  set dscp cs1\n",
                    circuit=["ip access-group named in", "service-policy input named"])
    words = ("explain", "packet", "in", "ten1/2.30", "src", "10.2.0.2", "dst", "192.0.2.5")
    denied = bench.box.command(*words)
    assert denied.returncode == 9
    assert "named" in denied.stdout and "20" in denied.stdout and "access_list_denied" in denied.stdout


BAD = [
    ("interface ten1/1\n", "interface ten1/1\n ip access-group missing in\n", "missing"),
    ("interface ten1/1\n", "interface ten1/1\n service-policy input missing\n", "missing"),
    ("!\nrouter bgp", "!\nip access-list extended twice\n 10 permit ip any any\n 10 deny ip any any\n!\nrouter bgp", "10"),
    ("!\nrouter bgp", "!\npolicy-map p\n class class-default\n  police cir 1 bc 3000\n!\nrouter bgp", "8000"),
    ("!\nrouter bgp", "!\npolicy-map p\n class class-default\n  shape average 1000000\n!\nrouter bgp", "not supported"),
    ("!\nrouter bgp", "!\npolicy-map p\n class nowhere\n  set dscp ef\n!\nrouter bgp", "nowhere"),
]


@pytest.mark.parametrize("before, after, named", BAD)
def test_what_is_wrong_is_refused_with_its_line_and_nothing_is_applied(bench, before, after, named):
    bench.configure()
    running = bench.box.text("show", "running-config")
    bench.box.write_configuration(CONFIGURATION.replace(before, after))
    refused = bench.box.command("config", "replace", bench.box.configuration_file)
    assert refused.returncode == 3
    assert named in refused.stdout + refused.stderr and "stile.conf:" in refused.stdout + refused.stderr
    assert bench.box.text("show", "running-config") == running
