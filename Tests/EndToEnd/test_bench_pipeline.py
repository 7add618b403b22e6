"""`Bench/run pipeline` with routes and frames from outside: its JSON, and what it says of files that it cannot use."""

import json
import struct
import subprocess
from pathlib import Path

import pytest
from scapy.all import IP, UDP, Dot1Q, Ether, IPv6, wrpcap
from scapy.contrib.mpls import MPLS

BENCH = Path(__file__).resolve().parents[2] / "Bench"
BOX, FAR_END = "02:00:00:00:00:01", "02:00:00:00:01:01"
FIRST_LABEL, FIRST_VLAN, VRFS = 70_000, 100, 3
ROUTES = "# prefix nexthop\n10.1.0.0/16 192.0.2.1\n\n10.1.2.0/24 192.0.2.2\n2001:db8:1::/48 192.0.2.1\n"
DESTINATIONS = ["10.1.9.9", "10.1.2.3", "2001:db8:1::7"]

ENVIRONMENT = {
    "date": str, "cpu": str, "processors": int, "tsc_hz": (int, float), "kernel": str, "compiler": str, "commit": str,
    "dpdk": str, "hugepages_free": int, "hugepages_total": int, "table_pages": str, "load_average": (int, float),
    "command": str, "network_interface": str,
}
CASE = {
    "path": str, "routes": int, "vrfs": int, "family": str, "service_tag": bool, "services": str, "cycles_per_packet": (int, float),
    "reference_cycles_per_packet": (int, float), "stages": dict, "forwarded_share": (int, float),
}
STAGES = {"common_ingress", "lookup", "common_departure"}


def packet(destination, source_port):
    version = IPv6 if ":" in destination else IP
    return version(dst=destination) / UDP(sport=source_port, dport=9) / b"octets of a packet"


def labelled(vrf, destination, source_port):
    return (Ether(dst=BOX, src=FAR_END, type=0x8847) / MPLS(label=FIRST_LABEL + vrf, s=1, ttl=60)
            / packet(destination, source_port))


def unlabelled(vrf, destination, source_port):
    return Ether(dst=BOX, src=FAR_END) / Dot1Q(vlan=FIRST_VLAN + vrf) / packet(destination, source_port)


@pytest.fixture(scope="module")
def program():
    """The program that Bench/run builds and starts."""
    build = ["swift", "build", "--configuration", "release", "--package-path", BENCH, "--product", "bench"]
    subprocess.run(build, check=True, capture_output=True, timeout=600)
    return BENCH / ".build" / "release" / "bench"


@pytest.fixture
def files(tmp_path):
    """Routes, and frames of three VRFs from both sides, all of which have a route."""
    routes, packets = tmp_path / "routes.txt", tmp_path / "frames.pcap"
    routes.write_text(ROUTES)
    wrpcap(str(packets), [
        make(number % VRFS, DESTINATIONS[number // VRFS % 3], 1_000 + number)
        for make in (labelled, unlabelled) for number in range(90)])
    return routes, packets


def run(*arguments):
    return subprocess.run(
        [BENCH / "run", "pipeline", "--seconds", "0.05", *map(str, arguments)], capture_output=True, text=True,
        timeout=600, check=False)


def report(*arguments):
    done = run(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def expect_fields(document, fields):
    for name, kind in fields.items():
        assert isinstance(document[name], kind), name


def test_json_of_given_routes_and_frames(files):
    routes, packets = files
    made = report("--routes", routes, "--packets", packets, "--vrfs", VRFS)
    assert made["schema"] == "stile.bench.pipeline/1"
    expect_fields(made["environment"], ENVIRONMENT)
    assert "--routes" in made["environment"]["command"]
    assert [case["path"] for case in made["cases"]] == ["nni-nni", "nni-ac", "ac-nni"]
    for case in made["cases"]:
        expect_fields(case, CASE)
        assert (case["routes"], case["vrfs"], case["services"]) == (3, VRFS, "none")
        assert case["forwarded_share"] == 1
        assert case["cycles_per_packet"] > 0 and case["reference_cycles_per_packet"] > 0
        assert STAGES <= case["stages"].keys()
        assert all(cycles >= 0 for cycles in case["stages"].values())
        # The whole has one decimal, the stages two.
        assert sum(case["stages"].values()) == pytest.approx(case["cycles_per_packet"], abs=0.15)


def test_frames_without_a_route_or_a_label_are_said(files):
    routes, packets = files
    wrpcap(str(packets), [labelled(0, "10.1.0.1", 1), labelled(0, "10.9.0.1", 1),
                          labelled(0, "10.1.0.1", 2), labelled(5, "10.1.0.1", 2)])
    made = report("--routes", routes, "--packets", packets)
    assert [(case["path"], case["forwarded_share"]) for case in made["cases"]] == [("nni-nni", 0.5), ("nni-ac", 0.5)]


def test_plain_ipv4_has_the_l3fwd_loop_beside_it(files):
    routes, packets = files
    routes.write_text("10.1.0.0/16 a\n10.1.2.0/24 b\n")
    wrpcap(str(packets), [
        Ether(dst=BOX, src=FAR_END) / packet(f"10.1.{number % 4}.1", number) for number in range(64)])
    [case] = report("--routes", routes, "--packets", packets)["cases"]
    assert case["path"] == "ac-nni" and case["next_hops"] == 2
    assert set(case["l3fwd_cycles_per_packet"]) == {"l3fwd loop (rte_lpm)", "l3fwd loop (rte_fib)"}
    assert all(cycles > 0 for cycles in case["l3fwd_cycles_per_packet"].values())


@pytest.mark.parametrize("text, said", [
    ("10.1.0.0/16 a\n10.1.0.0/33 a\n", ":2: `10.1.0.0/33` is not a prefix"),
    ("# one\n\n10.1.0.1/16 a\n", ":3: `10.1.0.1/16` is not a prefix"),
    ("10.1.0.0/16\n", ":1: expected `prefix nexthop`, found `10.1.0.0/16`"),
    ("10.1.0.0/16 a\n10.2.0.0/16 a\n10.1.0.0/16 b\n", ":3: 10.1.0.0/16 has a route in line 1 already"),
    ("# nothing\n", ": no route"),
])
def test_unusable_routes(program, files, text, said):
    routes, packets = files
    routes.write_text(text)
    expect_refusal(program, f"bench: {routes}{said}", "--routes", routes, "--packets", packets)


def pcap(*records, link_type=1):
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, link_type) + b"".join(records)


def record(octets, announced=None, original=None):
    announced = len(octets) if announced is None else announced
    return struct.pack("<IIII", 0, 0, announced, announced if original is None else original) + octets


@pytest.mark.parametrize("octets, said", [
    (b"", ": too short for a pcap file"),
    (b"GIF89a" + bytes(40), ": not a pcap file"),
    (pcap(), ": no frame"),
    (pcap(link_type=101), ": not a capture of Ethernet frames"),
    (pcap(record(bytes(60)), record(bytes(20), announced=60)), ": frame 2 has 60 octets, of which 20 are there"),
    (pcap(record(bytes(60)), bytes(7)), ": frame 2 ends inside its record's header"),
    (pcap(record(bytes(60), original=1_500)), ": frame 1 was captured with 60 of its 1500 octets"),
    (pcap(record(bytes(13))), ": frame 1 has 13 octets: 14 to 1984 are measured"),
    (pcap(record(b"", announced=0xFFFF_FFFF)), ": frame 1 has 4294967295 octets, of which 0 are there"),
], ids=["empty", "picture", "no-frame", "raw-ip", "cut-frame", "cut-header", "snapped", "short", "endless"])
def test_unusable_captures(program, files, octets, said):
    routes, packets = files
    packets.write_bytes(octets)
    expect_refusal(program, f"bench: {packets}{said}", "--routes", routes, "--packets", packets)


def test_files_that_are_not_there_and_options_that_do_not_go_together(program, files, tmp_path):
    routes, packets = files
    missing = tmp_path / "missing"
    expect_refusal(program, f"bench: {missing}: no such file", "--routes", missing, "--packets", packets)
    expect_refusal(program, f"bench: {missing}: no such file", "--routes", routes, "--packets", missing)
    expect_refusal(program, "bench: --routes and --packets go together", "--routes", routes)
    expect_refusal(program, "bench: --services all makes its own routes and packets", "--routes", routes, "--packets",
                   packets, "--services", "all")
    expect_refusal(program, "bench: --services some: none or all", "--services", "some")


def expect_refusal(program, said, *arguments):
    done = subprocess.run(
        [program, "pipeline", *map(str, arguments), "--json"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(said), done.stderr
    assert done.stderr.count("\n") == 1
