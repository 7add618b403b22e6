"""One Stile box facing a plain Option B ASBR that is not Stile: what every such far end is tested for.

      red ───┐
             ├─ box (AS 42) ten1/0 ───── far end (AS 65001, FRR or GoBGP; labelled frames by scapy)
      green ─┘

The far end has 192.0.2.0/24 and 2001:db8:1::/48 under two route distinguishers, with a label each.
"""

from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.box import Box
from stilelab.customer import Customer
from stilelab.namespaces import address_of, join

BOX, FAR = "10.99.0.2", "10.99.0.1"
CUSTOMERS = {"red": 1, "green": 2}
FAR_LABELS = {"red": 1001, "green": 1002}
FAR_PREFIX = {"ipv4": "192.0.2.0/24", "ipv6": "2001:db8:1::/48"}
FAR_HOST = {"ipv4": "192.0.2.5", "ipv6": "2001:db8:1::5"}
SITE_PREFIX = {"ipv4": "10.1.0.0/24", "ipv6": "fd00:1::/64"}

CONFIGURATION = """\
hostname asbr42
!
port ten1/0
 device net_af_packet_nni0,iface=nni0
 mtu 1600
port ten1/1
 device net_af_packet_cust1,iface=cust1
port ten1/2
 device net_af_packet_cust2,iface=cust2
!
ip vrf red
 rd 42:1
 route-target both 42:1
 optE
ip vrf green
 rd 42:2
 route-target both 42:2
 optE
!
interface ten1/0
 encap mpls optE
 ip address 10.99.0.2/30
interface ten1/1
 vrf definition red
 ip address 10.1.0.1/24
 ipv6 address fd00:1::1/64
interface ten1/2
 vrf definition green
 ip address 10.1.0.1/24
 ipv6 address fd00:1::1/64
!
router bgp 42
 neighbor 10.99.0.1 remote-as 65001
 neighbor 10.99.0.1 timers 3 9
 address-family vpnv4
  neighbor 10.99.0.1 optE
 address-family vpnv6
  neighbor 10.99.0.1 optE
 address-family ipv4 vrf red
  redistribute connected
 address-family ipv6 vrf red
  redistribute connected
 address-family ipv4 vrf green
  redistribute connected
 address-family ipv6 vrf green
  redistribute connected
"""


class FarEnd:
    """The box, its customers, and the namespace of the far end with an address on the link."""

    def __init__(self, lab, configuration=CONFIGURATION, others=()):
        """`others` are (namespace, port of the box, address with length) of further far ends."""
        self.lab = lab
        self.box = Box(lab, "box", configuration)
        self.namespace = lab.namespace("far")
        join(self.namespace, "eth0", self.box.ports, "nni0", 1600)
        self.namespace.ip("address", "add", f"{FAR}/30", "dev", "eth0")
        self.others = {}
        for name, port, address in others:
            self.others[name] = lab.namespace(name)
            join(self.others[name], "eth0", self.box.ports, port, 1600)
            self.others[name].ip("address", "add", address, "dev", "eth0")
        self.customers = {
            name: Customer(lab, name, self.box.ports, f"cust{number}", "10.1.0.2", "fd00:1::2")
            for name, number in CUSTOMERS.items()
        }
        self.box.start()

    def wait_for_imports(self, seconds=60):
        for name in CUSTOMERS:
            for family, prefix in FAR_PREFIX.items():
                self.box.wait(lambda: prefix in self.box.text("show", "routes", "vrf", name, family),
                              f"{prefix} in VRF {name}", seconds)

    def apply(self, text):
        self.box.replace(text)

    def our_labels(self):
        return {entry["vrf"]: entry["label"] for entry in self.box.json("show", "labels")["labels"]
                if entry["nni"] == "ten1/0"}

    def packet_to_far_end(self, name, family):
        """A customer's packet to the far prefix, and the labelled frame that must come out on the link."""
        customer = self.customers[name]
        gateway = address_of(self.box.ports, f"cust{CUSTOMERS[name]}")
        header = _ip(family, customer.ipv4 if family == "ipv4" else customer.ipv6, FAR_HOST[family], 64)
        payload = UDP(sport=1000, dport=2000) / Raw(f"from {name}".encode().ljust(40))
        sent = Ether(src=address_of(customer.namespace, "eth0"), dst=gateway) / header / payload
        forwarded = _ip(family, customer.ipv4 if family == "ipv4" else customer.ipv6, FAR_HOST[family], 63)
        expected = (Ether(src=address_of(self.box.ports, "nni0"), dst=address_of(self.namespace, "eth0"), type=0x8847)
                    / MPLS(label=FAR_LABELS[name], s=1, ttl=63) / forwarded / payload)
        return bytes(sent), bytes(expected)

    def packet_from_far_end(self, name, family, label):
        """A labelled packet of the far end to the customer's site, and the frame that the customer must get."""
        customer = self.customers[name]
        site = customer.ipv4 if family == "ipv4" else customer.ipv6
        payload = UDP(sport=1000, dport=2000) / Raw(f"to {name}".encode().ljust(40))
        sent = (Ether(src=address_of(self.namespace, "eth0"), dst=address_of(self.box.ports, "nni0"), type=0x8847)
                / MPLS(label=label, s=1, ttl=64) / _ip(family, FAR_HOST[family], site, 64) / payload)
        expected = (Ether(src=address_of(self.box.ports, f"cust{CUSTOMERS[name]}"),
                          dst=address_of(customer.namespace, "eth0"))
                    / _ip(family, FAR_HOST[family], site, 63) / payload)
        return bytes(sent), bytes(expected)

    def check_both_ways(self):
        """Every customer and family: to the far end with the far end's label, back with ours, and nobody else sees it."""
        labels = self.our_labels()
        far = self.namespace.packet_socket("eth0")
        sites = {name: customer.namespace.packet_socket("eth0") for name, customer in self.customers.items()}
        for name, customer in self.customers.items():
            # The site's address has to be resolved before frames can be counted one by one.
            assert customer.ping("10.1.0.1", count=1) == (1, 1)
            assert customer.ping("fd00:1::1", count=1) == (1, 1)
            for family in FAR_PREFIX:
                sent, expected = self.packet_to_far_end(name, family)
                sites[name].send(sent)
                assert frames_with(far, f"from {name}") == [expected], (name, family)
                sent, expected = self.packet_from_far_end(name, family, labels[name])
                far.send(sent)
                for other, site in sites.items():
                    wanted = [expected] if other == name else []
                    assert frames_with(site, f"to {name}", wanted) == wanted, (name, other, family)


def _ip(family, source, destination, ttl):
    if family == "ipv4":
        return IP(src=source, dst=destination, ttl=ttl, id=7)
    return IPv6(src=source, dst=destination, hlim=ttl)


def frames_with(socket, text, wanted=(None,)):
    """The frames with a payload text that arrive within a short time, or as soon as there are as many as wanted."""
    found = []
    seconds = 3.0 if wanted else 0.3
    while (frame := socket.receive(seconds)) is not None:
        if text.encode() in frame:
            found.append(frame)
        if wanted and len(found) >= len(wanted):
            seconds = 0.2
    return found
