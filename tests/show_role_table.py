"""Prints who of the staff gets which answer at the desk: `python -m tests.show_role_table > docs/roles.md`."""

import os
import sys

import django


def main() -> None:
    django.setup()
    from tests.portal.role_table import as_markdown

    sys.stdout.write(as_markdown())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main()
