"""Moments as papers tell them: in the time of Paris, whatever the machine's."""

from datetime import datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def local(moment: datetime) -> datetime:
    """The moment on the clocks of Paris. Raises ValueError for one without time zone, which could be any."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(PARIS)


def hour(moment: datetime) -> str:
    """« 08 h 05 », never broken over two lines."""
    return f"{local(moment):%H\u202fh\u202f%M}"
