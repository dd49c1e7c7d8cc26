"""The pages on which people read what programs may ask."""

import re

import pytest
from django.shortcuts import resolve_url

from config.tests.operations import operations
from config.tests.test_every_page import Faults
from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

OPERATIONS = operations()
TAGS = {operation.told["tags"][0] for operation in OPERATIONS}


@pytest.fixture
def member(client):
    client.force_login(UserFactory())
    return client


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_every_operation_stands_in_the_list_and_in_full(member):
    listed = page(member, "/api/v1/docs")
    links = set(re.findall(r'href="(/api/v1/docs/[\w-]+)#(\w+)"', listed))
    assert {name for _, name in links} == {operation.name for operation in OPERATIONS}
    pages = {address: page(member, address) for address, _ in links}
    assert [name for address, name in links if f'id="{name}"' not in pages[address]] == []
    assert len(pages) == len(TAGS)


def test_an_operation_is_told_in_words(member):
    text = page(member, "/api/v1/docs/budget")
    assert "Tell how much may still be spent." in text
    assert "one of “green”, “yellow”, “orange”, “red”" in text
    assert "whole number, 1 to 100" in text


def test_nothing_on_them_breaks_the_policy(member):
    for address in ("/api/v1/docs", "/api/v1/docs/budget", "/api/v1/docs/try"):
        assert Faults(page(member, address)).found == []


@pytest.mark.parametrize("address", ["docs", "docs/budget", "docs/try"])
def test_they_are_for_members(client, address):
    answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == 302
    assert answer["Location"].startswith(resolve_url("people:login"))


def test_what_is_no_part_of_the_api_is_not_found(member):
    assert member.get("/api/v1/docs/cookery").status_code == 404


def test_they_are_only_read(member):
    assert member.post("/api/v1/docs").status_code == 405
