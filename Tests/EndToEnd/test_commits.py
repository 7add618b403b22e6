"""Commits on a box that is used: they last, they lose nobody's packets, and they are undone in time.

Box a of the two operators starts with its last commit, and with its file only where it has none.
"""

import json
import os
import shlex
import time

import pytest
from stilelab.committed_box import PowerCuts, commit, number_in_force, renamed, stream
from stilelab.two_operators import TwoOperators, configuration

TEXT = configuration("a")


@pytest.fixture(scope="module")
def operators(lab):
    operators = TwoOperators(lab)
    operators.boxes["a"].file_option = "--first-configuration"
    operators.start()
    operators.wait_for_routes()
    for name in ("red", "green", "blue"):
        assert operators.customers[name, "a"].ping("10.2.0.2") == (5, 5)
    return operators


@pytest.fixture
def box(operators):
    return operators.boxes["a"]


def restart(box):
    box.kill_control()
    box.start_control()
    box.wait(lambda: box.json("show", "status")["commit"], "stiled is there again")


def test_a_hundred_commits_lose_no_packet_of_customers_that_stay(operators, box, record_property):
    traffic = stream(operators)
    first = box.json("show", "status")["commit"]
    for number in range(1, 101):
        done = commit(box, renamed(TEXT, number), "--comment", f"number {number}")
        assert done.returncode == 0, done
    results = traffic.finish()
    lost = [when for when, has_arrived in results if not has_arrived]
    record_property("packets", len(results))
    assert len(results) > 500 and not lost
    commits = box.json("show", "commits")
    assert commits["in_force"] == first + 100 and len(commits["commits"]) == 50
    newest = commits["commits"][0]
    assert (newest["user"], newest["comment"]) == ("root", "number 100")
    changed = box.text("show", "commits", str(first + 100)).splitlines()
    for line in ("- hostname commit99", "+ hostname commit100", "  ip vrf changing", "-  rd 42:1099", "+  rd 42:1100"):
        assert line in changed, changed


def test_what_is_committed_is_there_after_a_restart_and_a_changed_file_is_said(box):
    assert commit(box, renamed(TEXT, 7)).returncode == 0
    box.write_configuration(renamed(TEXT, 8))
    restart(box)
    assert number_in_force(box) == 7
    box.wait(lambda: any(alarm["kind"] == "configuration_file_changed" for alarm in box.json("show", "status")["alarms"]),
             "the changed file is said")


def test_everything_is_killed_at_random_moments(box, record_property):
    cuts = PowerCuts(box, TEXT, seed=16)
    for _ in range(15):
        cuts.cut(longest_seconds=0.4)
    record_property("outcomes", json.dumps(cuts.outcomes))
    assert sum(cuts.outcomes.values()) == 15


def test_a_commit_that_nobody_confirms_is_undone_in_time_though_stiled_was_killed(box):
    assert commit(box, renamed(TEXT, 20)).returncode == 0
    begun = time.monotonic()
    done = commit(box, renamed(TEXT, 21), "--confirmed", "1")
    assert done.returncode == 0 and "unless 'commit' confirms it" in done.stdout
    box.kill_control()
    time.sleep(5)
    box.start_control()
    box.wait(lambda: box.json("show", "status")["confirm_by"], "stiled is there again")
    assert number_in_force(box) == 21
    box.wait(lambda: number_in_force(box) == 20, "it is undone", 75)
    assert 58 < time.monotonic() - begun < 75
    newest = box.json("show", "commits")["commits"][0]
    assert newest["user"] == "stiled" and newest["comment"].endswith("was not confirmed")
    # And one that is confirmed, by a tool of its own, stays.
    assert commit(box, renamed(TEXT, 22), "--confirmed", "1").returncode == 0
    assert box.text("commit").startswith("confirmed: commit ")
    assert "confirm_by" not in box.json("show", "status")


def test_a_commit_that_was_cut_short_is_put_aside(box):
    assert commit(box, renamed(TEXT, 30)).returncode == 0
    assert commit(box, renamed(TEXT, 31)).returncode == 0
    path = os.path.join(box.state_directory, "commits", str(box.json("show", "status")["commit"]))
    box.kill_control()
    os.truncate(path, 100)
    box.start_control()
    box.wait(lambda: number_in_force(box) == 30, "the commit before")
    box.wait(lambda: any(alarm["kind"] == "commits_unreadable" for alarm in box.json("show", "status")["alarms"]),
             "it is said")
    assert os.path.exists(path + ".damaged")
    assert "a commit cannot be read" in box.lab.log("a/stiled.log")


def test_exit_codes_and_what_is_refused(box, tmp_path):
    assert commit(box, renamed(TEXT, 40)).returncode == 0
    in_force = box.json("show", "status")["commit"]
    path = tmp_path / "new.conf"

    def ask(text, *words):
        path.write_text(text)
        return box.command(*words, "-f", str(path))

    same = renamed(TEXT, 40)
    assert ask(same, "plan").returncode == 0
    other = ask(same.replace("optE 192.0.2.2 198.51.100.2", "optE 192.0.2.2").replace("remote-as 65002", "remote-as 65003"),
                "plan")
    assert other.returncode == 8 and "cuts traffic: session resets: 198.51.100.2" in other.stdout
    assert ask(same, "check").returncode == 0
    assert ask("hostname\n", "check").returncode == 3
    assert ask("hostname\n", "commit").returncode == 3
    assert ask("! nothing\n", "commit").returncode == 3
    few = "\n".join(line for line in same.splitlines() if "ten1/0" not in line)
    assert ask(few, "commit").returncode == 3
    assert box.command("commit").returncode == 1
    assert box.command("rollback", "999999").returncode == 7
    assert box.command("show", "commits", "999999").returncode == 7
    assert box.command("commit", "--comment", "for nothing").returncode == 2
    assert box.json("show", "status")["commit"] == in_force
    former = box.json("show", "commits")["commits"][1]["number"]
    undone = box.json("rollback", str(former))
    assert undone["commit"] == in_force + 1
    for words in (["show", "commits"], ["show", "commits", str(in_force)], ["commit"]):
        done = box.command("--json", *words)
        assert json.loads(done.stdout or done.stderr)["schema"].startswith("stile.")


def test_every_change_is_logged_with_its_user(box):
    assert commit(box, renamed(TEXT, 50), "--comment", "for the log").returncode == 0
    line = [line for line in box.lab.log("a/stiled.log").splitlines() if "for the log" in line][-1]
    assert "user=root" in line and "uid=0" in line and "commit=" in line


def test_the_commands_of_the_page_work(box, tmp_path):
    page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "operating.md")
    with open(page) as file:
        lines = [line[2:] for line in file if line.startswith("$ stile ")]
    path = tmp_path / "new.conf"
    path.write_text(renamed(TEXT, 60))
    last, former = [entry["number"] for entry in box.json("show", "commits")["commits"][:2]]
    words = {"new.conf": str(path), "12": str(last), "11": str(former)}
    for line in lines:
        done = box.command(*[words.get(word, word) for word in shlex.split(line, comments=True)[1:]])
        assert done.returncode == (8 if " plan " in line else 0), (line, done)
    assert len(lines) == 8
