import assert from "node:assert/strict";
import { app } from "../src/app.mjs";
import { Router } from "../src/router.mjs";

const same = assert.deepEqual;
const router = app(new Map([["a", "x y"], ["b", "z"]]));
same(router.path("search", { words: "x y" }), "/search/x%20y");
same(router.path("note", { id: "a" }), "/notes/a");
same(router.path("notes"), "/notes");
same(router.handle({ method: "GET", path: "/search/x%20y" }), { status: 200, body: ["a"] });
same(router.handle({ method: "HEAD", path: "/search/z" }), { status: 200 });
same(router.handle({ method: "HEAD", path: "/notes/none" }), { status: 404 });
same(router.handle({ method: "PUT", path: "/notes/c", body: "n" }), { status: 401 });
same(router.handle({ method: "PUT", path: "/notes/c", body: "n", user: "k" }), { status: 204 });
same(router.handle({ method: "GET", path: "/notes/c" }), { status: 200, body: "n" });
same(router.handle({ method: "DELETE", path: "/notes/c" }), { status: 405, allow: ["GET", "HEAD", "PUT"] });
same(router.handle({ method: "GET", path: "/none" }), { status: 404 });

// HEAD is guarded as GET is, and the answer of a guard has no body then either.
const guarded = new Router();
const calls = [];
const guard = (name, answer) => (request) => {
  calls.push([name, request.params.id]);
  return answer(request);
};
guarded.add("GET", "/secret/:id", ({ params }) => ({ body: params.id, type: "text" }), {
  name: "secret",
  guards: [guard("one", () => undefined), guard("two", ({ user }) => (user ? undefined : { status: 403, body: "no" }))],
});
same(guarded.handle({ method: "GET", path: "/secret/1" }), { status: 403, body: "no" });
same(guarded.handle({ method: "HEAD", path: "/secret/1" }), { status: 403 });
same(guarded.handle({ method: "HEAD", path: "/secret/1", user: "k" }), { status: 200, type: "text" });
same(guarded.handle({ method: "GET", path: "/secret/1", user: "k" }), { status: 200, body: "1", type: "text" });
same(guarded.handle({ method: "POST", path: "/secret/1" }), { status: 405, allow: ["GET", "HEAD"] });
same(calls.length, 8);
console.log("passed");
