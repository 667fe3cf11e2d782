"""Who people are: users of the portal, and clients of the bank."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

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
from accounts.models.search import SearchWord
from accounts.notation import addresses, ibans, names, phones, search_words
from accounts.notation.addresses import PostalAddress
from accounts.notation.search_words import Words
from auth_codes import wording
from auth_codes.codes import bindings
from auth_codes.owner import LetterAddress
from auth_codes.weakness import PersonalData

if TYPE_CHECKING:
    from accounts.models.documents import Document

EARLIEST_BIRTH = date(1900, 1, 1)
LATEST_DOCUMENTS = 3
# How long an e-mail or postal address that was replaced is still told of what a thief would hide.
TOLD_FOR = timedelta(days=90)
ADDRESS_FIELDS = ("street", "address_complement", "postcode", "city", "country")
# What the words of the search come from.
FOUND_BY = {"family_name", "given_names", "birth_date", "postcode", "city"}
STAFF_NAME = "Le nom d’un membre du personnel ne peut pas se composer de chiffres seuls."
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
            return subject == self.own_client_id
        return owner is not None and Client.objects.filter(pk=self.own_client_id, user_id=owner.pk).exists()

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

    def salutation(self) -> str:
        return str(self) if self.is_staff else self.client.salutation

    def notification_email(self) -> str:
        return self.email if self.is_staff else self.client.email

    def recent_emails(self) -> Sequence[str]:
        if self.is_staff:
            return [self.email] if self.email else []
        return self.client.recent_emails()


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
        return self.select_for_update(of=("self",)).get(pk=pk)


class Client(models.Model):
    """A person who has, or is opening, an account or a service contract. Never deleted."""

    class Title(models.TextChoices):
        MADAME = "Mme", _("Madame")
        MONSIEUR = "M.", _("Monsieur")

    class End(models.TextChoices):
        DEATH = "death", _("décès")
        DEPARTURE = "departure", _("départ de la banque")
        GUARDIANSHIP = "guardianship", _("mise sous tutelle")

    title = models.CharField(_("civilité"), max_length=3, choices=Title)
    given_names = models.CharField(_("prénoms"), max_length=80)
    family_name = models.CharField(_("nom"), max_length=80)
    family_key = models.CharField(max_length=160, db_index=True, editable=False)
    given_key = models.CharField(max_length=160, db_index=True, editable=False)
    birth_date = models.DateField(_("date de naissance"), db_index=True)
    email = models.EmailField(_("adresse électronique"))
    mobile_phone = models.CharField(_("téléphone mobile"), max_length=16, db_index=True)
    home_phone = models.CharField(_("téléphone fixe"), max_length=16, blank=True, db_index=True)
    street = models.CharField(_("numéro et rue"), max_length=38)
    address_complement = models.CharField(
        _("complément d’adresse"), max_length=38, blank=True, help_text="Bâtiment, étage, lieu-dit…"
    )
    postcode = models.CharField(_("code postal"), max_length=10)
    city = models.CharField(_("ville"), max_length=32)
    country = models.CharField(_("pays"), max_length=38, default="France")
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
    registered_at = models.DateTimeField("fiche créée le", default=timezone.now, editable=False)
    # A second click on « Enregistrer » carries the same token and makes no second person.
    registration = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name = "client"
        ordering = ["family_key", "given_key", "id"]
        # Who shares a contact is asked when one is registered; UPPER is how the databases compare without case.
        indexes = [
            models.Index(Upper("email"), name="clients_by_email"),
            models.Index("postcode", Upper("street"), name="clients_by_home"),
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
            models.CheckConstraint(
                condition=models.Q(ended_on=None, end_reason="")
                | models.Q(ended_on__isnull=False) & ~models.Q(end_reason=""),
                name="client_ends_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.given_names} {self.family_name.upper()}"

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
        called = (self.family_name, self.given_names, *former)
        return search_words.of_person(called=called, born=self.birth_date, postcode=self.postcode, city=self.city)

    @property
    def title_and_name(self) -> str:
        return str(self)

    @property
    def salutation(self) -> str:
        """« Madame Martin »"""
        return f"{self.get_title_display()} {self.family_name}"

    @property
    def address_lines(self) -> Sequence[str]:
        """The postal address with the name, at most six lines of 38 signs (AFNOR NF Z 10-011)."""
        return self.address.on_envelope(self._name_on_a_line())

    @property
    def address(self) -> PostalAddress:
        """The postal address without the name."""
        return PostalAddress(*(getattr(self, name) for name in ADDRESS_FIELDS))

    @property
    def address_awaits_confirmation(self) -> bool:
        """Whether no code is sent there because nobody has confirmed the address since it was changed."""
        is_stored = self.pk is not None
        return is_stored and self.contact_changes.unconfirmed().filter(contact="address").exists()

    @property
    def advisor_name(self) -> str:
        return str(self.advisor)

    @property
    def latest_documents(self) -> models.QuerySet["Document"]:
        return self.documents.listed()[:LATEST_DOCUMENTS]

    def _name_on_a_line(self) -> str:
        """The name with as many of the given names as one line of an address holds."""
        given = self.given_names.split()
        for kept in range(len(given), 0, -1):
            line = f"{self.title} {' '.join(given[:kept])} {self.family_name.upper()}"
            if len(line) <= addresses.WIDTH:
                return line
        return f"{self.title} {self.family_name.upper()}"

    @wording.in_french()
    def letter_address(self) -> LetterAddress:
        return LetterAddress(
            self.salutation,
            self.address_lines,
            is_held=self.address_awaits_confirmation,
            large_print=self.large_print,
        )

    def recent_emails(self) -> Sequence[str]:
        """The present e-mail address, then those it has replaced in the last 90 days or that nobody has confirmed."""
        return [address for address in dict.fromkeys([self.email, *self._former("email")]) if address]

    def recent_postal_addresses(self) -> Sequence[tuple[str, ...]]:
        """The same of postal addresses, each as the lines of an envelope."""
        former = [PostalAddress.from_text(text) for text in self._former("address")]
        return list(dict.fromkeys(address.on_envelope(self._name_on_a_line()) for address in [self.address, *former]))

    def _former(self, contact: str) -> Sequence[str]:
        """What the present value has replaced, the latest first; without what was empty."""
        is_recent = models.Q(changed_at__gt=timezone.now() - TOLD_FOR) | models.Q(confirmed_at=None)
        changes = self.contact_changes.filter(is_recent, contact=contact).exclude(old="")
        return list(changes.order_by("-pk").values_list("old", flat=True))

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
        return PersonalData(birth_date=self.birth_date, postcode=self.postcode, numbers=numbers)
