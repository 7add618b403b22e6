"""Two ASBRs of one operator, each with an NNI to another operator, joined by the core and a reflector (GoBGP).

      X (GoBGP, AS 65001) ── ten1/0  east  ten1/3 ──┬── ten1/3  west  ten1/0 ── Y (GoBGP, AS 65002)
                              ten1/1  red circuit     └── reflector 10.98.0.9

Red has no transit, green has. Each operator numbers the route targets of the two its own way: 42 in the core, 65001 and 65002 on the
NNIs.
"""

import json
import select
import time

import pytest
from frames_bench import packet, tagged
from scapy.contrib.mpls import MPLS
from scapy.layers.l2 import ARP, Ether
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.namespaces import address_of, join
from stilelab.peers import GoBGP

FAMILIES = ("ipv4", "ipv6")
VRFS = {"red": 1, "green": 2}
# Behind X and behind Y: the network, a host there, and the labels that they give.
BEHIND = {"x": {"ipv4": ("192.0.2.0/24", "192.0.2.5"), "ipv6": ("2001:db8:1::/48", "2001:db8:1::5")},
          "y": {"ipv4": ("203.0.113.0/24", "203.0.113.5"), "ipv6": ("2001:db8:2::/48", "2001:db8:2::5")}}
LABEL = {"x": {"red": 1001, "green": 1002}, "y": {"red": 2001, "green": 2002}}
SITE, SITE_MAC = "10.1.0.2", "02:00:00:00:01:02"


def border(name, nni, far_as, core_address, circuit=""):
    """Each border router has route distinguishers of its own, so that a reflector keeps the routes of both."""
    number = core_address.rsplit(".", 1)[1]
    vrfs = "".join(f"""ip vrf {vrf}
 rd 42:{number}{target}
 route-target both 42:{target} core
 route-target both {far_as}:{target} nni {nni}.1
 optE
{" optE transit" if vrf == "green" else " !"}
""" for vrf, target in VRFS.items())
    redistribution = "".join(f" address-family {family} vrf {vrf}\n  redistribute connected\n"
                             for vrf in VRFS for family in FAMILIES)
    families = "".join(f" address-family {family}\n  neighbor {nni}.1 optE\n  neighbor 10.98.0.9 activate\n"
                       for family in ("vpnv4", "vpnv6"))
    return f"""hostname {name}
port ten1/0
 device net_af_packet_p0,iface=p0
port ten1/1
 device net_af_packet_p1,iface=p1
port ten1/3
 device net_af_packet_p3,iface=p3
{vrfs}interface ten1/0
 encap mpls optE
 ip address {nni}.2/30
{circuit}interface ten1/3
 encap mpls core
 ip address {core_address}/24
router bgp 42
 neighbor {nni}.1 remote-as {far_as}
 neighbor 10.98.0.9 remote-as 42
{families}{redistribution}"""


EAST = border("east", "10.99.1", 65001, "10.98.0.1", "interface ten1/1\n vrf definition red\n ip address 10.1.0.1/24\n")
WEST = border("west", "10.99.2", 65002, "10.98.0.2")


class Borders:
    def __init__(self, lab):
        self.boxes = {"x": Box(lab, "east", EAST), "y": Box(lab, "west", WEST)}
        self.core = lab.namespace("core")
        self.core.ip("link", "add", "core", "type", "bridge")
        self.core.ip("address", "add", "10.98.0.9/24", "dev", "core")
        self.core.ip("link", "set", "core", "up")
        self.far, self.gobgp, self.sockets, self.mac = {}, {}, {}, {}
        self.wire = lab.namespace("wire")
        for number, (name, box) in enumerate(self.boxes.items(), 1):
            self.far[name] = lab.namespace(f"far-{name}")
            join(self.far[name], "eth0", box.ports, "p0")
            self.far[name].ip("address", "add", f"10.99.{number}.1/30", "dev", "eth0")
            join(self.core, name, box.ports, "p3")
            self.core.ip("link", "set", name, "master", "core")
            join(self.wire, name, box.ports, "p1")
            box.start()
            self.gobgp[name] = GoBGP(lab, self.far[name], 65000 + number, f"10.99.{number}.1", f"10.99.{number}.2", 42)
            self.gobgp[name].start()
            for vrf, target in VRFS.items():
                rd, label = f"6500{number}:{target}", LABEL[name][vrf]
                next_hop = f"10.99.{number}.1"
                self.gobgp[name].advertise("vpnv4", BEHIND[name]["ipv4"][0], label, rd, rd, next_hop)
                self.gobgp[name].advertise("vpnv6", BEHIND[name]["ipv6"][0], label, rd, rd, f"::ffff:{next_hop}")
            self.sockets[name, "nni"] = self.far[name].packet_socket("eth0")
            self.sockets[name, "core"] = self.core.packet_socket(name)
            self.sockets[name, "circuit"] = self.wire.packet_socket(name)
            for side, port in (("nni", "p0"), ("circuit", "p1"), ("core", "p3")):
                self.mac[name, side] = address_of(box.ports, port)
            self.mac[name, "far"] = address_of(self.far[name], "eth0")
        self.reflector = GoBGP(lab, self.core, 42, "10.98.0.9", None, 42, clients=("10.98.0.1", "10.98.0.2"))
        self.reflector.start()
        for name, box in self.boxes.items():
            for source in BEHIND:
                for vrf in VRFS:
                    for family in FAMILIES:
                        prefix = BEHIND[source][family][0]
                        box.wait(lambda: prefix in box.text("show", "routes", "vrf", vrf, family),
                                 f"{prefix} of {source} in {vrf}", 60)
        self.sockets["x", "circuit"].send(bytes(tagged("ff:ff:ff:ff:ff:ff", SITE_MAC, [])
                                                / ARP(op=1, hwsrc=SITE_MAC, psrc=SITE, pdst="10.1.0.1")))
        east = self.boxes["x"]
        east.wait(lambda: any(entry.get("mac_address") == SITE_MAC
                              for entry in east.json("show", "neighbors")["neighbors"]), "the site is known")

    def label(self, name, nni, vrf):
        return next(entry["label"] for entry in self.boxes[name].json("show", "labels")["labels"]
                    if (entry["nni"], entry["vrf"]) == (nni, vrf))

    def labelled(self, source, destination, label, inner, ttl):
        return bytes(Ether(dst=destination, src=source, type=0x8847) / MPLS(label=label, cos=5, s=1, ttl=ttl) / inner)

    def send(self, place, frame):
        """What carries the frame's payload after it was sent at a place: {place: [frame, …]}."""
        marker = frame[-24:]
        for socket in self.sockets.values():
            socket.drain()
        self.sockets[place].send(frame)
        found = {}
        end = time.monotonic() + 1
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select(self.sockets.values(), [], [], left)
            for name, socket in self.sockets.items():
                if socket in ready and (arrived := socket.receive(0.001)) is not None and marker in arrived:
                    found.setdefault(name, []).append(arrived)
        return found


@pytest.fixture(scope="module")
def borders(lab):
    return Borders(lab)


def told(gobgp, family):
    return json.dumps(gobgp.routes(family))


@pytest.mark.parametrize("here, there", (("x", "y"), ("y", "x")))
def test_only_transit_tells_the_one_operator_of_the_other(borders, here, there):
    for family, vpn in (("ipv4", "vpnv4"), ("ipv6", "vpnv6")):
        prefix = BEHIND[there][family][0]
        keys = [key for key in borders.gobgp[here].routes(vpn) if key.endswith(prefix)]
        wanted = {f"42:{1 if here == 'x' else 2}{VRFS['green']}:{prefix}"}
        assert set(keys) == wanted, keys
    # The mark stays in the operator's own network, and its route targets do.
    assert '"ASN": 42' not in told(borders.gobgp[here], "vpnv4")
    assert '"value": "42:' not in told(borders.gobgp[here], "vpnv4")
    assert '"ASN": 42, "LocalData1": 0, "LocalData2": 1' in told(borders.reflector, "vpnv4")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("here, there", (("x", "y"), ("y", "x")))
def test_packets_cross_both_boxes_with_transit(borders, here, there, family):
    marker = f"{here} {there} {family}"
    source, destination = BEHIND[here][family][1], BEHIND[there][family][1]
    frame = borders.labelled(borders.mac[here, "far"], borders.mac[here, "nni"],
                             borders.label(here, "ten1/0", "green"), packet(family, source, destination, 64, marker), 40)
    found = borders.send((here, "nni"), frame)
    inside = borders.labelled(borders.mac[here, "core"], borders.mac[there, "core"], borders.label(there, "core", "green"),
                              packet(family, source, destination, 39, marker), 39)
    outside = borders.labelled(borders.mac[there, "nni"], borders.mac[there, "far"], LABEL[there]["green"],
                               packet(family, source, destination, 38, marker), 38)
    assert found == {(here, "core"): [inside], (there, "nni"): [outside]}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("here, there", (("x", "y"), ("y", "x")))
def test_no_packet_crosses_both_boxes_without(borders, here, there, family):
    marker = f"no {here} {there} {family}"
    box = borders.boxes[here]
    key = ("ten1/0 vrf red", "transit_not_allowed")
    before = box.drops().get(key, 0)
    frame = borders.labelled(
        borders.mac[here, "far"], borders.mac[here, "nni"], borders.label(here, "ten1/0", "red"),
        packet(family, BEHIND[here][family][1], BEHIND[there][family][1], 64, marker), 40)
    assert borders.send((here, "nni"), frame) == {}
    box.wait(lambda: box.drops().get(key, 0) == before + 1, "the drop is counted")
    text = box.command("explain", "packet", "in", "ten1/0", "label", str(borders.label(here, "ten1/0", "red")),
                       "src", BEHIND[here][family][1], "dst", BEHIND[there][family][1]).stdout
    assert "transit_not_allowed" in text and "of another border router's NNI" in text, text


def test_a_customer_reaches_the_operator_behind_the_other_box(borders):
    source, destination = SITE, BEHIND["y"]["ipv4"][1]
    inner = packet("ipv4", source, destination, 64, "site")
    found = borders.send(("x", "circuit"), bytes(tagged(borders.mac["x", "circuit"], SITE_MAC, []) / inner))
    outside = borders.labelled(borders.mac["y", "nni"], borders.mac["y", "far"], LABEL["y"]["red"],
                               packet("ipv4", source, destination, 62, "site"), 62)
    assert found.get(("y", "nni")) == [outside] and set(found) == {("x", "core"), ("y", "nni")}
    # And the way back.
    inner = packet("ipv4", destination, source, 64, "back")
    frame = borders.labelled(borders.mac["y", "far"], borders.mac["y", "nni"], borders.label("y", "ten1/0", "red"), inner, 40)
    found = borders.send(("y", "nni"), frame)
    back = bytes(tagged(SITE_MAC, borders.mac["x", "circuit"], []) / packet("ipv4", destination, source, 38, "back"))
    assert found.get(("x", "circuit")) == [back] and set(found) == {("y", "core"), ("x", "circuit")}


def test_a_customers_route_that_comes_back_never_wins(borders):
    """Y gives back the network of the site's circuit, which both boxes have better."""
    borders.gobgp["y"].advertise("vpnv4", "10.1.0.0/24", 2009, "65002:1", "65002:1", "10.99.2.1")

    def ways(name):
        route = next(row for row in borders.boxes[name].json("show", "routes", "vrf", "red", "ipv4")["routes"]
                     if row["prefix"] == "10.1.0.0/24")
        return route["source"], [(hop.get("address"), hop["interface"]) for hop in route["next_hops"]]

    before = {name: ways(name) for name in borders.boxes}
    assert before == {"x": ("connected", [(None, "ten1/1")]), "y": ("bgp", [("10.98.0.1", "ten1/3")])}
    west = borders.boxes["y"]
    west.wait(lambda: any(row["prefix"] == "10.1.0.0/24" and row["label"] == 2009
                          for row in west.json("show", "bgp", "vpnv4", "received")["routes"]), "the route is there")
    assert {name: ways(name) for name in borders.boxes} == before


def test_transit_can_be_taken_away_and_given(borders):
    for name, text in (("x", EAST), ("y", WEST)):
        borders.boxes[name].replace(text.replace(" optE transit\n", ""))
    prefix = BEHIND["y"]["ipv4"][0]
    wait_until(lambda: not any(key.endswith(prefix) for key in borders.gobgp["x"].routes("vpnv4")), "Y's routes are taken back")
    frame = borders.labelled(
        borders.mac["x", "far"], borders.mac["x", "nni"], borders.label("x", "ten1/0", "green"),
        packet("ipv4", BEHIND["x"]["ipv4"][1], BEHIND["y"]["ipv4"][1], 64, "taken away"), 40)
    assert borders.send(("x", "nni"), frame) == {}
    for name, text in (("x", EAST), ("y", WEST)):
        borders.boxes[name].replace(text)
    wait_until(lambda: any(key.endswith(prefix) for key in borders.gobgp["x"].routes("vpnv4")), "Y's routes are back")
    assert ("y", "nni") in borders.send(("x", "nni"), frame)
