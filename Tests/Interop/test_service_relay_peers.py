"""EVPN relayed over an NNI (Option B): GoBGP, FRR and ExaBGP as other operators' routers, and a scripted PE of the own network.

      PE 10.98.0.1 ── ten1/4 core, box (AS 42) ten1/3 ── NNI 198.51.100.1 ──┬── gobgp .11 (AS 65011)
                                                                            ├── frr .12 (AS 65012)
                                                                            └── exabgp .13 (AS 65013)
"""

import json
import socket
import struct

import pytest
from stilelab.bgp_peer import EVPN, VPNV4, as_path, attribute, origin, reachable, unreachable, update
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.namespaces import switched
from stilelab.peers import ExaBGP, GoBGP, frr_available
from stilelab.provider_edge import ProviderEdge
from stilelab.routers import FRRRouter
from stilelab.service_relay import fields, inclusive, mac_address, replication, target

pytestmark = pytest.mark.skipif(not frr_available(), reason="FRR is not installed")

BOX, PE = "198.51.100.1", "10.98.0.1"
FAR = {"gobgp": ("198.51.100.11", 65011), "frr": ("198.51.100.12", 65012), "exabgp": ("198.51.100.13", 65013)}
MAC = "02:00:00:00:00:0a"
ROUTE, FLOOD = mac_address("42:500", MAC, 3001), inclusive("42:500", PE)


def configuration():
    text = f"""\
port ten1/3
 device net_af_packet_p3,iface=p3
port ten1/4
 device net_af_packet_p4,iface=p4
interface ten1/3
 encap mpls optB
 ip address {BOX}/24
interface ten1/4
 encap mpls core
 ip address 10.98.0.2/24
router bgp 42
 neighbor {PE} remote-as 42
"""
    text += "".join(f" neighbor {address} remote-as {system}\n neighbor {address} timers 3 9\n" for address, system in FAR.values())
    text += f" address-family l2vpn evpn\n  neighbor {PE} activate\n  neighbor {PE} route-target import 42:7\n"
    text += f"  neighbor {PE} route-target export 42:7\n"
    for address, system in FAR.values():
        text += f"  neighbor {address} optB\n  neighbor {address} route-target import {system}:7 as 42:7\n"
        text += f"  neighbor {address} route-target export 42:7 as {system}:7\n"
    return text


class Border:
    def __init__(self, lab):
        self.box = Box(lab, "box", configuration())
        places = switched(lab, self.box.ports, "p3", {name: address for name, (address, _) in FAR.items()})
        self.edge = ProviderEdge.behind(lab, self.box, "p4", "pe", PE, "10.98.0.2", 42, 1500, (VPNV4, EVPN))
        self.box.start()
        self.gobgp = GoBGP(lab, places["gobgp"], FAR["gobgp"][1], FAR["gobgp"][0], BOX, 42, others=["l2vpn-evpn"])
        self.gobgp.start()
        frr = places["frr"]
        # With a bridge and a VXLAN device zebra tells bgpd of a VNI, and FRR says its IMET route.
        frr.ip("link", "add", "br7", "type", "bridge")
        frr.ip("link", "add", "vni7", "type", "vxlan", "id", "7", "local", FAR["frr"][0], "dstport", "4789", "nolearning")
        frr.ip("link", "set", "vni7", "master", "br7")
        for link in ("br7", "vni7"):
            frr.ip("link", "set", link, "up")
        self.frr = FRRRouter(lab, frr, FAR["frr"][1], FAR["frr"][0], [
            "no bgp ebgp-requires-policy", f"neighbor {BOX} remote-as 42", f"neighbor {BOX} timers 3 9",
            f"neighbor {BOX} timers connect 1", "address-family l2vpn evpn", f" neighbor {BOX} activate", " advertise-all-vni",
            "exit-address-family"]).start()
        self.exabgp = ExaBGP(lab, places["exabgp"], FAR["exabgp"][1], FAR["exabgp"][0], BOX, 42)
        self.exabgp.start()
        self.edge.bring_up()

    def tell(self, route, *others):
        self.edge.send(update(origin(), as_path(), attribute(0x40, 5, struct.pack("!I", 100)), attribute(0xC0, 16, target("42:7")),
                              *others, reachable(PE, route, EVPN, hop=socket.inet_aton(PE))))

    def rejected(self, name):
        detail = self.box.json("show", "bgp", "neighbors", FAR[name][0])["neighbors"][0]
        return json.dumps(detail)

    def gobgp_rib(self):
        return self.gobgp.command("global", "rib", "-a", "evpn").stdout

    def labels_told(self):
        """The labels that are valid on the NNI, by the neighbor that they were told to."""
        return {entry["neighbor"]: entry["label"] for entry in self.box.json("show", "labels")["labels"] if entry["nni"] == "ten1/3"}


@pytest.fixture(scope="module")
def border(lab):
    return Border(lab)


def test_far_ends_have_the_pes_routes_each_with_a_label_of_its_own(border):
    border.tell(ROUTE)
    border.tell(FLOOD, replication(3001, PE))
    wait_until(lambda: MAC in border.gobgp_rib() and f"[ip:{PE}]" in border.gobgp_rib(), "the routes at GoBGP", 40)
    wait_until(lambda: MAC in json.dumps(border.frr.show("show bgp l2vpn evpn json")), "the route at FRR", 40)
    wait_until(lambda: f"evpn:multicast::42:500:7:{PE}" in border.exabgp.told(), "the route in ExaBGP's log", 40)
    told = border.labels_told()
    assert set(told) == {address for address, _ in FAR.values()} and len(set(told.values())) == 3
    line = next(line for line in border.gobgp_rib().splitlines() if MAC in line)
    # The next hop is the box, and the target the far end's. GoBGP shows all 24 bits of the label field.
    assert f" {BOX} " in line and "65011:7" in line and "[42:500]" in line.replace("rd:", ""), line
    assert str(told[FAR["gobgp"][0]] << 4) in line, line
    assert f"evpn:macadv::42:500:-:7:{MAC.upper()}/48:: label {told[FAR['exabgp'][0]]} " in border.exabgp.told()
    path = json.dumps(border.frr.show("show bgp l2vpn evpn route detail json"))
    assert BOX in path and "RT:65012:7" in path, path


def test_what_gobgp_says_reaches_the_pe_with_a_label_of_ours(border):
    # GoBGP writes its number into all 24 bits: 16016 is label 1001 of RFC 7432 §7.2.
    done = border.gobgp.command("global", "rib", "add", "-a", "evpn", "macadv", "aa:bb:cc:dd:ee:ff", "0.0.0.0", "etag", "7", "label",
                                str(1001 << 4), "rd", "65011:1", "rt", "65011:7")
    assert done.returncode == 0, done.stdout + done.stderr
    wait_until(lambda: any(attributes and b"\xaa\xbb\xcc\xdd\xee\xff" in octets for _, octets, attributes in border.edge.signalled),
               "GoBGP's route at the PE", 30)
    octets, attributes = next((octets, attributes) for _, octets, attributes in border.edge.signalled
                              if attributes and b"\xaa\xbb\xcc\xdd\xee\xff" in octets)
    assert attributes[16][1] == target("42:7") and attributes[2][1] == bytes([2, 1]) + struct.pack("!I", 65011)
    swaps = {entry["label"]: entry for entry in border.box.json("show", "isolation")["swaps"] if entry["nni"] == "core"}
    assert swaps[fields(octets)[0]]["egress_label"] == 1001, swaps
    # VXLAN: the same field is a VNI, and no label of ours could stand for it.
    done = border.gobgp.command("global", "rib", "add", "-a", "evpn", "macadv", "aa:bb:cc:dd:ee:01", "0.0.0.0", "etag", "7", "label",
                                "1001", "rd", "65011:1", "rt", "65011:7", "encap", "vxlan")
    assert done.returncode == 0, done.stdout + done.stderr
    wait_until(lambda: "virtual_network_identifier" in border.rejected("gobgp"), "the VNI is refused by name", 30)
    assert not any(b"\xaa\xbb\xcc\xdd\xee\x01" in octets for _, octets, _ in border.edge.signalled)


def test_frrs_vnis_stay_where_they_are(border):
    wait_until(lambda: "virtual_network_identifier" in border.rejected("frr"), "FRR's route is refused by name", 40)
    assert not any(socket.inet_aton(FAR["frr"][0]) in octets for _, octets, _ in border.edge.signalled)


def test_far_ends_hear_that_a_route_is_gone(border):
    border.edge.send(update(unreachable(ROUTE, EVPN)))
    wait_until(lambda: MAC not in border.gobgp_rib(), "gone at GoBGP", 30)
    wait_until(lambda: MAC not in json.dumps(border.frr.show("show bgp l2vpn evpn json")), "gone at FRR", 30)
    sessions = {row["address"]: row["state"] for row in border.box.json("show", "bgp", "summary")["neighbors"]}
    assert all(sessions[address] == "established" for address, _ in FAR.values()), sessions
