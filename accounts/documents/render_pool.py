"""Processes that render papers on every core: threads would share one interpreter, and gain less."""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor

import django


def of(workers: int) -> ProcessPoolExecutor:
    """A pool for `accounts.papers.contents.render`. Spawned, not forked: no process shares our database connection."""
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_begin)


def _begin() -> None:
    django.setup()  # papers write days with Django's names of months
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the command's to answer, which then ends us
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Else a command that is killed would leave us waiting for ever."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
    os._exit(1)
