"""Who acts for somebody who may not, or not alone: a minor, somebody under a measure of protection.

What each capacity lets do here, where the law is disputed no more than reading (Code civil, in force in 2026):

- A parent of a minor (« administrateur légal », art. 382, 388-1-1) does alone the acts of administration (art. 382-1):
  he sees, and moves money between the child's own accounts, from which nothing leaves the child's belongings.
- A guardian (« tuteur », of a minor art. 390 ff, of an adult art. 440, 473, 496) represents in acts of management; but
  taking from capital may need the judge (art. 501, 505): transfers only where the paper that was read lets him.
- A curator assists and never takes the other's place (art. 440, 467, 469): he sees. So it is under the reinforced
  measure too (art. 472), which lets him manage one account of income that no row here names.
- Who has a mandate of future protection (art. 477, 490, 493), or is empowered for somebody of his family (art. 494-1,
  494-6), may what his paper says: he sees, and transfers where the advisor has read so there.

Each sees all accounts and papers of the person, today's and later ones: he answers for them (art. 382, 503, 510 ff).
Transfers go between accounts that the person holds alone: what goes to a joint account leaves to somebody else.
"""

from collections.abc import Iterable
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Client
from auth_codes import wording
from auth_codes.models import BoundRow, Concerned, DualControlAct, approved_by_another
from auth_codes.prepared import KEY, Blank, Prepared


class Capacity(models.TextChoices):
    """As what somebody acts for another."""

    PARENT = "parent", _("administrateur légal (parent)")
    GUARDIAN = "guardian", _("tuteur")
    CURATOR = "curator", _("curateur")
    FUTURE = "future", _("mandataire de protection future")
    FAMILY = "family", _("personne habilitée (habilitation familiale)")

    def fits(self, represented: Client, today: date) -> bool:
        """Whether somebody may be so represented on that day."""
        is_minor, is_ward = represented.is_minor(today), represented.is_ward
        if self is Capacity.PARENT:
            return is_minor and not represented.ended_on
        if self is Capacity.GUARDIAN:
            return is_ward or (is_minor and not represented.ended_on)
        return not is_minor and not represented.ended_on


class Terms(models.Model):
    """Who acts for whom, as what, and what it lets do."""

    represented = models.ForeignKey(
        Client, models.PROTECT, related_name="%(class)ss_received", verbose_name="personne représentée"
    )
    representative = models.ForeignKey(
        Client, models.PROTECT, related_name="%(class)ss_given", verbose_name="représentant"
    )
    capacity = models.CharField("qualité", max_length=8, choices=Capacity)
    may_transfer = models.BooleanField("peut faire des virements", default=False)
    ends_on = models.DateField("jusqu’au", null=True)

    class Meta:
        abstract = True

    @property
    def right_in_words(self) -> str:
        if self.may_transfer:
            return gettext("consulter les comptes et les documents, et faire des virements entre ces comptes")
        return gettext("consulter les comptes et les documents")

    @property
    def term_in_words(self) -> str:
        """Until when it serves, unless it ends before."""
        if self.ends_on:
            return gettext("jusqu’au {}").format(wording.short_day(self.ends_on))
        if self.capacity == Capacity.PARENT:
            return gettext("jusqu’à la majorité")
        return gettext("sans date de fin")


def bounded(prefix: str) -> list[models.CheckConstraint]:
    """What holds for ever of the terms."""
    return [
        models.CheckConstraint(condition=~Q(represented=F("representative")), name=f"{prefix}_by_another"),
        models.CheckConstraint(
            condition=~Q(capacity="curator") | Q(may_transfer=False), name=f"{prefix}_curator_only_sees"
        ),
    ]


class RepresentationRequest(Terms, DualControlAct):
    """That somebody is to act for another: one advisor asks, a second one approves; see representation_requests.py."""

    SUBJECT = ("represented", "representative")

    paper = models.CharField("papier qui le prouve", max_length=120)
    paper_date = models.DateField("date du papier")

    class Meta(DualControlAct.Meta):
        verbose_name = _("représentation d’un client")
        verbose_name_plural = "représentations demandées"
        constraints = [
            models.UniqueConstraint(
                fields=["represented", "representative"],
                condition=Q(decision=""),
                name="one_open_representation_request",
            ),
            approved_by_another("representation_approved_by_another"),
            *bounded("asked_representation"),
        ]

    def __str__(self) -> str:
        return f"représentation du client {self.represented_id}"

    @staticmethod
    def waiting_in_words(number: int) -> str:
        one = "{} représentation attend l’approbation d’un second conseiller"
        several = "{} représentations attendent l’approbation d’un second conseiller"
        return ngettext(one, several, number).format(number)

    @property
    def title(self) -> str:
        return "Représentant"

    def concerned(self) -> list[Concerned]:
        return [Concerned(client.user, client.pk) for client in (self.represented, self.representative)]


def within_reach(client: Client, acting: Iterable["Representation"]) -> list[int]:
    """The ids of the people whose accounts and papers he reaches: his own, and theirs for whom he acts."""
    return [client.pk, *(one.represented_id for one in acting)]


def on_either_side(*people: Client) -> Q:
    """Of representations, and of requests for one: those in which somebody of these acts or is acted for."""
    return Q(represented__in=people) | Q(representative__in=people)


class RepresentationQuerySet(models.QuerySet["Representation"]):
    """Representations that nobody has ended, and those whose time is over all the same."""

    def standing(self) -> Self:
        return self.filter(ended_on=None).select_related("represented__user", "representative__user")

    def acting(self, representative: Client, today: date) -> list["Representation"]:
        """Those by which he acts for others on that day; judged one by one, as each stands, of the few that he has."""
        return [one for one in GIVEN.ask(representative=representative.pk) if one.is_in_force(today)]

    def protecting(self, represented: Client, today: date) -> list["Representation"]:
        """Those by which others act for him."""
        return [one for one in RECEIVED.ask(represented=represented.pk) if one.is_in_force(today)]

    def perhaps_over(self, today: date) -> Self:
        """Those standing that a day, a birthday or the end of a client may have ended."""
        ended = Q(represented__ended_on__isnull=False) | Q(representative__ended_on__isnull=False)
        grown = Q(capacity__in=[Capacity.PARENT, Capacity.GUARDIAN]) & Client.of_age(today, "represented__")
        measure = Q(capacity=Capacity.GUARDIAN, represented__ended_on=None)
        return self.standing().filter(Q(ends_on__lt=today) | ended | grown | measure)


class Representation(Terms, BoundRow):
    """That somebody acts for another, by his own two codes. It ends by itself; see `why_over`."""

    class End(models.TextChoices):
        MAJORITY = "majority", _("majorité")
        TERM = "term", _("le dernier jour prévu est passé")
        MEASURE = "measure", _("fin de la mesure, ou décision de justice")
        EMANCIPATION = "emancipated", _("émancipation")
        REPLACED = "replaced", _("changement de représentant")
        CLIENT = "client", _("l’une des deux personnes n’est plus cliente")
        REPRESENTED = "represented", _("le représentant est lui-même représenté")
        DOUBT = "doubt", _("doute sur la personne ou sur le papier")
        MISTAKE = "mistake", _("enregistrée par erreur")

    request = models.OneToOneField(
        RepresentationRequest, models.PROTECT, related_name="representation", verbose_name="demande"
    )
    since = models.DateField("depuis le", default=timezone.localdate)
    ended_on = models.DateField("terminée le", null=True, editable=False)
    end_reason = models.CharField("raison de la fin", max_length=11, choices=End, blank=True, default="")

    objects = RepresentationQuerySet.as_manager()

    class Meta:
        verbose_name = "représentation"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["represented", "representative"], condition=Q(ended_on=None), name="represented_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, end_reason="") | Q(ended_on__isnull=False) & ~Q(end_reason=""),
                name="representation_ends_for_a_reason",
            ),
            *bounded("representation"),
        ]

    def __str__(self) -> str:
        return f"{self.representative} pour {self.represented}"

    @property
    def bound_parts(self) -> tuple[object, ...]:
        return (
            self.represented_id, self.representative_id, self.capacity, self.may_transfer, self.since, self.ends_on,
            self.ended_on,
        )  # fmt: skip

    @property
    def capacity_in_words(self) -> str:
        return str(Capacity(self.capacity).label)

    @property
    def end_in_words(self) -> str:
        """Until when it serves or, once it has ended, since when and why it does not."""
        if self.ended_on:
            why = self.End(self.end_reason).label
            return gettext("terminée le {day} : {why}").format(day=wording.short_day(self.ended_on), why=why)
        return self.term_in_words

    def is_in_force(self, today: date) -> bool:
        is_begun = self.ended_on is None and self.since <= today
        return is_begun and self.is_bound and self.why_over(today) is None

    def why_over(self, today: date) -> End | None:
        """What has ended it on that day, whether or not anybody has written it down."""
        if self.ends_on and self.ends_on < today:
            return self.End.TERM
        if self.representative.ended_on:
            return self.End.CLIENT
        if self.represented.is_minor(self.since) and not self.represented.is_minor(today):
            return self.End.MAJORITY  # what was approved for a child, whatever one advisor has noted since
        if Capacity(self.capacity).fits(self.represented, today):
            return None
        return self.End.CLIENT if self.represented.ended_on else self.End.MEASURE


def _given(representative: Blank) -> RepresentationQuerySet:
    return Representation.objects.standing().filter(Q(representative=representative))


def _received(represented: Blank) -> RepresentationQuerySet:
    return Representation.objects.standing().filter(Q(represented=represented))


# Asked for each page of a client.
GIVEN = Prepared(_given, representative=KEY)
RECEIVED = Prepared(_received, represented=KEY)
