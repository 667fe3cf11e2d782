"""What a client sees of himself: « Mon profil » and his own journal."""

from functools import partial

from django.core.paginator import Paginator
from django.views.generic import TemplateView

from accounts.clients import confirmation, own_journal
from accounts.models import User
from accounts.pages.begun_list import BegunList
from accounts.pages.client import ClientMixin, about_code, about_connections, about_mandates, about_representations
from auth_codes.devices import known_devices, last_connection
from auth_codes.prepared import KEY, Prepared

CONNECTIONS_SHOWN = 5


ADVISOR = Prepared(lambda key: User.objects.filter(pk=key), key=KEY)


class ProfileView(ClientMixin, TemplateView):
    template_name = "accounts/profile/profile.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            client=self.client,
            advisor=ADVISOR.first(key=self.client.advisor_id),
            contacts_due=confirmation.due(self.client),
            connections=last_connection.latest(self.request, CONNECTIONS_SHOWN),
            devices=known_devices.OF_OWNER.ask(owner=self.request.user.pk),
            present_device=known_devices.recognise(self.request, self.request.user.username),
            **about_mandates(self.client),
            **about_representations(self.client, self.acting),
            **about_connections(self.request),
            **about_code(self.request.user),
            **kwargs,
        )


class OwnJournalView(ClientMixin, TemplateView):
    template_name = "accounts/profile/own_journal.html"

    def get_context_data(self, **kwargs):
        first, length = own_journal.FIRST_LINES, own_journal.LINES_PER_PAGE
        rows, count = partial(own_journal.lines_of, self.client), partial(own_journal.number_of, self.client)
        lines = BegunList(first, rows, length, client=self.client.pk, count=count)
        page = Paginator(lines, length).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, lines=own_journal.in_words(page, self.client), **kwargs)
