#!/usr/bin/env python
"""Runs the portal's commands."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banking_portal.settings")
    from banking_portal.environment import BadEnvironment

    try:
        # Django swallows a settings error for some commands and prints a traceback for the others.
        __import__(os.environ["DJANGO_SETTINGS_MODULE"])
    except BadEnvironment as error:
        sys.exit(str(error))

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
