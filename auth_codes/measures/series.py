"""What each process counts, for Prometheus: no names, no numbers, no addresses, and labels of few values known before.

Nothing here asks the database. With METRICS_FOLDER the figures stand in files that `manage.py serve_metrics` reads;
without it they stay in the memory of the process, where nobody reads them.
"""

from enum import StrEnum

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values

from auth_codes.measures.files import OwnPlace

if settings.METRICS_FOLDER:
    # By place and not by process id: a worker that comes after another one goes on in its files.
    place = OwnPlace(settings.METRICS_FOLDER).number
    values.ValueClass = values.MultiProcessValue(place)  # type: ignore[no-untyped-call]  # the library gives it none

REGISTRY = CollectorRegistry()
# Around the twenty to thirty milliseconds that a hash takes at today's cost, and up to the longest wait for a slot.
HASH_BUCKETS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5)


class Door(StrEnum):
    """Where somebody logs in, or a client locks his access by the same two codes."""

    CLIENT = "client"
    LOCK = "lock"
    STAFF = "staff"
    SECOND = "second"  # what a client shows after his codes


class Outcome(StrEnum):
    """What became of an attempt to log in."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"  # the right codes of an access that its owner has locked
    BLOCKED = "blocked"
    NETWORK_SPENT = "network_spent"
    QUEUE_FULL = "queue_full"
    TOO_MANY_NUMBERS = "too_many_numbers"
    NO_SLOT = "no_slot"
    FLOOD = "flood"
    UNREAD = "unread"  # no name of this door, or no code: nothing was verified


class Hashed(StrEnum):
    """What Argon2id was computed of."""

    CODE = "code"
    PASSWORD = "password"  # noqa: S105 - a label


logins = Counter(
    "portal_login_attempts", "Attempts to log in, by door and outcome.", ["door", "outcome"], registry=REGISTRY
)
blocks = Counter("portal_login_blocks", "Blocks that wrong attempts began, by door.", ["door"], registry=REGISTRY)
networks = Counter(
    "portal_networks_spent", "Networks that used up their hour's failures, by door.", ["door"], registry=REGISTRY
)
bulk_alarms = Counter(
    "portal_bulk_alarms", "Alarms that many acts of one person at the desk rang, by act.", ["acts"], registry=REGISTRY
)
hashes = Histogram(
    "portal_hash_duration_seconds",
    "Time that one Argon2id hash took, waiting for its slot left out.",
    ["hashed"],
    registry=REGISTRY,
    buckets=HASH_BUCKETS,
)
slots_in_use = Gauge(
    "portal_hash_slots_in_use", "Slots in which a hash is computed now.", registry=REGISTRY, multiprocess_mode="livesum"
)
slots_awaited = Gauge(
    "portal_hash_slots_awaited", "Requests that wait for a slot now.", registry=REGISTRY, multiprocess_mode="livesum"
)
# From the start, so that the first of a kind is an increase and not a series that begins at one.
for _door in Door:
    blocks.labels(_door)
    networks.labels(_door)
    for _outcome in Outcome:
        logins.labels(_door, _outcome)
for _hashed in Hashed:
    hashes.labels(_hashed)
