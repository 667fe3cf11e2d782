"""A test that hangs takes nobody else with it, and tells where it hung."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TESTS = """
import time

def test_hangs():
    time.sleep(600)

def test_passes():
    pass
"""


@pytest.mark.slow
def test_who_hangs_ends_and_the_others_go_on(tmp_path):
    (tmp_path / "test_two.py").write_text(TESTS)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, "--numprocesses=1",
         "--override-ini=faulthandler_timeout=5", "-p", "no:cacheprovider", tmp_path],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "1 failed, 1 passed" in ran.stdout
    assert "crashed while running 'test_two.py::test_hangs'" in ran.stdout
    assert "in test_hangs" in ran.stderr
