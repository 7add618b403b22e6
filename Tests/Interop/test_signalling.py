"""MVPN and EVPN through the box as route reflector: GoBGP and FRR (EVPN with VXLAN), ExaBGP, and scripted PEs that look at the octets.

      box 10.98.0.1 ── ten1/3 core ──┬── gobgp 10.98.0.11, frr .12, exabgp .13, raw .14   clients
                                     ├── wishes .16   client of EVPN alone, with VPN routes and what it wants of them
                                     └── inside .15   another internal neighbor
"""

import json
import shutil
import socket
import struct
import subprocess

import pytest
from stilelab.bgp_peer import (EVPN, MVPN4, MVPN6, ROUTE_TARGETS, UPDATE, VPNV4, BGPPeer, as_path, attribute, distinguisher, origin, reachable,
                               route_target, unreachable, update)
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.namespaces import switched
from stilelab.peers import ExaBGP, GoBGP, frr_available
from stilelab.routers import FRRRouter

pytestmark = pytest.mark.skipif(not frr_available(), reason="FRR is not installed")

BOX, CLUSTER = "10.98.0.1", "10.98.0.100"
CLIENTS = {"gobgp": "10.98.0.11", "frr": "10.98.0.12", "exabgp": "10.98.0.13", "raw": "10.98.0.14"}
OTHERS = {"inside": "10.98.0.15"}
WISHES = "10.98.0.16"
FAMILIES = {"ipv4 mvpn": MVPN4, "ipv6 mvpn": MVPN6, "l2vpn evpn": EVPN}
RD = distinguisher("42:7")
SEGMENT = bytes.fromhex("00112233445566778899")
MAC = bytes.fromhex("020000000007")
TAG = struct.pack("!I", 7)


def ip(text):
    packed = socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
    return bytes([8 * len(packed)]) + packed


def typed(kind, value):
    return bytes([kind, len(value)]) + value


RAW = socket.inet_aton(CLIENTS["raw"])
ANY_SOURCE = ip("10.1.2.3") + ip("239.0.0.1")
FLOW = ip("10.1.2.3") + ip("232.0.0.1")
FLOW6 = ip("2001:db8::7") + ip("ff3e::1")
SPMSI = typed(3, RD + FLOW + RAW)
IMET = typed(3, RD + TAG + ip(CLIENTS["raw"]))
ROUTES = {
    MVPN4: [typed(1, RD + RAW), typed(2, RD + struct.pack("!I", 42)), SPMSI, typed(3, RD + b"\0\0" + RAW), typed(4, SPMSI + RAW),
            typed(5, RD + ANY_SOURCE), typed(6, RD + struct.pack("!I", 42) + FLOW), typed(7, RD + struct.pack("!I", 42) + FLOW)],
    MVPN6: [typed(1, RD + RAW), typed(7, RD + struct.pack("!I", 42) + FLOW6)],
    EVPN: [typed(1, RD + SEGMENT + TAG + b"\0\x3e\x91"),
           typed(2, RD + SEGMENT + TAG + b"\x30" + MAC + ip("10.1.2.3") + b"\0\x3e\x90\0\x3e\xa1"), IMET,
           typed(4, RD + SEGMENT + ip(CLIENTS["raw"])),
           typed(5, RD + SEGMENT + TAG + bytes([22, 10, 9, 8, 0, 10, 1, 1, 1]) + b"\0\x3e\xc1"),
           typed(6, RD + TAG + b"\0" + ip("232.0.0.1") + ip(CLIENTS["raw"]) + b"\4"),
           typed(7, RD + SEGMENT + TAG + FLOW + ip(CLIENTS["raw"]) + b"\4"),
           typed(8, RD + SEGMENT + TAG + FLOW + ip(CLIENTS["raw"]) + bytes(4) + b"\x0a\4"),
           typed(9, RD + TAG + bytes.fromhex("0009002a00000001")), typed(10, RD + TAG + FLOW + ip(CLIENTS["raw"])),
           typed(11, IMET + ip(CLIENTS["raw"]))],
}
# A P2MP LSP of mLDP with a label of the DCB, said by the Extension flag and bit 47 (RFC 7902, RFC 9573 §4.1).
TUNNEL = bytes([0x40, 2]) + b"\0\x3e\x91" + bytes.fromhex("06000104") + RAW + bytes.fromhex("000701000400000001")
COMMUNITIES = struct.pack("!HHI", 2, 42, 7) + bytes.fromhex("0307000000000001") + bytes.fromhex("0601000000003e91")


def configuration(clients=tuple(CLIENTS)):
    lines = "".join(f" neighbor {address} remote-as 42\n" for address in (*CLIENTS.values(), *OTHERS.values(), WISHES))
    families = (f" address-family vpnv4\n  neighbor {WISHES} activate\n address-family rtfilter unicast\n  neighbor {WISHES} activate\n"
                f" address-family l2vpn evpn\n  neighbor {WISHES} activate\n  neighbor {WISHES} route-reflector-client\n")
    for family in FAMILIES:
        families += f" address-family {family}\n"
        for name, address in {**CLIENTS, **OTHERS}.items():
            families += f"  neighbor {address} activate\n"
            if name in clients:
                families += f"  neighbor {address} route-reflector-client\n"
    return f"""\
mpls label-block dcb 1000 1999
port ten1/3
 device net_af_packet_p3,iface=p3
interface ten1/3
 encap mpls core
 ip address {BOX}/24
router bgp 42
 bgp cluster-id {CLUSTER}
{lines}{families}"""


class Cluster:
    def __init__(self, lab):
        self.box = Box(lab, "box", configuration())
        self.namespaces = switched(lab, self.box.ports, "p3", {**CLIENTS, **OTHERS, "wishes": WISHES})
        self.box.start()
        self.gobgp = GoBGP(lab, self.namespaces["gobgp"], 42, CLIENTS["gobgp"], BOX, 42, others=["l2vpn-evpn"])
        self.gobgp.start()
        # A VNI makes FRR say what it has: with a bridge and a VXLAN device zebra tells bgpd of it.
        frr = self.namespaces["frr"]
        frr.ip("link", "add", "br7", "type", "bridge")
        frr.ip("link", "add", "vni7", "type", "vxlan", "id", "1007", "local", CLIENTS["frr"], "dstport", "4789", "nolearning")
        frr.ip("link", "set", "vni7", "master", "br7")
        for link in ("br7", "vni7"):
            frr.ip("link", "set", link, "up")
        self.frr = FRRRouter(lab, frr, 42, CLIENTS["frr"], [
            f"neighbor {BOX} remote-as 42", f"neighbor {BOX} timers 3 9", f"neighbor {BOX} timers connect 1",
            "address-family l2vpn evpn", f" neighbor {BOX} activate", " advertise-all-vni", "exit-address-family"]).start()
        self.exabgp = ExaBGP(lab, self.namespaces["exabgp"], 42, CLIENTS["exabgp"], BOX, 42)
        self.exabgp.start()
        self.raw = {name: BGPPeer(self.namespaces[name], {**CLIENTS, **OTHERS}[name], BOX, 42,
                                  families=tuple(FAMILIES.values())) for name in ("raw", "inside")}
        self.raw["wishes"] = BGPPeer(self.namespaces["wishes"], WISHES, BOX, 42, families=(VPNV4, ROUTE_TARGETS, EVPN))
        for peer in self.raw.values():
            peer.bring_up()

    def add_to_gobgp(self, *words):
        done = self.gobgp.command("global", "rib", "add", "-a", "evpn", *words)
        assert done.returncode == 0, done.stdout + done.stderr

    def frr_routes(self):
        return json.dumps(self.frr.show("show bgp l2vpn evpn json"))

    def heard(self, name, route):
        """What a scripted peer has last been told of a route: its attributes; `None` if it has not, or not any more."""
        return next((attributes for _, octets, attributes in reversed(self.raw[name].signalled) if octets == route), None)


@pytest.fixture(scope="module")
def cluster(lab):
    return Cluster(lab)


def say(cluster, family, routes, extra=b""):
    cluster.raw["raw"].send(update(
        origin(), as_path(), attribute(0x40, 5, struct.pack("!I", 100)), attribute(0xC0, 16, COMMUNITIES),
        attribute(0xC0, 22, TUNNEL), extra, reachable(CLIENTS["raw"], b"".join(routes), family, hop=RAW)))


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_every_type_is_reflected_octet_by_octet(cluster, family):
    """RFC 4456 §10: next hop, labels, segment, tunnel and communities stay; §8: originator and cluster are added."""
    say(cluster, family, ROUTES[family], attribute(0xC0, 27, RAW + b"\0\x3e\x91"))
    for route in ROUTES[family]:
        wait_until(lambda: cluster.heard("inside", route), f"{route.hex()} at the other neighbor")
        assert cluster.heard("inside", route) == {
            1: (0x40, b"\0"), 2: (0x40, b""), 5: (0x40, struct.pack("!I", 100)), 9: (0x80, socket.inet_aton(CLIENTS["raw"])),
            10: (0x80, socket.inet_aton(CLUSTER)), 16: (0xC0, COMMUNITIES), 22: (0xC0, TUNNEL), 27: (0xC0, RAW + b"\0\x3e\x91")}


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
@pytest.mark.parametrize("family, names", [
    (MVPN4, ["Intra-AS I-PMSI A-D route (1)", "Inter-AS I-PMSI A-D route (2)", "S-PMSI A-D route (3)", "Leaf A-D route (4)",
             "Source Active A-D route (5)", "Shared Tree Join route (6)", "Source Tree Join route (7)"]),
    (EVPN, ["Ethernet AD Route (1)", "MAC Advertisement Route (2)", "Inclusive Multicast Route (3)",
            "Ethernet Segment Route (4)", "IP Prefix route (5)", "Selective Multicast Ethernet Tag Route (6)",
            "IGMP Join Synch Route (7)", "IGMP Leave Synch Route (8)"])], ids=("mvpn", "evpn"))
def test_an_independent_dissector_reads_what_is_sent(cluster, family, names, tmp_path):
    # Of EVPN tshark 4.0 knows the first eight types, and stumbles over what is behind another.
    beyond = [route for route in ROUTES[family] if route[0] > len(names)]
    if beyond:
        cluster.raw["raw"].send(update(unreachable(b"".join(beyond), family)))
        wait_until(lambda: not any(cluster.heard("inside", route) for route in beyond), "taken back")
    cluster.raw["inside"].received.clear()
    cluster.raw["inside"].barrier(family)
    bodies = [body for kind, body in cluster.raw["inside"].received
              if kind == UPDATE and struct.pack("!HB", *family) in body and RD in body]
    assert bodies
    capture = tmp_path / "updates.pcap"
    with open(capture, "wb") as file:
        file.write(struct.pack("!IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for index, body in enumerate(bodies):
            message = b"\xff" * 16 + struct.pack("!HB", 19 + len(body), 2) + body
            tcp = struct.pack("!HHIIBBHHH", 179, 30000 + index, 1, 1, 0x50, 0x18, 1000, 0, 0) + message
            packet = bytes(12) + b"\x08\0" + struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 1, 6, 0, RAW, RAW) + tcp
            file.write(struct.pack("!IIII", 0, 0, len(packet), len(packet)) + packet)
    text = subprocess.run(["tshark", "-r", capture, "-O", "bgp"], capture_output=True, text=True, check=True).stdout
    for name in names:
        assert f"Route Type: {name}" in text, text
    assert "Malformed" not in text, text
    assert "Tunnel Type: mLDP P2MP LSP (2)" in text and f"root node address: {CLIENTS['raw']}" in text, text
    assert "ESI MPLS Label: All-Active redundancy, Label: 1001" in text, text


def test_what_gobgp_says_reaches_frr(cluster):
    cluster.add_to_gobgp("macadv", "aa:bb:cc:dd:ee:ff", "10.1.2.3", "etag", "0", "label", "1007", "rd", "42:11", "rt", "42:1007",
                         "encap", "vxlan")
    cluster.add_to_gobgp("multicast", CLIENTS["gobgp"], "etag", "0", "rd", "42:11", "rt", "42:1007", "encap", "vxlan", "pmsi",
                         "ingress-repl", "1007", CLIENTS["gobgp"])
    cluster.add_to_gobgp("prefix", "10.9.8.0/22", "gw", "10.1.1.1", "etag", "0", "label", "1007", "rd", "42:11", "rt", "42:1007")
    cluster.add_to_gobgp("esi", CLIENTS["gobgp"], "esi", "ARBITRARY", "11:22:33:44:55:66:77:88:99", "rd", "42:11", "rt", "42:7")
    cluster.add_to_gobgp("a-d", "esi", "ARBITRARY", "11:22:33:44:55:66:77:88:99", "etag", "0", "label", "1007", "rd", "42:11", "rt",
                         "42:7", "esi-label", "2002")
    for route in ("[2]:[0]:[48]:[aa:bb:cc:dd:ee:ff]", "[3]:[0]:[32]:[10.98.0.11]", "[5]:[0]:[22]:[10.9.8.0]", "[4]:", "[1]:"):
        wait_until(lambda: route in cluster.frr_routes(), f"{route} at FRR", 30)


def test_what_frr_says_reaches_gobgp(cluster):
    """FRR's IMET route: ingress replication, and a VNI where the label would be."""
    def at_gobgp():
        done = cluster.gobgp.command("global", "rib", "-a", "evpn")
        return done.stdout

    wait_until(lambda: f"[ip:{CLIENTS['frr']}]" in at_gobgp(), "FRR's route at GoBGP", 30)
    line = next(line for line in at_gobgp().splitlines() if f"[ip:{CLIENTS['frr']}]" in line)
    assert "ingress-repl" in line and "1007" in line and f" {CLIENTS['frr']} " in line, line


def test_exabgp_is_told_what_others_say(cluster):
    """ExaBGP 4.2 knows types 1 to 5: it keeps the session, and logs the octets of the UPDATE."""
    say(cluster, EVPN, ROUTES[EVPN])
    octets = IMET.hex()
    wait_until(lambda: octets in cluster.exabgp.told().replace(":", "").replace(" ", "").lower(), "the route in ExaBGP's log", 30)
    summary = {row["address"]: row["state"] for row in cluster.box.json("show", "bgp", "summary")["neighbors"]}
    assert summary[CLIENTS["exabgp"]] == "established", summary


def test_a_client_of_evpn_is_no_client_of_vpn_routes(cluster):
    """RFC 4684 §3.2: nobody here wants any of its VPN routes, and no default target is asked for."""
    wishes = cluster.raw["wishes"]
    wait_until(lambda: ROUTE_TARGETS in wishes.ends_of_rib, "the box has said what it wants")
    assert wishes.wishes == set()
    wait_until(lambda: any(octets == IMET for _, octets, _ in wishes.signalled), "it is a client of EVPN")


def test_the_box_says_what_it_has(cluster):
    say(cluster, EVPN, ROUTES[EVPN])
    wait_until(lambda: "[2]:[7]:[02:00:00:00:00:07]:[10.1.2.3]" in json.dumps(
        cluster.box.json("show", "bgp", "l2vpn", "evpn", "neighbor", CLIENTS["raw"])), "the route is shown")
    routes = {row["route"]: row for row in cluster.box.json("show", "bgp", "l2vpn", "evpn", "neighbor", CLIENTS["raw"])["routes"]}
    assert len(routes) == len(ROUTES[EVPN])
    mac = routes["[2]:[7]:[02:00:00:00:00:07]:[10.1.2.3]"]
    assert mac["label"] == 1001 and mac["route_distinguisher"] == "42:7" and mac["next_hop"] == CLIENTS["raw"]
    assert mac["segment"] == "00:11:22:33:44:55:66:77:88:99"
    prefix = routes["[5]:[7]:[10.9.8.0/22]"]
    assert prefix["segment"] == mac["segment"] and prefix["gateway"] == "10.1.1.1" and "gateway" not in mac
    assert mac["communities"] == ["pmsi-flags dcb", "esi-label 1001"] and mac["tunnel"].startswith("mldp-p2mp label 1001")


def test_vnis_are_shown_as_such(cluster):
    wait_until(lambda: "vni 1007" in json.dumps(cluster.box.json("show", "bgp", "l2vpn", "evpn", "neighbor", CLIENTS["frr"])),
               "FRR's VNI", 30)
    rows = cluster.box.json("show", "bgp", "l2vpn", "evpn", "neighbor", CLIENTS["frr"])["routes"]
    assert any(row.get("tunnel") == f"ingress-replication vni 1007 {CLIENTS['frr']}" for row in rows), rows


def test_a_route_that_is_wrong_behind_its_key_is_taken_back(cluster):
    mac = RD + SEGMENT + struct.pack("!I", 8) + b"\x30" + MAC + b"\0"
    good, wrong = typed(2, mac + b"\0\x3e\x91"), typed(2, mac + b"\0\x3e")
    say(cluster, EVPN, [good])
    wait_until(lambda: cluster.heard("inside", good), "told")
    withdrawn = typed(2, RD + bytes(10) + mac[18:] + bytes(3))
    say(cluster, EVPN, [wrong, typed(200, b"\1\2\3"), IMET])
    wait_until(lambda: any(octets == withdrawn and attributes is None for _, octets, attributes in cluster.raw["inside"].signalled),
               "taken back")
    assert cluster.heard("inside", IMET)
    detail = cluster.box.json("show", "bgp", "neighbors", CLIENTS["raw"])["neighbors"][0]
    counts = {row["reason"]: row["routes"] for row in detail["route_errors"]}
    assert counts["route_treated_as_withdraw"] == 1 and counts["route_of_unknown_type"] == 1, counts
    assert cluster.raw["raw"].is_up


def of_vpn(number):
    """An Intra-AS I-PMSI A-D route (RFC 6514 §4.1) of a VPN of its own."""
    return typed(1, distinguisher(f"42:{number}") + RAW)


def say_tunnel(cluster, route, label, tree, *communities, extended=False, extra=b""):
    """With a label in a P2MP LSP of mLDP (RFC 6388 §2.2) that has a number."""
    tunnel = bytes([0x40 if extended else 0, 2]) + struct.pack("!I", label << 4)[1:] + bytes.fromhex("06000104") + RAW + bytes.fromhex(
        "0007010004") + struct.pack("!I", tree)
    cluster.raw["raw"].send(update(
        origin(), as_path(), attribute(0x40, 5, struct.pack("!I", 100)),
        attribute(0xC0, 16, struct.pack("!HHI", 2, 42, 7) + b"".join(communities)), attribute(0xC0, 22, tunnel), extra,
        reachable(CLIENTS["raw"], route, MVPN4, hop=RAW)))


# RFC 7902 §3 with bit 47 (RFC 9573 §6), and RFC 9573 §4.1 with the label 1900 in the upper 20 bits.
DCB_FLAG, LABEL_SPACE = bytes.fromhex("0307000000000001"), bytes.fromhex("03080000") + struct.pack("!I", 1900 << 12)


def received_labels(cluster, *words):
    return {row["label"]: row["purposes"] for row in cluster.box.json("show", "mpls", "received-labels", *words)["labels"]}


def reasons(cluster):
    detail = cluster.box.json("show", "bgp", "neighbors", CLIENTS["raw"])["neighbors"][0]
    return {row["reason"]: row["routes"] for row in detail["route_errors"]}


def test_labels_of_tunnels_are_placed_where_their_routes_say(cluster):
    """RFC 9573 §4.2: the default table, the one that a label names, and the PE's own."""
    say_tunnel(cluster, of_vpn(801), 1101, 801, DCB_FLAG, extended=True)
    say_tunnel(cluster, of_vpn(802), 50002, 802, LABEL_SPACE, extra=attribute(0xC0, 27, RAW + b"\x0c\x36\xb1"))
    say_tunnel(cluster, of_vpn(803), 1103, 803)
    say_tunnel(cluster, of_vpn(804), 1104, 804, DCB_FLAG)
    wait_until(lambda: {1103, 1104} <= set(received_labels(cluster, "from", CLIENTS["raw"])), "labels of the PE's own space")
    common = received_labels(cluster)
    assert common[1101] == ["tunnel"] and common[1900] == ["space"] and not {1103, 1104, 50002} & set(common)
    assert received_labels(cluster, "space", "1900") == {50002: ["tunnel"], 50027: ["provider"]}
    text = cluster.box.text("show", "mpls", "label-spaces")
    assert f"of {CLIENTS['raw']}" in text and "received: " in text
    rows = cluster.box.json("show", "bgp", "ipv4", "mvpn", "neighbor", CLIENTS["raw"])["routes"]
    assert [row["distinguisher_labels"] for row in rows if row["route_distinguisher"] == "42:802"] == [
        [{"provider": CLIENTS["raw"], "label": 50027}]]
    cluster.raw["raw"].send(update(unreachable(b"".join(map(of_vpn, (801, 802, 803, 804))), MVPN4)))
    wait_until(lambda: not received_labels(cluster, "from", CLIENTS["raw"]) and 1101 not in received_labels(cluster), "taken back")


def test_a_route_with_dcb_flag_and_label_space_is_treated_as_withdrawn(cluster, lab):
    """RFC 9573 §4.2, which no other router obeys."""
    route = of_vpn(811)
    say_tunnel(cluster, route, 1111, 811, DCB_FLAG, extended=True)
    wait_until(lambda: cluster.heard("inside", route), "told")
    counted = reasons(cluster).get("dcb_flag_and_label_space", 0)
    say_tunnel(cluster, route, 1111, 811, DCB_FLAG, LABEL_SPACE, extended=True)
    wait_until(lambda: cluster.heard("inside", route) is None, "taken back")
    assert 1111 not in received_labels(cluster) and reasons(cluster)["dcb_flag_and_label_space"] == counted + 1
    rejected = cluster.box.json("show", "bgp", "ipv4", "mvpn", "rejected", "neighbor", CLIENTS["raw"])["routes"]
    assert [row["rejection"]["reason"] for row in rejected if row["route_distinguisher"] == "42:811"] == ["dcb_flag_and_label_space"]
    assert "the label is said to be of the common block and of a label space" in lab.log("box/stiled.log")
    assert cluster.raw["raw"].is_up


def test_routes_by_one_tunnel_that_disagree_place_no_label_and_go_on(cluster):
    first, second = of_vpn(821), of_vpn(822)
    say_tunnel(cluster, first, 1121, 821, DCB_FLAG, extended=True)
    wait_until(lambda: 1121 in received_labels(cluster), "placed")
    counted = reasons(cluster).get("inconsistent_tunnel", 0)
    say_tunnel(cluster, second, 1122, 821)
    wait_until(lambda: 1121 not in received_labels(cluster), "placed nowhere")
    spaces = cluster.box.json("show", "mpls", "label-spaces")
    tunnel = next(row for row in spaces["inconsistent_tunnels"] if row["tunnel"].endswith("00000335"))
    assert (tunnel["provider"], tunnel["with_dcb_flag"], tunnel["with_label_space"], tunnel["with_neither"]) == (CLIENTS["raw"], 1, 0, 1)
    assert reasons(cluster)["inconsistent_tunnel"] == counted + 1
    rows = cluster.box.json("show", "bgp", "ipv4", "mvpn", "neighbor", CLIENTS["raw"])["routes"]
    faults = {row["route_distinguisher"]: row["label_fault"]["reason"] for row in rows
              if row["route_distinguisher"].startswith("42:82") and "label_fault" in row}
    assert faults == {"42:821": "inconsistent_tunnel", "42:822": "inconsistent_tunnel"}
    assert cluster.heard("inside", first) and cluster.heard("inside", second)
    cluster.raw["raw"].send(update(unreachable(second, MVPN4)))
    wait_until(lambda: 1121 in received_labels(cluster), "placed again")
    cluster.raw["raw"].send(update(unreachable(first, MVPN4)))


def test_a_large_table_of_labels_is_shown_whole_and_in_order(cluster):
    """More than is sorted on the event loop: 10 routes with 450 PE Distinguisher Labels each (RFC 6514 §8)."""
    routes = [of_vpn(840 + number) for number in range(10)]
    said = [20000 + 7 * number for number in range(4500)]
    for number, route in enumerate(routes):
        labels = said[450 * number:450 * number + 450]
        say_tunnel(cluster, route, 90000 + number, 840 + number,
                   extra=attribute(0xD0, 27, b"".join(RAW + struct.pack("!I", label << 4)[1:] for label in labels)))
    wait_until(lambda: len(received_labels(cluster, "from", CLIENTS["raw"])) == 4510, "all of them")
    shown = received_labels(cluster, "from", CLIENTS["raw"])
    assert list(shown) == said + [90000 + number for number in range(10)]
    assert shown[20007] == ["provider"] and shown[90001] == ["tunnel"]
    cluster.raw["raw"].send(update(unreachable(b"".join(routes), MVPN4)))
    wait_until(lambda: not received_labels(cluster, "from", CLIENTS["raw"]), "taken back")


def test_what_is_taken_back_is_gone_for_all(cluster):
    say(cluster, EVPN, [IMET])
    wait_until(lambda: cluster.heard("inside", IMET), "told")
    # Without the attributes, as withdrawals are.
    cluster.raw["raw"].send(update(unreachable(IMET, EVPN)))
    wait_until(lambda: cluster.heard("inside", IMET) is None, "taken back")
    mac = typed(2, RD + bytes(10) + TAG + b"\x30" + MAC + ip("10.1.2.3") + bytes(3))
    cluster.raw["raw"].send(update(unreachable(mac, EVPN)))
    wait_until(lambda: any(octets == mac and attributes is None for _, octets, attributes in cluster.raw["inside"].signalled),
               "a MAC address taken back, whatever its labels and segment")


def test_a_family_that_is_not_reflected_any_more_is_taken_back(cluster):
    route = ROUTES[MVPN4][0]
    say(cluster, MVPN4, [route])
    wait_until(lambda: cluster.heard("inside", route), "told")
    cluster.box.replace(configuration(()))
    wait_until(lambda: cluster.heard("inside", route) is None, "taken back")
    cluster.box.replace(configuration())
    wait_until(lambda: cluster.heard("inside", route), "told again")
