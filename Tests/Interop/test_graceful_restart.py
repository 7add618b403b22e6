"""Either side's BGP process dies: routes that are to be kept are kept, and no longer than they are to be."""

import re
import signal
import threading
import time

import pytest
from far_end import BOX, CONFIGURATION, CUSTOMERS, FAR, FAR_HOST, FAR_LABELS, FAR_PREFIX, SITE_PREFIX, FarEnd
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.bgp_peer import NOTIFICATION, VPNV6, BGPPeer, message
from stilelab.commands import wait_until
from stilelab.lab import stop
from stilelab.namespaces import address_of
from stilelab.numbered_frames import PAYLOAD, NumberedFrames
from stilelab.peers import FRR

RESTART_SECONDS = 8
RESTARTING = [f"bgp graceful-restart restart-time {RESTART_SECONDS}", "bgp graceful-restart preserve-fw-state",
              "bgp graceful-restart notification", "no bgp hard-administrative-reset"]


def routes(family, names=tuple(CUSTOMERS)):
    return [(FAR_PREFIX[family], f"65001:{CUSTOMERS[name]}", FAR_LABELS[name], f"42:{CUSTOMERS[name]}") for name in names]


@pytest.fixture(scope="module")
def link(lab):
    link = FarEnd(lab)
    link.frr = frr(link)
    link.process = link.frr.start()
    link.wait_for_imports()
    for customer in link.customers.values():
        assert customer.ping("10.1.0.1", count=2) == (2, 2)
    return link


def frr(link, ipv4_names=tuple(CUSTOMERS)):
    return FRR(link.lab, link.namespace, 65001, FAR, BOX, 42, routes("ipv4", ipv4_names), routes("ipv6"), RESTARTING)


def summary(link):
    return link.box.json("show", "bgp", "neighbors", FAR)["neighbors"][0]["summary"]


def has_route(link, name, family="ipv4"):
    return FAR_PREFIX[family] in link.box.text("show", "routes", "vrf", name, family)


def outward(link, name):
    """Frames of a customer to the far prefix, which must come out on the link."""
    customer = link.customers[name]
    frame = (Ether(src=address_of(customer.namespace, "eth0"), dst=address_of(link.box.ports, f"cust{CUSTOMERS[name]}"))
             / IP(src=customer.ipv4, dst=FAR_HOST["ipv4"]) / UDP(sport=9, dport=9, chksum=0) / Raw(PAYLOAD))
    return NumberedFrames(customer.namespace.packet_socket("eth0"), frame, link.namespace.packet_socket("eth0"))


def inward(link, name):
    """Frames of the far end by our label, which must reach the customer."""
    customer = link.customers[name]
    frame = (Ether(src=address_of(link.namespace, "eth0"), dst=address_of(link.box.ports, "nni0"), type=0x8847)
             / MPLS(label=link.our_labels()[name], s=1, ttl=64) / IP(src=FAR_HOST["ipv4"], dst=customer.ipv4)
             / UDP(sport=9, dport=9, chksum=0) / Raw(PAYLOAD))
    return NumberedFrames(link.namespace.packet_socket("eth0"), frame, customer.namespace.packet_socket("eth0"))


def lost(stream):
    fates = stream.finish()
    assert len(fates) > 200
    return [when for when, has_arrived in fates if not has_arrived]


def is_told_unreachable(link, name):
    done = link.customers[name].namespace.run("ping", "-n", "-c", 1, "-W", 1, FAR_HOST["ipv4"], check=False)
    return re.search(r"From 10\.1\.0\.1 .*Unreachable", done.stdout) is not None


class FRRWatch:
    """Looks into FRR's table all the time: how often it looked, and how often one of our routes was not there."""

    def __init__(self, link):
        self.link, self.looks, self.missing, self.is_running = link, 0, 0, True
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _watch(self):
        while self.is_running:
            for family, prefix in SITE_PREFIX.items():
                table = self.link.frr.routes(family)
                self.looks += 1
                self.missing += any(prefix not in table.get(f"42:{number}", {}) for number in CUSTOMERS.values())
            time.sleep(0.1)

    def finish(self):
        self.is_running = False
        self.thread.join()
        return self.looks, self.missing


def test_frr_keeps_our_routes_while_stiled_is_killed_and_started(link):
    wait_until(lambda: all(prefix in link.frr.routes(family).get(f"42:{number}", {}) for number in CUSTOMERS.values()
                           for family, prefix in SITE_PREFIX.items()), "our routes in FRR")
    labels, watch = link.our_labels(), FRRWatch(link)
    streams = [outward(link, "red"), inward(link, "green")]
    link.box.kill_control()
    time.sleep(1)
    link.box.start_control()
    link.box.wait(lambda: summary(link)["state"] == "established", "BGP is up again")
    link.wait_for_imports()
    time.sleep(2)
    looks, missing = watch.finish()
    assert looks > 10 and missing == 0
    assert [lost(stream) for stream in streams] == [[], []]
    assert link.our_labels() == labels


def comes_back_with_nothing_lost(link, end):
    """The session ends by `end` and comes back; packets go both ways all the time, by routes and labels that are kept."""
    sessions = summary(link)["sessions_established"]
    streams = [outward(link, "red"), inward(link, "green")]
    try:
        end()
        link.box.wait(lambda: summary(link)["sessions_established"] == sessions + 1, "the session is up again")
        link.wait_for_imports()
    finally:
        missing = [lost(stream) for stream in streams]
    assert missing == [[], []]
    return link.box.json("show", "bgp", "neighbors", FAR)["neighbors"][0]


def test_a_notification_of_frrs_takes_none_of_its_routes_away(link):
    """RFC 8538: both have said the N bit, and a reset that is not a hard one ends the session and nothing else."""
    heard = link.frr.show(f"show bgp neighbors {BOX} json")[BOX]["gracefulRestartInfo"]
    assert heard["nBit"] is True, heard
    neighbor = comes_back_with_nothing_lost(link, lambda: link.frr.configure(f"clear bgp {BOX}"))
    assert "graceful_notification" in neighbor["capabilities"]
    assert neighbor["last_down_reason"] == "notification received: cease: administrative reset"


def test_a_notification_of_ours_takes_none_of_our_routes_away(link):
    """Other timers need another session, and change nothing of what the routes are worth."""
    watch = FRRWatch(link)
    try:
        neighbor = comes_back_with_nothing_lost(link, lambda: link.apply(CONFIGURATION.replace("timers 3 9", "timers 3 12")))
    finally:
        looks, missing = watch.finish()
    assert looks > 3 and missing == 0
    assert neighbor["last_down_reason"] == "notification sent: cease: other configuration change"
    sessions = summary(link)["sessions_established"]
    link.apply(CONFIGURATION)
    link.box.wait(lambda: summary(link)["sessions_established"] == sessions + 1, "the session is up again")
    link.wait_for_imports()


def test_a_hard_reset_of_frrs_ends_routes_and_labels_at_once(link):
    labels = link.our_labels()
    link.frr.configure("configure terminal", "router bgp 65001", "bgp hard-administrative-reset",
                       f"neighbor {BOX} shutdown")
    link.box.wait(lambda: summary(link)["state"] != "established", "the session is down")
    reason = link.box.json("show", "bgp", "neighbors", FAR)["neighbors"][0]["last_down_reason"]
    assert "hard reset" in reason and "shutdown" in reason, reason
    assert not has_route(link, "red") and not has_route(link, "green", "ipv6")
    assert link.our_labels() == {}
    link.frr.configure("configure terminal", "router bgp 65001", f"no neighbor {BOX} shutdown",
                       "no bgp hard-administrative-reset")
    link.wait_for_imports()
    link.box.wait(lambda: link.our_labels() == labels, "the labels are what they were")


def test_a_hard_reset_of_ours_ends_frrs_routes_and_our_labels_at_once(link):
    """Without it FRR would keep our routes for the restart time that we announced, two minutes."""
    labels = link.our_labels()
    text = CONFIGURATION.replace(f" neighbor {FAR} timers 3 9\n", f" neighbor {FAR} timers 3 9\n neighbor {FAR} shutdown\n")
    link.apply(text)
    assert link.our_labels() == {}
    wait_until(lambda: not any(prefix in link.frr.routes(family).get("42:1", {}) for family, prefix in SITE_PREFIX.items()),
               "FRR has dropped our routes")
    link.apply(CONFIGURATION)
    link.wait_for_imports()
    link.box.wait(lambda: link.our_labels() == labels, "the labels are what they were")
    reason = link.box.json("show", "bgp", "neighbors", FAR)["neighbors"][0]["last_down_reason"]
    assert "hard reset" in reason, reason


def test_routes_of_a_restarting_frr_stay_and_what_it_does_not_repeat_goes(link):
    sessions, streams = summary(link)["sessions_established"], [outward(link, "red"), inward(link, "red")]
    stop(link.process, signal.SIGKILL)
    link.box.wait(lambda: summary(link)["state"] != "established", "the session is down")
    assert has_route(link, "red") and has_route(link, "green") and has_route(link, "green", "ipv6")
    link.frr = frr(link, ["red"])
    link.process = link.frr.start()
    link.box.wait(lambda: summary(link)["sessions_established"] == sessions + 1, "the session is up again")
    link.box.wait(lambda: not has_route(link, "green"), "the route that was not repeated is gone")
    assert has_route(link, "red") and has_route(link, "green", "ipv6")
    assert [lost(stream) for stream in streams] == [[], []]
    assert is_told_unreachable(link, "green")


def test_routes_of_an_frr_that_does_not_come_back_go_when_its_time_is_over(link):
    stop(link.process, signal.SIGKILL)
    killed = time.monotonic()
    link.box.wait(lambda: summary(link)["state"] != "established", "the session is down")
    assert has_route(link, "red") and not is_told_unreachable(link, "red")
    link.box.wait(lambda: not has_route(link, "red") and not has_route(link, "red", "ipv6"), "the routes are gone")
    assert time.monotonic() - killed > RESTART_SECONDS - 1
    assert is_told_unreachable(link, "red")


def peer_with_routes(link, graceful_restart):
    peer = BGPPeer(link.namespace, FAR, BOX, 65001, graceful_restart=graceful_restart).connect()
    peer.announce(FAR_PREFIX["ipv4"], "65001:1", "42:1", FAR_LABELS["red"])
    peer.announce(FAR_PREFIX["ipv6"], "65001:1", "42:1", FAR_LABELS["red"], VPNV6)
    peer.end_of_rib()
    peer.barrier()
    assert has_route(link, "red") and not is_told_unreachable(link, "red")
    return peer


@pytest.mark.parametrize("ending", ["closed", "reset", "ceased"])
def test_routes_of_a_neighbor_that_dies_without_graceful_restart_go_at_once(link, ending):
    peer = peer_with_routes(link, 120 if ending == "ceased" else None)
    if ending == "ceased":
        # A NOTIFICATION ends everything, whatever was agreed (RFC 4724 §4.2).
        peer.send(message(NOTIFICATION, b"\x06\x02"))
    else:
        peer.close(abruptly=ending == "reset")
    link.box.wait(lambda: not has_route(link, "red") and not has_route(link, "red", "ipv6"), "the routes are gone", 3)
    assert is_told_unreachable(link, "red")
    peer.close()


def test_a_neighbor_that_comes_back_without_having_forwarded_loses_its_stale_routes(link):
    """RFC 4724 §4.2: the Forwarding State bit is not there."""
    peer = peer_with_routes(link, 120)
    peer.close()
    link.box.wait(lambda: summary(link)["state"] != "established", "the session is down")
    assert has_route(link, "red")
    again = BGPPeer(link.namespace, FAR, BOX, 65001).connect()
    again.barrier()
    assert not has_route(link, "red")
    again.close()
