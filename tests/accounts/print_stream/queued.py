"""Letters that wait, and what an export hands over."""

import hashlib
import json

from accounts.kinds import Mail
from accounts.models import PostalItem
from accounts.papers.postal_notice import NoticeContents
from accounts.post import queue
from accounts.print_stream import batches, drawing


def notice(number=0, **changed):
    fields = {
        "address": ("Mme Inès Léa MARTIN", f"{number} rue des Lilas", "69003 LYON"),
        "written_on": "2026-11-03",
        "subject": f"Lettre {number}",
        "body": "Bonjour.",
        "bank_phone": "01 99 00 12 34",
    }
    return NoticeContents.from_json(json.dumps({"version": 1} | fields | changed))


def make_items(client, count, first=0):
    """So many letters that wait; nothing else does."""
    papers = [notice(number) for number in range(first, first + count)]
    queue.send_notices(client, papers, kind=Mail.CONTACT_CHANGED, only_one_on=None)
    return list(PostalItem.objects.filter(client=client, title__in=[paper.subject for paper in papers]))


def mark_drawn(items):
    """As if their PDFs were made, for tests of many letters; of a few bytes, with one page."""
    pdf = b"%PDF-1.7 of a test"
    PostalItem.objects.filter(pk__in=[item.pk for item in items]).update(
        pdf=pdf, pages=1, sha256=hashlib.sha256(pdf).hexdigest()
    )


def export(folder):
    """The batches written below `folder`."""
    drawing.draw_waiting()
    return list(batches.export(folder))


def content_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}
