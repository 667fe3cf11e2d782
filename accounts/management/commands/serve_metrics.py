"""Shows this machine's figures to Prometheus, on a port of their own."""

import json
import threading

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from prometheus_client import CollectorRegistry, start_http_server

from accounts.management.figures import Database, Processes


class Command(BaseCommand):
    help = (
        "Montre à Prometheus les chiffres de cette machine, sur un port à part, jusqu’à ce qu’on l’arrête. Une fois "
        "par machine, avec la même variable PROMETHEUS_MULTIPROC_DIR que le serveur. Ne l’ouvrez jamais au public."
    )

    def add_arguments(self, parser):
        parser.add_argument("--address", default="127.0.0.1", help="l’adresse où écouter (127.0.0.1)")
        parser.add_argument("--port", type=int, default=9464, help="le port où écouter (9464)")

    def handle(self, *, address, port, **options):
        if settings.METRICS_FOLDER is None:
            raise CommandError("PROMETHEUS_MULTIPROC_DIR manque : le serveur ne compte rien que l’on puisse lire.")
        registry = CollectorRegistry()
        registry.register(Processes(settings.METRICS_FOLDER))
        registry.register(Database(leave=connections.close_all))
        try:
            server, thread = start_http_server(port, address, registry)
        except (OSError, OverflowError) as error:
            raise CommandError(f"Le port {port} de {address} n’est pas libre, ou n’est pas à cette machine.") from error
        self.stdout.write(json.dumps({"address": address, "port": server.server_port}))
        self.stdout.flush()
        try:
            threading.Event().wait()
        finally:
            server.shutdown()
            thread.join()
