"""The devices on the host that a routing engine speaks on outlive stiled, and the next one brings them to its configuration."""

import json
import os

import pytest
from stilelab.box import Box
from stilelab.commands import wait_until
from stilelab.namespaces import join

CONFIGURATION = """\
hostname box
fpm port 2620
port ten1/3
 device net_af_packet_p3,iface=p3
interface loopback0
 ip address 10.0.0.1/32
interface ten1/3
 encap mpls core
 host-device core0
 ip address 10.98.0.2/24
 ipv6 address 2001:db8:98::2/64
ip route 10.0.7.0/24 10.98.0.7
ipv6 route 2001:db8:7::/48 2001:db8:98::7
router bgp 42
"""


class Host:
    def __init__(self, lab):
        self.box = Box(lab, "host", CONFIGURATION)
        join(lab.namespace("host-wire"), "eth0", self.box.ports, "p3")
        self.box.start()
        self.wait_until_started()
        self.box.wait(lambda: self.device("core0"), "the device is made")

    def wait_until_started(self):
        self.box.wait(lambda: self.box.text("show", "status"), "stiled answers")

    def restart(self, configuration):
        self.box.kill_control()
        self.box.write_configuration(configuration)
        meanwhile = self.device("core0")
        self.box.start_control()
        self.wait_until_started()
        return meanwhile

    def device(self, name):
        """What the kernel says of a device; None: it has none of that name."""
        done = self.box.namespace.run("ip", "-j", "address", "show", "dev", name, check=False)
        return json.loads(done.stdout)[0] if done.returncode == 0 else None

    def addresses(self, name):
        return {f"{entry['local']}/{entry['prefixlen']}" for entry in self.device(name)["addr_info"]
                if entry["scope"] == "global"}

    def routes(self, name):
        found = []
        for family in ("-4", "-6"):
            done = self.box.namespace.run("ip", family, "-j", "route", "show", "dev", name, "proto", "static")
            found += [entry["dst"] for entry in json.loads(done.stdout)]
        return set(found)


@pytest.fixture(scope="module")
def host(lab):
    return Host(lab)


def test_a_restart_is_a_link_that_goes_and_comes(host):
    before = host.device("core0"), host.device("stile0")
    meanwhile = host.restart(CONFIGURATION)
    after = host.device("core0"), host.device("stile0")
    assert meanwhile["ifindex"] == before[0]["ifindex"] and "LOWER_UP" not in meanwhile["flags"]
    assert [device["ifindex"] for device in after] == [device["ifindex"] for device in before]
    assert "LOWER_UP" in after[0]["flags"] and after[0]["address"] == before[0]["address"]
    assert host.addresses("core0") == {"10.98.0.2/24", "2001:db8:98::2/64"}
    assert host.routes("stile0") == {"10.0.7.0/24", "2001:db8:7::/48"}


def test_what_has_changed_meanwhile_is_brought_to_the_device(host):
    index = host.device("core0")["ifindex"]
    changed = CONFIGURATION.replace("10.98.0.2/24", "10.98.0.3/24").replace("2001:db8:98::2", "2001:db8:98::3")
    host.restart(changed.replace("10.0.7.0/24", "10.0.8.0/24").replace("db8:7::", "db8:8::"))
    assert host.addresses("core0") == {"10.98.0.3/24", "2001:db8:98::3/64"}
    assert host.routes("stile0") == {"10.0.8.0/24", "2001:db8:8::/48"}
    assert host.device("core0")["ifindex"] == index
    host.restart(CONFIGURATION)
    assert host.addresses("core0") == {"10.98.0.2/24", "2001:db8:98::2/64"}


def test_a_device_that_is_configured_no_more_is_removed(host):
    without = CONFIGURATION.replace(" host-device core0\n", "")
    meanwhile = host.restart(without)
    assert meanwhile is not None and host.device("core0") is None
    assert host.addresses("stile0") >= {"10.98.0.2/24", "10.0.0.1/32"}
    host.box.replace(CONFIGURATION)
    wait_until(lambda: host.device("core0"), "the device is made")
    host.box.replace(CONFIGURATION.replace("core0", "core1"))
    wait_until(lambda: host.device("core1") and not host.device("core0"), "another one takes its place")
    # Nothing outlives stiled where no engine has a part.
    host.box.replace(without)
    host.box.kill_control()
    assert host.device("core1") is None and host.device("stile0") is None
    host.box.start_control()
    host.wait_until_started()


def test_a_device_whose_name_cannot_be_saved_ends_with_stiled(host):
    in_the_way = os.path.join(host.box.state_directory, "host-devices.new")
    os.mkdir(in_the_way)
    host.box.replace(CONFIGURATION.replace("core0", "core2"))
    wait_until(lambda: host.device("core2"), "the device is made")
    host.box.replace(CONFIGURATION.replace(" host-device core0\n", ""))
    assert host.device("core2") is None
    host.box.replace(CONFIGURATION.replace("core0", "core2"))
    wait_until(lambda: host.device("core2"), "the device is made again")
    host.box.kill_control()
    assert host.device("core2") is None
    os.rmdir(in_the_way)
    host.box.start_control()
    host.wait_until_started()
    wait_until(lambda: host.device("core2"), "the device is made by the next stiled")
