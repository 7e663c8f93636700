"""How many requests a key may make, and that Redis is not needed for an answer."""

from __future__ import annotations

import pytest
import redis

from marcai.platform.redis import client
from marcai.platform.settings import settings
from marcai.web.api import limits
from tests.web.conftest import KEY, SECOND_KEY, Api, problem


@pytest.fixture
def tight(api, monkeypatch):
    """Three requests at once, thirty a minute."""
    monkeypatch.setenv("MARCAI_API_BURST", "3")
    monkeypatch.setenv("MARCAI_API_RATE_PER_MINUTE", "30")
    settings.cache_clear()
    return api


def test_too_many_requests_are_told_when_to_come_back(tight):
    path = f"/services/{tight.services['barba']}"
    assert [tight.get(path).status_code for _ in range(3)] == [200] * 3
    refused = tight.get(path)
    assert "30 requests a minute" in problem(refused, 429, "rate-limited")["detail"]
    assert refused.headers["retry-after"] in ("1", "2")
    assert tight.get("/healthz").status_code == 200


def test_a_bucket_fills_again(tight):
    path = f"/services/{tight.services['barba']}"
    while tight.get(path).status_code == 200:
        pass
    (name,) = client().keys("api:rate:*")
    client().hincrbyfloat(name, "at", -2)  # two seconds go by
    assert [tight.get(path).status_code for _ in range(2)] == [200, 429]
    client().hincrbyfloat(name, "at", -3600)
    assert [tight.get(path).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_each_key_has_a_bucket_of_its_own_which_does_not_name_it(tight, browser, salon):
    path = f"/services/{tight.services['barba']}"
    while tight.get(path).status_code == 200:
        pass
    assert Api(browser, salon, SECOND_KEY).get(path).status_code == 200
    names = client().keys("api:rate:*")
    assert len(names) == 2 and not any(KEY in name for name in names)
    assert all(0 < client().ttl(name) <= 7 for name in names)


def test_calls_without_a_key_are_not_counted(tight, browser):
    for _ in range(5):
        problem(browser.get("/services"), 401, "unauthorized")
    assert client().keys("api:rate:*") == []


def test_without_redis_everybody_may_and_it_is_asked_again_later(tight, monkeypatch):
    asked = []

    class Away:
        def eval(self, *_):
            asked.append(1)
            raise redis.ConnectionError

    monkeypatch.setattr(limits, "client", Away)
    path = f"/services/{tight.services['barba']}"
    assert [tight.get(path).status_code for _ in range(6)] == [200] * 6
    assert len(asked) == 1
    limits.forget_cache()
    monkeypatch.undo()


def test_the_whole_api_works_without_redis(api, monkeypatch, servers):
    start = api.starts("barba")[0]
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    client.cache_clear()
    settings.cache_clear()
    try:
        assert api.get("/services").status_code == 200
        assert api.post("/bookings", api.wish(start, "barba"), "no-redis").status_code == 201
    finally:
        monkeypatch.undo()
        client.cache_clear()
        settings.cache_clear()
        limits.forget_cache()
