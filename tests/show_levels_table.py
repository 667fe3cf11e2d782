"""Prints what each act of a client asks: `python -m tests.show_levels_table > docs/levels.md`."""

import os
import sys

import django


def main() -> None:
    django.setup()
    from tests.portal.levels_table import as_markdown

    sys.stdout.write(as_markdown())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main()
