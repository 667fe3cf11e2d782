"""Prints who gets which answer at which address of the portal, as Markdown: `python -m tests.show_access_table`."""

import os

import django


def main() -> None:
    django.setup()
    from tests.portal.access_table import as_markdown

    print(as_markdown())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main()
