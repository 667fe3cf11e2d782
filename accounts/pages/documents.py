"""« Mes documents »: the list, each document as PDF and as a page that anybody can read, a year's statements in one."""

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.generic import DetailView, TemplateView, View
from django.views.generic.detail import BaseDetailView

from accounts.documents import archives, files
from accounts.documents.issuing import contents_of
from accounts.models import BankAccount
from accounts.pages.client import ClientMixin
from accounts.pages.document_filter import STATEMENT, DocumentFilter
from accounts.papers.contents import in_words

DOCUMENTS_PER_PAGE = 25


class DocumentListView(ClientMixin, TemplateView):
    template_name = "accounts/documents/list.html"

    def get_context_data(self, **kwargs):
        mine, accounts = self.client.documents.listed(), BankAccount.objects.stated_to(self.client)
        chosen = DocumentFilter.read(self.request.GET, accounts)
        page = Paginator(chosen.among(mine), DOCUMENTS_PER_PAGE).get_page(self.request.GET.get("page"))
        is_filtered = chosen != DocumentFilter()
        choices = chosen.choices(mine, accounts)
        account = chosen.account
        return super().get_context_data(page=page, is_filtered=is_filtered, account=account, **choices, **kwargs)


class StatementArchiveView(ClientMixin, View):
    """The statements of a year as one file, those of one account where the address names it."""

    http_method_names = ["get", "head", "options"]

    def get(self, request, year):
        accounts = BankAccount.objects.stated_to(self.client)
        chosen = DocumentFilter.read({**request.GET.dict(), "annee": f"{year:04}", "nature": STATEMENT}, accounts)
        # An account that is not heeded would bring other statements than those asked for.
        if chosen.year is None or (chosen.account is None and "compte" in request.GET):
            raise Http404
        statements = list(chosen.among(self.client.documents.listed()).order_by("statement__month", "pk"))
        if not statements:
            raise Http404
        named = f"{year} {statements[0].account.number}" if chosen.account else str(year)
        return StreamingHttpResponse(
            archives.written(statements),
            content_type="application/zip",
            headers={"Content-Disposition": content_disposition_header(True, f"{_('Relevés {}').format(named)}.zip")},
        )


class DocumentPdfView(ClientMixin, BaseDetailView):
    http_method_names = ["get", "head", "options"]

    def get_queryset(self):
        return self.client.documents.select_related("statement__account", "transfer")

    def render_to_response(self, context) -> FileResponse:
        answer = files.saved if "telecharger" in self.request.GET else files.opened
        return answer(self.object)


class DocumentPageView(ClientMixin, DetailView):
    """All that the PDF tells, from the same contents."""

    context_object_name = "document"

    def get_queryset(self):
        return self.client.documents.select_related("statement__account")

    def get_template_names(self):
        return [self.object.paper.KIND.page]

    def get_context_data(self, **kwargs):
        return super().get_context_data(paper=in_words(contents_of(self.object)), **kwargs)
