"""The lab itself: what a lab leaves is removed, and nothing of anybody else's."""

import os

from stilelab.lab import Lab


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
