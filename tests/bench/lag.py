"""How late an event loop answers while a run works in its process (started by pipeline.py)."""

import asyncio
import time

from omnisend_tui.launch import launch
from omnisend_tui.workspace import Workspace

STEP = 0.005


async def main() -> None:
    workspace = Workspace.open()
    run = launch(workspace, "Bench", started_by="bench")
    lags: list[float] = []
    while run.wait(0) is None:
        due = time.perf_counter() + STEP
        await asyncio.sleep(STEP)
        lags.append(time.perf_counter() - due)
    lags.sort()
    share = {name: lags[int(len(lags) * q)] * 1000 for name, q in (("p50", 0.5), ("p99", 0.99))}
    print(f"event loop: p50 {share['p50']:.1f} ms, p99 {share['p99']:.1f} ms, {len(lags)} looks")


asyncio.run(main())
