"""The interactive tool in a pseudo-terminal: a candidate from its first line to its commit, and what an operator types."""

import json
import os

import pytest
from stilelab.terminal import Terminal


@pytest.fixture
def box(operators):
    return operators.boxes["a"]


@pytest.fixture
def terminal(box):
    opened = []

    def open_terminal(**options):
        opened.append(Terminal(box.socket, **options))
        opened[-1].wait_for("stile> $")
        return opened[-1]

    yield open_terminal
    for each in opened:
        each.kill()


def in_force(box):
    return box.json("show", "status")["commit"]


def test_a_candidate_from_the_first_line_to_its_commit(box, terminal):
    base, name = in_force(box), box.json("show", "status")["hostname"]
    session = terminal()
    assert f"{name}(config {base})# " in session.enter("conf t")
    assert f"{name}(config {base}* ip vrf typed)# " in session.enter("ip vrf typed")
    session.enter("rd 42:4711")
    # A wrong line is told at once, with a caret, and is tried nowhere else.
    said = session.enter("route-targt both 42:1")
    assert "  route-targt both 42:1\n  ^~~~~~~~~~~\n" in said and "did you mean 'route-target'?" in said
    session.enter("route-target both 42:4711")
    assert " rd 42:4711\n route-target both 42:4711\n" in session.enter("show")
    said = session.enter("show | compare")
    assert "+ ip vrf typed\n+  rd 42:4711\n" in said
    assert "valid\n" in session.enter("commit check")
    said = session.enter("do show running-config | include ^hostname")
    assert said.startswith(f"hostname {name}\n{name}(config")
    said = session.enter("commit confirmed 5 comment typed at a terminal")
    assert f"commit {base + 1}" in said and "unless 'commit' confirms it" in said
    assert "nothing to change at" in session.enter("commit")
    assert box.json("show", "status").get("confirm_by") is None
    assert box.json("show", "commits")["commits"][0]["comment"] == "typed at a terminal"
    assert any(vrf["name"] == "typed" for vrf in box.json("show", "vrfs")["vrfs"])
    # Back to what was in force before, through the candidate.
    session.enter(f"rollback {base}")
    assert "- ip vrf typed" in session.enter("show | compare")
    session.enter("commit force")
    assert in_force(box) == base + 2
    assert "stile> " in session.enter("end")
    session.type("exit\r")
    assert session.has_ended()


def test_changes_are_not_lost_without_a_question_and_go_with_the_session(box, terminal):
    base = in_force(box)
    session = terminal()
    session.enter("configure")
    session.enter("hostname lost")
    said = session.enter("end", r"\[y/N\] $")
    assert "not committed" in said
    assert "(config" in session.enter("n")
    session.enter("exit", r"\[y/N\] $")
    assert "stile> " in session.enter("y")
    # A session that is killed takes its candidate along: there is room for sixteen others at once.
    for _ in range(20):
        killed = terminal()
        killed.enter("configure")
        killed.enter("hostname lost")
        killed.kill()
    assert "(config" in session.enter("configure")
    assert "no differences" in session.enter("show | compare")
    assert in_force(box) == base


def test_the_second_of_two_candidates_is_refused_with_what_changed(box, terminal):
    base = in_force(box)
    one, other = terminal(), terminal()
    for session in (one, other):
        session.enter("configure")
    one.enter("mpls label quarantine 61")
    other.enter("mpls label quarantine 62")
    one.enter("commit")
    said = other.enter("commit")
    assert f"commit {base + 1} is in force" in said and "+mpls label quarantine 61" in said
    assert in_force(box) == base + 1
    other.enter("discard")
    other.enter("no mpls label quarantine")
    other.enter("commit")
    assert in_force(box) == base + 2


def test_files_are_loaded_and_help_knows_names(box, terminal, tmp_path):
    session = terminal()
    session.enter("configure")
    more = tmp_path / "more.conf"
    more.write_text("ip vrf loaded\n ! from a file\n rd 42:4712\n")
    session.type(f"load merge {tmp_path}/mo\t\r")
    session.wait_for("changed")
    session.wait_for("# $")
    assert "! from a file" in session.enter("show")
    session.enter("interface ten9/0.1")
    session.type("vrf definition lo\t\r")
    session.wait_for("vrf definition loaded")
    session.wait_for("\n")
    session.wait_for("# $")
    session.type("mtu ?")
    session.wait_for("octets")
    session.wait_for("# mtu $")
    session.type("\x15")
    session.wait_for("# $")
    wrong = tmp_path / "wrong.conf"
    wrong.write_text("ip vrf loaded\n nonsense\n")
    assert f"{wrong}:2:2: error" in session.enter(f"load replace {wrong}")
    session.enter("discard")
    assert "no differences" in session.enter("show | compare")


def test_a_script_configures_as_well(box, tmp_path):
    base = in_force(box)
    script = tmp_path / "script"
    script.write_text("configure\nmpls label quarantine 63\nshow | compare\ncommit comment by a script\nend\n")
    done = box.command("-f", str(script))
    assert done.returncode == 0 and "+ mpls label quarantine 63" in done.stdout
    assert in_force(box) == base + 1
    script.write_text("configure\nno mpls label quarantine\nend\n")
    done = box.command("-f", str(script))
    assert done.returncode == 1 and "was not committed" in done.stderr
    script.write_text("configure\nmpls label quarantene 63\ncommit\n")
    done = box.command("-j", "-f", str(script))
    assert done.returncode == 3 and json.loads(done.stderr)["diagnostics"][0]["hint"] == "did you mean 'quarantine'?"
    assert in_force(box) == base + 1
    script.write_text("configure\nno mpls label quarantine\ncommit\nend\n")
    assert box.command("-f", str(script)).returncode == 0


def test_lines_come_back_in_the_next_session_but_no_passwords(terminal, tmp_path):
    history = tmp_path / "history"
    session = terminal(history=str(history))
    session.enter("show status")
    session.enter("neighbor 1.2.3.4 password secret")
    session.type("exit\r")
    assert session.has_ended()
    assert os.stat(history).st_mode & 0o777 == 0o600
    assert history.read_text() == "show status\nexit\n"
    session = terminal(history=str(history))
    session.type("\x1b[A\x1b[A\r")
    assert "show status" in session.wait_for("stile> $")


def test_a_long_answer_stops_at_the_end_of_the_screen(terminal):
    session = terminal(rows=10)
    session.type("show running-config\r")
    first = session.wait_for("--More--")
    assert first.count("\n") == 10
    session.type("q")
    session.wait_for("stile> $")
    assert "--More--" not in session.enter("show running-config | no-more")
