//! The sentences that stories look for, named by what they mean: one place to reword. A story that
//! waits for one of them, or finds it in a request, fails once the program no longer says it.

// Questions for the person.

pub const COMPOSER_CLOSED: &str = "the prompt waits until you answer";
pub const REFUSE_WITH_REASON: &str = "enter send it as a no with this reason";
pub const REASON_OF_THE_STAND_IN: &str = "The script says so";
pub const ALWAYS_ALLOWS: &str = "From now on, this is allowed without asking:";
pub const ALWAYS_IN_FOLDER: &str = "› 2 for this folder, permanently";
pub const ALLOWED_IN_FOLDER: &str = "Allowed in this folder from now on";
pub const ASKS_AGAIN: &str = "Asks again from now on";
pub const NO_RULES: &str = "There are no rules";
pub const REPEATED_CALL: &str = "the same call for the third time";
pub const LET_IT_GO_ON: &str = "Let this command go on?";
pub const NO_RULES_YET: &str = "There are no rules yet";
pub const CLOSED_TO_COMMANDS: &str = "Closed to commands in the sandbox";
pub const BLOCKED_BY_SANDBOX: &str = "The sandbox got in its way";
pub const MODES_DIALOG: &str = "What may happen without asking";
pub const FULL_WARNING: &str = "run any command as you";
pub const NOT_ALLOWED_YET: &str = "you have not allowed that yet";

// The state of a conversation.

pub const SUMMARIZED: &str = "The conversation was summarized";
pub const SUMMARIZED_FOR_MODEL: &str = "The conversation was summarized for the model";
pub const OFFERS_TO_WAIT: &str = "Go on at ";
pub const GOES_ON_AFTER_LIMIT: &str = "Goes on ";
pub const WAITING_UNTIL_THEN: &str = "Waiting until then";
pub const TURN_WAITS_FOR_LIMIT: &str = "the turn waits, and goes on then";
pub const INTERRUPT_AGAIN: &str = "esc again to interrupt";
pub const QUEUE_HINT: &str = "up shows the queue";
pub const JOINS_OR_WAITS: &str = "enter joins this turn · ctrl+g queues it for after";
pub const CUT_OFF_CHANGED: &str = "The command that was cut off had changed";
pub const SESSION_CUT_OFF: &str = "was cut off: codling ended";
pub const TOO_MUCH_TEXT: &str = "more than 2 MB of text";
pub const TOO_MUCH_REASONING: &str = "more than 2 MB of reasoning";
pub const ENDLESS_ANSWER: &str = "it did not end by itself";
pub const SILENT_SERVER: &str = "The server sent nothing more";
pub const SILENT_FOR_2_SECONDS: &str = "the server sent nothing more of an answer for 2 seconds";
pub const PICTURE_REFUSED: &str = "The server refused a picture";
pub const GOES_ON_WITHOUT_IT: &str = "goes on without it";
pub const PART_REFUSED: &str = "The server refused a part of the";
pub const GOES_ON_WITHOUT_READ: &str = "goes on without a call of `read`";
pub const GOES_ON_WITHOUT_MESSAGE: &str = "goes on without a message";
pub const LOG_IS_NO_MORE: &str = "not what it was";
pub const SANITIZED_REPOSITORY: &str = "would have git run programs";
pub const FAILED_PROFILE: &str = "login profile could not be read";
pub const NO_EARLIER_CONVERSATION: &str = "There is no earlier conversation";
pub const RECORDING_OF_VERSION_9: &str = "it is of version 9";
pub const NOT_BEING_KEPT: &str = "This conversation is not being kept: `";
pub const LOG_NOT_WRITTEN: &str = "ses_test.jsonl` could not be written";
pub const BEING_KEPT_AGAIN: &str =
    "This conversation is being kept again, and nothing of it is missing";
pub const IS_A_COPY: &str = "this is a separate copy";
pub const RUNNING_ELSEWHERE: &str = "running in another codling";
pub const WAITING_ELSEWHERE: &str = "waiting for you in another codling";
pub const OPEN_ELSEWHERE: &str = "Open in another codling";
pub const FROM_A_NEWER_CODLING: &str = "second question  (written by a newer codling)";
pub const SESSIONS_HERE: &str = "Conversations in this folder";
pub const NO_LAST_MESSAGE: &str = "There is no last message";
pub const NO_FOLDER_FOR_MESSAGE: &str = "There is no folder for the last message";

// Undo.

pub const MAKE_TURN_AGAIN: &str = "Make the changes of this turn again?";
pub const GO_BACK_TIMELINE: &str = "Go back to before a prompt";
pub const GO_BACK_QUESTION: &str = "Go back to before this prompt?";
pub const GO_BACK_HINT: &str = "esc again to go back";
pub const WENT_BACK: &str = "The conversation went back to here";
pub const TAKE_BACK_TURN: &str = "Take the changes of this turn back?";
pub const TAKE_BACK_ONE_FILE: &str = "do it for 1 file";
pub const MAY_BE_YOURS: &str = "may hold changes of your own";
pub const UNDO_CUT_OFF: &str = "An undo was cut off";
pub const UNDO_CUT_OFF_AFTER_2: &str = "An undo was cut off when codling ended: 2 of 2";
pub const NOTHING_TO_UNDO: &str = "No turn has changed files that could be taken back";

// Changed files.

pub const SINCE_COMMIT: &str = "Changes since the last commit";
pub const SINCE_START: &str = "Changes since this conversation began";
pub const NOT_SHOWN: &str = "may hold secrets: not shown";
pub const NO_FILES_CHANGED: &str = "This conversation has changed no files";

// Words for the model.

pub const TOLD_PLAN: &str = "The user switched to Plan";
pub const TOLD_BUILD: &str = "The user switched to Build";
pub const TOLD_TURN_BEFORE: &str = "The turn before this message was";
pub const TOLD_INTERRUPTED: &str = "The turn before this message was interrupted";
pub const TOLD_STOPPED_CALL: &str = "Interrupted by the user";
pub const TOLD_CALL_CUT_OFF: &str = "Interrupted: codling ended before this finished";
pub const TOLD_OWN_COMMAND: &str = "The user ran the next command, not you";
pub const TOLD_TAKEN_BACK: &str = "took back changes of an earlier turn";
pub const TOLD_MADE_AGAIN: &str = "has made again changes of an earlier turn";
pub const TOLD_NOT_UNCONFINED: &str = "did not allow it to run again without the sandbox";
pub const TOLD_NOBODY_CAN_BE_ASKED: &str = "Nobody can be asked here";
pub const TOLD_READ_ONLY: &str = "The mode is read-only";
pub const TOLD_JOB_RUNS: &str = "Process running with session ID 1";
pub const TOLD_JOB_OUTPUT: &str = "Process running with session ID 1\nOutput:\n";
pub const TOLD_EXITED: &str = "Process exited with code";
pub const TOLD_EXITED_0: &str = "Process exited with code 0";
pub const TOLD_ENDED_WITH_PROGRAM: &str = "ended when codling was closed";
pub const TOLD_JOB_ENDED: &str = "ended with exit code 3";
pub const TOLD_DAMAGED_PICTURE: &str = "head.png` is damaged: it cannot be decoded";
pub const TOLD_TOOK_TOO_LONG: &str = "It was not done after 3 s and was ended";
pub const TOLD_LINES_LEFT_OUT: &str = "lines (1.2 MB) left out; all of it is in `";
pub const TOLD_PROCESSES_ENDED: &str =
    "Exit code 0\n2 processes that it left running were ended\n\ndone\n";
pub const TOLD_EDITOR_SILENT: &str = "The editor could not tell";
pub const TOLD_CHANGED_SINCE_READ: &str = "was changed since it was last read";
pub const TOLD_TOO_LARGE_TO_CHANGE: &str = "that can be changed";
pub const TOLD_WOULD_LOSE_ONE: &str = "one of both would be lost";

// Signing in.

pub const CHOOSE_SIGN_IN: &str = "OpenAI: choose how to sign in";
pub const SIGN_IN_TO_SEND: &str = "Sign in to send this; your prompt is kept";
pub const CHECKING_KEY: &str = "Checking the key with OpenAI";
pub const UNKNOWN_KEY: &str = "OpenAI does not know this key";
pub const MAKE_NEW_KEY: &str = "or make a new one at platform.openai.com";
pub const UNCHECKED_KEY: &str = "The key could not be checked";
pub const SAVE_UNCHECKED: &str = "enter save it unchecked";
pub const ENTER_API_KEY: &str = "Manually enter API key";
pub const SIGNED_IN: &str = "Signed in to OpenAI";
pub const SIGNED_IN_WITH_PLAN: &str = "Signed in to OpenAI · ChatGPT Plus · you@codling.example";
pub const SIGNED_IN_WITH_KEY: &str = "Signed in to OpenAI · API key";
pub const TAKE_OVER_CODEX: &str = "Take over Codex's sign-in";
pub const CODEX_KEEPS_IT: &str = "Codex keeps it too";
pub const SHARES_OPENCODE: &str = "Using opencode's file from now on";
pub const WAITING_FOR_APPROVAL: &str = "Waiting for you to approve";
pub const WAITING_FOR_ADDRESS: &str = "Waiting for the address that you paste";
pub const NO_ADDRESS: &str = "This is not an address";
pub const ADDRESS_TO_APPROVE_AT: &str = "This is the address to approve at";
pub const WRONG_ADDRESS: &str = "This is not the address that the sign-in ends on";
pub const ADDRESS_OF_ANOTHER: &str = "This address belongs to another sign-in";
pub const NO_FREE_PORT: &str = "No port for the browser's answer is free";
pub const NO_BROWSER: &str = "No browser could be opened";
pub const OVER_SSH: &str = "You are connected over SSH";
pub const DECLINED: &str = "The sign-in was declined";
pub const DECLINED_ADVICE: &str = "Sign in again if that was not meant";
pub const TAKEN_OVER: &str = "Another sign-in took its place";
pub const ONLY_IF_YOU_STARTED_IT: &str = "only if you started this sign-in yourself";
pub const LINK_SCREEN_HINT: &str = "[codling: press any key to go back]";
pub const QR_TOO_LARGE: &str = "The QR code does not fit here";
pub const CODE_EXPIRED: &str = "The previous code has expired";
pub const NO_DEVICE_CODES: &str = "does not give out device codes";
pub const NO_DEVICE_CODES_ADVICE: &str = "in ChatGPT under Settings > Security";
pub const ASKING_FOR_CODE: &str = "Asking for a code";
pub const NO_CODE_FETCHED: &str = "No device code could be fetched";
pub const CHECK_NETWORK: &str = "Check the network and try again";
pub const DAMAGED_AUTH_FILE: &str = "is damaged at line 3, column 3";
pub const SERVER_WANTS_SIGN_IN: &str = "wants you to sign in";
pub const OPEN_LINK: &str = "Open this link in a browser";
pub const CANCELLED: &str = "Cancelled; nothing was changed";
pub const CANCELLED_LINE: &str = "Cancelled; nothing was changed\n";
pub const SIGNED_IN_KEY_PRINTED: &str = "Signed in to OpenAI with an API key";
pub const SIGNED_IN_AS: &str = "Signed in to OpenAI as ";
pub const SIGNED_IN_AS_LINE: &str = "\nSigned in to OpenAI as ";

// Providers.

pub const REFUSED_ACME_KEY: &str = "Acme did not accept the key from `ACME_KEY`";
pub const CHANGE_ACME_KEY: &str = "Put another key into `ACME_KEY`";
pub const NOT_FOLLOWED: &str = "which was not followed";
pub const NO_PROVIDER_NOPE: &str = "there is no provider `nope`";
pub const NO_PROVIDER_NOPE_ON_SCREEN: &str = "There is no provider `nope`";
pub const NO_PROVIDER_EVIL: &str = "there is no provider `evil`";
pub const NOT_A_PROJECTS_SETTING: &str = "`provider` cannot be set by a project, and is ignored";
pub const SIGN_IN_TO_GROQ: &str = "codling auth login groq";

// Windows.

pub const WINDOW_OF_50_BY_10: &str = "This window is 50x10, codling needs at least 60x18";

// The sandbox.

pub const NOT_STARTED: &str = "could not be started";
pub const NOT_RUN: &str = "the command was not run";
pub const TOO_MANY_FILES: &str = "too many files lie beside";
pub const STAGE_USERS: &str = "a namespace of users";
pub const STAGE_MOUNTS: &str = "a namespace of mounts";
pub const STAGE_NETWORK: &str = "a namespace of network";
pub const STAGE_PROCESSES: &str = "a namespace of processes";
pub const STAGE_PROC: &str = "a `/proc` of its own";
