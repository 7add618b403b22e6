"""Two operators with a Stile box each, joined by one Option E link, and three customers with the same addresses.

      red-a ──┐                                                        ┌── red-b
      green-a ┼─ box a (AS 42) ten1/0 ───── one link ───── ten1/0 box b (AS 65001) ┼─ green-b
      blue-a ─┘      │ ten1/9                                          └── blue-b
                 rogue (a second NNI: an operator whom only green's VRF is open to)

With a provider edge box b's core leads to one, and red has a third site behind that:

      box b ten1/4 ── core ── ten1/0 PE (AS 65001) ── red-pe

Box a gives each customer a service of its own: red's sources are checked on the link, green is policed to 10 Mbit/s
towards the far operator, and blue's access list lets through what it names.
"""

from .box import Box
from .customer import BULK_PORT, IDENTITY_PORT, Customer
from .namespaces import address_of, join

CUSTOMERS = ("red", "green", "blue")
SIDES = {
    "a": {"as": 42, "nni": "192.0.2.1", "far_nni": "192.0.2.2", "far_as": 65001},
    "b": {"as": 65001, "nni": "192.0.2.2", "far_nni": "192.0.2.1", "far_as": 42},
}
ROGUE_NNI = {"box": "198.51.100.1", "far": "198.51.100.2", "as": 65002}
# The two ends of AS 65001's core.
CORE = {"border": "10.98.0.1", "pe": "10.98.0.2"}
NNI_MTU = 1600
GREEN_MEGABITS = 10
BLUE_PORTS = (IDENTITY_PORT, BULK_PORT)
SERVICES = [
    "ip access-list extended blue-in", " 10 permit icmp any any",
    *(f" {number} permit tcp any any eq {port}" for number, port in zip((20, 30), BLUE_PORTS)), "!",
    "ipv6 access-list blue-in6", " 10 permit icmp any any",
    *(f" {number} permit tcp any any eq {port}" for number, port in zip((20, 30), BLUE_PORTS)), "!",
    f"policy-map megabits-{GREEN_MEGABITS}", " class class-default",
    f"  police cir {GREEN_MEGABITS}000000 bc 250000 conform-action transmit exceed-action drop", "!",
]


def configuration(side, has_provider_edge=False):
    """The configuration of one of the two boxes."""
    facts = SIDES[side]
    rogue = side == "a"
    core = has_provider_edge and side == "b"
    lines = [f"hostname asbr{facts['as']}", "!", *_port("ten1/0", "nni0", NNI_MTU)]
    for number, _ in enumerate(CUSTOMERS, 1):
        lines += _port(f"ten1/{number}", f"cust{number}", 1500)
    if core:
        lines += _port("ten1/4", "core0", NNI_MTU)
    if rogue:
        lines += _port("ten1/9", "nni9", NNI_MTU)
    for number, customer in enumerate(CUSTOMERS, 1):
        neighbors = facts["far_nni"] + (f" {ROGUE_NNI['far']}" if rogue and customer == "green" else "")
        lines += [f"ip vrf {customer}", f" rd {facts['as']}:{number}", f" route-target both 42:{number}",
                  f" optE {neighbors}", "!"]
    if rogue:
        lines += SERVICES
    lines += ["interface ten1/0", " encap mpls optE", f" ip address {facts['nni']}/30",
              "interface ten1/0.1", " vrf definition red"]
    if rogue:
        lines += [" ip verify unicast source reachable-via rx", " ipv6 verify unicast source reachable-via rx",
                  "interface ten1/0.2", " vrf definition green",
                  f" service-policy output megabits-{GREEN_MEGABITS}"]
    lines += ["!"]
    if rogue:
        lines += ["interface ten1/9", " encap mpls optE", f" ip address {ROGUE_NNI['box']}/30", "!"]
    if core:
        lines += ["interface ten1/4", " encap mpls core", f" ip address {CORE['border']}/30", "!"]
    site = 1 if side == "a" else 2
    for number, customer in enumerate(CUSTOMERS, 1):
        lines += [f"interface ten1/{number}", f" vrf definition {customer}",
                  f" ip address 10.{site}.0.1/24", f" ipv6 address fd00:{site}::1/64"]
        if rogue and customer == "blue":
            lines += [" ip access-group blue-in in", " ipv6 traffic-filter blue-in6 in"]
        lines += ["!"]
    lines += [f"router bgp {facts['as']}", f" neighbor {facts['far_nni']} remote-as {facts['far_as']}",
              f" neighbor {facts['far_nni']} timers 3 9"]
    if rogue:
        lines += [f" neighbor {ROGUE_NNI['far']} remote-as {ROGUE_NNI['as']}"]
    if core:
        lines += [f" neighbor {CORE['pe']} remote-as {facts['as']}", f" neighbor {CORE['pe']} timers 3 9"]
    for family in ("vpnv4", "vpnv6"):
        lines += [f" address-family {family}", f"  neighbor {facts['far_nni']} optE"]
        if core:
            lines += [f"  neighbor {CORE['pe']} activate"]
        if rogue:
            lines += [f"  neighbor {ROGUE_NNI['far']} optE"]
    for customer in CUSTOMERS:
        for family in ("ipv4", "ipv6"):
            lines += [f" address-family {family} vrf {customer}", "  redistribute connected"]
    return "\n".join(lines) + "\n"


def provider_edge_configuration():
    """The PE of AS 65001, with red's third site."""
    system = SIDES["b"]["as"]
    return "\n".join([
        f"hostname pe{system}", "!", *_port("ten1/0", "core0", NNI_MTU), *_port("ten1/1", "cust1", 1500),
        "ip vrf red", f" rd {system}:101", " route-target both 42:1", "!",
        "interface ten1/0", " encap mpls core", f" ip address {CORE['pe']}/30", "!",
        "interface ten1/1", " vrf definition red", " ip address 10.3.0.1/24", " ipv6 address fd00:3::1/64", "!",
        f"router bgp {system}", f" neighbor {CORE['border']} remote-as {system}", f" neighbor {CORE['border']} timers 3 9",
        " address-family vpnv4", f"  neighbor {CORE['border']} activate",
        " address-family vpnv6", f"  neighbor {CORE['border']} activate",
        " address-family ipv4 vrf red", "  redistribute connected",
        " address-family ipv6 vrf red", "  redistribute connected"]) + "\n"


def _port(name, interface, mtu):
    # The device's name is unique in the process; the veth carries the rest.
    return [f"port {name}", f" device net_af_packet_{interface},iface={interface}", f" mtu {mtu}", "!"]


class TwoOperators:
    """The running lab: `boxes`, `customers` by (name, side), the far operator's end of the link and the rogue.

    With a provider edge that is `boxes["pe"]`, and red's third site is `customers["red", "pe"]`.
    """

    def __init__(self, lab, has_provider_edge=False, first_box=Box):
        self.lab = lab
        kinds = {"a": first_box, "b": Box}
        self.boxes = {side: kinds[side](lab, side, configuration(side, has_provider_edge)) for side in SIDES}
        a, b = (self.boxes[side].ports for side in "ab")
        join(a, "nni0", b, "nni0", NNI_MTU)
        self.rogue = lab.namespace("rogue")
        join(self.rogue, "eth0", a, "nni9", NNI_MTU)
        self.customers = {}
        for side, site in (("a", 1), ("b", 2)):
            for number, name in enumerate(CUSTOMERS, 1):
                self.customers[name, side] = Customer(
                    lab, f"{name}-{side}", self.boxes[side].ports, f"cust{number}",
                    f"10.{site}.0.2", f"fd00:{site}::2")
        if has_provider_edge:
            self.boxes["pe"] = Box(lab, "pe", provider_edge_configuration())
            join(b, "core0", self.boxes["pe"].ports, "core0", NNI_MTU)
            self.customers["red", "pe"] = Customer(lab, "red-pe", self.boxes["pe"].ports, "cust1", "10.3.0.2", "fd00:3::2")

    def start(self):
        for box in self.boxes.values():
            box.start()
        for (_, side), customer in self.customers.items():
            if side != "a":
                customer.serve()

    def wait_for_routes(self, seconds=60):
        """Waits until both boxes forward every customer's routes of the other side, both families."""
        for side, site in (("a", 2), ("b", 1)):
            box = self.boxes[side]
            for name in CUSTOMERS:
                for family, prefix in (("ipv4", f"10.{site}.0.0/24"), ("ipv6", f"fd00:{site}::/64")):
                    self._wait_for_route(box, name, family, prefix, seconds)
        if "pe" in self.boxes:
            for side, site in (("a", 3), ("pe", 1)):
                for family, prefix in (("ipv4", f"10.{site}.0.0/24"), ("ipv6", f"fd00:{site}::/64")):
                    self._wait_for_route(self.boxes[side], "red", family, prefix, seconds)

    @staticmethod
    def _wait_for_route(box, vrf, family, prefix, seconds):
        box.wait(lambda: prefix in box.text("show", "routes", "vrf", vrf, family), f"route {prefix} in VRF {vrf}", seconds)

    def nni_macs(self):
        """The Ethernet addresses of the two ends of the link."""
        return {side: address_of(self.boxes[side].ports, "nni0") for side in SIDES}
