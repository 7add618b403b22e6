"""A host that sends what goes to some address under a label: a route reflector whose kernel knows no MPLS.

As a program: label_host.py WAY, where WAY is JSON: {"label": N, "gateway": MAC address}. What is routed into the TUN device "labels"
leaves by eth0 under the label; what arrives without a label is the kernel's.
"""

import json
import os
import struct
import sys

from .commands import wait_until


class LabelHost:
    """The program in a namespace with a link `eth0`, for packets to `destination`."""

    def __init__(self, lab, namespace, destination):
        self.lab, self.namespace, self.destination = lab, namespace, destination
        for word in ("net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0"):
            namespace.run("sysctl", "-qw", word)

    def start(self, label, gateway, source):
        self.lab.start(self.namespace, ["/usr/bin/python3", "-m", "stilelab.label_host",
                                        json.dumps({"label": label, "gateway": gateway})],
                       f"{self.namespace.name}-labels.log",
                       env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(os.path.abspath(__file__)))})
        wait_until(lambda: self.namespace.run("ip", "link", "show", "labels", check=False).returncode == 0, "the TUN device")
        self.namespace.ip("link", "set", "labels", "up")
        self.namespace.ip("route", "add", f"{self.destination}/32", "dev", "labels", "src", source)


def main():
    import fcntl
    import socket

    way = json.loads(sys.argv[1])
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, 0x400454CA, struct.pack("16sH22x", b"labels", 0x1001))  # TUNSETIFF: IFF_TUN | IFF_NO_PI
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    link.bind(("eth0", 0))
    header = bytes.fromhex(way["gateway"].replace(":", "")) + link.getsockname()[4] + b"\x88\x47"
    while True:
        packet = os.read(device, 65536)
        if packet[0] >> 4 == 4:
            link.send(header + struct.pack("!I", way["label"] << 12 | 0x100 | 64) + packet)


if __name__ == "__main__":
    main()
