"""What Django keeps for each request - its language, time zone, prefix, connections - kept by thread and no other way.

Django keeps these by asgiref's `Local`, which also serves tasks of an event loop: a lock, a context and six calls of
Python each time somebody asks in which language he speaks, a hundred and fifty times a page. The portal is served by
threads alone, for which Python has its own.
"""

import threading

from django.db import connections
from django.urls import base as urls
from django.utils import timezone
from django.utils.translation import trans_real

from banking_portal.serving.instead import put

KEPT = ((trans_real, "_active"), (timezone, "_active"), (urls, "_prefixes"), (urls, "_urlconfs"))


def keep_by_thread() -> None:
    """From now on in this process. Called before it serves anybody: what was kept so far is forgotten."""
    for owner, name in (*KEPT, (connections, "_connections")):
        put(owner, name, threading.local())
