// The routes of this service.

import { Router } from "./router.mjs";

export function app(notes = new Map()) {
  const router = new Router();
  router.add("GET", "/notes", () => ({ body: [...notes.keys()] }), "notes");
  router.add("GET", "/notes/:id", ({ params }) => {
    return notes.has(params.id) ? { body: notes.get(params.id) } : { status: 404 };
  }, "note");
  router.add("PUT", "/notes/:id", ({ params, body }) => {
    notes.set(params.id, body);
    return { status: 204 };
  });
  return router;
}
