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
   * @param {string} [name]
   */
  add(method, pattern, handler, name) {
    this.#routes.push({ method, pattern, handler, name });
  }

  /** The path of a named route. */
  path(name, params = {}) {
    const route = this.#routes.find((one) => one.name === name);
    if (!route) throw new Error(`there is no route ${name}`);
    return route.pattern.replace(/:(\w+)/g, (_, key) => encodeURIComponent(params[key]));
  }

  /** Answers a request `{ method, path }` with `{ status, body }`. */
  handle(request) {
    let allowed = false;
    for (const route of this.#routes) {
      const params = match(route.pattern, request.path);
      if (!params) continue;
      if (route.method === request.method) {
        return { status: 200, ...route.handler({ ...request, params }) };
      }
      allowed = true;
    }
    return allowed ? { status: 405 } : { status: 404 };
  }
}
