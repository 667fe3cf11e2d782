"""How long the pages of a large account take, among millions of entries, on a PostgreSQL.

    python -m tests.postgres python -m benchmarks.account_pages

Fills an empty database with 5 million entries, 50,000 of them on one account and spread among the others as days
mix them, then asks for each page of that account and prints the median and the worst in milliseconds.
"""

import os
import statistics
import time

import django

ENTRIES, ON_ONE, OTHERS, TIMES = 5_000_000, 50_000, 10_000, 50
FILL = [
    "SET session_replication_role = replica",  # the guards look each row up, for what is right by construction here
    f"""
    INSERT INTO accounts_bankaccount (kind, number, opened_on, overdraft, opening)
    SELECT 'current', (20000000000 + n)::text, '2016-01-01', 0, gen_random_uuid()
    FROM generate_series(1, {OTHERS}) n
    """,
    f"""
    CREATE TEMPORARY TABLE line AS
    SELECT n, gen_random_uuid() AS booking, date '2016-01-01' + (n * 3900 / {ENTRIES})::int AS day,
        CASE WHEN n % {ENTRIES // ON_ONE} = 0 THEN (SELECT min(id) FROM accounts_bankaccount)
            ELSE (SELECT min(id) FROM accounts_bankaccount) + 1 + n % {OTHERS} END AS account,
        (ARRAY['Supermarché', 'Électricité', 'Boulangerie', 'Pharmacie de la gare', 'Loyer', 'Virement salaire',
            'Carburant', 'Téléphone et internet', 'Librairie', 'Remboursement santé'])[1 + (n + n / 100) % 10]
            || ' ' || (n * 7919) % 100003 AS label,
        ((n * 31) % 20000 + 1)::numeric / 100 AS amount
    FROM generate_series(1::bigint, {ENTRIES}) n
    """,
    """
    INSERT INTO accounts_booking (id, kind, booked_on, made_at) SELECT booking, 'card', day, day FROM line ORDER BY n
    """,
    """
    INSERT INTO accounts_entry (booking_id, account_id, internal_account, position, booked_on, value_on, label,
        amount, balance)
    SELECT booking, account, '', row_number() OVER own, day, day, label, amount, sum(amount) OVER own
    FROM line WINDOW own AS (PARTITION BY account ORDER BY n) ORDER BY n
    """,
    "SET session_replication_role = DEFAULT",
    "VACUUM ANALYZE accounts_entry",
    "VACUUM ANALYZE accounts_booking",
    "ANALYZE accounts_bankaccount",
]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from accounts.models import Entry
    from tests import makers
    from tests.conftest import StrictBrowser

    call_command("migrate", verbosity=0)
    if not Entry.objects.exists():
        makers.make_personalised_client(makers.make_advisor())
        fill(connection)
    account = Entry.objects.filter(position=ON_ONE).get().account
    browser = StrictBrowser.logged_in(account.holders.get().user)
    for name, query in PAGES.items():
        measure(name, lambda query=query: browser.get(f"/espace-client/comptes/{account.pk}/{query}"))
    measure("overview", lambda: browser.get("/espace-client/"))
    for name in ("operations.csv", "operations.ofx"):
        measure(name, lambda name=name: list(browser.get(f"/espace-client/comptes/{account.pk}/{name}")), times=3)


PAGES = {
    "first page": "",
    "page 500": f"?before={ON_ONE - 499 * 50 + 1}",
    "last page": "?before=51",
    "a month": "?period=2020-05",
    "a common word": "?search=electricite",
    "a word found once": "?search=librairie+77777",
    "a word found never": "?search=zygomatique",
    "an amount": "?search=123,45",
    "an amount found never": "?search=9999,99",
}


def fill(connection) -> None:
    with connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement)


def measure(name: str, act, times: int = TIMES) -> None:
    act()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        taken.append((time.perf_counter() - start) * 1000)
    print(f"{name:22} median {statistics.median(taken):7.1f} ms   worst {max(taken):7.1f} ms", flush=True)


if __name__ == "__main__":
    main()
