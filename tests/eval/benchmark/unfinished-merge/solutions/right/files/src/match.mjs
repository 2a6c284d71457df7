// Compares paths with patterns such as /users/:id.

/** @returns {Record<string, string> | undefined} the parameters, if the path fits */
export function match(pattern, path) {
  const wanted = pattern.split("/");
  const there = path.split("/");
  if (wanted.length !== there.length) return undefined;
  const params = {};
  for (let at = 0; at < wanted.length; at += 1) {
    if (wanted[at].startsWith(":")) params[wanted[at].slice(1)] = decodeURIComponent(there[at]);
    else if (wanted[at] !== there[at]) return undefined;
  }
  return params;
}
