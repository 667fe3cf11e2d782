"""Makes the two administrators of the staff with whom a new bank begins."""

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.desk import first_access, roles, staff_requests
from accounts.kinds import Event
from accounts.models import StaffRequest, User
from auth_codes import journal
from auth_codes.models import SecurityEvent

HAS_STAFF = (
    "Cette banque a déjà du personnel : deux administrateurs font le reste à son poste. Les liens des deux premiers ne "
    "se refont, avec les mêmes noms, que tant qu’aucun des deux n’a servi."
)


class Command(BaseCommand):
    help = (
        "Crée les deux premiers administrateurs du personnel, sur une banque qui n’en a pas encore, et affiche "
        "une seule fois le lien de chacun."
    )

    def add_arguments(self, parser):
        parser.add_argument("names", nargs=2, metavar="NAME", help="nom d’utilisateur, par exemple prenom.nom")

    def handle(self, *, names, **options):
        wanted = [name.lower() for name in names]
        if len(set(wanted)) < 2:
            raise CommandError("Donnez deux noms différents : deux personnes.")
        with transaction.atomic():
            staff_requests.lock_administration()
            staff = list(User.objects.filter(is_staff=True).order_by("pk"))
            if staff and not self._are_waiting(staff, wanted):
                raise CommandError(HAS_STAFF)
            for person in staff:
                journal.record(Event.FIRST_LINK_AGAIN, owner=person, details={"staff_name": person.username})
            links = {person.username: self._link_of(person) for person in staff or map(self._made, wanted)}
        for name in wanted:
            self.stdout.write(f"{name}   {links[name]}")
        self.stdout.write(
            "Chaque lien sert une fois, dans les 48 heures, à l’adresse du portail. Il ne sera plus affiché. Perdus ou "
            "trop anciens avant que l’un des deux ait servi, relancez cette commande avec les mêmes noms."
        )

    def _are_waiting(self, staff, wanted):
        """Whether these are the two of before, and neither has ever opened his account by a link or otherwise.

        Afterwards two administrators do it at the desk: whoever has a server would take an account over by a link.
        """
        names = [person.username for person in staff]
        has_opened = any(person.last_login or person.has_usable_password() for person in staff)
        used = SecurityEvent.objects.filter(kind=Event.FIRST_ACCESS_USED).exists()
        return sorted(names) == sorted(wanted) and not (has_opened or used or StaffRequest.objects.exists())

    def _made(self, name):
        """Of old from the first day: the two are the only ones who may approve anything."""
        person = User(username=name, is_staff=True)
        person.set_unusable_password()
        try:
            person.full_clean()
        except ValidationError as error:
            raise CommandError(f"{name} : {' '.join(error.messages)}") from None
        person.save()
        person.groups.add(Group.objects.get(name=roles.STAFF_ADMINISTRATORS))
        journal.record(Event.FIRST_ADMINISTRATOR, owner=person, details={"staff_name": name})
        return person

    def _link_of(self, person):
        return reverse("admin:first_access", args=[first_access.issue(person, now=timezone.now())])
