import assert from "node:assert/strict";
import { test } from "node:test";

import { creep, thicknessOf } from "../src/creep.mjs";
import { layout } from "../src/layout.mjs";
import { plan } from "../src/plan.mjs";

const sheets = (count, perFold) => layout(Array.from({ length: count }, (_, at) => at + 1), perFold);

test("inner sheets are moved in", () => {
  assert.deepEqual(creep(sheets(12), { thickness: 0.1 }), [0, 0.157, 0.314]);
  assert.deepEqual(creep(sheets(12, 1), { thickness: 0.1, perFold: 1 }), [0, 0, 0]);
  assert.equal(thicknessOf(sheets(8), { thickness: 0.1 }), 0.4);
});

test("a plan for a printer that prints one side", () => {
  const steps = plan(sheets(8, 1), { duplex: false, perFold: 1 });
  assert.equal(steps.length, 8);
  assert.equal(steps[2], "turn the pile over, the first sheet on top");
  assert.equal(steps.at(-1), "sew the folds together");
});
