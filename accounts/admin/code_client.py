"""« J’ai perdu mon code client »: shown on one page, after a reason and checks, or sent by post."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.admin.acts import ADDRESS_HELD, NO_CODE_CLIENT, ClientActs, posted, sheet_of
from accounts.clients import code_reveals, confirmation
from accounts.clients.code_reveals import Occasion
from accounts.clients.looks import Reason
from accounts.desk import bulk_acts, sheets
from accounts.desk.code_forms import CodeSentForm, CodeShownForm
from accounts.documents import letters
from accounts.kinds import Event
from auth_codes.actor import Actor

SENT = "Le code client part par courrier à l’adresse de la fiche. Rien d’autre à faire."
ON_ITS_WAY = "Un courrier avec le code client attend déjà l’impression : un second serait de trop."
# The reason given for the sheet says where the client is.
OCCASIONS = {
    Reason.PHONE.value: Occasion.PHONE,
    Reason.BRANCH.value: Occasion.BRANCH,
    Reason.MESSAGE.value: Occasion.MAIL,
}


class CodeClientBack(ClientActs):
    """Everywhere else the desk shows the last digits alone."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/code-client/", view(self.code_client_view), name="client_code"),
            path("<int:pk>/code-client/courrier/", view(require_POST(self.send_code_view)), name="client_code_letter"),
        ]
        return own + super().get_urls()

    def code_client_view(self, request, pk):
        """The number stands in the answer to the form alone: no address shows it, and coming back asks again."""
        client = self._client(request, pk)
        occasion = _occasion(request, client)
        phones = confirmation.phones_to_ring(client)
        asked = code_reveals.checklist(occasion, phones)
        form = CodeShownForm(asked, posted(request))
        is_shown = bool(client.client_code) and form.is_valid()
        if is_shown:
            code_reveals.note(client, occasion, form.cleaned_data["checks"], by=Actor.of(request))
            bulk_acts.ring_if_many(Event.CODE_SHOWN, by=Actor.of(request))
        context = {
            **self.admin_site.each_context(request),
            "title": "Redonner le code client",
            "client": client,
            "form": form,
            "is_shown": is_shown,
            "occasion": occasion,
            "occasions": Occasion,
            "refusal": "" if client.client_code else NO_CODE_CLIENT,
            "phones": phones,
            "letter": CodeSentForm(),
            "letter_refusal": ADDRESS_HELD if client.address_awaits_confirmation else "",
        }
        return render(request, "admin/accounts/client/code_client.html", context)

    def send_code_view(self, request, pk):
        """One button: whoever asks, it goes where the bank knows the client to live."""
        client = self._client(request, pk)
        form = CodeSentForm(request.POST)
        if not client.client_code or not form.is_valid():
            return redirect("admin:client_code", client.pk)
        try:
            letters.send_code_client(client, by=Actor.of(request), token=form.cleaned_data["token"])
        except letters.AddressHeld:
            messages.error(request, ADDRESS_HELD)
        except letters.AlreadyOnItsWay:
            messages.info(request, ON_ITS_WAY)
        else:
            bulk_acts.ring_if_many(Event.CODE_SENT, by=Actor.of(request))
            messages.success(request, SENT)
        return sheet_of(client)


def _occasion(request, client) -> Occasion:
    """What was said on this page; else what the reason of the sheet says, on the telephone when it says nothing."""
    asked = request.POST.get("pour") or request.GET.get("pour", "")
    if asked in Occasion.values:
        return Occasion(asked)
    return OCCASIONS.get(sheets.reason_given(request, client), Occasion.PHONE)
