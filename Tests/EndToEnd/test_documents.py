"""What the documents say is what the programs do."""

import glob
import os
import re
import shlex

import pytest
from stilelab import carriers_carrier, common_labels, option_a, option_ab, option_b, option_c, option_e
from stilelab.box import binaries
from stilelab.commands import run
from stilelab.two_operators import SIDES, configuration, provider_edge_configuration

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def console_commands(page):
    with open(os.path.join(ROOT, page)) as file:
        blocks = re.findall(r"```console\n(.*?)```", file.read(), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def commands_for_a_box():
    """Once each, in their order: a commit is confirmed after it was made. What the doctor finds is the machine's."""
    commands = dict.fromkeys(console_commands("README.md") + console_commands("docs/troubleshooting.md"))
    return [command for command in commands if command != "stile doctor"]


@pytest.mark.parametrize("command", commands_for_a_box())
def test_every_command_of_the_pages_works(operators, command):
    box = operators.boxes["a"]
    words = [box.configuration_file if word == "FILE" else word for word in shlex.split(command)[1:]]
    assert box.text(*words) is not None


# Whoever runs it has another machine: what it finds is no failure of the page.
SHELL_PAGES = ("docs/installing.md", "docs/operating.md", "docs/troubleshooting.md")


def shell_commands():
    """Every command of the operators' pages, the lines of their shell blocks too: without prompt and comment."""
    for page in SHELL_PAGES:
        with open(os.path.join(ROOT, page)) as file:
            blocks = re.findall(r"```(?:console|sh)\n(.*?)```", file.read(), re.DOTALL)
        for line in "".join(blocks).splitlines():
            yield re.sub(r"\s+#.*", "", line).removeprefix("$ ")


@pytest.mark.parametrize("command", sorted({line for line in shell_commands() if line.startswith("stile ")}))
def test_every_command_of_the_operators_pages_is_one(command):
    """Words that `stile` does not know are exit status 2; what it would do depends on the box."""
    words = shlex.split(command.split(" >")[0])[1:]
    done = run(os.path.join(binaries(), "stile"), "--socket", "/nowhere/stile.sock", *words, check=False)
    assert done.returncode != 2, done.stderr


def test_the_drop_reasons_of_the_pages_are_there():
    with open(os.path.join(ROOT, "docs", "troubleshooting.md")) as file:
        told = re.findall(r"^\| `([a-z_]+)` \|", file.read(), re.M)
    with open(os.path.join(ROOT, "Sources", "Pipeline", "DropReasonText.swift")) as file:
        known = re.findall(r'case \.\w+: "([a-z0-9_]+)"$', file.read(), re.M)
    assert told and set(told) <= set(known)


@pytest.mark.parametrize("path", sorted(glob.glob(os.path.join(ROOT, "deploy", "examples", "*.conf"))), ids=os.path.basename)
def test_every_example_is_valid(path):
    done = run(os.path.join(binaries(), "stile"), "check", path, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name, text", [
    *((f"as{SIDES[side]['as']}", configuration(side, has_provider_edge=True)) for side in SIDES),
    ("pe65001", provider_edge_configuration()),
], ids=("a", "b", "pe"))
def test_the_labs_examples_are_what_the_lab_runs(name, text):
    with open(os.path.join(ROOT, "deploy", "examples", f"lab-{name}.conf")) as file:
        assert file.read().split("\n", 1)[1] == text


# Of each page about an interconnect what the lab's box and its far ends run.
PAGES = {
    "option-a": [option_a.BORDER, option_a.FRR, option_a.BIRD], "option-b": [option_b.BORDER_A, option_b.BIRD],
    "option-ab": [option_ab.configuration("a")],
    "option-c": [option_c.BORDER_A, "\n".join(["no bgp default ipv4-unicast", *option_c.FRR_BGP]), option_c.BIRD],
    "option-e": [option_e.BORDER, option_e.BIRD],
    "carriers-carrier": [carriers_carrier.configuration("a"),
                         "\n".join(["no bgp default ipv4-unicast", *carriers_carrier.FRR_BGP])],
}


def first_block(text):
    return re.search(r"```\n(.*?)```", text, re.DOTALL)[1]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_about_an_option_shows_lines_of_its_lab(page):
    """In their order, some left out: its box's, and those of FRR and BIRD where they are written out."""
    with open(os.path.join(ROOT, "docs", f"{page}.md")) as file:
        text = file.read()
    stile = first_block(text.split("\n## Stile\n")[1])
    assert missing(stile, PAGES[page][0]) == []
    far_end = text.split("\n## The far end\n")[1].split("\n## ")[0]
    daemons = [block for block in re.findall(r"```\n(.*?)```", far_end, re.DOTALL) if "GigabitEthernet" not in block]
    for block in daemons:
        known = [[line for line in missing(block, whole) if not line.startswith("router bgp")] for whole in PAGES[page][1:]]
        # FRR's for Option E is put together in `peers.py`.
        assert [] in known or (page == "option-e" and "router bgp" in block), known


def test_the_page_about_common_labels_shows_lines_of_its_lab():
    with open(os.path.join(ROOT, "docs", "common-labels.md")) as file:
        assert missing(first_block(file.read()), common_labels.configuration("east")) == []


def missing(block, whole):
    """The lines of a block that do not follow one another in a whole."""
    left, lost = [line.strip() for line in whole.splitlines()], []
    for line in map(str.strip, block.splitlines()):
        if line in left:
            left = left[left.index(line) + 1:]
        else:
            lost.append(line)
    return lost
