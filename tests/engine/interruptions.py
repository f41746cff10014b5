"""Runs that find Omnisend gone, and a look at runs that are under way."""

from collections.abc import Callable
from typing import Any

from omnisend_tui.engine.run import Run
from omnisend_tui.progress import Snapshot
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from shops import Shop


def change(shop: Shop, *faults: AnswerFault) -> None:
    shop.sandbox.brand.plan.change(Faults(answers=faults))


def interrupted(shop: Shop, **options: Any) -> Snapshot:
    """A run whose second batch finds Omnisend gone."""
    gone = range(2, 10_000)
    change(
        shop,
        AnswerFault(
            action="server_error", status=503, method="POST", path="/batches", nth=(*gone,)
        ),
        AnswerFault(action="cut", method="GET", path="/batches", nth=(*gone,)),
    )
    end = shop.run(**options)
    change(shop)
    assert end.status == "interrupted"
    return end


def reach(run: Run, condition: Callable[[Snapshot], bool]) -> None:
    for _look in range(2000):
        if condition(run.snapshot()) or run.wait(0.01) is not None:
            return
    raise AssertionError(run.snapshot())
