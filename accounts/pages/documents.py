"""« Mes documents »: the list, each document as PDF and as a page that anybody can read, a year's statements in one."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.generic import DetailView, TemplateView, View
from django.views.generic.detail import BaseDetailView

from accounts.documents import archives, files, listed
from accounts.documents.issuing import contents_of
from accounts.models import Document
from accounts.models.documents import readable_sheets
from accounts.pages import history_limit
from accounts.pages.begun_list import BegunList
from accounts.pages.client import ClientMixin
from accounts.pages.document_filter import STATEMENT, DocumentFilter
from accounts.papers.contents import in_words
from auth_codes.prepared import KEY, Blank, Prepared


class OwnerMixin(ClientMixin):
    """Whose documents they are: the client's own, or those of somebody for whom he acts."""

    @property
    def owner(self):
        return self.client


class DocumentListView(OwnerMixin, TemplateView):
    template_name = "accounts/documents/list.html"

    def get_context_data(self, **kwargs):
        owner = self.owner.pk
        mine, accounts = listed.of(owner), listed.accounts_of(owner)
        chosen = DocumentFilter.read(self.request.GET, accounts)
        is_filtered = chosen != DocumentFilter()
        rows = listed.counted(owner)
        shown = chosen.among(mine) if is_filtered else listed_by_page(owner, rows)
        page = Paginator(shown, listed.PER_PAGE).get_page(self.request.GET.get("page"))
        choices = chosen.choices(rows, accounts)
        account = chosen.account
        return super().get_context_data(page=page, is_filtered=is_filtered, account=account, **choices, **kwargs)


def listed_by_page(owner, rows):
    """All of somebody's documents; `rows` say how many there are."""
    number = sum(count for *_, count in rows)
    return BegunList(listed.FIRST, lambda: listed.of(owner), listed.PER_PAGE, client=owner, count=lambda: number)


class StatementArchiveView(OwnerMixin, View):
    """The statements of a year as one file, those of one account where the address names it."""

    http_method_names = ["get", "head", "options"]

    def list_address(self, year):
        """The page that offers the archive: a file that comes by itself would leave him where he was."""
        asked = {"annee": f"{year:04}", "nature": STATEMENT, "compte": self.request.GET.get("compte", "")}
        return f"{self.list_page()}?{urlencode({name: value for name, value in asked.items() if value})}"

    def list_page(self):
        return reverse("documents")

    def get(self, request, year):
        accounts = listed.accounts_of(self.owner.pk)
        chosen = DocumentFilter.read({**request.GET.dict(), "annee": f"{year:04}", "nature": STATEMENT}, accounts)
        # An account that is not heeded would bring other statements than those asked for.
        if chosen.year is None or (chosen.account is None and "compte" in request.GET):
            raise Http404
        statements = list(chosen.among(listed.of(self.owner.pk)).order_by("statement__month", "pk"))
        if not statements:
            raise Http404
        for statement in statements:
            history_limit.judge(self.request, statement.tells_from, self.list_address(year))
        named = f"{year} {statements[0].account.number}" if chosen.account else str(year)
        return StreamingHttpResponse(
            archives.written(statements),
            content_type="application/zip",
            headers={"Content-Disposition": content_disposition_header(True, f"{_('Relevés {}').format(named)}.zip")},
        )


def _read(key: Blank, sheets: list[Blank]) -> QuerySet[Document]:
    return Document.objects.filter(pk=key, client__pk__in=sheets).select_related("statement__account").order_by()


READ = Prepared(_read, key=KEY, sheets=KEY)


class DocumentPdfView(ClientMixin, BaseDetailView):
    http_method_names = ["get", "head", "options"]

    def get_queryset(self):
        documents = Document.objects.readable_by(self.client, self.acting)
        return documents.select_related("statement__account", "transfer")

    def render_to_response(self, context) -> FileResponse:
        is_saved = "telecharger" in self.request.GET
        back_to = reverse("read_document", args=[self.object.pk]) if is_saved else ""
        history_limit.judge(self.request, self.object.tells_from, back_to)
        answer = files.saved if is_saved else files.opened
        return answer(self.object)


class DocumentPageView(ClientMixin, DetailView):
    """All that the PDF tells, from the same contents."""

    context_object_name = "document"

    def get_object(self, queryset=None):
        document = READ.first(key=self.kwargs["pk"], sheets=readable_sheets(self.client, self.acting))
        if document is None:
            raise Http404
        return document

    def get_template_names(self):
        return [self.object.paper.KIND.page]

    def get_context_data(self, **kwargs):
        history_limit.judge(self.request, self.object.tells_from)
        whose = {one.represented_id: one for one in self.acting}
        representation = whose.get(self.object.client_id)
        return super().get_context_data(
            paper=in_words(contents_of(self.object)), representation=representation, **kwargs
        )
