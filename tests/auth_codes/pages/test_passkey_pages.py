"""« Ajouter une clé d’accès », its removal, and whoever would do it in the owner's place or on a page grown old."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from fido2.utils import websafe_encode

from auth_codes.factors import enrolling, passkeys
from auth_codes.models import Challenge, Factor, KnownDevice, Notice, SecurityEvent
from tests import makers
from tests.authenticator import FLAG, Authenticator
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PAGE = "/mon-profil/moyens/"
ADD, CONFIRM, GIVE_UP = f"{PAGE}cle/", f"{PAGE}cle/confirmer/", f"{PAGE}cle/annuler/"
CODES = {"password": makers.CODE, "name": "Ma clé USB"}


@pytest.fixture
def known_browser(client_):
    """The client's own device, known for longer than a first moyen rests."""
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    KnownDevice.objects.update(first_seen_at=timezone.now() - timedelta(days=8))
    return browser


def begin(browser, **fields):
    """The options of the page that creates one."""
    assert browser.post(ADD, CODES | fields)["Location"] == CONFIRM
    return browser.get(CONFIRM).context["options"]


def add(browser, authenticator=None, **fields):
    options = begin(browser, **fields)
    return browser.post(CONFIRM, {"assertion": (authenticator or Authenticator()).create(options)}, follow=True)


def removal_of(factor):
    return f"{PAGE}{factor.pk}/retirer/"


def remove(browser, factor, authenticator, password=makers.CODE, kind="passkey", **changed):
    page = browser.get(f"{removal_of(factor)}?moyen={kind}").context
    sent = {"password": password, "challenge": page["challenge"].pk, "assertion": authenticator.get(page["options"])}
    return browser.post(f"{removal_of(factor)}?moyen={kind}", sent | changed, follow=True)


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode())).replace("\u202f", " ")


def test_client_adds_a_passkey_and_logs_in_with_it(known_browser, client_):
    authenticator = Authenticator()
    assert "C’est fait" in text_of(add(known_browser, authenticator))
    factor = Factor.objects.get()
    assert (factor.kind, factor.state, factor.name) == ("passkey", "active", "Ma clé USB")
    assert passkeys.read(factor.unseal()).name == authenticator.name
    stranger = StrictBrowser()
    assert makers.log_in(stranger, client_.client_code, makers.CODE)["Location"] == "/connexion/second/"
    page = stranger.get("/connexion/second/").context
    shown = {"challenge": page["challenge"].pk, "assertion": authenticator.get(page["options"])}
    assert stranger.post("/connexion/second/", shown)["Location"] == "/espace-client/"


def test_owner_is_told_and_so_is_the_journal(known_browser, client_):
    add(known_browser)
    assert Notice.objects.get(kind=Notice.Kind.FACTOR_ADDED).facts["name"] == "Ma clé USB"
    line = SecurityEvent.objects.get(kind=SecurityEvent.Kind.FACTOR_ADDED)
    assert (line.owner, line.by, line.details["factor"]) == (client_.user, client_.user, "passkey")


def test_on_a_new_device_it_rests_a_week(client_, settings):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    assert "ne sera demandé à la connexion qu’à partir du" in text_of(browser.get(ADD))
    assert "Jusque-là, vous pouvez l’annuler d’un appareil connu" in text_of(add(browser))
    week = timezone.now() + timedelta(days=settings.FACTOR_REST_DAYS)
    assert abs(Factor.objects.get().asked_from - week) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"flags": FLAG.UP}, "n’a pas vérifié que c’était bien vous"),
        ({"origin": "https://testserver.example"}, "une autre adresse que celle de votre banque"),
        ({"host": "testserver.example"}, "une autre adresse que celle de votre banque"),
    ],
    ids=["no user verification", "another origin", "another host"],
)
def test_one_that_is_not_made_as_asked_adds_nothing(known_browser, changed, sentence):
    answer = add(known_browser, Authenticator(**changed))
    assert sentence in text_of(answer)
    assert not Factor.objects.active().exists()
    assert "C’est fait" in text_of(
        known_browser.post(CONFIRM, {"assertion": Authenticator().create(answer.context["options"])}, follow=True)
    )


@pytest.mark.parametrize("sent", [{}, {"assertion": ""}], ids=["no field", "empty"])
def test_without_javascript_the_page_says_so_and_adds_nothing(known_browser, sent):
    begin(known_browser)
    assert "n’exécute pas ici" in text_of(known_browser.get(CONFIRM))
    assert "n’a rien montré" in text_of(known_browser.post(CONFIRM, sent))
    assert not Factor.objects.active().exists()


@pytest.mark.parametrize("sent", ["x", "\0", "{}", "[" * 9000, "x" * 30_000])
def test_what_is_no_answer_is_refused_in_words(known_browser, sent):
    begin(known_browser)
    assert "n’est pas la réponse d’une clé d’accès" in text_of(known_browser.post(CONFIRM, {"assertion": sent}))


def test_one_that_another_client_registered_is_refused(known_browser, advisor):
    other = makers.make_personalised_client(advisor, family_name="Petit")
    _, authenticator = makers.make_passkey(other)
    assert "déjà enregistrée" in text_of(add(known_browser, Authenticator(name=authenticator.name)))
    assert Factor.objects.active().count() == 1


def test_own_ones_are_named_so_that_their_authenticators_make_no_second(known_browser, client_):
    _, authenticator = makers.make_passkey(client_, asked_from=timezone.now() + timedelta(days=3))
    assert websafe_encode(authenticator.name) in begin(known_browser)


def test_five_at_most(known_browser, client_):
    rests = timezone.now() + timedelta(days=3)
    for number in range(1, 6):
        makers.make_passkey(client_, asked_from=rests, generation=number)
    assert "déjà cinq clés d’accès" in text_of(known_browser.get(ADD))
    assert "déjà cinq clés d’accès" in text_of(known_browser.post(ADD, CODES, follow=True))
    assert "Ajouter une clé d’accès" not in text_of(known_browser.get(PAGE))
    assert Factor.objects.count() == 5


def test_page_left_open_over_night_begins_again_in_words(known_browser):
    options = begin(known_browser)
    Challenge.objects.update(expires_at=timezone.now())
    answer = known_browser.post(CONFIRM, {"assertion": Authenticator().create(options)}, follow=True)
    assert "Cette page n’était plus valable" in text_of(answer)
    assert not Factor.objects.active().exists()


def test_second_tab_voids_the_first_one_whose_answer_is_refused_in_words(known_browser):
    first = begin(known_browser)
    begin(known_browser)
    answer = known_browser.post(CONFIRM, {"assertion": Authenticator().create(first)})
    assert "n’était pas celle de cette page" in text_of(answer)
    assert not Factor.objects.active().exists()


def test_answer_of_another_session_is_not_confirmed(known_browser, client_):
    options = begin(known_browser)
    other = StrictBrowser()
    makers.log_in(other, client_.client_code, makers.CODE)
    assert other.get(CONFIRM)["Location"] == PAGE
    assert other.post(CONFIRM, {"assertion": Authenticator().create(options)})["Location"] == PAGE
    assert not Factor.objects.active().exists()


def test_second_click_and_the_back_button_add_nothing_more(known_browser):
    options = begin(known_browser)
    sent = {"assertion": Authenticator().create(options)}
    known_browser.post(CONFIRM, sent)
    for answer in (known_browser.post(CONFIRM, sent, follow=True), known_browser.get(CONFIRM, follow=True)):
        assert "supprimer" not in text_of(answer)  # what he has just added
        assert answer.redirect_chain == [(PAGE, 302)]
    assert Factor.objects.count() == 1


def test_handle_that_waits_is_no_key_of_an_app_and_the_other_way_round(known_browser):
    begin(known_browser)
    assert known_browser.get(f"{PAGE}application/confirmer/")["Location"] == PAGE
    known_browser.post(f"{PAGE}application/", CODES)
    assert known_browser.get(CONFIRM)["Location"] == PAGE


def test_giving_up_leaves_nothing(known_browser):
    begin(known_browser)
    assert "Rien n’est ajouté" in text_of(known_browser.post(GIVE_UP, follow=True))
    assert not Factor.objects.exists()


def test_wrong_code_draws_nothing_and_is_counted(known_browser):
    answer = known_browser.post(ADD, CODES | {"password": makers.WRONG_CODE})
    assert "Ce n’est pas votre code secret" in text_of(answer)
    assert not Factor.objects.exists()
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_REMOVAL_FAILED).count() == 1


@pytest.mark.parametrize("page", ["cle", "application"])
def test_whoever_has_a_moyen_adds_none_by_the_code_alone(known_browser, client_, page):
    makers.make_passkey(client_)
    assert "n’a rien montré" in text_of(known_browser.post(f"{PAGE}{page}/", CODES))
    assert Factor.objects.count() == 1


def test_a_further_one_is_added_by_the_code_and_the_first_and_counts_at_once(client_, settings):
    _, authenticator = makers.make_passkey(client_)
    browser = StrictBrowser.logged_in(client_.user)
    page = browser.get(ADD).context
    shown = {"challenge": page["challenge"].pk, "assertion": authenticator.get(page["options"])}
    assert browser.post(ADD, CODES | shown)["Location"] == CONFIRM
    options = browser.get(CONFIRM).context["options"]
    browser.post(CONFIRM, {"assertion": Authenticator().create(options)})
    added = Factor.objects.get(generation=2)
    assert added.asked_from <= timezone.now()
    assert added.payments_from - added.created_at == enrolling.BY_PASSKEY


def test_further_one_is_added_by_an_app_too(client_):
    _, secret = makers.make_app(client_)
    browser = StrictBrowser.logged_in(client_.user)
    assert browser.post(ADD, CODES | {"code": makers.number_of(secret)})["Location"] == CONFIRM


def test_moyen_confirmed_in_another_tab_meanwhile_is_asked_for(known_browser, client_, monkeypatch):
    def confirmed_meanwhile(device, now):
        makers.make_app(client_)
        return True

    monkeypatch.setattr(enrolling, "is_established", confirmed_meanwhile)
    assert known_browser.post(ADD, CODES)["Location"] == ADD
    assert not Factor.objects.filter(kind=Factor.Kind.PASSKEY).exists()


def test_owner_removes_it_by_the_code_and_itself(known_browser, client_):
    factor, authenticator = makers.make_passkey(client_)
    assert "est retiré. Vos deux codes suffisent" in text_of(remove(known_browser, factor, authenticator))
    factor.refresh_from_db()
    assert (factor.state, factor.ended_why, factor.ciphertext) == ("ended", "removed", None)


def test_owner_removes_one_by_another_passkey_or_an_app(known_browser, client_):
    lost, _ = makers.make_passkey(client_)
    old, _ = makers.make_passkey(client_, generation=2)
    _, kept = makers.make_passkey(client_, generation=3)
    _, secret = makers.make_app(client_, generation=4)
    assert "Vos autres moyens servent toujours" in text_of(remove(known_browser, lost, kept))
    sent = {"password": makers.CODE, "code": makers.number_of(secret)}
    assert known_browser.post(f"{removal_of(old)}?moyen=totp", sent)["Location"] == PAGE
    assert set(Factor.objects.active().values_list("generation", flat=True)) == {3, 4}


@pytest.mark.parametrize("wrong", ["code", "passkey", "both"])
def test_removal_says_not_which_of_the_two_was_wrong(known_browser, client_, wrong):
    factor, authenticator = makers.make_passkey(client_)
    if wrong in ("passkey", "both"):
        authenticator.flags = FLAG.UP
    password = makers.WRONG_CODE if wrong in ("code", "both") else makers.CODE
    answer = remove(known_browser, factor, authenticator, password)
    assert "Code secret incorrect, ou clé d’accès refusée" in text_of(answer)
    assert "n’a pas vérifié" not in text_of(answer)
    assert Factor.objects.active().exists()


@pytest.mark.parametrize("sent", ["another page's", "none", "spent"])
def test_removal_takes_no_answer_to_another_pages_challenge(known_browser, client_, sent):
    factor, authenticator = makers.make_passkey(client_)
    other, _ = makers.make_passkey(client_, generation=2)
    page = known_browser.get(f"{removal_of(factor)}").context
    fields = {"password": makers.CODE, "challenge": page["challenge"].pk}
    fields["assertion"] = authenticator.get(page["options"])
    if sent == "none":
        fields["challenge"] = "\0"
    if sent == "spent":
        Challenge.objects.update(spent_at=timezone.now())
    answer = known_browser.post(removal_of(other), fields)
    assert "En voici une nouvelle" in text_of(answer)
    assert Factor.objects.active().count() == 2
    assert not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_REMOVAL_FAILED).exists()


def test_owner_takes_a_resting_one_back_by_his_code_on_a_known_device(known_browser, client_):
    factor, _ = makers.make_passkey(client_, asked_from=timezone.now() + timedelta(days=3))
    assert known_browser.post(removal_of(factor), {"password": makers.CODE})["Location"] == PAGE
    factor.refresh_from_db()
    assert factor.ended_why == Factor.Why.CANCELLED


def test_page_at_another_host_names_the_one_where_passkeys_serve(client_, known_browser):
    answer = known_browser.get(ADD, headers={"host": "localhost"})
    assert "ne servent qu’à l’adresse testserver" in text_of(answer)
    assert f'href="https://testserver{ADD}"' in answer.content.decode()
    assert "ne servent qu’à l’adresse" not in text_of(known_browser.get(ADD))


def test_demo_at_a_number_says_to_open_localhost(settings, client_, known_browser):
    settings.DEMO, settings.ALLOWED_HOSTS = True, ["localhost", "127.0.0.1"]
    answer = known_browser.get(ADD, headers={"host": "127.0.0.1:8000"})
    assert f'href="http://localhost:8000{ADD}"' in answer.content.decode()
