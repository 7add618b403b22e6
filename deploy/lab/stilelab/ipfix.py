"""A collector of IPFIX messages (RFC 7011) that reads them by the standard alone, and nfdump's reading of the same."""

import json
import os
import socket
import struct
import threading
import time

from .commands import run, wait_until
from .lab import stop
from .namespaces import open_socket


class Malformed(Exception):
    """A message that RFC 7011 does not allow."""


class Decoder:
    """Messages of one transport session; `records` holds (template, {element: octets}), data and options alike."""

    def __init__(self):
        self.templates, self.records, self.sequence = {}, [], None

    def message(self, data):
        version, length, _, sequence, _ = struct.unpack("!HHIII", data[:16])
        if version != 10 or length != len(data):
            raise Malformed(f"version {version}, length {length} of {len(data)}")
        if self.sequence is not None and sequence != self.sequence:
            raise Malformed(f"sequence number {sequence}, expected {self.sequence}")
        before, place = len(self.records), 16
        while place < length:
            set_id, set_length = struct.unpack("!HH", data[place:place + 4])
            if set_length < 4 or place + set_length > length:
                raise Malformed(f"a set of {set_length} octets")
            body = data[place + 4:place + set_length]
            if set_id in (2, 3):
                self._templates(body, 6 if set_id == 3 else 4)
            elif set_id in self.templates:
                self._data(set_id, body)
            else:
                raise Malformed(f"a set {set_id} without a template")
            place += set_length
        self.sequence = (sequence + len(self.records) - before) % (1 << 32)

    def _templates(self, body, header):
        while len(body) >= header:
            template, count = struct.unpack("!HH", body[:4])
            fields = [struct.unpack("!HH", body[header + 4 * i:header + 4 * i + 4]) for i in range(count)]
            if template < 256 or any(element & 0x8000 for element, _ in fields):
                raise Malformed(f"template {template}: {fields}")
            self.templates[template] = fields
            body = body[header + 4 * count:]
        if body:
            raise Malformed("octets behind the last template")

    def _data(self, template, body):
        while body:
            record = {}
            for element, size in self.templates[template]:
                if size == 0xFFFF:
                    size, body = body[0], body[1:]
                if len(body) < size:
                    raise Malformed(f"a record of template {template} ends too early")
                record[element], body = body[:size], body[size:]
            self.records.append((template, record))


class Collector:
    """Takes messages over UDP and TCP at one port of a namespace and keeps them."""

    def __init__(self, lab, namespace, port=4739):
        self.lab, self.namespace = lab, namespace
        self.messages, self.decoders, self.errors = [], [], []
        self._lock = threading.Lock()
        self._udp = open_socket(namespace.name, socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("0.0.0.0", port))
        self._tcp = open_socket(namespace.name, socket.AF_INET, socket.SOCK_STREAM)
        self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._tcp.bind(("0.0.0.0", port))
        self._tcp.listen(4)
        self.connections = []
        threading.Thread(target=self._datagrams, daemon=True).start()
        threading.Thread(target=self._accept, daemon=True).start()

    def _keep(self, decoder, message):
        with self._lock:
            self.messages.append(message)
            try:
                decoder.message(message)
            except (Malformed, struct.error, IndexError) as error:
                self.errors.append(f"{error}: {message.hex()}")

    def _new_decoder(self):
        decoder = Decoder()
        with self._lock:
            self.decoders.append(decoder)
        return decoder

    def _datagrams(self):
        sessions = {}
        while True:
            message, sender = self._udp.recvfrom(65536)
            if sender not in sessions:
                sessions[sender] = self._new_decoder()
            self._keep(sessions[sender], message)

    def _accept(self):
        while True:
            connection, _ = self._tcp.accept()
            self.connections.append(connection)
            threading.Thread(target=self._stream, args=(connection,), daemon=True).start()

    def _stream(self, connection):
        decoder, data = self._new_decoder(), b""
        while True:
            try:
                octets = connection.recv(65536)
            except OSError:
                return
            if not octets:
                return
            data += octets
            while len(data) >= 4 and len(data) >= (length := struct.unpack("!H", data[2:4])[0]) >= 16:
                self._keep(decoder, data[:length])
                data = data[length:]

    def records(self):
        """All records as {element: number}; texts and addresses of IPv6 stay octets."""
        with self._lock:
            return [{element: int.from_bytes(octets, "big") if element not in (27, 28, 82, 236) else octets
                     for element, octets in record.items()}
                    for decoder in self.decoders for _, record in decoder.records]

    def nfdump(self):
        """The flow records that nfcapd and nfdump read out of the same messages."""
        directory = os.path.dirname(self.lab.path(f"nfdump-{time.monotonic_ns()}", "x"))
        # One interval must hold all that is sent, or a file is finished in between; nfdump reads all files.
        process = self.lab.start(self.namespace, ["nfcapd", "-w", directory, "-b", "127.0.0.1", "-p", "9995",
                                                  "-B", str(8 << 20)], "nfcapd.log")
        try:
            wait_until(lambda: "127.0.0.1:9995" in self.namespace.run("ss", "-Hlun").stdout, "nfcapd listens", 10)
            sender = open_socket(self.namespace.name, socket.AF_INET, socket.SOCK_DGRAM)
            with self._lock:
                messages = list(self.messages)
            for message in messages:
                sender.sendto(message, ("127.0.0.1", 9995))
            sender.close()
            time.sleep(1)
        finally:
            stop(process)
        # Without its brackets this is no JSON array, and with them it is one in some versions only.
        text = run("nfdump", "-q", "-R", directory, "-o", "json").stdout.strip().lstrip("[").rstrip("]")
        records, reader = [], json.JSONDecoder()
        while text := text.lstrip(" \t\n,"):
            record, end = reader.raw_decode(text)
            records.append(record)
            text = text[end:]
        return records
