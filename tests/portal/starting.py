"""Real processes with the documented environment, and no test setting."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pyrage

ROOT = Path(__file__).resolve().parent.parent.parent
WORKSHOP = pyrage.x25519.Identity.generate()


def key(name="cle-1"):
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


def python(environment, *arguments):
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)


def manage(environment, *arguments):
    return python(environment, "manage.py", *arguments)
