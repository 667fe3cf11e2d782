"""What each client costs that `seed_demo --with-codes 0` writes into an empty PostgreSQL, load after load.

    python -m tests.postgres python -m benchmarks.filling 61000 61000

Prints, for each load, the clients a second by the clock, and the microseconds of processor of this process and of those
that serve it in the database, for one client. `ANALYZE`, which ends each, is not counted.
"""

import os
import sys
import time
from pathlib import Path

import django

TICKS = os.sysconf("SC_CLK_TCK")
PARENT, OWN, OF_ENDED_CHILDREN = 1, slice(11, 13), slice(13, 15)  # as proc(5) counts them, behind the name
A_MOMENT = 0.5  # until those that have served a connection which was closed are gone


def main(counts: list[int]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command

    from accounts.demo import crowd, loading
    from tests import makers

    call_command("migrate", verbosity=0)
    advisors = [makers.make_advisor(name) for name in ("mesure.conseil", "mesure.second")]
    for count in counts:
        before, started = spent(), time.monotonic()
        crowd.make(count, advisors, lambda _: None)
        rate = count / (time.monotonic() - started)
        python, served = (round((late - early) / count * 1e6) for early, late in zip(before, spent(), strict=True))
        print(f"{count:,} clients: {rate:,.0f} a second, {python} µs Python, {served} µs PostgreSQL", flush=True)
        loading.analyze()


def spent() -> tuple[float, float]:
    """Seconds of processor of this process, and of those that have served it and others meanwhile."""
    from django.db import connection

    connection.ensure_connection()
    time.sleep(A_MOMENT)
    server = int(fields(connection.connection.info.backend_pid)[PARENT])
    serving = [pid for pid in map(int, children(server)) if b"[local]" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    ticks = sum(int(ticks) for pid in serving for ticks in fields(pid)[OWN])
    ticks += sum(map(int, fields(server)[OF_ENDED_CHILDREN]))
    return time.process_time(), ticks / TICKS


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


if __name__ == "__main__":
    main(list(map(int, sys.argv[1:])))
