"""Running commands and waiting for what they bring about."""

import contextlib
import signal
import subprocess
import time


class CommandFailed(Exception):
    """A command that had to succeed did not; the message holds what it printed."""


@contextlib.contextmanager
def uninterrupted():
    """Holds Ctrl-C and SIGTERM back, from the commands run meanwhile too, until the block has made and noted its thing whole."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def run(*words, check=True, timeout=60, **options):
    """Runs a command to its end and returns it with its output as text."""
    done = subprocess.run([str(word) for word in words], text=True, timeout=timeout,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, **options)
    if check and done.returncode != 0:
        command = " ".join(str(word) for word in words)
        raise CommandFailed(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def wait_until(condition, what, seconds=30, interval=0.1):
    """Returns the first true value of `condition()`; raises with `what` after the time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(interval)
