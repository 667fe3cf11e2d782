"""Draws every page of the desk, and its form refused, for the journeys: `python -m tests.draw_desk_pages`.

As JSON: the pages by what they are of, and the addresses that have none. The pages are those of the table of roles,
where every address of the desk stands. In a process of its own, with a database of its own: beside a browser's loop
Django takes no database for safe.
"""

import json
import sys

import django
from django.db import connection, transaction
from django.test.utils import setup_test_environment

django.setup()

from django.urls import reverse  # noqa: E402 - Django is set up first

from tests import makers  # noqa: E402
from tests.conftest import StrictBrowser  # noqa: E402
from tests.portal.role_rows import WHY, YES, Row  # noqa: E402
from tests.portal.role_table import TABLE  # noqa: E402
from tests.portal.role_world import RoleWorld, make_role_world  # noqa: E402
from tests.portal.states import Pages  # noqa: E402
from tests.portal.test_role_table import desk_names  # noqa: E402

# A link to a first password that has ended is a page as well.
SEEN = (200, 410)


def main() -> None:
    setup_test_environment()
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0)
    try:
        with transaction.atomic():
            pages, addresses = drawn(make_role_world(makers.make_advisor()))
            transaction.set_rollback(True)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    json.dump({"pages": pages.by_name, "without": sorted(set(desk_names()) - addresses)}, sys.stdout)


def drawn(world: RoleWorld) -> tuple[Pages, set[str]]:
    """Each page as somebody sees it who may, or is asked why, and the addresses that have one."""
    pages, addresses = Pages(), set()
    for row in TABLE:
        allowed = [name for answer in (YES, WHY) for name in row.answers if row.answers[name] == answer]
        for visitor in allowed[:1] if row.sends is None else ():
            for method in ("get", "post"):
                answer = asked(world, visitor, row, method)
                if answer.status_code in SEEN and pages.keep(f"{method} {row.what}", answer).templates:
                    addresses.add(row.page)
    return pages, addresses


def asked(world: RoleWorld, visitor: str, row: Row, method: str):
    """What this visitor gets; nothing stays of what was sent."""
    before = transaction.savepoint()
    try:
        row.before(world)
        user = world.visitors[visitor]
        browser = StrictBrowser.logged_in(user) if user else StrictBrowser()
        return getattr(browser, method)(reverse(f"admin:{row.page}", kwargs=row.fills(world)))
    finally:
        transaction.savepoint_rollback(before)


if __name__ == "__main__":
    main()
