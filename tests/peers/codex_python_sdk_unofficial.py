# A client by somebody else, native to asyncio: typed threads and turns, streams, and approvals.
import asyncio
import os
import sys

from codex_agent_sdk import AppServerClient, AppServerConfig, CodexOptions, CodexSDKClient
from codex_agent_sdk import ApprovalDecision

program, folder = sys.argv[1:3]
# It has no place for words in front of its own.
launcher = os.path.join(os.path.dirname(folder), "launcher")
with open(launcher, "w") as file:
    file.write(f'#!/bin/sh\nexec "{program}" demo "{folder}" "$@"\n')
os.chmod(launcher, 0o755)
config = AppServerConfig(codex_bin=launcher, cwd=folder)


async def low():
    async with AppServerClient(config) as client:
        assert "/0.169.0 " in (await client.initialize()).user_agent
        thread = (await client.thread_start(cwd=folder)).thread.id
        turn = await client.turn_start(thread_id=thread, input="hello")
        wait = client.wait_for_turn_completed
        done = await wait(thread_id=thread, turn_id=turn.turn.id)
        assert done.status == "completed"
        read = await client.thread_read(thread_id=thread, include_turns=True)
        assert [turn.status.value for turn in read.thread.turns] == ["completed"]
        assert [row.id for row in (await client.thread_list()).data] == [thread]
        assert (await client.thread_fork(thread_id=thread)).thread.id != thread
        await client.thread_set_name(thread_id=thread, name="a name")
        await client.thread_archive(thread_id=thread)
        await client.thread_unarchive(thread_id=thread)
        assert (await client.thread_resume(thread_id=thread)).thread.name == "a name"


async def high():
    asked = []

    async def approve(request):
        asked.append(request.kind)
        return ApprovalDecision.accept()

    options = CodexOptions(cwd=folder, approval_policy="untrusted", sandbox_mode="workspace-write")
    async with CodexSDKClient(options, config, approval_handler=approve) as client:
        turn = await client.query("create notes.md with Hello")
        kinds = [type(event).__name__ async for event in turn]
        assert "AgentTextDeltaEvent" in kinds and kinds[-1] == "TurnCompletedEvent", kinds
        assert (await turn.wait()).status == "completed"
        # Of commands it expects a list of words, where the protocol has a text.
        assert asked == ["file_change"], asked
        assert os.path.exists(os.path.join(folder, "notes.md"))


asyncio.run(low())
asyncio.run(high())
print("all ok")
