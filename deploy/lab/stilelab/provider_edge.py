"""A PE of the operator's own network, in raw octets."""

import struct

from .bgp_peer import VPNV4, VPNV6, BGPPeer, as_path, attribute, nlri, origin, reachable, route_target, unreachable, update
from .namespaces import join


class ProviderEdge(BGPPeer):
    """A PE of a border router's own network: iBGP, with labels of its own."""

    @classmethod
    def behind(cls, lab, box, port, name, address, gateway, local_as, mtu, families=(VPNV4, VPNV6)):
        """One on the subnet of a core interface of a box, so that no transport label is above its own."""
        place = lab.namespace(name)
        join(place, "eth0", box.ports, port, mtu)
        place.ip("address", "add", f"{address}/24", "dev", "eth0")
        return cls(place, address, gateway, local_as, graceful_restart=120, families=families)

    def tell(self, prefix, rd, target, label):
        preference = attribute(0x40, 5, struct.pack("!I", 100))
        self.send(update(origin(), as_path(), preference, route_target(target),
                         reachable(self.local, nlri(prefix, rd, (label,)))))

    def take_back(self, prefix, rd):
        # RFC 8277 §2.4: the label of a withdrawal says nothing.
        self.send(update(unreachable(nlri(prefix, rd, (0x80000,)))))

    def tell_all(self, routes, seconds=40):
        """The session, and all of (route distinguisher, prefix, label, target)."""
        self.connect(seconds)
        for rd, prefix, label, target in routes:
            self.tell(prefix, rd, target, label)
        self.end_of_rib()
