"""IPFIX: frames in, flow records out, read by nfdump and by a decoder of the standard; their sums are what was sent.

      ten1/1       untagged circuit        VRF red      10.1.0.0/24   fd00:1::/64     metered
      ten1/2.30    802.1Q 30               VRF red      10.2.0.0/24   fd00:2::/64     metered
      ten1/2.50    802.1Q 50               VRF green    10.2.0.0/24                   not metered
      ten1/0       NNI                     far end by GoBGP, AS 65001: 192.0.2.0/24 in red
"""

import itertools
import signal
import time
from collections import Counter
from ipaddress import ip_address

import pytest
from frames_bench import FAMILIES, FAR_LABEL, PLACES, Bench, tagged
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.ipfix import Collector
from stilelab.lab import stop
from stilelab.namespaces import join

CONFIGURATION = """\
hostname asbr42
dataplane
 workers 2
port ten1/0
 device net_af_packet_p0,iface=p0
 mtu 1600
port ten1/1
 device net_af_packet_p1,iface=p1
port ten1/2
 device net_af_packet_p2,iface=p2
flow exporter collector
 destination 10.9.9.2
 {transport}
flow monitor customers
 exporter collector
 cache timeout active {active}
 cache timeout inactive {inactive}
 cache entries {entries}
 sampling 1 out-of {sampling}
ip vrf red
 rd 42:1
 route-target both 42:1
 optE
 {monitor}
ip vrf green
 rd 42:2
interface ten1/0
 encap mpls optE
 ip address 10.99.0.2/30
interface ten1/1
 vrf definition red
 ip address 10.1.0.1/24
 ipv6 address fd00:1::1/64
interface ten1/2.30
 encapsulation dot1q 30
 vrf definition red
 ip address 10.2.0.1/24
 ipv6 address fd00:2::1/64
interface ten1/2.50
 encapsulation dot1q 50
 vrf definition green
 ip address 10.2.0.1/24
router bgp 42
 neighbor 10.99.0.1 remote-as 65001
 address-family vpnv4
  neighbor 10.99.0.1 optE
 address-family vpnv6
  neighbor 10.99.0.1 optE
 address-family ipv4 vrf red
  redistribute connected
 address-family ipv6 vrf red
  redistribute connected
"""


def configuration(transport="transport udp", active=60, inactive=1, entries=1000, sampling=1, metered=True,
                  interval=True):
    if transport == "transport udp" and interval:
        transport += "\n template-interval 2"
    return CONFIGURATION.format(transport=transport, active=active, inactive=inactive, entries=entries,
                                sampling=sampling, monitor="flow monitor customers" if metered else "!")


# Information elements (IANA).
OCTETS, PACKETS, PROTOCOL, CLASS, FLAGS, SOURCE_PORT, PORT = 1, 2, 4, 5, 6, 7, 11
INGRESS, EGRESS, STATUS, END_REASON, VRF, VRF_NAME, INTERFACE_NAME = 10, 14, 89, 136, 234, 236, 82
SELECTOR, SPACE, LABEL, EGRESS_VRF = 302, 306, 70, 235
FORWARDED, NO_ROUTE, BAD_TTL, NOT_A_SOURCE, FOR_US = 66, 131, 137, 140, 195


class FlowBench(Bench):
    ports = ("p1", "p2")
    places = {place: PLACES[place] for place in ("untagged", "dot1q")}
    far_vrfs = ("red",)

    def __init__(self, lab):
        super().__init__(lab, configuration())
        # Nothing that is sent to the hosts has to wait.
        for place, family in itertools.product(self.places, FAMILIES):
            self.resolve(place, family)
        self.source_ports = itertools.count(20000)

    def before_start(self):
        observer = self.lab.namespace("observer")
        join(observer, "eth0", self.box.namespace, "mgmt")
        observer.ip("address", "add", "10.9.9.2/24", "dev", "eth0")
        self.box.namespace.ip("address", "add", "10.9.9.1/24", "dev", "mgmt")
        self.collector = Collector(self.lab, observer)

    def from_near(self, packet, count=1):
        port, tags, _, _, mac = PLACES["untagged"]
        for _ in range(count):
            self.sockets[port].send(tagged(self.mac[port], mac, tags) / packet)

    def from_far(self, label, packet, count=1, traffic_class=0):
        for _ in range(count):
            self.sockets["p0"].send(Ether(src=self.far_mac, dst=self.mac["p0"], type=0x8847)
                                    / MPLS(label=label, cos=traffic_class, s=1, ttl=64) / packet)

    def replace(self, **options):
        self.box.replace(configuration(**options))

    def flows(self, port):
        """The records of flows from a source port that the standard's decoder has read."""
        assert self.collector.errors == []
        return [record for record in self.collector.records() if record.get(SOURCE_PORT) == port]

    def wait_for_packets(self, port, count, seconds=15):
        self.box.wait(lambda: sum(record[PACKETS] for record in self.flows(port)) >= count,
                      f"{count} packets from port {port} are exported", seconds)
        return self.flows(port)

    def caches(self):
        """The counters of both workers' caches together."""
        sums = Counter()
        for cache in self.box.json("show", "flow", "monitor")["caches"]:
            sums.update(cache)
        return sums

    def exporter(self):
        return self.box.json("show", "flow", "exporter")["exporters"][0]


@pytest.fixture(scope="module")
def bench(lab):
    return FlowBench(lab)


def udp(port, source="10.1.0.2", destination="10.2.0.2", octets=100, **fields):
    header = IPv6(src=source, dst=destination, **fields) if ":" in source else IP(src=source, dst=destination, **fields)
    packet = header / UDP(sport=port, dport=2222)
    return packet / Raw(b"x" * (octets - len(packet)))


def test_sums_are_what_was_sent_with_the_fate_of_every_packet(bench):
    """Every fate, both families, from a circuit and from the NNI; nfdump's sums and those of the standard's decoder."""
    port = next(bench.source_ports)
    label = bench.labels("ten1/0")["red"]
    far = udp(port, "192.0.2.5", "10.2.0.2", 200)
    sent = [
        (udp(port), 7, FORWARDED), (udp(port, octets=300), 3, FORWARDED), (udp(port, tos=0xB8), 5, FORWARDED),
        (udp(port, destination="192.0.2.9"), 4, FORWARDED),
        (udp(port, destination="203.0.113.1"), 6, NO_ROUTE), (udp(port, ttl=1), 2, BAD_TTL),
        (udp(port, source="127.0.0.1"), 3, NOT_A_SOURCE), (udp(port, destination="10.1.0.1"), 2, FOR_US),
        (udp(port, "fd00:1::2", "fd00:2::2"), 8, FORWARDED),
        (udp(port, "fd00:1::2", "fd00:2::2", tc=0x28), 1, FORWARDED),
        (udp(port, "fd00:1::2", "2001:db8::1"), 4, NO_ROUTE), (udp(port, "fd00:1::2", "fd00:2::2", hlim=1), 2, BAD_TTL),
        (IP(src="10.1.0.2", dst="10.2.0.2") / TCP(sport=port, dport=443, flags="S"), 1, FORWARDED),
        (IP(src="10.1.0.2", dst="10.2.0.2") / TCP(sport=port, dport=443, flags="FA"), 2, FORWARDED),
    ]
    expected = Counter()
    octets = Counter()
    for packet, count, status in sent:
        bench.from_near(packet, count)
        expected[status] += count
        octets[status] += count * len(packet)
    bench.from_far(label, far, 9)
    # Neither belongs to a metered VRF.
    _, tags, _, _, mac = PLACES["green"]
    bench.sockets["p2"].send(tagged(bench.mac["p2"], mac, tags) / udp(port, "10.2.0.9", "10.2.0.2"))
    bench.from_far(label + 1, far)
    expected[FORWARDED] += 9
    octets[FORWARDED] += 9 * len(far)

    records = bench.wait_for_packets(port, expected.total())
    time.sleep(2)
    records = bench.flows(port)
    for field, wanted in ((PACKETS, expected), (OCTETS, octets)):
        found = Counter()
        for record in records:
            found[record[STATUS]] += record[field]
        assert found == wanted
    # One flow for each set of keys: the two sizes and the two TCP packets are one each.
    assert len(records) == len(sent) + 1 - 2
    tcp = [record for record in records if record[PROTOCOL] == 6]
    assert [record[FLAGS] for record in tcp] == [0x13]
    assert {record[CLASS] for record in records} == {0, 0xB8, 0x28}
    assert {record[END_REASON] for record in records} == {1}
    # Two workers took part, and no flow was counted by both.
    assert min(cache["records"] for cache in bench.box.json("show", "flow", "monitor")["caches"]) > 0
    for record in records:
        assert record[152] <= record[153] and abs(record[153] / 1000 - time.time()) < 60
        assert (record[EGRESS] != 0) == (record[STATUS] == FORWARDED)

    # The same by nfdump, flow by flow. Debian 12's version does not keep forwardingStatus of IPFIX (of NetFlow 9 it
    # does); what was dropped has no egress interface.
    sums = lambda flows: Counter(itertools.chain.from_iterable(
        [(key, "packets")] * packets + [(key, "octets")] * octets for key, packets, octets in flows))
    by_nfdump = sums(
        ((record.get("dst4_addr") or record.get("dst6_addr"), record["proto"], record["src_tos"], record["input_snmp"],
          record["output_snmp"], int(record["ingress_vrf"])), record["in_packets"], record["in_bytes"])
        for record in bench.collector.nfdump() if record.get("src_port") == port)
    by_the_standard = sums(
        ((str(ip_address(record[12] if 12 in record else record[28])), record[PROTOCOL], record[CLASS], record[INGRESS],
          record[EGRESS], record[VRF]), record[PACKETS], record[OCTETS])
        for record in records)
    assert by_nfdump == by_the_standard

    # Numbers have names.
    everything = bench.collector.records()
    vrfs = {record[VRF]: record[VRF_NAME] for record in everything if VRF_NAME in record}
    names = {record[INGRESS]: record[INTERFACE_NAME] for record in everything if INTERFACE_NAME in record}
    assert {vrfs[record[VRF]] for record in records} == {b"red"}
    assert {names[record[INGRESS]] for record in records} == {b"ten1/1", b"ten1/0 vrf red"}
    assert {names[record[EGRESS]] for record in records if record[EGRESS]} == {b"ten1/2.30", b"ten1/0 vrf red"}


def test_a_flow_has_the_label_that_it_came_with(bench):
    """Label, class and bottom of the stack, as RFC 7012 has them; what came in on a circuit has none."""
    port = next(bench.source_ports)
    label = bench.labels("ten1/0")["red"]
    bench.from_far(label, udp(port, "192.0.2.5", "10.2.0.2"), 4, traffic_class=5)
    bench.from_far(label, udp(port, "192.0.2.5", "203.0.113.1"), 2, traffic_class=3)
    bench.from_far(label, udp(port, "2001:db8:1::5", "fd00:2::2"), 3)
    bench.from_far(label, IP(src="192.0.2.5", dst="10.2.0.2", id=port) / ICMP(type=13), 1)
    bench.from_near(udp(port), 6)
    records = bench.wait_for_packets(port, 15)
    found = {(record[STATUS], record.get(8) or record[27], record.get(LABEL)): record[PACKETS] for record in records}
    far4, far6, near = (int(ip_address("192.0.2.5")), ip_address("2001:db8:1::5").packed, int(ip_address("10.1.0.2")))
    assert found == {(FORWARDED, far4, label << 4 | 5 << 1 | 1): 4, (NO_ROUTE, far4, label << 4 | 3 << 1 | 1): 2,
                     (FORWARDED, far6, label << 4 | 1): 3, (FORWARDED, near, None): 6}
    icmp = lambda: [record.get(LABEL) for record in bench.collector.records() if record.get(32) == 13 << 8]
    bench.box.wait(lambda: icmp() == [label << 4 | 1], "the flow of the ICMP packet", 10)
    by_nfdump = Counter()
    for record in bench.collector.nfdump():
        if record.get("src_port") == port:
            by_nfdump[record.get("mpls_1")] += record["in_packets"]
    assert by_nfdump == {f"{label}-5-1": 4, f"{label}-3-1": 2, f"{label}-0-1": 3, None: 6}


def test_a_flow_has_the_label_and_the_vrf_that_it_left_with(bench):
    port = next(bench.source_ports)
    bench.from_near(udp(port, destination="192.0.2.5", tos=0xB8), 3)
    bench.from_near(udp(port), 2)
    bench.from_near(udp(port, destination="203.0.113.1"), 1)
    records = bench.wait_for_packets(port, 6)
    red = next(record[VRF] for record in bench.collector.records() if record.get(VRF_NAME) == b"red")
    assert {(record[STATUS], record[EGRESS_VRF], record.get(LABEL)): record[PACKETS] for record in records} == {
        (FORWARDED, red, FAR_LABEL["red"] << 4 | 5 << 1 | 1): 3, (FORWARDED, red, None): 2, (NO_ROUTE, 0, None): 1}


def test_clear_exports_what_the_caches_hold_and_counts_from_zero(bench):
    port = next(bench.source_ports)
    bench.replace(inactive=600)
    bench.from_near(udp(port), 3)
    bench.box.wait(lambda: bench.caches()["active_flows"] > 0, "the flow is in the cache", 10)
    assert bench.box.json("clear", "flow", "monitor", "customers")["vrfs"] == ["red"]
    records = bench.wait_for_packets(port, 3)
    assert [(record[PACKETS], record[END_REASON]) for record in records] == [(3, 4)]
    # What begins afterwards stays for its own time.
    bench.from_near(udp(port), 2)
    bench.box.wait(lambda: bench.caches()["active_flows"] == 1, "a new flow is in the cache", 10)
    time.sleep(1.5)
    assert bench.flows(port) == records
    assert bench.box.command("clear", "flow", "monitor", "nobody").returncode == 7
    bench.box.text("clear", "flow", "counters")
    assert {name: count for name, count in bench.caches().items() if name not in ("worker", "active_flows")} == {
        "metered_packets": 0, "cache_full_packets": 0, "records": 0, "ring_full_times": 0, "lost_records": 0}
    bench.box.text("clear", "flow", "monitor")
    assert sum(record[PACKETS] for record in bench.wait_for_packets(port, 5)) == 5
    assert bench.caches()["records"] == 1 and bench.exporter()["exported_flows"] >= 1
    bench.replace()


def test_icmp_has_type_and_code(bench):
    bench.from_near(IP(src="10.1.0.2", dst="10.2.0.2") / ICMP(type=8, id=77), 3)
    bench.from_near(IPv6(src="fd00:1::2", dst="fd00:2::2") / ICMPv6EchoRequest(id=77), 2)
    found = lambda: {(record.get(32), record.get(139)): record[PACKETS] for record in bench.collector.records()
                     if record.get(32) == 0x0800 or record.get(139) == 0x8000}
    bench.box.wait(lambda: found() == {(0x0800, None): 3, (None, 0x8000): 2}, "both are exported", 10)
    assert bench.collector.errors == []


def test_one_packet_out_of_ten(bench):
    port = next(bench.source_ports)
    bench.replace(sampling=10)
    bench.from_near(udp(port), 200)
    records = bench.wait_for_packets(port, 20)
    time.sleep(2)
    assert sum(record[PACKETS] for record in bench.flows(port)) == 20
    announced = {record[SELECTOR]: record[SPACE] for record in bench.collector.records() if SPACE in record}
    assert [announced[record[SELECTOR]] for record in records] == [9]
    bench.replace()


def test_a_long_flow_is_reported_while_it_goes_on(bench):
    port = next(bench.source_ports)
    bench.replace(active=2, inactive=10)
    for _ in range(35):
        bench.from_near(udp(port))
        time.sleep(0.1)
    bench.replace(metered=False)
    records = bench.wait_for_packets(port, 35)
    assert sum(record[PACKETS] for record in records) == 35
    # The active time-out, and the end of the metering for what was left.
    assert [record[END_REASON] for record in records] == [2, 4]
    bench.from_near(udp(port), 5)
    time.sleep(2)
    assert bench.flows(port) == records
    bench.replace()


def test_a_full_cache_counts_what_it_does_not_take(bench):
    bench.replace(entries=16, inactive=3)
    bench.box.wait(lambda: bench.caches()["active_flows"] == 0, "the cache is empty", 15)
    before = bench.caches()
    ports = [next(bench.source_ports) for _ in range(40)]
    for port in ports:
        bench.from_near(udp(port), 2)
    bench.box.wait(lambda: bench.caches()["cache_full_packets"] > before["cache_full_packets"], "a cache is full", 10)
    bench.box.wait(lambda: bench.caches()["active_flows"] == 0, "what they hold is exported", 15)
    time.sleep(2)
    refused = bench.caches()["cache_full_packets"] - before["cache_full_packets"]
    reported = [record[PACKETS] for port in ports for record in bench.flows(port)]
    # Each of the two workers holds 16 flows of a VRF.
    assert 16 <= len(reported) <= 32 and set(reported) == {2}
    assert sum(reported) + refused == 80
    bench.replace()


def test_over_tcp_and_a_new_connection(bench):
    """Messages in a stream; a collector that hangs up gets templates again, and nothing is lost meanwhile."""
    port = next(bench.source_ports)
    bench.replace(transport="transport tcp 4739")
    bench.box.wait(lambda: bench.exporter()["is_ready"], "the connection is up", 10)
    bench.from_near(udp(port), 11)
    bench.wait_for_packets(port, 11)
    assert len(bench.collector.connections) == 1
    bench.collector.connections[0].shutdown(2)
    bench.collector.connections[0].close()
    bench.box.wait(lambda: not bench.exporter()["is_ready"], "the connection is down", 10)
    bench.from_near(udp(port, tos=4), 13)
    records = bench.wait_for_packets(port, 24, 20)
    assert sum(record[PACKETS] for record in records) == 24
    assert len(bench.collector.connections) == 2
    found = [record["in_packets"] for record in bench.collector.nfdump() if record.get("src_port") == port]
    assert sorted(found) == [11, 13]
    bench.replace()


def test_flows_outlive_stiled(bench):
    """Killed with a flow in the cache and more to come: the data plane goes on metering, the next stiled exports."""
    port = next(bench.source_ports)
    bench.from_near(udp(port), 4)
    bench.box.kill_control()
    bench.from_near(udp(port), 5)
    bench.from_near(udp(port, tos=8), 6)
    time.sleep(3)
    bench.box.start_control()
    bench.box.wait(lambda: bench.exporter()["is_ready"], "stiled is back", 30)
    records = bench.wait_for_packets(port, 15, 30)
    assert sum(record[PACKETS] for record in records) == 15


def test_a_data_plane_that_stops_hands_its_flows_out(bench):
    port = next(bench.source_ports)
    bench.replace(inactive=600)
    bench.from_near(udp(port), 3)
    bench.box.wait(lambda: bench.caches()["active_flows"] > 0, "the flow is in the cache", 10)
    process, bench.box.dataplane = bench.box.dataplane, None
    stop(process, signal.SIGTERM)
    records = bench.wait_for_packets(port, 3)
    assert [(record[PACKETS], record[END_REASON]) for record in records] == [(3, 4)]
    bench.box.start_dataplane()
    bench.box.wait(lambda: bench.box.json("show", "status")["data_plane"]["is_alive"], "the data plane is back")
