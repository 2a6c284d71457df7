// Puts the members of a club on labels, exactly as labels.py does.

/** Python's casefold for the letters in which it differs from toLowerCase. */
const casefold = (text) => text.replace(/[ẞß]/g, "ss").toLowerCase().replace(/ς/g, "σ");

function naturalKey(text) {
  const key = [];
  for (const [part] of casefold(text).matchAll(/[0-9]+|[^0-9]/gu)) {
    key.push(/^[0-9]/.test(part) ? [0, BigInt(part)] : [1, part.codePointAt(0)]);
  }
  return key;
}

function compareKeys(one, other) {
  for (let at = 0; at < Math.min(one.length, other.length); at += 1) {
    for (const part of [0, 1]) {
      if (one[at][part] < other[at][part]) return -1;
      if (one[at][part] > other[at][part]) return 1;
    }
  }
  return one.length - other.length;
}

export function age(born, today) {
  const before = today[1] < born[1] || (today[1] === born[1] && today[2] < born[2]);
  return today[0] - born[0] - (before ? 1 : 0);
}

/** Half goes to the even one, as in Python's round. */
function roundHalfEven(value) {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

export function fee(cents, members, months) {
  return roundHalfEven((cents * months) / (12 * members));
}

export function shelf(number, width) {
  const row = Math.floor(number / width);
  return [row, number - row * width];
}

export function wrap(text, width) {
  const lines = [];
  let line = [];
  const end = () => {
    if (line.length > 0) lines.push(line.join(""));
    line = [];
  };
  for (const word of text.split(/[\s\x1c-\x1f\x85]+/u).filter(Boolean)) {
    let left = word.split("");
    while (left.length > width) {
      end();
      lines.push(left.slice(0, width).join(""));
      left = left.slice(width);
    }
    if (left.length === 0) continue;
    if (line.length > 0 && line.length + 1 + left.length > width) end();
    line = line.length > 0 ? [...line, " ", ...left] : left;
  }
  end();
  return lines;
}

export function title(name) {
  let start = true;
  return [...name]
    .map((char) => {
      const written = start ? char.toUpperCase() : char.toLowerCase();
      start = !/\p{L}/u.test(char);
      return written;
    })
    .join("");
}

export function labels(members, today, width = 20) {
  return members
    .map((member) => {
      const years = age(member.born, today);
      const lines = [...wrap(title(member.name), width), `${member.group}, ${years}`];
      return { group: naturalKey(member.group), name: naturalKey(member.name), years, lines };
    })
    .sort((a, b) => compareKeys(a.group, b.group) || compareKeys(a.name, b.name) || b.years - a.years)
    .map(({ lines }) => lines);
}

export function meanAge(members, today) {
  if (members.length === 0) return "-";
  const sum = members.reduce((all, one) => all + age(one.born, today), 0);
  // toFixed rounds halves up, Python the exact value: only quarters are exact halves of a tenth.
  const mean = sum / members.length;
  const tenths = mean * 10;
  const exact = Number.isInteger(mean * 4) && !Number.isInteger(tenths);
  return exact ? (roundHalfEven(tenths) / 10).toFixed(1) : mean.toFixed(1);
}
