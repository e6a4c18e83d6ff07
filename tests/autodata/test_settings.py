"""Configuration: layers in their order, origins, inheritance of roles, and one clear sentence a mistake."""

from pathlib import Path

import pytest

from autodata.errors import UsageError
from autodata.layers import Layer, stack
from autodata.settings import configure


def write(folder: Path, text: str) -> Path:
    path = folder / "autodata.toml"
    path.write_text(text)
    return path


MODELS = '[models.default]\nbase_url = "http://127.0.0.1:1/v1"\nmodel = "big"\n'


def test_without_configuration_the_embedded_models_run() -> None:
    settings, origins = configure()
    assert settings.domain == "numeric"
    assert settings.model("weak").model == "qwen2.5-coder-0.5b-instruct"
    assert settings.model("strong").model == settings.model("challenger").model == "qwen2.5-coder-1.5b-instruct"
    assert {settings.model(role).provider for role in settings.models} == {"embedded"}
    assert settings.limits.concurrency == 1
    assert origins["policy"] == "domain numeric"


def test_roles_take_missing_keys_from_default_and_temperatures_from_the_method(tmp_path: Path) -> None:
    more = '[models.weak]\nmodel = "small"\ntemperature = 0.3\n'
    settings, origins = configure(write(tmp_path, 'domain = "cs_research"\n' + MODELS + more))
    assert (settings.model("weak").model, settings.model("weak").temperature) == ("small", 0.3)
    assert settings.model("weak").base_url == "http://127.0.0.1:1/v1"
    assert [settings.model(role).temperature for role in ("challenger", "strong", "judge")] == [1.0, 1.0, 0.0]
    assert origins["models.weak.model"] == "autodata.toml"
    assert origins["models.weak.base_url"] == "autodata.toml"
    assert origins["models.judge.temperature"] == "default"
    assert settings.limits.concurrency == 32


def test_the_command_line_wins_over_the_file_and_the_file_over_the_domain(tmp_path: Path) -> None:
    file = write(tmp_path, 'domain = "cs_research"\npolicy = "prose"\n[limits]\nmax_rounds = 4\n' + MODELS)
    settings, origins = configure(file, {"limits": {"max_rounds": 2}})
    assert (settings.policy, settings.limits.max_rounds) == ("prose", 2)
    assert (origins["policy"], origins["limits.max_rounds"]) == ("autodata.toml", "command line")
    assert configure(None, {"domain": "cs_research", "models": {"default": {"model": "m"}}}).settings.policy == (
        "deployed"
    )


def test_the_policy_sets_the_attempts_unless_they_are_given(tmp_path: Path) -> None:
    settings = configure(write(tmp_path, 'policy = "counts"\n' + MODELS)).settings
    assert (settings.attempts.weak, settings.attempts.strong) == (4, 4)
    settings = configure(write(tmp_path, 'policy = "counts"\n[attempts]\nweak = 8\n' + MODELS)).settings
    assert (settings.attempts.weak, settings.attempts.strong) == (8, 4)
    assert (settings.decides.weak_attempts, settings.decides.strong_attempts) == (8, 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("polcy = 'prose'", "autodata.toml: unknown key `polcy`; did you mean `policy`?"),
        (MODELS + "modle = 'x'", "unknown key `models.default.modle`; did you mean `model`?"),
        (MODELS + "[models.weka]\nmodel = 'x'", "unknown role `weka`; did you mean `weak`?"),
        ("[limits]\nmax_round = 3", "unknown key `limits.max_round`; did you mean `max_rounds`?"),
        ("[limits]\nconcurrency = 'many'", "`limits.concurrency`: input should be a valid integer"),
        (
            "[limits]\nconcurrency = 0",
            "`limits.concurrency`: input should be greater than or equal to 1 (it is 0)",
        ),
        ("[models.default]\nbase_url = 'http://x/v1'", "`models.default.model` is missing"),
        ("policy = 'prosa'", "no policy 'prosa'; known: prose, deployed, counts"),
        ("domain = 'cs_reserch'", "no domain 'cs_reserch'; did you mean 'cs_research'?"),
        ("domain = [", "is no readable TOML"),
        ("[loop]\nfeedback = 'lst'", "input should be 'list', 'diagnosis' or 'improve' (it is 'lst')"),
        ("models = 3", "`models`: "),
    ],
)
def test_a_mistake_is_told_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        configure(write(tmp_path, text))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no configuration file .*nowhere\.toml"):
        configure(tmp_path / "nowhere.toml")


def test_layers_merge_tables_and_replace_everything_else() -> None:
    stacked = stack([Layer("a", {"t": {"x": 1, "y": [1]}}), Layer("b", {"t": {"y": [2]}, "z": 3})])
    assert stacked.values == {"t": {"x": 1, "y": [2]}, "z": 3}
    assert stacked.origins == {"t.x": "a", "t.y": "b", "z": "b"}


def test_a_role_of_another_provider_takes_nothing_of_the_defaults_endpoint(tmp_path: Path) -> None:
    more = 'extra = { top_k = 1 }\nmax_tokens = 99\n[models.judge]\nprovider = "anthropic"\nmodel = "claude"\n'
    settings, _ = configure(write(tmp_path, 'domain = "cs_research"\n' + MODELS + more))
    judge, weak = settings.model("judge"), settings.model("weak")
    assert (judge.base_url, judge.api_key_env) == ("https://api.anthropic.com", "ANTHROPIC_API_KEY")
    assert (judge.extra, judge.max_tokens) == ({}, 99)
    assert weak.extra == {"top_k": 1} and weak.base_url == "http://127.0.0.1:1/v1"
    with pytest.raises(UsageError, match=r"`models\.judge\.model` is missing"):
        configure(write(tmp_path, MODELS + '[models.judge]\nprovider = "google"\n'))


def test_a_way_that_a_provider_does_not_have_is_refused(tmp_path: Path) -> None:
    more = 'provider = "anthropic"\nstructured = "json_object"\n'
    with pytest.raises(UsageError, match="anthropic has no `json_object`"):
        configure(write(tmp_path, MODELS + more))
