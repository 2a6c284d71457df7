//! The texts that `--help` shows below the options: examples, the lines of `--json`, how to use it.

pub(in crate::cli) const EXAMPLES: &str = "\
Examples:
  codling                            open the terminal UI in this folder
  codling ~/project                  open it in another one
  codling --prompt \"what is this?\"   the same, and send this first
  codling run \"what is this?\"        ask once and print the answer
  git diff | codling run \"review\"    let stdin join the prompt
  codling --continue                 continue the last conversation in this folder
  codling auth login                 sign in
  codling mcp list                   the MCP servers of your settings and of this folder
  codling doctor                     see whether all is well here
  codling guide permissions          read the guide
  codling demo                       try it all with a stand-in, no account needed";

pub(in crate::cli) const RUN_EXAMPLES: &str = "\
Examples:
  codling run \"explain src/main.rs\"
  git diff | codling run \"write a commit message\" > message.txt
  codling run --json \"list the modules\" < /dev/null
  codling run - < prompt.md
  codling run --continue \"and why?\"
  codling run --approval-mode auto \"run the tests and fix what fails\"
  codling run --output-schema form.json \"which licences are used?\" | jq .
  codling run -i screen.png \"what is wrong here?\"
  codling run --wait-for-limit - < long.md

Nobody can be asked: a call that needs approval is refused, the model is told, and stderr says how to allow it
Exit codes: 0 done, 1 the turn failed, 2 usage, 3 not signed in, 130 interrupted
`--help` also describes the lines of --json";

pub(in crate::cli) const DEMO_EXAMPLES: &str = "\
Things to say to it (`hello` lists them all):
  what is this project?              it looks at the folder and reads
  rename apple to pear               it changes every file that says apple
  run cargo test                     it runs a command
  make a plan, ask me tea or coffee  it plans, and asks
  start `python3 -i`                 a command that stays (with `-m gpt-5-codling-demo`); then
  type `1 + 1` into it               and `what does it say?`, or `wait for it`";

pub(in crate::cli) const COMPLETION: &str = "\
bash: add to ~/.bashrc                         source <(codling completion bash)
zsh:  add to ~/.zshrc, after `compinit`        source <(codling completion zsh)
fish: write once                               codling completion fish > ~/.config/fish/completions/codling.fish";

pub(in crate::cli) const ACP: &str = "\
An editor starts it and speaks to it; there is nothing to type. It signs in with an API key (OPENAI_API_KEY), in a browser on this machine
(unless NO_BROWSER is set), or by a code that the editor shows, which works in remote projects too. `-m`, `--effort` and `--approval-mode`
in front of `acp` hold for every new session, the approval mode for loaded ones too. Where the editor shares its files, text files of the folder are
read and changed as it shows them, with what is not saved";

pub(in crate::cli) const JSON: &str = "\
Lines of --json, one object each; fields that are not known are left out, and new kinds and fields may be added:
  start            version (of these shapes: 2), codling, session, folder; always the first line
  model            model, effort?, verbosity?, tier? (fast), context?
  text_delta       item, text: more of a message
  message          item, text: the whole message, in place of its deltas; citations? (each title, url): the pages that it refers to
  reasoning_delta  item, text: more of a summary of thoughts
  reasoning        item, text: the whole summary
  web_search       item, action (search, open or find), queries?, url?, pattern?, ok: what OpenAI's servers looked up on the web
  dropped          item: its stream broke; discard what it had
  call             call, tool, arguments (the JSON text that the model wrote)
  call_running     call, title: it runs now, and this is what its arguments mean
  progress         call, tail: the last lines that it has put out so far, in place of those before
  approval         call, tool, title, subject, place?, why, reason? (the model's), rules?, answer (refused), next
  question         call, text, options (each label, description?), several, answer (declined), next
  output           call, ok, title, text, images (how many), diffs?, kind, and what belongs to its kind (below)
  todos            items (each text, state: open, doing, done or dropped): the model's plan, whole
  session_mode     agent (build or plan), mode (read-only, ask, auto or full), sandbox (present or absent), tier (1 to 4), lacks?
  sandbox          refused? (why commands are kept in no better), hosts?, folders? (what the settings open to them); where there are any
  compacted        before?, after?: the conversation was summarized, in tokens; without them it could not be
  retry            attempt, of, wait_ms, problem
  limit_wait       until_ms, problem: with --wait-for-limit or `wait_for_limit` the turn goes on then
  limit_passed     the usage limit has reset, and the request is sent again
  resumed          the stream is up again
  notice           message, next?
  usage            input, cached, output, reasoning: tokens of the last request
  limits           primary?, secondary?: each used_percent, window_minutes?, resets_at_ms?
  changed          files: paths of all that tools changed, where there are any
  end              outcome (done, failed or interrupted), reason? (max_steps), exit, problem?; always the last line
A problem is kind, message, next?, resets_at_ms?
An output is of a kind: command (exit_code or signal, timed_out?, failed?, duration_ms, truncated?, file?), edits (paths),
found (count), lines (count), page (url, status, bytes), plan, reply (reply: answered, declined, not_asked, not_run,
refused or stopped) or text. A subject is of a kind: change (diffs), command (line), fetch (url),
look (paths) or tool (server, tool, arguments). A rule is permission, pattern
A diff is path, change (added, deleted, moved or updated), from?, added, removed (lines), hunks (unified), cut?

Exit codes: 0 done, 1 the turn failed, 2 usage, 3 not signed in, 130 interrupted";

pub(in crate::cli) const EVAL: &str = "\
-m and --effort take lists as well: every task is attempted with every combination of models, efforts and tools
Each task is a folder in DIR:
  task.toml   prompt, check (a line for sh that exits with 0 where the task is solved); optional: seconds (600),
              steps (50 requests to the model), tokens (2000000), check_seconds (120), model (for attempts
              without -m), needs (programs without which the task is skipped), and in the table `setup`
              git (true: the copy is a repository with one commit), run (a line for sh in the copy), seconds (60)
  repo/       what the model gets a fresh copy of
  check/      optional: laid over the copy before the check, such as tests that the model could not change
  solutions/  optional, for --check-tasks: folders right... and wrong..., each with files/, apply.sh, answer.md
The check finds the final answer in the file that CODLING_EVAL_ANSWER names, and in CODLING_EVAL_START the commit
at which the turn began. The model can read nothing in DIR

The file of --json is one object: version (2), codling, passed, of, skipped, tokens, cost_usd?, combinations, attempts
  combinations  model, effort, face, attempts, passed, pass_at_1, interval, tokens, cost_usd?, steps, seconds
  attempts      task, model, effort, face, repeat, result, passed, why?, session, sent?, tokens, cost_usd?, steps,
                seconds, calls (made, refused, failed, failed_patches), retries, reconnects, compactions,
                diff? (files, added, removed). A command that ends with another code than 0 has not failed as a call

Attempts run in the mode `auto` unless `ask` or `read-only` is chosen, and nobody can be asked; checks run in the
sandbox. `codling guide eval` says more
Exit codes: 0 every task passed, 1 one did not, 2 usage, 3 not signed in, 130 interrupted";
