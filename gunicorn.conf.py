"""How gunicorn serves the portal: it reads this file where it is started, and what its command line says counts first.

`benchmarks/servers.py` measures it beside others; docs/operating.md says what was chosen, and why.
"""

import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
# At a reload after an upgrade this is read by a master that still has the modules of the version before.
before = {name: sys.modules.pop(name) for name in [*sys.modules] if name.partition(".")[0] == "banking_portal"}
try:
    starting = import_module("banking_portal.serving.starting")
    import_module("banking_portal.serving.worker")  # which gunicorn asks for by its name
except Exception:
    if not before:
        raise  # the first start
    # A version that cannot be read: `check_before_reload` of the one before says so, and gives the reload up.
    for name in [name for name in sys.modules if name.partition(".")[0] == "banking_portal"]:
        del sys.modules[name]
    sys.modules.update(before)
    starting = sys.modules["banking_portal.serving.starting"]

wsgi_app = "banking_portal.wsgi"
worker_class = "banking_portal.serving.worker.PatientWorker"
workers = 2
threads = 4
worker_connections = 800  # with what the portal itself opens, below the 1024 files that a process usually may have
backlog = 1024

keepalive = 5
timeout = 30  # of the loop that reads requests; what threads wait for has bounds of its own
graceful_timeout = 30
# What a process has taken and never gives back to the system ends with it, one process after another.
max_requests = 20_000
max_requests_jitter = 4_000

limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
# No header of a visitor may say where the portal stands in the address.
forwarder_headers = ""
sendfile = False  # it would wait as long as the visitor likes

control_socket_disable = True

on_starting = starting.check_before_start
on_reload = starting.check_before_reload
post_worker_init = starting.say_ready
