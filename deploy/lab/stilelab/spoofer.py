"""The attack table that every interconnect's lab has: forged frames on a link of a box, of which none may arrive anywhere.

    spoofer = Spoofer(box, socket, source, destination, listeners, inner)
    rows, failures = spoofer.run([
        spoofer.labels("its own label", [own], arrives=True),
        *(spoofer.labels(name, stack) for name, stack in label_attacks([own], others, never_given(box, own)))])
"""

import itertools
import struct
import time

from .attack import dropped, labelled, unlabelled

HEAD = ("what is sent", "labels", "sent", "arrived anywhere", "dropped as")
RESERVED = (0, 1, 2, 3, 7, 13, 14, 15)
_numbers = itertools.count()


class Forgery:
    """One row: frames with a marker, and whether they are to arrive after all."""

    def __init__(self, name, labels, marker, frame, count, arrives):
        self.name, self.labels, self.marker = name, labels, marker.encode()
        self.frame, self.count, self.arrives = frame, count, arrives


class Spoofer:
    """Who sends forged frames to a box, and everywhere that they might come out.

    `socket` is a packet socket on the link, `source` and `destination` the Ethernet addresses there, `listeners` packet sockets,
    and `inner` makes the packet that is in a frame of a marker. The frames have the tag of `vlan`, if there is one.
    """

    def __init__(self, box, socket, source, destination, listeners, inner, vlan=None):
        self.box, self.socket, self.addresses = box, socket, (source, destination)
        self.listeners, self.inner, self.vlan = list(listeners), inner, vlan

    def labels(self, name, stack, arrives=False, count=20):
        """Frames with a label stack; an empty one is none."""
        def make(marker):
            frame = (labelled(*self.addresses, stack, None, self.inner(marker)) if stack
                     else unlabelled(*self.addresses, None, self.inner(marker)))
            return frame if self.vlan is None else tagged(frame, self.vlan)
        return self.frames(name, make, arrives, count, stack)

    def packets(self, name, inner, arrives=False, stack=()):
        """Frames with other packets than the link's neighbor's own; `inner` makes one of a marker."""
        other = Spoofer(self.box, self.socket, *self.addresses, self.listeners, inner, self.vlan)
        return other.labels(name, stack, arrives)

    def frames(self, name, make, arrives=False, count=20, stack=()):
        """Frames as `make` makes them of a marker."""
        marker = f"forged-{next(_numbers)}-"
        return Forgery(name, stack, marker, make(marker), count, arrives)

    def run(self, forgeries, patience=2):
        """Sends them all; a row each for `HEAD`, and what has failed. A frame that does not arrive is dropped for a reason
        that the box names."""
        forgeries = list(forgeries)
        for listener in self.listeners:
            listener.drain()
        seen, rows = {forgery.marker: 0 for forgery in forgeries}, []
        for forgery in forgeries:
            before = after = self.box.drops()
            for _ in range(forgery.count):
                self.socket.send(forgery.frame)
            end = time.monotonic() + patience
            while time.monotonic() < end:
                self._listen(seen, 0.02)
                after = self.box.drops()
                if seen[forgery.marker] + sum(after.values()) - sum(before.values()) >= forgery.count:
                    break
            rows.append((forgery, sum(after.values()) - sum(before.values()), dropped(before, after)))
        # Whatever is late.
        self._listen(seen, 1)
        return ([(forgery.name, "/".join(map(str, forgery.labels)) or "-", forgery.count, seen[forgery.marker], reasons)
                 for forgery, _, reasons in rows],
                [failure for forgery, count, _ in rows for failure in _failures(forgery, seen[forgery.marker], count)])

    def _listen(self, seen, seconds):
        end = time.monotonic() + seconds
        for listener in self.listeners:
            while (frame := listener.receive(max(end - time.monotonic(), 0.001))) is not None:
                for marker in seen:
                    seen[marker] += marker in frame


def _failures(forgery, seen, dropped_count):
    if seen != (forgery.count if forgery.arrives else 0):
        yield f"{forgery.name}: {seen} of {forgery.count} arrived"
    elif not forgery.arrives and dropped_count < forgery.count:
        yield f"{forgery.name}: the box says of {dropped_count} of {forgery.count} why they were dropped"


def receive(socket, marker, seconds=2):
    """The next frame with the marker; None if none comes."""
    end = time.monotonic() + seconds
    while (found := socket.receive(max(end - time.monotonic(), 0.01))) is not None and time.monotonic() < end:
        if marker.encode() in found:
            return found
    return None


def tagged(frame, *vlans):
    """A frame with 802.1Q tags, the outermost first."""
    return frame[:12] + b"".join(struct.pack("!HH", 0x8100, vlan) for vlan in vlans) + frame[12:]


def label_attacks(own, others, never):
    """(what, label stack) of what is forged from `own`, a stack that the link's neighbor may send.

    `others` are labels that are valid in other places, or mean something to somebody else, by words for whose they are; `never` is
    a label that nobody was given.
    """
    below, other = own[1:], next(iter(others.values()), never)
    for words, label in others.items():
        yield f"a label of {words}", [label, *below]
    yield "a label never given", [never, *below]
    yield "one label too deep, the same", [own[0], *own]
    yield "one label too deep, another's", [*own, other]
    yield "two labels too deep", [*own, other, other]
    if below:
        yield "one label too shallow", own[:-1]
    yield "no label", []
    for reserved in RESERVED:
        yield f"reserved label {reserved}", [reserved, *below]
        yield f"reserved label {reserved} above its own", [reserved, *own]
        if below:
            yield f"reserved label {reserved} under its own", [own[0], reserved]


def never_given(box, near):
    """A label that is valid nowhere on a box, close to one that is: whoever guesses, guesses there."""
    valid = {entry["label"] for entry in box.json("show", "labels")["labels"]}
    return next(label for label in itertools.chain(range(near + 1, 1 << 20), range(near - 1, 15, -1)) if label not in valid)


def labels_on(box, nni):
    """The labels that are valid in a place: the name of an NNI, or `core`."""
    return [entry["label"] for entry in box.json("show", "labels")["labels"] if entry["nni"] == nni]
