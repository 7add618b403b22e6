"""A Stile box: its two processes, the namespace of its ports, and the command that operates it."""

import json
import os
import signal

from .commands import CommandFailed, run, wait_until
from .lab import stop


def binaries():
    """Where the built programs are: the release build of this checkout unless STILE_BIN says otherwise."""
    root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
    return os.environ.get("STILE_BIN") or os.path.join(root, ".build", "release")


class Box:
    # What stiled is started with beside its files.
    control_options = ()
    # Which file stiled starts with: the truth at each start, or with "--first-configuration" only where it has no commit.
    file_option = "--configuration"

    def __init__(self, lab, name, configuration):
        self.lab = lab
        self.name = name
        self.namespace = lab.namespace(name)
        # The ports are the data plane's alone, as NICs bound to it would be: in a namespace without addresses the
        # kernel answers nothing that arrives on them.
        self.ports = lab.namespace(f"{name}-ports")
        for scope in ("all", "default"):
            self.ports.run("sysctl", "-qw", f"net.ipv6.conf.{scope}.disable_ipv6=1")
        self.runtime_directory = os.path.dirname(lab.path(name, "run", "x"))
        self.state_directory = os.path.dirname(lab.path(name, "state", "x"))
        self.configuration_file = lab.path(name, "stile.conf")
        self.socket = os.path.join(self.runtime_directory, "stile.sock")
        self.control = None
        self.dataplane = None
        self.write_configuration(configuration)

    def write_configuration(self, text):
        with open(self.configuration_file, "w") as file:
            file.write(text)

    def replace(self, text):
        """Puts a configuration into force, whatever it takes away, and returns what the command says."""
        self.write_configuration(text)
        return self.text("config", "replace", self.configuration_file, "force")

    def start(self):
        self.start_dataplane()
        self.start_control()

    def start_control(self):
        self.control = self.lab.start(self.namespace, [
            os.path.join(binaries(), "stiled"), self.file_option, self.configuration_file,
            "--runtime-directory", self.runtime_directory, "--state-directory", self.state_directory, *self.control_options,
        ], f"{self.name}/stiled.log")

    def start_dataplane(self):
        self.dataplane = self.lab.start(self.ports, [
            os.path.join(binaries(), "stile-dataplane"), "--runtime-directory", self.runtime_directory,
            "--memory-megabytes", "128",
        ], f"{self.name}/dataplane.log")

    def kill_control(self):
        stop(self.control, signal.SIGKILL)

    def kill_dataplane(self):
        stop(self.dataplane, signal.SIGKILL)

    def command(self, *words):
        """Runs `stile` against this box and returns the finished process."""
        return run(os.path.join(binaries(), "stile"), "--socket", self.socket, *words, check=False, timeout=30)

    def text(self, *words):
        done = self.command(*words)
        if done.returncode != 0:
            raise CommandFailed(f"stile {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def json(self, *words):
        return json.loads(self.text("--json", *words))

    def drops(self):
        """{(interface, reason): packets}, as far as there are any."""
        return {(entry["interface"], entry["reason"]): entry["packets"] for entry in self.json("show", "drops")["drops"]}

    def log_ends(self):
        return "\n".join(self.lab.log(f"{self.name}/{log}")[-3000:] for log in ("stiled.log", "dataplane.log"))

    def wait(self, condition, what, seconds=30):
        """Waits for a condition on this box; a time-out shows the ends of its logs."""
        def alive_and_true():
            for process, log in ((self.control, "stiled.log"), (self.dataplane, "dataplane.log")):
                if process is not None and process.poll() not in (None, -signal.SIGKILL):
                    raise CommandFailed(f"{self.name}: a process ended\n{self.lab.log(f'{self.name}/{log}')[-4000:]}")
            try:
                return condition()
            except (CommandFailed, KeyError, IndexError):
                return None
        try:
            return wait_until(alive_and_true, f"{self.name}: {what}", seconds, 0.2)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.log_ends()}") from None
