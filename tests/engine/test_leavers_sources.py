"""What a source says about who left: only one that was read to its end, and whole, says it."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
from msgspec import structs

from engine.tag_room import people, tags_in
from omnisend_tui.config import store
from omnisend_tui.engine import read as reading
from omnisend_tui.progress import Snapshot
from omnisend_tui.sandbox.faults import AnswerFault, Faults, ItemFault
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Chunk
from shops import MakeShop, Shop

HEADER = "id,mail,name"
EACH = 30  # people of each file at first


def row(n: int) -> str:
    return f"C{n},person{n}@example.com,Person {n}"


class Files:
    """A shop whose source is a glob; two files of ``each`` people, all of whom have the tag."""

    def __init__(self, make_shop: MakeShop, ending: str = "csv", each: int = EACH) -> None:
        self.shop: Shop = make_shop(segment_tag="VIP", max_rejects=100)
        folder = self.shop.source_path.parent
        self.paths = [folder / f"part{n}.{ending}" for n in (1, 2)]
        self._edit(str(self.shop.source_path), str(folder / f"part*.{ending}"))
        self.everybody = people(2 * each)
        self.rows = [list(range(each)), list(range(each, 2 * each))]
        self.write_all()
        assert self.shop.run().status == "finished"
        assert self.tagged() == set(self.everybody)

    def write_all(self) -> None:
        for path, numbers in zip(self.paths, self.rows, strict=True):
            self.write(path, numbers)

    def write(self, path: Path, numbers: list[int]) -> None:
        if path.suffix == ".ndjson":
            lines = [
                msgspec.json.encode(
                    {"id": f"C{n}", "mail": f"person{n}@example.com", "name": f"Person {n}"}
                ).decode()
                for n in numbers
            ]
        else:
            lines = [HEADER, *map(row, numbers)]
        path.write_text("\n".join(lines) + "\n")

    def tagged(self) -> set[str]:
        return {email for email in self.everybody if "VIP" in tags_in(self.shop, email)}

    def codes(self, run: Snapshot) -> list[str]:
        return [line.code for line in self.shop.workspace.state.log(run.run_id)]

    def nobody_left(self, run: Snapshot) -> None:
        """And once the source is whole again, who really left is found."""
        assert run.leavers == 0
        assert self.tagged() == set(self.everybody)
        self.rows[1].pop()
        self.write_all()
        again = self.shop.run()
        assert (again.status, again.leavers) == ("finished", 1), again.error
        assert self.tagged() == set(self.everybody[:-1])

    def _edit(self, old: str, new: str) -> None:
        config = self.shop.workspace.config_path
        text = config.read_text()
        assert old in text
        config.write_text(text.replace(old, new))
        self.shop.workspace.reload_config()


def test_who_is_in_no_file_any_more_left(make_shop: MakeShop) -> None:
    files = Files(make_shop)
    files.write(files.paths[0], [0])
    end = files.shop.run()
    assert (end.status, end.leavers, end.leavers_found) == ("finished", EACH - 1, EACH - 1)
    assert files.tagged() == {"person0@example.com", *people(EACH, EACH)}


def test_who_moved_to_another_file_stays(make_shop: MakeShop) -> None:
    files = Files(make_shop)
    files.write(files.paths[0], [])
    files.write(files.paths[1], list(range(2 * EACH)))
    end = files.shop.run()
    assert (end.status, end.unchanged, end.leavers) == ("finished", 2 * EACH, 0)
    assert files.tagged() == set(files.everybody)


@pytest.mark.parametrize("spoil", ["gone", "shorter", "a folder"])
def test_a_file_that_changes_while_it_is_read(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    files = Files(make_shop)

    def change() -> None:
        files.paths[1].unlink()
        if spoil == "a folder":
            files.paths[1].mkdir()
        elif spoil == "shorter":
            files.write(files.paths[1], [EACH])

    _after_the_first_chunk(monkeypatch, change)
    end = files.shop.run()
    assert end.status == "failed"
    assert end.error is not None
    assert end.error.code.startswith("source_")
    monkeypatch.undo()
    if spoil == "a folder":
        files.paths[1].rmdir()
    files.nobody_left(end)


def _after_the_first_chunk(monkeypatch: pytest.MonkeyPatch, change: Callable[[], None]) -> None:
    def open_changing(*arguments: Any) -> Any:
        source = open_source(*arguments)
        monkeypatch.setattr(source, "read", partial(read_and_change, source.read))
        return source

    def read_and_change(read: Any, *arguments: Any, **more: Any) -> Iterator[Chunk]:
        for number, chunk in enumerate(read(*arguments, **more)):
            yield chunk
            if not number:
                change()

    monkeypatch.setattr(reading, "open_source", open_changing)


@pytest.mark.parametrize("how", ["gone", "header only"])
def test_a_file_that_is_missing_from_the_start_meets_the_threshold(
    make_shop: MakeShop, how: str
) -> None:
    files = Files(make_shop, each=60)
    if how == "gone":
        files.paths[1].unlink()
    else:
        files.write(files.paths[1], [])
    end = files.shop.run()
    assert end.status == "failed"
    assert end.error is not None
    assert (end.error.code, end.leavers_found) == ("too_many_leavers", 60)
    files.nobody_left(end)


def test_headers_alone_are_an_empty_source(make_shop: MakeShop) -> None:
    files = Files(make_shop)
    for path in files.paths:
        files.write(path, [])
    end = files.shop.run(allow_leavers=True)
    assert (end.status, end.read) == ("finished", 0)
    files.nobody_left(end)


def test_rows_without_a_single_address_are_an_empty_source(make_shop: MakeShop) -> None:
    files = Files(make_shop)
    for path in files.paths:
        path.write_text(f"{HEADER}\nC1,,Person\nC2,not an address,Person\n")
    end = files.shop.run(allow_leavers=True)
    assert (end.status, end.rejected) == ("finished_with_rejects", 4)
    files.nobody_left(end)


@pytest.mark.parametrize("parts_left", [0, 1])
def test_an_unreadable_file_ends_the_run(make_shop: MakeShop, parts_left: int) -> None:
    files = Files(make_shop)
    parquet = [path.with_suffix(".parquet") for path in files.paths]
    for path, other in zip(files.paths, parquet, strict=True):
        duckdb.execute(f"COPY (SELECT * FROM '{path}') TO '{other}' (FORMAT parquet)")
    files._edit("part*.csv", "part*.parquet")
    assert files.shop.run().unchanged == 2 * EACH
    data = parquet[1].read_bytes()
    parquet[1].write_bytes(data[: len(data) // 2 * parts_left])
    end = files.shop.run()
    assert end.status == "failed"
    assert end.error is not None
    assert end.error.code in ("source_empty", "source_damaged")
    files._edit("part*.parquet", "part*.csv")
    files.nobody_left(end)


def test_an_ndjson_that_was_cut_hides_somebody(make_shop: MakeShop) -> None:
    files = Files(make_shop, "ndjson")
    text = files.paths[1].read_text()
    files.paths[1].write_text(text[: len(text) // 2 + 5])
    end = files.shop.run(allow_leavers=True)
    assert (end.status, end.rejected) == ("finished_with_rejects", 1)
    assert files.codes(end).count("leavers_unclear") == 1
    files.nobody_left(end)


def test_a_row_that_cannot_be_read_hides_somebody(make_shop: MakeShop) -> None:
    files = Files(make_shop)
    lines = [HEADER, *map(row, files.rows[1][:-1]), f'C59,"person{2 * EACH - 1}@example.com']
    files.paths[1].write_text("\n".join(lines) + "\n")
    end = files.shop.run(allow_leavers=True)
    assert (end.status, end.rejected) == ("finished_with_rejects", 1)
    (told,) = (
        line
        for line in files.shop.workspace.state.log(end.run_id)
        if line.code == "leavers_unclear"
    )
    assert told.parameters == {"rows": 1}
    files.nobody_left(end)


def test_who_has_no_valid_address_any_more_left(make_shop: MakeShop) -> None:
    files = Files(make_shop)
    lines = [HEADER, *map(row, files.rows[0][2:]), "C0,,Person 0", "C1,person1(at)x,Person 1"]
    files.paths[0].write_text("\n".join(lines) + "\n")
    end = files.shop.run()
    assert (end.status, end.rejected, end.leavers) == ("finished_with_rejects", 2, 2)
    assert files.tagged() == set(files.everybody[2:])


def test_who_is_refused_by_omnisend_did_not_leave(make_shop: MakeShop) -> None:
    files = Files(make_shop)
    files.write(files.paths[0], list(range(EACH - 2)))
    text = files.paths[0].read_text()
    files.paths[0].write_text(text.replace("Person 1\n", "Person One\n"))
    files.shop.sandbox.brand.plan.change(Faults(items=(ItemFault(email="person1@example.com"),)))
    end = files.shop.run()
    assert (end.status, end.rejected, end.leavers) == ("finished_with_rejects", 1, 2)
    assert files.tagged() == {*people(EACH - 2), *people(EACH, EACH)}


def test_nobody_leaves_while_a_batch_is_unconfirmed(make_shop: MakeShop) -> None:
    files = Files(make_shop)
    files.write(files.paths[0], list(range(EACH - 2)))
    text = files.paths[0].read_text()
    files.paths[0].write_text(text.replace("Person 1\n", "Person One\n"))
    lost = AnswerFault(action="server_error", method="GET", path="/batches")
    files.shop.sandbox.brand.plan.change(Faults(answers=(lost,)))
    end = files.shop.run()
    assert (end.status, end.leavers) == ("interrupted", 0)
    assert files.tagged() == set(files.everybody)
    files.shop.sandbox.brand.plan.change(Faults())
    again = files.shop.run(resume=True)
    assert (again.status, again.leavers) == ("finished", 2)


def test_the_first_profiles_alone_say_nothing(make_shop: MakeShop) -> None:
    files = Files(make_shop)
    end = files.shop.run(limit=5, allow_leavers=True)
    assert (end.status, end.read) == ("finished", 5)
    files.nobody_left(end)


def test_newcomers_do_not_hide_how_many_left(make_shop: MakeShop) -> None:
    shop = make_shop(people=400, segment_tag="VIP")
    assert shop.run().status == "finished"
    shop.write([f"X{n},other{n}@example.com,O {n}" for n in range(1700)])
    end = shop.run()
    assert end.error is not None
    assert (end.status, end.error.code) == ("failed", "too_many_leavers")
    assert "400" in end.error.message
    assert all("VIP" in tags_in(shop, email) for email in people(400))


def test_who_got_the_tag_before_an_interruption_was_no_holder(make_shop: MakeShop) -> None:
    """Known before or not: what counts is who had the tag when the run began first."""
    shop = make_shop(people=700)
    assert shop.run().status == "finished"
    before = shop.workspace.export("E")
    after = structs.replace(before, segment_tag="VIP")
    store.edit_export(shop.workspace.config_path, before, after)
    shop.workspace.reload_config()
    shop.people(100)
    assert shop.run().status == "finished"
    shop.write([row(n) for n in range(100, 700)])
    later = tuple(range(3, 1000))
    lost = AnswerFault(action="server_error", method="POST", path="/contacts/tags", nth=later)
    shop.sandbox.brand.plan.change(Faults(answers=(lost,)))
    end = shop.run()
    assert (end.status, end.tagged, end.leavers) == ("interrupted", 500, 0)
    shop.sandbox.brand.plan.change(Faults())
    end = shop.run(resume=True)
    assert end.error is not None
    assert end.error.code == "too_many_leavers"
    assert all("VIP" in tags_in(shop, email) for email in people(700))
