"""The lab itself: what a lab leaves is removed, and nothing of anybody else's."""

import glob
import os
import signal
import subprocess
import sys

import pytest
import stilelab
from stilelab.commands import wait_until
from stilelab.lab import Lab

# Not a shell's: those unblock all signals when they start.
SLOW_IP = """#!/usr/bin/python3
import os, pathlib, subprocess, sys, time
ended = subprocess.run(["/sbin/ip", *sys.argv[1:]])
pathlib.Path(os.environ["SLOW_IP_RUNS"]).touch()
time.sleep(0.3)
sys.exit(ended.returncode)
"""
MAKES_A_LAB = """
import signal, sys
from stilelab.lab import Lab
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
with Lab("halfway") as lab:
    lab.namespace("box")
    signal.pause()
"""


def is_running(process):
    return process.poll() is None


def test_the_leftovers_of_a_lab_are_its_own():
    left, other = Lab("left"), Lab("left-over")
    try:
        processes = [lab.start(lab.namespace("box"), ["sleep", "600"], "log") for lab in (left, other)]
        Lab.remove_leftovers("left")
        processes[0].wait(30)
        assert not os.path.exists(left.directory) and not os.path.exists("/run/netns/left-box")
        assert is_running(processes[1])
        assert os.path.exists(other.directory) and os.path.exists("/run/netns/left-over-box")
        Lab.remove_leftovers("left-over")
        processes[1].wait(30)
        assert not os.path.exists("/run/netns/left-over-box")
    finally:
        left.remove()
        other.remove()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_lab_that_is_interrupted_while_it_makes_a_namespace_removes_it(number, tmp_path):
    running = tmp_path / "running"
    (tmp_path / "ip").write_text(SLOW_IP)
    (tmp_path / "ip").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "SLOW_IP_RUNS": str(running),
                   "PYTHONPATH": os.path.dirname(os.path.dirname(stilelab.__file__))}
    process = subprocess.Popen([sys.executable, "-c", MAKES_A_LAB], env=environment, stderr=subprocess.DEVNULL,
                               start_new_session=True)
    try:
        wait_until(running.exists, "the namespace is there, its maker not yet told", interval=0.01)
        os.killpg(process.pid, number)
        assert process.wait(30) != 0
        assert not os.path.exists("/run/netns/halfway-box")
        assert glob.glob("/dev/shm/stilelab-halfway-*") == []
    finally:
        if is_running(process):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        Lab.remove_leftovers("halfway")
