"""A stream of numbered frames: when each was sent, and which of them came out elsewhere."""

import itertools
import struct
import threading
import time

_MARKER = b"numbered"
# The marker, the number of the stream, and that of the frame.
PAYLOAD = _MARKER + bytes(8)
_QUIET_SECONDS = 0.5
_numbers = itertools.count()


class NumberedFrames:
    """Sends a frame that ends with `PAYLOAD` again and again, each with the next number, until it is finished.

    Several streams may have one sink: each counts its own frames.
    """

    def __init__(self, source, frame, sink, interval=0.002):
        self.source, self.frame, self.sink, self.interval = source, bytes(frame), sink, interval
        self.end = _MARKER + struct.pack("!I", next(_numbers))
        self.sent, self.arrived, self.is_running = [], set(), True
        self.last = time.monotonic()
        self.threads = [threading.Thread(target=self._send), threading.Thread(target=self._receive)]
        for thread in self.threads:
            thread.start()

    def _send(self):
        while self.is_running:
            self.sent.append(time.monotonic())
            self.source.send(self.frame[:-16] + self.end + struct.pack("!I", len(self.sent) - 1))
            time.sleep(self.interval)

    def _receive(self):
        while self.is_running or time.monotonic() < self.last + _QUIET_SECONDS:
            frame = self.sink.receive(0.1)
            # An ICMP error may quote the packet; nothing but the packet ends like it and is as long.
            if frame is not None and frame[-16:-4] == self.end and abs(len(frame) - len(self.frame)) <= 4:
                self.arrived.add(struct.unpack("!I", frame[-4:])[0])
                self.last = time.monotonic()

    def finish(self):
        """Stops, and returns for each frame when it was sent and whether it arrived."""
        self.last = time.monotonic()
        self.is_running = False
        for thread in self.threads:
            thread.join()
        return [(when, number in self.arrived) for number, when in enumerate(self.sent)]
