// Writes a line for each answer.

const pad = (text, width) => String(text).padEnd(width);

/** A handler's answer in one line, for the log. */
export function line(request, answer, milliseconds) {
  const user = request.user ?? "-";
  const size = answer.body === undefined ? 0 : JSON.stringify(answer.body).length;
  return `${pad(request.method, 7)}${request.path} ${answer.status} ${size} ${user} ${milliseconds.toFixed(1)}ms`;
}

/** A router that logs. */
export function logged(router, write, clock = () => performance.now()) {
  return {
    handle(request) {
      const begun = clock();
      const answer = router.handle(request);
      write(line(request, answer, clock() - begun));
      return answer;
    },
  };
}
