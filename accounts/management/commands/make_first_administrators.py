"""Makes the two administrators of the staff with whom a new bank begins."""

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.desk import first_access, roles, staff_requests
from accounts.kinds import Event
from accounts.models import User
from auth_codes import journal


class Command(BaseCommand):
    help = (
        "Crée les deux premiers administrateurs du personnel, sur une banque qui n’en a pas encore, et affiche "
        "une seule fois le lien de chacun."
    )

    def add_arguments(self, parser):
        parser.add_argument("names", nargs=2, metavar="NAME", help="nom d’utilisateur, par exemple prenom.nom")

    def handle(self, *, names, **options):
        with transaction.atomic():
            staff_requests.lock_administration()
            if User.objects.filter(is_staff=True).exists():
                raise CommandError("Cette banque a déjà du personnel : deux administrateurs font le reste à son poste.")
            links = {name: self._link_of(name) for name in map(str.lower, names)}
            if len(links) < 2:
                raise CommandError("Donnez deux noms différents : deux personnes.")
        for name, link in links.items():
            self.stdout.write(f"{name}   {link}")
        self.stdout.write(
            "Chaque lien sert une fois, dans les 48 heures, à l’adresse du portail. Il ne sera plus affiché."
        )

    def _link_of(self, name):
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
        return reverse("admin:first_access", args=[first_access.issue(person, now=timezone.now())])
