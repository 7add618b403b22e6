"""Option AB between two Stile boxes: one session, red by labels and blue on a circuit, packets byte for byte, forged ones of which
none arrives, and a change from one option to the other while packets flow."""

import threading
import time

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.numbered_frames import PAYLOAD, NumberedFrames
from stilelab.option_ab import CIRCUIT, FAR, NNI, PORT, SITE, SITE6, VRFS, OptionAB, attack_table, configuration
from stilelab.spoofer import receive


@pytest.fixture(scope="module")
def option(lab):
    option = OptionAB(lab)
    option.start()
    option.wait_for_routes()
    return option


def packet(source, destination, ttl, marker):
    if ":" in source:
        return IPv6(src=source, dst=destination, hlim=ttl, tc=0xB8) / UDP(sport=1111, dport=2222) / Raw(marker.encode())
    return IP(src=source, dst=destination, ttl=ttl, id=9, tos=0xB8) / UDP(sport=1111, dport=2222) / Raw(marker.encode())


def from_site(option, vrf, side, inner):
    return bytes(Ether(src=option.mac[vrf, side], dst=option.mac[PORT[vrf], side]) / inner)


@pytest.mark.parametrize("sites", [{side: f"{net}.2" for side, net in SITE.items()},
                                   {side: f"{net}::2" for side, net in SITE6.items()}], ids=("ipv4", "ipv6"))
@pytest.mark.parametrize("side", FAR)
@pytest.mark.parametrize("vrf", VRFS)
def test_packets_cross_byte_for_byte(option, vrf, side, sites):
    far, mac, sockets = FAR[side], option.mac, option.sockets
    port = "p0" if vrf == "red" else "p3"
    for place in ((port, far), (vrf, far), ("p3" if vrf == "red" else "p0", far)):
        sockets[place].drain()
    marker = f"{vrf}-{side}-{sites[side]}"
    sockets[vrf, side].send(from_site(option, vrf, side, packet(sites[side], sites[far], 17, marker)))
    inner = packet(sites[side], sites[far], 16, marker)
    # Between the boxes: under red's label on the NNI, as it is on blue's circuit, and not in the other place.
    between = Ether(src=mac[port, side], dst=mac[port, far])
    wanted = between / MPLS(label=option.label(far), cos=5, s=1, ttl=16) / inner if vrf == "red" else between / inner
    if vrf == "red":
        wanted[Ether].type = 0x8847
    assert receive(sockets[port, far], marker) == bytes(wanted)
    assert receive(sockets["p3" if vrf == "red" else "p0", far], marker, 0.2) is None
    delivered = receive(sockets[vrf, far], marker)
    assert delivered == bytes(Ether(src=mac[PORT[vrf], far], dst=mac[vrf, far])
                              / packet(sites[side], sites[far], 15, marker))


def test_the_label_of_blue_is_told_and_valid_nowhere(option):
    box = option.boxes["a"]
    told = option.told("a")
    assert told["label"] >= 16 and told["neighbor"] == NNI["b"]
    assert [entry["circuit"] for entry in told["far_ends"]] == ["ten1/3", "ten1/3"]
    # The far end has it in its route, and does without.
    routes = option.boxes["b"].json("show", "bgp", "vpnv4", "received")["routes"]
    labels = {route["label"] for route in routes if route["route_distinguisher"] == "42:2"}
    assert labels == {told["label"]}
    assert "label" not in option.next_hop("b", "blue", f"{SITE['a']}.0/24")
    assert [entry["vrf"] for entry in box.json("show", "labels")["labels"]] == ["red"]
    answer = box.json("show", "isolation")
    assert answer["violations"] == [] and [entry["label"] for entry in answer["valid_nowhere"]] == [told["label"]]
    text = box.text("show", "isolation")
    assert (f"label {told['label']} is told to {NNI['b']} for VRF blue and is valid nowhere: its packets come from "
            f"{CIRCUIT['b']} on ten1/3") in text
    neighbor = box.json("show", "bgp", "neighbors", NNI["b"])["neighbors"][0]
    assert [entry["vrf"] for entry in neighbor["vrfs_on_circuits"]] == ["blue"]


def test_explain_packet_names_the_circuit_and_the_label(option):
    box = option.boxes["a"]
    leaving = box.command("explain", "packet", "in", "ten1/2", "src", f"{SITE['a']}.2", "dst", f"{SITE['b']}.2").stdout
    assert f"{CIRCUIT['b']} on ten1/3, the far end of {NNI['b']} by optAB" in leaving
    forged = box.command("--json", "explain", "packet", "in", "ten1/0", "label", str(option.told("a")["label"]),
                         "src", f"{SITE['b']}.2", "dst", f"{SITE['a']}.2").stdout
    assert "label_not_valid_here" in forged and "for VRF blue and is valid nowhere" in forged


@pytest.mark.parametrize("port", ("p0", "p3"), ids=("on the NNI", "on the circuit"))
def test_no_forged_packet_arrives(option, port):
    spoofer = option.spoofer(port)
    assert spoofer.run(attack_table(option, spoofer))[1] == []


def test_a_circuit_that_is_lost_takes_blue_alone(option):
    prefix = f"{SITE['a']}.0/24"
    option.boxes["b"].ports.ip("link", "set", "p3", "down")
    try:
        box = option.boxes["b"]
        box.wait(lambda: not [route for route in box.json("show", "routes", "vrf", "blue")["routes"]
                              if route["prefix"] == prefix], "blue has lost its route", 30)
        assert option.next_hop("b", "red", prefix)["is_resolved"]
    finally:
        option.boxes["b"].ports.ip("link", "set", "p3", "up")
    option.wait_for_routes()


def both(option, change):
    """Changes the configuration of both sides at the same time, as far as that is possible."""
    threads = [threading.Thread(target=option.boxes[side].replace, args=(change(side),)) for side in FAR]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_change_of_the_option_loses_no_packet(option):
    """Static routes by the circuit carry the packets while labels and routes are told anew, first on one side and then on the
    other; so each step is one store in the FIB of a box. A strict source check on the circuit comes before and after: the way
    back is another for a moment."""
    streams = []
    for side in FAR:
        inner = packet(f"{SITE[side]}.2", f"{SITE[FAR[side]]}.2", 17, "") / Raw(PAYLOAD)
        streams.append(NumberedFrames(option.sockets["blue", side], from_site(option, "blue", side, inner),
                                      option.sockets["blue", FAR[side]]))

    def static(side):
        return [f"ip route vrf blue {SITE[FAR[side]]}.0/24 {CIRCUIT[FAR[side]]}"]

    def leads(side, by_label):
        hop = option.next_hop(side, "blue", f"{SITE[FAR[side]]}.0/24")
        return hop["is_resolved"] and ("label" in hop) == by_label

    try:
        for blue, former in (("optE", "optAB"), ("optAB", "optE")):
            both(option, lambda side: configuration(side, former, sources="any"))
            both(option, lambda side: configuration(side, former, static(side), "any"))
            time.sleep(0.5)
            for side in FAR:
                option.boxes[side].replace(configuration(side, blue, static(side), "any"))
                time.sleep(0.5)
            for side in FAR:
                # The route by BGP is there behind the static one.
                option.boxes[side].wait(
                    lambda: (option.told(side) is None) == (blue == "optE"), f"{side} tells another label", 20)
            time.sleep(2)
            both(option, lambda side: configuration(side, blue, sources="any"))
            for side in FAR:
                option.boxes[side].wait(lambda: leads(side, blue == "optE"), f"{side} goes by {blue}", 20)
            time.sleep(0.5)
            both(option, lambda side: configuration(side, blue))
            time.sleep(0.5)
    finally:
        frames = [stream.finish() for stream in streams]
    for stream in frames:
        assert len(stream) > 1000 and [number for number, (_, arrived) in enumerate(stream) if not arrived] == []


def test_the_label_stays_when_stiled_is_killed(option):
    box, told = option.boxes["a"], option.told("a")
    box.kill_control()
    for vrf in VRFS:
        option.sockets[vrf, "a"].drain()
        inner = packet(f"{SITE['b']}.2", f"{SITE['a']}.2", 17, f"headless-{vrf}")
        option.sockets[vrf, "b"].send(from_site(option, vrf, "b", inner))
        assert receive(option.sockets[vrf, "a"], f"headless-{vrf}") is not None
    box.start_control()
    option.wait_for_routes()
    box.wait(lambda: option.told("a") is not None, "the label is told again", 30)
    assert option.told("a")["label"] == told["label"]
