// The routes of this service.

import { Router } from "./router.mjs";

const signedIn = ({ user }) => (user ? undefined : { status: 401 });

export function app(notes = new Map()) {
  const router = new Router();
  router.add("GET", "/notes", () => ({ body: [...notes.keys()] }), { name: "notes" });
  router.add("GET", "/search/:words", ({ params }) => {
    return { body: [...notes.keys()].filter((id) => notes.get(id).includes(params.words)) };
  }, { name: "search" });
  router.add("GET", "/notes/:id", ({ params }) => {
    return notes.has(params.id) ? { body: notes.get(params.id) } : { status: 404 };
  }, { name: "note" });
  router.add("PUT", "/notes/:id", ({ params, body }) => {
    notes.set(params.id, body);
    return { status: 204 };
  }, { guards: [signedIn] });
  return router;
}
