"""FRR as IGP and LDP engine beside Stile: it speaks on Stile's core interface by a TAP device, and Stile takes its labels.

      red ── ten1/1  box (AS 42) ten1/3 ───── P ───── PE 10.0.0.7
                     FRR by core0             FRR     FRR and GoBGP: 203.0.113.0/24 in red, label 3001

Once with IS-IS and segment routing, once with OSPF and LDP. The kernel has no MPLS, so that packets of VPNs end at P, where
they are looked at.
"""

import os
import re
import threading
import time

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.namespaces import address_of, join
from stilelab.peers import GoBGP
from stilelab.routing_daemons import RoutingDaemons

pytestmark = pytest.mark.skipif(not os.path.exists("/usr/lib/frr/isisd"), reason="FRR is not installed")

SITE_MAC = "02:00:00:00:01:02"
PE_LABEL = 3001
CONFIGURATION = """\
hostname box
fpm port 2620
fpm hold-time 60
fpm refresh-time 60
port ten1/1
 device net_af_packet_p1,iface=p1
port ten1/3
 device net_af_packet_p3,iface=p3
ip vrf red
 rd 42:1
 route-target both 42:1
interface loopback0
 ip address 10.0.0.1/32
interface ten1/1
 vrf definition red
 ip address 10.1.0.1/24
interface ten1/3
 encap mpls core
 host-device core0
 ip address 10.98.0.2/24
router bgp 42
 bgp graceful-restart
 neighbor 10.0.0.7 remote-as 42
 neighbor 10.0.0.7 update-source loopback0
 address-family vpnv4
  neighbor 10.0.0.7 activate
 address-family ipv4 vrf red
  redistribute connected
"""


def isis(number, interfaces, loopback):
    """IS-IS with segment routing on point-to-point links."""
    lines = []
    for interface in interfaces:
        lines += [f"interface {interface}", " ip router isis core", " isis network point-to-point",
                  " isis hello-interval 1", "exit"]
    return {"isisd": "\n".join(lines + [
        f"interface {loopback}", " ip router isis core", " isis passive", "exit",
        "router isis core", f" net 49.0000.0000.000{number}.00", " is-type level-2-only", " lsp-gen-interval 1",
        " spf-interval 1", " mpls-te on", f" mpls-te router-address 10.0.0.{number}", " segment-routing on",
        " segment-routing global-block 16000 23999", f" segment-routing prefix 10.0.0.{number}/32 index {number}",
        "exit"]) + "\n"}


def ospf(number, interfaces, loopback):
    """OSPF on point-to-point links, and LDP."""
    lines = []
    for interface in interfaces:
        lines += [f"interface {interface}", " ip ospf area 0", " ip ospf network point-to-point",
                  " ip ospf hello-interval 1", " ip ospf dead-interval 10", "exit"]
    # FRR leaves a /32 on a point-to-point link, which a TUN device is, out of what it advertises.
    kind = [" ip ospf network broadcast"] if loopback != "lo" else []
    lines += [f"interface {loopback}", " ip ospf area 0", *kind, " ip ospf passive", "exit",
              "router ospf", f" ospf router-id 10.0.0.{number}", "exit"]
    ldp = ["mpls ldp", f" router-id 10.0.0.{number}", " address-family ipv4",
           f"  discovery transport-address 10.0.0.{number}", "  discovery hello interval 1",
           # A neighbor that has not noticed takes no new session before that.
           "  session holdtime 15"]
    for interface in interfaces:
        ldp += [f"  interface {interface}", "  exit"]
    ldp += [" exit-address-family", "exit"]
    return {"ospfd": "\n".join(lines) + "\n", "ldpd": "\n".join(ldp) + "\n"}


PROTOCOLS = {"isis": isis, "ospf": ospf}


class Beside:
    def __init__(self, lab, protocol):
        configuration = PROTOCOLS[protocol]
        self.lab, self.protocol = lab, protocol
        self.box = Box(lab, "box", CONFIGURATION)
        self.wire, self.p, self.pe = (lab.namespace(name) for name in ("wire", "p", "pe"))
        join(self.wire, "p1", self.box.ports, "p1")
        join(self.p, "eth0", self.box.ports, "p3")
        join(self.pe, "eth0", self.p, "eth1")
        for namespace, number, addresses in ((self.p, 3, {"eth0": "10.98.0.1/24", "eth1": "10.98.1.1/24"}),
                                             (self.pe, 7, {"eth0": "10.98.1.2/24"})):
            namespace.ip("address", "add", f"10.0.0.{number}/32", "dev", "lo")
            namespace.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
            for interface, address in addresses.items():
                namespace.ip("address", "add", address, "dev", interface)
        # The PE's kernel cannot push the label that P gave for the box. The session with the PE, which is not what is looked at
        # here, does not depend on the IGP at the box.
        self.p.ip("route", "add", "10.0.0.1/32", "via", "10.98.0.2")
        self.pe.ip("route", "add", "10.0.0.1/32", "via", "10.98.1.1", "src", "10.0.0.7")
        self.routers = [
            RoutingDaemons(lab, self.p, configuration(3, ["eth0", "eth1"], "lo")).start(),
            RoutingDaemons(lab, self.pe, configuration(7, ["eth0"], "lo")).start()]
        self.box.start()
        wait_until(lambda: self.box.namespace.run("ip", "link", "show", "core0", check=False).returncode == 0, "the device")
        self.engine = RoutingDaemons(lab, self.box.namespace, configuration(1, ["core0"], "stile0"), 2620).start()
        self.gobgp = GoBGP(lab, self.pe, 42, "10.0.0.7", "10.0.0.1", 42)
        self.gobgp.start()
        self.gobgp.advertise("vpnv4", "203.0.113.0/24", PE_LABEL, "42:107", "42:1", "10.0.0.7")
        self.site = self.wire.packet_socket("p1")
        self.core = self.p.packet_socket("eth0")
        self.gateway = address_of(self.box.ports, "p1")

    def route_of_the_engine(self):
        """FRR's route to the PE, which has a label."""
        return re.search(r"10\.0\.0\.7/32.*via 10\.98\.0\.1, core0, label (\d+)", self.engine.text("show ip route"))

    def converge(self):
        found = self.box.wait(self.route_of_the_engine, "FRR knows a label to the PE", 90)
        self.engine.walk()
        return int(found[1])

    def wait_for_route(self):
        self.box.wait(lambda: "203.0.113.0/24" in self.routes(), "the PE's route is used", 60)
        self.site.send(bytes(Ether(dst="ff:ff:ff:ff:ff:ff", src=SITE_MAC)
                             / ARP(op=1, hwsrc=SITE_MAC, psrc="10.1.0.2", pdst="10.1.0.1")))

    def sessions(self):
        """How many sessions with the PE there have been."""
        return self.box.json("show", "bgp", "neighbors", "10.0.0.7")["neighbors"][0]["summary"]["sessions_established"]

    def routes(self):
        return self.box.text("show", "routes", "vrf", "red", "ipv4")

    def send(self, marker):
        self.site.send(bytes(Ether(dst=self.gateway, src=SITE_MAC) / IP(src="10.1.0.2", dst="203.0.113.5", ttl=64)
                             / UDP(sport=7, dport=7) / Raw(marker.encode().ljust(40))))

    def labels_of(self, marker, seconds=3):
        """The label stack that the packet arrives at P with; None: it does not."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            frame = self.core.receive(left)
            if frame is None or marker.encode() not in frame:
                continue
            labels, entry = [], Ether(frame).payload
            while isinstance(entry, MPLS):
                labels.append(entry.label)
                entry = entry.payload
            return labels
        return None

    def check(self, transport, marker):
        self.core.drain()
        self.send(marker)
        assert self.labels_of(marker) == [transport, PE_LABEL]


class Traffic:
    """Packets all the time; `lost` are those that did not arrive with these labels."""

    def __init__(self, beside, transport):
        self.beside, self.transport = beside, transport
        self.sent, self.lost = 0, []
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.beside.core.drain()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()

    def run(self):
        while not self.stopped.wait(0.02):
            marker = f"packet {self.sent:06}"
            self.sent += 1
            self.beside.send(marker)
            if self.beside.labels_of(marker, 1) != [self.transport, PE_LABEL]:
                self.lost.append(marker)


@pytest.fixture(scope="module", params=list(PROTOCOLS))
def beside(request, lab):
    """One after the other: the second begins with what the first has left of the lab."""
    from stilelab.lab import Lab
    with Lab(f"{lab.name}{request.param}") as own:
        made = Beside(own, request.param)
        made.transport = made.converge()
        made.wait_for_route()
        yield made


def test_packets_carry_the_engines_label_above_the_pes(beside):
    if beside.protocol == "isis":
        assert beside.transport == 16007
    beside.box.wait(lambda: "FRR" in beside.box.text("explain", "packet", "in", "ten1/1", "src", "10.1.0.2",
                                                     "dst", "203.0.113.5"), "the transport is FRR's")
    beside.check(beside.transport, "labelled")


def test_a_route_without_a_label_is_no_transport(beside):
    """P itself: its implicit null cannot be told from a route that nobody gave a label for."""
    beside.gobgp.advertise("vpnv4", "198.51.100.0/24", 3002, "42:107", "42:1", "10.0.0.3")
    time.sleep(2)
    assert "198.51.100.0/24" not in beside.routes()
    beside.box.replace(CONFIGURATION.replace("fpm hold-time", "fpm implicit-null ipv4 10.0.0.3/32\nfpm hold-time"))
    beside.box.wait(lambda: "198.51.100.0/24" in beside.routes(), "P is a PE on the link")
    beside.box.replace(CONFIGURATION)
    beside.box.wait(lambda: "198.51.100.0/24" not in beside.routes(), "P is none any more")


def test_nothing_else_without_a_label_reaches_the_host(beside):
    """What is sent beyond the box is dropped before the kernel, which might forward it, sees it."""
    before = beside.box.drops().get(("ten1/3", "unlabelled_from_core"), 0)
    mac = address_of(beside.box.ports, "p3")
    source = address_of(beside.p, "eth0")
    tap = beside.box.namespace.packet_socket("core0")
    for destination in ("203.0.113.5", "192.168.7.7"):
        beside.core.send(bytes(Ether(dst=mac, src=source) / IP(src="10.98.0.1", dst=destination)
                               / UDP(sport=9, dport=9) / Raw(b"stray" * 10)))
    beside.box.wait(lambda: beside.box.drops().get(("ten1/3", "unlabelled_from_core"), 0) >= before + 2, "both dropped")
    end = time.monotonic() + 1
    while time.monotonic() < end:
        frame = tap.receive(0.2)
        assert frame is None or b"stray" not in frame
    tap.close()


def test_frr_dies_and_returns_under_traffic(beside):
    with Traffic(beside, beside.transport) as traffic:
        time.sleep(1)
        beside.engine.kill()
        beside.box.wait(lambda: "FRR's connection is lost" in beside.lab.log("box/stiled.log"), "the loss is seen")
        time.sleep(2)
        beside.engine.start()
        assert beside.converge() == beside.transport
        # What had not been said again would be gone.
        beside.box.wait(lambda: "FRR has said its routes again" in beside.lab.log("box/stiled.log"), "the refresh is over", 90)
    assert traffic.sent > 100 and not traffic.lost, (traffic.sent, traffic.lost)
    assert not re.search(r"10\.0\.0\.7/32.*within the refresh time", beside.lab.log("box/stiled.log"))


def test_without_frr_routes_are_gone_after_the_hold_time(beside):
    beside.box.replace(CONFIGURATION.replace("hold-time 60", "hold-time 2"))
    beside.engine.kill()
    beside.box.wait(lambda: re.search(r"10\.0\.0\.7/32.*FRR's routes are removed: FRR has not come back",
                                      beside.lab.log("box/stiled.log")), "the routes are removed by name")
    beside.box.wait(lambda: "203.0.113.0/24" not in beside.routes(), "the PE is out of reach")
    beside.box.replace(CONFIGURATION)
    beside.engine.start()
    beside.converge()
    # The session had no way to the PE meanwhile and may end by a timer any moment; a new one has all its time.
    sessions = beside.sessions()
    beside.box.text("bgp", "clear", "neighbor", "10.0.0.7")
    beside.box.wait(lambda: beside.sessions() > sessions, "a new session with the PE")
    beside.wait_for_route()
    beside.check(beside.transport, "back again")


def test_stiled_dies_and_returns_under_traffic(beside):
    """For FRR the link goes and comes; packets to PEs go on."""
    with Traffic(beside, beside.transport) as traffic:
        time.sleep(1)
        beside.box.kill_control()
        time.sleep(3)
        beside.box.start_control()
        beside.box.wait(lambda: "203.0.113.0/24" in beside.routes(), "the route is back", 90)
        beside.box.wait(lambda: "tables published" in beside.lab.log("box/stiled.log").split("started")[-1], "published", 90)
        beside.converge()
        beside.box.wait(lambda: "FRR has said its routes again" in beside.lab.log("box/stiled.log").split("started")[-1],
                        "the refresh is over", 90)
    assert traffic.sent > 100 and not traffic.lost, (traffic.sent, traffic.lost)
    assert not re.search(r"10\.0\.0\.7/32.*FRR's routes are removed", beside.lab.log("box/stiled.log").split("started")[-1])
    beside.check(beside.transport, "after stiled")
