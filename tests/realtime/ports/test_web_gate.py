"""Who is let in: pages of the server's own, tools, and over the network those with the token."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.ports.web_gate import Gate, Knock
from realtime.ports.web_token import with_token
from realtime.settings import Settings, WebSettings

HERE = WebSettings()
OPEN = WebSettings(host="0.0.0.0", token="s3cret")


def status(
    settings: WebSettings,
    host: str = "127.0.0.1:9012",
    origin: str | None = None,
    *,
    method: str = "GET",
    cookies: str = "",
    query: str = "",
    body: bool = False,
) -> int:
    """200 for those who are let in."""
    refusal = Gate(settings).refuse(Knock(method, host, origin, cookies, query, body))
    assert refusal is None or refusal.sentence.endswith(".")
    return refusal.status if refusal else 200


@pytest.mark.parametrize("host", ["127.0.0.1:9012", "localhost:9012", "LOCALHOST:9012", "[::1]:1"])
def test_tools_and_pages_of_this_machine_are_let_in(host: str) -> None:
    assert status(HERE, host) == 200
    assert status(HERE, host, f"http://{host}") == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:9012", "127.0.0.1.evil.example:9012", "192.168.1.5:9012"),
        *("", ":9012", "localhost.evil.example", "evil@example", "[", "127.0.0.1@evil.example"),
    ],
)
def test_a_name_that_was_made_to_lead_here_is_refused(host: str) -> None:
    assert status(HERE, host) == 403
    assert status(HERE, host, f"http://{host}") == 403


@pytest.mark.parametrize(
    "origin",
    [
        *("http://evil.example", "null", "", "https://127.0.0.1:9012", "http://127.0.0.1:9013"),
        *("http://127.0.0.1", "http://localhost:9012", "file://"),
    ],
)
def test_a_page_from_elsewhere_is_refused(origin: str) -> None:
    assert status(HERE, origin=origin) == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_nothing_is_done_by_a_request(method: str) -> None:
    assert status(HERE, method=method) == 405
    assert status(HERE, body=True) == 413


def test_over_the_network_a_token_is_asked_for() -> None:
    lan = "192.168.1.5:9012"
    assert status(OPEN, lan) == 401
    assert status(OPEN, "127.0.0.1:9012") == 401
    assert status(OPEN, lan, query="token=wrong") == 401
    assert status(OPEN, lan, cookies="glissar-9012=wrong") == 401
    assert status(OPEN, lan, cookies="glissar-9013=s3cret") == 401
    assert status(OPEN, lan, query="token=s3cret") == 200
    assert status(OPEN, lan, cookies="other=1; glissar-9012=s3cret") == 200
    assert status(OPEN, lan, "http://evil.example", query="token=s3cret") == 403
    assert status(OPEN, "evil.example:9012", query="token=s3cret") == 403


def test_an_open_server_without_a_token_lets_nobody_in() -> None:
    assert status(WebSettings(host="0.0.0.0"), query="token=") == 401


def test_a_token_is_drawn_where_others_reach_the_server_and_none_is_set() -> None:
    tokens = {with_token(Settings(web=WebSettings(host="0.0.0.0"))).web.token for _ in range(9)}
    assert len(tokens) == 9
    assert all(len(token) >= 20 for token in tokens)
    for settings in (Settings(), Settings(web=OPEN), Settings(web=WebSettings(on=False))):
        assert with_token(settings) == settings


@given(st.text(), st.text() | st.none(), st.text(), st.text())
def test_whatever_knocks_is_answered(host: str, origin: str, cookies: str, query: str) -> None:
    knock = Knock("GET", host, origin, cookies, query, False)
    assert Gate(OPEN).refuse(knock) is not None
