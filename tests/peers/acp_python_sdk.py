# The official Python SDK of the Agent Client Protocol: signs in by device code, holds a conversation,
# allows a command, takes the conversation up again, and shares a file that it has not saved.
import asyncio
import os
import sys

from acp import PROTOCOL_VERSION, RequestError, spawn_agent_process, text_block
from acp.schema import (
    AcceptElicitationResponse,
    AllowedOutcome,
    ClientCapabilities,
    ElicitationCapabilities,
    ElicitationUrlCapabilities,
    FileSystemCapabilities,
    ReadTextFileResponse,
    RequestPermissionResponse,
    WriteTextFileResponse,
)

program, folder = sys.argv[1:3]


class Editor:
    def __init__(self):
        self.text, self.calls, self.prompts, self.shown = "", {}, [], []
        self.open, self.saved = {}, []

    async def request_permission(self, session_id, tool_call, options, **_):
        allow = next(option for option in options if option.kind == "allow_once")
        outcome = AllowedOutcome(outcome="selected", option_id=allow.option_id)
        return RequestPermissionResponse(outcome=outcome)

    async def session_update(self, session_id, update, **_):
        kind = update.session_update
        if kind == "agent_message_chunk":
            self.text += update.content.text
        elif kind == "user_message_chunk":
            self.prompts.append(update.content.text)
        elif kind in ("tool_call", "tool_call_update"):
            self.calls[update.tool_call_id] = update.status or self.calls.get(update.tool_call_id)

    async def create_elicitation(self, message, mode, **_):
        self.shown.append((message, mode.url))
        return AcceptElicitationResponse(action="accept")

    async def complete_elicitation(self, elicitation_id, **_):
        self.shown.append(elicitation_id)

    async def read_text_file(self, path, session_id, **_):
        if path not in self.open:
            raise RequestError.resource_not_found(path)
        return ReadTextFileResponse(content=self.open[path])

    async def write_text_file(self, content, path, session_id, **_):
        self.open[path] = content
        self.saved.append(path)
        with open(path, "w") as file:
            file.write(content)
        return WriteTextFileResponse()

    def on_connect(self, conn):
        pass


async def main():
    editor = Editor()
    capabilities = ClientCapabilities(
        elicitation=ElicitationCapabilities(url=ElicitationUrlCapabilities()),
        fs=FileSystemCapabilities(read_text_file=True, write_text_file=True),
    )
    unstable = {"use_unstable_protocol": True}
    async with spawn_agent_process(editor, program, "demo", "acp", **unstable) as (agent, _):
        hello = await agent.initialize(PROTOCOL_VERSION, client_capabilities=capabilities)
        assert hello.protocol_version == 1
        assert "chatgpt-device-code" in [method.id for method in hello.auth_methods]
        await agent._conn.send_request("logout", {})
        await agent.authenticate("chatgpt-device-code")
        (message, url), done = editor.shown
        assert "type the code" in message and str(url).endswith("/codex/device"), message
        session = await agent.new_session(cwd=folder, mcp_servers=[])
        prompt = [text_block("run `touch made`")]
        answer = await agent.prompt(session_id=session.session_id, prompt=prompt)
        assert answer.stop_reason == "end_turn"
        assert os.path.exists(os.path.join(folder, "made"))
        assert editor.text and set(editor.calls.values()) == {"completed"}, editor.calls
        await agent.set_session_mode(mode_id="auto", session_id=session.session_id)
        await agent.set_config_option(
            config_id="mode", session_id=session.session_id, value="ask"
        )
        listed = await agent.list_sessions()
        assert [row.session_id for row in listed.sessions] == [session.session_id]
        await agent.close_session(session_id=session.session_id)
        await agent.load_session(cwd=folder, session_id=session.session_id, mcp_servers=[])
        assert editor.prompts == ["run `touch made`"], editor.prompts
        fruit = os.path.join(folder, "fruit.txt")
        with open(fruit, "w") as file:
            file.write("an apple\n")
        editor.open[fruit] = "an apple\nand what was typed of an apple\n"
        prompt = [text_block("rename apple to pear")]
        await agent.prompt(session_id=session.session_id, prompt=prompt)
        assert editor.saved == [fruit], (editor.saved, editor.text)
        assert editor.open[fruit] == "an pear\nand what was typed of an pear\n", editor.open
        task = asyncio.create_task(
            agent.prompt(session_id=session.session_id, prompt=[text_block("write a long answer")])
        )
        await asyncio.sleep(0)
        await agent.cancel(session_id=session.session_id)
        assert (await task).stop_reason == "cancelled"


asyncio.run(main())
print("all ok")
