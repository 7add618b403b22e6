"""The lab: who makes something registers it here, and leaving the lab removes it."""

import glob
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile

from .commands import run, uninterrupted
from .namespaces import Namespace

# In a lab's directory: the namespaces that it has made.
_NAMESPACES = "namespaces"


class Lab:
    """Namespaces, processes and files that belong together; a context manager that removes them all."""

    def __init__(self, name, keep=False):
        self.name = name
        self.keep = keep
        # Segments belong on a tmpfs; several labs may run side by side.
        base = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self.directory = tempfile.mkdtemp(prefix=f"stilelab-{name}-", dir=base)
        self._namespaces = {}
        self._processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.keep:
            self.remove()

    def namespace(self, name):
        if name not in self._namespaces:
            full = f"{self.name}-{name}"
            with uninterrupted():
                # For whoever removes what this lab leaves: another lab's namespaces may begin with the same words.
                with open(self.path(_NAMESPACES), "a") as file:
                    file.write(full + "\n")
                self._namespaces[name] = Namespace(full)
        return self._namespaces[name]

    def path(self, *parts):
        """A path in the lab's directory whose folders exist."""
        path = os.path.join(self.directory, *parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def start(self, namespace, words, log, **options):
        """Starts a process in a namespace; its output goes to the file `log`."""
        with open(self.path(log), "ab") as output:
            process = subprocess.Popen(namespace.command(*words), stdout=output, stderr=subprocess.STDOUT,
                                       stdin=subprocess.DEVNULL, start_new_session=True, **options)
        self._processes.append(process)
        return process

    def log(self, name):
        with open(self.path(name), errors="replace") as file:
            return file.read()

    @staticmethod
    def remove_leftovers(name):
        """Removes what a kept or killed lab of this name has left: its processes, namespaces and files, and nobody else's."""
        own = re.compile(rf"stilelab-{re.escape(name)}-[a-z0-9_]{{8}}")
        listed = {entry["name"] for entry in json.loads(run("ip", "-j", "netns", "list").stdout or "[]")}
        for base in {"/dev/shm", tempfile.gettempdir()}:
            for directory in glob.glob(os.path.join(base, "stilelab-*")):
                if not own.fullmatch(os.path.basename(directory)):
                    continue
                for namespace in _namespaces_of(directory) & listed:
                    _end(namespace)
                shutil.rmtree(directory, ignore_errors=True)

    def remove(self):
        with uninterrupted():
            for process in reversed(self._processes):
                stop(process)
            for namespace in self._namespaces.values():
                _end(namespace.name)
            shutil.rmtree(self.directory, ignore_errors=True)


def _namespaces_of(directory):
    """The namespaces that a lab has made, from its directory."""
    try:
        with open(os.path.join(directory, _NAMESPACES)) as file:
            return set(file.read().split())
    except FileNotFoundError:
        return set()


def _end(namespace):
    """Ends the processes in a namespace, also one that was interrupted before the lab knew of it, and removes it."""
    for pid in run("ip", "netns", "pids", namespace, check=False).stdout.split():
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            continue
    run("ip", "netns", "del", namespace, check=False)


def stop(process, number=signal.SIGTERM, seconds=10):
    """Ends a process and what it started, by force when it does not go."""
    if process.poll() is not None:
        return
    for signal_number in (number, signal.SIGKILL):
        try:
            os.killpg(process.pid, signal_number)
        except ProcessLookupError:
            pass
        try:
            process.wait(seconds)
            return
        except subprocess.TimeoutExpired:
            continue
