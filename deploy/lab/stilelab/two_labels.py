"""Two operators with a Stile box each whose VRFs have labels of all ways of RFC 9573 §3.3 at once, told on one session:

      red-a ──┐                                        ┌── red-b     way 1: a label of the block
      green-a ┼─ a (AS 42) ten1/0 ── wire ── ten1/0 b (AS 65001) ┼─ green-b   way 2: a label of a label space, two labels
      blue-a ─┘   │ ten1/8    │ ten1/9                 └── blue-b    drawn
                relay        PE

The wire is a bridge, on which frames are heard and forged. Box a relays VPN routes as well (Option B): between `relay` (AS 65002),
which tells two labels, and a PE of its own network. Each side's space has a block too, whose labels are for nobody here (way 3).
"""

from scapy.contrib.mpls import MPLS
from scapy.layers.l2 import Ether

from .bgp_peer import BGPPeer, as_path, nlri, origin, reachable, route_target, update
from .box import Box
from .customer import Customer
from .namespaces import address_of, join
from .provider_edge import ProviderEdge

CUSTOMERS = ("red", "green", "blue")
SIDES = {
    "a": {"as": 42, "nni": "192.0.2.1", "far": "192.0.2.2", "far_as": 65001, "block": 1000, "site": 1},
    "b": {"as": 65001, "nni": "192.0.2.2", "far": "192.0.2.1", "far_as": 42, "block": 2000, "site": 2},
}
# Each side's labels: red's is of the block, green's stands below the one that names the space.
RED = {side: (facts["block"] + 1,) for side, facts in SIDES.items()}
GREEN = {side: (facts["block"] + 999, 50_000 + facts["site"]) for side, facts in SIDES.items()}
RELAY = {"box": "198.51.100.1", "far": "198.51.100.2", "as": 65002}
PE = {"box": "10.98.0.2", "far": "10.98.0.1"}
# The NNI's port has room for packets of 1500 octets under one label, not under two.
PORT_MTU = 1506


def configuration(side, green=None):
    """`green` is a line in the place of green's common label."""
    facts = SIDES[side]
    block = facts["block"]
    lines = [f"hostname {side}", f"mpls label-block dcb {block} {block + 999}", "mpls label-space tenants",
             f" dcb-label {block + 999}", " block 101 200", "mpls label withdrawal-delay 1"]
    ports = [("ten1/0", "nni0", PORT_MTU), *((f"ten1/{number}", f"cust{number}", 1500) for number in (1, 2, 3))]
    ports += [("ten1/8", "nni8", 1600), ("ten1/9", "core0", 1600)] if side == "a" else []
    for port, device, mtu in ports:
        lines += [f"port {port}", f" device net_af_packet_{device},iface={device}", f" mtu {mtu}"]
    labels = {"red": f"label common {block + 1}",
              "green": green or f"label common {GREEN[side][1]} space tenants", "blue": None}
    for number, vrf in enumerate(CUSTOMERS, 1):
        lines += [f"ip vrf {vrf}", f" rd {facts['as']}:{number}", f" route-target both 42:{number}",
                  f" optE {facts['far']}"]
        lines += [f" {labels[vrf]}"] if labels[vrf] else []
        lines += [f"interface ten1/{number}", f" vrf definition {vrf}", f" ip address 10.{facts['site']}.0.1/24",
                  f" ipv6 address fd00:{facts['site']}::1/64"]
    lines += ["interface ten1/0", " encap mpls optE", f" ip address {facts['nni']}/30"]
    if side == "a":
        lines += ["interface ten1/8", " encap mpls optB", f" ip address {RELAY['box']}/30",
                  "interface ten1/9", " encap mpls core", f" ip address {PE['box']}/24"]
    lines += [f"router bgp {facts['as']}", " bgp graceful-restart restart-time 15",
              f" neighbor {facts['far']} remote-as {facts['far_as']}", f" neighbor {facts['far']} timers 3 9"]
    if side == "a":
        lines += [f" neighbor {RELAY['far']} remote-as {RELAY['as']}", f" neighbor {PE['far']} remote-as 42"]
    for family in ("vpnv4", "vpnv6"):
        lines += [f" address-family {family}", f"  neighbor {facts['far']} optE"]
        if side == "a":
            lines += [f"  neighbor {RELAY['far']} optB", f"  neighbor {RELAY['far']} route-target import 65002:7",
                      f"  neighbor {PE['far']} activate", f"  neighbor {PE['far']} route-target export 65002:7"]
    lines += [f" address-family {family} vrf {vrf}\n  redistribute connected" for vrf in CUSTOMERS
              for family in ("ipv4", "ipv6")]
    return "\n".join(lines) + "\n"


class TwoLabels:
    """`boxes` and `wire` (a packet socket) by side, `customers` by (name, side), and the speakers `relay` and `edge`."""

    def __init__(self, lab):
        self.boxes = {side: Box(lab, side, configuration(side)) for side in SIDES}
        self.customers, self.wire, self.mac = {}, {}, {}
        bridge = lab.namespace("wire")
        bridge.ip("link", "add", "wire", "mtu", 1600, "type", "bridge")
        bridge.ip("link", "set", "wire", "up")
        for side, box in self.boxes.items():
            join(bridge, f"to-{side}", box.ports, "nni0", 1600)
            bridge.ip("link", "set", f"to-{side}", "master", "wire")
            for number, name in enumerate(CUSTOMERS, 1):
                site = SIDES[side]["site"]
                self.customers[name, side] = Customer(
                    lab, f"{name}-{side}", box.ports, f"cust{number}", f"10.{site}.0.2", f"fd00:{site}::2")
            self.wire[side] = bridge.packet_socket(f"to-{side}")
            self.mac[side] = address_of(box.ports, "nni0")
        ports = self.boxes["a"].ports
        place = lab.namespace("relay")
        join(place, "eth0", ports, "nni8", 1600)
        place.ip("address", "add", f"{RELAY['far']}/30", "dev", "eth0")
        self.relay = BGPPeer(place, RELAY["far"], RELAY["box"], RELAY["as"], multiple_labels=2)
        self.edge = ProviderEdge.behind(lab, self.boxes["a"], "core0", "edge", PE["far"], PE["box"], 42, 1600)
        self.sockets = {"relay": place.packet_socket("eth0"), "edge": self.edge.namespace.packet_socket("eth0")}
        self.mac |= {"relay": address_of(place, "eth0"), "edge": address_of(self.edge.namespace, "eth0"),
                     "a-relay": address_of(ports, "nni8"), "a-core": address_of(ports, "core0")}

    def start(self):
        for box in self.boxes.values():
            box.start()
        for customer in self.customers.values():
            customer.serve()
        self.wait_for_routes()
        for name in CUSTOMERS:
            for address in ("10.2.0.2", "fd00:2::2"):
                self.boxes["a"].wait(lambda: self.customers[name, "a"].ping(address, 1)[1], f"{name}'s {address}")

    def wait_for_routes(self):
        for side, far in (("a", "b"), ("b", "a")):
            for vrf in CUSTOMERS:
                self.boxes[side].wait(lambda: self.way(side, vrf), f"{vrf}'s route of {far}", 60)

    def way(self, side, vrf):
        """The labels, the outermost first, that a box pushes for the other side's subnet; None without a route."""
        prefix = f"10.{SIDES['b' if side == 'a' else 'a']['site']}.0.0/24"
        for route in self.boxes[side].json("show", "routes", "vrf", vrf, "ipv4")["routes"]:
            if route["prefix"] == prefix and route["next_hops"]:
                hop = route["next_hops"][0]
                return tuple(label for label in (hop.get("outer_label"), hop.get("label")) if label is not None)
        return None

    def tell(self, prefix, rd, labels):
        """What the relay's operator says: a route with these labels."""
        self.relay.send(update(origin(), as_path(RELAY["as"]), route_target("65002:7"),
                               reachable(RELAY["far"], nlri(prefix, rd, labels))))

    def frame(self, source, destination, labels, ttl, inner, cos=0):
        frame = Ether(src=self.mac[source], dst=self.mac[destination], type=0x8847)
        for position, label in enumerate(labels):
            frame /= MPLS(label=label, cos=cos, s=int(position == len(labels) - 1), ttl=ttl)
        return bytes(frame / inner)
