"""FRR's IGPs and LDP: a router of the operator's own network, or the engine beside a box."""

import os

from .commands import run, wait_until
from .lab import stop
from .peers import FRRShell

# zebra takes labels where the kernel has MPLS. This one may have none: in a mount namespace of its own it is shown a
# directory of settings for it. The kernel refuses what it is given then, and only what a walk through all of zebra's tables
# finds goes to a forwarding plane manager: `walk`.
_PREPARE = """
set -e
mkdir -p /run/frr && mount -t tmpfs none /run/frr && chown frr:frr /run/frr
if [ ! -d /proc/sys/net/mpls ]; then
  mkdir -p /run/frr/ipv4 /run/frr/ipv6
  mount --bind /proc/sys/net/ipv4 /run/frr/ipv4
  mount --bind /proc/sys/net/ipv6 /run/frr/ipv6
  mount -t tmpfs none /proc/sys/net
  mkdir -p /proc/sys/net/ipv4 /proc/sys/net/ipv6 /proc/sys/net/mpls
  mount --bind /run/frr/ipv4 /proc/sys/net/ipv4
  mount --bind /run/frr/ipv6 /proc/sys/net/ipv6
  echo 1048575 > /proc/sys/net/mpls/platform_labels
fi
exec "$@"
"""


class RoutingDaemons(FRRShell):
    """zebra and others, as `configurations` has them: {name of the daemon: the text that it reads}."""

    def __init__(self, lab, namespace, configurations, fpm_port=None):
        self.lab, self.namespace, self.daemons, self.fpm_port = lab, namespace, list(configurations), fpm_port
        self.directory = lab.path(f"frr-{namespace.name}", "x")[:-1]
        manager = f"fpm address 127.0.0.1 port {fpm_port}\n" if fpm_port else ""
        for daemon, text in {"zebra": manager, **configurations}.items():
            with open(os.path.join(self.directory, f"{daemon}.conf"), "w") as file:
                file.write(f"hostname {namespace.name}\n{text}")
        run("chown", "-R", "frr:frrvty", self.directory)
        # The daemons give up root: the way to their files must be open to them.
        os.chmod(lab.directory, 0o755)
        self.processes = []

    def start(self):
        socket = os.path.join(self.directory, "zserv.api")
        for daemon in ("zebra", *self.daemons):
            module = ["-M", "dplane_fpm_nl"] if daemon == "zebra" and self.fpm_port else []
            control = ["--ctl_socket", self.directory] if daemon == "ldpd" else []
            answers = os.path.join(self.directory, f"{daemon}.vty")
            if os.path.exists(answers):
                os.remove(answers)
            self.processes.append(self.lab.start(self.namespace, [
                "unshare", "-m", "--propagation", "private", "bash", "-c", _PREPARE, "prepare",
                f"/usr/lib/frr/{daemon}", *module, *control,
                "-f", os.path.join(self.directory, f"{daemon}.conf"),
                "-i", os.path.join(self.directory, f"{daemon}.pid"), "-z", socket, "--vty_socket", self.directory,
                "-A", "127.0.0.1", "--log", "stdout"], f"{self.namespace.name}-{daemon}.log"))
            wait_until(lambda: os.path.exists(answers), f"{daemon} answers")
        return self

    def kill(self):
        """All of it dies; zebra first, which would remove the routes of a daemon that is gone."""
        for process in self.processes:
            stop(process, 9)
        self.processes = []

    def walk(self):
        """Lets zebra connect to the forwarding plane manager anew and say everything."""
        self.configure("configure terminal", f"fpm address 127.0.0.1 port {self.fpm_port}")

    def text(self, command):
        done = self.namespace.run("vtysh", "--vty_socket", self.directory, "-c", command, check=False)
        return done.stdout + done.stderr
