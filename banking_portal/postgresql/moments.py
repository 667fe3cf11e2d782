"""Moments as PostgreSQL writes them, read by psycopg's C code: Django's own reader goes the way of Python's, by eight
calls for each.
"""

from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import cache
from typing import Any

import psycopg
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import AdaptersMap, Loader
from psycopg.pq import Format

TIMESTAMPTZ = psycopg.postgres.types["timestamptz"].oid


@cache
def read_fast(adapters: AdaptersMap) -> AdaptersMap:
    """The same adapters, but for the reader of moments. Django makes one map for each time zone."""
    faster = AdaptersMap(adapters)
    own: Any = adapters.get_loader(TIMESTAMPTZ, Format.TEXT)
    faster.register_loader(TIMESTAMPTZ, type("ReaderOfMoments", (InZone,), {"timezone": own.timezone}))
    return faster


class InZone(Loader):
    """psycopg's moment, named in the zone that the connection speaks in, as by Django's own."""

    timezone: tzinfo | None  # which Django compares with the one that is wanted

    def __init__(self, oid: int, context: AdaptContext | None = None):
        super().__init__(oid, context)
        # Of all psycopg, not of Django: the one in C where that is installed.
        kind: Any = psycopg.adapters.get_loader(oid, Format.TEXT)
        self._read: Callable[[Buffer], datetime] = kind(oid, context).load

    def load(self, data: Buffer) -> datetime:
        return self._read(data).replace(tzinfo=self.timezone)
