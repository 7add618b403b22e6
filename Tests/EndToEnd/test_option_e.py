"""Option E with FRR and BIRD at its ends: routes and labels of each, packets byte for byte, and forged ones of which none arrives."""

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.option_e import BORDER, OptionE, attack_table
from stilelab.spoofer import receive

# What each neighbor gave for its routes, by VRF; the port that they are behind, and a host there.
WAYS = {("frr", "red"): (1001, "p0", "10.2.0.5"), ("frr", "green"): (1002, "p0", "10.2.0.5"), ("bird", "green"): (2001, "p9", "10.3.0.5")}
PE_LABEL = {"red": 3001, "green": 3002}
PLACES = {"frr": "ten1/0", "bird": "ten1/9"}


@pytest.fixture(scope="module")
def option(lab):
    option = OptionE(lab)
    option.start()
    option.wait_for_routes()
    return option


def labelled(source, destination, label, ttl, inner):
    return bytes(Ether(src=source, dst=destination, type=0x8847) / MPLS(label=label, cos=5, s=1, ttl=ttl) / inner)


def packet(source, destination, ttl, marker):
    """The smaller of its TTL and the label's goes on (RFC 3443 §3.1)."""
    return IP(src=source, dst=destination, ttl=ttl, id=9, tos=0xB8) / UDP(sport=1111, dport=2222) / Raw(marker.encode())


@pytest.mark.parametrize("neighbor, vrf", WAYS)
def test_packets_cross_in_their_vrf_alone_byte_for_byte(option, neighbor, vrf):
    mac, sockets = option.mac, option.sockets
    given, port, host = WAYS[neighbor, vrf]
    sockets["pe"].drain()
    sockets[neighbor].send(labelled(mac[neighbor], mac[port], option.label(vrf, PLACES[neighbor]), 64,
                                    packet(host, "10.1.0.5", 17, f"in-{neighbor}-{vrf}")))
    assert receive(sockets["pe"], f"in-{neighbor}-{vrf}") == labelled(
        mac["p3"], mac["pe"], PE_LABEL[vrf], 16, packet(host, "10.1.0.5", 16, f"in-{neighbor}-{vrf}"))
    sockets[neighbor].drain()
    sockets["pe"].send(labelled(mac["pe"], mac["p3"], option.label(vrf, "core"), 64, packet("10.1.0.5", host, 17, f"out-{neighbor}-{vrf}")))
    assert receive(sockets[neighbor], f"out-{neighbor}-{vrf}") == labelled(
        mac[port], mac[neighbor], given, 16, packet("10.1.0.5", host, 16, f"out-{neighbor}-{vrf}"))


def test_each_neighbor_has_the_routes_of_its_vrfs_and_a_label_for_each(option):
    label = {(vrf, place): option.label(vrf, place) for vrf, place in
             (("red", "ten1/0"), ("green", "ten1/0"), ("green", "ten1/9"), ("red", "core"), ("green", "core"))}
    assert len(set(label.values())) == len(label)
    routes = option.frr.routes("ipv4")
    assert {rd: sorted(routes[rd]) for rd in ("42:1", "42:2")} == {"42:1": ["10.1.0.0/24", "10.8.0.0/24"], "42:2": ["10.1.0.0/24"]}
    for vrf, rd in (("red", "42:1"), ("green", "42:2")):
        assert str(label[vrf, "ten1/0"]) in str(option.frr.show(f"show bgp ipv4 vpn rd {rd} 10.1.0.0/24 json"))
    told = option.bird_routes()
    # No transit from the one operator to the other.
    assert "42:2 10.1.0.0/24" in told and "42:1" not in told and "10.2.0.0/24" not in told


def test_no_forged_packet_arrives(option):
    spoofer = option.spoofer()
    assert spoofer.run(attack_table(option, spoofer))[1] == []


def test_a_label_that_was_withdrawn_a_moment_ago_leads_nowhere(option):
    box, spoofer = option.boxes["border"], option.spoofer()
    own = option.label("green", "ten1/9")
    text = BORDER.replace(" optE 192.0.2.2 198.51.100.2\n", " optE 192.0.2.2\n").replace(
        "interface ten1/9.2\n vrf definition green\n ip verify unicast source reachable-via rx\n", "")
    box.replace(text)
    # Valid until BIRD has read the withdrawals.
    box.wait(lambda: not any(entry["nni"] == "ten1/9" for entry in box.json("show", "labels")["labels"]), "the label is gone", 30)
    assert spoofer.run([spoofer.labels("withdrawn a moment ago", [own])])[1] == []
    assert "10.1.0.0/24" not in option.bird_routes()
    box.replace(BORDER)
    box.wait(lambda: "10.1.0.0/24" in option.bird_routes(), "BIRD has green's route again", 30)
    box.wait(lambda: "10.3.0.0/24" in box.text("show", "routes", "vrf", "green", "ipv4"), "BIRD's route is back", 30)
    assert spoofer.run([spoofer.labels("given again", [option.label("green", "ten1/9")], arrives=True)])[1] == []


def test_show_isolation_says_what_each_nni_takes(option):
    answer = option.boxes["border"].json("show", "isolation")
    assert answer["violations"] == []
    links = {link["interface"]: link for link in answer["links"]}
    assert {name: (link["kind"], link["deepest_stack"], [labels["vrf"] for labels in link["labels"]]) for name, link in links.items()} == {
        "ten1/0": ("optE", 1, ["green", "red"]), "ten1/9": ("optE", 1, ["green"]), "core": ("core", 1, ["green", "red"])}
    assert [labels["labels"] for labels in links["ten1/9"]["labels"]] == [[option.label("green", "ten1/9")]]
