"""Two NNIs have a customer's prefix. The first loses its link, then its whole device: the second takes over long before any
hold time, and everything comes back by itself.

       red ── box (AS 42) ten1/0 ───── first (AS 65001), the shorter path
                          ten1/2 ───── second (AS 65002)
"""

import json

import pytest
from many_routes import RED_HOST, datagram
from stilelab.bgp_peer import BGPPeer, as_path, nlri, origin, reachable, route_target, update
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.customer import Customer
from stilelab.namespaces import address_of, join

HOLD = 90
# Far below the hold time, and generous for a machine that has other things to do.
SOON = 30
PREFIX, LABEL = "192.0.2.0/24", 5000
FAR_ENDS = {"first": ("nni0", "10.99.0.2", "10.99.0.1", (65001,)),
            "second": ("nni1", "10.99.1.2", "10.99.1.1", (65002, 65100))}
CONFIGURATION = f"""hostname asbr42
port ten1/0
 device net_af_packet_nni0,iface=nni0
 mtu 1600
port ten1/1
 device net_af_packet_cust1,iface=cust1
port ten1/2
 device net_af_packet_nni1,iface=nni1
 mtu 1600
ip vrf red
 rd 42:1
 route-target both 42:1
 optE
interface ten1/0
 encap mpls optE
 ip address 10.99.0.2/30
interface ten1/2
 encap mpls optE
 ip address 10.99.1.2/30
interface ten1/1
 vrf definition red
 ip address 10.1.0.1/24
router bgp 42
 neighbor 10.99.0.1 remote-as 65001
 neighbor 10.99.0.1 timers 30 {HOLD}
 neighbor 10.99.1.1 remote-as 65002
 neighbor 10.99.1.1 timers 30 {HOLD}
 address-family vpnv4
  neighbor 10.99.0.1 optE
  neighbor 10.99.1.1 optE
 address-family ipv4 vrf red
  redistribute connected
"""


class FarEnd:
    def __init__(self, lab, box, name):
        self.interface, self.box_address, self.address, self.path = FAR_ENDS[name]
        self.box, self.namespace = box, lab.namespace(name)
        self.plug_in()

    def plug_in(self):
        join(self.namespace, "eth0", self.box.ports, self.interface, 1600)
        self.namespace.ip("address", "add", f"{self.address}/30", "dev", "eth0")

    def open_session(self):
        # Restart time as long as may be: nothing of it may count when the link is lost.
        self.peer = BGPPeer(self.namespace, self.address, self.box_address, self.path[0], hold=HOLD,
                            graceful_restart=4000)
        self.peer.connect(60)
        self.peer.send(update(origin(), as_path(*self.path), route_target("42:1"),
                              reachable(self.address, nlri(PREFIX, f"{self.path[0]}:1", (LABEL,)))))
        self.peer.end_of_rib()

    def neighbor(self):
        return self.box.json("show", "bgp", "neighbors", self.address)["neighbors"][0]

    def route(self):
        """Whether the customer's prefix goes to this far end."""
        routes = self.box.json("show", "routes", "vrf", "red", "prefix", PREFIX)["routes"]
        return [hop["address"] for route in routes for hop in route["next_hops"]] == [self.address]


class Net:
    def __init__(self, lab):
        self.box = Box(lab, "box", CONFIGURATION)
        self.first, self.second = (FarEnd(lab, self.box, name) for name in FAR_ENDS)
        self.customer = Customer(lab, "red", self.box.ports, "cust1", "10.1.0.2", "fd00:1::2")
        self.box.start()
        wait_until(lambda: self.customer.ping("10.1.0.1", count=1) == (1, 1), "the customer reaches its gateway")
        self.source = self.customer.namespace.packet_socket("eth0")
        gateway, own = (bytes.fromhex(address.replace(":", "")) for address in (
            address_of(self.box.ports, "cust1"), address_of(self.customer.namespace, "eth0")))
        self.head = gateway + own + b"\x08\0"
        for far_end in (self.first, self.second):
            far_end.open_session()
        self.count = 0
        self.expect_traffic_at(self.first)

    def expect_traffic_at(self, far_end):
        """Packets of the customer's reach the far end, soon."""
        self.box.wait(far_end.route, f"the route by {far_end.interface}", SOON)
        sink = far_end.namespace.packet_socket("eth0")
        self.count += 1
        payload = b"number %d of the link test" % self.count

        def arrives():
            self.source.send(self.head + datagram(RED_HOST, payload))
            frame = sink.receive(0.2)
            while frame is not None and payload not in frame:
                frame = sink.receive(0.2)
            return frame is not None
        try:
            self.box.wait(arrives, f"packets at {far_end.interface}", SOON)
        finally:
            sink.close()

    def expect_loss_of_the_first(self):
        self.expect_traffic_at(self.second)
        neighbor = self.first.neighbor()
        assert neighbor["summary"]["state"] != "established"
        assert neighbor["last_down_reason"] == "interface down"
        assert self.second.neighbor()["summary"]["state"] == "established"
        # Nothing is kept of the lost session, whatever restart time the far end asked for.
        received = self.box.json("show", "bgp", "vpnv4", "received", "neighbor", self.first.address)["routes"]
        assert received == []


@pytest.fixture(scope="module")
def net(lab):
    return Net(lab)


def test_a_lost_link_gives_its_traffic_to_the_other_nni_and_takes_it_back(net):
    net.first.namespace.ip("link", "set", "eth0", "down")
    net.expect_loss_of_the_first()
    net.first.namespace.ip("link", "set", "eth0", "up")
    net.first.open_session()
    net.expect_traffic_at(net.first)


def test_a_device_that_vanishes_and_returns_under_its_name_is_used_again(net):
    net.box.ports.ip("link", "del", "nni0")
    net.expect_loss_of_the_first()
    net.box.wait(lambda: port_state(net.box, "ten1/0") == "failed", "the port's failure", SOON)
    net.first.plug_in()
    net.box.wait(lambda: port_state(net.box, "ten1/0") == "up", "the port", SOON)
    net.first.open_session()
    net.expect_traffic_at(net.first)


def test_a_host_whose_circuit_is_lost_has_no_route_of_its_own_left(net):
    """Packets to it go where the VRF's other routes lead, at once: here nowhere."""
    net.customer.namespace.ip("link", "set", "eth0", "down")
    net.box.wait(lambda: "10.1.0.0/24" not in net.box.text("show", "routes", "vrf", "red", "ipv4"), "the loss", SOON)
    explained = net.box.command("--json", "explain", "packet", "in", "ten1/1", "src", "10.1.0.9", "dst", "10.1.0.2")
    assert json.loads(explained.stdout)["reason"] == "no_route"
    net.customer.namespace.ip("link", "set", "eth0", "up")
    net.box.wait(lambda: net.customer.ping("10.1.0.1", count=1) == (1, 1), "the circuit", SOON)


def port_state(box, name):
    return next(port["state"] for port in box.json("show", "ports")["ports"] if port["name"] == name)
