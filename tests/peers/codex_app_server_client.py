# A client by somebody else: typed threads and turns, and raw calls.
import sys

from codex_app_server_client import SyncCodexAppServer

program, folder = sys.argv[1:3]
with SyncCodexAppServer(codex_bin=program, extra_args=["demo"]) as server:
    assert "/0.169.0 " in server.server_info.user_agent
    thread = server.start_thread()
    assert thread.run("hello")
    low = server.low_level
    assert low.account_read().account is not None
    assert low.request("model/list", {})["data"]
    assert [row.id for row in low.thread_list().data] == [thread.id]
    low.thread_set_name(thread.id, "a name")
    low.thread_archive(thread.id)
print("all ok")
