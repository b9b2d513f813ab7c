import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_the_migrations_tell_all_about_the_models() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
