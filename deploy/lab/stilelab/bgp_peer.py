"""A BGP peer in raw octets, which says whatever a test wants it to say. It shares no code with Stile."""

import contextlib
import ipaddress
import random
import socket
import struct
import threading
import time

from .commands import wait_until
from .namespaces import open_socket

OPEN, UPDATE, NOTIFICATION, KEEPALIVE, ROUTE_REFRESH = 1, 2, 3, 4, 5
VPNV4, VPNV6 = (1, 128), (2, 128)
LABELLED4, LABELLED6 = (1, 4), (2, 4)
ROUTE_TARGETS = (1, 132)
MVPN4, MVPN6, EVPN = (1, 5), (2, 5), (25, 70)
AS_TRANS = 23456
_EXTENDED_LENGTH = 0x10


def message(kind, body=b"", marker=b"\xff" * 16, length=None):
    """A message; `length` is what its header says in place of the truth."""
    return marker + struct.pack("!HB", 19 + len(body) if length is None else length, kind) + body


def capability(code, value=b""):
    return bytes([code, len(value)]) + value


def open_body(local_as, identifier, hold=90, capabilities=b"", version=4, two_octet_as=None):
    parameters = bytes([2, len(capabilities)]) + capabilities if capabilities else b""
    short = two_octet_as if two_octet_as is not None else (local_as if local_as < 65536 else AS_TRANS)
    return struct.pack("!BHH4sB", version, short, hold, socket.inet_aton(identifier), len(parameters)) + parameters


def attribute(flags, code, value, length=None):
    length = len(value) if length is None else length
    if flags & _EXTENDED_LENGTH or length > 255:
        return struct.pack("!BBH", flags | _EXTENDED_LENGTH, code, length) + value
    return struct.pack("!BBB", flags, code, length) + value


def origin(value=0):
    return attribute(0x40, 1, bytes([value]))


def as_path(*numbers, segment=2):
    value = bytes([segment, len(numbers)]) + b"".join(struct.pack("!I", number) for number in numbers)
    return attribute(0x40, 2, value if numbers else b"")


def route_target(text):
    administrator, number = map(int, text.split(":"))
    return attribute(0xC0, 16, struct.pack("!HHI", 0x0002, administrator, number))


def distinguisher(text):
    administrator, number = map(int, text.split(":"))
    return struct.pack("!HHI", 0, administrator, number)


def label_entry(label, bottom=True):
    return struct.pack("!I", label << 4 | int(bottom))[1:]


def nlri(prefix, rd, labels=(1001,), bits=None):
    """A labelled VPN prefix; `bits` is what stands for its length in place of the truth."""
    network = ipaddress.ip_network(prefix)
    octets = network.network_address.packed[:(network.prefixlen + 7) // 8]
    stack = b"".join(label_entry(label, index == len(labels) - 1) for index, label in enumerate(labels))
    length = 24 * len(labels) + 64 + network.prefixlen if bits is None else bits
    return bytes([length]) + stack + distinguisher(rd) + octets


def way(prefix, labels=(1001,)):
    """A labelled unicast prefix (RFC 8277)."""
    network = ipaddress.ip_network(prefix)
    octets = network.network_address.packed[:(network.prefixlen + 7) // 8]
    stack = b"".join(label_entry(label, index == len(labels) - 1) for index, label in enumerate(labels))
    return bytes([24 * len(labels) + network.prefixlen]) + stack + octets


def membership(origin_as, target=None, bits=None):
    """Route target membership (RFC 4684 §4): all of an AS without a target, the default without an AS."""
    octets = b"" if origin_as is None else struct.pack("!I", origin_as)
    if target is not None:
        administrator, number = map(int, target.split(":"))
        octets += struct.pack("!HHI", 0x0002, administrator, number)
    bits = 8 * len(octets) if bits is None else bits
    return bytes([bits]) + octets[:(bits + 7) // 8]


def next_hop(address, family=VPNV4):
    packed = ipaddress.ip_address(address).packed
    if family == LABELLED4 or family == LABELLED6 and len(packed) == 16:
        return packed
    if family == LABELLED6:
        return bytes(10) + b"\xff\xff" + packed
    return bytes(8) + (packed if family == VPNV4 else bytes(10) + b"\xff\xff" + packed)


def reachable(address, routes, family=VPNV4, flags=0x80, hop=None):
    hop = next_hop(address, family) if hop is None else hop
    return attribute(flags, 14, struct.pack("!HBB", *family, len(hop)) + hop + b"\0" + routes)


def unreachable(routes, family=VPNV4):
    return attribute(0x80, 15, struct.pack("!HB", *family) + routes)


def update(*attributes, withdrawn=b"", announced=b""):
    """An UPDATE of attributes in the order given; the two others are the fields of unicast IPv4."""
    octets = b"".join(attributes)
    return message(UPDATE, struct.pack("!H", len(withdrawn)) + withdrawn
                   + struct.pack("!H", len(octets)) + octets + announced)


def attributes_of(body):
    """The attributes of an UPDATE's body as (flags, code, value)."""
    position = 2 + struct.unpack_from("!H", body)[0]
    end = position + 2 + struct.unpack_from("!H", body, position)[0]
    position += 2
    found = []
    while position < end:
        flags, code = body[position], body[position + 1]
        start = position + (4 if flags & _EXTENDED_LENGTH else 3)
        position = start + int.from_bytes(body[position + 2:start], "big")
        found.append((flags, code, body[start:position]))
    if position != end or end > len(body):
        raise ValueError(f"attributes do not fill their length: {body.hex()}")
    return found


def mutated(octets, seed):
    """A copy with a few octets changed, cut out or put in."""
    chance = random.Random(seed)
    copy = bytearray(octets)
    for _ in range(chance.randint(1, 4)):
        position = chance.randrange(len(copy)) if copy else 0
        kind = chance.randrange(5)
        if kind <= 2 and copy:
            copy[position] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
        elif kind == 3:
            del copy[position:position + chance.randint(1, 6)]
        else:
            copy[position:position] = chance.randbytes(chance.randint(1, 6))
    return bytes(copy)


class SessionRefused(Exception):
    """The other side ended the session before it was up; the message says with what."""


class BGPPeer:
    """One session from a namespace's address to a box, and all that the box says on it.

    `events` are (time, "announce" or "withdraw", route distinguisher's octets, prefix, label), `routes` what is left of
    them, `stacks` the same with all labels of a route (RFC 8277 §2.3), `received` all messages by type. `wishes` are the octets of the
    route targets that the box wants routes of, `wish_events` what it has said of them, in order. `signalled` are (family, octets of a
    route that begins with its type, attributes beside it as {code: (flags, value)}, or `None` where it is withdrawn), in order.
    """

    def __init__(self, namespace, local, remote, local_as, hold=90, graceful_restart=None, extended=False,
                 families=(VPNV4, VPNV6), multiple_labels=0):
        """`multiple_labels`: how many labels a route may have that it takes (RFC 8277 §2.1)."""
        self.namespace, self.local, self.remote = namespace, local, remote
        self.local_as, self.hold = local_as, hold
        self.families = families
        self.capabilities = b"".join([
            *(capability(1, struct.pack("!HBB", family[0], 0, family[1])) for family in families), capability(2),
            capability(65, struct.pack("!I", local_as)), capability(70)])
        if extended:
            self.capabilities += capability(6)
        if multiple_labels:
            rows = b"".join(struct.pack("!HBB", *family, multiple_labels) for family in families)
            self.capabilities += capability(8, rows)
        if graceful_restart is not None:
            families = b"".join(struct.pack("!HBB", *family, 0x80) for family in families)
            self.capabilities += capability(64, struct.pack("!H", graceful_restart) + families)
        # Whether the box's keepalives go unanswered.
        self.is_silent = False
        self._connection = self._listener = None
        # Two threads send: their octets must not mix when one has to wait for TCP in the middle of a message.
        self._sending = threading.Lock()
        self._forget()

    def _forget(self):
        self._connection = self._listener = None
        self.events, self.routes, self.received, self.ends_of_rib = [], {}, [], set()
        self.stacks = {}
        self.wishes, self.wish_events = set(), []
        self.signalled = []
        self.notification, self.is_closed = None, threading.Event()

    @property
    def is_up(self):
        return self._connection is not None and not self.is_closed.is_set()

    # What goes out

    def dial(self, seconds=5):
        """A TCP connection and nothing said on it."""
        connection = open_socket(self.namespace.name, socket.AF_INET, socket.SOCK_STREAM)
        connection.settimeout(seconds)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        connection.bind((self.local, 0))
        try:
            connection.connect((self.remote, 179))
        except OSError:
            connection.close()
            raise
        return connection

    def opening(self):
        return message(OPEN, open_body(self.local_as, self.local, self.hold, self.capabilities))

    def connect(self, seconds=20):
        """Establishes the session, as often as it takes."""
        end = time.monotonic() + seconds
        while True:
            try:
                return self._establish()
            except (OSError, SessionRefused) as error:
                if time.monotonic() > end:
                    raise TimeoutError(f"{self.local}: no session within {seconds} s: {error}") from None
                time.sleep(0.2)

    def _establish(self):
        self._forget()
        connection = self.dial()
        try:
            connection.sendall(self.opening())
            for expected in (OPEN, KEEPALIVE):
                kind, body = read_message(connection)
                if kind != expected:
                    raise SessionRefused(f"message of type {kind}: {body.hex()}")
                connection.sendall(message(KEEPALIVE))
        except (OSError, SessionRefused):
            connection.close()
            raise
        connection.settimeout(None)
        self._connection = connection
        self._listener = threading.Thread(target=self._listen, args=(connection,), daemon=True)
        self._listener.start()
        return self

    def send(self, octets):
        """Sends octets; whether the connection was still there to take them."""
        try:
            with self._sending:
                self._connection.sendall(octets)
            return True
        except OSError:
            return False

    def announce(self, prefix, rd, target, label=1001, family=VPNV4):
        self.send(update(origin(), as_path(self.local_as), route_target(target),
                         reachable(self.local, nlri(prefix, rd, (label,)), family)))

    def bring_up(self, seconds=40):
        """Establishes the session where it is not, with End-of-RIB: there is nothing to wait for."""
        if not self.is_up:
            self.connect(seconds)
            self.end_of_rib()

    def end_of_rib(self):
        for family in self.families:
            self.send(update(unreachable(b"", family)))

    def barrier(self, family=VPNV4, seconds=20):
        """Returns when the box has handled everything sent before: it has answered a route refresh (RFC 7313)."""
        done = self._count_of_refresh_ends()
        self.send(message(ROUTE_REFRESH, struct.pack("!HBB", family[0], 0, family[1])))
        wait_until(lambda: self._count_of_refresh_ends() > done or self.is_closed.is_set(),
                   f"{self.local}: the end of the refresh", seconds, 0.01)

    def _count_of_refresh_ends(self):
        return sum(kind == ROUTE_REFRESH and body[2] == 2 for kind, body in list(self.received))

    def close(self, abruptly=False):
        """Ends TCP without a NOTIFICATION, by a FIN or by a reset."""
        if not self.is_up:
            return
        if abruptly:
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            # It wakes the listener, whose call would keep the connection open.
            self._connection.shutdown(socket.SHUT_RD if abruptly else socket.SHUT_RDWR)
        self._listener.join()
        self._connection.close()

    # What comes in

    def _listen(self, connection):
        with contextlib.suppress(OSError, SessionRefused):
            while True:
                kind, body = read_message(connection)
                self.received.append((kind, body))
                if kind == KEEPALIVE and not self.is_silent:
                    with self._sending:
                        connection.sendall(message(KEEPALIVE))
                elif kind == NOTIFICATION:
                    self.notification = (body[0], body[1], body[2:])
                elif kind == UPDATE:
                    self._take(body)
        self.is_closed.set()

    def _take(self, body):
        now = time.monotonic()
        attributes = attributes_of(body)
        for _, code, value in attributes:
            family = struct.unpack_from("!HB", value) if code in (14, 15) else None
            if family in (MVPN4, MVPN6, EVPN) and len(value) > 3:
                beside = {code: (flags, value) for flags, code, value in attributes if code not in (14, 15)}
                routes = value[5 + value[3]:] if code == 14 else value[3:]
                while routes:
                    end = 2 + routes[1]
                    self.signalled.append((family, routes[:end], beside if code == 14 else None))
                    routes = routes[end:]
            elif code in (14, 15) and (value[1], value[2]) == ROUTE_TARGETS and len(value) > 3:
                self._note_wishes("announce" if code == 14 else "withdraw", value[5 + value[3]:] if code == 14 else value[3:])
            elif code == 14:
                self._note(now, "announce", value[0:3], value[5 + value[3]:])
            elif code == 15 and len(value) == 3:
                self.ends_of_rib.add(family)
            elif code == 15:
                self._note(now, "withdraw", value[0:3], value[3:])

    def _note_wishes(self, what, routes):
        position = 0
        while position < len(routes):
            wish = routes[position:position + 1 + (routes[position] + 7) // 8]
            position += len(wish)
            self.wish_events.append((what, wish))
            (self.wishes.add if what == "announce" else self.wishes.discard)(wish)

    def _note(self, now, what, family, routes):
        size = 4 if family[:2] == b"\0\1" else 16
        distinguished = 8 if family[2] == 128 else 0
        position = 0
        while position < len(routes):
            # What is withdrawn has one field in the place of labels, whatever it is (§2.4).
            entries = [routes[position + 1:position + 4]]
            while what == "announce" and not entries[-1][2] & 1:
                place = position + 1 + 3 * len(entries)
                entries.append(routes[place:place + 3])
            bits = routes[position] - 24 * len(entries) - 8 * distinguished
            start = position + 1 + 3 * len(entries) + distinguished
            octets = routes[start:start + (bits + 7) // 8]
            labels = tuple(int.from_bytes(entry, "big") >> 4 for entry in entries)
            label = labels[0]
            rd = routes[start - distinguished:start]
            prefix = str(ipaddress.ip_network((octets.ljust(size, b"\0"), bits)))
            position = start + len(octets)
            self.events.append((now, what, rd, prefix, label))
            if what == "announce":
                self.routes[rd, prefix], self.stacks[rd, prefix] = label, labels
            else:
                self.routes.pop((rd, prefix), None)
                self.stacks.pop((rd, prefix), None)

    def label_of(self, rd, prefix):
        """The label of a route that the box has announced and not withdrawn, or None."""
        return self.routes.get((distinguisher(rd), prefix))

    def stack_of(self, rd, prefix):
        """All its labels, the outermost first; None if there is no such route."""
        return self.stacks.get((distinguisher(rd), prefix))

    def label_towards(self, prefix):
        """The same of a labelled unicast prefix."""
        return self.routes.get((b"", prefix))

    def wait_notification(self, seconds=10):
        """(code, subcode) of the NOTIFICATION that the box ended the session with."""
        self.is_closed.wait(seconds)
        return self.notification and self.notification[:2]


def read_message(connection):
    """The next message as (type, body)."""
    header = _read(connection, 19)
    length, kind = struct.unpack("!HB", header[16:])
    return kind, _read(connection, length - 19)


def _read(connection, count):
    octets = b""
    while len(octets) < count:
        more = connection.recv(count - len(octets))
        if not more:
            raise SessionRefused("the connection was closed")
        octets += more
    return octets
