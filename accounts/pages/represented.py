"""« Au nom de … »: what a client sees of somebody for whom he acts, by his own two codes."""

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from accounts.documents import newest
from accounts.operations import months, sums
from accounts.pages import acting
from accounts.pages.accounts import listed, shown
from accounts.pages.client import ClientMixin
from accounts.pages.documents import DocumentListView, StatementArchiveView
from accounts.transfers import eligibility


class RepresentedMixin(ClientMixin):
    """One representation in force, by its number; nobody else's, and none that is over, exists."""

    @cached_property
    def representation(self):
        number = self.kwargs["pk"]
        found = [one for one in self.acting if one.pk == number]
        if not found:
            raise Http404
        return found[0]

    @property
    def owner(self):
        return self.representation.represented

    def get_context_data(self, **kwargs):
        return super().get_context_data(representation=self.representation, person=self.owner, **kwargs)


class RepresentedView(RepresentedMixin, TemplateView):
    template_name = "accounts/represented/overview.html"

    def get_context_data(self, **kwargs):
        client, person, today = self.client, self.owner, timezone.localdate()
        theirs = list(acting.accounts_of(client, [self.representation]))
        open_ones = [account for account in theirs if not account.is_closed]
        moved = sums.between(open_ones, months.last_twelve(today)[-1], today.replace(day=1))
        return super().get_context_data(
            accounts=[listed(account, client, moved, today, self.acting, self.seen_from) for account in open_ones],
            closed_accounts=[shown(account, client, self.acting) for account in theirs if account.is_closed],
            contracts=newest.contracts_of(person),
            documents=newest.documents_of(person),
            may_transfer=bool(
                eligibility.offered_to(client, today, self.acting) & {account.pk for account in open_ones}
            ),
            **kwargs,
        )


class RepresentedDocumentsView(RepresentedMixin, DocumentListView):
    pass


class RepresentedArchiveView(RepresentedMixin, StatementArchiveView):
    def list_page(self):
        return reverse("represented_documents", args=[self.representation.pk])

    def get(self, request, pk, year):
        return super().get(request, year)
