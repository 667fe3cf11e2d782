"""E-mails about codes: written with the act, sent once, kept while they cannot be sent, and what they say."""

import json
import logging
import re
import smtplib
import socket
import ssl
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts import client_codes
from accounts.kinds import Mail
from accounts.models import Capacity, Client, ClosingRequest, Representation, ServiceContract, Undoing
from auth_codes import notices
from auth_codes.models import Factor, Notice, SealedLetter
from auth_codes.renewals import code_life
from tests import makers

PAGE = "/mon-profil/code-secret/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
MAILS = Path(__file__).resolve().parent.parent.parent / "templates" / "mail"
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
SMTP = "django.core.mail.backends.smtp.EmailBackend"
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db(transaction=True)


def change(browser, current=makers.CODE, chosen=makers.OTHER_CODE, **headers):
    fields = {"old_password": current, "new_password1": chosen, "new_password2": chosen}
    return browser.post(PAGE, fields, headers=headers)


def waiting_notice(**fields) -> Notice:
    """One that its act could not send, and nobody has tried since."""
    return Notice.objects.create(
        **{"kind": "code_changed", "recipient": "ines@example.org", "salutation": "Madame Martin", "at": NOW} | fields
    )


@pytest.fixture
def outbox(client_):
    """Without what the making of the client has sent."""
    Notice.objects.all().delete()
    mail.outbox.clear()
    return mail.outbox


class RefusingOne(EmailBackend):
    """A server that will not have mails for « nobody »."""

    def send_messages(self, messages):
        if "nobody" in messages[0].to[0]:
            raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (550, b"no such user")})
        return super().send_messages(messages)


REFUSING_ONE = f"{__name__}.RefusingOne"


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# Written with the act, sent when it has committed.


def test_client_is_told_of_a_change_at_once_with_browser_and_hour(client_browser, outbox):
    change(client_browser, **{"user-agent": FIREFOX})
    [told] = outbox
    assert told.to == ["ines@example.org"]
    assert "Bonjour Madame Martin," in told.body
    assert "depuis Firefox sur Windows" in told.body
    assert re.search(r"le \d+(er)?\s\w+\s20\d\d à \d\d\sh\s\d\d \(heure de Paris\)", told.body)


def test_browser_that_nobody_knows_is_not_named(client_browser, outbox):
    change(client_browser, **{"user-agent": "curl/8.0 (Linux)"})
    assert "(heure de Paris). L’ancien code" in outbox[0].body


def test_nothing_is_told_of_a_change_that_did_not_happen(client_browser, outbox):
    change(client_browser, current=makers.WRONG_CODE)
    change(client_browser, chosen=makers.CODE)
    assert (outbox, Notice.objects.count()) == ([], 0)


def test_notice_of_an_act_that_is_rolled_back_is_never_sent(client_, outbox):
    with transaction.atomic():
        notices.tell_owner(Notice.Kind.CODE_CHANGED, client_.user)
        transaction.set_rollback(True)
    assert (outbox, Notice.objects.count()) == ([], 0)


def test_notice_is_not_sent_before_its_transaction_commits(client_, outbox):
    with transaction.atomic():
        notices.tell_owner(Notice.Kind.CODE_CHANGED, client_.user)
        assert outbox == []
    assert len(outbox) == 1


def test_client_without_email_is_told_nothing_and_nothing_waits(client_, outbox):
    type(client_).objects.filter(pk=client_.pk).update(email="")
    notices.tell_owner(Notice.Kind.CODE_CHANGED, type(client_.user).objects.get(pk=client_.user.pk))
    assert (outbox, Notice.objects.count()) == ([], 0)


def test_address_and_name_are_gone_once_the_mail_has_left(client_, outbox):
    notices.tell_owner(Notice.Kind.CODE_CHANGED, client_.user)
    kept = Notice.objects.get()
    assert kept.sent_at is not None
    assert (kept.recipient, kept.salutation) == ("", "")


@pytest.mark.parametrize("days", [0, 8], ids=["sent", "given up"])
def test_what_was_told_to_somebody_without_a_space_is_gone_as_well(outbox, days):
    """Nothing says later whose it was, when he is to be forgotten."""
    waiting_notice(facts={"person": "Mme Léo MARTIN"}, at=NOW - timedelta(days=days))
    notices.send_waiting(NOW)
    assert (Notice.objects.get().recipient, Notice.objects.get().facts) == ("", {})


# A server that fails.


def unreachable(settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", closed_port()


def test_refused_connection_neither_breaks_the_change_nor_loses_the_mail(client_browser, outbox, settings, caplog):
    unreachable(settings)
    answer = change(client_browser)
    assert (answer.status_code, answer["Location"]) == (302, "/espace-client/")
    assert Notice.objects.get().sent_at is None
    assert "was not sent and waits: ConnectionRefusedError" in caplog.text
    assert "ines@example.org" not in caplog.text
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert notices.send_waiting(timezone.now() + 11 * MINUTE).sent == 1
    assert [told.to for told in outbox] == [["ines@example.org"]]


def test_server_that_never_answers_is_not_waited_for(client_browser, outbox, settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = SMTP, "127.0.0.1", 0.2
        settings.EMAIL_PORT = silent.getsockname()[1]
        assert change(client_browser).status_code == 302
    assert Notice.objects.get().sent_at is None


def test_portal_waits_for_a_server_five_seconds_at_most(settings):
    assert settings.EMAIL_TIMEOUT == 5


@pytest.mark.parametrize("recipient", ["nobody@example.org", "a\nb@example.org", "é@" + "x" * 70 + ".example"])
def test_mail_that_cannot_be_sent_breaks_nothing_and_is_not_repeated_in_the_log(client_, settings, caplog, recipient):
    settings.EMAIL_BACKEND = REFUSING_ONE
    notices.tell(Notice.Kind.CODE_CHANGED, owner=client_.user, recipient=recipient, salutation="Madame X", at=NOW)
    assert Notice.objects.latest("pk").sent_at is None
    assert "was not sent and waits" in caplog.text
    assert recipient not in caplog.text
    assert "Madame X" not in caplog.text


def test_without_a_way_out_notices_wait_without_an_error(client_, outbox, settings, caplog):
    settings.EMAIL_HOST = ""
    notices.tell_owner(Notice.Kind.CODE_CHANGED, client_.user)
    assert (outbox, Notice.objects.get().claimed_at) == ([], None)
    assert not [line for line in caplog.records if line.levelno >= logging.ERROR]


# What waits.


def test_what_waits_leaves_oldest_first(outbox):
    for days, name in ((1, "second"), (2, "first"), (0, "third")):
        waiting_notice(recipient=f"{name}@example.org", at=NOW - timedelta(days=days))
    assert notices.send_waiting(NOW).sent == 3
    assert [told.to[0].partition("@")[0] for told in outbox] == ["first", "second", "third"]


def test_nothing_is_sent_a_second_time(outbox):
    waiting_notice()
    assert [notices.send_waiting(NOW + 20 * MINUTE * run).sent for run in range(3)] == [1, 0, 0]
    assert len(outbox) == 1


def test_what_a_killed_sender_had_claimed_is_left_alone_for_ten_minutes(outbox):
    waiting_notice(claimed_at=NOW)
    assert notices.send_waiting(NOW + 9 * MINUTE).sent == 0
    assert notices.send_waiting(NOW + 10 * MINUTE).sent == 1


def test_of_many_runs_at_once_one_sends(outbox, race):
    waiting_notice()
    assert sorted(run.sent for run in race(notices.send_waiting, [NOW] * 4)) == [0, 0, 0, 1]
    assert len(outbox) == 1


def test_act_and_timer_at_once_send_one_mail(client_, outbox, race):
    notice = waiting_notice(at=timezone.now())
    race(lambda send: send(), [lambda: notices._send_at_once(notice.pk), lambda: notices.send_waiting(timezone.now())])
    assert len(outbox) == 1


def test_repeated_mail_would_carry_the_same_message_id():
    notice = waiting_notice()
    first, second = (notices.message_of(Notice.objects.get(pk=notice.pk)).message()["Message-ID"] for _ in range(2))
    other = notices.message_of(waiting_notice()).message()["Message-ID"]
    assert first == second != other
    assert re.fullmatch(r"<[^@\s]+@[^@\s]+>", first)


def test_refused_address_does_not_stop_the_others_and_is_tried_again_later(outbox, settings):
    settings.EMAIL_BACKEND = REFUSING_ONE
    waiting_notice(recipient="nobody@example.org", at=NOW - MINUTE)
    waiting_notice()
    assert notices.send_waiting(NOW) == (1, 1, 0, False)
    assert notices.send_waiting(NOW + MINUTE) == (0, 0, 0, False)
    assert notices.send_waiting(NOW + 11 * MINUTE) == (0, 1, 0, False)


@pytest.mark.parametrize(
    ("error", "is_cut_short"),
    [
        (smtplib.SMTPRecipientsRefused({}), False),
        (smtplib.SMTPDataError(554, b"spam"), False),
        (ValueError("bad header"), False),
        (smtplib.SMTPServerDisconnected("gone"), True),
        (smtplib.SMTPAuthenticationError(535, b"no"), True),
        (smtplib.SMTPSenderRefused(550, b"no", "portal@example.org"), True),
        (ssl.SSLCertVerificationError("expired"), True),
        (TimeoutError(), True),
        (socket.gaierror(), True),
    ],
)
def test_run_goes_on_after_what_concerns_one_mail_and_stops_at_what_concerns_all(
    outbox, monkeypatch, error, is_cut_short
):
    def failing(backend, messages):
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", failing)
    waiting_notice()
    waiting_notice()
    assert notices.send_waiting(NOW).is_cut_short == is_cut_short
    assert Notice.objects.filter(claimed_at=None).count() == is_cut_short


def test_run_stops_at_a_server_that_does_not_answer(outbox, settings):
    unreachable(settings)
    for _ in range(3):
        waiting_notice()
    assert notices.send_waiting(NOW).is_cut_short
    assert Notice.objects.filter(claimed_at__isnull=True).count() == 2


def test_after_seven_days_a_notice_is_given_up_with_an_error_and_its_address_forgotten(outbox, caplog):
    waiting_notice(at=NOW - timedelta(days=7))
    assert notices.send_waiting(NOW - timedelta(seconds=1)).sent == 1
    late = waiting_notice(at=NOW - timedelta(days=7))
    assert notices.send_waiting(NOW) == (0, 0, 1, False)
    late.refresh_from_db()
    assert (late.recipient, late.salutation, late.sent_at) == ("", "", None)
    assert f"Notice {late.pk} could not be sent for 7 days" in caplog.text
    assert notices.send_waiting(NOW).given_up == 0


# The timer's command.


def run_command() -> dict:
    said = StringIO()
    call_command("send_notices", stdout=said)
    return json.loads(said.getvalue())


def test_command_sends_and_says_what_it_did_in_one_line(outbox):
    waiting_notice(at=timezone.now())
    waiting_notice(at=timezone.now() - timedelta(days=8))
    assert run_command() == {"blocks_told": 0, "sent": 1, "refused": 0, "given_up": 1, "waiting": 0}
    assert run_command() == {"blocks_told": 0, "sent": 0, "refused": 0, "given_up": 0, "waiting": 0}


def test_command_fails_in_words_when_the_server_does(outbox, settings):
    unreachable(settings)
    waiting_notice(at=timezone.now())
    said = StringIO()
    with pytest.raises(CommandError, match="serveur de messagerie"):
        call_command("send_notices", stdout=said)
    assert json.loads(said.getvalue())["waiting"] == 1


def test_command_without_a_way_out_says_what_is_missing_and_how_many_wait(outbox, settings):
    settings.EMAIL_HOST = ""
    waiting_notice()
    with pytest.raises(CommandError, match=r"EMAIL_URL manque : 1 courriel\(s\) en attente"):
        call_command("send_notices")


# What the mails say.

ON_ACCOUNT = {"account": "compte courant se terminant par 4217", "person": "Mme Sophie PETIT"}
ACTING = {"person": "Mme Inès Léa MARTIN", "represented": "M. Léo MARTIN"}
FACTS = {
    Notice.Kind.CODE_CHANGED: [{}, {"browser": "Firefox sur Windows"}],
    Notice.Kind.CODE_RENEWED: [{}, {"browser": "Safari sur iPhone"}],
    Notice.Kind.LETTER_ISSUED: [{}, *({"occasion": occasion} for occasion in SealedLetter.Occasion.values)],
    Notice.Kind.LETTER_HELD: [{}],
    Mail.CONTACT_CHANGED: [{}, {"changed": ["l’adresse électronique", "le téléphone mobile"]}],
    Mail.OWN_CONTACTS: [{"changed": ["l’adresse électronique", "le téléphone mobile"]}],
    Mail.EMAIL_GIVEN: [{}],
    Notice.Kind.LOGIN_BLOCKED: [{}, {"pause": "15 minutes"}],
    Notice.Kind.NEXT_IS_LAST: [{}],
    Notice.Kind.NEW_DEVICE: [{}, {"browser": "Firefox sur Windows"}],
    Notice.Kind.ACCESS_CLOSED: [{}, *({"why": why.label} for why in code_life.Why)],
    Notice.Kind.SESSIONS_SHUT: [{"why": why.label} for why in code_life.Why],
    Notice.Kind.UNBLOCKED: [{}],
    Notice.Kind.FACTOR_ADDED: [
        {"name": "Mon téléphone", "asked_from": "8\u00a0juin\u00a02026", **seen}
        for seen in ({}, {"browser": "Firefox sur Windows"})
    ],
    Notice.Kind.FACTOR_REMOVED: [
        {"name": "Mon téléphone", "why": why, "browser": "Firefox sur Windows"} for why in Factor.Why.values
    ],
    Notice.Kind.FACTOR_BLOCKED: [{"name": "Mon téléphone"}],
    Notice.Kind.PASSKEY_COPIED: [{"name": "Ma clé USB"}],
    Notice.Kind.CODE_KNOWN: [{}],
    Notice.Kind.LIST_ORDERED: [{}, {"browser": "Firefox sur Windows"}, {"by_itself": "yes"}],
    Notice.Kind.LIST_LAPSED: [{}],
    Notice.Kind.CLIENT_TICKET: [{}, {"replaces": "yes"}],
    Notice.Kind.TICKET_VOID: [{}, {"browser": "Firefox sur Windows"}],
    Notice.Kind.ACCESS_LOCKED: [{"reference": "7KQ4M2XDR9TB"}],
    Notice.Kind.UNLOCKING_ASKED: [{"reference": "7KQ4M2XDR9TB"}],
    Notice.Kind.ACCESS_UNLOCKED: [{"reference": "7KQ4M2XDR9TB"}],
    Notice.Kind.CLOSED_BY_OWNER: [{}, {"browser": "Firefox sur Windows"}],
    Mail.LETTER_WRITTEN: [{}],
    Mail.HOLDER_ADDED: [ON_ACCOUNT],
    Mail.MANDATE_GRANTED: [
        {**ON_ACCOUNT, "right": "consulter le compte", "until": until}
        for until in ("sans date de fin", "jusqu’au 31/12/2026")
    ],
    Mail.MANDATE_ENDED: [ON_ACCOUNT],
    Mail.ACCOUNT_CLOSED: [{"account": ON_ACCOUNT["account"]}],
    Mail.CLOSING_ASKED: [
        {"account": ON_ACCOUNT["account"], "until": "1er juillet 2026", "represented": represented}
        for represented in ("", "Mlle Léa MARTIN")
    ],
    Mail.CLOSING_OFF: [
        {"account": ON_ACCOUNT["account"], "why": str(why.label)} for why in ClosingRequest.Outcome if why != "closed"
    ],
    Mail.REPRESENTED: [
        {**ACTING, "capacity": str(Capacity(capacity).label), "right": right, "until": "sans date de fin"}
        for capacity in Capacity
        for right in ("consulter les comptes et les documents",)
    ],
    Mail.REPRESENT_ENDED: [
        {**ACTING, "why": str(why.label), **({"of_age": "yes"} if why == "majority" else {})}
        for why in Representation.End
    ],
    Mail.CONTRACT_ENDED: [{"contract": "Carte", "why": str(why.label)} for why in ServiceContract.End],
    Mail.ACT_UNDONE: [{"what": str(act.label)} for act in Undoing.Act],
    Mail.SHEETS_JOINED: [{"ending": "890"}, {"ending": ""}],
    Mail.CLIENT_ENDED: [{"why": str(why.label)} for why in Client.End],
    Mail.TRANSFER_MADE: [
        {
            "person": "M. Julien MOREAU",
            "amount": "30,10\u00a0€",
            "source": "compte courant se terminant par 3374",
            "destination": "livret d’épargne se terminant par 3991",
            "reference": "V-7Q2M",
        }
    ],
}
CALM = {
    Mail.EMAIL_GIVEN: "Cette adresse fonctionne",
    Notice.Kind.ACCESS_LOCKED: "vos codes et vos appareils restent comme ils sont",
    Notice.Kind.FACTOR_BLOCKED: "recopiez le nombre du moment",
    Notice.Kind.PASSKEY_COPIED: "Réessayez avec la même clé",
    Mail.CLOSING_ASKED: "puis confirmez-la avec votre code secret",
    Notice.Kind.LETTER_ISSUED: "Attendez la lettre",
    Notice.Kind.LIST_ORDERED: "Attendez la lettre",
    Notice.Kind.LIST_LAPSED: "commandez-en une autre",
    Notice.Kind.CLIENT_TICKET: "rien à faire d’autre que de recopier ce ticket",
    Notice.Kind.TICKET_VOID: "Demandez un autre ticket à l’agence",
    Notice.Kind.LETTER_HELD: "La lettre part dès que",
    Notice.Kind.LOGIN_BLOCKED: "Inutile de deviner",
    Notice.Kind.NEXT_IS_LAST: "demandez un nouveau code",
    Notice.Kind.CLOSED_BY_OWNER: "quand vous voulez rouvrir l’accès",
    Notice.Kind.ACCESS_CLOSED: "quand vous voulez rouvrir l’accès",
    Mail.LETTER_WRITTEN: "Connectez-vous quand vous voulez",
}
ALARM = {
    Mail.OWN_CONTACTS: "Verrouillez tout de suite votre accès",
    Notice.Kind.ACCESS_LOCKED: "Ils n’ouvrent rien pour le moment",
    Notice.Kind.UNLOCKING_ASKED: "Demandez de nouveau le verrouillage",
    Notice.Kind.ACCESS_UNLOCKED: "Verrouillez de nouveau votre accès",
    Notice.Kind.CLOSED_BY_OWNER: "il ne sert plus",
    Notice.Kind.ACCESS_CLOSED: "il vous dit pourquoi",
    Notice.Kind.LIST_LAPSED: "il vérifie votre adresse",
    Notice.Kind.CLIENT_TICKET: "l’accès se ferme aussitôt",
    Mail.CLIENT_ENDED: "deux conseillers reviennent",
    Mail.SHEETS_JOINED: "deux conseillers peuvent revenir",
    Mail.LETTER_WRITTEN: "Un vrai courrier de la banque se retrouve toujours",
}
STAFF_FACTS = {
    Notice.Kind.PASSWORD_CHANGED: [{}, {"browser": "Firefox sur Windows"}],
    Notice.Kind.STAFF_BLOCKED: [{"pause": "15 minutes"}],
    Notice.Kind.COLLEAGUE_BLOCKED: [{"pause": "une heure", "name": "claire.dubois"}],
    Notice.Kind.STAFF_NEW_DEVICE: [{}, {"browser": "Firefox sur Windows"}],
    Notice.Kind.REQUEST_LAPSED: [
        {"asked_at": "27/05/2026 à 10:00"},
        {"asked_at": "27/05/2026 à 10:00", "why": "la fiche a été réunie avec une autre"},
    ],
    Notice.Kind.STAFF_TICKET: [{"issuer": "Nadia Benali"}, {"issuer": "une commande du serveur"}],
    Notice.Kind.TICKET_ENDED: [{}, {"browser": "Firefox sur Windows"}],
    Notice.Kind.STAFF_FACTOR: [{"name": "Mon téléphone"}, {"name": "Téléphone neuf", "replaced": "Mon téléphone"}],
    Notice.Kind.STAFF_REMOVED: [{"name": "Ma clé USB"}, {"name": "Ma clé USB", "browser": "Firefox sur Windows"}],
    Notice.Kind.STAFF_COPIED: [{"name": "Ma clé USB"}],
    Notice.Kind.STAFF_PAUSED: [{"name": "Mon téléphone"}],
    Notice.Kind.STAFF_KNOWN: [{}],
    Mail.TICKET_BY_COMMAND: [{"name": "claire.dubois"}],
    Mail.SUPERUSER_MADE: [{"name": "urgence"}],
    Mail.STAFF_PASSWORD: [{"name": "claire.dubois"}],
    Mail.FIRST_ACCESS: [{"name": "paul.martin"}],
    Mail.STAND_IN: [
        {"by": "Nadia Benali", "substitute": "Sonia Blanc", "days": "du 03/08/2026 au 21/08/2026"},
    ],
    Mail.BULK_ACTS: [{"name": "Claire Dubois", "done": "41 fiches ouvertes en une heure"}],
}
CLIENTS_MAIL = [(kind, facts) for kind in (*Notice.Kind, *Mail) if kind not in STAFF_FACTS for facts in FACTS[kind]]
STAFF_MAIL = [(kind, facts) for kind, some in STAFF_FACTS.items() for facts in some]
EVERY_MAIL = CLIENTS_MAIL + STAFF_MAIL


def mail_of(kind, facts, salutation="Madame Martin"):
    at = datetime(2026, 6, 1, 21, 5, tzinfo=UTC)
    notice = Notice(pk=7, kind=kind, recipient="ines@example.org", salutation=salutation, at=at, facts=facts)
    return notices.message_of(notice)


@pytest.mark.parametrize(("kind", "facts"), STAFF_MAIL)
def test_every_mail_to_the_staff_says_when_in_paris_what_to_do_and_nothing_of_clients(kind, facts):
    body = mail_of(kind, facts).body
    for said in (
        "Bonjour Madame Martin,", "1er\u00a0juin\u00a02026 à 23\u202fh\u202f05", "heure de Paris", "administrateur",
        "Personne ne vous demande jamais votre mot de passe", *map(str, facts.values()),
    ):  # fmt: skip
        assert said in body
    assert not [word for word in ("Espace Client", "code secret", "votre conseiller", "relevé") if word in body]


@pytest.mark.parametrize(("kind", "facts"), CLIENTS_MAIL)
def test_every_mail_says_when_in_paris_what_to_do_and_what_is_never_asked(kind, facts):
    told = mail_of(kind, facts)
    for said in (
        "Bonjour Madame Martin,", "1er\u00a0juin\u00a02026 à 23\u202fh\u202f05", "heure de Paris",
        CALM.get(kind, "Vous n’avez rien à faire."),
        "au numéro imprimé sur votre relevé", ALARM.get(kind, "fermer l’accès"), "Ce que nous ne vous demandons jamais",
        "tapez vous-même l’adresse de votre banque",
    ):  # fmt: skip
        assert said in told.body
    assert all(str(word) in told.body for fact in facts.values() if isinstance(fact, list) for word in fact)


@pytest.mark.proves("ASVS 6.3.6", "ASVS 6.3.7")
@pytest.mark.parametrize(("kind", "facts"), EVERY_MAIL)
def test_no_mail_holds_a_link_or_a_number_that_reads_like_a_code(kind, facts):
    told = mail_of(kind, facts)
    text = f"{told.subject}\n{told.body}"
    assert not re.search(r"https?:|www\.|://|/connexion|\.fr\b|<a ", text)
    assert not re.search(r"\d{5}", text)


@pytest.mark.parametrize(("kind", "facts"), EVERY_MAIL)
def test_every_mail_is_plain_text_with_french_spaces_and_a_short_subject(kind, facts):
    told = mail_of(kind, facts, salutation="Madame D'Hondt & Fils")
    assert "Madame D’Hondt & Fils" in told.body
    assert told.message().get_content_type() == "text/plain"
    assert 10 < len(told.subject) < 50
    assert not re.search(r" [;:!?»]|« |\n\n\n|[{}]|None", told.body)
    assert told.extra_headers["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(("kind", "facts"), CLIENTS_MAIL)
def test_every_mail_reads_as_a_letter_too(kind, facts):
    _, text = notices.worded(kind, salutation="Madame Martin", at=NOW, by_post="yes", **facts)
    assert "Cette lettre ne contient ni code ni adresse de site." in text
    assert not re.search(r"[Cc]e message|courriel|\n\n\n| [;:!?»]|« ", text)


def test_mail_about_a_change_tells_to_call_at_once_and_have_the_access_closed():
    body = mail_of(Notice.Kind.CODE_CHANGED, {}).body
    assert "Appelez tout de suite votre conseiller" in body
    assert "depuis" not in body  # no browser known: none invented


def test_mail_about_a_letter_says_what_becomes_of_the_present_code():
    asked, approved = (mail_of(Notice.Kind.LETTER_ISSUED, {"occasion": one}).body for one in ("request", "renewal"))
    assert "Votre code actuel reste valable" in asked
    assert "Votre ancien code ne sert plus" in approved


def test_mail_about_contact_data_says_why_it_comes_to_the_old_address():
    body = mail_of(Mail.CONTACT_CHANGED, {"changed": ["l’adresse postale"]}).body
    assert "\n- l’adresse postale\n" in body
    assert "aux adresses électroniques que nous connaissions avant ce changement" in body


def test_no_mail_of_a_real_change_holds_code_or_code_client(client_browser, client_, outbox):
    change(client_browser)
    [told] = outbox
    sent = told.message().as_string() + told.body + told.subject
    held = [makers.CODE, makers.OTHER_CODE, client_.client_code, client_codes.display(client_.client_code)]
    assert [secret for secret in held if secret in sent] == []


def test_database_that_fails_while_sending_does_not_break_the_change(client_browser, outbox, caplog):
    """The row cannot be claimed, as during a fail-over: the code is changed, the notice waits."""

    def refusing(execute, sql, *arguments):
        if sql.startswith("UPDATE") and "auth_codes_notice" in sql:
            raise OperationalError("gone")
        return execute(sql, *arguments)

    with connection.execute_wrapper(refusing):
        assert change(client_browser)["Location"] == "/espace-client/"
    assert "waits: OperationalError" in caplog.text
    assert notices.send_waiting(timezone.now()).sent == 1


@pytest.mark.parametrize("path", sorted(MAILS.glob("*.txt")), ids=lambda path: path.stem)
def test_no_mail_makes_a_riddle_of_what_is_known(path):
    assert ", ou plus" not in path.read_text()
