"""Real BGP far ends from Debian: FRR's bgpd without a data plane, and GoBGP. Each is a plain Option B ASBR."""

import json
import os
import shutil

from .commands import run, wait_until


class FRRShell:
    """What one asks of FRR by its shell; `namespace` and `directory` are those of its daemons."""

    def show(self, command):
        """The output of a `show … json` command."""
        done = self.namespace.run("vtysh", "--vty_socket", self.directory, "-c", command, check=False)
        try:
            return json.loads(done.stdout)
        except ValueError:
            return {}

    def configure(self, *lines):
        """Gives FRR commands, one after the other."""
        words = [word for line in lines for word in ("-c", line)]
        self.namespace.run("vtysh", "--vty_socket", self.directory, *words)


class FRR(FRRShell):
    """FRR's bgpd alone, as an ASBR with VPNv4 and VPNv6."""

    def __init__(self, lab, namespace, local_as, router_id, neighbor, neighbor_as, ipv4_routes, ipv6_routes, extra=()):
        """`ipv4_routes` and `ipv6_routes` are (prefix, route distinguisher, label, route target)."""
        self.lab, self.namespace = lab, namespace
        self.directory = lab.path(f"frr-{namespace.name}", "x")[:-1]
        self.file = os.path.join(self.directory, "bgpd.conf")
        targets = sorted({route[3] for route in (*ipv4_routes, *ipv6_routes)})
        maps = {target: f"target-{index}" for index, target in enumerate(targets)}
        # FRR applies a route-map to a network statement once, when it reads it: the maps come first.
        lines = ["hostname far-end"]
        for target, name in maps.items():
            lines += [f"route-map {name} permit 10", f" set extcommunity rt {target}", "exit"]
        lines += [f"router bgp {local_as}", f" bgp router-id {router_id}", " no bgp ebgp-requires-policy",
                  " no bgp default ipv4-unicast", " bgp graceful-restart",
                  f" neighbor {neighbor} remote-as {neighbor_as}", f" neighbor {neighbor} timers 3 9",
                  f" neighbor {neighbor} timers connect 1", *[f" {line}" for line in extra]]
        for family, routes in (("ipv4", ipv4_routes), ("ipv6", ipv6_routes)):
            lines += [f" address-family {family} vpn", f"  neighbor {neighbor} activate"]
            lines += [f"  network {prefix} rd {rd} label {label} route-map {maps[target]}"
                      for prefix, rd, label, target in routes]
            lines += [" exit-address-family"]
        lines += ["exit"]
        with open(self.file, "w") as file:
            file.write("\n".join(lines) + "\n")
        run("chown", "-R", "frr:frrvty", self.directory)
        # bgpd gives up root: the way to its files must be open to it.
        os.chmod(lab.directory, 0o755)

    def start(self):
        return self.lab.start(self.namespace, [
            "/usr/lib/frr/bgpd", "-Z", "-f", self.file, "-i", os.path.join(self.directory, "bgpd.pid"),
            "--vty_socket", self.directory, "-A", "127.0.0.1", "--log", "stdout"], f"{self.namespace.name}-frr.log")

    def routes(self, family):
        """The VPN table: {route distinguisher: {prefix: [path, …]}}."""
        routes = self.show(f"show bgp {family} vpn json").get("routes", {})
        return routes.get("routeDistinguishers", routes)


class GoBGP:
    """gobgpd, as an ASBR, or as a PE in the neighbor's own AS, with VPNv4 and VPNv6."""

    def __init__(self, lab, namespace, local_as, router_id, neighbor, neighbor_as, local_address=None, clients=(),
                 membership=False, others=()):
        """`others` are further families, in GoBGP's words. `clients` are neighbors as well, in its own AS, whose routes it reflects; then `neighbor` may be None. With
        `membership` it says which route targets its VRFs import, and obeys what the others say (RFC 4684)."""
        self.lab, self.namespace = lab, namespace
        self.file = lab.path(f"gobgp-{namespace.name}", "gobgpd.toml")
        # It sends End-of-RIB with graceful restart alone, and membership is waited for.
        restart = "    [neighbors.afi-safis.mp-graceful-restart.config]\n      enabled = true\n" if membership else ""
        families = "".join(
            f'  [[neighbors.afi-safis]]\n    [neighbors.afi-safis.config]\n      afi-safi-name = "{family}"\n{restart}'
            for family in ("l3vpn-ipv4-unicast", "l3vpn-ipv6-unicast", *(["rtc"] if membership else []), *others))
        neighbors = ([(neighbor, neighbor_as, "")] if neighbor else []) + [
            (client, local_as, "  [neighbors.route-reflector.config]\n    route-reflector-client = true\n"
                               f'    route-reflector-cluster-id = "{router_id}"\n') for client in clients]
        with open(self.file, "w") as file:
            file.write(f'[global.config]\n  as = {local_as}\n  router-id = "{router_id}"\n')
            for address, peer_as, reflection in neighbors:
                file.write(
                    f'[[neighbors]]\n  [neighbors.config]\n    neighbor-address = "{address}"\n    peer-as = {peer_as}\n'
                    f'  [neighbors.transport.config]\n    local-address = "{local_address or router_id}"\n'
                    f'  [neighbors.timers.config]\n    connect-retry = 1\n    hold-time = 9\n    keepalive-interval = 3\n'
                    + ("  [neighbors.graceful-restart.config]\n    enabled = true\n    restart-time = 30\n" if membership else "")
                    + f'{reflection}{families}')

    def start(self):
        process = self.lab.start(self.namespace, ["gobgpd", "-f", self.file], f"{self.namespace.name}-gobgp.log")
        wait_until(lambda: self.command("global").returncode == 0, "gobgpd answers")
        return process

    def command(self, *words):
        return self.namespace.run("gobgp", *words, check=False)

    def advertise(self, family, prefix, label, rd, target, next_hop, *attributes):
        """Adds a route to the VPN table, which goes to the neighbor; `attributes` are further words of GoBGP's."""
        words = ["global", "rib", "add", "-a", family, prefix, "label", label, "rd", rd, "rt", target,
                 "nexthop", next_hop, *attributes]
        done = self.command(*words)
        if done.returncode != 0:
            raise RuntimeError(f"gobgp {words}: {done.stdout}{done.stderr}")

    def add_vrf(self, name, rd, imported, exported):
        """Adds a VRF, whose import target it asks its neighbors for."""
        self.command("vrf", "add", name, "rd", rd, "rt", "import", imported, "export", exported)

    def routes(self, family):
        """The VPN table: {prefix as GoBGP names it: [path, …]}."""
        done = self.command("global", "rib", "-a", family, "-j")
        try:
            return json.loads(done.stdout)
        except ValueError:
            return {}


class ExaBGP:
    """exabgp, which offers every family that it knows, with a log of its messages.

    ExaBGP 4.2 reads route targets, but fails at saying them to a program or in the log of its parser.
    """

    def __init__(self, lab, namespace, local_as, local_address, neighbor, neighbor_as):
        self.lab, self.namespace = lab, namespace
        self.log = f"{namespace.name}-exabgp.log"
        self.file = lab.path(f"exabgp-{namespace.name}", "exabgp.conf")
        with open(self.file, "w") as file:
            file.write(f"""\
neighbor {neighbor} {{
  router-id {local_address};
  local-address {local_address};
  local-as {local_as};
  peer-as {neighbor_as};
  hold-time 9;
}}
""")

    def start(self):
        return self.lab.start(self.namespace, [
            "env", "exabgp.daemon.user=root", "exabgp.api.cli=false", "exabgp.log.level=DEBUG", "exabgp.log.parser=false",
            "exabgp.log.message=true", "exabgp.log.routes=true", "exabgp", self.file], self.log)

    def told(self):
        """The log."""
        return self.lab.log(self.log)


def frr_available():
    return os.path.exists("/usr/lib/frr/bgpd") and shutil.which("vtysh") is not None
