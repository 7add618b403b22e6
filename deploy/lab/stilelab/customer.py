"""A customer: a namespace whose Linux stack talks to its gateway, with a service that says who it is."""

import json
import re

from .commands import wait_until
from .namespaces import join

IDENTITY_PORT = 4242
# The same service again, on a port that an access list of the lab does not name.
OTHER_PORT = 4343
BULK_PORT = 5201
_IDENTITY_SERVER = """
import socket, sys
server = socket.create_server(("::", int(sys.argv[2])), family=socket.AF_INET6, dualstack_ipv6=True)
while True:
    connection, _ = server.accept()
    connection.sendall(sys.argv[1].encode())
    connection.close()
"""
_IDENTITY_CLIENT = """
import socket, sys
print(socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=float(sys.argv[3])).recv(100).decode())
"""


class Customer:
    """One site of a customer behind one attachment circuit of a box."""

    def __init__(self, lab, name, box_namespace, box_interface, ipv4, ipv6, mtu=1500):
        self.lab = lab
        self.name = name
        self.namespace = lab.namespace(name)
        self.ipv4, self.ipv6 = ipv4, ipv6
        join(self.namespace, "eth0", box_namespace, box_interface, mtu)
        self.namespace.ip("address", "add", f"{ipv4}/24", "dev", "eth0")
        self.namespace.ip("address", "add", f"{ipv6}/64", "dev", "eth0", "nodad")
        self.namespace.ip("route", "add", "default", "via", ipv4.rsplit(".", 1)[0] + ".1")
        self.namespace.ip("-6", "route", "add", "default", "via", ipv6.rsplit(":", 1)[0] + ":1")

    def serve(self):
        """Starts the service that answers with the customer's name, and a receiver for bulk transfers."""
        log = f"{self.name}.log"
        for port in (IDENTITY_PORT, OTHER_PORT):
            self.lab.start(self.namespace, ["/usr/bin/python3", "-c", _IDENTITY_SERVER, self.name, str(port)], log)
        self.lab.start(self.namespace, ["iperf3", "-s", "-p", str(BULK_PORT)], log)
        wait_until(lambda: all(map(self._listens, (IDENTITY_PORT, OTHER_PORT, BULK_PORT))),
                   f"services of {self.name}")

    def _listens(self, port):
        return f":{port} " in self.namespace.run("ss", "-Hltn").stdout

    def ping(self, address, count=5, interval=0.05, size=56):
        """Sends echo requests and returns (sent, received)."""
        done = self.namespace.run("ping", "-n", "-q", "-c", count, "-i", interval, "-W", 2, "-s", size, address, check=False)
        match = re.search(r"(\d+) packets transmitted, (\d+) received", done.stdout)
        return (int(match[1]), int(match[2])) if match else (count, 0)

    def identity_of(self, address, port=IDENTITY_PORT, seconds=5):
        """Asks the far side who it is; an empty string when nobody answers."""
        done = self.namespace.run("/usr/bin/python3", "-c", _IDENTITY_CLIENT, address, str(port), str(seconds),
                                  check=False)
        return done.stdout.strip()

    def bulk(self, address, seconds=2):
        """Sends as fast as TCP goes and returns megabits per second as the receiver counted them."""
        done = self.namespace.run("iperf3", "-p", BULK_PORT, "-c", address, "-t", seconds, "-J", check=False)
        try:
            return json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"] / 1e6
        except (ValueError, KeyError):
            return 0.0
