#!/usr/bin/python3
"""NDR, PDR and latency of one Stile box between two memifs, by stile-traffic; Bench/README.md says what they mean.

    ndr.py [--quick] [--realtime] [--json]

The table goes to the terminal, or the result as JSON to standard output; progress goes to standard error.
"""
import argparse
import datetime
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "deploy" / "lab"))

from stilelab.box import binaries
from stilelab.commands import CommandFailed
from stilelab.lab import Lab
from stilelab.memif_box import CUSTOMERS, ROUTES_PER_CUSTOMER, MemifBox
from stilelab.table import table

# Frames of 64 octets, and the simple IMIX: 64, 594 and 1,518 octets as 7 : 4 : 1.
MEAN_OCTETS = {"64": 64, "imix": (7 * 64 + 4 * 594 + 1518) / 12}
DIRECTIONS = ("nni-to-circuit", "circuit-to-nni")
CASES = [(direction, sizes) for sizes in MEAN_OCTETS for direction in DIRECTIONS]
# By direction, where the box counts what comes in and what goes out.
COUNTERS = {"nni-to-circuit": ("unit rx", "attachment_circuit tx"),
            "circuit-to-nni": ("attachment_circuit rx", "unit tx")}
# A next hop that did not answer while nobody was on the memif is asked again every three seconds.
WARM_UP = ["--warm-up", "5"]
CHECK = ["--frame-size", "imix", "--rate", "2kpps", "--duration", "2", "--drain", "2"]
# Trials are short: with as many polling threads as processors something else runs now and then, and spoils the trials
# that it meets. Half of those at a load may be spoilt (the exceed ratio). Four cases of at most 45 seconds each.
SEARCH = {"--trial-duration": "0.1", "--duration-sum": "1", "--initial-trial-duration": "0.05", "--width": "2",
          "--max-trials": "120", "--drain": "0.1", "--latency-duration": "5"}
QUICK = {"--trial-duration": "0.1", "--duration-sum": "0.1", "--initial-trial-duration": "0.05", "--width": "20",
         "--max-trials": "30", "--drain": "0.1", "--latency-duration": "1"}
GENERATOR_LIMITED = 8
# Real-time priorities: who polls does so without end, and what serves it has to come in between.
POLLING, SERVING = 1, 2
LAB = "ndr"


class Failed(Exception):
    """The measurement cannot go on."""


def put_first(box):
    """Lets the box's threads run before those of other programs, which keep a twentieth of each processor."""
    for process in (box.dataplane, box.control):
        for task in Path(f"/proc/{process.pid}/task").iterdir():
            priority = POLLING if (task / "comm").read_text().startswith("stile-worker") else SERVING
            os.sched_setscheduler(int(task.name), os.SCHED_FIFO, os.sched_param(priority))


def generate(box, command, directions, *options, realtime=False):
    """Runs stile-traffic on the box's memifs and returns its report; the progress goes where ours goes."""
    words = ["chrt", "--fifo", str(POLLING)] if realtime else []
    words += [os.path.join(binaries(), "stile-traffic"), command, "--from-socket", box.socket, "--json", *WARM_UP]
    words += [word for direction in directions for word in ("--direction", direction)]
    done = subprocess.run([*words, *options], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    if done.returncode not in (0, GENERATOR_LIMITED):
        raise Failed(f"stile-traffic {command} ended with exit code {done.returncode}")
    return json.loads(done.stdout)


def require_every_customer(trial, directions):
    if len(trial["streams"]) != CUSTOMERS * len(directions):
        raise Failed(f"streams of some customers are missing: {[stream['name'] for stream in trial['streams']]}")


def check(box):
    """Slow traffic of all sizes both ways, which must arrive whole and be counted by the box on its way in and out."""
    say("check: slow traffic both ways")
    before = box.packets()
    trial = generate(box, "run", DIRECTIONS, *CHECK)["trials"][0]
    after = box.packets()
    require_every_customer(trial, DIRECTIONS)
    result = {key: trial[key] for key in ("offered_packets", "received_packets", "lost_packets")}
    result["box_counters"] = {name: after[name] - before[name] for name in after}
    offered = {direction: sum(stream["offered_packets"] for stream in trial["streams"]
                              if stream["name"].startswith("ten1/0 ") == (direction == "nni-to-circuit"))
               for direction in DIRECTIONS}
    if trial["lost_packets"] or not all(offered.values()):
        raise Failed(f"slow traffic does not pass: {result}; drops: {box.json('show', 'drops')['drops']}")
    for direction, counters in COUNTERS.items():
        if any(result["box_counters"][name] < offered[direction] for name in counters):
            raise Failed(f"the box has not counted {offered[direction]} packets {direction}: {result}")
    return result


def worker_seconds(box):
    """How long the data plane's worker has had a processor, and how long it has waited for one."""
    for task in Path(f"/proc/{box.dataplane.pid}/task").iterdir():
        if (task / "comm").read_text().startswith("stile-worker"):
            ran, waited = (task / "schedstat").read_text().split()[:2]
            return int(ran) / 1e9, int(waited) / 1e9
    raise Failed("the data plane has no worker")


def goal(report, number):
    """NDR (0) or PDR (1) as the search found it."""
    found = report["search"][number]
    return {"lower_bound_pps": found.get("relevant_lower_bound_packets_per_second"),
            "upper_bound_pps": found.get("relevant_upper_bound_packets_per_second"),
            "loss_ratio": found["goal"]["loss_ratio"], "irregularity": found.get("irregularity")}


def latency(report):
    trial = report.get("half_load")
    if trial is None or "latency" not in trial:
        return None
    return {"load_pps": trial["input"]["load_packets_per_second"], "loss_ratio": trial["loss_ratio"],
            "generator_limited": trial["is_generator_limited"], **trial["latency"]}


def measure(box, direction, sizes, search, realtime):
    say(f"{direction}, frames of {sizes} octets")
    ran, waited = worker_seconds(box)
    report = generate(box, "ndr", [direction], "--frame-size", sizes,
                      *[word for option in search.items() for word in option], realtime=realtime)
    require_every_customer(report["trials"][0], [direction])
    ran, waited = (after - before for after, before in zip(worker_seconds(box), (ran, waited)))
    return {
        "direction": direction, "frame_octets": sizes, "mean_frame_octets": MEAN_OCTETS[sizes],
        "ndr": goal(report, 0), "pdr": goal(report, 1), "half_load_latency": latency(report),
        "verdict": report["verdict"], "notes": report["notes"],
        # The share of the time in which the worker wanted a processor and had none: other programs', not the box's.
        "worker_waited_share": round(waited / max(ran + waited, 1e-9), 4),
        "trials": [{"load_pps": trial["input"].get("load_packets_per_second"), "seconds": trial["transmit_seconds"],
                    "loss_ratio": trial["loss_ratio"], "generator_limited": trial["is_generator_limited"]}
                   for trial in report["trials"]],
    }, report["environment"]


def environment(of_generator, load_average):
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "cpu": of_generator["processor_model"], "processors": of_generator["logical_processors"],
        "tsc_hz": of_generator["cycles_per_second"], "kernel": of_generator["kernel"],
        "dpdk": of_generator["dpdk_version"], "frames_in_hugepages": of_generator["frames_in_hugepages"],
        "compiler": os.environ.get("STILE_BENCH_COMPILER", "unknown"),
        "commit": os.environ.get("STILE_BENCH_COMMIT", "unknown"), "load_average": load_average,
        "command": os.environ.get("STILE_BENCH_COMMAND", " ".join(sys.argv)),
        "network_interface": "none: memif, the shared memory of two processes",
    }


def frame(case):
    return "IMIX" if case["frame_octets"] == "imix" else f"{case['frame_octets']} octets"


def rows(result):
    """The table's lines."""
    def number(value, scale, decimals):
        return ("-" if value is None else f"{value / scale:.{decimals}f}").rjust(8)
    for case in result["cases"]:
        ndr, pdr, half = case["ndr"], case["pdr"], case["half_load_latency"] or {}
        remarks = [f"{name} {found['irregularity']}" for name, found in (("NDR", ndr), ("PDR", pdr))
                   if found["irregularity"]]
        remarks += ["latency generator_limited"] if half.get("generator_limited") else []
        bits = ndr["lower_bound_pps"] and ndr["lower_bound_pps"] * case["mean_frame_octets"] * 8
        yield (case["direction"], frame(case),
               number(ndr["lower_bound_pps"], 1e6, 3), number(pdr["lower_bound_pps"], 1e6, 3), number(bits, 1e9, 2),
               number(half.get("load_pps"), 1e6, 3), number(half.get("median_nanoseconds"), 1e3, 1),
               number(half.get("percentile999_nanoseconds"), 1e3, 1), f"{case['worker_waited_share']:6.1%}",
               ", ".join(remarks))


def text(result):
    facts = result["environment"]
    priority = ", real-time priority" if result["realtime"] else ""
    return "\n".join([
        table(("direction", "frame", "NDR Mpps", "PDR Mpps", "  Gbit/s", "half NDR", "median us", "99.9% us", "waited",
               "remark"), list(rows(result))),
        "",
        f"One box, one worker, {CUSTOMERS} VRFs of {ROUTES_PER_CUSTOMER} routes on either side; no NIC: memif to the "
        "generator.",
        f"Two polling threads on {facts['processors']} processors ({facts['cpu']}), load average before: "
        f"{facts['load_average']}{priority}; waited: the worker, for a processor.",
    ])


def say(words):
    print(f"== {words}", file=sys.stderr, flush=True)


def run(search, realtime):
    load_average = round(os.getloadavg()[0], 2)
    Lab.remove_leftovers(LAB)
    try:
        with Lab(LAB) as lab:
            say("one box between two memifs, a BGP speaker beside it")
            box = MemifBox(lab, "box")
            box.start()
            checked = check(box)
            if realtime:
                put_first(box)
            cases, of_generator = [], None
            for direction, sizes in CASES:
                case, of_generator = measure(box, direction, sizes, search, realtime)
                cases.append(case)
    finally:
        # An interruption can come between the making of a namespace and the lab's note of it.
        Lab.remove_leftovers(LAB)
    return {"schema": "stile.bench.ndr/1", "environment": environment(of_generator, load_average),
            "boxes": 1, "workers": 1, "polling_threads": 2, "vrfs": CUSTOMERS, "routes_each_way": ROUTES_PER_CUSTOMER,
            "realtime": realtime, "search": search, "check": checked, "cases": cases}


def main():
    parser = argparse.ArgumentParser(prog="Bench/run ndr", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short trials and few: for a look, not for a report")
    parser.add_argument("--realtime", action="store_true",
                        help="real-time priority, at other programs' cost: for a machine that is not quiet")
    parser.add_argument("--json", action="store_true", help="the result as JSON instead of a table")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("Bench/run ndr makes network namespaces and a TUN device: run it as root.", file=sys.stderr)
        return 2
    # As Ctrl-C does, so that the lab is removed either way.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        result = run(QUICK if arguments.quick else SEARCH, arguments.realtime)
    except KeyboardInterrupt:
        return 130
    except (Failed, CommandFailed, TimeoutError) as error:
        print(f"Bench/run ndr: {error}", file=sys.stderr)
        return 1
    print(json.dumps(result, indent=2, sort_keys=True) if arguments.json else text(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
