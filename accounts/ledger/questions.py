"""What check_ledger asks of the database: rows that are wrong, in SQL that both databases take.

Sets are joined and added up where they are, so that nothing of them is carried here but what is wrong.
"""

import re
from enum import Enum, auto
from typing import NamedTuple


class Problem(Enum):
    """What is wrong; each is the name of a column in the questions below."""

    ENTRY_MISSHAPEN = auto()
    POSITIONS_MISSING = auto()
    POSITION_TWICE = auto()
    BALANCE_BROKEN = auto()
    DAY_BACKWARDS = auto()
    BOOKING_EMPTY = auto()
    BOOKING_ONE_SIDED = auto()
    BOOKING_UNBALANCED = auto()
    BOOKING_OF_OTHER_DAY = auto()
    ENTRIES_WITHOUT_BOOKING = auto()
    WHOLE_UNBALANCED = auto()
    BANK_DISAGREES = auto()
    STATEMENT_POSITION = auto()  # the last entry it tells of is missing, or is of a later month
    STATEMENT_BALANCE = auto()
    BOOKED_BEHIND_STATEMENT = auto()
    BOOKS_REOPENED = auto()
    CORRECTION_DIFFERS = auto()
    TRANSFER_DIFFERS = auto()
    TRANSFER_UNCONFIRMED = auto()
    MONTH_SUM_DIFFERS = auto()
    GUARD_MISSING = auto()


class Question(NamedTuple):
    """Rows of which some may be wrong: a column named after each of `problems` says whether they are.

    The others are fields of a finding. `cents()`, `next_month()` and the like are written as each database takes them.
    """

    problems: tuple[Problem, ...]
    sql: str


ENTRY_SHAPES = Question(
    (Problem.ENTRY_MISSHAPEN,),
    """
    SELECT id AS thing, account_id AS account, booking_id AS booking, NOT coalesce(
        (account_id IS NOT NULL AND internal_account = '' AND position >= 1 AND is_cents(balance)
            OR account_id IS NULL AND internal_account <> '' AND position IS NULL AND balance IS NULL)
        AND amount <> 0 AND is_cents(amount), FALSE) AS entry_misshapen
    FROM accounts_entry WHERE id BETWEEN %s AND %s
    """,
)
CHAINS = Question(
    (Problem.POSITIONS_MISSING, Problem.POSITION_TWICE, Problem.BALANCE_BROKEN, Problem.DAY_BACKWARDS),
    """
    SELECT account, booking, position, before, off AS cents,
        position > before + 1 AS positions_missing,
        position = before AS position_twice,
        position = before + 1 AND off <> 0 AS balance_broken,
        went_back AS day_backwards
    FROM (
        SELECT account_id AS account, booking_id AS booking, position, coalesce(lag(position) OVER chain, 0) AS before,
            cents(balance) - cents(amount) - coalesce(lag(cents(balance)) OVER chain, 0) AS off,
            booked_on < lag(booked_on) OVER chain AS went_back
        FROM accounts_entry WHERE account_id BETWEEN %s AND %s
        WINDOW chain AS (PARTITION BY account_id ORDER BY position)
    ) chains
    """,
)
BOOKINGS = Question(
    (
        Problem.BOOKING_EMPTY,
        Problem.BOOKING_ONE_SIDED,
        Problem.BOOKING_UNBALANCED,
        Problem.BOOKING_OF_OTHER_DAY,
    ),
    """
    SELECT booking.id AS booking, sums.account, coalesce(sums.lines, 0) AS lines, sums.total AS cents,
        sums.lines IS NULL AS booking_empty,
        sums.lines < 2 AS booking_one_sided,
        sums.total <> 0 AS booking_unbalanced,
        sums.first_day <> booking.booked_on OR sums.last_day <> booking.booked_on AS booking_of_other_day
    FROM accounts_booking booking LEFT JOIN (
        SELECT booking_id, min(account_id) AS account, count(*) AS lines, sum(cents(amount)) AS total,
            min(booked_on) AS first_day, max(booked_on) AS last_day
        FROM accounts_entry WHERE booking_id BETWEEN %s AND %s GROUP BY booking_id
    ) sums ON sums.booking_id = booking.id
    WHERE booking.id BETWEEN %s AND %s
    """,
)
ORPHANS = Question(
    (Problem.ENTRIES_WITHOUT_BOOKING,),
    """
    SELECT entry.booking_id AS booking, min(entry.account_id) AS account, count(*) AS lines,
        TRUE AS entries_without_booking
    FROM accounts_entry entry LEFT JOIN accounts_booking booking ON booking.id = entry.booking_id
    WHERE entry.booking_id BETWEEN %s AND %s AND booking.id IS NULL GROUP BY entry.booking_id
    """,
)
STATEMENTS = Question(
    (
        Problem.STATEMENT_POSITION,
        Problem.STATEMENT_BALANCE,
        Problem.BOOKED_BEHIND_STATEMENT,
        Problem.BOOKS_REOPENED,
    ),
    """
    SELECT statement.document_id AS thing, statement.account_id AS account, behind.booking_id AS booking,
        statement.last_position AS position,
        cents(statement.balance) - coalesce(cents(told.balance), 0) AS cents,
        told.position IS NULL AND statement.last_position <> 0
            OR told.booked_on >= next_month(statement.month) AS statement_position,
        cents(statement.balance) <> coalesce(cents(told.balance), 0)
            AND (told.position IS NOT NULL OR statement.last_position = 0) AS statement_balance,
        behind.booked_on < next_month(statement.month) AS booked_behind_statement,
        NOT coalesce(day_after(account.books_closed_on) >= next_month(statement.month), FALSE) AS books_reopened
    FROM accounts_statement statement JOIN accounts_bankaccount account ON account.id = statement.account_id
    LEFT JOIN accounts_entry told
        ON told.account_id = statement.account_id AND told.position = statement.last_position
    LEFT JOIN accounts_entry behind
        ON behind.account_id = statement.account_id AND behind.position = statement.last_position + 1
    """,
)
CORRECTIONS = Question(
    (Problem.CORRECTION_DIFFERS,),
    """
    SELECT booking, min(account_id) AS account, TRUE AS correction_differs
    FROM (
        SELECT booking, account_id, internal_account, moved FROM (
            SELECT correction.id AS booking, account_id, internal_account, cents(amount) AS moved, 1 AS side
            FROM accounts_booking correction JOIN accounts_entry entry ON entry.booking_id = correction.id
            WHERE correction.corrects_id IS NOT NULL
            UNION ALL
            SELECT correction.id, account_id, internal_account, -cents(amount), -1
            FROM accounts_booking correction JOIN accounts_entry entry ON entry.booking_id = correction.corrects_id
        ) moves
        GROUP BY booking, account_id, internal_account, moved HAVING sum(side) <> 0
    ) unmatched GROUP BY booking
    """,
)
TRANSFERS = Question(
    (Problem.TRANSFER_DIFFERS, Problem.TRANSFER_UNCONFIRMED),
    """
    SELECT transfer.id AS thing, transfer.source_id AS account, transfer.booking_id AS booking,
        transfer.booking_id IS NOT NULL AND (
            transfer.booking_id <> transfer.id OR booking.id IS NULL OR booking.kind <> 'transfer'
            OR count(entry.id) <> 2
            OR coalesce(sum(CASE WHEN entry.account_id = source_id THEN cents(entry.amount) END), 0)
                <> -cents(transfer.amount)
            OR coalesce(sum(CASE WHEN entry.account_id = destination_id THEN cents(entry.amount) END), 0)
                <> cents(transfer.amount)
        ) AS transfer_differs,
        transfer.booking_id IS NULL AND booking.id IS NOT NULL AS transfer_unconfirmed
    FROM accounts_transfer transfer LEFT JOIN accounts_booking booking ON booking.id = transfer.id
    LEFT JOIN accounts_entry entry ON entry.booking_id = transfer.id
    GROUP BY transfer.id, booking.id, booking.kind
    """,
)
MONTH_SUMS = Question(
    (Problem.MONTH_SUM_DIFFERS,),
    """
    SELECT account, month AS thing, TRUE AS month_sum_differs
    FROM (
        SELECT summed_id AS account, month, cents(came_in) AS came_in, cents(went_out) AS went_out
        FROM accounts_monthsum WHERE summed_id BETWEEN %s AND %s
        UNION ALL
        SELECT entry.account_id, month_of(booked_on), CASE WHEN amount > 0 THEN -cents(amount) ELSE 0 END,
            CASE WHEN amount < 0 THEN -cents(amount) ELSE 0 END
        FROM accounts_entry entry JOIN accounts_summedaccount summed
            ON summed.account_id = entry.account_id AND entry.position <= summed.position
        WHERE entry.account_id BETWEEN %s AND %s
    ) both_sides GROUP BY account, month HAVING sum(came_in) <> 0 OR sum(went_out) <> 0
    """,
)
TOTALS = """
    SELECT coalesce(sum(cents(amount)), 0), coalesce(sum(CASE WHEN account_id IS NULL THEN cents(amount) END), 0)
    FROM accounts_entry
"""
OWED = """
    SELECT coalesce(sum(cents(balance)), 0) FROM accounts_entry JOIN (
        SELECT account_id, max(position) AS position FROM accounts_entry
        WHERE account_id IS NOT NULL GROUP BY account_id
    ) newest USING (account_id, position)
"""
COUNTS = """
    SELECT (SELECT count(*) FROM accounts_entry), (SELECT count(*) FROM accounts_booking),
        (SELECT count(*) FROM accounts_bankaccount), (SELECT count(*) FROM accounts_statement),
        (SELECT count(*) FROM accounts_booking WHERE corrects_id IS NOT NULL),
        (SELECT count(*) FROM accounts_transfer WHERE booking_id IS NOT NULL)
"""
# Whole cents, so that sums are exact: SQLite holds amounts as floating-point numbers, which are exact to the cent as
# far as a balance goes, but whose sum over millions of entries is not.
WRITTEN = {
    "postgresql": {
        "cents": r"(\1 * 100)",
        "is_cents": r"\1 <> 'NaN'",
        "next_month": r"(\1 + interval '1 month')",
        "month_of": r"CAST(date_trunc('month', \1) AS date)",
        "day_after": r"(\1 + interval '1 day')",
    },
    "sqlite": {
        "cents": r"CAST(round(\1 * 100) AS INTEGER)",
        "is_cents": r"typeof(\1) <> 'text' AND round(\1, 2) = \1",
        "next_month": r"date(\1, '+1 month')",
        "month_of": r"date(\1, 'start of month')",
        "day_after": r"date(\1, '+1 day')",
    },
}


def written(sql: str, vendor: str) -> str:
    """The question as the database of `vendor` takes it."""
    for word, meaning in WRITTEN[vendor].items():
        sql = re.sub(rf"\b{word}\(([\w.]+)\)", meaning, sql)
    return sql
