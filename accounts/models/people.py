"""Who people are: users of the portal, and clients of the bank."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from dateutil.relativedelta import relativedelta
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangosUserManager
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Lower, Upper
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts import client_codes
from accounts.models.birth import EARLIEST_BIRTH, born_once
from accounts.models.search import SearchWord
from accounts.notation import addresses, birth_dates, countries, ibans, names, phones, search_words
from accounts.notation.addresses import PostalAddress
from accounts.notation.search_words import Words
from auth_codes import wording
from auth_codes.codes import bindings
from auth_codes.owner import LetterAddress
from auth_codes.prepared import KEY, MOMENT, Blank, Prepared
from auth_codes.weakness import PersonalData

# In years, and the day on which whoever was born in a year has surely grown older by one.
MAJORITY = 18
LAST_DAY = (12, 31)
if TYPE_CHECKING:
    from accounts.models.contacts import ContactChange

# How long an e-mail or postal address that was replaced is still told of what a thief would hide.
TOLD_FOR = timedelta(days=90)
# In the order of a `PostalAddress`.
ADDRESS_FIELDS = ("street", "address_complement", "postcode", "city", "region", "country")
# What the words of the search come from.
FOUND_BY = {"family_name", "given_names", "birth_name", "birth_date", "birth_year", "postcode", "city"}
STAFF_NAME = "Le nom d’un membre du personnel ne peut pas se composer de chiffres seuls."
ERASED = "Client effacé"
NAME_TAKEN = "Ce nom d’utilisateur est déjà pris, peut-être avec d’autres majuscules."
# How long an account made or given more rights a while ago is no second person for what asks for two.
SETTLING = timedelta(days=7)
STAFF_NAME_IN_ASCII = "Ce nom s’écrit sans accent ni autre alphabet : lettres de a à z, chiffres et . - _ @ +."


class UserManager(DjangosUserManager["User"]):
    """Django's, whose `createsuperuser` takes a weak password, a look-alike of a name and a taken one as they come."""

    def staff(self) -> models.QuerySet["User"]:
        """Those who work at the desk, by their names; clients, of whom there are very many more, are not read."""
        return self.filter(is_staff=True).order_by("last_name", "first_name", "id")

    @sensitive_variables("password")
    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **fields: object
    ) -> "User":
        """Raises ValidationError, which the command prints, for a name or a password that no form would take."""
        named = {name: value for name, value in fields.items() if name in ("first_name", "last_name")}
        person = self.model(username=self.model.normalize_username(username), email=email or "", **named)
        person.full_clean(exclude=["password"])
        if password:
            validate_password(password, person)
        fields.setdefault("raised_at", timezone.now())
        return self.take_name(lambda: super(UserManager, self).create_superuser(username, email, password, **fields))

    def take_name(self, make: Callable[[], "User"]) -> "User":
        """What `make` gives. Raises ValidationError when somebody has taken the name at this very moment."""
        try:
            with transaction.atomic():
                return make()
        except IntegrityError as error:
            raise ValidationError({"username": NAME_TAKEN}, code="unique") from error


class User(AbstractUser):
    """Who logs in: a client, whose name is the code client, or staff. Never both."""

    JOURNAL_SUBJECT: ClassVar[str] = "client"
    BOUND_THROUGH: ClassVar[str] = "client"

    # Of staff alone: a client's code is never here. A sealed hash is longer than those of Django.
    password = models.CharField("mot de passe", max_length=255)

    # Of the database too: servers of the version before, which know neither, may still be running.
    code_generation = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    code_binding = models.CharField(max_length=128, default="", db_default="", editable=False)

    # When a member of staff got his account or the latest of his rights; null for those of old.
    raised_at = models.DateTimeField("droits étendus le", null=True, editable=False)

    # The sheet of a member of staff who is a client too: as staff he neither reads it nor acts on it.
    own_client = models.OneToOneField(
        "Client",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="declared_by",
        verbose_name="fiche client personnelle",
    )

    # Of advisors and branch managers alone: see desk/branches.py.
    branch = models.ForeignKey(
        "Branch",
        models.PROTECT,
        null=True,
        editable=False,
        db_index=False,  # the index below leaves out the clients
        related_name="staff",
        verbose_name="agence",
    )

    # In which a client reads his mails, one of settings.LANGUAGES; empty for who has chosen none.
    language = models.CharField(max_length=2, default="", db_default="", editable=False)

    objects: ClassVar[UserManager] = UserManager()

    _sets_password = False

    class Meta(AbstractUser.Meta):  # type: ignore[name-defined, misc]  # the stubs leave it out
        # Among millions of clients: whoever asks for staff reads staff.
        indexes = [
            models.Index(Upper("email"), condition=models.Q(is_staff=True), name="staff_by_email"),
            models.Index("branch", condition=models.Q(branch__isnull=False), name="staff_by_branch"),
            models.Index("last_name", "first_name", "id", condition=models.Q(is_staff=True), name="staff_by_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(username__regex=r"[^0-9]")
                | models.Q(username__regex=r"^[1-9][0-9]{9}\Z", is_staff=False, is_superuser=False),
                name="user_is_client_or_staff",
                violation_error_message=STAFF_NAME,
            ),
            models.UniqueConstraint(
                Lower("username"), name="user_name_taken_in_any_case", violation_error_message=NAME_TAKEN
            ),
            models.CheckConstraint(
                condition=models.Q(own_client=None) | models.Q(is_staff=True), name="own_client_is_declared_by_staff"
            ),
            models.CheckConstraint(
                condition=models.Q(branch=None) | models.Q(is_staff=True), name="staff_alone_work_in_a_branch"
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def clean(self) -> None:
        super().clean()
        if not self.username:
            return  # the field itself was refused, as a taken name is
        # Only the online space makes a client's user; what is typed in a form is a member of staff.
        if self.username.isdigit():
            raise ValidationError({"username": STAFF_NAME})
        # A look-alike of a colleague's name would sign in his place.
        if not self.username.isascii():
            raise ValidationError({"username": STAFF_NAME_IN_ASCII})

    def is_settled_at(self, now: datetime) -> bool:
        return self.raised_at is None or self.raised_at <= now - SETTLING

    def manages(self, member: "User") -> bool:
        """Whether he is the manager of the branch where that member of staff works; a superuser, who may all, is."""
        is_his = self.branch_id is not None and self.branch_id == member.branch_id
        return self.has_perm("accounts.manage_branch") and (is_his or self.is_superuser)

    def is_himself(self, owner: "User | None", subject: int | None) -> bool:
        if self.own_client_id is None:
            return False
        if subject is not None:
            return subject in self.own_sheets()
        return owner is not None and Client.objects.filter(pk__in=self.own_sheets(), user_id=owner.pk).exists()

    def own_sheets(self) -> list[int]:
        """The ids of the sheet that he has declared and of those that were joined to it; none of who is no client."""
        return list(Client.objects.sheets_of(self.own_client_id)) if self.own_client_id else []

    @classmethod
    def read_client_code(cls, typed: str) -> str:
        number = client_codes.normalise(typed)
        problem = client_codes.problem(number)
        if problem:
            raise ValidationError(gettext(problem.sentence).format(gettext(problem.typed)), code="malformed")
        return number

    @sensitive_variables("raw_password")
    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self._sets_password = True

    def save(self, *args: object, **kwargs: object) -> None:
        # Never of a hash that was only read: it may be a stranger's.
        is_ours = self._sets_password or self._state.adding
        self._sets_password = False
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # handed on as Django takes it
        if self.is_staff and is_ours:
            bindings.bind(self)

    def bound_to(self) -> str:
        client = getattr(self, "client", None)
        shown = str(client.pk) if client else ""
        return f"{shown} {self.password}" if self.is_staff and self.has_usable_password() else shown

    def shows_his_own(self) -> bool:
        client = getattr(self, "client", None)
        return client is not None and client.client_code == self.username

    def personal_data(self) -> PersonalData:
        return self.client.personal_data()

    def letter_address(self) -> LetterAddress:
        return self.client.letter_address()

    def address_changed_at(self) -> datetime | None:
        return self.client.address_changed_at()

    def salutation(self) -> str:
        return str(self) if self.is_staff else self.client.salutation

    def notification_email(self) -> str:
        return self.email if self.is_staff else self.client.email

    def ways_to_tell(self) -> tuple[Sequence[str], bool]:
        if self.is_staff:
            return [self.email] if self.email else [], False
        return self.client.ways_to_tell()


class ClientQuerySet(models.QuerySet["Client"]):
    """Clients by who they may be."""

    def bulk_create(self, objs: Iterable["Client"], *args: object, **kwargs: object) -> list["Client"]:
        """As Django's, and with each sheet the words that it is found by."""
        with transaction.atomic():
            made = super().bulk_create(objs, *args, **kwargs)  # type: ignore[arg-type]  # handed on as Django takes it
            SearchWord.objects.write(made)
        return made

    def locked(self, pk: int) -> "Client":
        """The one of this number as he stands, whose row nobody else changes until the end of the transaction."""
        return self._for_update().get(pk=pk)

    def all_locked(self, pks: Iterable[int]) -> dict[int, "Client"]:
        """The same of several, in the order of their numbers, so that no two acts wait for each other."""
        return {client.pk: client for client in self._for_update().filter(pk__in=set(pks)).order_by("pk")}

    def sheets_of(self, pk: int) -> "models.QuerySet[Client, int]":
        """The ids of this sheet and of those that were joined to it, whose papers are the same person's.

        To be asked within another question: a page needs no statement of its own for it.
        """
        return self.filter(models.Q(pk=pk) | models.Q(joined_into=pk)).order_by().values_list("pk", flat=True)

    def _for_update(self) -> "models.QuerySet[Client]":
        # His number stays: a paper or a letter that names him, written meanwhile under another lock, waits for nobody.
        return self.select_for_update(of=("self",), no_key=True)


class Client(models.Model):
    """A person who has, or is opening, an account or a service contract. Never deleted."""

    class Title(models.TextChoices):
        MADAME = "Mme", _("Madame")
        MONSIEUR = "M.", _("Monsieur")

    class End(models.TextChoices):
        DEATH = "death", _("décès")
        DEPARTURE = "departure", _("départ de la banque")
        GUARDIANSHIP = "guardianship", _("mise sous tutelle")
        # Not of the person, but of one sheet of two: see `joined_into`.
        JOINED = "joined", _("réunie avec une autre fiche")

    title = models.CharField(_("civilité"), max_length=3, choices=Title)
    # Empty of who has one name alone, which is then the family name.
    given_names = models.CharField(_("prénoms"), max_length=80, blank=True)
    family_name = models.CharField(_("nom"), max_length=80)
    # Where it differs from the name above. Of the database too: servers of the version before may still be running.
    birth_name = models.CharField(_("nom de naissance"), max_length=80, blank=True, default="", db_default="")
    family_key = models.CharField(max_length=160, editable=False)
    given_key = models.CharField(max_length=160, editable=False)
    # One of the two: papers of some countries name a year alone.
    birth_date = models.DateField(_("date de naissance"), null=True, blank=True, db_index=True)
    birth_year = models.PositiveSmallIntegerField(_("année de naissance"), null=True, blank=True)
    # Empty of who has none: what an e-mail would tell him leaves by post, see post/notices.py.
    email = models.EmailField(_("adresse électronique"), blank=True)
    mobile_phone = models.CharField(_("téléphone mobile"), max_length=16, blank=True)
    home_phone = models.CharField(_("téléphone fixe"), max_length=16, blank=True)
    street = models.CharField(_("numéro et rue"), max_length=38)
    address_complement = models.CharField(
        _("complément d’adresse"), max_length=38, blank=True, help_text=_("Bâtiment, étage, lieu-dit…")
    )
    # Empty in a country that has none; closed up in France, as it was written abroad.
    postcode = models.CharField(_("code postal"), max_length=10, blank=True)
    city = models.CharField(_("ville"), max_length=32)
    # Beside the postcode it always fits on a line of an envelope. Of the database too, as below.
    region = models.CharField(_("État, province ou région"), max_length=27, blank=True, default="", db_default="")
    # A code of ISO 3166, or what somebody wrote before there was a list and that names none of it.
    country = models.CharField(_("pays"), max_length=38, default=countries.FRANCE)
    # Of the database too: servers of the version before, which do not know it, may still be running.
    large_print = models.BooleanField(
        _("courriers en grands caractères"),
        default=False,
        db_default=False,
        help_text="Le courrier qui apporte un code secret est imprimé en corps 20, sur plusieurs pages.",
    )
    advisor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("conseiller"),
        related_name="advised_clients",
        limit_choices_to={"is_staff": True},
    )
    # Null, not empty: unique among those who have one.
    client_code = models.CharField("code client", max_length=10, null=True, unique=True, editable=False)  # noqa: DJ001
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="client", editable=False
    )
    # Since when he is no client any more, and why; both or neither. Of the database too, as above.
    ended_on = models.DateField("client jusqu’au", null=True, editable=False)
    end_reason = models.CharField(
        "fin de la relation", max_length=12, choices=End, blank=True, default="", db_default="", editable=False
    )
    # Kept when he dies: his death taken back, he is a ward again.
    ward_since = models.DateField("sous tutelle depuis", null=True, editable=False)
    # When the bank has forgotten who he was; see clients/erasing.py.
    erased_on = models.DateField("effacée le", null=True, editable=False)
    # Of a sheet that was closed because its person has another one: that other one.
    joined_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        db_index=False,  # the index below leaves out the others, of whom there are very many more
        related_name="joined_sheets",
        verbose_name="réunie avec",
    )
    registered_at = models.DateTimeField("fiche créée le", default=timezone.now, editable=False)
    # A second click on « Enregistrer » carries the same token and makes no second person.
    registration = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name = "client"
        ordering = ["family_key", "given_key", "id"]
        # Who shares a contact is asked when one is registered; UPPER is how the databases compare without case.
        indexes = [
            models.Index(fields=["family_key"], name="clients_by_family_key"),
            models.Index(fields=["mobile_phone"], name="clients_by_mobile_phone"),
            models.Index(fields=["home_phone"], name="clients_by_home_phone"),
            models.Index(Upper("email"), name="clients_by_email"),
            models.Index("postcode", Upper("street"), name="clients_by_home"),
            models.Index(
                fields=["birth_year"], condition=models.Q(birth_year__isnull=False), name="clients_by_birth_year"
            ),
            # Of a year alone and of a day: those who have one name are few, and any name is then enough.
            models.Index(
                fields=["birth_year", "birth_date"], condition=models.Q(given_key=""), name="clients_of_one_name"
            ),
            models.Index("joined_into", condition=models.Q(joined_into__isnull=False), name="joined_sheets"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(client_code__isnull=True) | models.Q(client_code__regex=r"^[1-9][0-9]{9}\Z"),
                name="client_code_is_ten_digits",
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) | models.Q(client_code__isnull=False),
                name="online_space_needs_client_code",
            ),
            models.CheckConstraint(condition=models.Q(birth_date__gte=EARLIEST_BIRTH), name="born_since_1900"),
            born_once("client_born_on_a_day_or_in_a_year"),
            models.CheckConstraint(
                condition=models.Q(ended_on=None, end_reason="")
                | models.Q(ended_on__isnull=False) & ~models.Q(end_reason=""),
                name="client_ends_for_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(erased_on=None) | models.Q(ended_on__isnull=False),
                name="client_erased_after_his_end",
            ),
            models.CheckConstraint(
                condition=models.Q(joined_into=None) & ~models.Q(end_reason="joined")
                | models.Q(joined_into__isnull=False, end_reason="joined") & ~models.Q(joined_into=models.F("id")),
                name="joined_sheet_names_the_other",
            ),
        ]

    def __str__(self) -> str:
        called = names.in_full(title=self.title, given_names=self.given_names, family_name=self.family_name)
        return ERASED if self.erased_on else called

    def save(self, *args, **kwargs):  # type: ignore[no-untyped-def]  # handed on as Django takes it
        self.family_key, self.given_key = names.key(self.family_name), names.key(self.given_names)
        written = kwargs.get("update_fields")
        with transaction.atomic():
            super().save(*args, **kwargs)
            if written is None or FOUND_BY & set(written):
                # As it is stored: of two desks that write columns of their own each knows half of the sheet.
                SearchWord.objects.keep(Client.objects.filter(pk=self.pk))

    def said_to_find_by(self, former: Iterable[str] = ()) -> Words:
        """All that the sheet says and that its client is found by, but numbers; `former` are the names of before."""
        called = (self.family_name, self.given_names, self.birth_name, *former)
        return search_words.of_person(called=called, born=self.born, postcode=self.postcode, city=self.city)

    @classmethod
    def of_age(cls, on: date, path: str = "") -> models.Q:
        """For a filter: who is no minor on that day; `path` leads from the filtered row to the client."""
        latest = on - relativedelta(years=MAJORITY)
        last_year = latest.year if (latest.month, latest.day) == LAST_DAY else latest.year - 1
        return models.Q(**{f"{path}birth_date__lte": latest}) | models.Q(**{f"{path}birth_year__lte": last_year})

    def age(self, on: date) -> int:
        """In full years; of a year of birth alone, those that he has at least.

        Born on a 29 February, one is older from 1 March on: until then he is protected.
        """
        born = self.birth_date or date(self.birth_year or on.year, *LAST_DAY)
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))

    @property
    def is_ward(self) -> bool:
        """Whether he is under guardianship, and lives: his guardian acts, and his death may still be noted."""
        return self.end_reason == self.End.GUARDIANSHIP

    def is_minor(self, on: date) -> bool:
        """Source: Code civil, art. 388 and 414."""
        return self.age(on) < MAJORITY

    @property
    def title_and_name(self) -> str:
        return str(self)

    @property
    def salutation(self) -> str:
        """« Madame Martin »"""
        # Django's own display would translate every title to find this one.
        return f"{TITLES.get(self.title, self.title)} {self.family_name}"

    @property
    def born(self) -> date | int | None:
        """The birth date, or the year where it alone is known."""
        return self.birth_date or self.birth_year

    @property
    def birth_in_words(self) -> str:
        """« 12 mars 1958 », « 1958, jour et mois inconnus »"""
        return birth_dates.in_words(self.birth_date, self.birth_year)

    @property
    def address_lines(self) -> Sequence[str]:
        """The postal address with the name, at most six lines of 38 signs (AFNOR NF Z 10-011)."""
        return self.address.on_envelope(self._name_on_a_line())

    @property
    def address(self) -> PostalAddress:
        """The postal address without the name."""
        return PostalAddress(*(getattr(self, name) for name in ADDRESS_FIELDS))

    @property
    def country_to_mend(self) -> str:
        """What stands for the country and names none that the list has; empty where all is well."""
        return "" if countries.of(self.country).code else self.country

    @property
    def address_awaits_confirmation(self) -> bool:
        """Whether no code is sent there because nobody has confirmed the address since it was changed."""
        is_stored = self.pk is not None
        return is_stored and bool(UNCONFIRMED_ADDRESS.ask(client=self.pk))

    @property
    def advisor_name(self) -> str:
        return str(self.advisor)

    def _name_on_a_line(self) -> str:
        """The name with as many of the given names as one line of an address holds."""
        given = self.given_names.split()
        for kept in range(len(given), 0, -1):
            line = names.in_full(title=self.title, given_names=" ".join(given[:kept]), family_name=self.family_name)
            if len(line) <= addresses.WIDTH:
                return line
        return names.in_full(title=self.title, given_names="", family_name=self.family_name)

    @wording.in_french()
    def letter_address(self) -> LetterAddress:
        return LetterAddress(
            self.salutation,
            self.address_lines,
            is_held=self.address_awaits_confirmation,
            large_print=self.large_print,
        )

    def address_changed_at(self) -> datetime | None:
        """When it was last changed; None of the one that stood there from the start."""
        changes = self.contact_changes.filter(contact="address")
        latest: datetime | None = changes.aggregate(latest=models.Max("changed_at"))["latest"]
        return latest

    def recent_emails(self) -> Sequence[str]:
        """The present e-mail address, then those it has replaced in the last 90 days or that nobody has confirmed."""
        return self.ways_to_tell()[0]

    def ways_to_tell(self) -> tuple[Sequence[str], bool]:
        """`recent_emails`, and whether letters tell him what they do: he has no address, or has got his first one of
        late, or by one advisor alone, who would else end the letters by an address of his own.
        """
        changes = EMAILS_OF_LATE.ask(client=self.pk, since=timezone.now() - TOLD_FOR)
        addresses = dict.fromkeys([self.email, *(old for old, _ in changes)])
        return [address for address in addresses if address], not self.email or ("", "") in changes

    def recent_postal_addresses(self) -> Sequence[tuple[str, ...]]:
        """The same of postal addresses, each as the lines of an envelope."""
        former = [PostalAddress.from_text(text) for text in self._former("address")]
        return list(dict.fromkeys(address.on_envelope(self._name_on_a_line()) for address in [self.address, *former]))

    def _former(self, contact: str) -> Sequence[str]:
        """What the present value has replaced, the latest first; without what was empty."""
        changes = self._changes_of_late(contact).exclude(old="")
        return list(changes.order_by("-pk").values_list("old", flat=True))

    def _changes_of_late(self, contact: str) -> models.QuerySet["ContactChange"]:
        is_recent = models.Q(changed_at__gt=timezone.now() - TOLD_FOR) | models.Q(confirmed_at=None)
        return self.contact_changes.filter(is_recent, contact=contact)

    def personal_data(self) -> PersonalData:
        """What a code must not be derived from: birth date, postcode, code client, accounts, IBANs, telephones."""
        account_numbers = list(self.bank_accounts.values_list("number", flat=True))
        own_phones = [phone for phone in (self.mobile_phone, self.home_phone) if phone]
        numbers = (
            self.client_code or "",
            *account_numbers,
            *(ibans.iban_of(number) for number in account_numbers),
            *own_phones,
            *(phones.national(phone) for phone in own_phones),
        )
        return PersonalData(
            birth_date=self.birth_date, birth_year=self.birth_year, postcode=self.postcode, numbers=numbers
        )


TITLES = dict(Client.Title.choices)


def _emails_of_late(client: Blank, since: Blank) -> models.QuerySet[models.Model, tuple[str, str]]:
    """The e-mail addresses that were replaced since then, or by nobody's leave, and why; the latest first."""
    changes: models.QuerySet[models.Model] = apps.get_model("accounts", "ContactChange")._default_manager.all()
    is_recent = models.Q(changed_at__gt=since) | models.Q(confirmed_at=None)
    return changes.filter(is_recent, client=client, contact="email").order_by("-pk").values_list("old", "why")


def _unconfirmed_address(client: Blank) -> "models.QuerySet[models.Model, int]":
    """The key of one change of the postal address that nobody has confirmed yet."""
    changes: models.QuerySet[models.Model] = apps.get_model("accounts", "ContactChange")._default_manager.all()
    unconfirmed = changes.filter(client=client, contact="address", confirmed_at=None)
    return unconfirmed.order_by().values_list("pk", flat=True)[:1]


UNCONFIRMED_ADDRESS = Prepared(_unconfirmed_address, client=KEY)
EMAILS_OF_LATE = Prepared(_emails_of_late, client=KEY, since=MOMENT)
