"""The portal on a machine whose clock differs from the others', by CLOCK_DIFFERS seconds, as gunicorn serves it."""

import os
import time
from datetime import timedelta

from django.utils import timezone

DIFFERS = float(os.environ["CLOCK_DIFFERS"])
right_now, right_time = timezone.now, time.time
timezone.now = lambda: right_now() + timedelta(seconds=DIFFERS)
time.time = lambda: right_time() + DIFFERS

from banking_portal.wsgi import application  # noqa: E402, F401 - what it imports may keep the clock that it finds
