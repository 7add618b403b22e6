"""Customers' routers: FRR (zebra and bgpd) and BIRD, which put what they learn into the kernel of their namespace."""

import os

from .commands import run, wait_until
from .peers import FRRShell


class FRRRouter(FRRShell):
    """A customer's router with FRR; `bgp` are lines of its `router bgp` block, `rest` lines outside of it."""

    def __init__(self, lab, namespace, local_as, router_id, bgp, rest=()):
        self.lab, self.namespace = lab, namespace
        self.directory = lab.path(f"frr-{namespace.name}", "x")[:-1]
        self.file = os.path.join(self.directory, "frr.conf")
        lines = [f"hostname {namespace.name}", *rest, f"router bgp {local_as}", f" bgp router-id {router_id}",
                 " no bgp default ipv4-unicast", " bgp graceful-restart", *[f" {line}" for line in bgp], "exit"]
        with open(self.file, "w") as file:
            file.write("\n".join(lines) + "\n")
        run("chown", "-R", "frr:frrvty", self.directory)
        # The daemons give up root: the way to their files must be open to them.
        os.chmod(lab.directory, 0o755)
        self.processes = []

    def start(self):
        socket = os.path.join(self.directory, "zserv.api")
        for daemon in ("zebra", "bgpd"):
            self.processes.append(self.lab.start(self.namespace, [
                f"/usr/lib/frr/{daemon}", "-f", self.file, "-i", os.path.join(self.directory, f"{daemon}.pid"),
                "-z", socket, "--vty_socket", self.directory, "-A", "127.0.0.1", "--log", "stdout"],
                f"{self.namespace.name}-{daemon}.log"))
            wait_until(lambda: os.path.exists(os.path.join(self.directory, f"{daemon}.vty")), f"{daemon} answers")
        return self

    def path(self, family, prefix):
        """The best path to a prefix in a unicast table; `None` if there is none."""
        paths = self.show(f"show bgp {family} unicast {prefix} json").get("paths", [])
        return paths[0] if paths else None


class BIRDRouter:
    """A customer's router with BIRD 2; `text` is its configuration behind the protocols of the kernel."""

    def __init__(self, lab, namespace, router_id, text):
        self.lab, self.namespace = lab, namespace
        self.file = lab.path(f"bird-{namespace.name}", "bird.conf")
        self.socket = lab.path(f"bird-{namespace.name}", "bird.ctl")
        with open(self.file, "w") as file:
            file.write(f"""\
router id {router_id};
protocol device {{ scan time 1; }}
protocol direct {{ ipv4; ipv6; interface "eth0"; }}
protocol kernel {{ ipv4 {{ export where source = RTS_BGP; }}; }}
protocol kernel {{ ipv6 {{ export where source = RTS_BGP; }}; }}
{text}""")

    def start(self):
        self.process = self.lab.start(self.namespace, ["bird", "-f", "-c", self.file, "-s", self.socket],
                                      f"{self.namespace.name}-bird.log")
        wait_until(lambda: self.command("show", "status").returncode == 0, "BIRD answers")
        return self

    def command(self, *words):
        return self.namespace.run("birdc", "-s", self.socket, *words, check=False)

    def route(self, prefix):
        """Everything about the routes to a prefix, in BIRD's words; empty if there is none."""
        text = self.command("show", "route", "for" if "/" not in prefix else "", prefix, "all").stdout
        return "" if "Network not found" in text else text

    def protocol(self, name):
        return self.command("show", "protocols", "all", name).stdout
