import os
import pwd

import pytest

from warehouse import accounts
from warehouse.ledger import Actor

ROOT_USER = pwd.getpwuid(0).pw_name


@pytest.fixture
def login(monkeypatch, tmp_path):
    """Let the kernel say who logged in."""

    def logged_in(text):
        file = tmp_path / "loginuid"
        file.write_text(text)
        monkeypatch.setattr(accounts, "LOGIN_FILE", file)

    return logged_in


def test_who_is_at_work_is_who_logged_in_whatever_account_the_process_has(login, monkeypatch):
    login("0")
    monkeypatch.setattr(os, "getuid", lambda: 2**31)
    assert Actor.here().name == ROOT_USER


@pytest.mark.parametrize("text", ["4294967295", "", "no number"])
def test_where_no_one_logged_in_it_is_the_account_of_the_process(login, monkeypatch, text):
    login(text)
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert Actor.here().name == ROOT_USER
    monkeypatch.setattr(os, "getuid", lambda: 2**31)
    assert Actor.here().name == f"uid{2**31}"


def test_a_variable_of_the_environment_makes_no_one_somebody_else(monkeypatch):
    before = Actor.here()
    for name in ("USER", "LOGNAME", "USERNAME", "SUDO_USER", "SUDO_UID"):
        monkeypatch.setenv(name, "somebody")
    assert Actor.here().person == before.person
    assert Actor.here().sudo_user == "somebody"


def test_the_service_is_named_so_and_known_by_its_account():
    service = Actor.service("publish-edition")
    assert (service.name, service.run) == ("service", "publish-edition")
    assert service.person == Actor.here().person
