"""What signs in at a source: where it comes from, where it is kept, and when it is forgotten."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import keyring
import pytest
from msgspec.structs import replace

from keyrings import MemoryKeyring, memory
from omnisend_tui import saved, sign_in
from omnisend_tui.config.models import CUSTOMER_ID, Source
from omnisend_tui.errors import AppError, CredentialsError
from omnisend_tui.keeping import MemoryKeeper
from omnisend_tui.noting import orphans
from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.server import RunningDataverse, running_dataverse
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from omnisend_tui.secrets import Secrets, client_secret_variable
from omnisend_tui.sign_in import Credentials
from omnisend_tui.sources.entra import Entra, MemoryStore
from omnisend_tui.workspace import Workspace

__all__ = ["memory"]

VARIABLE = "OMNISEND_TUI_CLIENT_SECRET_OUR_CI"
ACCOUNT = "aino.korhonen@example.com"
GUID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module")
def dataverse() -> Iterator[RunningDataverse]:
    with running_dataverse(DataverseOptions(profiles=1)) as running:
        yield running


@pytest.fixture
def environ() -> dict[str, str]:
    return {}


@pytest.fixture
def workspace(
    tmp_path: Path, memory: MemoryKeyring, environ: dict[str, str]
) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "workspace", environ, tmp_path / "budget.sqlite") as opened:
        yield opened


@pytest.fixture
def source(dataverse: RunningDataverse) -> Source:
    return Source(
        name="Our CI", id="s1", type="dataverse", url=dataverse.url, key=CUSTOMER_ID,
        client_id=dataverse.client_id, authority=dataverse.authority,
    )  # fmt: skip


def person(secrets: Secrets, source: Source) -> Credentials:
    store = MemoryStore()
    entra = sign_in.drafted(secrets, source, store)
    assert entra.wait(entra.begin(), Event()) == ACCOUNT
    return Credentials(tokens=store.load())


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(AppError) as caught:
        call()
    assert caught.value.message
    return caught.value.code


def test_the_variable_of_a_source() -> None:
    assert client_secret_variable("Our CI") == VARIABLE
    assert Secrets({"OMNISEND_TUI_CLIENT_SECRET": "x"}).given_client_secret("Our CI") is None


def test_the_order_of_places(
    workspace: Workspace, source: Source, environ: dict[str, str], tmp_path: Path,
    dataverse: RunningDataverse,
) -> None:  # fmt: skip
    application = replace(source, sign_in="application")
    tokens = sign_in.tokens(workspace.secrets, application)
    assert code_of(tokens.token) == "no_client_secret"
    assert sign_in.signed_in(workspace, application) == ""
    sign_in.keep(workspace, application, Credentials(secret=dataverse.client_secret))
    assert tokens.token()
    assert sign_in.signed_in(workspace, application)
    environ["CREDENTIALS_DIRECTORY"] = str(tmp_path)
    (tmp_path / VARIABLE).write_text("wrong\n")
    other = Workspace.open(tmp_path / "workspace", environ, tmp_path / "budget.sqlite")
    with other:
        refused = sign_in.tokens(other.secrets, application)
        assert code_of(refused.token) == "client_secret_refused"
        environ[VARIABLE] = dataverse.client_secret
        # A refused secret is looked for again, and a source of a person signs in by it too.
        assert refused.token()
        assert sign_in.tokens(other.secrets, source).token()
        drafted = sign_in.drafted(other.secrets, source, MemoryStore(), "typed")
        assert drafted.token()
        (tmp_path / VARIABLE).unlink()
        (tmp_path / VARIABLE).mkdir()
        environ[VARIABLE] = ""
        assert code_of(lambda: sign_in.as_application(other.secrets, source)) == (
            "credential_unreadable"
        )


def test_a_draft_signs_in_by_what_was_typed(
    workspace: Workspace, source: Source, dataverse: RunningDataverse
) -> None:
    application = replace(source, sign_in="application")
    draft = sign_in.drafted(workspace.secrets, application, MemoryStore(), dataverse.client_secret)
    assert draft.token()
    assert code_of(
        lambda: sign_in.drafted(workspace.secrets, application, MemoryStore())
    ) == "no_client_secret"  # fmt: skip
    assert code_of(sign_in.drafted(workspace.secrets, source, MemoryStore(), "left").token) == (
        "sign_in_needed"
    )


def test_a_sign_in_is_kept_renamed_and_forgotten(
    workspace: Workspace, source: Source, memory: MemoryKeyring
) -> None:
    credentials = person(workspace.secrets, source)
    stored = saved.add_source(workspace, source, credentials)
    assert workspace.state.secrets() == ["source.tokens.s1"]
    assert sign_in.signed_in(workspace, stored) == ACCOUNT
    tokens = workspace.access(stored).tokens
    assert tokens is not None
    assert tokens is workspace.access(stored).tokens
    first = tokens.token()
    assert tokens.token(fresh=True) != first
    kept = dict(memory.kept)
    renamed = saved.edit_source(workspace, stored, replace(stored, name="CI"))
    assert (memory.kept, sign_in.signed_in(workspace, renamed)) == (kept, ACCOUNT)
    assert sign_in.tokens(workspace.secrets, renamed).token() == tokens.token()
    assert orphans(workspace) == []
    saved.remove_source(workspace, renamed)
    assert (memory.kept, workspace.state.secrets()) == ({}, [])
    assert code_of(sign_in.tokens(workspace.secrets, renamed).token) == "sign_in_needed"


@pytest.mark.parametrize(
    "change",
    [
        {"tenant": "other.example.com"},
        {"client_id": GUID},
        {"url": "https://other.crm4.dynamics.com"},
        {"authority": "https://login.example.com/other"},
    ],
)
def test_another_registration_makes_a_sign_in_useless(
    workspace: Workspace, source: Source, memory: MemoryKeyring, change: dict[str, str]
) -> None:
    stored = saved.add_source(workspace, source, Credentials(tokens="{}"))
    assert memory.kept != {}
    saved.edit_source(workspace, stored, replace(stored, **change))
    assert memory.kept == {}
    assert workspace.state.secrets() == []


def test_of_two_ways_one_is_kept(
    workspace: Workspace, source: Source, memory: MemoryKeyring, dataverse: RunningDataverse
) -> None:
    stored = saved.add_source(workspace, source, person(workspace.secrets, source))
    application = replace(stored, sign_in="application")
    stored = saved.edit_source(
        workspace, stored, application, Credentials(secret=dataverse.client_secret)
    )
    assert memory.kept == {("omnisend-tui", "source.secret.s1"): dataverse.client_secret}
    assert workspace.state.secrets() == ["source.secret.s1"]
    assert sign_in.tokens(workspace.secrets, stored).token()
    again = person(workspace.secrets, replace(stored, sign_in="person"))
    saved.edit_source(workspace, stored, replace(stored, sign_in="person"), again)
    assert workspace.state.secrets() == ["source.tokens.s1"]


def test_a_new_sign_in_holds_for_what_is_open_already(
    workspace: Workspace, source: Source, dataverse: RunningDataverse
) -> None:
    stored = saved.add_source(workspace, source)
    tokens = sign_in.tokens(workspace.secrets, stored)
    assert code_of(tokens.token) == "sign_in_needed"
    sign_in.keep(workspace, stored, person(workspace.secrets, stored))
    old = tokens.token()
    dataverse.revoke()
    assert code_of(lambda: tokens.token(fresh=True)) == "sign_in_needed"
    sign_in.keep(workspace, stored, person(workspace.secrets, stored))
    new = tokens.token()
    assert new != old
    # Under another name meanwhile, and back again.
    renamed = saved.edit_source(workspace, stored, replace(stored, name="CI"))
    sign_in.keep(workspace, renamed, person(workspace.secrets, renamed))
    assert tokens.token() == sign_in.tokens(workspace.secrets, renamed).token()
    assert tokens.token() != new


def test_a_job_goes_on_while_its_source_is_edited(
    workspace: Workspace, source: Source, memory: MemoryKeyring, dataverse: RunningDataverse
) -> None:
    stored = saved.add_source(workspace, source, person(workspace.secrets, source))
    job, screen = workspace.access(stored, pinned=True).tokens, workspace.access(stored).tokens
    assert job is not None
    assert screen is not None
    first = job.token()
    assert screen.token() == first
    text = workspace.secrets.tokens(stored)
    edited = saved.edit_source(workspace, stored, replace(stored, client_id=GUID))
    assert code_of(screen.token) == "sign_in_needed"
    assert job.token() == first
    assert job.token(fresh=True) != first
    # What was forgotten doesn't come back, and what signs in now stays.
    assert memory.kept == {}
    sign_in.keep(workspace, edited, Credentials(tokens=text.replace(stored.client_id, GUID)))
    kept = dict(memory.kept)
    fault = AnswerFault(action="server_error", path="/oauth2/v2.0/token", times=2)
    dataverse.misbehave(Faults(answers=(fault,)))
    with pytest.raises(AppError):
        job.token(fresh=True)
    dataverse.misbehave(Faults())
    assert job.token(fresh=True) != first
    assert memory.kept == kept
    # What is refused ends a job, unless somebody signed in anew.
    dataverse.revoke()
    assert code_of(lambda: job.token(fresh=True)) == "sign_in_needed"
    sign_in.keep(workspace, stored, person(workspace.secrets, stored))
    assert job.token()


def test_nothing_is_half_stored(
    workspace: Workspace, source: Source, memory: MemoryKeyring, tmp_path: Path
) -> None:
    saved.add_source(workspace, source, Credentials(tokens="{}"))
    kept = dict(memory.kept)
    twice = replace(source, id="s2", name="Other CI", client_id=GUID)
    config = workspace.config_path
    text = config.read_text()
    config.write_text("[[[ broken")
    assert code_of(lambda: saved.add_source(workspace, twice, Credentials(secret="s"))) != ""
    assert (memory.kept, workspace.state.secrets()) == (kept, ["source.tokens.s1"])
    config.write_text(text)
    stored = workspace.source("Our CI")
    gone = replace(stored, id="gone")
    for credentials in (Credentials(secret="new"), Credentials(tokens='{"new": 1}')):
        edited = replace(gone, name="New")
        assert code_of(lambda: saved.edit_source(workspace, gone, edited, credentials))  # noqa: B023
    assert (memory.kept, workspace.state.secrets()) == (kept, ["source.tokens.s1"])
    keyring.set_keyring(MemoryKeyring(FileNotFoundError("gone")))
    assert code_of(lambda: saved.add_source(workspace, twice, Credentials(secret="s"))) == (
        "keyring_failed"
    )
    assert list(workspace.reload_config().sources) == ["Our CI"]


def test_a_keyring_that_does_not_delete_is_told_and_found(
    workspace: Workspace, source: Source, memory: MemoryKeyring
) -> None:
    stored = saved.add_source(workspace, source, Credentials(tokens="{}"))
    memory.undeletable = OSError()
    with pytest.raises(CredentialsError) as caught:
        saved.remove_source(workspace, stored)
    assert "doctor" in caught.value.hint
    assert workspace.config.sources == {}
    assert sorted(orphans(workspace)) == sorted(name for _, name in memory.kept)
    memory.undeletable = None
    for _service, name in list(memory.kept):
        keyring.delete_password("omnisend-tui", name)
    assert (orphans(workspace), workspace.state.secrets()) == ([], [])


class Watched(MemoryKeyring):
    """One that fails, and remembers that it was asked."""

    asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        raise OSError

    def delete_password(self, service: str, username: str) -> None:
        self.asked += 1
        raise OSError


def test_a_source_without_a_keyring(
    workspace: Workspace, source: Source, environ: dict[str, str]
) -> None:
    keyring.set_keyring(watched := Watched())
    environ[VARIABLE] = "given"
    stored = saved.add_source(workspace, source)
    assert sign_in.signed_in(workspace, stored)
    saved.remove_source(workspace, stored)
    assert watched.asked == 0
    # Without the variable it is asked for what a lost note may have left; it need not answer.
    del environ[VARIABLE]
    saved.remove_source(workspace, saved.add_source(workspace, source))
    assert watched.asked > 0
    assert workspace.config.sources == {}


def test_a_keeper_takes_the_place_of_the_keyring(
    tmp_path: Path, source: Source, memory: MemoryKeyring
) -> None:
    keyring.set_keyring(watched := Watched())
    keeper = MemoryKeeper()
    with Workspace.open(tmp_path / "demo", {}, tmp_path / "budget.sqlite", keeper=keeper) as opened:
        stored = saved.add_source(opened, source, person(opened.secrets, source))
        assert sign_in.signed_in(opened, stored) == ACCOUNT
        assert sign_in.tokens(opened.secrets, stored).token()
        assert "AccessToken" in json.loads(keeper.get("source.tokens.s1") or "")
        saved.remove_source(opened, stored)
        assert keeper.get("source.tokens.s1") is None
    assert watched.asked == 0


def test_credentials_do_not_show_themselves(source: Source) -> None:
    shown = repr(Credentials("tell-tale", "tell-tale"))
    assert "tell-tale" not in shown + str(Credentials("tell-tale", "tell-tale"))
    entra = sign_in.drafted(Secrets({VARIABLE: "tell-tale"}), source, MemoryStore())
    assert isinstance(entra, Entra)
    assert "tell-tale" not in repr(entra)
