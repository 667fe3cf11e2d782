"""A client's papers at the desk: writing him a letter, and opening what the bank wrote to him."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from msgspec.structs import replace

from accounts import client_codes
from accounts.admin.acts import NO_CODE_CLIENT, ClientActs, sheet_of
from accounts.desk import bulk_acts, drafts, sheets
from accounts.desk.forms import LetterForm
from accounts.documents import files, letters
from accounts.kinds import Event
from accounts.models import Client, Document
from accounts.papers.kinds import PAPERS
from accounts.post import queue
from auth_codes.actor import Actor

DOCUMENTS_SHOWN = 5
DOCUMENTS_ON_A_PAGE = 50
WRITTEN = "Courrier envoyé : il est dans les documents du client{}."
ON_PAPER = ", et il part par courrier à son adresse postale"
ITEMS_SHOWN = 5


class ClientPapers(ClientActs):
    """What an advisor does with a client's papers."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/courrier/", view(self.letter_view), name="client_letter"),
            path("<int:pk>/courrier/apercu/", view(require_POST(self.preview_view)), name="client_letter_preview"),
            path("<int:pk>/documents/", view(self.documents_view), name="client_documents"),
            path(
                "<int:pk>/documents/<int:document_pk>/", view(require_safe(self.document_view)), name="client_document"
            ),
        ]
        return own + super().get_urls()

    def letter_view(self, request, pk):
        """One step, and a second one when the client has got the same letter today."""
        client = self._client(request, pk)
        form = LetterForm(request.POST or None, initial=drafts.initial(request))
        if not client.client_code or not form.is_valid():
            return self._letter_page(request, client, form)
        twin = letters.twin_of(client, on=timezone.localdate(), **form.cleaned_data)
        if twin and "again" not in request.POST:
            return self._letter_page(request, client, form, twin=twin)
        letters.write(client, by=Actor.of(request), **form.cleaned_data)
        bulk_acts.ring_if_many(Event.LETTER_WRITTEN, by=Actor.of(request))
        told = ", et un courriel le lui annonce" if queue.reads_online(client) else ON_PAPER
        messages.success(request, WRITTEN.format(told))
        return sheet_of(client)

    def preview_view(self, request, pk):
        """The PDF as it would be sent, in a tab of its own; nothing is kept."""
        client = self._client(request, pk)
        form = LetterForm(request.POST)
        if not client.client_code or not form.is_valid():
            return self._letter_page(request, client, form)
        typed = {"subject": form.cleaned_data["subject"], "body": form.cleaned_data["body"]}
        draft = letters.draft(client, by=Actor.of(request), on=timezone.localdate(), **typed)
        # Whole it is on the letter alone: no number is learned by a preview, which leaves no line.
        return files.drawn(replace(draft, client_code=client_codes.masked(client.client_code)), "Aperçu.pdf")

    def documents_view(self, request, pk):
        client = self._read(request, pk, page="documents")
        page = Paginator(documents_of(client), DOCUMENTS_ON_A_PAGE).get_page(request.GET.get("page"))
        context = {**self.admin_site.each_context(request), "title": "Documents", "subtitle": client}
        context |= {"client": client, "page": page, "documents": shown(page)}
        return render(request, "admin/accounts/client/documents.html", context)

    def document_view(self, request, pk, document_pk):
        theirs = Document.objects.of(pk).filter(kind__in=_opened_here())
        document = get_object_or_404(theirs, pk=document_pk)
        self._read(request, pk, page="document", document=document.title)
        return files.opened(document)

    @admin.display(description="Courrier postal")
    def post(self, client):
        """What was printed for him, or waits to be: where it goes and how far it is."""
        items = client.postal_items.select_related("batch").defer("pdf", "contents").order_by("-queued_at", "-id")
        return render_to_string("admin/accounts/client/post.html", {"items": items[:ITEMS_SHOWN]})

    def _read(self, request, pk, **page) -> Client:
        """Opening a client's papers is looking him up, like opening his sheet; each time is told."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return sheets.find(request, pk, **page)

    def _letter_page(self, request, client, form, **context):
        refusal = "" if client.client_code else NO_CODE_CLIENT
        context |= {"form": form, "refusal": refusal, "title": "Écrire un courrier", "client": client}
        context["reads_online"] = queue.reads_online(client)
        context |= self.admin_site.each_context(request)
        return render(request, "admin/accounts/client/letter.html", context)


def documents_of(client: Client) -> QuerySet[Document]:
    """Also those of the sheets that were joined to his."""
    papers = Document.objects.of(client.pk).select_related("statement__account").defer("contents")
    return papers.annotate(sheet_number=F("client__client_code"))


def shown(documents) -> list[dict]:
    opened = _opened_here()
    return [{"document": document, "is_opened_here": document.kind in opened} for document in documents]


def _opened_here() -> list[str]:
    return [kind for kind, paper in PAPERS.items() if paper.KIND.is_opened_at_the_desk]
