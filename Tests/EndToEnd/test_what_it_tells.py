"""What the box says when something is not as it should be, and that it goes on: signals, clients that only hold their
connections, a full disk, leftovers of another version, tables that are too large, sessions that cannot come up.

      customer ── box (AS 42) ten1/0 ── far end: 10.99.0.1, AS 65001
"""

import contextlib
import os
import signal
import socket
import struct
import subprocess
import time

import pytest
from stilelab.bgp_peer import BGPPeer, SessionRefused
from stilelab.box import Box, binaries
from stilelab.commands import run, wait_until
from stilelab.customer import Customer
from stilelab.lab import stop
from stilelab.namespaces import join

BOX, FAR, FAR_AS = "10.99.0.2", "10.99.0.1", 65001
# Of stile_segment_header: the magic number has eight octets, the layout version follows.
LAYOUT_VERSION_OFFSET = 8


def configuration(neighbor=(), tables=None):
    """`neighbor` are further lines of the far end."""
    return "\n".join([
        "hostname asbr42", *(["dataplane", f" memory tables {tables}"] if tables else []),
        "port ten1/0", " device net_af_packet_nni0,iface=nni0", " mtu 1600",
        "port ten1/1", " device net_af_packet_cust1,iface=cust1",
        "ip vrf red", " rd 42:1", " route-target both 42:1", " optE",
        "interface ten1/0", " encap mpls optE", f" ip address {BOX}/30",
        "interface ten1/1", " vrf definition red", " ip address 10.1.0.1/24",
        "router bgp 42", f" neighbor {FAR} remote-as {FAR_AS}", f" neighbor {FAR} timers 30 90",
        *[f" neighbor {FAR} {line}" for line in neighbor],
        " address-family vpnv4", f"  neighbor {FAR} optE",
        " address-family ipv4 vrf red", "  redistribute connected"]) + "\n"


class Net:
    def __init__(self, lab):
        self.lab = lab
        self.box = Box(lab, "box", configuration())
        self.far = lab.namespace("far")
        join(self.far, "eth0", self.box.ports, "nni0", 1600)
        self.far.ip("address", "add", f"{FAR}/30", "dev", "eth0")
        self.peer = self.new_peer()
        self.customer = Customer(lab, "red", self.box.ports, "cust1", "10.1.0.2", "fd00:1::2")
        self.box.start()
        self.wait_until_all_is_well()

    def new_peer(self, number=FAR_AS):
        return BGPPeer(self.far, FAR, BOX, number, graceful_restart=60)

    def apply(self, *arguments, **options):
        self.box.write_configuration(configuration(*arguments, **options))
        return self.box.json("config", "replace", self.box.configuration_file)

    def neighbor(self):
        return self.box.json("show", "bgp", "neighbors", FAR)["neighbors"][0]

    def wait_until_all_is_well(self):
        try:
            self.peer.bring_up()
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.box.log_ends()}") from None
        self.box.wait(lambda: self.customer.ping("10.1.0.1", count=1) == (1, 1), "the gateway answers")
        self.box.wait(lambda: self.neighbor()["summary"]["state"] == "established", "the session")

    def said_since(self, length):
        return self.lab.log("box/stiled.log")[length:]

    def stop(self):
        self.peer.close()
        for process in (self.box.control, self.box.dataplane):
            stop(process, signal.SIGKILL)


@pytest.fixture(scope="module")
def net(lab):
    return Net(lab)


def processes_of(process, name):
    """The lab's process is `ip netns exec`, which becomes the program."""
    assert os.path.basename(os.readlink(f"/proc/{process.pid}/exe")) == name
    return process.pid


def test_a_terminal_that_closes_ends_nothing(net):
    sessions = net.neighbor()["summary"]["sessions_established"]
    for process, name in ((net.box.control, "stiled"), (net.box.dataplane, "stile-dataplane")):
        for _ in range(3):
            os.kill(processes_of(process, name), signal.SIGHUP)
    assert net.customer.ping("10.1.0.1", count=20) == (20, 20)
    net.peer.barrier()
    assert net.box.control.poll() is None and net.box.dataplane.poll() is None
    assert net.neighbor()["summary"]["sessions_established"] == sessions


def test_clients_that_hold_their_connections_do_not_shut_the_operator_out(net):
    with contextlib.ExitStack() as held:
        for number in range(200):
            client = held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            client.connect(net.box.socket)
            if number % 2:
                client.send(b'{"jsonrpc":"2.0","id":1,"meth')
        for _ in range(5):
            assert net.box.json("show", "status")["control_process"]["is_alive"]


def test_a_change_that_cannot_be_written_is_refused_until_there_is_room(net):
    """The state directory's disk is full."""
    state = net.box.state_directory
    net.stop()
    kept = {name: open(os.path.join(state, name), "rb").read() for name in os.listdir(state)
            if os.path.isfile(os.path.join(state, name))}
    run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", state)
    try:
        for name, octets in kept.items():
            with open(os.path.join(state, name), "wb") as file:
                file.write(octets)
        net.box.start()
        net.wait_until_all_is_well()
        obstacle = os.path.join(state, "obstacle")
        with contextlib.suppress(OSError), open(obstacle, "wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        before = net.box.text("show", "running-config")
        net.box.write_configuration(configuration(["description full"]))
        refused = net.box.command("config", "replace", net.box.configuration_file)
        assert refused.returncode == 1 and "the commit cannot be written" in refused.stderr, refused
        assert net.box.text("show", "running-config") == before
        os.remove(obstacle)
        answer = net.apply(["description roomy"])
        assert answer["problems"] == []
        with open(os.path.join(state, "commits", str(answer["commit"]))) as file:
            assert "description roomy" in file.read()
    finally:
        net.stop()
        run("umount", "-l", state)
    net.box.write_configuration(configuration())
    net.box.start()
    net.wait_until_all_is_well()


@pytest.mark.parametrize("damage", ["another layout version", "cut short"])
def test_what_another_version_left_behind_is_replaced_with_a_line(net, damage):
    net.stop()
    length = len(net.lab.log("box/stiled.log"))
    for name in ("control", "dataplane"):
        with open(os.path.join(net.box.runtime_directory, name), "r+b") as file:
            if damage == "cut short":
                file.truncate(20)
            else:
                file.seek(LAYOUT_VERSION_OFFSET)
                file.write(struct.pack("<I", 99))
    net.box.start()
    net.wait_until_all_is_well()
    said = net.said_since(length)
    assert "what an earlier stiled left in the runtime directory was replaced" in said
    assert damage == "cut short" or "layout version 99" in said


def test_tables_that_are_too_large_are_refused_in_words(net, tmp_path):
    path = tmp_path / "large.conf"
    path.write_text(configuration(tables=32768))
    checked = net.box.command("config", "check", str(path))
    assert checked.returncode == 3 and "large.conf:3:" in checked.stderr and "4096" in checked.stderr, checked
    net.stop()
    small = str(tmp_path / "run")
    os.mkdir(small)
    run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", small)
    words = words_of(path, small, tmp_path / "state")
    try:
        done = subprocess.run(net.box.namespace.command(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=30)
        assert done.returncode in (1, 3) and "large.conf:3:" in done.stdout and "Fatal error" not in done.stdout, done
        # What the language accepts starts also where there is less: memory is taken when it is needed.
        path.write_text(configuration(tables=4096))
        process = net.lab.start(net.box.namespace, words, "small.log")
        wait_until(lambda: process.poll() is not None or stile(small, "show", "status").returncode == 0, "it answers")
        assert process.poll() is None, net.lab.log("small.log")
        stop(process)
        assert process.returncode == 0
    finally:
        run("umount", "-l", small)
    net.box.start()
    net.wait_until_all_is_well()


def stile(runtime_directory, *words):
    return run(os.path.join(binaries(), "stile"), "--socket", os.path.join(runtime_directory, "stile.sock"), *words,
               check=False)


def words_of(configuration_file, runtime_directory, state_directory):
    return [os.path.join(binaries(), "stiled"), "--configuration", configuration_file, "--runtime-directory",
            runtime_directory, "--state-directory", state_directory]


@pytest.mark.parametrize("lines, number, expected", [
    ([], 65099, ["65099", "65001"]),
    (["password secret"], FAR_AS, ["without a TCP-MD5 signature"]),
    (["ttl-security hops 1"], FAR_AS, ["TTL below 255"]),
], ids=["another AS", "a password on one side", "a far sender"])
def test_why_a_session_does_not_come_up_is_named(net, lines, number, expected):
    """In `show bgp neighbors` and in the log, whatever was said of the session before."""
    net.peer.close()
    net.apply(lines)
    net.box.wait(lambda: net.neighbor()["summary"]["state"] != "established", "the session is down")
    length = len(net.lab.log("box/stiled.log"))
    stranger = net.new_peer(number)

    def is_named():
        with contextlib.suppress(TimeoutError, SessionRefused, OSError):
            attempt(stranger)
        said = net.neighbor().get("last_error") or ""
        return all(word in said for word in expected)
    net.box.wait(is_named, f"the neighbor's last error says {expected}", 60)
    net.box.wait(lambda: all(word in net.said_since(length) for word in expected), "the log says it, too")
    neighbor = net.neighbor()
    assert neighbor["last_error_at"] >= neighbor.get("last_down_at", "")
    assert "last error" in net.box.text("show", "bgp", "neighbors", FAR)
    net.apply()
    net.wait_until_all_is_well()
    assert net.neighbor()["summary"]["state"] == "established"


def attempt(peer):
    """One attempt to open a session, which does not have to last."""
    connection = peer.dial(2)
    try:
        connection.sendall(peer.opening())
        time.sleep(0.5)
    finally:
        connection.close()
