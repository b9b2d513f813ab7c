"""A database that is away for a moment."""

import pytest
from django.db import InterfaceError, OperationalError, transaction

from labeling.outages import outlasting


class Database:
    """Answers after so many failures."""

    def __init__(self, failures: int, error: type[Exception] = OperationalError) -> None:
        self.failures = failures
        self.error = error
        self.asked = 0

    def ask(self) -> str:
        self.asked += 1
        if self.asked <= self.failures:
            raise self.error("the server closed the connection unexpectedly")
        return "answer"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_what_a_database_cannot_answer_now_is_asked_again(error: type[Exception]) -> None:
    database = Database(2, error)
    assert outlasting(database.ask) == "answer"
    assert database.asked == 3


@pytest.mark.django_db(transaction=True)
def test_the_wait_is_bounded() -> None:
    database = Database(10_000)
    with pytest.raises(OperationalError):
        outlasting(database.ask, seconds=0.5)
    assert 1 < database.asked < 10


@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_with_a_question_is_not_asked_again() -> None:
    database = Database(1, ValueError)
    with pytest.raises(ValueError):
        outlasting(database.ask)
    assert database.asked == 1


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_nothing_is_asked_again_as_an_outage_undoes_all_of_it() -> None:
    database = Database(1)
    with pytest.raises(OperationalError), transaction.atomic():
        outlasting(database.ask)
    assert database.asked == 1
