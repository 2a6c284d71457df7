// The options of the command line.

export class UsageError extends Error {}

const FIELDS = ["host", "path", "status", "user"];

const count = (name, text) => {
  if (!/^[1-9][0-9]*$/.test(text)) throw new UsageError(`${name} takes a number from 1 on, not "${text}"`);
  return Number(text);
};

const WHEN = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2}))?$/;

const moment = (name, text) => {
  const day = WHEN.exec(text)?.[1];
  // Date takes February 30 as March 2.
  const exists = day && new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day);
  const time = exists ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) throw new UsageError(`${name} takes a day or a time with its zone, not "${text}"`);
  return time;
};

const VALUES = {
  "--by": (options, text) => {
    if (!FIELDS.includes(text)) throw new UsageError(`--by takes one of ${FIELDS.join(", ")}, not "${text}"`);
    options.by = text;
  },
  "--min": (options, text) => {
    options.min = count("--min", text);
  },
  "--only": (options, text) => {
    options.only = text;
  },
  "--since": (options, text) => {
    options.since = moment("--since", text);
  },
  "--top": (options, text) => {
    options.top = count("--top", text);
  },
};

const SWITCHES = { "--json": "json", "--help": "help", "--version": "version" };

/** Reads arguments; values may be given as `--top 3` and as `--top=3`, and `--` ends the options. */
export function parse(arguments_) {
  const options = { by: "path", min: 1, files: [] };
  const left = [...arguments_];
  while (left.length > 0) {
    const argument = left.shift();
    if (argument === "--") {
      options.files.push(...left.splice(0));
    } else if (!argument.startsWith("--")) {
      options.files.push(argument);
    } else if (argument in SWITCHES) {
      options[SWITCHES[argument]] = true;
    } else {
      const [, name, , value] = /^([^=]*)(=(.*))?$/s.exec(argument);
      if (!(name in VALUES)) throw new UsageError(`there is no option ${name}`);
      if (value === undefined && left.length === 0) throw new UsageError(`${name} needs a value`);
      VALUES[name](options, value ?? left.shift());
    }
  }
  return options;
}
