"""Two ASBRs of one operator that are provisioned alike, towards one neighbor with a link to each.

                 ┌── ten1/0 east ten1/1, 2 ──┐
      far (65001)┤      (AS 42)              ├── site: 10.1.0.2 (red), 10.2.0.2 (green)
                 └── ten1/0 west ten1/1, 2 ──┘
                      ten1/3 ── core: a router of AS 42

Red's label is one of the block; green's is one of a label space, which a label of the block names.
"""

from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from .bgp_peer import BGPPeer
from .box import Box
from .namespaces import address_of, join
from .numbered_frames import PAYLOAD, NumberedFrames

BLOCK = (1000, 1999)
SPACE = 1999
LABELS = {"red": (1001,), "green": (SPACE, 50001)}
NNI = {"east": "10.99.1.2", "west": "10.99.2.2"}
FAR = {"east": "10.99.1.1", "west": "10.99.2.1"}
CORE = {"east": "10.98.0.1", "west": "10.98.0.2"}
ROUTER = "10.98.0.9"
FAR_AS = 65001
# Each VRF's subnet of the site, where the boxes are GATEWAY, and their ports there.
SITE = {"red": ("10.1.0", 1), "green": ("10.2.0", 2)}
GATEWAY = {"east": 1, "west": 3}


def configuration(name, far_as=FAR_AS, fallback=False, common=None, quarantine=300, distinguisher=None):
    """`common` are lines in the place of the VRFs' common labels."""
    common = {"red": "label common 1001", "green": "label common 50001 space tenants"} | (common or {})
    lines = [f"hostname {name}", f"mpls label-block dcb {BLOCK[0]} {BLOCK[1]}", "mpls label-space tenants",
             f" dcb-label {SPACE}", "mpls label withdrawal-delay 1", f"mpls label quarantine {quarantine}"]
    for port in range(4):
        lines += [f"port ten1/{port}", f" device net_af_packet_p{port},iface=p{port}", " mtu 1600"]
    for vrf, (network, number) in SITE.items():
        rd = (distinguisher or {}).get(vrf, f"42:{number}")
        lines += [f"ip vrf {vrf}", f" rd {rd}", f" route-target both 42:{number}", " optE"]
        lines += [f" {common[vrf]}"] if common[vrf] else []
        lines += [" label common fallback"] if fallback and common[vrf] else []
        lines += [f"interface ten1/{number}", f" vrf definition {vrf}", f" ip address {network}.{GATEWAY[name]}/24"]
    lines += ["interface ten1/0", " encap mpls optE", f" ip address {NNI[name]}/30",
              "interface ten1/3", " encap mpls core", f" ip address {CORE[name]}/24",
              "router bgp 42", " bgp graceful-restart restart-time 15", f" neighbor {FAR[name]} remote-as {far_as}", f" neighbor {ROUTER} remote-as 42",
              " address-family vpnv4", f"  neighbor {FAR[name]} optE", f"  neighbor {ROUTER} activate"]
    lines += [f" address-family ipv4 vrf {vrf}\n  redistribute connected" for vrf in SITE]
    return "\n".join(lines) + "\n"


class CommonLabels:
    """`boxes`, `peers` (the far end's sessions) and `routers` (the core's) by box."""

    def __init__(self, lab, multiple_labels=()):
        """`multiple_labels` names the boxes to which the far end says that it takes two labels."""
        self.boxes = {name: Box(lab, name, configuration(name)) for name in NNI}
        self.far, self.site, self.core = (lab.namespace(name) for name in ("far", "site", "core"))
        lans = [(self.core, "core", 3, f"{ROUTER}/24")]
        lans += [(self.site, vrf, number, f"{network}.2/24") for vrf, (network, number) in SITE.items()]
        for namespace, bridge, _, address in lans:
            namespace.ip("link", "add", bridge, "mtu", 1600, "type", "bridge")
            namespace.ip("link", "set", bridge, "up")
            namespace.ip("address", "add", address, "dev", bridge)
        self.peers, self.routers, self.sockets = {}, {}, {}
        for name, box in self.boxes.items():
            join(self.far, name, box.ports, "p0", 1600)
            self.far.ip("address", "add", f"{FAR[name]}/30", "dev", name)
            for namespace, bridge, port, _ in lans:
                join(namespace, f"{name}-{port}", box.ports, f"p{port}", 1600)
                namespace.ip("link", "set", f"{name}-{port}", "master", bridge)
            self.peers[name] = BGPPeer(self.far, FAR[name], NNI[name], FAR_AS, graceful_restart=60,
                                       multiple_labels=2 if name in multiple_labels else 0)
            self.routers[name] = BGPPeer(self.core, ROUTER, CORE[name], 42)
            self.sockets[name] = self.far.packet_socket(name)

    def start(self):
        for box in self.boxes.values():
            box.start()
        self.connect()
        for vrf, (network, _) in SITE.items():
            for name, box in self.boxes.items():
                box.wait(lambda: self.site.run("ping", "-c1", "-W1", f"{network}.{GATEWAY[name]}", check=False)
                         .returncode == 0, f"{vrf}'s gateway")

    def connect(self):
        for name in self.boxes:
            self.peers[name].bring_up()
            self.routers[name].bring_up()

    def reconnect(self, name):
        """The sessions with a box that was killed: TCP has not heard of it."""
        for peer in (self.peers[name], self.routers[name]):
            peer.close(abruptly=True)
        self.connect()

    def routes(self, peers, vrf, name, rd=None):
        """The stack of labels that a box has told a peer for the site's subnet."""
        network, number = SITE[vrf]
        return peers[name].stack_of(rd or f"42:{number}", f"{network}.0/24")

    def frame(self, name, labels, vrf="red", source=None, payload=PAYLOAD):
        """What the far end sends to the site by a box."""
        frame = Ether(src=source or address_of(self.far, name), dst=address_of(self.boxes[name].ports, "p0"), type=0x8847)
        for position, label in enumerate(labels):
            frame /= MPLS(label=label, s=int(position == len(labels) - 1), ttl=64)
        return bytes(frame / self.packet(vrf, payload))

    @staticmethod
    def packet(vrf, payload=PAYLOAD):
        return IP(src="192.0.2.5", dst=f"{SITE[vrf][0]}.2") / UDP(sport=9, dport=9, chksum=0) / Raw(payload)

    def stream(self, name, labels, vrf="red"):
        """Numbered frames from the far end to the site by a box."""
        return NumberedFrames(self.far.packet_socket(name), self.frame(name, labels, vrf),
                              self.site.packet_socket(vrf))
