"""Questions compiled once: the same rows as the ORM's own, whoever asks, and nothing of one asking in the next."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import BankAccount, Client, User
from auth_codes import prepared_values
from auth_codes.prepared import (
    DAY,
    KEY,
    MOMENT,
    NUMBER,
    TEXT,
    Parameter,
    Prepared,
    filled,
    first_of_each,
    with_texts,
)
from tests import makers

pytestmark = pytest.mark.django_db


def named(name):
    return Client.objects.filter(family_name=name).select_related("user").order_by("pk")


@pytest.fixture
def people(advisor):
    return [makers.make_personalised_client(advisor, family_name=name) for name in ("Martin", "Petit", "Martin")]


def test_rows_are_those_of_the_queryset_with_all_that_was_joined(people, django_assert_num_queries):
    question = Prepared(named, name=TEXT)
    for name in ("Martin", "Petit", "Nobody", "Martin"):
        expected = list(named(name))
        with django_assert_num_queries(1):
            found = question.ask(name=name)
            told = [client.user.username for client in found]
        assert (found, told) == (expected, [client.user.username for client in expected])


def test_question_is_written_once_whatever_it_is_asked(people):
    written = []

    def counted(name):
        written.append(name)
        return named(name)

    question = Prepared(counted, name=TEXT)
    for name in ("Martin", "Petit", "Martin"):
        question.ask(name=name)
    assert len(written) == 1


def test_annotations_and_sums_are_read_as_the_queryset_reads_them(people):
    question = Prepared(lambda client: BankAccount.objects.filter(holders=client).with_balances(), client=KEY)
    [account] = question.ask(client=people[0].pk)
    assert (account, account.balance) == (people[0].bank_accounts.get(), Decimal(0))
    assert isinstance(account.balance, Decimal)


def test_values_come_as_tuples_or_flat(people):
    pairs = Prepared(lambda name: named(name).values_list("pk", "given_names"), name=TEXT)
    flat = Prepared(lambda name: named(name).values_list("pk", flat=True), name=TEXT)
    assert pairs.ask(name="Petit") == [(people[1].pk, people[1].given_names)]
    assert flat.ask(name="Martin") == [people[0].pk, people[2].pk]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((field, value) for field in (KEY, NUMBER) for value in (7, "7", True)),
        *((TEXT, value) for value in ("7", 7, gettext_lazy("Compte"))),
        *((DAY, value) for value in (date(2026, 3, 1), timezone.now(), "2026-03-01")),
        (MOMENT, timezone.now()),
    ],
)
def test_values_are_prepared_as_by_the_field_that_they_are_compared_with(field, value):
    expected = field.get_db_prep_value(value, connection)
    for given, number in ((value, 1), ([value] * 3, 4)):
        parameters = [Parameter(None, "name", place) for place in range(number)]
        givers = {"name": prepared_values.for_comparing(field, connection)}
        found = filled(SimpleNamespace(givers=givers, parameters=parameters), {"name": given})
        assert found == [expected] * number
        assert {type(each) for each in found} == {type(expected)}


def test_words_of_the_question_itself_are_written_into_it(people):
    words = ["fr", "O'Hara", "50 %", "%s", "a b", "é", "", "A"]

    def written(name):
        return named(name).filter(user__language__in=[*words, *map(str, range(60))])

    assert Prepared(written, name=TEXT).ask(name="Martin") == list(written("Martin"))
    parameters = (*map(Parameter, words), Parameter(7), Parameter(None, "name"))
    sql = "a %s b %s c %s d %s e %s f %s g %s h %s i %s j %s k"
    assert with_texts(sql, parameters) == (sql.replace("%s", "'fr'", 1), parameters[1:])
    assert with_texts("%s LIKE '%%'", parameters[:1]) == ("%s LIKE '%%'", parameters[:1])


@pytest.mark.parametrize("number", range(4))
def test_several_values_are_one_of_these(people, number):
    question = Prepared(lambda keys: Client.objects.filter(pk__in=keys).order_by("pk"), keys=KEY)
    assert question.ask(keys=[client.pk for client in people[:number]]) == people[:number]


def test_few_lengths_of_lists_are_compiled(people):
    lengths = []

    def counted(keys):
        lengths.append(len(keys))
        return Client.objects.filter(pk__in=keys)

    question = Prepared(counted, keys=KEY)
    for number in range(1, 40):
        question.ask(keys=list(range(number)))
    assert lengths == [1, 2, 4, 8, 16, 32, 64]


def test_days_and_moments_are_given_at_each_asking(people):
    question = Prepared(lambda day: Client.objects.filter(birth_date__lte=day), day=DAY)
    born = people[0].birth_date
    assert len(question.ask(day=born)) == 3
    assert question.ask(day=born - timedelta(1)) == []


def test_moment_that_a_question_would_keep_is_refused():
    frozen = Prepared(lambda name: User.objects.filter(username=name, date_joined__lt=timezone.now()), name=TEXT)
    with pytest.raises(ImproperlyConfigured):
        frozen.ask(name="claire.dubois")


def test_nothing_is_no_value(people):
    question = Prepared(named, name=TEXT)
    with pytest.raises(ValueError, match="name is None"):
        question.ask(name=None)


@pytest.mark.parametrize("values", [{}, {"name": "Martin", "other": 1}, {"nom": "Martin"}])
def test_every_value_is_given_and_no_other(values):
    with pytest.raises(TypeError):
        Prepared(named, name=TEXT).ask(**values)


def test_what_is_typed_stays_a_value(people):
    assert Prepared(named, name=TEXT).ask(name="' OR 1=1 --") == []
    assert Prepared(named, name=TEXT).ask(name="%s %(name)s") == []


def test_percent_of_the_question_itself_stays_one(people):
    question = Prepared(lambda name: named(name).filter(family_name__endswith="tin"), name=TEXT)
    assert len(question.ask(name="Martin")) == 2


@pytest.mark.parametrize("number", [10**30, -(10**30), 2**63])
def test_key_that_no_row_can_have_finds_none(people, number):
    question = Prepared(lambda key: Client.objects.filter(pk=key), key=KEY)
    assert question.ask(key=number) == []


@pytest.mark.parametrize("tail", ["", "operations/1/", "operations.csv", "operations.ofx", "rib/"])
def test_account_of_an_impossible_number_is_not_found(client_browser, tail):
    assert client_browser.get(f"/espace-client/comptes/{10**30}/{tail}").status_code == 404


def test_first_is_a_row_or_none(people):
    question = Prepared(named, name=TEXT)
    assert (question.first(name="Martin"), question.first(name="Nobody")) == (people[0], None)


@pytest.mark.parametrize(
    "names", [("Martin", "Petit"), ("Martin", "Nobody"), ("Nobody", "Petit"), ("Nobody", "Nobody")]
)
def test_several_questions_are_asked_at_once(people, names):
    whole = Prepared(lambda name: named(name)[:1], name=TEXT)
    flat = Prepared(lambda name: named(name).values_list("pk", flat=True)[:1], name=TEXT)
    one, other = names
    with CaptureQueriesContext(connection) as queries:
        found = first_of_each((whole, {"name": one}), (flat, {"name": other}), (whole, {"name": other}))
        told = [row.user.username for row in found[::2] if row]
    rows = [named(name).first() for name in names]
    assert found == [rows[0], rows[1].pk if rows[1] else None, rows[1]]
    assert told == [row.user.username for row in rows if row]
    assert len(queries) == (1 if connection.vendor == "postgresql" else 3)


def test_of_several_questions_some_may_be_about_nothing(people):
    several = Prepared(lambda keys: Client.objects.filter(pk__in=keys).order_by("pk")[:1], keys=KEY)
    one = Prepared(lambda key: Client.objects.filter(pk=key), key=KEY)
    assert first_of_each((several, {"keys": []}), (one, {"key": people[1].pk})) == [None, people[1]]
    assert first_of_each((one, {"key": people[1].pk}), (one, {"key": 10**30})) == [people[1], None]
    assert first_of_each((several, {"keys": []}), (one, {"key": 10**30})) == [None, None]


@pytest.mark.django_db(transaction=True)
def test_rows_are_held_in_a_transaction_alone(advisor):
    question = Prepared(lambda name: User.objects.select_for_update().filter(username=name), name=TEXT)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        assert question.ask(name=advisor.username) == [advisor]
    assert ("FOR UPDATE" in queries[0]["sql"]) == connection.features.has_select_for_update
    if connection.features.has_select_for_update:
        with pytest.raises(TransactionManagementError):
            question.ask(name=advisor.username)


def test_each_thread_asks_by_its_own_connection(race, advisor):
    question = Prepared(lambda name: User.objects.filter(username=name).values_list("username", flat=True), name=TEXT)
    names = [f"personne.{number}" for number in range(8)]
    User.objects.bulk_create(User(username=name) for name in names)
    assert race(lambda name: question.ask(name=name), names) == [[name] for name in names]
