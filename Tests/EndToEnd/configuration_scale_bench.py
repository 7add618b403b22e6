"""What a large configuration costs the control process, without a data plane:
`STILE_BIN=… python3 Tests/EndToEnd/configuration_scale_bench.py --vrfs 4000 --nnis 4 --routes 200000`.

The longest answer beside a step is the longest time that `show status`, asked without a pause by another client, has
waited while the step was carried out: how long the event loop, and with it BGP, was held.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time


def configuration(vrfs, nnis, routes=0, description="first"):
    """`vrfs` VRFs, each with a circuit and with a unit on each of `nnis` NNIs; the static routes are spread over them."""
    lines = ["hostname scale", f"mpls label range 16 {max(1000, 16 + 2 * vrfs * nnis)}", "!"]
    for nni in range(nnis):
        lines += [f"port ten1/{nni}", f" device net_null{nni}", f" mac-address 02:00:00:00:00:0{nni:x}", " mtu 1600"]
    circuits = (vrfs + 3999) // 4000
    for port in range(circuits):
        lines += [f"port ten2/{port}", f" device net_null{nnis + port}", f" mac-address 02:00:00:00:01:0{port:x}"]
    for vrf in range(1, vrfs + 1):
        lines += [f"ip vrf v{vrf}", f" rd 42:{vrf}", f" route-target both 42:{vrf}"]
    for nni in range(nnis):
        lines += [f"interface ten1/{nni}", " encap mpls optE", f" ip address 10.99.{nni}.1/30"]
        for vrf in range(1, vrfs + 1):
            lines += [f"interface ten1/{nni}.{vrf}", f" vrf definition v{vrf}"]
    for vrf in range(1, vrfs + 1):
        lines += [f"interface ten2/{(vrf - 1) // 4000}.{vrf}", f" encapsulation dot1q {(vrf - 1) % 4000 + 1}",
                  f" vrf definition v{vrf}", " ip address 10.1.0.1/24"]
        if vrf == 1:
            lines.append(f" description {description}")
    lines.append("router bgp 42")
    for nni in range(nnis):
        lines += [f" neighbor 10.99.{nni}.2 remote-as 65001", " address-family vpnv4",
                  f"  neighbor 10.99.{nni}.2 optE"]
    for vrf in range(1, vrfs + 1):
        lines += [f" address-family ipv4 vrf v{vrf}", "  redistribute connected"]
    for route in range(routes):
        number = 0x14000000 + (route // vrfs << 8)
        prefix = socket.inet_ntoa(number.to_bytes(4, "big"))
        lines.append(f"ip route vrf v{route % vrfs + 1} {prefix}/24 null0")
    return "\n".join(lines) + "\n"


class ControlProcess:
    def __init__(self, binaries, directory, text):
        self.directory = directory
        self.socket_path = os.path.join(directory, "stile.sock")
        path = os.path.join(directory, "stile.conf")
        with open(path, "w") as file:
            file.write(text)
        self.log = open(os.path.join(directory, "log"), "w")
        self.process = subprocess.Popen(
            [os.path.join(binaries, "stiled"), "--configuration", path, "--runtime-directory", directory,
             "--state-directory", os.path.join(directory, "state"), "--no-tun", "--bgp-port", "11790",
             "--bgp-listen", "127.0.0.1"], stderr=self.log)

    def ask(self, method, parameters=None):
        """The answer as octets: reading JSON would be this program's time."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(600)
            connection.connect(self.socket_path)
            request = {"jsonrpc": "2.0", "id": 1, "method": method}
            if parameters is not None:
                request["params"] = parameters
            connection.sendall(json.dumps(request).encode() + b"\n")
            chunks = []
            while not chunks or not chunks[-1].endswith(b"\n"):
                chunk = connection.recv(1 << 20)
                if not chunk:
                    raise ConnectionError("stiled has closed the connection")
                chunks.append(chunk)
            return b"".join(chunks)

    def wait_for_start(self):
        while True:
            if self.process.poll() is not None:
                raise ChildProcessError(open(self.log.name).read()[-2000:])
            with contextlib.suppress(OSError):
                return self.ask("show.status")
            time.sleep(0.02)

    def stop(self):
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(600)
        return time.monotonic() - begin


class Watcher(threading.Thread):
    """Asks all the time, and keeps the longest that an answer took."""

    def __init__(self, control):
        super().__init__(daemon=True)
        self.control, self.slowest, self.is_done = control, 0.0, False

    def run(self):
        while not self.is_done:
            begin = time.monotonic()
            self.control.ask("show.status")
            self.slowest = max(self.slowest, time.monotonic() - begin)
            time.sleep(0.002)

    def __enter__(self):
        self.start()
        time.sleep(0.05)
        return self

    def __exit__(self, *_):
        time.sleep(0.05)
        self.is_done = True
        self.join()


def measure(control, results, name, action):
    with Watcher(control) as watcher:
        begin = time.monotonic()
        answer = action()
        seconds = time.monotonic() - begin
    results[name] = {"seconds": round(seconds, 3), "longest_answer_seconds": round(watcher.slowest, 3)}
    print(f"{name}: {seconds * 1000:.0f} ms, longest answer {watcher.slowest * 1000:.0f} ms", flush=True)
    return answer


def all_pages(control, parameters, limit):
    """The number of routes of `show routes`, asked page by page as the command line does."""
    count, cursor = 0, None
    while True:
        page = {"limit": limit} if cursor is None else {"limit": limit, "cursor": cursor}
        answer = control.ask("show.routes", {**parameters, "page": page})
        count += answer.count(b'"prefix":')
        tail = answer[-400:] if b'"next_cursor":"' in answer[-400:] else answer[:400]
        cursor = None
        if b'"next_cursor":"' in tail:
            cursor = tail.split(b'"next_cursor":"', 1)[1].split(b'"', 1)[0].decode()
        if cursor is None:
            return count


def run(binaries, vrfs, nnis, routes, invalid_lines):
    results = {"vrfs": vrfs, "nnis": nnis, "routes": routes}
    with tempfile.TemporaryDirectory(prefix="scale") as directory:
        begin = time.monotonic()
        control = ControlProcess(binaries, directory, configuration(vrfs, nnis, routes))
        try:
            control.wait_for_start()
            results["start_seconds"] = round(time.monotonic() - begin, 3)
            print(f"start: {results['start_seconds'] * 1000:.0f} ms", flush=True)
            changed = configuration(vrfs, nnis, routes, "second")
            text = {"text": changed, "file_name": "scale.conf"}
            assert b'"warnings"' in measure(control, results, "check", lambda: control.ask("config.check", text))
            assert b"second" in measure(
                control, results, "one-line replace", lambda: control.ask("config.replace", text))
            assert b'"vrfs"' in measure(control, results, "show vrfs", lambda: control.ask("show.vrfs"))
            assert b'"interfaces"' in measure(control, results, "show interfaces", lambda: control.ask("show.interfaces"))
            assert b'"labels"' in measure(control, results, "show labels", lambda: control.ask("show.labels"))
            measure(control, results, "show running-config", lambda: control.ask("show.running_config"))
            count = measure(control, results, "show routes", lambda: all_pages(control, {}, 2000))
            results["routes_per_second"] = round(count / results["show routes"]["seconds"])
            print(f"  {count} routes, {results['routes_per_second']} a second")
            wrong = {"text": "a line that nobody knows\n" * invalid_lines, "file_name": "wrong.conf"}
            assert b'"error"' in measure(
                control, results, "check of invalid lines", lambda: control.ask("config.check", wrong))
            results["stop_seconds"] = round(control.stop(), 3)
            print(f"stop: {results['stop_seconds'] * 1000:.0f} ms", flush=True)
        finally:
            if control.process.poll() is None:
                control.process.kill()
                control.process.wait()
            results["log"] = open(control.log.name).read()[-1000:]
    return results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vrfs", type=int, default=1000)
    parser.add_argument("--nnis", type=int, default=4)
    parser.add_argument("--routes", type=int, default=200_000)
    parser.add_argument("--invalid-lines", type=int, default=22_000)
    options = parser.parse_args()
    binaries = os.environ.get("STILE_BIN", ".build/release")
    print(run(binaries, options.vrfs, options.nnis, options.routes, options.invalid_lines)["log"])


if __name__ == "__main__":
    main()
