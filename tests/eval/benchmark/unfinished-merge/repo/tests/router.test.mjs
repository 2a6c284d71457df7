import assert from "node:assert/strict";
import { test } from "node:test";

import { app } from "../src/app.mjs";
import { Router } from "../src/router.mjs";

test("notes are kept", () => {
  const router = app();
  assert.equal(router.handle({ method: "PUT", path: "/notes/a", body: "x" }).status, 204);
  assert.deepEqual(router.handle({ method: "GET", path: "/notes/a" }), { status: 200, body: "x" });
  assert.equal(router.path("note", { id: "a b" }), "/notes/a%20b");
});

test("the first route that fits is taken", () => {
  const router = new Router();
  router.add("GET", "/a", () => ({ body: 1 }));
  router.add("GET", "/:x", () => ({ body: 2 }));
  assert.equal(router.handle({ method: "GET", path: "/a" }).body, 1);
});
