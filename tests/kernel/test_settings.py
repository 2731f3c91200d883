"""Configuration: all mistakes at once, no secret in any text, no demonstration in production."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.settings import _VARIABLES, DEMO_SECRET, Secret, Settings, SettingsError

GOOD = {
    "MODE": "production", "SECRET_KEY": "k" * 40, "PUBLIC_URL": "https://market.example/", "BEACON": "drand",
    "DATABASE_URL": "postgresql://u:very-secret@db/market",
}  # fmt: skip


def problems(**variables: str) -> list[str]:
    with pytest.raises(SettingsError) as wrong:
        Settings.from_env(variables)
    return wrong.value.problems


def test_nothing_set_is_the_demonstration() -> None:
    assert Settings.from_env({}) == Settings()
    assert Settings().demo


def test_empty_and_blank_count_as_not_set() -> None:
    assert Settings.from_env({"PORT": "", "MODE": "  "}) == Settings()


def test_every_variable_is_read() -> None:
    settings = Settings.from_env({
        "MODE": "test", "HOST": "0.0.0.0", "PORT": "81", "DATABASE_URL": "postgres://h/d", "DATABASE_POOL": "20", "DATA_DIR": "/data",
        "SECRET_KEY": "s", "SITE_NAME": "市场", "SITE_REGION": "370000", "PUBLIC_URL": "https://x/", "CLOCK_SPEED": "60",
        "BEACON": "local", "DRAND_RELAYS": "https://a/, https://b", "FILES_URL": "s3://bucket", "UPLOAD_LIMIT_BYTES": "2048",
        "SESSION_HOURS": "3", "RUN_WORKER": "0", "ALIPAY_MODE": "simulator", "ALIPAY_URL": "http://127.0.0.1:9/gateway.do",
        "ALIPAY_APP_ID": "2021000000000002", "ALIPAY_SELLER_ID": "2088000000000002", "ALIPAY_APP_KEY": "/k/app",
        "ALIPAY_PUBLIC_KEYS": "/k/a, /k/b", "ALIPAY_APP_CERT": "/c/app", "ALIPAY_ROOT_CERT": "/c/root", "ALIPAY_CERT": "/c/alipay",
        "SIMULATOR_PORT": "9",
    })  # fmt: skip
    assert settings == Settings(
        mode="test", host="0.0.0.0", port=81, database_url=Secret("postgres://h/d"), database_pool=20, data_dir=Path("/data"),
        secret_key=Secret("s"), site_name="市场", site_region="370000", public_url="https://x", clock_speed=60, beacon="local",
        drand_relays=("https://a", "https://b"), files_url="s3://bucket", upload_limit_bytes=2048, session_hours=3, run_worker=False,
        alipay_mode="simulator", alipay_url="http://127.0.0.1:9/gateway.do", alipay_app_id="2021000000000002",
        alipay_seller_id="2088000000000002", alipay_app_key=Path("/k/app"), alipay_public_keys=(Path("/k/a"), Path("/k/b")),
        alipay_app_cert=Path("/c/app"), alipay_root_cert=Path("/c/root"), alipay_cert=Path("/c/alipay"), simulator_port=9,
    )  # fmt: skip


def test_all_mistakes_are_listed_at_once() -> None:
    found = problems(
        MODE="live", PORT="0", DATABASE_URL="mysql://x", DATABASE_POOL="1", PUBLIC_URL="market", CLOCK_SPEED="fast", BEACON="dice",
        DRAND_RELAYS="ftp://x", UPLOAD_LIMIT_BYTES="-1", SESSION_HOURS="0", RUN_WORKER="yes",
    )  # fmt: skip
    named = {problem.partition(":")[0] for problem in found}
    assert named == {
        "MODE", "PORT", "DATABASE_URL", "DATABASE_POOL", "PUBLIC_URL", "CLOCK_SPEED", "BEACON", "DRAND_RELAYS", "UPLOAD_LIMIT_BYTES",
        "SESSION_HOURS", "RUN_WORKER",
    }  # fmt: skip


def test_secrets_never_show() -> None:
    settings = Settings.from_env(GOOD)
    for text in (repr(settings), str(settings), f"{settings.secret_key}", repr(settings.database_url)):
        assert "very-secret" not in text
        assert "kkkk" not in text
    assert settings.database_url is not None
    assert "very-secret" in settings.database_url.reveal()


def test_a_mistake_in_a_secret_does_not_repeat_it() -> None:
    assert "hunter2" not in str(problems(DATABASE_URL="mysql://u:hunter2@h/d"))


def test_production_with_everything_of_its_own() -> None:
    settings = Settings.from_env(GOOD)
    assert settings.cookie_secure
    assert not settings.demo


@pytest.mark.parametrize(
    ("variable", "value"),
    [("SECRET_KEY", ""), ("SECRET_KEY", DEMO_SECRET), ("SECRET_KEY", "short"), ("BEACON", "local"), ("PUBLIC_URL", "http://market.example"),
     ("PUBLIC_URL", "")],
)  # fmt: skip
def test_production_refuses_what_a_demonstration_may(variable: str, value: str) -> None:
    assert [problem.partition(":")[0] for problem in problems(**{**GOOD, variable: value})] == [variable]


REAL = {
    **GOOD, "ALIPAY_MODE": "production", "ALIPAY_APP_ID": "2021000000000002", "ALIPAY_SELLER_ID": "2088000000000002",
    "ALIPAY_APP_KEY": "/keys/app.pem", "ALIPAY_PUBLIC_KEYS": "/keys/alipay.pem",
}  # fmt: skip


def test_where_alipay_is_reached() -> None:
    assert Settings().payments == "simulator"
    assert Settings().alipay_gateway == "http://127.0.0.1:8001/gateway.do"
    assert Settings.from_env(GOOD).payments == "off"
    assert Settings.from_env(REAL).alipay_gateway == "https://openapi.alipay.com/gateway.do"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("ALIPAY_MODE", "simulator"), ("ALIPAY_URL", "http://openapi.alipay.com/gateway.do"), ("ALIPAY_URL", "https://alipay.example/gateway.do"),
     ("ALIPAY_URL", "https://openapi.alipay.com:8443/gateway.do"), ("ALIPAY_APP_ID", ""), ("ALIPAY_APP_KEY", ""), ("ALIPAY_PUBLIC_KEYS", ""),
     ("ALIPAY_APP_CERT", "/keys/app.crt")],
)  # fmt: skip
def test_32_production_refuses_to_pay_elsewhere_or_without_keys(variable: str, value: str) -> None:
    assert [problem.partition(":")[0].split(",")[0] for problem in problems(**{**REAL, variable: value})] == [variable]


def test_32_the_simulator_is_spoken_to_on_this_machine_only() -> None:
    assert problems(ALIPAY_URL="http://10.0.0.5:8001/gateway.do")
    assert problems(MODE="test", ALIPAY_MODE="sandbox", CLOCK_SPEED="60")


def test_production_runs_in_real_time() -> None:
    assert {problem.partition(":")[0] for problem in problems(**{**GOOD, "CLOCK_SPEED": "60"})} == {
        "BEACON",
        "CLOCK_SPEED",
    }


def test_public_randomness_needs_real_time_everywhere() -> None:
    assert problems(BEACON="drand", CLOCK_SPEED="1440")


def test_secrets_compare_by_value() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a")}) == 1
    assert Secret("a") != "a"


@given(st.dictionaries(st.sampled_from([variable for variable, _ in _VARIABLES.values()]), st.text(max_size=30)))
def test_whatever_is_set_gives_settings_or_the_list(environ: dict[str, str]) -> None:
    try:
        settings = Settings.from_env(environ)
    except SettingsError as wrong:
        found = wrong.problems
    else:
        assert 1 <= settings.port <= 65535
        return
    assert found
