"""Two operators on one NNI: what only one was told works from its own Ethernet address alone, whatever becomes of the other.

      red ───┐                                 ┌── a: 10.99.0.1, AS 65001 (red)
             ├─ box (AS 42) ten1/0 ── exchange ┤
      green ─┘               10.99.0.6/29      └── b: 10.99.0.2, AS 65002 (red and green)
"""

import time

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.bgp_peer import BGPPeer
from stilelab.box import Box
from stilelab.customer import Customer
from stilelab.namespaces import address_of, join
from stilelab.numbered_frames import PAYLOAD, NumberedFrames

BOX = "10.99.0.6"
FAR_ENDS = {"a": ("10.99.0.1", 65001), "b": ("10.99.0.2", 65002)}
# Each customer's device, and who is told of it.
VRFS = {"red": ("cust1", ("a", "b")), "green": ("cust2", ("b",))}
STRANGER = "02:00:00:00:0b:ad"


def configuration(shutdown=(), without=(), source_mac=False):
    """`shutdown` and `without` name far ends."""
    lines = ["hostname asbr42", "!", "mpls label withdrawal-delay 1",
             "port ten1/0", " device net_af_packet_nni0,iface=nni0", " mtu 1600"]
    far_ends = {name: far_end for name, far_end in FAR_ENDS.items() if name not in without}
    for number, (name, (device, told)) in enumerate(VRFS.items(), 1):
        eligible = " ".join(far_ends[far_end][0] for far_end in told if far_end in far_ends)
        lines += [f"port ten1/{number}", f" device net_af_packet_{device},iface={device}",
                  f"ip vrf {name}", f" rd 42:{number}", f" route-target both 42:{number}",
                  *([f" optE {eligible}"] if eligible else []),
                  f"interface ten1/{number}", f" vrf definition {name}", " ip address 10.1.0.1/24"]
    lines += ["interface ten1/0", " encap mpls optE", *([" optE source-mac"] if source_mac else []),
              f" ip address {BOX}/29", "router bgp 42"]
    for name, (address, number) in far_ends.items():
        lines += [f" neighbor {address} remote-as {number}", f" neighbor {address} timers 30 90"]
        lines += [f" neighbor {address} shutdown"] if name in shutdown else []
    lines += [" address-family vpnv4", *[f"  neighbor {address} optE" for address, _ in far_ends.values()]]
    for name in VRFS:
        lines += [f" address-family ipv4 vrf {name}", "  redistribute connected"]
    return "\n".join(lines) + "\n"


class Net:
    def __init__(self, lab):
        self.box = Box(lab, "box", configuration())
        exchange = lab.namespace("exchange")
        exchange.ip("link", "add", "lan", "mtu", 1600, "type", "bridge")
        exchange.ip("link", "set", "lan", "up")
        self.far, self.peers = {}, {}
        for name, (address, number) in FAR_ENDS.items():
            self.far[name] = lab.namespace(f"far-{name}")
            join(self.far[name], "eth0", exchange, f"to-{name}", 1600)
            self.far[name].ip("address", "add", f"{address}/29", "dev", "eth0")
            # Without graceful restart: a session that is lost takes its labels with it.
            self.peers[name] = BGPPeer(self.far[name], address, BOX, number)
        join(self.box.ports, "nni0", exchange, "to-box", 1600)
        for port in ("to-a", "to-b", "to-box"):
            exchange.ip("link", "set", port, "master", "lan")
        self.customers = {name: Customer(lab, name, self.box.ports, device, "10.1.0.2", "fd00:1::2")
                          for name, (device, _) in VRFS.items()}
        self.box.start()
        self.connect()
        for customer in self.customers.values():
            self.box.wait(lambda: customer.ping("10.1.0.1", count=1) == (1, 1), f"{customer.name}'s gateway")
        self.wait_until_all_is_well()

    def connect(self):
        for peer in self.peers.values():
            peer.bring_up()

    def apply(self, **options):
        self.box.replace(configuration(**options))

    def labels(self):
        """{(neighbor, VRF): the label's entry}"""
        names = {address: name for name, (address, _) in FAR_ENDS.items()}
        return {(names[entry["neighbor"]], entry["vrf"]): entry for entry in self.box.json("show", "labels")["labels"]}

    def label(self, neighbor, vrf):
        return self.labels()[neighbor, vrf]["label"]

    def mac(self, name):
        return address_of(self.far[name], "eth0")

    def wait_until_all_is_well(self):
        """The three labels are valid, each from its neighbor's address."""
        expected = {key: [self.mac(key[0])] for key in (("a", "red"), ("b", "red"), ("b", "green"))}
        self.box.wait(lambda: {key: entry.get("source_mac_addresses") for key, entry in self.labels().items()} == expected,
                      "every label with its neighbor's address")

    def frames(self, sender, label, vrf, source=None):
        """A stream from a far end by a label to a customer's site, from the sender's own address unless told."""
        frame = (Ether(src=source or self.mac(sender), dst=address_of(self.box.ports, "nni0"), type=0x8847)
                 / MPLS(label=label, s=1, ttl=64) / IP(src="192.0.2.5", dst="10.1.0.2")
                 / UDP(sport=9, dport=9, chksum=0) / Raw(PAYLOAD))
        return NumberedFrames(self.far[sender].packet_socket("eth0"), frame,
                              self.customers[vrf].namespace.packet_socket("eth0"))

    def fate(self, sender, label, vrf, source=None):
        """What becomes of some packets: "arrive" if all do, or the reason for which all are dropped on the NNI."""
        before = self.box.drops()
        stream = self.frames(sender, label, vrf, source)
        time.sleep(0.2)
        arrived = [has_arrived for _, has_arrived in stream.finish()]
        if all(arrived):
            return "arrive"
        assert not any(arrived), "some packets arrive and some do not"
        # What else is dropped meanwhile, as a TCP segment of a session that is over, is less.
        return self.box.wait(lambda: next((
            reason for (interface, reason), packets in self.box.drops().items()
            if interface == "ten1/0" and packets - before.get((interface, reason), 0) >= len(arrived)), None),
            "the drops are counted")


@pytest.fixture(scope="module")
def net(lab):
    return Net(lab)


def test_each_neighbor_has_labels_of_its_own_and_show_says_from_which_address_they_work(net):
    labels = net.labels()
    assert len({entry["label"] for entry in labels.values()}) == 3
    rows = net.box.text("show", "labels").splitlines()
    assert "FROM" in rows[0]
    for (name, _), entry in labels.items():
        row = next(row for row in rows if f" {entry['label']} " in row)
        assert FAR_ENDS[name][0] in row and net.mac(name) in row
    assert net.peers["a"].label_of("42:1", "10.1.0.0/24") == labels["a", "red"]["label"]
    assert net.peers["a"].label_of("42:2", "10.1.0.0/24") is None
    assert net.peers["b"].label_of("42:2", "10.1.0.0/24") == labels["b", "green"]["label"]


@pytest.mark.parametrize("owner, vrf, sender, source, fate", [
    ("a", "red", "a", None, "arrive"),
    ("b", "red", "b", None, "arrive"),
    ("b", "green", "b", None, "arrive"),
    ("a", "red", "b", None, "foreign_source_mac"),
    ("b", "red", "a", None, "foreign_source_mac"),
    ("b", "green", "a", None, "foreign_source_mac"),
    ("b", "green", "a", STRANGER, "foreign_source_mac"),
])
def test_what_a_neighbor_was_told_works_from_its_own_address_alone(net, owner, vrf, sender, source, fate):
    assert net.fate(sender, net.label(owner, vrf), vrf, source) == fate


def check_that_only_the_others_labels_end(net, end, begin):
    """b's session goes by `end` and comes back after `begin`, while a sends."""
    of_a, of_b = net.label("a", "red"), net.label("b", "green")
    stream = net.frames("a", of_a, "red")
    try:
        end()
        net.box.wait(lambda: set(net.labels()) == {("a", "red")}, "b's labels end")
        assert net.fate("b", of_b, "green") == "label_not_valid_here"
        # Whoever is left has not inherited anything, and is still held to its own address.
        assert net.fate("a", of_b, "green") == "label_not_valid_here"
        assert net.fate("b", of_a, "red") == "foreign_source_mac"
        begin()
        net.connect()
        net.wait_until_all_is_well()
    finally:
        fates = stream.finish()
    assert all(has_arrived for _, has_arrived in fates), "a lost packets"
    assert net.label("b", "green") == of_b
    assert net.fate("b", of_b, "green") == "arrive"


def test_a_lost_session_takes_its_labels_with_it_and_leaves_the_others(net):
    check_that_only_the_others_labels_end(net, net.peers["b"].close, lambda: None)


def test_a_neighbor_that_is_shut_down_takes_its_labels_with_it_and_leaves_the_others(net):
    check_that_only_the_others_labels_end(net, lambda: net.apply(shutdown=["b"]), net.apply)


def test_labels_follow_their_neighbor_to_another_address(net):
    label, before, after = net.label("b", "green"), net.mac("b"), "02:00:00:00:0b:02"
    net.far["b"].ip("link", "set", "eth0", "address", after)
    try:
        # Its next packet to the box makes it ask for the box's address, and say its own.
        net.peers["b"].barrier()
        net.wait_until_all_is_well()
        assert net.fate("b", label, "green") == "arrive"
        assert net.fate("b", label, "green", before) == "foreign_source_mac"
    finally:
        net.far["b"].ip("link", "set", "eth0", "address", before)
        net.peers["b"].barrier()
    net.wait_until_all_is_well()


def test_a_neighbor_that_is_alone_again_may_send_from_where_it_likes_unless_the_nni_says_no(net):
    label, of_b = net.label("a", "red"), net.label("b", "green")
    net.apply(without=["b"])
    assert "source_mac_addresses" not in net.labels()["a", "red"]
    assert net.fate("a", label, "red", STRANGER) == "arrive"
    assert net.fate("a", of_b, "green") == "label_not_valid_here"
    net.apply(without=["b"], source_mac=True)
    assert net.labels()["a", "red"]["source_mac_addresses"] == [net.mac("a")]
    assert net.fate("a", label, "red", STRANGER) == "foreign_source_mac"
    assert net.fate("a", label, "red") == "arrive"
    net.apply()
    net.connect()
    net.wait_until_all_is_well()
