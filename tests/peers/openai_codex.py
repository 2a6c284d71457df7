# The official SDK: accounts, device codes, threads, turns.
import sys

from openai_codex import Codex, CodexConfig

program, folder = sys.argv[1:3]
config = CodexConfig(launch_args_override=(program, "demo", folder, "app-server"))
with Codex(config) as codex:
    assert codex.models().data
    assert codex.account().account is not None
    thread = codex.thread_start(cwd=folder)
    assert thread.run("hello").final_response
    assert [note.method for note in thread.turn("show me a table").stream()][-1] == "turn/completed"
    turn = thread.turn("hello again")
    turn.interrupt()
    assert turn.run().status.value == "interrupted"
    assert len(thread.read(include_turns=True).thread.turns) == 3
    assert [row.id for row in codex.thread_list().data] == [thread.id]
    assert codex.thread_fork(thread.id).id != thread.id
    thread.set_name("a name")
    codex.thread_archive(thread.id)
    codex.thread_unarchive(thread.id)
    assert codex.thread_resume(thread.id).id == thread.id
    codex.logout()
    assert codex.account().account is None
    codex.login_api_key("sk-demo-peer")
    assert codex.account().account.root.type == "apiKey"
    login = codex.login_chatgpt_device_code()
    assert login.verification_url.endswith("/codex/device") and login.user_code
    assert login.wait().success
    login = codex.login_chatgpt_device_code()
    login.cancel()
    assert not login.wait().success
print("all ok")
