"""The page of conformity says what the tests say: nothing that no test proves, and no test that is gone."""

import ast

from docs import conformity
from docs.requirements import REQUIREMENTS, SOURCES, State

HOW_TO_MEND = "python -m docs.conformity"


def test_page_is_what_is_made_of_the_tests():
    assert conformity.PAGE.read_text() == conformity.page(conformity.proofs()), HOW_TO_MEND


def test_tests_name_requirements_that_exist():
    known = {rule.number for rule in REQUIREMENTS}
    assert set(conformity.proofs()) - known == set()


def test_each_requirement_stands_once_under_a_known_source():
    assert len({rule.number for rule in REQUIREMENTS}) == len(REQUIREMENTS)
    assert {rule.source for rule in REQUIREMENTS} == set(SOURCES)


def test_what_is_said_to_be_met_is_proven_or_written_down():
    proven = conformity.proofs()
    unproven = [rule.number for rule in REQUIREMENTS if rule.state == State.MET and rule.number not in proven]
    assert unproven == [], "a test with this mark, or another state"


def test_what_is_not_wholly_met_says_what_is_missing_and_what_compensates():
    assert [rule.number for rule in REQUIREMENTS if rule.state != State.MET and not rule.said] == []


def test_nothing_is_proven_of_what_does_not_concern_us():
    outside = {rule.number for rule in REQUIREMENTS if rule.state in (State.OUTSIDE, State.NOT)}
    assert outside & set(conformity.proofs()) == set()


def test_six_digits_are_told_with_what_compensates_them():
    told = {rule.number: rule.said for rule in REQUIREMENTS}
    for number in ("ASVS 6.2.1", "ASVS 6.2.5", "ASVS 6.2.9"):
        assert "five attempts" in told[number]


def test_mark_is_read_from_the_source():
    module = ast.parse(
        '@pytest.mark.slow\n@pytest.mark.proves("RTS 5", "RTS 6")\ndef test_x(): pass\ndef test_y(): pass'
    )
    assert list(conformity.marked(module)) == [("test_x", ["RTS 5", "RTS 6"])]


def test_test_that_is_gone_is_missed():
    proven = conformity.proofs()
    fewer = {number: tests[1:] for number, tests in proven.items()}
    assert conformity.page(fewer) != conformity.page(proven)
