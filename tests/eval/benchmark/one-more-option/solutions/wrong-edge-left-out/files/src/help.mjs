// The text of --help. CONTRIBUTING.md says where else options are described.

export const HELP = `usage: tally [options] [FILE...]

Counts the lines of access logs by one of their fields.

options:
  --by FIELD      count by FIELD: host, path, status, user (default: path)
  --json          print JSON instead of a table
  --min N         leave out what was seen fewer than N times
  --only PATTERN  count only lines whose path fits PATTERN; * stands for anything
  --since WHEN    count only lines from WHEN on; a day or a time with its zone
  --top N         print only the N most frequent
  --help          print this and exit
  --version       print the version and exit
`;
