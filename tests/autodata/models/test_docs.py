"""Every configuration in docs/providers.md is read and gives a chat model."""

import importlib.util
import re
from pathlib import Path

import pytest

from autodata.models.providers import _PACKAGES
from autodata.models.wires import wire_for
from autodata.settings import configure
from tests.conftest import ROOT

BLOCKS = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "providers.md").read_text("utf-8"), re.DOTALL)


def test_every_server_of_the_table_has_its_lines() -> None:
    assert len(BLOCKS) == 11


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: re.sub(r"\W+", "-", block.splitlines()[0][40:60]))
def test_a_documented_configuration_works(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "autodata.toml"
    path.write_text('domain = "cs_research"\n' + block)
    model = configure(path).settings.model("judge")
    package = _PACKAGES.get(model.provider)
    if package is not None and importlib.util.find_spec(package) is None:
        pytest.skip(f"the extra `{model.provider}` is not installed")
    monkeypatch.setenv(model.api_key_env, "some-key")
    wire = wire_for(model)
    wire.close()
