"""Proving the journal: every chained line is what it was when it was chained, and none is missing."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple

from django.db.models import Max, Min

from auth_codes.journal import chain, chain_keys, chaining, proofs, subjects
from auth_codes.journal.chain import Line, Link, Place
from auth_codes.models import JournalCheckpoint, JournalLink
from auth_codes.one_at_a_time import alone

BATCH = 2000
WHOLE_JOURNAL = "journal_kept_whole"  # a purge and a reading of the whole chain wait for each other


class Breach(Enum):
    """What is wrong, at a position of the chain or with a line."""

    LINE_REMOVED = auto()
    LINE_ALTERED = auto()  # or put in another's place
    LINE_INSERTED = auto()
    LINK_ALTERED = auto()
    LINE_OR_LINK_ALTERED = auto()  # nothing after it tells which
    LINKS_REMOVED = auto()
    LINKS_LEFT = auto()
    TAIL_REMOVED = auto()
    HEAD_DIFFERS = auto()
    HEAD_PURGED = auto()
    CHECKPOINT_FORGED = auto()
    CHECKPOINT_REMOVED = auto()
    CHECKPOINT_KEY_MISSING = auto()  # nothing tells it from a forged one
    SUBJECT_MISSING = auto()  # the line is on nobody's page
    SUBJECT_DIFFERS = auto()
    KEY_MISSING = auto()  # nothing is said of what it chained
    PROOF_ALTERED = auto()  # or slipped in
    PROOFS_REMOVED = auto()
    PROOF_KEY_MISSING = auto()


class BreachFound(NamedTuple):
    """`position` in the chain (`last` where a range begins there), `event_id` of the line, as far as they are known.

    Of a proof that was kept, `position` is its number.
    """

    problem: Breach
    position: int = 0
    event_id: int | None = None
    last: int = 0
    key_id: str = ""


class Verified(NamedTuple):
    """What a reading told: lines proved, lines that wait to be chained, where the chain begins and ends."""

    lines: int
    waiting: int
    start: Place
    head: Place


class Reader:
    """Follows the chain link by link; a wrong one is told once, and what comes after it is judged on its own.

    Beside the place that a link gives it keeps the one that the link should give. The next link, made from the true
    one, then tells whether the line or the link was altered, or that the link names a key that did not make it.
    """

    def __init__(self, start: Place):
        self.place, self.proved = start, 0
        self._true = start.mac
        self._last: Link | None = None
        self._suspect: Link | None = None
        self._keys = chain_keys.verifying()
        self._unread: dict[str, BreachFound] = {}

    def read(self, link: Link, line: Line | None) -> Iterator[BreachFound]:
        """What is wrong with `link`, or with the one before it; `line` is None when it is not in the journal."""
        if link.position != self.place.position + 1:
            yield from self._after_a_gap(link)
        elif line is None:
            yield from self._settle(Breach.LINE_OR_LINK_ALTERED)
            yield BreachFound(Breach.LINE_REMOVED, link.position, link.event_id)
        elif link.key_id not in self._keys:
            yield from self._settle(Breach.LINE_OR_LINK_ALTERED)
            self._pass_unread(link)
        else:
            yield from self._judge(link, line)
        self.place, self._last = chain.place_of(link), link
        if self._suspect is not link:
            self._true = self.place.mac

    def end(self) -> Iterator[BreachFound]:
        """What is wrong with the last link that was read, if nothing comes after it."""
        yield from self._settle(Breach.LINE_OR_LINK_ALTERED)

    def unread(self) -> list[BreachFound]:
        """The keys that were missing, each with the first and the last position that it chained."""
        return list(self._unread.values())

    def _judge(self, link: Link, line: Line) -> Iterator[BreachFound]:
        if self._follows(self.place.mac, link, line):
            yield from self._settle(Breach.LINE_ALTERED)
        elif self._follows(self._true, link, line):
            yield from self._settle(Breach.LINK_ALTERED)
        elif self._last and self._follows_another_key(self._last, link, line):
            self._suspect = self._last
            yield from self._settle(Breach.LINE_OR_LINK_ALTERED)
        else:
            yield from self._settle(Breach.LINE_OR_LINK_ALTERED)
            self._suspect, true = link, chain.mac_of(self._keys[link.key_id], self._true, link, line)
            self._true = chain.place_of(link._replace(mac=true)).mac
            return
        self.proved += 1

    def _follows(self, after: bytes, link: Link, line: Line) -> bool:
        return link.mac == chain.mac_of(self._keys[link.key_id], after, link, line)

    def _follows_another_key(self, last: Link, link: Link, line: Line) -> bool:
        """Whether `last` named another key, one that is at hand, when `link` was made."""
        return any(self._follows(chain.place_of(last._replace(key_id=key_id)).mac, link, line) for key_id in self._keys)

    def _settle(self, problem: Breach) -> Iterator[BreachFound]:
        if self._suspect:
            yield BreachFound(problem, self._suspect.position, self._suspect.event_id)
        self._suspect = None

    def _after_a_gap(self, link: Link) -> Iterator[BreachFound]:
        """The link that follows missing ones cannot be proved either: it was made from the last of them."""
        yield from self._settle(Breach.LINE_OR_LINK_ALTERED)
        yield BreachFound(Breach.LINKS_REMOVED, self.place.position + 1, last=link.position - 1)

    def _pass_unread(self, link: Link) -> None:
        first = self._unread.get(link.key_id, BreachFound(Breach.KEY_MISSING, link.position, key_id=link.key_id))
        self._unread[link.key_id] = first._replace(last=link.position)


def read_chain(reader: Reader, told: Callable[[BreachFound], None]) -> Iterator[list[Link]]:
    """Has `reader` read the chain to its end, and gives the links batch by batch; `told` hears each finding."""
    while links := chain.links_after(reader.place.position, BATCH):
        lines = chain.lines([link.event_id for link in links])
        for link in links:
            for finding in reader.read(link, lines.get(link.event_id)):
                told(finding)
        yield links


def verify(
    now: datetime, told: Callable[[BreachFound], None], advance: Callable[[int], None], expected: Place | None = None
) -> Verified:
    """Reads the chain from the last checkpoint on, in bounded memory; `advance` is told how many links were read.

    `expected` is a head that seal_journal printed: with it, a chain whose end was cut is found as well.
    """
    wrong: set[int | None] = set()

    def tell(finding: BreachFound) -> None:
        wrong.add(finding.event_id)
        told(finding)

    with alone(WHOLE_JOURNAL):
        verified = _verify_chain(now, tell, advance, expected)
        # Of a line that is wrong itself nothing more is said.
        for event_id, is_missing in subjects.differing():
            if event_id not in wrong:
                told(BreachFound(Breach.SUBJECT_MISSING if is_missing else Breach.SUBJECT_DIFFERS, event_id=event_id))
        for wrong_proof in proofs.look_for_wrong():
            told(_of_proof(wrong_proof))
        return verified


def _of_proof(wrong: proofs.Wrong) -> BreachFound:
    if wrong.last:
        return BreachFound(Breach.PROOFS_REMOVED, wrong.number, last=wrong.last)
    problem = Breach.PROOF_KEY_MISSING if wrong.key_id else Breach.PROOF_ALTERED
    return BreachFound(problem, wrong.number, key_id=wrong.key_id)


def _verify_chain(
    now: datetime, told: Callable[[BreachFound], None], advance: Callable[[int], None], expected: Place | None
) -> Verified:
    start = last_checkpoint(told)
    if JournalLink.objects.filter(position__lte=start.position).exists():
        told(BreachFound(Breach.LINKS_LEFT, 1, last=start.position))
    reader = Reader(start)
    for links in read_chain(reader, told):
        advance(len(links))
    for finding in (*reader.end(), *reader.unread()):
        told(finding)
    _compare(start, reader.place, expected, told)
    return Verified(reader.proved, _look_for_insertions(now, told), start, reader.place)


def last_checkpoint(told: Callable[[BreachFound], None]) -> Place:
    """The last one whose signature holds, or the beginning: from there on no link may be missing.

    One whose key is missing may have been made up, so nothing begins there. Below one that holds it matters no more:
    the purge that signed the later one had read the chain, and a key dropped after its time is not missed for ever.
    """
    keys, place, unread = chain_keys.verifying(), chain.BEGINNING, 0
    for checkpoint in JournalCheckpoint.objects.order_by("position").iterator():
        if checkpoint.key_id not in keys:
            unread = checkpoint.position
        elif bytes(checkpoint.signature) != chain.signature_of(keys[checkpoint.key_id], checkpoint):
            told(BreachFound(Breach.CHECKPOINT_FORGED, checkpoint.position))
        else:
            begins = checkpoint.position - checkpoint.lines
            if begins not in (place.position, unread):
                told(BreachFound(Breach.CHECKPOINT_REMOVED, place.position + 1, last=begins))
            place = Place(checkpoint.position, bytes(checkpoint.mac))
    for finding in _unread_checkpoints(place, keys):
        told(finding)
    return place


def _unread_checkpoints(place: Place, keys: Iterable[str]) -> Iterator[BreachFound]:
    """The keys that are missing for the checkpoints after `place`, each with its first and its last."""
    unread = JournalCheckpoint.objects.filter(position__gt=place.position).exclude(key_id__in=keys)
    by_key = unread.values("key_id").annotate(first=Min("position"), last=Max("position")).order_by("first")
    for row in by_key:
        yield BreachFound(Breach.CHECKPOINT_KEY_MISSING, row["first"], last=row["last"], key_id=row["key_id"])


def _compare(start: Place, head: Place, expected: Place | None, told: Callable[[BreachFound], None]) -> None:
    if expected is None:
        return
    if expected.position > head.position:
        told(BreachFound(Breach.TAIL_REMOVED, head.position + 1, last=expected.position))
    elif expected.position < start.position:
        told(BreachFound(Breach.HEAD_PURGED, expected.position, last=start.position))
    elif expected.mac != (start.mac if expected.position == start.position else _mac_at(expected.position)):
        told(BreachFound(Breach.HEAD_DIFFERS, expected.position))


def _mac_at(position: int) -> bytes | None:
    for link in chain.links_after(position - 1, 1):
        if link.position == position:
            return chain.place_of(link).mac
    return None


def _look_for_insertions(now: datetime, told: Callable[[BreachFound], None]) -> int:
    """How many lines wait to be chained; one that nothing will ever chain was put in afterwards."""
    settled = chaining.settled(now)
    inserted = chaining.unchained().filter(id__lte=settled).order_by("id")
    for event_id in inserted.values_list("id", flat=True).iterator():
        told(BreachFound(Breach.LINE_INSERTED, event_id=event_id))
    return chaining.unchained_after(settled).count()
