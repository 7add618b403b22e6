"""The package: built, installed, run by its units under a real systemd, upgraded under traffic, removed and purged."""

import glob
import json
import os
import re
import time

import pytest
from stilelab.box import binaries
from stilelab.commands import run
from stilelab.committed_box import stream
from stilelab.installed_box import InstalledBox, NoMachine
from stilelab.two_operators import TwoOperators

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SERVICES = ("stiled.service", "stile-dataplane.service")
# Bits of capabilities(7): CAP_NET_BIND_SERVICE and CAP_NET_ADMIN.
CONTROL_CAPABILITIES = 1 << 10 | 1 << 12


@pytest.fixture(scope="module")
def packages(lab):
    """The package, whose making fails where lintian finds anything, and the same programs as a later version."""
    folder = os.path.dirname(lab.path("a", "packages", "x"))
    run(os.path.join(ROOT, "deploy", "package"), "--binaries", binaries(), folder, timeout=400)
    first, = glob.glob(os.path.join(folder, "stile_*.deb"))
    tree = lab.path("later")
    run("dpkg-deb", "--raw-extract", first, tree)
    control = os.path.join(tree, "DEBIAN", "control")
    with open(control) as file:
        text = re.sub(r"^Version: (.*)$", r"Version: \1+later", file.read(), flags=re.M)
    with open(control, "w") as file:
        file.write(text)
    later = os.path.join(folder, "later.deb")
    run("dpkg-deb", "--build", "--root-owner-group", "-Znone", tree, later)
    return first, later


@pytest.fixture(scope="module")
def lab_of_two(lab):
    try:
        return TwoOperators(lab, first_box=InstalledBox)
    except NoMachine as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def box(lab_of_two):
    return lab_of_two.boxes["a"]


@pytest.fixture(scope="module")
def installed(box, packages):
    box.install(packages[0])
    return box


@pytest.fixture(scope="module")
def running(installed):
    """With the configuration that the package has."""
    installed.start()
    return installed


@pytest.fixture(scope="module")
def operators(lab_of_two, running):
    running.text("commit", "-f", running.configuration_file, "--comment", "the first customers")
    lab_of_two.boxes["b"].start()
    for (_, side), customer in lab_of_two.customers.items():
        if side != "a":
            customer.serve()
    lab_of_two.wait_for_routes()
    return lab_of_two


def states(machine):
    return [machine.property(unit, "ActiveState") for unit in SERVICES]


def main_process(machine, unit):
    return machine.property(unit, "MainPID")


def crosses(operators):
    assert operators.customers["red", "a"].ping("10.2.0.2") == (5, 5)


def test_installing_starts_nothing_and_leaves_secrets_to_the_group(installed):
    machine = installed.machine
    assert states(machine) == ["inactive", "inactive"]
    assert [machine.property(unit, "UnitFileState") for unit in SERVICES] == ["enabled", "enabled"]
    owners = machine.run("stat", "--format", "%U:%G %a %n", "/etc/stile", "/etc/stile/stile.conf", "/run/stile").stdout
    assert owners.splitlines() == ["root:stile 750 /etc/stile", "root:stile 640 /etc/stile/stile.conf", "stile:stile 1775 /run/stile"]
    assert machine.run("man", "--where", "stile", "stiled", "stile-dataplane", "stile.conf").stdout.count("/usr/share/man/") == 4


def test_the_confinement_is_what_the_page_says(installed):
    with open(os.path.join(ROOT, "docs", "installing.md")) as file:
        told = dict(re.findall(r"^\| (\S+\.service) \| ([0-9.]+) \|$", file.read(), re.M))
    for unit in SERVICES:
        found = installed.machine.run("systemd-analyze", "security", "--offline=yes", "--no-pager",
                                      f"/lib/systemd/system/{unit}").stdout
        assert re.search(r"Overall exposure level for \S+: ([0-9.]+)", found)[1] == told[unit]


def test_an_installed_box_runs_without_a_device(running):
    assert states(running.machine) == ["active", "active"]
    assert running.json("show", "ports")["ports"] == []
    assert running.json("show", "status")["commit"] == 1


def test_the_control_process_has_two_capabilities_and_is_nobody(operators, running):
    crosses(operators)
    machine = running.machine
    process = main_process(machine, "stiled.service")
    status = dict(line.split(":\t", 1) for line in machine.run("cat", f"/proc/{process}/status").stdout.splitlines() if ":\t" in line)
    for kind in ("CapEff", "CapPrm", "CapBnd", "CapAmb"):
        assert int(status[kind], 16) == CONTROL_CAPABILITIES
    assert status["NoNewPrivs"] == "1"
    assert machine.run("stat", "--format", "%U %G", f"/proc/{process}").stdout.split() == ["stile", "stile"]
    # What it tells the kernel of its devices, though all else of /proc/sys is read-only for it.
    assert machine.run("cat", "/proc/sys/net/ipv4/conf/stile0/accept_local").stdout.strip() == "1"


def test_members_of_the_viewing_group_look_and_change_nothing(operators, running):
    machine = running.machine
    machine.run("useradd", "--groups", "stile-view", "viewer")
    machine.run("useradd", "stranger")
    machine.run("useradd", "--groups", "stile", "engineer")

    def exit_code(user, *words):
        return machine.run("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "stile", *words, check=False).returncode

    assert exit_code("viewer", "show", "labels") == 0
    assert exit_code("viewer", "rollback", "1", "force") == 6
    assert exit_code("stranger", "show", "labels") == 6
    assert exit_code("engineer", "commit", "-f", running.configuration_file) == 0


def test_the_doctor_examines_the_machine_by_the_last_commit(operators, running):
    done = running.command("--json", "doctor")
    report = json.loads(done.stdout)
    assert report["configuration"] == f"/var/lib/stile/commits/{running.json('show', 'status')['commit']}"
    # The lab's ports are in the data plane's namespace, where the kernel that it asks has not got them.
    assert ("link", "port ten1/0: the kernel has no interface nni0 here") in [
        (finding["check"], finding["message"]) for finding in report["findings"]]
    assert done.returncode == 1


@pytest.mark.parametrize("unit", SERVICES)
def test_a_process_that_hangs_is_started_anew(operators, running, unit):
    machine = running.machine
    machine.drop_in(unit, "watchdog", "[Service]\nWatchdogSec=4\n")
    machine.run("systemctl", "restart", unit, timeout=60)
    running.wait(lambda: running.json("show", "status")["generation_in_use"], "it is there")
    hung = main_process(machine, unit)
    restarts = int(machine.property(unit, "NRestarts"))
    machine.run("kill", "-STOP", hung)
    running.wait(lambda: int(machine.property(unit, "NRestarts")) > restarts, "the watchdog has found it", 40)
    running.wait(lambda: machine.property(unit, "ActiveState") == "active", "it is there again", 40)
    assert main_process(machine, unit) != hung
    operators.wait_for_routes()
    crosses(operators)
    # It is fed while all goes well.
    time.sleep(6)
    assert int(machine.property(unit, "NRestarts")) == restarts + 1


def test_an_upgrade_under_traffic_starts_the_control_process_first(operators, running, packages):
    machine = running.machine
    crosses(operators)
    labels, commit = running.json("show", "labels")["labels"], running.json("show", "status")["commit"]
    before = [main_process(machine, unit) for unit in SERVICES]
    frames = stream(operators)
    time.sleep(1)
    running.install(packages[1])
    after = [main_process(machine, unit) for unit in SERVICES]
    assert states(machine) == ["active", "active"] and not set(before) & set(after)
    control, dataplane = (int(machine.property(unit, "ExecMainStartTimestampMonotonic")) for unit in SERVICES)
    ready = int(machine.property("stiled.service", "ActiveEnterTimestampMonotonic"))
    assert control < ready <= dataplane
    running.wait(lambda: running.json("show", "status")["generation_in_use"], "the data plane forwards")
    operators.wait_for_routes()
    time.sleep(2)
    lost = [number for number, (_, has_arrived) in enumerate(frames.finish()) if not has_arrived]
    # One gap: while the data plane was started anew. Nothing for the control process.
    assert lost == list(range(lost[0], lost[-1] + 1)), lost
    assert running.json("show", "status")["commit"] == commit
    assert [entry["label"] for entry in running.json("show", "labels")["labels"]] == [entry["label"] for entry in labels]


def test_removing_leaves_commits_and_purging_takes_them(operators, running, packages):
    machine = running.machine
    commit = running.json("show", "status")["commit"]
    machine.run("dpkg", "--remove", "stile", timeout=60)
    assert machine.run("pgrep", "--exact", "stiled|stile-dataplane", check=False).stdout == ""
    assert machine.run("sh", "-c", "test -e /run/stile", check=False).returncode == 1
    assert str(commit) in machine.run("ls", "/var/lib/stile/commits").stdout.split()
    running.install(packages[1])
    running.start()
    running.wait(lambda: running.json("show", "status")["commit"] == commit, "the last commit is in force")
    operators.wait_for_routes()
    crosses(operators)
    machine.run("dpkg", "--purge", "stile", timeout=60)
    assert machine.run("sh", "-c", "ls -d /etc/stile /etc/default/stile /run/stile /var/lib/stile", check=False).stdout == ""
