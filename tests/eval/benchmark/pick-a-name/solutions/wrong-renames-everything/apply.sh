sed -i 's/\btotal\b/subtotal/g' src/*.mjs plugins/*.mjs tests/*.mjs README.md day.json
