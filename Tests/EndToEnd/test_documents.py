"""What the documents say is what the programs do."""

import glob
import os
import re
import shlex

import pytest
from stilelab.box import binaries
from stilelab.commands import run
from stilelab.two_operators import SIDES, configuration, provider_edge_configuration

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def readme():
    with open(os.path.join(ROOT, "README.md")) as file:
        return file.read()


def console_commands():
    blocks = re.findall(r"```console\n(.*?)```", readme(), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize("command", console_commands())
def test_every_command_of_the_readme_works(operators, command):
    box = operators.boxes["a"]
    words = [box.configuration_file if word == "FILE" else word for word in shlex.split(command)[1:]]
    assert box.text(*words) is not None


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
