"""A shop as an ended one was left, so that what many tests begin with is done once."""

import copy
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from omnisend_tui import consent
from omnisend_tui.sandbox.brand import Brand
from omnisend_tui.sandbox.server import running_sandbox
from shops import Shop, open_workspace


@contextmanager
def copied(ended: Shop, folder: Path) -> Iterator[Shop]:
    """A shop of its own in ``folder``, an empty one: files and brand are as ``ended`` left them.

    The workspace of ``ended`` is closed and its sandbox stopped. The copy has another port, so the
    consent is given for that.
    """
    brand = ended.sandbox.brand
    options = msgspec.structs.replace(brand.options, api_key=brand.api_key)
    with running_sandbox(options) as sandbox:
        _take_over(brand, sandbox.brand)
        shutil.copytree(ended.source_path.parent, folder, dirs_exist_ok=True)
        config = folder / ended.workspace.config_path.relative_to(ended.source_path.parent)
        text = config.read_text().replace(ended.sandbox.url, sandbox.url)
        config.write_text(text.replace(str(ended.source_path.parent), str(folder)))
        with open_workspace(folder, sandbox) as workspace:
            given = consent.record(workspace.connection("Shop"), "test", time.time())
            workspace.state.add_consent(given)
            yield Shop(workspace, sandbox, folder / ended.source_path.name)


def _take_over(old: Brand, new: Brand) -> None:
    """What happened at ``old`` has happened at ``new``, whose plan and worker stay its own."""
    new.counts = copy.deepcopy(old.counts)
    new.limits = copy.deepcopy(old.limits)
    shared: dict[int, Any] = {
        id(old.plan): new.plan,
        id(old.contacts): new.contacts,
        id(old.batches._queue): new.batches._queue,
    }
    for kept, taken in ((old.contacts, new.contacts), (old.batches, new.batches)):
        assert kept._arena._written == 0, "all of it is still in memory"
        taken._arena.append(bytes(kept._arena._waiting))
        shared[id(kept._arena)] = taken._arena
        vars(taken).update(
            {name: copy.deepcopy(value, shared) for name, value in vars(kept).items()}
        )
