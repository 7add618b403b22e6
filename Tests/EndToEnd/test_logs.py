"""What a collector of syslog (Debian's rsyslog) and `show log` have of what happens: sessions with their reasons, commits with
their users, and that a collector that is away costs no line that had room to wait.

      ten1/0   NNI        far end: 10.99.0.1, AS 65001
      rsyslogd in the box's namespace takes UDP on 10.255.0.1:1514 and TCP on 10.255.0.1:1515
"""

import json
import os
import time

import pytest
from stilelab.bgp_peer import BGPPeer
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.lab import stop
from stilelab.namespaces import join

BOX, FAR, FAR_AS = "10.99.0.2", "10.99.0.1", 65001
COLLECTOR = "10.255.0.1"
UDP, TCP = 1514, 1515


def configuration(*lines):
    return "\n".join([
        "hostname asbr42", *lines,
        f"logging host {COLLECTOR} port {UDP}", f"logging host {COLLECTOR} port {TCP} transport tcp",
        "port ten1/0", " device net_af_packet_nni0,iface=nni0", " mtu 1600",
        "ip vrf red", " rd 42:1", " route-target both 42:1", " optE",
        "interface ten1/0", " encap mpls optE", f" ip address {BOX}/30",
        "router bgp 42", f" neighbor {FAR} remote-as {FAR_AS}",
        " address-family vpnv4", f"  neighbor {FAR} optE"]) + "\n"


class Net:
    def __init__(self, lab):
        self.lab = lab
        self.box = Box(lab, "box", configuration())
        self.box.namespace.ip("address", "add", f"{COLLECTOR}/32", "dev", "lo")
        self.far = lab.namespace("far")
        join(self.far, "eth0", self.box.ports, "nni0", 1600)
        self.far.ip("address", "add", f"{FAR}/30", "dev", "eth0")
        self.collector = self.start_collector()
        self.box.start()
        self.peer = BGPPeer(self.far, FAR, BOX, FAR_AS)
        self.peer.bring_up()

    def start_collector(self):
        """rsyslog, which writes what it has parsed of each message as a JSON document."""
        path = self.lab.path("rsyslog", "rsyslog.conf")
        properties = {"from": "inputname", "host": "hostname", "program": "programname", "process": "procid",
                      "severity": "syslogseverity-text", "facility": "syslogfacility-text", "text": "msg",
                      "protocol": "protocol-version", "fields": "structured-data", "time": "timereported"}
        members = "\n".join(
            f' constant(value="{"{" if number == 0 else ","}\\"{name}\\":\\"")'
            f' property(name="{source}" format="json"{" dateFormat=" + chr(34) + "rfc3339" + chr(34) if name == "time" else ""})'
            ' constant(value="\\"")'
            for number, (name, source) in enumerate(properties.items()))
        with open(path, "w") as file:
            file.write(f'global(workDirectory="{os.path.dirname(path)}")\n'
                       'module(load="imudp")\nmodule(load="imtcp")\n'
                       f'input(type="imudp" address="{COLLECTOR}" port="{UDP}" name="udp")\n'
                       f'input(type="imtcp" address="{COLLECTOR}" port="{TCP}" name="tcp")\n'
                       f'template(name="parsed" type="list") {{\n{members}\n constant(value="}}\\n")\n}}\n'
                       f'action(type="omfile" file="{self.received}" template="parsed")\n')
        return self.lab.start(self.box.namespace, [
            "rsyslogd", "-n", "-f", path, "-i", self.lab.path("rsyslog", "pid")], "rsyslog/log")

    @property
    def received(self):
        return self.lab.path("rsyslog", "received")

    def messages(self):
        if not os.path.exists(self.received):
            return []
        with open(self.received) as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def find(self, text, source=None):
        return [message for message in self.messages()
                if text in message["text"] and source in (None, message["from"])]

    def wait_for(self, text, seconds=20):
        """Both collectors have a line."""
        try:
            wait_until(lambda: self.find(text, "udp") and self.find(text, "tcp"), text, seconds, 0.2)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.messages()[-10:]}\n{self.lab.log('rsyslog/log')}\n{self.box.log_ends()}") from None
        return self.find(text, "udp")[-1], self.find(text, "tcp")[-1]

    def shown(self, *words):
        return self.box.json("show", "log", *words)["lines"]

    def stop(self):
        self.peer.close()
        for process in (self.box.control, self.box.dataplane, self.collector):
            stop(process)


@pytest.fixture(scope="module")
def net(lab):
    net = Net(lab)
    yield net
    net.stop()


def test_a_collector_reads_every_part_of_a_line(net):
    for message in net.wait_for("BGP session up"):
        assert message["host"] == "asbr42" and message["program"] == "stiled" and message["protocol"] == "1"
        assert (message["facility"], message["severity"]) == ("daemon", "info")
        assert int(message["process"]) > 1
        assert f'neighbor="{FAR}"' in message["fields"] and message["fields"].startswith("[stile@32473 ")
        assert abs(time.time() - _seconds(message["time"])) < 120


def _seconds(text):
    from datetime import datetime
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def test_a_session_that_ends_says_why(net):
    """A NOTIFICATION with a reason (RFC 9003), as the far end's operator wrote it."""
    net.peer.close()
    for message in net.wait_for("BGP session down"):
        assert message["severity"] == "warning"
        assert f'neighbor="{FAR}"' in message["fields"] and 'reason="' in message["fields"]
    line = next(line for line in net.shown("severity", "warning") if line["message"] == "BGP session down")
    fields = {field["name"]: field["value"] for field in line["fields"]}
    assert fields["neighbor"] == FAR and fields["reason"]
    net.peer = BGPPeer(net.far, FAR, BOX, FAR_AS)
    net.peer.bring_up()


def test_a_commit_says_who(net):
    net.box.replace(configuration("ip vrf blue", " rd 42:2"))
    for message in net.wait_for("commit ("):
        assert message["severity"] == "notice" and 'user="root"' in message["fields"]


def test_show_log_has_what_was_sent(net):
    sent = {message["text"].lstrip().split(" (")[0] for message in net.messages()}
    shown = {line["message"] for line in net.shown()}
    assert {"BGP session up", "BGP session down", "commit"} <= sent & shown
    assert len(net.shown("last", "2")) == 2
    assert all(line["severity"] in ("warning", "error", "critical") for line in net.shown("severity", "warning"))
    text = net.box.text("show", "log", "last", "1")
    assert text.count("\n") == 1
    assert net.box.command("show", "log", "severity", "loud").returncode == 2


def test_a_collector_that_was_away_gets_what_waited(net):
    """Over TCP: one line says that it is away, and what is logged meanwhile comes when it is back."""
    stop(net.collector)
    net.box.wait(lambda: any("cannot be reached" in line["message"] for line in net.shown()), "the loss is noticed", 15)
    net.box.replace(configuration("ip vrf green", " rd 42:3"))
    length = len(net.messages())
    time.sleep(8)
    net.collector = net.start_collector()
    wait_until(lambda: any("commit (" in message["text"] and message["from"] == "tcp" for message in net.messages()[length:]),
               "the commit comes late", 20, 0.2)
    wait_until(lambda: net.find("is reached again", "tcp"), "its return is said", 10, 0.2)
    away = [line for line in net.shown() if "cannot be reached" in line["message"]]
    assert len(away) == 1, away


def test_without_the_line_nothing_is_sent(net):
    text = "\n".join(line for line in configuration().splitlines() if not line.startswith("logging")) + "\n"
    net.box.replace(text)
    time.sleep(1)
    length = len(net.messages())
    net.box.replace(text.replace("hostname asbr42", "hostname asbr43"))
    time.sleep(2)
    assert len(net.messages()) == length
    net.box.replace(configuration())
