"""One box between two memifs: whoever takes their other ends is its far end and its customers at once.

      NNI memif ── ten1/0 ── box (AS 42) ── ten1/1, a VLAN for each customer ── customers' memif
                                │
      far end's BGP speaker ────┘ (AS 65001, in the box's namespace)

A traffic generator on the memifs answers for every neighbor's address, but speaks no BGP. So the box has no TUN device, and both
addresses are on the loopback of its namespace: TCP between the two stays in the kernel, all other packets between
the box and the far end go over the memif, and nobody has to copy between the two in the middle of a measurement.
"""

from .bgp_peer import BGPPeer
from .box import Box

CUSTOMERS = 8
ROUTES_PER_CUSTOMER = 100
NNI = {"box": "192.0.2.1", "far": "192.0.2.2", "far_as": 65001}
FIRST_VLAN = 101
FIRST_FAR_LABEL = 2001


def configuration(socket):
    lines = ["hostname asbr42", "!", "dataplane", " workers 1", "!"]
    for number in (0, 1):
        # memif's frames are of 1,518 octets at most. Queues of 4,096 frames, as NICs have: where there are no more
        # processors than polling threads, others interrupt these for some hundred microseconds now and then.
        lines += [f"port ten1/{number}", f" device net_memif{number},role=server,id={number},rsize=12,socket={socket},"
                  "socket-abstract=no", " mtu 1500"]
    lines += ["!"]
    for customer in range(CUSTOMERS):
        lines += [f"ip vrf customer{customer}", f" rd 42:{customer}", f" route-target both 42:{customer}",
                  f" optE {NNI['far']}"]
    lines += ["!", "interface ten1/0", " encap mpls optE", f" ip address {NNI['box']}/30"]
    for customer in range(CUSTOMERS):
        lines += [f"interface ten1/1.{FIRST_VLAN + customer}", f" encapsulation dot1q {FIRST_VLAN + customer}",
                  f" vrf definition customer{customer}", " ip address 198.51.100.1/30"]
    lines += ["!"]
    for customer in range(CUSTOMERS):
        lines += [f"ip route vrf customer{customer} {prefix} 198.51.100.2" for prefix in prefixes(1)]
    # The memif has no link before the generator comes, and the session does not go over it.
    lines += ["!", "router bgp 42", " no bgp fast-external-fallover", f" neighbor {NNI['far']} remote-as {NNI['far_as']}",
              " address-family vpnv4", f"  neighbor {NNI['far']} optE"]
    for customer in range(CUSTOMERS):
        lines += [f" address-family ipv4 vrf customer{customer}", "  redistribute static"]
    return "\n".join(lines) + "\n"


def prefixes(site):
    """What every customer has at its near site (1) and at its far one (2)."""
    return [f"10.{site}.{number}.0/24" for number in range(ROUTES_PER_CUSTOMER)]


class MemifBox(Box):
    """The box, and the session that gives it the far end's routes."""

    control_options = ("--no-tun",)

    def __init__(self, lab, name):
        super().__init__(lab, name, configuration(lab.path(name, "memif.sock")))
        for side in ("box", "far"):
            self.namespace.ip("address", "add", f"{NNI[side]}/32", "dev", "lo")
        self.far_end = BGPPeer(self.namespace, NNI["far"], NNI["box"], NNI["far_as"])

    def start(self):
        super().start()
        self.wait(self._is_served, "a label and the far end's routes for each customer")

    def _is_served(self):
        # The ports' first appearance changes what the session can offer, which ends one that was there before.
        if not self.far_end.is_up:
            self._open_session()
        return self._has_labels_and_routes()

    def _open_session(self):
        self.far_end.connect()
        for customer in range(CUSTOMERS):
            for prefix in prefixes(2):
                self.far_end.announce(prefix, f"{NNI['far_as']}:{customer}", f"42:{customer}",
                                      label=FIRST_FAR_LABEL + customer)
        self.far_end.end_of_rib()

    def _has_labels_and_routes(self):
        # Routes are used, and the customers' own ones are there, while the memifs have their links.
        imported = sum(family["imported_routes"] for neighbor in self.json("show", "bgp", "summary")["neighbors"]
                       for family in neighbor["families"])
        return len(self.json("show", "labels")["labels"]) == CUSTOMERS and imported == CUSTOMERS * ROUTES_PER_CUSTOMER

    def packets(self):
        """What the box has received and sent: with labels, and on the circuits."""
        counted = {}
        for interface in self.json("show", "interfaces")["interfaces"]:
            if interface["kind"] in ("unit", "attachment_circuit"):
                for way in ("rx", "tx"):
                    name = f"{interface['kind']} {way}"
                    counted[name] = counted.get(name, 0) + interface[f"{way}_packets"]
        return counted
