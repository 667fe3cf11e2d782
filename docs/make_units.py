"""Writes the systemd units of docs/production/systemd/: `python -m docs.make_units`.

One timer for each command that docs/operating.md has run again and again; a test compares them with what is there.
"""

from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).with_name("production") / "systemd"
HANDED_OVER = "/var/lib/portail/atelier"


class Timer(NamedTuple):
    """When a command runs, in systemd's words, and how it is called: `%%` stands for one sign in a unit."""

    when: str
    arguments: str = ""


TIMERS = {
    "check_factors": Timer("*-*-* 04:50"),
    "check_ledger": Timer("*-*-* 03:30"),
    "check_owners": Timer("*-*-* 04:30"),
    "clearsessions": Timer("*-*-* 03:00"),
    "end_representations": Timer("*-*-* 00:10"),
    # Enable it once you have run it without `--erase` and read what it counts.
    "erase_clients": Timer("*-*-03 02:00", "--erase"),
    "export_post": Timer("Mon..Fri 05:30", f"{HANDED_OVER}/courrier"),
    "export_sealed_letters": Timer("Mon..Fri 05:00", f"--to {HANDED_OVER}/plis"),
    "fill_search_words": Timer("Sun 04:00"),
    "forget_former_contacts": Timer("*-*-* 02:50"),
    "forget_unconfirmed_transfers": Timer("*-*-* 02:40"),
    "issue_lists": Timer("*-*-* *:20"),
    "issue_requested_letters": Timer("*-*-* *:10"),
    # The month before this one, also when the machine was off on the first day.
    "issue_statements": Timer("*-*-01 00:30", '--month "$(date --date="$(date +%%Y-%%m-15) -1 month" +%%Y-%%m)"'),
    "keep_month_sums": Timer("*-*-02 01:00"),
    "lapse_closings": Timer("*-*-* 00:15"),
    "lapse_requests": Timer("*-*-* 00:05"),
    "note_expired_codes": Timer("*-*-* 02:30"),
    "purge_attempts": Timer("*-*-* 02:20"),
    "purge_challenges": Timer("*-*-* *:0/5"),
    "purge_journal": Timer("*-*-* 03:10"),
    # Like erase_clients: once without it first.
    "purge_papers": Timer("*-*-04 02:00", "--purge"),
    "purge_post": Timer("*-*-* 02:10"),
    "seal_journal": Timer("*-*-* *:0/5"),
    "send_notices": Timer("*-*-* *:0/3"),
    "watch_logins": Timer("*-*-* *:0/5"),
}
# What every process of the portal may do on its machine: read, and write below /var/lib/portail/atelier.
CONFINED = """\
User=portail
Group=portail
UMask=0077
WorkingDirectory=/srv/portail/code
EnvironmentFile=/etc/portail/portal.env
NoNewPrivileges=yes
CapabilityBoundingSet=
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
# Not the static files beside it. No mistake where it is missing: a command that writes there says so.
ReadWritePaths=-/var/lib/portail/atelier
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
LockPersonality=yes
"""
WEB = f"""\
[Unit]
Description=Espace Client
Wants=network-online.target
After=network-online.target postgresql.service

[Service]
Type=notify
# For PROMETHEUS_MULTIPROC_DIR=/run/portail/metrics: emptied at each start.
RuntimeDirectory=portail
RuntimeDirectoryMode=0750
{CONFINED}\
# gunicorn.conf.py stands in WorkingDirectory, and checks first; a database that is not up yet is waited for.
ExecStart=/srv/portail/venv/bin/gunicorn --bind 127.0.0.1:8000 --workers 4
TimeoutStartSec=120
# Workers are replaced one by one, and end what they are answering.
# The shell's own « kill »: a small Debian has no /bin/kill.
ExecReload=/bin/sh -c 'kill -s HUP $MAINPID'
KillMode=mixed
TimeoutStopSec=45
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
"""
METRICS = f"""\
[Unit]
Description=Espace Client : chiffres pour Prometheus
# The folder of figures is made and emptied with the server.
PartOf=portal.service
After=portal.service

[Service]
{CONFINED}\
# Without PROMETHEUS_MULTIPROC_DIR nothing is counted, and nothing started.
ExecCondition=/bin/sh -c 'test -n "$PROMETHEUS_MULTIPROC_DIR"'
ExecStart=/srv/portail/venv/bin/python manage.py serve_metrics --port 9464
Restart=on-failure
RestartSec=5

[Install]
WantedBy=portal.service
"""
COMMAND = f"""\
[Unit]
Description=Espace Client : %i
Wants=network-online.target
After=network-online.target postgresql.service

[Service]
Type=oneshot
{CONFINED}\
# Each server may have all timers: a command that runs on one is left to it by the others.
ExecStart=/srv/portail/venv/bin/python manage.py once %i
"""


def units() -> dict[str, str]:
    """Each unit's text by its path below FOLDER."""
    written = {"portal.service": WEB, "portal-metrics.service": METRICS, "portal-timer@.service": COMMAND}
    for name, timer in TIMERS.items():
        written[f"portal-timer@{name}.timer"] = _timer(name, timer.when)
        if timer.arguments:
            written[f"portal-timer@{name}.service.d/arguments.conf"] = _arguments(name, timer.arguments)
    return written


def _timer(name: str, when: str) -> str:
    return f"""\
[Unit]
Description=Espace Client : {name}

[Timer]
OnCalendar={when}
# What was missed while the machine was off runs once when it is back.
Persistent=yes
RandomizedDelaySec=20

[Install]
WantedBy=timers.target
"""


def _arguments(name: str, arguments: str) -> str:
    command = f"exec /srv/portail/venv/bin/python manage.py once {name} {arguments}"
    return f"[Service]\nExecStart=\nExecStart=/bin/sh -c '{command}'\n"


def main() -> None:
    """Writes all of them, and takes away those that are no more."""
    texts = units()
    for path in FOLDER.rglob("*"):
        if path.is_file() and str(path.relative_to(FOLDER)) not in texts:
            path.unlink()
    for name, text in texts.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
