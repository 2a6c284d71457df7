// The official TypeScript SDK of the Agent Client Protocol: signs in by device code, holds a conversation,
// allows a command, and takes the conversation up again.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import assert from "node:assert/strict";
import * as acp from "@agentclientprotocol/sdk";

const [program, folder] = process.argv.slice(2);
const child = spawn(program, ["demo", "acp"], { stdio: ["pipe", "pipe", "inherit"] });
const stream = acp.ndJsonStream(Writable.toWeb(child.stdin), Readable.toWeb(child.stdout));
const { agent, client } = acp.methods;
let text = "";
const calls = new Map();
const prompts = [];
const shown = [];

const editor = acp
  .client({ name: "peer" })
  .onRequest(client.session.requestPermission, ({ params }) => {
    const allow = params.options.find((option) => option.kind === "allow_once");
    return { outcome: { outcome: "selected", optionId: allow.optionId } };
  })
  .onRequest(client.elicitation.create, ({ params }) => {
    shown.push(params);
    return { action: "accept" };
  })
  .onNotification(client.elicitation.complete, ({ params }) => shown.push(params))
  .onNotification(client.session.update, ({ params: { update } }) => {
    if (update.sessionUpdate === "agent_message_chunk") text += update.content.text;
    if (update.sessionUpdate === "user_message_chunk") prompts.push(update.content.text);
    if (update.sessionUpdate.startsWith("tool_call") && update.status) {
      calls.set(update.toolCallId, update.status);
    }
  });

// A notification that came before an answer may be heard a moment after it.
const heard = async (holds) => {
  for (let turn = 0; turn < 100_000 && !holds(); turn += 1) {
    await new Promise((next) => setImmediate(next));
  }
};

await editor.connectWith(stream, async (ctx) => {
  const hello = await ctx.request(agent.initialize, {
    protocolVersion: acp.PROTOCOL_VERSION,
    clientCapabilities: { elicitation: { url: {} } },
  });
  assert.equal(hello.protocolVersion, 1);
  await ctx.request(agent.logout, {});
  await ctx.request(agent.authenticate, { methodId: "chatgpt-device-code" });
  await heard(() => shown.length === 2);
  assert.equal(shown.length, 2);
  assert.equal(shown[0].elicitationId, shown[1].elicitationId);
  assert.match(shown[0].message, /type the code/);
  const place = { cwd: folder, mcpServers: [] };
  const { sessionId } = await ctx.request(agent.session.new, place);
  const ask = (words) =>
    ctx.request(agent.session.prompt, { sessionId, prompt: [{ type: "text", text: words }] });
  assert.equal((await ask("run `touch made`")).stopReason, "end_turn");
  assert.ok(existsSync(join(folder, "made")));
  await heard(() => text && [...calls.values()].every((status) => status === "completed"));
  assert.ok(text);
  assert.deepEqual([...new Set(calls.values())], ["completed"]);
  await ctx.request(agent.session.setMode, { sessionId, modeId: "auto" });
  const option = { sessionId, configId: "mode", value: "ask" };
  const { configOptions } = await ctx.request(agent.session.setConfigOption, option);
  assert.equal(configOptions[0].currentValue, "ask");
  const { sessions } = await ctx.request(agent.session.list, {});
  assert.deepEqual(sessions.map((row) => row.sessionId), [sessionId]);
  await ctx.request(agent.session.close, { sessionId });
  await ctx.request(agent.session.load, { sessionId, ...place });
  await heard(() => prompts.length === 1);
  assert.deepEqual(prompts, ["run `touch made`"]);
  const stopped = ask("write a long answer");
  await ctx.notify(agent.session.cancel, { sessionId });
  assert.equal((await stopped).stopReason, "cancelled");
});
child.stdin.end();
const code = await new Promise((done) => child.once("exit", done));
assert.equal(code, 0);
console.log("all ok");
