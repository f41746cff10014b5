"""A stored connection: a new key, the editor, and consent given again, by keyboard."""

from textual.widgets import Input

from keyrings import MemoryKeyring
from omnisend_tui import connections, consent
from omnisend_tui.config.models import Connection
from omnisend_tui.records import Brand
from omnisend_tui.sandbox.server import RunningSandbox
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.workspace import Workspace
from tui.connection_room import memory, sandbox, workspace
from tui.screen_app import until, write
from tui.walks import walk_stored

__all__ = ["memory", "sandbox", "workspace"]


def existing(workspace: Workspace, sandbox: RunningSandbox) -> Connection:
    """A connection whose key belonged to another brand."""
    wanted = Connection(name="Shop", id="shop", base_url=sandbox.url)
    return connections.add(
        workspace, wanted, key="old-key", agreed=consent.record(wanted, "maija", 1.0),
        brand=Brand(id="another", name="Another shop"),
    )  # fmt: skip


async def test_a_new_key_is_tried_first(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    existing(workspace, sandbox)
    async with walk_stored(workspace, "y", "API key") as walking:
        await write(walking.pilot, "wrong-key")
        await walking.press("f10")
        await until(walking.pilot, lambda: "refused the API key" in walking.text)
        assert memory.keys() == ["old-key"]
        await walking.press("f9")
        await until(walking.pilot, lambda: walking.at == "API key")
        await write(walking.pilot, sandbox.api_key)
        await walking.press("f10")
        await until(walking.pilot, lambda: walking.wizard.draft.brand is not None)
        assert "another brand than before" in walking.text
        await walking.next("Save")
        await walking.press("f10")
        await until(walking.pilot, lambda: walking.at == "")
    assert memory.keys() == [sandbox.api_key]


async def test_editing_a_connection_that_another_process_changes(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    existing(workspace, sandbox)
    async with walk_stored(workspace, "e", "Edit") as walking:
        text = workspace.config_path.read_text()
        workspace.config_path.write_text(
            f"# by hand\n{text}budget_share = 50 # half\nrequests_per_minute = 100\n"
        )
        walking.wizard.query_one("#name", Input).value = "Renamed"
        walking.wizard.query_one("#budget_share", Input).value = "70"
        await walking.press("f10")
        await until(walking.pilot, lambda: "Somebody else" in walking.text)
        await walking.pilot.click("#again")
        await until(walking.pilot, lambda: walking.at == "")
    after = workspace.config_path.read_text()
    saved = workspace.connection("Renamed")
    assert (saved.budget_share, saved.requests_per_minute) == (70, 100)
    assert "# by hand" in after
    assert "# half" in after


async def test_agreeing_again(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    saved = existing(workspace, sandbox)
    async with walk_stored(workspace, "a", "Privacy") as walking:
        await walking.press("escape")
        await until(walking.pilot, lambda: walking.at == "")
        assert len(workspace.state.consents(saved.id)) == 1
        await walking.press("a")
        await until(walking.pilot, lambda: walking.at == "Privacy")
        await walking.press("f8")
        await until(walking.pilot, lambda: walking.at == "")
    assert len(workspace.state.consents(saved.id)) == 2


async def test_another_address_is_tried_before_it_is_stored(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    existing(workspace, sandbox)
    async with walk_stored(workspace, "e", "Edit") as walking:
        walking.wizard.query_one("#base_url", Input).value = "http://127.0.0.1:9/api"
        await walking.press("f10")
        await until(walking.pilot, lambda: "refuses the connection" in walking.text)
        assert workspace.reload_config().connections["Shop"].base_url == sandbox.url
        await walking.press("escape")
        await until(walking.pilot, lambda: isinstance(walking.app.screen, Choice))


async def test_an_untouched_editor_is_left_without_asking(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    existing(workspace, sandbox)
    async with walk_stored(workspace, "e", "Edit") as walking:
        await walking.press("escape")
        await until(walking.pilot, lambda: walking.at == "")
