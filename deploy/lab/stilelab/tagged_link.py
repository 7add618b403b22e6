"""A VLAN on a link, for kernels without 802.1Q."""

import contextlib
import fcntl
import os
import select
import struct
import threading

from .namespaces import inside

_TUNSETIFF = 0x400454CA
_IFF_TAP, _IFF_NO_PI = 0x0002, 0x1000
_TPID = 0x8100


class TaggedLink:
    """A TAP device in one namespace whose frames are those of a VLAN on an interface of another.

    It lasts as long as the process: its thread is a daemon, and the device goes with its descriptor.
    """

    def __init__(self, namespace, interface, carrier, carrier_interface, vlan, mtu=1500):
        with inside(namespace.name):
            self._device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(self._device, _TUNSETIFF, struct.pack("16sH22x", interface.encode(), _IFF_TAP | _IFF_NO_PI))
        namespace.ip("link", "set", interface, "mtu", mtu, "up")
        self._tag = struct.pack("!HH", _TPID, vlan)
        self._vlan = vlan
        self._carrier = carrier.packet_socket(carrier_interface)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        # The carrier goes down when its lab is removed.
        with contextlib.suppress(OSError):
            while True:
                self._carry()

    def _carry(self):
        ready, _, _ = select.select([self._device, self._carrier], [], [])
        if self._device in ready:
            frame = os.read(self._device, 65536)
            self._carrier.send(frame[:12] + self._tag + frame[12:])
        if self._carrier in ready and (frame := self._carrier.receive(0.001)) is not None:
            tpid, tci = struct.unpack("!HH", frame[12:16])
            if tpid == _TPID and tci & 0xFFF == self._vlan:
                os.write(self._device, frame[:12] + frame[16:])
