"""`Bench/run ndr` in its short form: slow traffic passes whole and is counted, results are whole, nothing is left."""

import glob
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from stilelab.box import binaries
from stilelab.commands import run, wait_until

BENCH = Path(__file__).resolve().parents[2] / "Bench"
DIRECTIONS = ("nni-to-circuit", "circuit-to-nni")
ENVIRONMENT = {
    "date": str, "cpu": str, "processors": int, "tsc_hz": int, "kernel": str, "compiler": str, "commit": str,
    "dpdk": str, "frames_in_hugepages": bool, "load_average": (int, float), "command": str, "network_interface": str,
}
IRREGULARITIES = {None, "maximum_load", "generator_limited", "minimum_load", "unfinished"}


def start(*options):
    return subprocess.Popen([BENCH / "run", "ndr", "--quick", *options], env={**os.environ, "STILE_BIN": binaries()},
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            start_new_session=True)


def leftovers():
    """Namespaces and directories of the benchmark's lab."""
    namespaces = [entry["name"] for entry in json.loads(run("ip", "-j", "netns", "list").stdout or "[]")]
    return [name for name in namespaces if name.startswith("ndr-")] + glob.glob("/dev/shm/stilelab-ndr-*")


@pytest.fixture(scope="module")
def result():
    process = start("--json")
    output, progress = process.communicate(timeout=300)
    assert process.returncode == 0, progress[-4000:]
    assert "check: slow traffic" in progress
    return json.loads(output)


def test_slow_traffic_passes_whole_and_the_box_counts_it(result):
    check = result["check"]
    assert check["lost_packets"] == 0
    assert check["received_packets"] == check["offered_packets"] > 0
    counters = check["box_counters"]
    for received, sent in (("unit rx", "attachment_circuit tx"), ("attachment_circuit rx", "unit tx")):
        assert counters[received] > 0
        assert counters[sent] > 0
    assert counters["unit rx"] + counters["attachment_circuit rx"] >= check["offered_packets"]
    assert counters["unit tx"] + counters["attachment_circuit tx"] >= check["received_packets"]


def test_the_result_says_what_was_measured_and_on_what(result):
    assert result["schema"] == "stile.bench.ndr/1"
    environment = result["environment"]
    assert set(environment) == set(ENVIRONMENT)
    assert [key for key, kind in ENVIRONMENT.items() if not isinstance(environment[key], kind)] == []
    assert (result["boxes"], result["workers"], result["polling_threads"], result["realtime"]) == (1, 1, 2, False)
    assert [case["direction"] for case in result["cases"]] == [*DIRECTIONS, *DIRECTIONS]
    assert len({case["frame_octets"] for case in result["cases"]}) == 2


@pytest.mark.parametrize("number", range(4))
def test_a_case_has_its_bounds_its_trials_and_its_latency(result, number):
    case = result["cases"][number]
    assert case["trials"]
    assert case["verdict"] in ("done", "generator_limited")
    for trial in case["trials"]:
        assert set(trial) == {"load_pps", "seconds", "loss_ratio", "generator_limited"}
        assert 0 <= trial["loss_ratio"] <= 1
    for name, loss_ratio in (("ndr", 0), ("pdr", 0.005)):
        goal = case[name]
        assert goal["loss_ratio"] == loss_ratio
        assert goal["irregularity"] in IRREGULARITIES
        assert goal["irregularity"] or goal["lower_bound_pps"] < goal["upper_bound_pps"]
    bound, latency = case["ndr"]["lower_bound_pps"], case["half_load_latency"]
    assert (latency is None) == (bound is None)
    if latency is not None:
        assert latency["load_pps"] == bound / 2
        assert latency["samples"] > 0
        order = [latency[f"{name}_nanoseconds"]
                 for name in ("minimum", "median", "percentile99", "percentile999", "maximum")]
        assert order == sorted(order)


def test_nothing_is_left_behind(result):
    assert result["cases"]
    assert leftovers() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_behind(number):
    process = start()
    try:
        wait_until(leftovers, "the lab's first namespace", 60)
        os.killpg(process.pid, number)
        process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    assert process.returncode not in (0, None)
    assert leftovers() == []
