"""What is told: to the journal for ever, to the client by e-mail."""

from django.conf import settings
from django.db import models
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from auth_codes import wording


class SecurityEvent(models.Model):
    """One line of the journal; written once, never changed. No code, and no number that nobody holds."""

    class Kind(models.TextChoices):
        CLIENT_REGISTERED = "client_registered", "Fiche client créée"
        CLIENT_CHANGED = "client_changed", "Fiche client modifiée"
        CLIENT_CONSULTED = "client_consulted", "Fiche client consultée"
        CLIENT_CODE_ISSUED = "client_code_issued", "Code client attribué"
        ACCOUNT_OPENED = "account_opened", "Compte ouvert"
        CONTRACT_OPENED = "contract_opened", "Contrat souscrit"
        ACCOUNT_CLOSED = "account_closed", "Compte clôturé"
        ACCESS_ASKED = "access_asked", "Accès à un compte demandé"
        ACCESS_DECLINED = "access_declined", "Accès à un compte refusé"
        HOLDER_ADDED = "holder_added", "Cotitulaire ajouté à un compte"
        MANDATE_GRANTED = "mandate_granted", "Procuration enregistrée"
        MANDATE_ENDED = "mandate_ended", "Procuration révoquée"
        LETTER_WRITTEN = "letter_written", "Courrier écrit"
        BOOKING_CORRECTED = "booking_corrected", "Opération rectifiée"
        TRANSFER_MADE = "transfer_made", "Virement confirmé"
        TRANSFER_BY_ANOTHER = "transfer_by_another", "Virement confirmé par une autre personne"
        TRANSFER_CODE_FAILED = "transfer_code_failed", "Code secret erroné pour un virement"
        ONLINE_SPACE_CREATED = "online_space_created", "Espace en ligne créé"
        DEFAULT_CODE_ISSUED = "default_code_issued", "Code secret provisoire attribué"
        DEFAULT_CODE_USED = "default_code_used", "Code secret provisoire utilisé pour la première fois"
        DEFAULT_CODE_EXPIRED = "default_code_expired", "Code secret provisoire expiré sans avoir servi"
        DEFAULT_CODE_VOIDED = "default_code_voided", "Code secret provisoire annulé"
        LETTERS_EXPORTED = "letters_exported", "Plis scellés exportés"
        LETTERS_CONFIRMED = "letters_confirmed", "Plis scellés confirmés et détruits"
        LETTER_EXPORTED = "letter_exported", "Pli scellé remis à l’atelier d’impression"
        LETTER_DELIVERED = "letter_delivered", "Pli scellé posté"
        RENEWAL_REQUESTED = "renewal_requested", "Nouveau code secret demandé en ligne"
        RENEWAL_DECLINED = "renewal_declined", "Demande en ligne restée sans suite"
        RENEWAL_HELD = "renewal_held", "Demande retenue : adresse modifiée récemment"
        RENEWAL_CEILING = "renewal_ceiling", "Plafond quotidien des demandes en ligne atteint"
        RENEWAL_STARTED = "renewal_started", "Renouvellement du code secret demandé par un conseiller"
        RENEWAL_APPROVED = "renewal_approved", "Renouvellement du code secret approuvé"
        RENEWAL_REFUSED = "renewal_refused", "Renouvellement du code secret refusé"
        CODE_RENEWED = "code_renewed", "Code secret remplacé par celui d’un courrier"
        CODE_VOIDED = "code_voided", "Code secret annulé"
        ACCESS_CLOSED = "access_closed", "Accès fermé par un conseiller"
        CODES_ROTATED = "codes_rotated", "Codes secrets scellés sous une nouvelle clé"
        ADDRESS_CONFIRMED = "address_confirmed", "Adresse postale confirmée"
        REMINDER_ANSWERED = "reminder_answered", "Rappel de changement de code"
        LOGGED_IN = "logged_in", "Connexion"
        LOGIN_FAILED = "login_failed", "Connexion refusée"
        LOGIN_BLOCKED = "login_blocked", "Connexion suspendue après des codes erronés"
        BLOCK_LIFTED = "block_lifted", "Réponse du client à des codes erronés"
        NETWORK_SPENT = "network_spent", "Trop d’échecs depuis un même réseau"
        FAILURE_ALARM = "failure_alarm", "Alarme : beaucoup de connexions refusées"
        COUNTERS_FULL = "counters_full", "Alarme : trop de numéros essayés, appareils inconnus en attente"
        LOGGED_OUT = "logged_out", "Déconnexion"
        SESSIONS_ENDED = "sessions_ended", "Déconnexion de tous les appareils"
        DEVICE_KNOWN = "device_known", "Connexion depuis un nouvel appareil"
        DEVICE_REMOVED = "device_removed", "Appareil connu retiré"
        DEVICES_REMOVED = "devices_removed", "Appareils connus oubliés"
        CLOSED_BY_OWNER = "closed_by_owner", "Accès fermé par le client : « Ce n’était pas moi »"
        JOURNAL_PURGED = "journal_purged", "Journal : lignes de plus de 13 mois effacées"
        CODE_CHANGED = "code_changed", "Code secret modifié"
        CODE_CHANGE_FAILED = "code_change_failed", "Code secret actuel erroné"

    at = models.DateTimeField("le", default=timezone.now, db_index=True)
    kind = models.CharField("événement", max_length=24, choices=Kind)
    # No constraint in the database: its check would lock the user's row on the login's way, and would take a time
    # that tells a known number from an unknown one. Users are never deleted.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="security_events",
        verbose_name="concerne",
        db_constraint=False,
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="acts",
        verbose_name="par",
        db_constraint=False,
    )
    address = models.GenericIPAddressField("adresse", null=True)
    user_agent = models.CharField("navigateur", max_length=200, blank=True)
    details = models.JSONField("détails", default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["owner", "kind", "-at"], name="journal_of_owner"),
            # What was done for somebody before he had an online space, who has no user and so is no owner.
            models.Index(
                KeyTransform("client", "details"), condition=models.Q(owner__isnull=True), name="journal_of_client"
            ),
        ]
        verbose_name = "événement de sécurité"
        verbose_name_plural = "journal"

    def __str__(self):
        return f"{self.get_kind_display()} ({wording.short_moment(self.at)})"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise TypeError("a line of the journal is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("a line of the journal is never deleted")


class Notice(models.Model):
    """An e-mail that tells a client what happened to his codes or money: written with the act, sent afterwards.

    See notices.py. It holds no code and no link; the address is blanked once the mail has left.
    """

    class Kind(models.TextChoices):
        CODE_CHANGED = "code_changed", "Code secret modifié"
        CODE_RENEWED = "code_renewed", "Nouveau code secret utilisé"
        LETTER_ISSUED = "letter_issued", "Nouveau code secret envoyé par courrier"
        LETTER_HELD = "letter_held", "Demande retenue, adresse récente"
        CONTACT_CHANGED = "contact_changed", "Coordonnées modifiées"
        LOGIN_BLOCKED = "login_blocked", "Connexion suspendue"
        NEXT_IS_LAST = "next_is_last", "Dernière suspension avant un nouveau code"
        NEW_DEVICE = "new_device", "Connexion depuis un nouvel appareil"
        CLOSED_BY_OWNER = "closed_by_owner", "Accès fermé par le client"
        LETTER_WRITTEN = "letter_written", "Courrier dans l’Espace Client"
        HOLDER_ADDED = "holder_added", "Cotitulaire ajouté à un compte"
        MANDATE_GRANTED = "mandate_granted", "Procuration enregistrée"
        MANDATE_ENDED = "mandate_ended", "Procuration révoquée"
        ACCOUNT_CLOSED = "account_closed", "Compte clôturé"

    kind = models.CharField(max_length=16, choices=Kind)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="notices")
    recipient = models.EmailField(blank=True)
    salutation = models.CharField(max_length=160, blank=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["at"], condition=models.Q(sent_at__isnull=True), name="notices_to_send")]

    def __str__(self):
        return f"{self.get_kind_display()} ({wording.short_moment(self.at)})"
