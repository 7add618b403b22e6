"""A stream of numbered frames: when each was sent, and which of them came out elsewhere."""

import struct
import threading
import time

_MARKER = b"numbered"
PAYLOAD = _MARKER + bytes(8)


class NumberedFrames:
    """Sends a frame that ends with `PAYLOAD` again and again, each with the next number, until it is finished."""

    def __init__(self, source, frame, sink, interval=0.002):
        self.source, self.frame, self.sink, self.interval = source, bytes(frame), sink, interval
        self.sent, self.arrived, self.is_running = [], set(), True
        self.threads = [threading.Thread(target=self._send), threading.Thread(target=self._receive)]
        for thread in self.threads:
            thread.start()

    def _send(self):
        while self.is_running:
            self.sent.append(time.monotonic())
            self.source.send(self.frame[:-8] + struct.pack("!Q", len(self.sent) - 1))
            time.sleep(self.interval)

    def _receive(self):
        quiet = 0
        while self.is_running or quiet < 5:
            frame = self.sink.receive(0.1)
            quiet = quiet + 1 if frame is None else 0
            # An ICMP error may quote the packet; nothing but the packet ends like it and is as long.
            if frame is not None and frame[-16:-8] == _MARKER and abs(len(frame) - len(self.frame)) <= 4:
                self.arrived.add(struct.unpack("!Q", frame[-8:])[0])

    def finish(self):
        """Stops, and returns for each frame when it was sent and whether it arrived."""
        self.is_running = False
        for thread in self.threads:
            thread.join()
        return [(when, number in self.arrived) for number, when in enumerate(self.sent)]
