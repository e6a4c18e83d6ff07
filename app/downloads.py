"""Gets the embedded models' files before a run, with a progress bar if there is anything to download."""

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from autodata.models.local_files import model_file
from autodata.schemas import ROLES
from autodata.settings import Settings


def fetch_models(settings: Settings, console: Console) -> None:
    """Make sure that every embedded model which the settings name is on this machine."""
    models = {settings.model(role).model for role in ROLES if settings.model(role).provider == "embedded"}
    with Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), console=console
    ) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(f"{name} (once on this machine)", total=total)
            bar.update(tasks[name], completed=done)

        for model in sorted(models):
            model_file(model, progress)
