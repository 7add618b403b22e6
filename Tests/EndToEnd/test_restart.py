"""kill -9 of either process under traffic, and a start again."""

import struct
import threading
import time

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from stilelab.namespaces import address_of

PORT = 7777


@pytest.fixture(scope="module")
def operators(operators):
    for name in ("red", "green", "blue"):
        assert operators.customers[name, "a"].ping("10.2.0.2") == (5, 5)
        assert operators.customers[name, "b"].ping("10.1.0.2") == (5, 5)
    return operators


class NumberedTraffic:
    """Numbered packets from one site to the other, one each millisecond, and which of them arrived."""

    def __init__(self, operators, name):
        near, far = operators.customers[name, "a"], operators.customers[name, "b"]
        gateway = address_of(operators.boxes["a"].ports, {"red": "cust1", "green": "cust2", "blue": "cust3"}[name])
        self.sender = near.namespace.packet_socket("eth0")
        self.receiver = far.namespace.packet_socket("eth0")
        self.frame = bytes(Ether(src=address_of(near.namespace, "eth0"), dst=gateway)
                           / IP(src=near.ipv4, dst=far.ipv4) / UDP(sport=PORT, dport=PORT, chksum=0) / Raw(bytes(18)))
        self.sent, self.arrived, self.running = 0, set(), True
        self.threads = [threading.Thread(target=self._send), threading.Thread(target=self._receive)]
        for thread in self.threads:
            thread.start()

    def _send(self):
        while self.running:
            self.sender.send(self.frame[:42] + struct.pack("!Q", self.sent) + bytes(10))
            self.sent += 1
            time.sleep(0.001)

    def _receive(self):
        quiet = 0
        while self.running or quiet < 20:
            frame = self.receiver.receive(0.1)
            quiet = quiet + 1 if frame is None else 0
            if frame is not None and frame[12:14] == b"\x08\x00" and frame[36:38] == struct.pack("!H", PORT):
                self.arrived.add(struct.unpack("!Q", frame[42:50])[0])

    def finish(self):
        """Stops and returns the numbers that are missing."""
        self.running = False
        for thread in self.threads:
            thread.join()
        return sorted(set(range(self.sent)) - self.arrived)


def labels(box):
    return {(entry["nni"], entry["vrf"]): entry["label"] for entry in box.json("show", "labels")["labels"]}


def established(box):
    return any(neighbor["state"] == "established" and neighbor["address"] == "192.0.2.2"
               for neighbor in box.json("show", "bgp", "summary")["neighbors"])


def test_the_control_process_is_killed_and_nothing_is_lost(operators, record_property):
    box = operators.boxes["a"]
    before, generation = labels(box), box.json("show", "status")["generation_in_use"]
    traffic = NumberedTraffic(operators, "red")
    time.sleep(1)
    box.kill_control()
    time.sleep(2)
    box.start_control()
    box.wait(lambda: box.json("show", "status")["generation_in_use"] > generation, "a new generation is in use", 60)
    box.wait(lambda: established(box), "BGP is up again", 60)
    time.sleep(1)
    missing = traffic.finish()
    print(f"\nkill -9 stiled: sent {traffic.sent}, received {len(traffic.arrived)}, lost {len(missing)}")
    record_property("sent", traffic.sent)
    record_property("lost", len(missing))
    assert traffic.sent > 2000
    assert missing == []
    assert labels(box) == before
    for name in ("red", "green", "blue"):
        assert operators.customers[name, "a"].ping("10.2.0.2") == (5, 5)


def test_the_data_plane_is_killed_and_forwards_from_the_tables_alone(operators, record_property):
    """stiled is dead, too, while the data plane starts: what forwards is what the tables say."""
    box = operators.boxes["a"]
    box.kill_control()
    traffic = NumberedTraffic(operators, "green")
    time.sleep(1)
    box.kill_dataplane()
    before_restart = traffic.sent
    box.start_dataplane()
    end = time.monotonic() + 30
    while not any(number > before_restart for number in list(traffic.arrived)) and time.monotonic() < end:
        time.sleep(0.05)
    resumed = max(traffic.arrived)
    time.sleep(2)
    missing = traffic.finish()
    print(f"\nkill -9 stile-dataplane: sent {traffic.sent}, received {len(traffic.arrived)}, lost {len(missing)}")
    record_property("sent", traffic.sent)
    record_property("lost", len(missing))
    assert resumed > before_restart
    assert not [number for number in missing if number > resumed], "packets were lost after forwarding had resumed"
    box.start_control()
    box.wait(lambda: established(box), "BGP is up again", 60)


def test_a_second_instance_is_refused(operators):
    box = operators.boxes["a"]
    words = box.control.args[4:]
    second = box.lab.start(box.namespace, words, "second.log")
    assert second.wait(20) != 0
    assert "another stiled works on this state directory" in box.lab.log("second.log")
    elsewhere = [box.lab.path("elsewhere", "x") if word == box.state_directory else word for word in words]
    third = box.lab.start(box.namespace, elsewhere, "third.log")
    assert third.wait(20) != 0
    assert "another process is running" in box.lab.log("third.log")
    assert box.command("show", "status").returncode == 0
