"""A box on which Stile is installed as a package: this machine's system again, under a systemd of its own."""

import functools
import os

from .box import Box
from .commands import run, wait_until

# What the build needs and an installed box has not: the Swift toolchain with its runtime.
_HIDDEN = "/opt"
# Where the namespace of the ports is found in the machine.
_PORTS = "/srv/ports"

# The data plane of a lab is in a namespace of its own, where a box's would have NICs that the kernel has not.
_IN_PORTS = f"""[Service]
NetworkNamespacePath={_PORTS}
"""


class NoMachine(Exception):
    """The machine, which may be a container itself, lets no other system boot."""


class _Here:
    """Where a process is started in no namespace of the lab."""

    @staticmethod
    def command(*words):
        return [str(word) for word in words]


class Machine:
    """The machine's files under a layer that takes all changes, and its own systemd in them (systemd-nspawn)."""

    def __init__(self, lab, name, namespace, *options):
        root, upper, work = (os.path.dirname(lab.path(name, part, "x")) for part in ("root", "upper", "work"))
        # A mount namespace: the layers go with the machine, however it ends. An image that is made to build in has a policy
        # that no service is started, which an installed box has not.
        script = (f"mount -t overlay overlay -o lowerdir=/,upperdir={upper},workdir={work} {root} && "
                  f"rm -f {root}/usr/sbin/policy-rc.d && "
                  f"exec systemd-nspawn --quiet --register=no --keep-unit --directory={root} --tmpfs={_HIDDEN} "
                  f"--network-namespace-path=/run/netns/{namespace.name} --capability=all --bind=/dev/net/tun "
                  + " ".join(options) + " --boot systemd.unit=basic.target")
        self._log = functools.partial(lab.log, f"{name}/machine.log")
        self.process = lab.start(_Here, ["unshare", "--mount", "sh", "-c", script], f"{name}/machine.log")
        wait_until(self._has_booted, f"{name} has booted", 60)

    def _leader(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            return file.read().split()[0]

    def _has_booted(self):
        if self.process.poll() is not None:
            raise NoMachine(f"systemd-nspawn: {self._log()[-1000:]}")
        try:
            return self.run("systemctl", "is-active", "basic.target", check=False).stdout.strip() == "active"
        except IndexError:
            return False

    def run(self, *words, **options):
        """Runs a command in the machine."""
        return run("nsenter", "--target", self._leader(), "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd",
                   "--", "env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *words, **options)

    def property(self, unit, name):
        return self.run("systemctl", "show", "--value", "--property", name, unit).stdout.strip()

    def drop_in(self, unit, name, text):
        """Adds lines to a unit as an operator would."""
        self.run("mkdir", "-p", f"/etc/systemd/system/{unit}.d")
        self.run("sh", "-c", 'printf "%s" "$1" >"$2"', "sh", text, f"/etc/systemd/system/{unit}.d/{name}.conf")
        self.run("systemctl", "daemon-reload")


class InstalledBox(Box):
    """A box whose processes the service manager starts, by the package's units."""

    def __init__(self, lab, name, configuration):
        super().__init__(lab, name, configuration)
        folder = os.path.dirname(self.configuration_file)
        self.machine = Machine(lab, f"{name}-machine", self.namespace, f"--bind={folder}",
                               f"--bind=/run/netns/{self.ports.name}:{_PORTS}")

    def install(self, package):
        self.machine.run("dpkg", "--install", package, timeout=120)

    def start(self):
        self.machine.drop_in("stile-dataplane.service", "ports", _IN_PORTS)
        self.machine.run("systemctl", "start", "stiled.service", "stile-dataplane.service", timeout=120)

    def command(self, *words):
        return self.machine.run("stile", *words, check=False, timeout=30)

    def log_ends(self):
        units = ("--unit", "stiled", "--unit", "stile-dataplane")
        return self.machine.run("journalctl", "--no-pager", "--lines", "60", *units, check=False).stdout
