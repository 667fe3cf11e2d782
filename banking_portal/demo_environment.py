"""Makes the demo's environment: `python -m banking_portal.demo_environment` writes var/demo.env, once.

Its keys stand in clear beside its database: that is why the portal takes them for the demo alone.
"""

import base64
import os
import secrets
from pathlib import Path

import pyrage

from banking_portal.environment import DEMO_WORKSHOP_KEY

VAR_DIR = Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent / "var")


def main() -> None:
    """Writes the demo workshop's private key and the environment, unless they are there."""
    environment = VAR_DIR / "demo.env"
    if environment.exists():
        return
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    workshop = pyrage.x25519.Identity.generate()
    _write(VAR_DIR / DEMO_WORKSHOP_KEY, f"# Atelier d'impression de la démonstration\n{workshop}\n")
    sealing_key = base64.b64encode(secrets.token_bytes(32)).decode()
    lines = {
        "DEMO": "1",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "SECRET_CODE_KEYS": f"demo-1:{sealing_key}",
        "LETTER_RECIPIENT": str(workshop.to_public()),
    }
    _write(environment, "".join(f"{name}={value}\n" for name, value in lines.items()))


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


if __name__ == "__main__":
    main()
