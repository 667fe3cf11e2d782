"""What a client takes away from an account: its operations for a program of his own, its bank details."""

from collections.abc import Iterable, Iterator
from itertools import islice

from django.http import Http404, StreamingHttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.views.generic import View

from accounts.documents import bank_details, files
from accounts.operations import csv_lines, ofx_lines, search
from accounts.pages import history_limit
from accounts.pages.accounts import AccountMixin
from accounts.pages.operation_filter import OperationFilter
from auth_codes.pages.visitor import open_to_codes_alone

ROWS_AT_ONCE = 2000
LINES_AT_ONCE = 500


@method_decorator(open_to_codes_alone, name="dispatch")
class OperationsDownload(AccountMixin, View):
    """All that the page shows with the same filters, the oldest first, written while it is read."""

    def get(self, request, pk):
        account = self.reached(pk)
        form = OperationFilter(request.GET, account)
        asked = form.asked()
        if form.errors:
            raise Http404  # else a mistyped address would bring other operations than those asked for
        positions = search.positions_in(account, asked.period)
        seen_from = history_limit.first_day_of(request, account.first_day)
        if search.since(account, positions, seen_from) != positions:
            # Back to the page that offers it: a file that comes by itself would leave him where he was.
            query = request.GET.urlencode()
            raise history_limit.AsksProof(f"{account.get_absolute_url()}{'?' * bool(query)}{query}#download")
        entries = search.select(account, asked, positions).select_related("booking").order_by("position")
        lines = self.lines(account, asked, positions, entries.iterator(ROWS_AT_ONCE))
        name = f"operations-{account.number}.{self.extension}"
        return StreamingHttpResponse(
            in_chunks(lines),
            content_type=self.content_type,
            headers={"Content-Disposition": content_disposition_header(True, name)},
        )


class OperationsCsvView(OperationsDownload):
    content_type, extension = "text/csv; charset=utf-8", "csv"

    def lines(self, account, asked, positions, entries):
        return csv_lines.lines(entries)


class OperationsOfxView(OperationsDownload):
    content_type, extension = "application/x-ofx", "ofx"

    def lines(self, account, asked, positions, entries):
        frame = ofx_lines.frame_of(account, asked.period, positions, timezone.localtime())
        return ofx_lines.lines(frame, entries)


class BankDetailsView(AccountMixin, View):
    """The RIB. A closed account has none: nothing may be paid to it any more."""

    def get(self, request, pk):
        account = self.reached(pk)
        if account.is_closed:
            raise Http404
        return files.drawn(bank_details.contents_of(account, timezone.localdate()), f"RIB-{account.number}.pdf")


def in_chunks(lines: Iterable[str]) -> Iterator[bytes]:
    """Some hundred lines at a time: one by one, each would be a packet of its own."""
    remaining = iter(lines)
    while chunk := "".join(islice(remaining, LINES_AT_ONCE)):
        yield chunk.encode()
