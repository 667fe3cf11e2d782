"""How the details of this package's journal lines read, in French, on whatever page shows them."""

from datetime import datetime

from django.apps import apps
from django.utils.translation import ngettext_lazy

from auth_codes import wording
from auth_codes.codes.reminders import Answer
from auth_codes.kinds import InWords, among
from auth_codes.models import Renewal, RenewalRequest, SealedLetter
from auth_codes.renewals import code_life

DEVICES = ngettext_lazy("{} appareil", "{} appareils")
CLOSED = RenewalRequest.Outcome.CLOSED.value


def _asked_at(moment: str | int) -> str:
    return f"demandé le {wording.moment(datetime.fromisoformat(str(moment)))}"


def _act(label: str | int) -> str:
    """What two advisors were asked for; a kind of act that is gone is named as it was stored."""
    known = {model._meta.label_lower: str(model._meta.verbose_name) for model in apps.get_models()}
    return known.get(str(label), str(label))


IN_WORDS: dict[str, InWords] = {
    "identity_check": among(dict(Renewal.IdentityCheck.choices)),
    "why": among(dict(code_life.Why.choices)),
    "occasion": among(dict(SealedLetter.Occasion.choices)),
    # Which may be the client himself: « Ce n’était pas moi ».
    "reason": among({**dict(RenewalRequest.Outcome.choices), CLOSED: "accès fermé"}),
    "answer": among(
        {
            **{value: f"« {label} »" for value, label in Answer.choices},
            "it_was_me": "« C’était moi »",
            "only_tried": "« Personne n’est entré »",
        }
    ),
    "act": _act,
    "device": among({"known": "appareil connu", "unknown": "appareil inconnu"}),
    "letter": among({"number": "sous le numéro d’un courrier"}),
    "binding": among({"broken": "accès qui n’est plus lié à son client"}),
    "problem": among({"not_bound": "accès qui n’était plus lié", "put_back": "lignes remises à un état antérieur"}),
    "generation": "remplacement n° {}".format,
    "batch": "lot {}".format,
    "network": "réseau {}".format,
    "failures": "{} codes erronés".format,
    "count": DEVICES.format,
    "refused": lambda number: "première de la session" if number == 1 else f"{number}e de la session",
    "requested_at": _asked_at,
    # Of lines that the bank alone reads.
    "letters": "plis : {}".format,
    "counters": "numéros essayés : {}".format,
    "ceiling": "plafond : {} par jour".format,
    "key": "clé « {} »".format,
    "rotated": "codes : {}".format,
    "unreadable": "illisibles : {}".format,
    "lines": "lignes : {}".format,
    "position": "jusqu’à la position {}".format,
    "proofs": "preuves : {}".format,
    "first_proof": "preuves gardées depuis le n° {}".format,
    "last_proof": "jusqu’au n° {}".format,
}
