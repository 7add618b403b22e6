"""Scenario tests on real processes: each module builds its lab once and removes it."""

import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "deploy", "lab"))

from stilelab.lab import Lab
from stilelab.two_operators import TwoOperators


@pytest.fixture(scope="module")
def lab(request):
    name = request.module.__name__.rpartition(".")[2].removeprefix("test_")
    Lab.remove_leftovers(name)
    with Lab(name) as made:
        yield made


@pytest.fixture(scope="module")
def operators(lab):
    """Both operators of the lab, which have learnt each other's routes."""
    operators = TwoOperators(lab)
    operators.start()
    operators.wait_for_routes()
    return operators
