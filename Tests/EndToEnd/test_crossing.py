"""Two boxes, one link, three customers with the same addresses: what crosses, what does not, what operators see."""

import json
import re
import time

import pytest
from stilelab.two_operators import CUSTOMERS


@pytest.mark.parametrize("name", CUSTOMERS)
def test_each_customer_reaches_its_own_far_side_only(operators, name):
    near, far = operators.customers[name, "a"], operators.customers[name, "b"]
    for address in (far.ipv4, far.ipv6):
        assert near.ping(address) == (5, 5)
        assert near.identity_of(address) == far.name


def test_large_packets_cross_whole(operators):
    near, far = operators.customers["blue", "a"], operators.customers["blue", "b"]
    assert near.ping(far.ipv4, size=1472) == (5, 5)
    assert near.ping(far.ipv6, size=1452) == (5, 5)


def test_gateways_answer_the_customer(operators):
    near = operators.customers["green", "a"]
    assert near.ping("10.1.0.1") == (5, 5)
    assert near.ping("fd00:1::1") == (5, 5)


def test_traceroute_shows_both_boxes(operators):
    near, far = operators.customers["red", "a"], operators.customers["red", "b"]
    hops = near.namespace.run("traceroute", "-n", "-q", "1", "-w", "2", "-N", "1", far.ipv4).stdout.splitlines()[1:]
    assert [hop.split()[1] for hop in hops] == ["10.1.0.1", "10.2.0.1", far.ipv4]
    hops = near.namespace.run("traceroute", "-6", "-n", "-q", "1", "-w", "2", "-N", "1", far.ipv6).stdout.splitlines()[1:]
    assert [hop.split()[1] for hop in hops] == ["fd00:1::1", "fd00:2::1", far.ipv6]


def test_one_label_per_vrf_valid_where_it_was_advertised(operators):
    labels = operators.boxes["a"].json("show", "labels")["labels"]
    by_nni = {}
    for entry in labels:
        by_nni.setdefault(entry["nni"], {})[entry["vrf"]] = entry["label"]
    assert set(by_nni["ten1/0"]) == set(CUSTOMERS)
    # Green is eligible there, too, but nobody has been told a label.
    assert "ten1/9" not in by_nni
    assert len(set(by_nni["ten1/0"].values())) == 3


def test_explain_says_what_the_pipeline_does(operators):
    box = operators.boxes["a"]
    label = next(entry["label"] for entry in box.json("show", "labels")["labels"]
                 if entry["vrf"] == "red" and entry["nni"] == "ten1/0")
    words = ["explain", "packet", "in", "ten1/0", "label", str(label), "src", "10.2.0.2", "dst", "10.1.0.2"]
    assert box.command(*words).returncode == 0
    refused = box.command("--json", *[str(label + 100) if word == str(label) else word for word in words])
    assert refused.returncode == 9
    assert "label_not_valid_here" in refused.stdout
    elsewhere = box.command("--json", *["ten1/9" if word == "ten1/0" else word for word in words])
    assert elsewhere.returncode == 9
    assert "label_not_valid_here" in elsewhere.stdout


@pytest.mark.parametrize("words", [
    ["show", "interfaces"], ["show", "vrfs"], ["show", "labels"], ["show", "bgp", "summary"],
    ["show", "bgp", "neighbors"], ["show", "bgp", "vpnv4"], ["show", "bgp", "vpnv6"], ["show", "routes"],
    ["show", "neighbors"], ["show", "drops"], ["show", "ports"], ["show", "pipeline"], ["show", "isolation"],
    ["show", "status"], ["show", "running-config"],
])
def test_every_show_command_prints_text_and_one_json_document(operators, words):
    box = operators.boxes["a"]
    assert box.text(*words).strip()
    document = json.loads(box.command("--json", *words).stdout)
    assert document["schema"].startswith("stile.")


def test_isolation_is_computed_from_the_installed_tables(operators):
    report = operators.boxes["a"].json("show", "isolation")
    assert "violations" in report and report["violations"] == []


def test_a_replaced_configuration_disturbs_nobody_else(operators):
    """Green's circuit gets another address while red's and blue's packets flow: not one of theirs is lost."""
    box = operators.boxes["a"]
    with open(box.configuration_file) as file:
        text = file.read()
    changed = lab_file(box, "changed.conf", text.replace(
        " vrf definition green\n ip address 10.1.0.1/24", " vrf definition green\n ip address 10.1.0.254/24"))
    flows = {name: Flow(operators, name) for name in ("red", "blue")}
    time.sleep(1)
    difference = box.command("config", "diff", changed)
    assert difference.returncode == 8
    assert [line for line in difference.stdout.splitlines() if "interface" in line] and "+  ip address 10.1.0.254/24" in difference.stdout
    box.text("config", "replace", changed)
    time.sleep(1)
    for name, flow in flows.items():
        sent, received = flow.finish()
        assert (sent, received) == (1500, 1500), name
    assert "10.1.0.254" in box.text("show", "interfaces")
    assert box.command("config", "diff", changed).returncode == 0
    box.text("config", "replace", box.configuration_file)
    assert operators.customers["green", "a"].ping("10.2.0.2") == (5, 5)


def test_a_wrong_configuration_is_refused_whole(operators):
    box = operators.boxes["a"]
    before = box.text("show", "running-config")
    with open(box.configuration_file) as file:
        broken = lab_file(box, "broken.conf", file.read() + "ip vrf purple\n rd 42:9\n route-target both 42:9\niint ten1/7\n")
    refused = box.command("config", "replace", broken)
    assert refused.returncode == 3
    assert "broken.conf" in refused.stderr + refused.stdout and "iint" in refused.stderr + refused.stdout
    assert "nothing was applied" in refused.stderr + refused.stdout
    assert box.text("show", "running-config") == before


def test_a_line_outside_of_blocks_is_a_difference(operators):
    box = operators.boxes["a"]
    with open(box.configuration_file) as file:
        longer = lab_file(box, "longer.conf", file.read() + "ip route vrf red 192.0.2.0/24 Null0\n")
    difference = box.command("config", "diff", longer)
    assert (difference.returncode, difference.stdout) == (8, "+ ip route vrf red 192.0.2.0/24 Null0\n")
    assert box.text("config", "replace", longer).startswith("+ ip route vrf red 192.0.2.0/24 Null0\napplied at ")
    assert box.text("config", "replace", box.configuration_file).startswith("- ip route vrf red 192.0.2.0/24 Null0\n")


def lab_file(box, name, text):
    path = box.lab.path(box.name, name)
    with open(path, "w") as file:
        file.write(text)
    return path


class Flow:
    """A ping in the background, about 500 packets a second; it waits for the last reply, so that all are counted."""

    def __init__(self, operators, name):
        near, far = operators.customers[name, "a"], operators.customers[name, "b"]
        self.log = f"flow-{name}.log"
        self.lab = operators.lab
        self.process = self.lab.start(near.namespace, ["ping", "-n", "-q", "-i", "0.002", "-c", "1500", "-W", "2", far.ipv4], self.log)

    def finish(self):
        self.process.wait(30)
        match = re.search(r"(\d+) packets transmitted, (\d+) received", self.lab.log(self.log))
        return int(match[1]), int(match[2])
