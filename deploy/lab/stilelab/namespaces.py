"""Network namespaces, veth pairs and raw sockets in them."""

import contextlib
import ctypes
import os
import socket
import struct
import threading

from .commands import run

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000
_SOL_PACKET = 263
_PACKET_AUXDATA = 8
_PACKET_IGNORE_OUTGOING = 23
_ETH_P_ALL = 0x0003
_TP_STATUS_VLAN_VALID = 0x10
_TP_STATUS_VLAN_TPID_VALID = 0x40
_namespace_lock = threading.Lock()


class Namespace:
    """A network namespace that lives as long as the lab."""

    def __init__(self, name):
        self.name = name
        run("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *words):
        run("ip", "-n", self.name, *words)

    def command(self, *words):
        """The words of a command that runs in this namespace."""
        return ["ip", "netns", "exec", self.name, *[str(word) for word in words]]

    def run(self, *words, **options):
        return run(*self.command(*words), **options)

    def packet_socket(self, interface):
        return PacketSocket(self.name, interface)


def join(first, first_interface, second, second_interface, mtu=1500):
    """A link between two namespaces: a veth pair without offloads, up on both sides."""
    first.ip("link", "add", first_interface, "mtu", mtu, "type", "veth",
             "peer", "name", second_interface, "mtu", mtu, "netns", second.name)
    for namespace, interface in ((first, first_interface), (second, second_interface)):
        # A user-space forwarder reads the frames as they are: checksums must be complete, segments real.
        namespace.run("ethtool", "-K", interface, "tx", "off", "rx", "off", "gso", "off", "tso", "off", "gro", "off",
                      "txvlan", "off", "rxvlan", "off", check=False)
        namespace.ip("link", "set", interface, "up")


def switched(lab, ports, port, addresses):
    """A bridge with a box's port and, for each name of `addresses`, a namespace whose eth0 has that address; {name: namespace}."""
    bridge = lab.namespace("core")
    bridge.ip("link", "add", "core", "type", "bridge")
    bridge.ip("link", "set", "core", "up")
    join(bridge, "box", ports, port)
    bridge.ip("link", "set", "box", "master", "core")
    spaces = {}
    for name, address in addresses.items():
        spaces[name] = lab.namespace(name)
        join(spaces[name], "eth0", bridge, name)
        bridge.ip("link", "set", name, "master", "core")
        spaces[name].ip("address", "add", f"{address}/24", "dev", "eth0")
    return spaces


def address_of(namespace, interface):
    """The Ethernet address of an interface."""
    path = f"/sys/class/net/{interface}/address"
    return namespace.run("cat", path).stdout.strip()


class PacketSocket:
    """Whole Ethernet frames in and out of one interface of a namespace."""

    def __init__(self, namespace_name, interface):
        self._socket = open_socket(namespace_name, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        self._socket.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
        self._socket.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self._socket.bind((interface, 0))

    def send(self, frame):
        self._socket.send(bytes(frame))

    def receive(self, seconds):
        """The next frame with its VLAN tag put back (the kernel takes it off), or None."""
        self._socket.settimeout(max(seconds, 0.001))
        try:
            data, ancillary, _, _ = self._socket.recvmsg(65536, 256)
        except (socket.timeout, BlockingIOError):
            return None
        for level, kind, value in ancillary:
            if level == _SOL_PACKET and kind == _PACKET_AUXDATA:
                status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", value[:20])
                if status & _TP_STATUS_VLAN_VALID:
                    tpid = tpid if status & _TP_STATUS_VLAN_TPID_VALID else 0x8100
                    data = data[:12] + struct.pack("!HH", tpid, tci) + data[12:]
        return data

    def drain(self):
        while self.receive(0.001) is not None:
            pass

    def fileno(self):
        return self._socket.fileno()

    def close(self):
        self._socket.close()


def open_socket(namespace_name, *arguments):
    """A socket that belongs to a namespace, whichever thread uses it."""
    with inside(namespace_name):
        return socket.socket(*arguments)


@contextlib.contextmanager
def inside(namespace_name):
    """What this thread opens meanwhile belongs to the namespace."""
    with _namespace_lock:
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        target = os.open(f"/run/netns/{namespace_name}", os.O_RDONLY)
        try:
            _enter(target)
            yield
        finally:
            _enter(home)
            os.close(home)
            os.close(target)


def _enter(descriptor):
    if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
