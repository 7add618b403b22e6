"""Frames in, frames out, byte for byte: one box with every kind of interface, expectations made by scapy."""

from ipaddress import ip_address

import pytest
from frames_bench import CONFIGURATION, FAMILIES, FAR, FAR_LABEL, PLACES, Bench, packet, tagged
from scapy.contrib.mpls import MPLS
from scapy.layers.inet6 import (ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6NDOptDstLLAddr,
                                ICMPv6TimeExceeded, IPv6)
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.utils6 import in6_mactoifaceid


@pytest.fixture(scope="module")
def bench(lab):
    return Bench(lab)


RED = ("untagged", "dot1q", "qinq")


def address(place, family):
    return PLACES[place][2 if family == "ipv4" else 3]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("place", [*RED, "green"])
def test_customer_to_nni(bench, place, family):
    port, tags, _, _, mac = PLACES[place]
    vrf = "green" if place == "green" else "red"
    source = address(place, family)
    marker = f"c-n {place} {family}"
    sent = tagged(bench.mac[port], mac, tags) / packet(family, source, FAR[family], 64, marker)
    expected = (Ether(src=bench.mac["p0"], dst=bench.far_mac, type=0x8847)
                / MPLS(label=FAR_LABEL[vrf], cos=5, s=1, ttl=63) / packet(family, source, FAR[family], 63, marker))
    bench.expect(port, bytes(sent), "p0", bytes(expected))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("place", [*RED, "green"])
def test_nni_to_customer(bench, place, family):
    port, tags, _, _, mac = PLACES[place]
    bench.resolve(place, family)
    label = bench.labels("ten1/0")["green" if place == "green" else "red"]
    destination = address(place, family)
    marker = f"n-c {place} {family}"
    sent = (Ether(src=bench.far_mac, dst=bench.mac["p0"], type=0x8847) / MPLS(label=label, cos=5, s=1, ttl=40)
            / packet(family, FAR[family], destination, 64, marker))
    # RFC 3443 uniform model: the IP TTL continues the label's.
    expected = tagged(mac, bench.mac[port], tags) / packet(family, FAR[family], destination, 39, marker)
    bench.expect("p0", bytes(sent), port, bytes(expected))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("near, far", [("untagged", "dot1q"), ("dot1q", "qinq"), ("qinq", "untagged")])
def test_customer_to_customer_in_one_vrf(bench, near, far, family):
    port, tags, _, _, mac = PLACES[near]
    port_out, tags_out, _, _, mac_out = PLACES[far]
    bench.resolve(far, family)
    marker = f"c-c {near} {far} {family}"
    source, destination = address(near, family), address(far, family)
    sent = tagged(bench.mac[port], mac, tags) / packet(family, source, destination, 64, marker)
    expected = tagged(mac_out, bench.mac[port_out], tags_out) / packet(family, source, destination, 63, marker)
    bench.expect(port, bytes(sent), port_out, bytes(expected))


@pytest.mark.parametrize("family", FAMILIES)
def test_transit_from_an_nni_on_a_vlan_to_another_nni(bench, family):
    """Red has transit: in on the VLAN NNI, out on the port NNI with the far end's label."""
    label = bench.labels("ten1/3.100")["red"]
    marker = f"n-n {family}"
    source = "10.1.0.77" if family == "ipv4" else "fd00:1::77"
    inner = packet(family, source, FAR[family], 64, marker)
    sent = labelled_on_vlan(bench, 100, MPLS(label=label, cos=5, s=1, ttl=64) / inner)
    # Uniform model on both sides: one decrement for the hop, carried by label and IP header alike.
    expected = (Ether(src=bench.mac["p0"], dst=bench.far_mac, type=0x8847)
                / MPLS(label=FAR_LABEL["red"], cos=5, s=1, ttl=63) / packet(family, source, FAR[family], 63, marker))
    bench.expect("p3", sent, "p0", bytes(expected))


def labelled_on_vlan(bench, vlan, rest):
    return bytes(Ether(dst=bench.mac["p3"], src="02:00:00:00:09:01") / Dot1Q(vlan=vlan, type=0x8847) / rest)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_transit_without_the_flag(bench, family):
    """Green has no transit: a packet from the NNI does not leave by an NNI."""
    label = bench.labels("ten1/0")["green"]
    sent = (Ether(src=bench.far_mac, dst=bench.mac["p0"], type=0x8847) / MPLS(label=label, s=1, ttl=64)
            / packet(family, "10.2.0.2" if family == "ipv4" else "fd00:2::2", FAR[family], 64, f"no transit {family}"))
    bench.expect("p0", bytes(sent), None, None)


def test_a_label_is_valid_only_on_the_nni_where_it_was_advertised(bench):
    assert set(bench.labels("ten1/0")) == {"red", "green"}
    assert set(bench.labels("ten1/3.100")) == {"red"}
    label = bench.labels("ten1/0")["green"]
    sent = labelled_on_vlan(bench, 100, MPLS(label=label, s=1, ttl=64)
                            / packet("ipv4", FAR["ipv4"], "10.2.0.2", 64, "wrong nni"))
    bench.expect("p3", sent, None, None)


def test_reserved_labels_and_unknown_vlans_are_told_apart_and_of_which_port(bench):
    reserved = Ether(src=bench.far_mac, dst=bench.mac["p0"], type=0x8847) / MPLS(label=1, s=1, ttl=64)
    stray = tagged(bench.mac["p3"], "02:00:00:00:09:01", [4000])
    before = bench.box.drops()
    bench.expect("p0", bytes(reserved / packet("ipv4", FAR["ipv4"], "10.2.0.2", 64, "reserved")), None, None)
    bench.expect("p3", bytes(stray / packet("ipv4", FAR["ipv4"], "10.2.0.2", 64, "stray")), None, None)
    after = bench.box.drops()
    for key in (("ten1/0", "label_reserved"), ("port ten1/3", "no_interface_for_vlan")):
        assert after.get(key, 0) > before.get(key, 0)


@pytest.mark.parametrize("place", ["untagged", "dot1q", "qinq"])
def test_a_circuits_link_local_address_answers_pings(bench, place):
    port, tags, _, _, mac = PLACES[place]
    own = link_local(bench, port)
    ping = ICMPv6EchoRequest(id=7, seq=9, data=f"on the link {place}".encode())
    for socket in bench.sockets.values():
        socket.drain()
    bench.sockets[port].send(bytes(tagged(bench.mac[port], mac, tags) / IPv6(src="fe80::99", dst=own) / ping))
    answers = []
    while (frame := bench.sockets[port].receive(3)) is not None:
        heard = Ether(frame)
        if ICMPv6EchoReply in heard:
            answers.append(heard)
            break
    assert [(heard.dst, heard.src, heard[IPv6].src, heard[IPv6].dst, [tag.vlan for tag in layers(heard, Dot1Q)],
             heard[ICMPv6EchoReply].id, heard[ICMPv6EchoReply].seq, heard[ICMPv6EchoReply].data) for heard in answers] == [
        (mac, bench.mac[port], own, "fe80::99", list(tags), 7, 9, ping.data)]


def link_local(bench, port):
    return str(ip_address(f"fe80::{in6_mactoifaceid(bench.mac[port])}"))


def test_a_link_local_next_hop_is_found_on_its_link(bench):
    router, mac = "fe80::77", "02:00:00:00:01:77"
    own = link_local(bench, "p1")
    for socket in bench.sockets.values():
        socket.drain()
    bench.box.replace(CONFIGURATION + f"ipv6 route vrf red 2001:db8:77::/48 ten1/1 {router}\n")
    asked = None
    while (frame := bench.sockets["p1"].receive(3)) is not None:
        heard = Ether(frame)
        if ICMPv6ND_NS in heard and heard[ICMPv6ND_NS].tgt == router:
            asked = heard
            break
    assert asked is not None and asked[IPv6].src == own
    bench.sockets["p1"].send(bytes(
        Ether(dst=bench.mac["p1"], src=mac) / IPv6(src=router, dst=own, hlim=255)
        / ICMPv6ND_NA(tgt=router, R=1, S=1, O=1) / ICMPv6NDOptDstLLAddr(lladdr=mac)))
    bench.box.wait(lambda: any(entry["address"] == router and entry.get("mac_address") == mac
                               for entry in bench.box.json("show", "neighbors")["neighbors"]), "the router")
    port, tags, _, source, sender = PLACES["dot1q"]
    sent = tagged(bench.mac[port], sender, tags) / packet("ipv6", source, "2001:db8:77::1", 64, "by the router")
    expected = Ether(src=bench.mac["p1"], dst=mac) / packet("ipv6", source, "2001:db8:77::1", 63, "by the router")
    bench.expect(port, bytes(sent), "p1", bytes(expected))
    bench.box.replace(CONFIGURATION)


def layers(frame, kind):
    """The headers of this kind, from the outside in."""
    found = []
    while (header := frame.getlayer(kind, len(found) + 1)) is not None:
        found.append(header)
    return found


def test_errors_about_an_nnis_packets_come_from_the_loopback_of_the_vrf(bench):
    text = CONFIGURATION.replace("ip vrf green\n rd 42:2\n", "ip vrf green\n rd 42:2\n loopback fd00:99::7\n")
    assert text != CONFIGURATION
    bench.box.replace(text)
    link = Ether(src=bench.far_mac, dst=bench.mac["p0"], type=0x8847)
    label = MPLS(label=bench.labels("ten1/0")["green"], s=1, ttl=64)
    ping = ICMPv6EchoRequest(id=7, seq=9, data=b"to the loopback")
    sent = {"echo": link / label / IPv6(src=FAR["ipv6"], dst="fd00:99::7") / ping,
            "error": link / label / packet("ipv6", FAR["ipv6"], "fd00:2::2", 1, "expired")}
    answers = {"echo": ICMPv6EchoReply, "error": ICMPv6TimeExceeded}
    for kind, frame in sent.items():
        for socket in bench.sockets.values():
            socket.drain()
        bench.sockets["p0"].send(bytes(frame))
        heard = None
        while (octets := bench.sockets["p0"].receive(3)) is not None:
            if octets[12:14] == b"\x88\x47":
                heard = MPLS(octets[14:])
                break
        assert heard is not None and heard.label == FAR_LABEL["green"]
        answer = IPv6(bytes(heard)[4:])
        assert answers[kind] in answer
        assert (answer.src, answer.dst) == ("fd00:99::7", FAR["ipv6"])
    bench.box.replace(CONFIGURATION)


def test_the_first_packets_wait_for_the_resolution(bench):
    """A host nobody has heard of: the packet that asks for it arrives after the host has answered."""
    port, host, mac = "p1", "10.1.0.99", "02:00:00:00:01:99"
    label = bench.labels("ten1/0")["red"]
    inner = packet("ipv4", FAR["ipv4"], host, 64, "held packet")
    for socket in bench.sockets.values():
        socket.drain()
    bench.sockets["p0"].send(bytes(Ether(src=bench.far_mac, dst=bench.mac["p0"], type=0x8847)
                                   / MPLS(label=label, s=1, ttl=64) / inner))
    asked = None
    while (frame := bench.sockets[port].receive(3)) is not None:
        heard = Ether(frame)
        if ARP in heard and heard[ARP].pdst == host:
            asked = heard
            break
    assert asked is not None and asked[ARP].psrc == "10.1.0.1" and asked[ARP].hwsrc == bench.mac[port]
    bench.sockets[port].send(bytes(Ether(dst=bench.mac[port], src=mac)
                                   / ARP(op=2, hwsrc=mac, psrc=host, hwdst=bench.mac[port], pdst="10.1.0.1")))
    expected = bytes(Ether(dst=mac, src=bench.mac[port]) / packet("ipv4", FAR["ipv4"], host, 63, "held packet"))
    arrived = []
    while (frame := bench.sockets[port].receive(2)) is not None:
        if b"held packet" in frame:
            arrived.append(frame)
            break
    assert arrived == [expected]
