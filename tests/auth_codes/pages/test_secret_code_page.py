"""« Modifier mon code secret », and the first choice of one."""

import html
import uuid
from itertools import pairwise

import pytest

from auth_codes.codes import changing
from auth_codes.models import AttemptCounter, SealedLetter, SecretCode, SecurityEvent
from auth_codes.sessions.store import SessionStore
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

PAGE = "/mon-profil/code-secret/"
FIVE_GOOD_CODES = ["804263", "593871", "640285", "927518", "381604"]


def page(answer) -> str:
    return html.unescape(answer.content.decode())


def change(browser, current, chosen, again=None, **fields):
    chosen_twice = {"new_password1": chosen, "new_password2": chosen if again is None else again}
    return browser.post(PAGE, {"old_password": current, **chosen_twice, **fields})


def present_row(client):
    return SecretCode.objects.present().get(owner=client.user)


def opens(client, code) -> bool:
    return makers.log_in(StrictBrowser(), client.client_code, code).status_code == 302


def logged_in(client):
    return StrictBrowser.logged_in(client.user)


@pytest.mark.proves("ASVS 6.2.2")
def test_new_code_replaces_the_old_one(client_browser, client_):
    answer = change(client_browser, makers.CODE, makers.OTHER_CODE)
    assert (answer.status_code, answer["Location"]) == (302, "/espace-client/")
    assert "Votre code secret est enregistré" in page(client_browser.get("/espace-client/"))
    assert opens(client_, makers.OTHER_CODE)
    assert not opens(client_, makers.CODE)


def test_first_choice_says_where_the_provisional_code_is_and_then_opens_the_space(new_client):
    browser = logged_in(new_client)
    text = page(browser.get(PAGE))
    assert "Choisissez votre code secret" in text
    assert "Code secret provisoire" in text
    change(browser, makers.default_code(new_client), makers.CODE)
    assert browser.get("/espace-client/").status_code == 200
    assert not opens(new_client, makers.default_code(new_client))


@pytest.mark.parametrize(
    "path", ["/espace-client/", "/espace-client/comptes/1/", "/mon-profil/", "/mon-profil/journal/"]
)
def test_with_a_default_code_everything_private_leads_to_the_code_page(new_client, path):
    answer = logged_in(new_client).get(path)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)


@pytest.mark.parametrize("path", ["/conseils-securite/", "/code-secret-oublie/", PAGE])
def test_with_a_default_code_public_pages_and_the_code_page_stay_open(new_client, path):
    assert logged_in(new_client).get(path).status_code == 200


def test_with_a_default_code_one_can_log_out(new_client):
    browser = logged_in(new_client)
    assert browser.post("/deconnexion/")["Location"] == "/connexion/?au-revoir"
    assert browser.get(PAGE).status_code == 302


@pytest.mark.proves("ASVS 6.4.1")
def test_default_code_itself_cannot_be_kept(new_client):
    browser, code = logged_in(new_client), makers.default_code(new_client)
    assert changing.why_weak(code) is None
    assert "C’est le code de votre lettre" in page(change(browser, code, code))
    assert browser.get("/espace-client/").status_code == 302


@pytest.mark.proves("ASVS 6.2.3", "ASVS 7.5.1")
def test_wrong_current_code_changes_nothing_is_counted_and_noted(client_browser, client_):
    answer = change(client_browser, makers.WRONG_CODE, makers.OTHER_CODE)
    assert answer.status_code == 200
    assert "Ce n’est pas votre code secret actuel." in page(answer)
    assert AttemptCounter.objects.get().count == 1
    assert SecurityEvent.objects.latest("id").kind == SecurityEvent.Kind.CODE_CHANGE_FAILED
    assert opens(client_, makers.CODE)


@pytest.mark.slow
def test_five_wrong_current_codes_block_the_page_and_the_login(client_browser, client_, hashes):
    statuses = [change(client_browser, makers.WRONG_CODE, makers.OTHER_CODE).status_code for _ in range(5)]
    hashes.clear()
    blocked = change(client_browser, makers.CODE, makers.OTHER_CODE)
    assert (statuses, blocked.status_code, hashes) == ([200] * 4 + [429], 429, [])
    assert int(blocked["Retry-After"]) <= 900
    said = blocked.content.decode()
    assert 'href="/mon-profil/connexions/ce-n-etait-pas-moi/"' in said
    assert "code client" not in said
    assert not opens(client_, makers.CODE)


def test_own_failures_are_given_back_by_the_right_current_code(client_browser, client_):
    for _ in range(3):
        change(client_browser, makers.WRONG_CODE, makers.OTHER_CODE)
    change(client_browser, makers.CODE, makers.OTHER_CODE)
    assert AttemptCounter.objects.get().count == 0


@pytest.mark.parametrize(
    ("weak", "reason"),
    [
        ("111111", "répète presque toujours le même chiffre"),
        ("123456", "est une suite de chiffres"),
        ("121212", "répète un même motif"),
        ("159753", "l’un des plus utilisés"),
        ("147258", "fait partie des codes les plus utilisés"),
        ("250788", "se déduit de vos données personnelles"),
        ("169003", "se déduit de vos données personnelles"),
        ("336123", "se déduit de vos données personnelles"),
    ],
)
def test_weak_code_is_refused_with_the_reason_never_repeated_and_nothing_is_counted(
    client_browser, hashes, weak, reason
):
    hashes.clear()
    text = page(change(client_browser, makers.CODE, weak))
    assert reason in text
    assert f'value="{weak}"' not in text
    assert makers.CODE not in text
    assert (hashes, AttemptCounter.objects.count()) == ([], 0)


@pytest.mark.proves("ASVS 6.2.11")
def test_six_digits_of_the_code_client_or_account_are_refused(client_browser, client_):
    for digits in client_.client_code[2:8], client_.bank_accounts.first().number[4:10]:
        answer = change(client_browser, makers.CODE, digits)
        assert answer.status_code == 200
        assert "new_password1" in answer.context["form"].errors


def test_two_entries_that_differ_are_refused_and_nothing_is_counted(client_browser, hashes):
    hashes.clear()
    answer = change(client_browser, makers.CODE, makers.OTHER_CODE, again="804264")
    assert "Les deux saisies du nouveau code secret diffèrent." in page(answer)
    assert makers.OTHER_CODE not in page(answer)
    assert (hashes, AttemptCounter.objects.count()) == ([], 0)


@pytest.mark.parametrize("field", ["old_password", "new_password1", "new_password2"])
@pytest.mark.parametrize(
    "typed", ["", "80426", "8042631", "80426O", "804 263", "\uff18\uff10\uff14\uff12\uff16\uff13", "8" * 9999]
)
def test_malformed_code_in_any_field_is_explained_and_never_counted(client_browser, hashes, field, typed):
    hashes.clear()
    fields = {"old_password": makers.CODE, "new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    answer = client_browser.post(PAGE, fields | {field: typed})
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert (hashes, AttemptCounter.objects.count()) == ([], 0)


@pytest.mark.slow
def test_present_code_and_the_three_before_it_cannot_be_chosen_again(client_):
    used = [makers.CODE, *FIVE_GOOD_CODES[:3]]
    for current, chosen in pairwise(used):
        change(logged_in(client_), current, chosen)
        client_.user.refresh_from_db()
    for code in used:
        assert "Vous utilisez ce code" in page(change(logged_in(client_), used[-1], code))


def test_fourth_code_back_may_be_chosen_again(client_):
    used = [makers.CODE, *FIVE_GOOD_CODES[:4]]
    for current, chosen in zip([*used], [*used[1:], makers.CODE], strict=True):
        answer = change(logged_in(client_), current, chosen)
        assert answer.status_code == 302
        client_.user.refresh_from_db()
    assert opens(client_, makers.CODE)


def test_refused_reuse_counts_as_no_failure(client_browser):
    change(client_browser, makers.CODE, makers.CODE)
    assert AttemptCounter.objects.get().count == 0


def test_other_sessions_end_and_the_present_one_stays(client_):
    here, elsewhere = logged_in(client_), logged_in(client_)
    change(here, makers.CODE, makers.OTHER_CODE)
    assert here.get("/espace-client/").status_code == 200
    assert elsewhere.get("/espace-client/").status_code == 302


def test_session_key_is_rotated_by_a_change(client_browser):
    before = client_browser.session.session_key
    change(client_browser, makers.CODE, makers.OTHER_CODE)
    assert client_browser.session.session_key != before
    assert not SessionStore().exists(before)


def test_django_keeps_no_usable_password_of_a_client(client_browser, client_):
    change(client_browser, makers.CODE, makers.OTHER_CODE)
    client_.user.refresh_from_db()
    assert not client_.user.has_usable_password()


def test_page_names_the_row_it_replaces(client_browser, client_):
    assert f'name="replacing" value="{present_row(client_).id}"' in page(client_browser.get(PAGE))


def test_second_click_counts_nothing_and_says_what_happened(client_browser, client_, hashes):
    replaced = present_row(client_).id
    change(client_browser, makers.CODE, makers.OTHER_CODE, replacing=replaced)
    hashes.clear()
    answer = change(client_browser, makers.CODE, makers.OTHER_CODE, replacing=replaced)
    assert answer["Location"] == "/espace-client/"
    assert "Votre code secret vient déjà d’être modifié" in page(client_browser.get("/espace-client/"))
    assert (hashes, AttemptCounter.objects.get().count) == ([], 0)


@pytest.mark.parametrize("replacing", [str(uuid.UUID(int=7)), "garbage", "\x00"])
def test_row_that_is_not_the_present_one_never_changes_anything(client_browser, client_, replacing):
    change(client_browser, makers.CODE, makers.OTHER_CODE, replacing=replacing)
    assert not AttemptCounter.objects.exists()
    assert opens(client_, makers.CODE)


def test_staff_who_lost_their_rights_find_no_code_page(advisor_browser, advisor):
    type(advisor).objects.filter(pk=advisor.pk).update(is_staff=False, branch=None)
    assert change(advisor_browser, makers.CODE, makers.OTHER_CODE).status_code == 404


def test_change_is_noted_in_the_journal_without_a_code(client_browser, client_):
    change(client_browser, makers.CODE, makers.OTHER_CODE)
    line = SecurityEvent.objects.latest("id")
    assert (line.kind, line.owner, line.by) == (SecurityEvent.Kind.CODE_CHANGED, client_.user, client_.user)
    assert line.details == {"generation": 2}


def test_letter_of_the_replaced_code_is_kept_for_the_workshop(new_client):
    change(logged_in(new_client), makers.default_code(new_client), makers.CODE)
    assert SealedLetter.objects.get(owner=new_client.user).ciphertext


def test_post_without_token_is_refused(client_):
    browser = StrictBrowser.logged_in(client_.user, enforce_csrf_checks=True)
    assert change(browser, makers.CODE, makers.OTHER_CODE).status_code == 403


def same_session(client, count):
    """Windows of one browser: they share the session."""
    windows = [logged_in(client)]
    for _ in range(count - 1):
        windows.append(StrictBrowser())
        windows[-1].cookies = windows[0].cookies.copy()
    return windows


@pytest.mark.django_db(transaction=True)
def test_same_change_posted_twice_at_once_happens_once_and_counts_nothing(race, client_):
    replaced = present_row(client_).id
    windows = same_session(client_, 2)
    statuses = race(lambda w: change(w, makers.CODE, makers.OTHER_CODE, replacing=replaced).status_code, windows)
    assert set(statuses) == {302}  # also where the first one ended the session under the second
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.CODE_CHANGED, owner=client_.user).count() == 2
    assert AttemptCounter.objects.values_list("count", flat=True).first() in {0, None}
    assert opens(client_, makers.OTHER_CODE)


@pytest.mark.django_db(transaction=True)
def test_of_different_changes_at_once_one_wins_whole(race, client_):
    changes = list(zip([logged_in(client_) for _ in FIVE_GOOD_CODES[:4]], FIVE_GOOD_CODES[:4], strict=True))
    race(lambda browser_and_code: change(browser_and_code[0], makers.CODE, browser_and_code[1]).status_code, changes)
    assert SecretCode.objects.present().filter(owner=client_.user).count() == 1
    assert [opens(client_, code) for code in FIVE_GOOD_CODES[:4]].count(True) == 1
    alive = [browser for browser, _ in changes if browser.get("/espace-client/").status_code == 200]
    assert len(alive) == 1


def test_first_choice_speaks_of_the_provisional_code(new_client):
    shown = page(change(logged_in(new_client), makers.WRONG_CODE, makers.CODE))
    assert "Ce n’est pas le code provisoire imprimé sur votre lettre." in shown


def test_with_the_default_code_the_menu_leads_back_to_the_code_page(new_client):
    browser = logged_in(new_client)
    shown = browser.get("/conseils-securite/").content.decode()
    assert "Choisir mon code secret" in shown
    assert "Mes comptes" not in shown


def test_a_tampered_row_counts_nothing_and_changes_nothing(client_browser, client_):
    answer = change(client_browser, makers.CODE, makers.OTHER_CODE, replacing="x")
    assert answer["Location"] == "/espace-client/"
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)["Location"] == "/espace-client/"
