"""Two operators with one VPN session, and two customers of the same addresses: red by Option E, blue by Option AB.

      red a ─── ten1/1                                             ten1/1 ─── red b
                      border a (AS 42) ten1/0 ── NNI ── ten1/0 border b (AS 65001)
      blue a ── ten1/2                 ten1/3 ── blue ── ten1/3             ten1/2 ── blue b

The session is on the NNI, and so are red's packets, by the labels that were told. Blue's packets go as they are, on a circuit of blue's
own; the label that its routes have is valid nowhere. Forged frames come from the far end's ports.
"""

from .attack import customer_packet, labelled
from .box import Box
from .namespaces import address_of, join
from .spoofer import Spoofer, label_attacks, never_given

MTU = 1600
VRFS = ("red", "blue")
PORT = {"red": "p1", "blue": "p2"}
SYSTEM = {"a": 42, "b": 65001}
NNI = {"a": "192.0.2.1", "b": "192.0.2.2"}
CIRCUIT = {"a": "203.0.113.1", "b": "203.0.113.2"}
CIRCUIT6 = {"a": "2001:db8:99::1", "b": "2001:db8:99::2"}
FAR = {"a": "b", "b": "a"}
# The sites' subnets; behind a's red site is a network that blue does not have.
SITE = {"a": "10.1.0", "b": "10.2.0"}
SITE6 = {"a": "2001:db8:1", "b": "2001:db8:2"}
RED_ALONE = {"a": "10.9.0", "b": "10.8.0"}


def configuration(side, blue="optAB", more=(), sources="rx"):
    """One border router's; `blue` says by which option that VRF is, `sources` what is asked of sources on its circuit, `more` are
    static routes."""
    far = FAR[side]
    option = {
        "optAB": f"optAB {NNI[far]} next-hop {CIRCUIT[far]} {CIRCUIT6[far]}",
        "optE": f"optE {NNI[far]}",
    }[blue]
    return "\n".join([
        f"hostname border{SYSTEM[side]}", "!", "mpls label withdrawal-delay 1",
        *(line for number in range(4) for line in (
            f"port ten1/{number}", f" device net_af_packet_p{number},iface=p{number}", f" mtu {MTU}")),
        "!", "ip vrf red", f" rd {SYSTEM[side]}:1", " route-target both 42:1", f" optE {NNI[far]}",
        "ip vrf blue", f" rd {SYSTEM[side]}:2", " route-target both 42:2", f" {option}",
        "!", "interface ten1/0", " encap mpls optE", f" ip address {NNI[side]}/30",
        "interface ten1/3", " vrf definition blue", f" ip address {CIRCUIT[side]}/30", f" ipv6 address {CIRCUIT6[side]}/64",
        f" ip verify unicast source reachable-via {sources}", f" ipv6 verify unicast source reachable-via {sources}",
        *(line for number, vrf in enumerate(VRFS, 1) for line in (
            f"interface ten1/{number}", f" vrf definition {vrf}", f" ip address {SITE[side]}.1/24",
            f" ipv6 address {SITE6[side]}::1/64")),
        f"ip route vrf red {RED_ALONE[side]}.0/24 {SITE[side]}.2", *more,
        "!", f"router bgp {SYSTEM[side]}", f" neighbor {NNI[far]} remote-as {SYSTEM[far]}", f" neighbor {NNI[far]} timers 3 9",
        *(line for family in ("vpnv4", "vpnv6") for line in (f" address-family {family}", f"  neighbor {NNI[far]} optE")),
        *(line for vrf in VRFS for family in ("ipv4", "ipv6") for line in (
            f" address-family {family} vrf {vrf}", "  redistribute connected", "  redistribute static")),
    ]) + "\n"


class OptionAB:
    """The running lab: `boxes` by side; packet sockets of each site (vrf, side) and of each end of the NNI and of blue's circuit
    ("p0" and "p3", side), which hear what comes there."""

    def __init__(self, lab):
        self.boxes = {side: Box(lab, side, configuration(side)) for side in FAR}
        for port in ("p0", "p3"):
            join(self.boxes["a"].ports, port, self.boxes["b"].ports, port, MTU)
        self.places = {}
        for side, box in self.boxes.items():
            for vrf in VRFS:
                place = self.places[vrf, side] = lab.namespace(f"{vrf}-{side}")
                join(place, "eth0", box.ports, PORT[vrf])
                place.ip("address", "add", f"{SITE[side]}.2/24", "dev", "eth0")
                place.ip("address", "add", f"{SITE6[side]}::2/64", "dev", "eth0", "nodad")

    def start(self):
        for box in self.boxes.values():
            box.start()
        self.sockets = {place: namespace.packet_socket("eth0") for place, namespace in self.places.items()}
        self.mac = {place: address_of(namespace, "eth0") for place, namespace in self.places.items()}
        for side, box in self.boxes.items():
            for port in ("p0", "p1", "p2", "p3"):
                self.mac[port, side] = address_of(box.ports, port)
            for port in ("p0", "p3"):
                self.sockets[port, side] = box.ports.packet_socket(port)

    def wait_for_routes(self, seconds=60):
        for side, box in self.boxes.items():
            for vrf in VRFS:
                for prefix in (f"{SITE[FAR[side]]}.0/24", f"{SITE6[FAR[side]]}::/64"):
                    box.wait(lambda: self.next_hop(side, vrf, prefix)["is_resolved"], f"{vrf} has {prefix}", seconds)
                # The border knows the customer's Ethernet address from then on.
                ping = ("ping", "-n", "-c", "1", "-W", "1", f"{SITE[side]}.1")
                box.wait(lambda: self.places[vrf, side].run(*ping, check=False).returncode == 0, f"{vrf}'s gateway answers")

    def next_hop(self, side, vrf, prefix):
        """Where a VRF's route leads; an IndexError if there is none."""
        routes = self.boxes[side].json("show", "routes", "vrf", vrf)["routes"]
        return [route for route in routes if route["prefix"] == prefix][0]["next_hops"][0]

    def told(self, side):
        """The label that a side tells with blue's routes, as `show labels` has it; None if it tells none."""
        labels = self.boxes[side].json("show", "labels")["valid_nowhere"]
        return next((entry for entry in labels if entry["vrf"] == "blue"), None)

    def label(self, side, vrf="red"):
        """The label of a VRF that is valid on a side's NNI."""
        return next(entry["label"] for entry in self.boxes[side].json("show", "labels")["labels"] if entry["vrf"] == vrf)

    def spoofers(self):
        return [self.spoofer("p0"), self.spoofer("p3")]

    def spoofer(self, port):
        """The far end's port of the NNI or of blue's circuit, from which forged frames go to border a. ICMP errors of what comes
        there go back by it, so nobody listens behind it."""
        behind = {"p0": ("red", "b"), "p3": ("blue", "b")}[port]
        return Spoofer(
            self.boxes["a"], self.sockets[port, "b"], self.mac[port, "b"], self.mac[port, "a"],
            [self.sockets[place] for place in self.places if place != behind], between)


def between(marker, source="10.2.0.2", destination="10.1.0.2"):
    """A packet from a site of b to one of a."""
    return customer_packet(marker, source, destination)


def attack_table(option, spoofer):
    """What is forged on the NNI, beside what red's far end may send there; then the same on blue's circuit."""
    red, blue = option.label("a"), option.told("a")["label"]
    never = never_given(option.boxes["a"], red)
    if spoofer.socket is option.sockets["p3", "b"]:
        yield from _circuit_table(spoofer, red, blue, never)
        return
    yield spoofer.labels("red's own label", [red], arrives=True)
    yield spoofer.labels("blue's label, which is valid nowhere", [blue])
    for name, stack in label_attacks([red], {"blue, told and valid nowhere": blue, "the far end": option.label("b")}, never):
        yield spoofer.labels(name, stack)
    yield spoofer.labels("red's label below blue's", [blue, red])
    # Blue's packets belong on its circuit.
    yield spoofer.packets("to blue's end of the circuit", lambda marker: between(marker, destination=CIRCUIT["a"]))
    yield spoofer.labels("red's own label again", [red], arrives=True)


def _circuit_table(spoofer, red, blue, never):
    yield spoofer.labels("blue's packets", [], arrives=True)
    yield spoofer.labels("under the label that blue's routes have", [blue])
    yield spoofer.labels("under red's label", [red])
    for name, stack in label_attacks([blue], {"red on the NNI": red}, never):
        # Without a label is how its packets have to be.
        if stack:
            yield spoofer.labels(name, stack)
    for name, source in (("a source on the near side", "10.1.0.77"), ("a source of nobody's", "198.18.0.1"),
                         ("the box's own source", CIRCUIT["a"]), ("a source that red alone has", "10.8.0.5")):
        yield spoofer.packets(name, lambda marker, source=source: between(marker, source))
    for name, destination in (("to what red alone has", "10.9.0.5"), ("to the box's NNI", NNI["a"])):
        yield spoofer.packets(name, lambda marker, destination=destination: between(marker, destination=destination))
    source, destination = spoofer.addresses
    yield spoofer.frames("a label in a frame to another Ethernet address",
                         lambda marker: labelled(source, "02:00:00:00:00:99", [red], None, between(marker)))
    yield spoofer.labels("blue's packets again", [], arrives=True)
