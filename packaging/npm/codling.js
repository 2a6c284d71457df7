#!/usr/bin/env node
// Finds the program for this machine and becomes it; where Node.js cannot, it stands between.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";

const PACKAGES = {
  "linux-x64": "x86_64-unknown-linux-musl",
  "linux-arm64": "aarch64-unknown-linux-musl",
  "android-arm64": "aarch64-unknown-linux-musl",
};

function program() {
  const target = PACKAGES[`${process.platform}-${process.arch}`];
  if (!target) {
    stop(`There is no codling for ${process.platform} on ${process.arch}. See the README for how to build it.`);
  }
  const os = process.platform === "android" ? "linux" : process.platform;
  const name = `codling-${os}-${process.arch}`;
  try {
    const folder = path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    const found = path.join(folder, "bin", "codling");
    if (existsSync(found)) return found;
  } catch {
    // Told below.
  }
  stop(
    `The package ${name}, which holds the program, is not installed. ` +
      "Install codling again, with optional packages: npm install -g codling --include=optional",
  );
}

function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

const found = program();
const args = process.argv.slice(2);
const env = { ...process.env, CODLING_INSTALLED_BY: "npm" };

if (typeof process.execve === "function") {
  try {
    process.execve(found, [found, ...args], env);
  } catch {
    // An older kernel, or a wrapper that forbids it: the other way does.
  }
}

const child = spawn(found, args, { stdio: "inherit", env });
const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];
for (const signal of signals) {
  // A terminal sends ctrl-c to both; twice would mean more than once.
  process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY) || child.kill(signal));
}
child.on("error", (error) => stop(`${found} cannot be started: ${error.message}`));
child.on("exit", (code, signal) => {
  if (signal) {
    for (const known of signals) process.removeAllListeners(known);
    process.kill(process.pid, signal);
    // Where the signal is ignored, the exit code tells.
    setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 100);
  } else {
    process.exit(code ?? 1);
  }
});
