"""Issues the ticket by which an administrator of the staff adds his second moyen, where no other could hand him one."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.desk import staff_tickets
from accounts.models import User
from auth_codes.factors import tickets


class Command(BaseCommand):
    help = (
        "Fait, pour un administrateur du personnel, le ticket de son second moyen, et l’affiche une seule fois. Sert "
        "aux premiers administrateurs, et quand aucun autre n’a plus de second moyen ; sinon, un autre le remet au "
        "poste."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", metavar="NAME", help="nom d’utilisateur de l’administrateur")

    def handle(self, *, name, **options):
        try:
            ticket = staff_tickets.issue_by_command(name, now=timezone.now())
        except User.DoesNotExist:
            raise CommandError(f"« {name} » n’est pas un administrateur du personnel en activité.") from None
        except staff_tickets.NotByCommand as refusal:
            raise CommandError(
                f"Un autre administrateur remet ce ticket au poste, en personne : {refusal.who}."
            ) from None
        self.stdout.write(f"{name.lower()}   {tickets.in_fours(ticket)}")
        self.stdout.write(
            "Ce ticket sert une fois, dans les 24 heures, après le mot de passe de cette personne. Il ne sera plus "
            "affiché."
        )
