"""« Mes documents »: the list, each document as PDF, and as a page that anybody can read."""

from django.core.paginator import Paginator
from django.http import FileResponse
from django.views.generic import DetailView, TemplateView
from django.views.generic.detail import BaseDetailView

from accounts.documents import files
from accounts.documents.issuing import contents_of
from accounts.models import BankAccount
from accounts.pages.client import ClientMixin
from accounts.pages.document_filter import DocumentFilter

DOCUMENTS_PER_PAGE = 25


class DocumentListView(ClientMixin, TemplateView):
    template_name = "accounts/documents/list.html"

    def get_context_data(self, **kwargs):
        mine, accounts = self.client.documents.listed(), BankAccount.objects.stated_to(self.client)
        chosen = DocumentFilter.read(self.request.GET, accounts)
        page = Paginator(chosen.among(mine), DOCUMENTS_PER_PAGE).get_page(self.request.GET.get("page"))
        is_filtered = chosen != DocumentFilter()
        choices = chosen.choices(mine, accounts)
        return super().get_context_data(page=page, is_filtered=is_filtered, **choices, **kwargs)


class DocumentPdfView(ClientMixin, BaseDetailView):
    http_method_names = ["get", "head", "options"]

    def get_queryset(self):
        return self.client.documents.select_related("statement__account")

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
        return super().get_context_data(paper=contents_of(self.object).printed(), **kwargs)
