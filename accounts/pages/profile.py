"""What a client sees of himself: « Mon profil » and his own journal."""

from django.core.paginator import Paginator
from django.views.generic import TemplateView

from accounts.clients import own_journal
from accounts.pages.client import ClientMixin, about_code, about_connections, about_mandates
from auth_codes.devices import known_devices, last_connection

CONNECTIONS_SHOWN = 5
JOURNAL_LINES_PER_PAGE = 25


class ProfileView(ClientMixin, TemplateView):
    template_name = "accounts/profile/profile.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            client=self.client,
            contacts_wait=self.client.contact_changes.unconfirmed().exists(),
            connections=last_connection.latest(self.request, CONNECTIONS_SHOWN),
            devices=self.request.user.known_devices.all(),
            present_device=known_devices.recognise(self.request, self.request.user.username),
            **about_mandates(self.client),
            **about_connections(self.request),
            **about_code(self.request.user),
            **kwargs,
        )


class OwnJournalView(ClientMixin, TemplateView):
    template_name = "accounts/profile/own_journal.html"

    def get_context_data(self, **kwargs):
        lines = Paginator(own_journal.lines_of(self.client), JOURNAL_LINES_PER_PAGE)
        page = lines.get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, lines=own_journal.in_words(page, self.client), **kwargs)
