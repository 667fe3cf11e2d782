"""Counting attempts: the one way to allow, count and forgive them, for clients and staff alike.

An attempt is reserved by one SQL statement, committed before any hash is computed, and given back on success. So at
most five wrong codes in a row are verified, whatever the number of requests at once, of threads or of servers, and
an attempt whose answer never came counts as failed. A block is derived, never stored: it stands while the count is
the one that filled a series of five, for as long as that series asks from the reservation that filled it. Trying
during a block changes neither, so nobody can prolong one.

A count falls in three ways only: a success gives back its own attempt and the same browser's failures of the last 15
minutes; a failure lapses after 365 days; a renewal of the code zeroes it.
Rules: RTS 2018/389 art. 4(3)(b), five consecutive failures; art. 4(4) and NIST SP 800-63B 3.2.2, growing blocks.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from auth_codes import batched_deletes, keyed_hashes
from auth_codes.models import AttemptCounter, FailedAttempt
from auth_codes.prepared import KEY, MOMENT, TEXT, Asked, Blank, Prepared, kept_cursor
from auth_codes.prepared_changes import PreparedChange, PreparedDelete, PreparedInsert

FAILURES_BEFORE_BLOCK = 5
LAPSE = timedelta(days=365)
FORGIVEN_WITHIN = timedelta(minutes=15)
# Longer than any hash takes: what has no answer after that lost its server.
ANSWERED_WITHIN = timedelta(minutes=1)
# A count at zero is kept a little, though nobody needs it: most belong to people who log in every day.
IDLE_BEFORE_PURGE = timedelta(days=7)
PURGED_AT_ONCE = 1000

# How long the first, second, third, and every later series of five failures blocks. Until a renewal is until the
# failures themselves have lapsed: whoever waits a year has not been guessing.
FIRST_BLOCK, SECOND_BLOCK, THIRD_BLOCK = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
UNTIL_RENEWAL = LAPSE
Steps = tuple[timedelta, timedelta, timedelta, timedelta]
CLIENT_STEPS: Steps = (FIRST_BLOCK, SECOND_BLOCK, THIRD_BLOCK, UNTIL_RENEWAL)
# Nobody renews a password of the staff by letter.
STAFF_STEPS: Steps = (FIRST_BLOCK, SECOND_BLOCK, THIRD_BLOCK, THIRD_BLOCK)
# After its five a device is unknown again, and its attempts draw on the count of all unknown ones.
DEVICE_STEPS: Steps = (UNTIL_RENEWAL,) * 4


AnsweredAt = tuple[datetime | None]
RESERVED = PreparedInsert(FailedAttempt)
ANSWERED = PreparedChange(
    lambda key: FailedAttempt.objects.filter(pk=key), sets=("answered_at",), key=KEY, answered_at=MOMENT
)
FILLED = Prepared(lambda key: AttemptCounter.objects.filter(key=key, count__gt=0, count=F("filled_count")), key=TEXT)


class Blocked(Exception):
    """No attempt is allowed before `until`; None: before the code is renewed."""

    def __init__(self, until: datetime | None):
        super().__init__(f"blocked until {until:%H:%M}" if until else "blocked until the code is renewed")
        self.until = until


class Counter(NamedTuple):
    """Whose attempts are counted together, and how long each series of five blocks."""

    key: str
    steps: Steps


class Standing(NamedTuple):
    """How a count stands: the failures that it holds, and the block that stands, or None."""

    failures: int
    block: Blocked | None


class Reservation(NamedTuple):
    """One attempt already counted as failed; `give_back` alone takes it off the count.

    `count` is what it brought the count to, `attempt` its own row.
    """

    key: str
    count: int  # type: ignore[assignment]  # a name of tuple's own, which nothing here calls
    attempt: int

    @property
    def fills_series(self) -> bool:
        """Whether a block begins with this attempt if it fails."""
        return self.count % FAILURES_BEFORE_BLOCK == 0

    @property
    def leaves_one(self) -> bool:
        """Whether one attempt is left before a block if it fails."""
        return self.count % FAILURES_BEFORE_BLOCK == FAILURES_BEFORE_BLOCK - 1


class Purged(NamedTuple):
    """What a purge deleted: failures that had lapsed, counters that counted nothing."""

    failures: int
    counters: int


def counter_key(*names: str) -> str:
    """The counter's key: an HMAC, so that the table tells neither numbers nor which of them exist."""
    return keyed_hashes.hex_of("attempt counter", "|".join(names))


def client_counter(client_code: str) -> Counter:
    """The counter of a number, held by somebody or not, for all unknown devices together."""
    return Counter(counter_key("client", client_code), CLIENT_STEPS)


def letter_counter(letter_digest: str) -> Counter:
    """The counter of one letter's number, so that strangers who block a client do not keep him from his letter."""
    return Counter(counter_key("letter", letter_digest), CLIENT_STEPS)


def device_counter(device_id: str) -> Counter:
    """The counter of one known device, which no stranger's failure touches."""
    return Counter(counter_key("device", device_id), DEVICE_STEPS)


def staff_counter(name: str) -> Counter:
    """The counter of a staff name, borne by somebody or not, for all unknown devices together."""
    return Counter(counter_key("staff", name.lower()), STAFF_STEPS)


def factor_counter(name: str, device_id: str = "") -> Counter:
    """The counter of one moyen on one known device or, without one, on all unknown devices together.

    `name`: its key, and that of the letter whose code was typed. Only whoever knows both codes comes as far: strangers
    cannot use it up.
    """
    return Counter(counter_key("factor", name, device_id), DEVICE_STEPS if device_id else CLIENT_STEPS)


def step(steps: Steps, count: int) -> timedelta:
    """How long the series that ends with the failure number `count`, a multiple of five, blocks."""
    return steps[min(count // FAILURES_BEFORE_BLOCK, len(steps)) - 1]


def block_of(counter: Counter, now: datetime | None = None) -> Blocked | None:
    """The block that stands, not raised, or None. Only reads, by one query."""
    question, values = asked(counter)
    return block_in(question.first(**values), counter, now or timezone.now())


def asked(counter: Counter) -> Asked:
    """The question whose row `block_in` reads."""
    return FILLED, {"key": counter.key}


def block_in(row: AttemptCounter | None, counter: Counter, now: datetime) -> Blocked | None:
    """The block of a counter that is full, if there is one and it still stands."""
    return _block(counter, row, now) if row else None


def standings(wanted: Iterable[Counter], now: datetime) -> dict[str, Standing]:
    """How each of these counts stands that counts something, by its key. Only reads, by one query."""
    by_key = {counter.key: counter for counter in wanted}
    rows = AttemptCounter.objects.filter(key__in=by_key, count__gt=0)
    return {
        row.key: Standing(row.count, _block(by_key[row.key], row, now) if row.count == row.filled_count else None)
        for row in rows
    }


def _block(counter: Counter, row: AttemptCounter, now: datetime) -> Blocked | None:
    """That of a series which is full."""
    lasts = step(counter.steps, row.filled_count)
    until = row.filled_at + lasts
    if until <= now:
        return None
    return Blocked(None if lasts == UNTIL_RENEWAL else until)


def failures_of(counter: Counter) -> int:
    """How many failures count at this moment, those that are being verified included."""
    counted = AttemptCounter.objects.filter(key=counter.key).values_list("count", flat=True).first()
    return counted or 0


def awaits_answers(counter: Counter, now: datetime | None = None) -> bool:
    """Whether attempts on this counter are being verified at this moment: they may still be given back."""
    return FailedAttempt.objects.filter(_in_flight(now or timezone.now()), counter_key=counter.key).exists()


RESERVE = """
    INSERT INTO auth_codes_attemptcounter AS counter (key, count, reserved_at, filled_count, filled_at)
    VALUES (%(key)s, 1, %(now)s, 0, %(now)s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN counter.reserved_at <= %(lapsed)s THEN 1 ELSE counter.count + 1 END,
        reserved_at = excluded.reserved_at,
        filled_count = CASE WHEN counter.reserved_at <= %(lapsed)s THEN 0
                            WHEN (counter.count + 1) %% %(limit)s = 0 THEN counter.count + 1
                            ELSE counter.filled_count END,
        filled_at = CASE WHEN (counter.count + 1) %% %(limit)s = 0 THEN excluded.reserved_at
                         ELSE counter.filled_at END
    WHERE counter.count = 0 OR counter.count <> counter.filled_count
        OR counter.filled_at <= CASE WHEN counter.filled_count <= %(limit)s THEN %(before_1)s
                                     WHEN counter.filled_count <= 2 * %(limit)s THEN %(before_2)s
                                     WHEN counter.filled_count <= 3 * %(limit)s THEN %(before_3)s
                                     ELSE %(before_4)s END
    RETURNING count
"""
# The same, and the attempt's own row: of PostgreSQL one statement. The row it counts is locked and read as it stands.
RESERVE_AND_NOTE = f"""
    WITH counted (count) AS ({RESERVE})
    INSERT INTO auth_codes_failedattempt (counter_key, browser, reserved_at)
    SELECT %(key)s, %(browser)s, %(now)s FROM counted
    RETURNING (SELECT count FROM counted), id
"""  # noqa: S608 - no value is in it


def reserve(counter: Counter, browser: str, now: datetime) -> Reservation:
    """Counts one attempt of `browser`, and allows it. Raises Blocked, with nothing counted.

    In the caller's own short transaction, which must commit before any hash.
    One upsert judges and counts at once: two requests can never both see the last free attempt.
    """
    moments = {"now": now, "lapsed": now - LAPSE}
    moments |= {f"before_{place}": now - lasts for place, lasts in enumerate(counter.steps, start=1)}
    adapted = {name: connection.ops.adapt_datetimefield_value(moment) for name, moment in moments.items()}
    values = {"key": counter.key, "limit": FAILURES_BEFORE_BLOCK, **adapted}
    with kept_cursor(connection) as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(RESERVE_AND_NOTE, values | {"browser": browser})
            counted = cursor.fetchone()
        else:
            cursor.execute(RESERVE, values)
            counted = cursor.fetchone()
            if counted:
                attempt = FailedAttempt(counter_key=counter.key, browser=browser, reserved_at=now)
                RESERVED.save(attempt)
                counted = *counted, attempt.pk
    if counted is None:
        raise block_of(counter, now) or Blocked(now)
    return Reservation(counter.key, *counted)


def fail(reservation: Reservation, now: datetime | None = None) -> None:
    """Notes that the attempt was answered « wrong », so that its browser's own success can give it back."""
    ANSWERED.make(key=reservation.attempt, answered_at=now or timezone.now())


def next_block(counter: Counter, reservation: Reservation, browser: str) -> timedelta | None:
    """How long the one attempt that is left would block, where `browser` itself made all failures of the series.

    None where more are left or others have a part in it: of these nobody is told by a page that asks for a code.
    """
    if not reservation.leaves_one:
        return None
    latest = FailedAttempt.objects.filter(counter_key=reservation.key, pk__lte=reservation.attempt).order_by("-pk")
    made_by = list(latest.values_list("browser", flat=True)[: FAILURES_BEFORE_BLOCK - 1])
    is_own = made_by == [browser] * (FAILURES_BEFORE_BLOCK - 1)
    return step(counter.steps, reservation.count + 1) if is_own else None


COUNT_DOWN = """
    UPDATE auth_codes_attemptcounter SET count = CASE WHEN count > %(by)s THEN count - %(by)s ELSE 0 END
    WHERE key = %(key)s
"""


def _forgiven(key: Blank, attempt: Blank, browser: Blank, since: Blank) -> QuerySet[FailedAttempt, AnsweredAt]:
    own = Q(pk=attempt) | Q(browser=browser, answered_at__gt=since)
    return FailedAttempt.objects.filter(own, counter_key=key).values_list("answered_at")


HELD = Prepared(lambda key: AttemptCounter.objects.select_for_update().filter(key=key), key=TEXT)
FORGIVEN = PreparedDelete(_forgiven, key=TEXT, attempt=KEY, browser=TEXT, since=MOMENT)
# The same, and the count that falls by them: of PostgreSQL one statement, under a lock that an earlier one has taken.
FORGIVE_AND_COUNT_DOWN = """
    WITH forgiven AS (
        DELETE FROM auth_codes_failedattempt
        WHERE counter_key = %(key)s AND (id = %(attempt)s OR (browser = %(browser)s AND answered_at > %(since)s))
        RETURNING answered_at
    ), fallen AS (
        UPDATE auth_codes_attemptcounter SET count = GREATEST(count - (SELECT count(*) FROM forgiven), 0)
        WHERE key = %(key)s
    )
    SELECT answered_at FROM forgiven
"""


def give_back(reservation: Reservation, browser: str, now: datetime | None = None) -> list[datetime]:
    """After a success: takes off its own attempt and this browser's failures of the last 15 minutes, no others.

    Resetting the count to zero instead would hand whoever guesses at the same moment five more attempts. What is
    still being verified is not given back either. Says when those failures were answered.
    """
    now = now or timezone.now()
    with transaction.atomic():
        # The counter's row first, as a reservation does: in the other order the two could wait for each other.
        if HELD.first(key=reservation.key) is None:
            # A renewal deleted the very row that was waited for, and another attempt may have begun a new one.
            HELD.first(key=reservation.key)
        forgiven = _forgive(reservation, browser, now - FORGIVEN_WITHIN)
    return [answered_at for (answered_at,) in forgiven if answered_at]


def _forgive(reservation: Reservation, browser: str, since: datetime) -> list[AnsweredAt]:
    """Deletes its attempt and the failures of `browser`, and takes them off the count; when each was answered."""
    key, attempt = reservation.key, reservation.attempt
    with kept_cursor(connection) as cursor:
        if connection.vendor == "postgresql":
            values: dict[str, Any] = {"key": key, "attempt": attempt, "browser": browser, "since": since}
            cursor.execute(FORGIVE_AND_COUNT_DOWN, values)
            return list(cursor.fetchall())
        forgiven = FORGIVEN.make(key=key, attempt=attempt, browser=browser, since=since)
        if forgiven:
            cursor.execute(COUNT_DOWN, {"key": key, "by": len(forgiven)})
        return forgiven


def lift(counter: Counter) -> bool:
    """Ends the block that stands, by the owner's own word; the count stays, so the next five fill it again."""
    blocked = AttemptCounter.objects.filter(key=counter.key, count=F("filled_count"))
    return bool(blocked.update(filled_count=0))


def lift_passing(counter: Counter) -> bool:
    """The same by two advisors, of a block that time alone would end too: not of one that lasts until a renewal."""
    until_renewal = FAILURES_BEFORE_BLOCK * len(counter.steps)
    blocked = AttemptCounter.objects.filter(key=counter.key, count=F("filled_count"), count__lt=until_renewal)
    return bool(blocked.filter(count__gt=0).update(filled_count=0))


def forget(counter: Counter, now: datetime | None = None) -> None:
    """Brings a count back to zero, which a renewal of the code alone does: what was guessed at is no longer valid.

    What is being verified at this very moment may meet the new code, and goes on counting.
    """
    now = now or timezone.now()
    attempts = FailedAttempt.objects.filter(counter_key=counter.key)
    in_flight = _in_flight(now)
    with transaction.atomic():
        row = AttemptCounter.objects.select_for_update().filter(key=counter.key)
        row.first()
        attempts.exclude(in_flight).delete()
        left = attempts.count()
        if not left:
            row.delete()
            return
        row.update(count=left, filled_count=left if left % FAILURES_BEFORE_BLOCK == 0 else 0, filled_at=now)


def purge(now: datetime, advance: Callable[[int], None] = batched_deletes.unheard) -> Purged:
    """Lets failures lapse after 365 days, each by itself, and deletes the counters that count nothing.

    A timer's work: a reservation only looks at the last one. Numbers that nobody holds lapse by the same clock.
    `advance` is told how many rows went, after each short transaction.
    """
    failures = counters = 0
    while (lapsed := _lapse_oldest(now)).failures:
        failures, counters = failures + lapsed.failures, counters + lapsed.counters
        advance(sum(lapsed))
    idle = AttemptCounter.objects.filter(count=0, reserved_at__lte=now - IDLE_BEFORE_PURGE)
    return Purged(failures, counters + batched_deletes.delete(idle, advance))


def _lapse_oldest(now: datetime) -> Purged:
    """Forgets the oldest lapsed failures, and counts anew what is left; says what went, nothing at the end.

    Those whose counter somebody holds, a login or another purge, wait for the next run.
    """
    lapsed = FailedAttempt.objects.filter(reserved_at__lte=now - LAPSE).order_by("reserved_at")
    oldest = dict(lapsed.values_list("pk", "counter_key")[:PURGED_AT_ONCE])
    counters = AttemptCounter.objects.filter(pk__in=set(oldest.values()))
    with transaction.atomic():
        # The counters first, as a reservation does.
        free = set(counters.select_for_update(skip_locked=True).values_list("pk", flat=True))
        held = set(counters.exclude(pk__in=free).values_list("pk", flat=True))
        gone = [attempt for attempt, key in oldest.items() if key not in held]
        failures, _ = FailedAttempt.objects.filter(pk__in=gone).delete()
        emptied, _ = AttemptCounter.objects.filter(pk__in=free, reserved_at__lte=now - LAPSE).delete()
        # Not a subtraction: a reservation after a year of rest has already begun the count anew.
        counting = FailedAttempt.objects.filter(counter_key=OuterRef("pk"), reserved_at__gt=now - LAPSE)
        AttemptCounter.objects.filter(pk__in=free).update(count=_number_of(counting))
    return Purged(failures, emptied)


def _in_flight(now: datetime) -> Q:
    return Q(answered_at=None, reserved_at__gt=now - ANSWERED_WITHIN)


def _number_of(rows: QuerySet[FailedAttempt]) -> Coalesce:
    counted = rows.order_by().values("counter_key").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)
