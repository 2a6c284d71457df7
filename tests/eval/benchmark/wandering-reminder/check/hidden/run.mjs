// Runs the check on machines in three zones. One that never ends is stopped.
import { spawnSync } from "node:child_process";

for (const TZ of ["UTC", "America/New_York", "Pacific/Auckland"]) {
  const ended = spawnSync("node", ["hidden/check.mjs"], { env: { ...process.env, TZ }, encoding: "utf8", timeout: 6000 });
  if (ended.status === 0 && ended.stdout.endsWith("passed\n")) continue;
  console.log(`TZ=${TZ}: ${ended.error ?? ""} ${ended.stdout} ${ended.stderr}`);
  process.exit(1);
}
console.log("passed");
