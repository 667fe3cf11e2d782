"""What counting for Prometheus costs one login, in microseconds of processor time, files included: pages count nothing.

python -m benchmarks.counting
"""

import os
import tempfile
import time
from pathlib import Path

import django
from django.conf import settings

TIMES = 20_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings.METRICS_FOLDER = Path(folder)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # the settings of tests take it out
        django.setup()
        print(f"{_microseconds():.1f} µs")


def _microseconds() -> float:
    """All that one right login counts."""
    from auth_codes.measures import series

    began = time.process_time()
    for _ in range(TIMES):
        series.logins.labels(series.Door.CLIENT, series.Outcome.RIGHT).inc()
        with series.slots_in_use.track_inprogress(), series.hashes.labels(series.Hashed.CODE).time():
            pass
    return (time.process_time() - began) / TIMES * 1e6


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main()
