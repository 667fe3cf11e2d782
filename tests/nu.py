"""The Nu HTML checker, of the validator of the W3C: a Java program, fetched from npm into var/nu/.

`python -m tests.nu FILE...` prints what it finds in files of HTML.
"""

import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from tests import npm

# Of the checker's authors: the wheels that bring it are older, and do not know `name` of <details>.
PACKAGE = npm.Package(
    "nu",
    "vnu-jar@26.9.27",
    "5970d3ffca91a627cf0965e5d91bb2e4242307c29292998de0b419d6a901b2b7",
    "du vérificateur HTML Nu (une seule fois, 30 Mo)",
)
JAR = "package/build/dist/vnu.jar"
# Safari and password managers read it, to propose a code of six digits; the standard has yet to take it in:
# https://github.com/whatwg/html/issues/3518
ALLOWED = {"Attribute “passwordrules” not allowed on element “input” at this point."}


class NoCheckerError(Exception):
    """No page can be checked; the message tells how to mend it."""


def faults_in(pages: Mapping[str, str]) -> dict[str, set[str]]:
    """The errors of each page that has some, by its name; all in one run, because Java takes its time to start.

    Raises NoCheckerError with one sentence for the reader.
    """
    found = defaultdict(set)
    with tempfile.TemporaryDirectory() as folder:
        names = dict(zip((f"{place}.html" for place in range(len(pages))), pages, strict=True))
        for file, name in names.items():
            (Path(folder) / file).write_text(pages[name])
        for message in messages_about(Path(folder)):
            if message["type"] == "error" and message["message"] not in ALLOWED:
                told = f"{message['message']} {' '.join(message.get('extract', '').split())}"
                found[names[Path(message["url"]).name]].add(told)
    return dict(found)


def messages_about(place: Path) -> list[dict]:
    """What the checker says, as it says it, of a file or of all files of a folder."""
    command = [java(), "-jar", str(jar()), "--format", "json", "--stdout", "--exit-zero-always", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise NoCheckerError(f"Le vérificateur HTML Nu ne démarre pas : {done.stderr.strip()}")
    return json.loads(done.stdout)["messages"]


def java() -> str:
    path = shutil.which("java")
    if not path:
        raise NoCheckerError(
            "Aucun Java pour vérifier le HTML des pages : installez-en un (« apt install default-jre-headless »), puis "
            "relancez."
        )
    return path


def jar() -> Path:
    """The checker, fetched now if it is not there yet."""
    try:
        return npm.fetched(PACKAGE, unpack) / "vnu.jar"
    except npm.NotFetchedError as why:
        raise NoCheckerError(
            f"Aucun vérificateur HTML : {why}. Vérifiez la connexion au registre npm, puis relancez."
        ) from None


def unpack(archive: bytes, target: Path) -> None:
    target.mkdir()
    with tarfile.open(fileobj=io.BytesIO(archive)) as package:
        content = package.extractfile(JAR)
        assert content, f"{JAR} is no file"
        (target / "vnu.jar").write_bytes(content.read())


if __name__ == "__main__":
    try:
        for file in sys.argv[1:]:
            for message in messages_about(Path(file)):
                print(f"{file}:{message.get('lastLine', '')}: {message['message']}")
    except NoCheckerError as refusal:
        sys.exit(str(refusal))
