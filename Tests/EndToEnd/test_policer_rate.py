"""A policer that two workers serve at once: twice its rate is offered for seconds, and its rate passes, to one per cent.

The time is taken around each reading of the counters, so that a machine that is slow makes what is known less exact and
never wrong. What has to hold for the arithmetic, that the bucket ran empty again and again, is read off the counters, too.
"""

import json
import socket
import threading
import time

import pytest
from frames_bench import CONFIGURATION, FAR, PLACES, Bench, tagged
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

RATE = 4_000_000
PACKET_OCTETS = 500
# A second's worth: a worker or a sender that is kept waiting for less loses no credit.
BURST_OCTETS = RATE // 8
LONGEST_PAUSE = 0.9
SECONDS = 6
PATIENCE_SECONDS = 60
FLOWS = 64
POLICY = (f"policy-map rate\n class class-default\n  police cir {RATE} bc {BURST_OCTETS} conform-action transmit "
          "exceed-action drop\n")


class Reading:
    """The counters at some time between `began` and `ended`."""

    def __init__(self, began, ended, counts):
        self.began, self.ended, self.counts = began, ended, counts

    @property
    def green_octets(self):
        return self.counts["green"]["bytes"]

    @property
    def red_packets(self):
        return self.counts["red"]["packets"]


class RateBench(Bench):
    def __init__(self, lab):
        super().__init__(lab, f"dataplane\n workers 2\n{CONFIGURATION}")

    def attach(self, interface, direction):
        head = f"interface {interface}\n"
        text = CONFIGURATION.replace(head, f"{head} service-policy {direction} rate\n")
        self.box.replace(f"dataplane\n workers 2\n{text}".replace("!\nrouter bgp", f"!\n{POLICY}!\nrouter bgp"))

    def connect(self):
        """Requests without a process for each: they must be quick."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.box.socket)
        return connection, connection.makefile("r")

    def read(self, connection, interface):
        request = {"jsonrpc": "2.0", "id": 1, "method": "show.policy_map", "params": {"interface": interface}}
        began = time.monotonic()
        connection[0].sendall(json.dumps(request).encode() + b"\n")
        answer = json.loads(connection[1].readline())
        ended = time.monotonic()
        return Reading(began, ended, answer["result"]["policies"][0]["classes"][-1])

    def find_empty(self, connection, interface):
        """Two pairs of readings, the first in each just before and the second just after the bucket was empty, with some
        seconds in between in which it never was full. None, if the offered packets pause too often for that."""
        found, last = [], self.read(connection, interface)
        end = last.ended + PATIENCE_SECONDS
        while last.ended < end:
            time.sleep(0.005)
            reading = self.read(connection, interface)
            if reading.red_packets > last.red_packets:
                if found and reading.ended - found[-1][0].began > LONGEST_PAUSE:
                    found = []
                found.append((last, reading))
                if found[-1][0].began - found[0][1].ended > SECONDS:
                    return found[0], found[-1]
            last = reading
        return None

    def received(self, interface):
        """Packets that came in and reached a worker's stages, and those of each worker."""
        interfaces = self.box.json("show", "interfaces")["interfaces"]
        came = next(entry["rx_packets"] for entry in interfaces if entry["name"] == interface)
        lost = sum(entry["packets"] for entry in self.box.json("show", "drops")["drops"]
                   if entry["reason"] == "worker_ring_full")
        return came - lost, [worker["packets"] for worker in self.box.json("show", "pipeline")["workers"]]

    def frames(self, interface):
        """A frame of each flow, and the port that they come in on."""
        def packet(flow, source, destination):
            header = IP(src=source, dst=destination, ttl=64) / UDP(sport=10_000 + flow, dport=2222)
            return header / Raw(b"." * (PACKET_OCTETS - len(header)))
        port, tags, own, _, mac = PLACES["untagged"]
        if interface == "ten1/1":
            return port, [bytes(tagged(self.mac[port], mac, tags) / packet(flow, own, FAR["ipv4"]))
                          for flow in range(FLOWS)]
        label = self.labels("ten1/0")["red"]
        return "p0", [bytes(Ether(src=self.far_mac, dst=self.mac["p0"], type=0x8847) / MPLS(label=label, s=1, ttl=64)
                            / packet(flow, FAR["ipv4"], own)) for flow in range(FLOWS)]


class Sender(threading.Thread):
    """Twice the rate, until it is stopped."""

    def __init__(self, sending_socket, frames):
        super().__init__(daemon=True)
        self.socket, self.frames, self.stopping = sending_socket, frames, threading.Event()

    def run(self):
        packets_per_second = 2 * RATE / 8 / PACKET_OCTETS
        began, sent = time.monotonic(), 0
        while not self.stopping.wait(0.002):
            due = int((time.monotonic() - began) * packets_per_second)
            # What a sender that was kept waiting did not send stays unsent, or the receiving ring overflows.
            sent = max(sent, due - 100)
            while sent < due:
                self.socket.send(self.frames[sent % len(self.frames)])
                sent += 1

    def stop(self):
        self.stopping.set()
        self.join()


@pytest.fixture(scope="module")
def bench(lab):
    return RateBench(lab)


@pytest.mark.parametrize("interface, direction", [("ten1/1", "input"), ("ten1/0.1", "input"), ("ten1/0.1", "output")])
def test_two_workers_together_pass_the_rate(bench, interface, direction):
    bench.attach(interface, direction)
    arriving = "ten1/1" if direction == "output" else interface
    port, frames = bench.frames(arriving)
    connection = bench.connect()
    before = bench.read(connection, interface)
    received_before, workers_before = bench.received(arriving)

    sender = Sender(bench.sockets[port], frames)
    sender.start()
    try:
        found = bench.find_empty(connection, interface)
    finally:
        sender.stop()

    # What the colours say adds up to what came in, and both workers had their part of it.
    def counted():
        counts = bench.read(connection, interface).counts
        return sum(counts[colour]["packets"] - before.counts[colour]["packets"] for colour in ("green", "yellow", "red"))
    bench.box.wait(lambda: counted() == bench.received(arriving)[0] - received_before, "every packet has a colour", 10)
    workers = [now - then for now, then in zip(bench.received(arriving)[1], workers_before)]
    assert min(workers) > 0.05 * sum(workers)
    counts = bench.read(connection, interface).counts
    assert all(counts[colour]["bytes"] - before.counts[colour]["bytes"]
               == PACKET_OCTETS * (counts[colour]["packets"] - before.counts[colour]["packets"])
               for colour in ("green", "yellow", "red"))

    if found is None:
        pytest.skip("this machine did not keep offering more than the rate")
    # An empty bucket is one that had too little for a packet.
    (from_before, from_after), (to_before, to_after) = found
    shortest, longest = to_before.began - from_after.ended, to_after.ended - from_before.began
    least = to_before.green_octets - from_after.green_octets
    most = to_after.green_octets - from_before.green_octets
    assert least <= 1.01 * RATE / 8 * longest + PACKET_OCTETS
    assert most >= 0.99 * RATE / 8 * shortest - PACKET_OCTETS
