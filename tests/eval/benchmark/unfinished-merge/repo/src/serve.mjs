// The sockets.

import { createServer } from "node:http";

import { app } from "./app.mjs";
import { logged } from "./log.mjs";

const router = logged(app(), console.log);

async function read(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  const { status, body, allow } = router.handle({
    method: request.method,
    path: pathname,
    user: request.headers["x-user"],
    body: await read(request),
  });
  if (allow) response.setHeader("allow", allow.join(", "));
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
});

server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1");
