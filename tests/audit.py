"""What a security audit asks again and again: `python -m tests.audit`, which `make audit` runs.

Three parts: ruff's rules for security over the code that serves, with every exception in it counted; Django's
`check --deploy` in the documented settings of a bank; the known faults of the locked libraries, asked of the package
index. The last needs the network and an index that knows faults: without them it fails by saying so, after the others.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.portal.conftest import environment_in
from tests.portal.starting import ROOT, manage

APPS = ("accounts", "auth_codes", "banking_portal")
NOT_ASKED = (
    "Les failles connues n’ont pas pu être demandées : il faut le réseau et un index qui les connaît. "
    "Relancez « make audit » là où il y en a un."
)


def security_rules() -> str:
    """Empty when ruff finds nothing; exceptions (`noqa: S…`) are read one by one by whoever audits."""
    done = _run("ruff", "check", "--select", "S", "--output-format", "concise", *APPS)
    return done.stdout if done.returncode else ""


def exceptions() -> list[str]:
    """Where a rule for security is switched off, with the reason that stands there."""
    lines = (
        (path, number, line)
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
    )
    return [f"{path.relative_to(ROOT)}:{number}: {line.partition('# noqa: ')[2]}"
            for path, number, line in lines if "# noqa: S" in line]  # fmt: skip


def deployment() -> str:
    with tempfile.TemporaryDirectory() as folder:
        done = manage(environment_in(Path(folder)), "check", "--deploy", "--fail-level", "WARNING")
    return done.stderr if done.returncode else ""


def known_faults() -> str:
    """Of what a server runs and of what developers run; the versions are those of the lock file."""
    with tempfile.NamedTemporaryFile(suffix=".json") as told:
        done = _run(
            "pip_audit", "--requirement", "requirements-dev.txt", "--require-hashes", "--disable-pip",
            "--format", "json", "--output", told.name,
        )  # fmt: skip
        text = Path(told.name).read_text()
    return judged(text) if text else f"{NOT_ASKED}\n{done.stderr[-500:]}"


def judged(text: str) -> str:
    """What pip-audit has written, in words: faults, or that nothing could be asked; empty when all is well."""
    libraries = json.loads(text)["dependencies"]
    faults = [
        f"{library['name']} {library['version']}: {fault['id']}, mendée en {', '.join(fault['fix_versions']) or '?'}"
        for library in libraries
        for fault in library.get("vulns", ())
    ]
    unasked = [library["name"] for library in libraries if "skip_reason" in library]
    if unasked and not faults:
        return f"{NOT_ASKED}\nSans réponse : {len(unasked)} sur {len(libraries)}."
    return "\n".join(faults)


PARTS: dict[str, Callable[[], str]] = {
    "Règles de sécurité de ruff": security_rules,
    "check --deploy": deployment,
    "Failles connues des bibliothèques": known_faults,
}


def main() -> int:
    failed = False
    for title, look in PARTS.items():
        wrong = look()
        failed = failed or bool(wrong)
        print(f"== {title} : {wrong or 'rien à redire'}", flush=True)
    print(f"== Exceptions aux règles de sécurité : {len(exceptions())}")
    print("\n".join(exceptions()))
    return 1 if failed else 0


def _run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
