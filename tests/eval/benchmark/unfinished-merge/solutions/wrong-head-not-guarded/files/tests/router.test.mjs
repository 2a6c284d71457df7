import assert from "node:assert/strict";
import { test } from "node:test";

import { app } from "../src/app.mjs";
import { Router } from "../src/router.mjs";

test("notes are kept", () => {
  const router = app();
  assert.equal(router.handle({ method: "PUT", path: "/notes/a", body: "x", user: "kim" }).status, 204);
  assert.deepEqual(router.handle({ method: "GET", path: "/notes/a" }), { status: 200, body: "x" });
  assert.equal(router.path("note", { id: "a b" }), "/notes/a%20b");
});

test("HEAD is GET without a body", () => {
  const router = app(new Map([["a", "x"]]));
  assert.deepEqual(router.handle({ method: "HEAD", path: "/notes/a" }), { status: 200 });
  assert.deepEqual(router.handle({ method: "POST", path: "/notes/a" }).allow, ["GET", "HEAD", "PUT"]);
});

test("guards end a request", () => {
  const router = app();
  assert.deepEqual(router.handle({ method: "PUT", path: "/notes/a", body: "x" }), { status: 401 });
});

test("the first route that fits is taken", () => {
  const router = new Router();
  router.add("GET", "/a", () => ({ body: 1 }));
  router.add("GET", "/:x", () => ({ body: 2 }));
  assert.equal(router.handle({ method: "GET", path: "/a" }).body, 1);
});
