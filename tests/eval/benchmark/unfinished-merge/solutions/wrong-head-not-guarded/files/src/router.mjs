// Finds the handler of a request.

import { match } from "./match.mjs";

export class Router {
  #routes = [];

  /**
   * Adds a route; the first that fits is taken.
   *
   * @param {string} method
   * @param {string} pattern
   * @param {(request: object) => object} handler
   * @param {{ name?: string, guards?: ((request: object) => object | undefined)[] }} [options] guards run in
   *   their order; the first that returns an answer ends the request with it
   */
  add(method, pattern, handler, { name, guards = [] } = {}) {
    this.#routes.push({ method, pattern, handler, name, guards });
  }

  /** The path of a named route. */
  path(name, params = {}) {
    const route = this.#routes.find((one) => one.name === name);
    if (!route) throw new Error(`there is no route ${name}`);
    return route.pattern.replace(/:(\w+)/g, (_, key) => encodeURIComponent(params[key]));
  }

  /** Answers a request `{ method, path }` with `{ status, body }`. */
  handle(request) {
    const allowed = new Set();
    for (const route of this.#routes) {
      const params = match(route.pattern, request.path);
      if (!params) continue;
      if (route.method === request.method) {
        return { status: 200, ...this.#answer(route, { ...request, params }) };
      }
      if (route.method === "GET" && request.method === "HEAD") {
        const { body, ...head } = route.handler({ ...request, params });
        return { status: 200, ...head };
      }
      allowed.add(route.method);
      if (route.method === "GET") allowed.add("HEAD");
    }
    return allowed.size > 0 ? { status: 405, allow: [...allowed].sort() } : { status: 404 };
  }

  #answer(route, request) {
    for (const guard of route.guards) {
      const answer = guard(request);
      if (answer) return answer;
    }
    return route.handler(request);
  }
}
