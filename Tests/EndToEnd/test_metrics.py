"""What a Prometheus server reads of a box: the whole of it is right by promtool's word, counts what was sent, and answers the
queries of the dashboard in deploy/dashboards.

      ten1/1   circuit of VRF red, with an access list and a policer     a customer, pinged and refused
      ten1/0   NNI                                                       far end: 10.99.0.1, AS 65001
      prometheus (Debian's) in the box's own namespace scrapes 127.0.0.1:9477
"""

import json
import os
import re
import subprocess
import time
import urllib.parse

import pytest
from stilelab.bgp_peer import BGPPeer
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.customer import Customer
from stilelab.lab import stop
from stilelab.namespaces import join

BOX, FAR, FAR_AS = "10.99.0.2", "10.99.0.1", 65001
MANAGEMENT = "10.255.0.1"
DASHBOARD = os.path.join(os.path.dirname(__file__), "..", "..", "deploy", "dashboards", "stile.json")
# A sample of the text format: its name, its labels, its value.
SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


def configuration(*lines):
    return "\n".join([
        "hostname asbr42", *lines,
        "port ten1/0", " device net_af_packet_nni0,iface=nni0", " mtu 1600",
        "port ten1/1", " device net_af_packet_cust1,iface=cust1",
        "flow exporter collector", f" destination {MANAGEMENT}",
        "flow monitor customers", " exporter collector",
        "ip vrf red", " rd 42:1", " route-target both 42:1", " optE", " flow monitor customers",
        "ip access-list extended web", " 10 deny udp any any eq 9", " 20 permit ip any any",
        "policy-map limit", " class class-default", "  police cir 100000000 bc 125000",
        "interface ten1/0", " encap mpls optE", f" ip address {BOX}/30",
        "interface ten1/1", " description the customer's \"first\" line", " vrf definition red",
        " ip address 10.1.0.1/24", " ip access-group web in", " service-policy input limit",
        "router bgp 42", f" neighbor {FAR} remote-as {FAR_AS}", f" neighbor {FAR} description far end",
        f" neighbor {FAR} maximum-prefix 100",
        " address-family vpnv4", f"  neighbor {FAR} optE",
        " address-family ipv4 vrf red", "  redistribute connected"]) + "\n"


class Metrics:
    """A scrape, by name and labels."""

    def __init__(self, text):
        self.text = text
        self.samples = {}
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            name, labels, value = SAMPLE.match(line).groups()
            key = (name, frozenset(LABEL.findall(labels or "")))
            assert key not in self.samples, f"twice: {line}"
            self.samples[key] = float(value)

    def value(self, name, **labels):
        """The only sample of these labels, whatever others it has."""
        found = [value for (other, have), value in self.samples.items() if other == name and have >= set(labels.items())]
        assert len(found) == 1, f"{name} {labels}: {found}"
        return found[0]

    @property
    def names(self):
        return {name for name, _ in self.samples}


class Net:
    def __init__(self, lab):
        self.lab = lab
        self.box = Box(lab, "box", configuration())
        self.box.namespace.ip("address", "add", f"{MANAGEMENT}/32", "dev", "lo")
        self.far = lab.namespace("far")
        join(self.far, "eth0", self.box.ports, "nni0", 1600)
        self.far.ip("address", "add", f"{FAR}/30", "dev", "eth0")
        self.peer = BGPPeer(self.far, FAR, BOX, FAR_AS, graceful_restart=60)
        self.customer = Customer(lab, "red", self.box.ports, "cust1", "10.1.0.2", "fd00:1::2")
        self.box.start()
        self.peer.bring_up()
        self.box.wait(lambda: self.customer.ping("10.1.0.1", count=1) == (1, 1), "the gateway answers")
        self.prometheus = self.start_prometheus()

    def start_prometheus(self):
        path = self.lab.path("prometheus", "prometheus.yml")
        with open(path, "w") as file:
            file.write("global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: stile\n"
                       "  static_configs:\n  - targets: ['127.0.0.1:9477']\n")
        return self.lab.start(self.box.namespace, [
            "prometheus", f"--config.file={path}", f"--storage.tsdb.path={self.lab.path('prometheus', 'data')}",
            "--web.listen-address=127.0.0.1:9090"], "prometheus/log")

    def get(self, url):
        return self.box.namespace.run("curl", "-sS", "--max-time", "20", url).stdout

    def scrape(self, address="127.0.0.1", port=9477):
        return Metrics(self.get(f"http://{address}:{port}/metrics"))

    def query(self, expression):
        """What the Prometheus server answers to an expression."""
        answer = json.loads(self.get("http://127.0.0.1:9090/api/v1/query?query=" + urllib.parse.quote(expression)))
        assert answer["status"] == "success", answer
        return answer["data"]["result"]

    def is_refused(self, address, port=9477):
        done = self.box.namespace.run("curl", "-sS", "--max-time", "5", f"http://{address}:{port}/metrics", check=False)
        return done.returncode == 7

    def stop(self):
        self.peer.close()
        for process in (self.prometheus, self.box.control, self.box.dataplane):
            stop(process)


@pytest.fixture(scope="module")
def net(lab):
    net = Net(lab)
    yield net
    net.stop()


def test_promtool_finds_nothing_wrong(net):
    """promtool's lint wants names, units, types and help texts as Prometheus' conventions have them."""
    text = net.scrape().text
    done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_what_was_sent_is_counted(net):
    before = net.scrape()
    assert net.customer.ping("10.1.0.1", count=7)[1] == 7
    with_udp = net.customer.namespace.run(
        "python3", "-c", "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
        "[s.sendto(b'x', ('10.1.0.1', 9)) for _ in range(5)]", check=False)
    assert with_udp.returncode == 0, with_udp.stderr
    entry = {"access_list": "web", "family": "ipv4", "sequence": "10"}
    after = wait_until(
        lambda: (now := net.scrape()).value("stile_access_list_packets_total", **entry)
        - before.value("stile_access_list_packets_total", **entry) == 5 and now, "five packets of UDP", 10, 0.5)

    def growth(name, **labels):
        return after.value(name, **labels) - before.value(name, **labels)

    assert growth("stile_access_list_packets_total", access_list="web", sequence="20") >= 7
    assert growth("stile_interface_receive_packets_total", interface="ten1/1", vrf="red") >= 12
    # 98 octets each: Ethernet, IPv4, ICMP with 56 octets of data.
    assert growth("stile_interface_receive_bytes_total", interface="ten1/1", vrf="red") >= 7 * 98
    assert growth("stile_policy_packets_total", interface="ten1/1", colour="green", policy_map="limit") >= 7
    denied = {"reason": "access_list_denied", "class": "policy"}
    assert growth("stile_dropped_packets_total", **denied) == 5
    assert (after.value("stile_interface_dropped_packets_total", interface="ten1/1", vrf="red", **denied)
            == net.box.drops()["ten1/1", denied["reason"]])
    assert growth("stile_worker_packets_total", worker="0") >= 12


def test_names_and_numbers_are_those_of_show(net):
    metrics = net.scrape()
    for interface in net.box.json("show", "interfaces")["interfaces"]:
        assert metrics.value("stile_interface_info", interface=interface["name"], number=str(interface["number"])) == 1
    assert metrics.value("stile_interface_info", interface="ten1/1", description="the customer's \\\"first\\\" line") == 1
    for vrf in net.box.json("show", "vrf")["vrfs"]:
        assert metrics.value("stile_vrf_info", vrf=vrf["name"], number=str(vrf["number"])) == 1
        assert metrics.value("stile_vrf_routes", vrf=vrf["name"], family="ipv4") == vrf["ipv4_routes"]
    neighbor = net.box.json("show", "bgp", "summary")["neighbors"][0]
    assert metrics.value("stile_bgp_session_up", neighbor=FAR) == (neighbor["state"] == "established") == 1
    assert metrics.value("stile_bgp_maximum_prefixes", neighbor=FAR, family="vpnv4") == 100
    assert metrics.value("stile_process_up", process="stile-dataplane") == 1


def expressions():
    """Each query of the dashboard, as Grafana sends it."""
    with open(DASHBOARD) as file:
        dashboard = json.load(file)
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"].replace("$__rate_interval", "1m")
            yield panel["title"], expression.replace("$instance", "127.0.0.1:9477").replace("$job", "stile")


def test_the_dashboard_asks_for_what_there_is(net):
    """Every metric that it names is there, and every label that it matches, groups or shows; and each query is answered, by
    some sample unless it looks only for what is wrong."""
    wait_until(lambda: net.query("count_over_time(stile_build_info[1m]) >= 5"), "five scrapes", 30, 1)
    # One burst in 64 is clocked.
    net.customer.namespace.run("ping", "-q", "-c", "1500", "-i", "0.002", "10.1.0.1")
    wait_until(lambda: net.query("sum(rate(stile_worker_stage_packets_total[1m])) > 0"), "a burst that was clocked", 10, 0.5)
    metrics = net.scrape()
    labels = {}
    for name, have in metrics.samples:
        labels.setdefault(name, set()).update(label for label, _ in have)
    for title, expression in expressions():
        named = re.findall(r"\b(?:stile|process)_[a-z_]+", expression)
        assert named, expression
        for name in named:
            assert name in labels, f"{title}: {name} is not there"
        known = set.union(*(labels[name] for name in named)) | {"instance", "job"}
        wanted = set(re.findall(r'\b([a-z_]+)\s*(?:=~|!=|=)\s*"', expression))
        for group in re.findall(r"\b(?:by|on|group_left)\s*\(([^)]*)\)", expression):
            wanted |= {label.strip() for label in group.split(",")}
        assert wanted <= known, f"{title}: {wanted - known}"
        result = net.query(expression)
        assert result or title in ("Alarms", "Security: by reason"), f"{title}: nothing answers {expression}"


def test_the_legends_are_labels(net):
    """What a legend names is a label of the result."""
    with open(DASHBOARD) as file:
        panels = json.load(file)["panels"]
    legends = {target["expr"]: re.findall(r"{{(\w+)}}", target["legendFormat"])
               for panel in panels for target in panel.get("targets", [])}
    for expression, names in legends.items():
        asked = expression.replace("$__rate_interval", "1m").replace("$instance", "127.0.0.1:9477").replace("$job", "stile")
        found = {label for sample in net.query(asked) for label in sample["metric"]}
        # A neighbor outside all VRFs has no VRF, and what is empty is not there.
        optional = {"vrf"} if "stile_bgp" in expression else set()
        assert set(names) - optional <= found or ("> 0" in expression and not found), f"{expression}: {set(names) - found}"


def test_silent_clients_keep_nobody_out(net):
    """More connections than there are places, that say nothing, again and again: every scrape is answered."""
    script = ("import socket, time\n"
              "end = time.monotonic() + 12\n"
              "held = []\n"
              "while time.monotonic() < end:\n"
              "    s = socket.socket(); s.settimeout(5); s.connect(('127.0.0.1', 9477)); held.append(s)\n"
              "    held = held[-60:]\n"
              "    time.sleep(0.02)\n")
    clients = net.lab.start(net.box.namespace, ["python3", "-c", script], "clients.log")
    try:
        time.sleep(1)
        for _ in range(5):
            assert net.scrape().value("stile_process_up", process="stiled") == 1
            time.sleep(1)
        assert net.query("min_over_time(up[5s])")[0]["value"][1] == "1"
    finally:
        stop(clients)


def test_what_the_box_has_dropped_stays_when_an_interface_goes(net):
    denied = {"reason": "access_list_denied", "class": "policy"}
    before = net.scrape().value("stile_dropped_packets_total", **denied)
    assert before >= 5
    lines = configuration().splitlines()
    first = lines.index("interface ten1/1")
    net.box.replace("\n".join(lines[:first] + lines[first + 6:]) + "\n")
    assert "ten1/1" not in {entry["name"] for entry in net.box.json("show", "interfaces")["interfaces"]}
    assert net.scrape().value("stile_dropped_packets_total", **denied) == before
    net.box.replace(configuration())
    assert net.scrape().value("stile_dropped_packets_total", **denied) == before


def test_a_line_exposes_them_elsewhere_and_another_turns_them_off(net):
    net.box.replace(configuration(f"metrics listen {MANAGEMENT} port 9500"))
    net.box.wait(lambda: net.is_refused("127.0.0.1"), "nothing listens on localhost", 10)
    assert net.scrape(MANAGEMENT, 9500).value("stile_process_up", process="stiled") == 1
    net.box.replace(configuration("metrics off"))
    net.box.wait(lambda: net.is_refused(MANAGEMENT, 9500), "nothing listens", 10)
    net.box.replace(configuration())
    net.box.wait(lambda: not net.is_refused("127.0.0.1"), "localhost again", 10)


def test_a_port_that_another_has_is_taken_when_it_is_free(net):
    net.box.replace(configuration("metrics off"))
    net.box.wait(lambda: net.is_refused("127.0.0.1"), "nothing listens", 10)
    script = ("import socket, time; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);"
              "s.bind(('127.0.0.1', 9477)); s.listen(); time.sleep(300)")
    other = net.lab.start(net.box.namespace, ["python3", "-c", script], "other.log")
    net.box.wait(lambda: not net.is_refused("127.0.0.1"), "the other listens", 10)
    length = len(net.lab.log("box/stiled.log"))
    net.box.replace(configuration())
    net.box.wait(lambda: "metrics cannot be served" in net.lab.log("box/stiled.log")[length:], "it is said", 10)
    time.sleep(3)
    assert net.lab.log("box/stiled.log")[length:].count("metrics cannot be served; it is tried again") == 1
    assert [alarm["kind"] for alarm in net.box.json("show", "status")["alarms"]] == ["metrics_not_served"]
    stop(other)
    net.box.wait(lambda: "stile_build_info" in net.get("http://127.0.0.1:9477/metrics") or None, "served again", 15)
