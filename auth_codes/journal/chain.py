"""The chain of the journal's lines: how a line is written down to be signed, what a link and a checkpoint sign.

HMAC-SHA256 under a key of chain_keys.py. The signed text is JSON with sorted keys and no spaces, moments in UTC with
six decimals: the same on SQLite and PostgreSQL, today and in thirteen months. It says what it is, so that no link
passes for a checkpoint. A column added to the journal needs a new format: lines already chained keep theirs.
"""

import hashlib
import hmac
import ipaddress
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from django.db.models import CharField, F, Func

from auth_codes.models import JournalCheckpoint, JournalLink, SecurityEvent

FORMAT_VERSION = 2
COLUMNS = ("id", "at", "kind", "owner_id", "by_id", "address", "user_agent", "details")
WHOLE_SECOND = len("2026-11-24 09:05:00")

# `default`: what a stranger wrote into a SQLite column may have any type, and must be named, not stop the reading.
written_down = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr).encode


class UtcText(Func):
    """A moment as text, as the database holds it: also one that is no moment any more, or that Python cannot hold."""

    output_field = CharField()

    def as_postgresql(self, compiler, connection, **context):  # type: ignore[no-untyped-def]  # as Django calls it
        template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler, connection, **context):  # type: ignore[no-untyped-def]  # as Django calls it
        template = "CASE typeof(%(expressions)s) WHEN 'text' THEN %(expressions)s ELSE quote(%(expressions)s) END"
        return self.as_sql(compiler, connection, template=template, **context)


class Place(NamedTuple):
    """Where the chain stands: `mac` is what place_of makes of the link at `position`; before any, 0 and nothing."""

    position: int
    mac: bytes


class Link(NamedTuple):
    """A link as the database holds it; `sealed_at` is in UTC, as text, None where PostgreSQL has no text for it."""

    position: int
    event_id: int
    sealed_at: str | None
    format_version: int
    key_id: str
    mac: bytes


BEGINNING = Place(0, b"")
# The columns of a line, as they are signed.
Line = dict[str, object]


def lines(ids: Iterable[int]) -> dict[int, Line]:
    """The columns of those of the lines that exist, by id."""
    fields = [F(name) for name in COLUMNS if name != "at"]
    rows = SecurityEvent.objects.filter(id__in=ids).values_list(UtcText("at"), *fields)
    names = ("at", *(name for name in COLUMNS if name != "at"))
    return {line["id"]: _normal(line) for line in (dict(zip(names, row, strict=True)) for row in rows)}


def links_after(position: int, count: int) -> list[Link]:
    """The next links of the chain, at most `count`."""
    fields = ("format_version", "key_id", "mac")
    links = JournalLink.objects.filter(position__gt=position).order_by("position")
    rows = links.values_list("position", "event_id", UtcText("sealed_at"), *fields)[:count]
    return [Link(at, event, _micro(sealed), version, key, bytes(mac)) for at, event, sealed, version, key, mac in rows]


def head() -> Place:
    """The last link, or the last checkpoint where everything chained has been purged."""
    last = JournalLink.objects.order_by("-position").values_list("position", flat=True).first()
    if last:
        [link] = links_after(last - 1, 1)
        return place_of(link)
    cut = JournalCheckpoint.objects.order_by("-position").values_list("position", "mac").first()
    position, mac = cut or BEGINNING
    return Place(position, bytes(mac))


def place_of(link: Link) -> Place:
    """Where the chain stands at `link`: a digest of its MAC and of its key's id.

    Without the id, whoever writes in the database could put a made-up one there, and have an altered line pass for one
    whose key is missing.
    """
    passed_on = written_down({"key": link.key_id, "mac": link.mac.hex()})
    return Place(link.position, hashlib.sha256(passed_on.encode()).digest())


def mac_of(key: bytes, after: bytes, link: Link, line: Line) -> bytes:
    """What `link` has to hold for `line`, when the place of the link before it has `after` for its `mac`."""
    signed = {
        "what": "link",
        "format": link.format_version,
        "key": link.key_id,
        "after": after.hex(),
        "position": link.position,
        "sealed_at": link.sealed_at,
        "line": line,
    }
    return hmac.digest(key, written_down(signed).encode(), "sha256")


def signature_of(key: bytes, checkpoint: JournalCheckpoint) -> bytes:
    """What the checkpoint has to be signed with."""
    signed = {
        "what": "checkpoint",
        "format": checkpoint.format_version,
        "key": checkpoint.key_id,
        "position": checkpoint.position,
        "mac": bytes(checkpoint.mac).hex(),
        "lines": checkpoint.lines,
        "purged_at": in_utc(checkpoint.purged_at),
    }
    return hmac.digest(key, written_down(signed).encode(), "sha256")


def in_utc(moment: datetime) -> str:
    """« 2026-11-24 09:05:00.000000 »"""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def _normal(line: Line) -> Line:
    at = line["at"]
    line["at"] = _micro(at) if isinstance(at, str) else at
    line["address"] = _packed(line["address"])
    return line


def _micro(moment: str | None) -> str | None:
    """SQLite leaves the decimals of a whole second out; PostgreSQL writes an infinite moment as NULL."""
    return f"{moment}.000000" if moment is not None and len(moment) == WHOLE_SECOND else moment


def _packed(address: object) -> object:
    """The bytes of an address: its spelling is the database's own (and Python's changes), the address is not."""
    if address is None:
        return None
    try:
        return ipaddress.ip_address(address).packed.hex()  # type: ignore[arg-type]  # whatever stands there
    except ValueError:
        return address
