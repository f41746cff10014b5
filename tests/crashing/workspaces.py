"""What is exported: a source in two generations, and the workspace with its export."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from omnisend_tui import consent
from omnisend_tui.config import store
from omnisend_tui.config.models import Attribute, Connection, Export, Source
from omnisend_tui.omnisend.connect import brand_of_key
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Behaviour, Brand
from omnisend_tui.state import State
from omnisend_tui.workspace import Workspace

KEY = "crash-" + "k" * 24
UNLIMITED = 100_000


@dataclass(frozen=True)
class Kind:
    """A generation of the source; whether tags ride, and whether who agreed is subscribed."""

    generation: int = 1
    riding: bool = False
    subscribes: bool = False


def rows(people: int, generation: int) -> Iterator[str]:
    """A source with invalid addresses, duplicates, bad phone numbers and two segments."""
    for n in range(people if generation == 1 else people + people // 10):
        if generation == 2 and n < people and n % 25 == 7:
            continue
        mail = f"person{n}@example.com"
        if n % 97 == 5:
            mail = "no-address"
        elif n % 61 == 3:
            mail = f" Person{n - 1}@Example.com "
        phone = "12" if n % 41 == 0 else ""
        name = f"Person {n}" + (" changed" if generation == 2 and n % 20 == 3 else "")
        segments = ("Club|News", "Club", "News", "")[n % 4]
        if generation == 2 and n % 35 == 9:
            segments = "" if n % 70 == 9 else "News"
        agreed = ("", "no", "yes", "2024-05-01T10:00:00Z", "no", "")[n % 6]
        if generation == 2 and n % 30 == 4:
            agreed = "yes"
        yield f"C{n},{mail},{name},{phone},{segments},{agreed}"


def write_people(path: Path, people: int, generation: int) -> None:
    text = "\n".join(["id,mail,name,phone,segments,agreed", *rows(people, generation)])
    path.write_text(text + "\n")


def make_workspace(folder: Path, kind: Kind) -> None:
    """A workspace with one export 'E'; ``serve`` makes it fit a sandbox."""
    with Workspace.open(folder / "workspace", {}, folder / "budget.sqlite") as workspace:
        path = workspace.config_path
        store.add_connection(
            path,
            Connection(
                name="Shop", base_url="http://127.0.0.1:1/api", api_key="environment",
                requests_per_minute=UNLIMITED, tag_requests_per_minute=UNLIMITED, budget_share=100,
            ),
        )  # fmt: skip
        source = Source(name="People", path="people.csv", key="id", segments_column="segments")
        store.add_source(path, source)
        store.add_export(
            path,
            Export(
                name="E", connection="Shop", source="People", segments=("Club", "News"),
                tags=("source: customer insights",), max_rejects=100, country="FI",
                email_status="subscribed" if kind.subscribes else "",
                consent_column="agreed" if kind.subscribes else "",
                consent_source="shop" if kind.subscribes else "",
                mapping=(
                    Attribute(field="email", column="mail"),
                    Attribute(field="first_name", column="name"),
                    Attribute(field="phone", column="phone"),
                ),
            ),
        )  # fmt: skip
        connection = workspace.reload_config().connections["Shop"]
        workspace.state.save_brand(connection.id, Brand(id=brand_of_key(KEY)))
        if kind.riding:
            seen = Behaviour(at=time.time(), tags="add", unsubscribed="kept")
            workspace.state.save_behaviour(connection.id, seen)


def point_at(folder: Path, url: str) -> None:
    """Makes the workspace in ``folder`` fit the sandbox at ``url`` and the source beside it."""
    with Workspace.open(folder / "workspace", {}, folder / "budget.sqlite") as workspace:
        lines = workspace.config_path.read_text().splitlines()
        values = {"base_url": url, "path": str(folder / "people.csv")}
        for number, line in enumerate(lines):
            name = line.partition(" = ")[0]
            if name in values:
                lines[number] = f'{name} = "{values[name]}"'
        workspace.config_path.write_text("\n".join(lines) + "\n")
        connection = workspace.reload_config().connections["Shop"]
        workspace.state.add_consent(consent.record(connection, "test", time.time()))


@contextmanager
def open_state(folder: Path) -> Iterator[State]:
    state = State.open(folder / "workspace" / "state.sqlite")
    try:
        yield state
    finally:
        state.close()


def newest_run(folder: Path) -> Snapshot | None:
    """The last run that others can see."""
    with open_state(folder) as state:
        return next(iter(state.runs()), None)
