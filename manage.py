#!/usr/bin/env python
"""Runs the portal's commands."""

import logging
import os
import sys

INTERRUPTED = "Interrompu. Relancez la même commande : ce qui est fait reste fait."
EXIT_INTERRUPTED = 130  # what shells give for Ctrl-C
EXIT_UNREAD = 141  # and for a reader that has left: « | head »


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banking_portal.settings")
    if sys.argv[1:2] != ["serve_metrics"]:
        # Servers count. A command that did would need a folder that its unit does not let it write in.
        os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    from banking_portal.environment import BadEnvironment

    try:
        # Django swallows a settings error for some commands and prints a traceback for the others.
        __import__(os.environ["DJANGO_SETTINGS_MODULE"])
    except BadEnvironment as error:
        sys.exit(str(error))
    run_command()


def run_command():
    """Django's own run, with a sentence for what is no fault of the program.

    These are Ctrl-C, a database out of reach, one of other keys, and the demo on a bank's or the reverse.
    """
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from accounts.demo.mixture import Mixture
    from accounts.management import results
    from auth_codes.crypto.fingerprints import WrongKeys
    from banking_portal.database_errors import in_a_sentence

    # What a server logs once for all its threads is said by the sentence below.
    logging.getLogger("banking_portal.postgresql.reach").setLevel(logging.CRITICAL)
    try:
        with results.noted(sys.argv):
            execute_from_command_line(sys.argv)
    except OperationalError as error:
        sys.exit(in_a_sentence(error))
    except (Mixture, WrongKeys) as error:
        sys.exit(str(error))


def leave_unread():
    """Ends without a word when whoever read what is printed has seen enough; a pipe that broke elsewhere is raised."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes what is left as it ends
        sys.exit(EXIT_UNREAD)


if __name__ == "__main__":
    try:
        try:
            main()
        finally:
            leave_unread()
    except KeyboardInterrupt:
        print(f"\n{INTERRUPTED}", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)
