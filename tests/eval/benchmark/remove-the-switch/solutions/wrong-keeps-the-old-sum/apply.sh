rm src/legacy-rates.mjs
