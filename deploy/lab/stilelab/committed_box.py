"""A box that changes its configuration by commits, and dies in the middle of one."""

import os
import random
import re
import signal
import subprocess
import time

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from .box import binaries
from .lab import stop
from .namespaces import address_of
from .numbered_frames import PAYLOAD, NumberedFrames


def renamed(text, number):
    """The configuration with its number in the hostname and in a VRF that nobody uses."""
    return re.sub(r"hostname \S+", f"hostname commit{number}", text) + (
        f"!\nip vrf changing\n rd 42:{1000 + number}\n route-target both 42:{1000 + number}\n"
        f"!\nip route vrf changing 10.{number % 200}.0.0/16 Null0\n")


def commit(box, text, *options):
    """Commits a text, and returns the finished command."""
    box.write_configuration(text)
    return box.command("commit", "-f", box.configuration_file, *options)


def number_in_force(box):
    return int(re.search(r"^hostname commit(\d+)$", box.text("show", "running-config"), re.M).group(1))


def stream(operators):
    """Numbered packets of a customer that no commit changes, from box a's site to box b's."""
    near, far = operators.customers["red", "a"], operators.customers["red", "b"]
    frame = (Ether(src=address_of(near.namespace, "eth0"), dst=address_of(operators.boxes["a"].ports, "cust1"))
             / IP(src=near.ipv4, dst=far.ipv4) / UDP(sport=7777, dport=7777, chksum=0) / Raw(PAYLOAD))
    return NumberedFrames(near.namespace.packet_socket("eth0"), frame, far.namespace.packet_socket("eth0"))


class PowerCuts:
    """Kills both processes at random moments of commits, and looks which commit the box comes up with."""

    def __init__(self, box, text, seed):
        self.box, self.text, self.random = box, text, random.Random(seed)
        assert commit(box, renamed(text, 0)).returncode == 0
        self.last = 0
        # How often the commit before and the one after was there again.
        self.outcomes = {"before": 0, "after": 0}

    def cut(self, longest_seconds):
        box, wanted = self.box, self.last + 1
        box.write_configuration(renamed(self.text, wanted))
        command = subprocess.Popen(
            [os.path.join(binaries(), "stile"), "--socket", box.socket, "commit", "-f", box.configuration_file],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(self.random.uniform(0, longest_seconds))
        was_told = command.poll() == 0
        for process in (box.control, box.dataplane):
            stop(process, signal.SIGKILL)
        was_told = command.wait(30) == 0 or was_told
        box.start()
        box.wait(lambda: box.json("show", "status")["commit"], "stiled is there again")
        found = number_in_force(box)
        assert found == wanted or found == self.last and not was_told, (found, self.last, was_told)
        assert commit_text_number(box) == found
        self.outcomes["after" if found == wanted else "before"] += 1
        self.last = found


def commit_text_number(box):
    """The number in the text of the commit that the box calls the one in force."""
    text = box.text("show", "commits", str(box.json("show", "status")["commit"]), "text")
    return int(re.search(r"^hostname commit(\d+)$", text, re.M).group(1))
