"""Joins the parts of a run into one JSON file, prints a table and draws the plot.

    report.py DIRECTORY RESULT.json RESULT.svg
    report.py --redraw RESULT.json RESULT.svg       of an older run: what its file has

DIRECTORY holds pipeline.json, lookup.json, update.json, policer.json and scaling.json as `bench` has written them, and
ndr.py's ndr.json.
"""
import json
import sys
from pathlib import Path
from xml.sax.saxutils import escape

import ndr

OURS, OTHERS, LIMIT = "#1f6f8b", ["#b0b7bc", "#8a9399", "#d4a017"], "#c0392b"
ROW, LEFT, WIDTH = 18, 250, 620


def bars(report):
    """Groups of (title, [(label, value, colour)], limit)."""
    groups = []
    for case in report["pipeline"]["cases"]:
        title = (f"{case['path']}, {packets_of(case)}, {case['vrfs']:,} x {case['routes']:,} routes, "
                 f"{case['next_hops']} next hops")
        groups.append((title, [
            ("Stile", case["cycles_per_packet"], OURS),
            ("C reference", case["reference_cycles_per_packet"], OTHERS[0]),
        ] + [(loop, cycles, OTHERS[1]) for loop, cycles in l3fwd(case)], case.get("limit_cycles")))
    for case in report["lookup"]["cases"]:
        title = (f"lookup {case['family']}, {case['vrfs']:,} x {case['routes']:,} routes, "
                 f"{case['next_hops']} next hops, {case['destinations']}")
        names = ["stile"] + sorted(set(case["cycles_per_lookup"]) - {"stile"})
        groups.append((title, [
            (name, case["cycles_per_lookup"][name], OURS if name == "stile" else OTHERS[place % 3])
            for place, name in enumerate(names)], None))
    for case in policers(report):
        groups.append((f"policer, {words(case['policer'])}, {case['load']}, runs of {case['run']}", [
            ("Stile", case["cycles_per_packet"], OURS),
            ("rte_meter", case["dpdk_cycles_per_packet"], OTHERS[0])], None))
    queue = report["scaling"].get("one_queue")
    if queue:
        groups.append((one_queue_title(queue), [
            (name, cycles, OURS if name == "one worker" else OTHERS[0]) for name, cycles, _ in one_queue(queue)], None))
    return groups


def words(name):
    return name.replace("_", " ")


def packets_of(case):
    """What a pipeline case forwards."""
    return {"ipv4": "IPv4", "ipv6": "IPv6"}[case["family"]] + (" behind two tags" if case["service_tag"] else "")


def l3fwd(case):
    """(loop, cycles) of DPDK's loops over the case's packets."""
    return sorted((case.get("l3fwd_cycles_per_packet") or {}).items())


def policers(report):
    return report.get("policer", {}).get("cases", [])


def one_queue_title(queue):
    ratio = f"ratio {queue['ratio']}" if queue.get("ratio") is not None else "no ratio: one worker never kept pace"
    bound = f", at most {queue['bound']}" if "bound" in queue else ""
    return (f"all packets on one queue, device included: one worker {queue['one_worker_mpps']} Mpps, "
            f"two {queue['two_workers_mpps']}, {ratio}{bound}")


def one_queue(queue):
    """(whose, cycles a packet, cycles by stage) of the worker that is alone and of the two."""
    rows = [("one worker", queue["one_worker_cycles_per_packet"], queue.get("one_worker_stages", {})),
            ("of two: receiving", queue["receiving_cycles_per_packet"], queue.get("receiving_stages", {}))]
    if "other_cycles_per_packet" in queue:
        rows.append(("of two: the other", queue["other_cycles_per_packet"], queue.get("other_stages", {})))
    return rows


def draw(report):
    groups = bars(report)
    longest = max(value for _, entries, limit in groups for value in [limit or 0] + [entry[1] for entry in entries])
    scale = WIDTH / (longest * 1.08)
    lines, y = [], 46
    for title, entries, limit in groups:
        lines.append(f'<text x="8" y="{y + 12}" font-weight="bold">{escape(title)}</text>')
        y += ROW
        top = y
        for label, value, colour in entries:
            lines.append(f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(label)}</text>')
            lines.append(f'<rect x="{LEFT}" y="{y + 2}" width="{value * scale:.1f}" height="{ROW - 5}" fill="{colour}"/>')
            lines.append(f'<text x="{LEFT + value * scale + 5:.1f}" y="{y + 12}">{value:g}</text>')
            y += ROW
        if limit:
            x = LEFT + limit * scale
            lines.append(f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{y - 1}" stroke="{LIMIT}" stroke-width="2"/>')
        y += 8
    if "ndr" in report:
        throughput, y = ndr_panel(report["ndr"], y)
        lines += throughput
    environment = report["environment"]
    subtitle = (f"{environment['cpu']}, {environment['processors']} processors, kernel {environment['kernel']}, "
                f"{environment['table_pages']} pages, commit {environment['commit']}; no NIC: frames in memory")
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 40}" height="{y + 10}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        '<text x="8" y="18" font-size="15" font-weight="bold">TSC cycles per packet and per lookup '
        '(medians; red: limit)</text>',
        f'<text x="8" y="36" fill="#555">{escape(subtitle)}</text>',
    ]
    return "\n".join(head + lines + ["</svg>"]) + "\n"


def ndr_panel(result, y):
    """The non-drop rates, on a scale of their own, as lines of SVG; and where the panel ends."""
    lines = [f'<text x="8" y="{y + 14}" font-size="15" font-weight="bold">One box between two memifs: NDR, Mpps</text>']
    y += ROW + 4
    found = [(case, (case["ndr"]["lower_bound_pps"] or 0) / 1e6) for case in result["cases"]]
    scale = WIDTH / 2 / max([rate for _, rate in found] + [0.001])
    for case, rate in found:
        label = f"{case['direction']}, {ndr.frame(case)}"
        half = case["half_load_latency"]
        words = [f"{rate:.3f}" if rate else "none found", case["ndr"]["irregularity"]]
        if half:
            words.append(f"at half of it {half['median_nanoseconds'] / 1e3:.1f} us, "
                         f"99.9 % {half['percentile999_nanoseconds'] / 1e3:.1f} us")
        words = "; ".join(word for word in words if word)
        lines.append(f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(label)}</text>')
        lines.append(f'<rect x="{LEFT}" y="{y + 2}" width="{rate * scale:.1f}" height="{ROW - 5}" fill="{OURS}"/>')
        lines.append(f'<text x="{LEFT + rate * scale + 5:.1f}" y="{y + 12}">{escape(words)}</text>')
        y += ROW
    return lines, y + 8


def table(report):
    print(f"{'path':8} {'VRFs':>6} {'routes':>9} {'hops':>9} {'of':20} {'Stile':>7} {'C':>7} {'ratio':>6} {'limit':>6} {'aim':>5}")
    for case in report["pipeline"]["cases"]:
        print(f"{case['path']:8} {case['vrfs']:6} {case['routes']:9} {case['next_hops']:9} "
              f"{packets_of(case):20} {case['cycles_per_packet']:7} {case['reference_cycles_per_packet']:7} {case['swift_to_reference']:6} "
              f"{case.get('limit_cycles') or '-':>6} {case.get('aim_cycles') or '-':>5}")
    for case in report["pipeline"]["cases"]:
        if l3fwd(case):
            loops = ", ".join(f"{loop} {cycles}" for loop, cycles in l3fwd(case))
            print(f"the same packets of {case['path']}, {case['routes']} routes, "
                  f"{case['next_hops']} next hops: {loops} (Stile {case['cycles_per_packet']})")
    print()
    for case in report["lookup"]["cases"]:
        figures = ", ".join(f"{name} {value}" for name, value in sorted(case["cycles_per_lookup"].items(), reverse=True))
        print(f"lookup {case['family']} {case['vrfs']} x {case['routes']}, {case['next_hops']} next hops, "
              f"{case['destinations']}: {figures}; {case['bytes_per_route']} octets a route")
    lookup, update, scaling = report["lookup"], report["update"], report["scaling"]
    print(f"a VRF of ten routes {lookup['ten_route_bytes']} octets, 4,096 VRFs of 1,000 "
          f"{lookup['many_tables_bytes'] >> 20} MiB")
    for kind in ("add", "delete"):
        figures = update[kind]
        print(f"{kind}: average {figures['average_nanoseconds']} ns, median {figures['median_nanoseconds']} ns, "
              f"99.9 % {figures['p999_nanoseconds']} ns, worst {figures['worst_nanoseconds']} ns")
    print(f"one worker {scaling['one_worker_mpps']} Mpps, two {scaling['two_workers_mpps']} Mpps, "
          f"ratio {scaling['ratio']}")
    print("cycles a packet by share of invalid labels: "
          + ", ".join(f"{share} {cycles}" for share, cycles in sorted(scaling["attack_cycles"].items())))
    queue = scaling.get("one_queue")
    if queue:
        print(one_queue_title(queue))
        for name, cycles, stages in one_queue(queue):
            parts = ", ".join(f"{words(stage)} {figure}" for stage, figure in sorted(stages.items()))
            print(f"  {name}: {cycles} cycles a packet{'; ' + parts if parts else ''}")
        print(f"  kept {queue['kept_share']}, lost {queue['lost_share']}, slices that count {queue['counted_share']}")
    for case in policers(report):
        print(f"policer, {words(case['policer'])}, {case['load']}, runs of {case['run']}: {case['cycles_per_packet']} "
              f"cycles a packet, rte_meter {case['dpdk_cycles_per_packet']}")
    if "policer" in report:
        policer = report["policer"]
        print(f"one bucket: one thread {policer['one_thread_cycles_per_packet']} cycles a packet, "
              f"each of two {policer['shared_bucket_cycles_per_packet']}; "
              f"rate held, worst error {policer['worst_error_percent']} %")

    if "ndr" in report:
        print(f"\n{ndr.text(report['ndr'])}")


def main(directory, result, plot):
    if directory == "--redraw":
        report = json.loads(Path(result).read_text())
    else:
        report = {"schema": "stile.bench/1"}
        for name in ("pipeline", "lookup", "update", "policer", "scaling", "ndr"):
            report[name] = json.loads((Path(directory) / f"{name}.json").read_text())
        report["environment"] = report["pipeline"]["environment"]
        Path(result).write_text(json.dumps(report, indent=2, sort_keys=True) + "\n")
    Path(plot).write_text(draw(report))
    table(report)
    print(f"\n{result}\n{plot}")


if __name__ == "__main__":
    main(*sys.argv[1:])
