"""How the details of this package's journal lines read, in French, on whatever page shows them."""

from datetime import datetime

from django.apps import apps
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from auth_codes import wording
from auth_codes.codes.reminders import Answer
from auth_codes.kinds import InWords, among
from auth_codes.models import AccessLock, Factor, Renewal, RenewalRequest, SealedLetter, TicketRequest
from auth_codes.renewals import code_life

DEVICES = ngettext_lazy("{} appareil", "{} appareils")
ANSWERS = among({**dict(Answer.choices), "it_was_me": _("C’était moi"), "only_tried": _("Personne n’est entré")})
CLOSED = RenewalRequest.Outcome.CLOSED.value


def _asked_at(moment: str | int) -> str:
    return gettext("demandé le {}").format(wording.moment(datetime.fromisoformat(str(moment))))


def _act(label: str | int) -> str:
    """What two advisors were asked for; a kind of act that is gone is named as it was stored."""
    known = {model._meta.label_lower: str(model._meta.verbose_name) for model in apps.get_models()}
    return known.get(str(label), str(label))


IN_WORDS: dict[str, InWords] = {
    "identity_check": among(dict(Renewal.IdentityCheck.choices)),
    "why": among(dict(code_life.Why.choices)),
    "occasion": among(dict(SealedLetter.Occasion.choices)),
    # Which may be the client himself: « Ce n’était pas moi ».
    "reason": among({**dict(RenewalRequest.Outcome.choices), CLOSED: _("accès fermé")}),
    "answer": lambda value: gettext("« {} »").format(ANSWERS(value)),
    "device": among({"known": _("appareil connu"), "unknown": _("appareil inconnu")}),
    "way": among(dict(AccessLock.Way.choices)),
    "reference": _("référence {}").format,
    "letter": among({"number": _("sous le numéro d’un courrier")}),
    "binding": among({"broken": _("accès qui n’est plus lié à son client")}),
    "problem": among(
        {
            "not_bound": _("accès qui n’était plus lié"),
            "put_back": _("lignes remises à un état antérieur"),
            "lock_gone": _("verrou levé sans la banque"),
        }
    ),
    "factor": among(dict(Factor.Kind.choices)),
    "factor_number": _("moyen n°\u00a0{}").format,
    "serial": _("boîtier n°\u00a0{}").format,
    "back": among({"returned": _("rendu"), "lost": _("perdu ou volé"), "broken": _("cassé")}),
    "ended": among(dict(Factor.Why.choices)),
    "ticket_reason": among(dict(TicketRequest.Reason.choices)),
    "act": _act,
    "generation": _("remplacement n°\u00a0{}").format,
    "batch": _("lot {}").format,
    "network": _("réseau {}").format,
    "failures": _("{} codes erronés").format,
    "count": DEVICES.format,
    "refused": lambda number: (
        gettext("première de la session") if number == 1 else gettext("{}e de la session").format(number)
    ),
    "requested_at": _asked_at,
    # Of lines that the bank alone reads.
    "letters": _("plis : {}").format,
    "tokens": _("boîtiers : {}").format,
    "counters": _("numéros essayés : {}").format,
    "ceiling": _("plafond : {} par jour").format,
    "key": _("clé « {} »").format,
    "rotated": _("codes : {}").format,
    "unreadable": _("illisibles : {}").format,
    "lines": _("lignes : {}").format,
    "position": _("jusqu’à la position {}").format,
    "proofs": _("preuves : {}").format,
    "first_proof": _("preuves gardées depuis le n°\u00a0{}").format,
    "last_proof": _("jusqu’au n°\u00a0{}").format,
}
