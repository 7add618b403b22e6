"""An operator at a terminal: `stile` in a pseudo-terminal, to which keys are sent and whose screen is read."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

from .box import binaries

# ECMA-48 §5.4 control sequences: where the cursor goes and what is erased.
CONTROL_SEQUENCE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Terminal:
    """One session of the interactive tool."""

    def __init__(self, socket, history="", rows=0, columns=200):
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.environ.update(STILE_SOCKET=socket, STILE_HISTORY=history, NO_COLOR="1", TERM="xterm")
            os.execv(os.path.join(binaries(), "stile"), ["stile"])
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.unread = ""

    def wait_for(self, pattern, seconds=20):
        """All that has come up to a pattern, without what only steers the terminal."""
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self.unread)):
            assert time.monotonic() < end, f"no {pattern!r} in {self.unread!r}"
            if select.select([self.descriptor], [], [], 0.2)[0]:
                try:
                    piece = os.read(self.descriptor, 65536)
                except OSError:
                    piece = b""
                assert piece, f"the session ended before {pattern!r}: {self.unread!r}"
                self.unread += CONTROL_SEQUENCE.sub("", piece.decode(errors="replace").replace("\r", ""))
        text, self.unread = self.unread[:found.end()], self.unread[found.end():]
        return text

    def type(self, keys):
        os.write(self.descriptor, keys.encode())

    def enter(self, line, prompt=r"[>#] $"):
        """Types a line, and returns what is said until the next prompt."""
        self.type(line + "\r")
        self.wait_for("\n")
        return self.wait_for(prompt)

    def has_ended(self, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                self.pid = None
                return True
            time.sleep(0.05)
        return False

    def kill(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = None
